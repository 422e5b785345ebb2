"""Check the database itself: its pages and indexes, references between tables, and the sums over all rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Inspector, Table, func, inspect, select, text

from corpus.study import database as db
from corpus.study.files import connect_to_read, why_not_writable
from corpus.study.keeping import server_sums
from corpus.study.keeping.table_sums import (
    SCHEMA_SQL,
    are_kept,
    changed_parts,
    part_of,
    stored_sums,
)

from .findings import RESTORE, Look

_DAMAGED = "the file is damaged: figures may be wrong, and values may be lost"
_CHANGED = (
    "values were changed, added or lost by something other than Slantwise (a damaged disk, another program): figures "
    "that read them may be wrong"
)
_SAVE = f"{RESTORE}; without one, save what can be read: slantwise study repair"
SUMS = "sums over the rows of tables"  # what is checked
_FEW = 3  # rows of a part that are named


@contextmanager
def read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a SQLite file to be read, whatever is in it: bytes that cannot be read as text are kept as they are."""
    opened = (
        connect_to_read(path)
        if why_not_writable(path)
        else sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30, isolation_level=None)
    )
    with closing(opened) as connection:
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        yield connection


def check_sqlite(look: Look, path: Path) -> bool:
    """Check a SQLite file; return whether its tables can be read at all."""
    try:
        with read_only(path) as connection:
            connection.execute("BEGIN")  # one state of the store, also while others write
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            wrong = [str(fault).replace("\n", " ") for fault in faults if fault != "ok"]
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            look.count("pages and indexes of the database", pages, wrong, means=_DAMAGED, todo=_SAVE)
            _check_references(look, connection)
            _check_sums(look, connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # sqlite3 cannot read a message about damaged names either
        look.count("pages and indexes of the database", 1, [str(error)], means=_DAMAGED, todo=_SAVE)
        return False
    return True


def _check_references(look: Look, connection: sqlite3.Connection) -> None:
    wrong = [
        f"{table} row {row} has no {parent}"
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall()
    ]
    keys = sum(len(table.foreign_keys) for table in db.metadata.sorted_tables)
    look.count("references between tables", keys, wrong, means="rows refer to others that are gone", todo=_SAVE)


def _check_sums(look: Look, connection: sqlite3.Connection) -> None:
    if not are_kept(connection):
        has_sums = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'row_sums'").fetchone() is not None
        wrong = ["the store does not say that sums are kept"] if has_sums and stored_sums(connection) else []
        look.count(SUMS, 0, wrong, means=_CHANGED, todo=_SAVE)
        if not wrong:
            look.unchecked[SUMS] = "none are stored yet; the next command that writes does so"
        return
    changed = changed_parts(connection)
    # a damaged count is found as a changed part; here it only says how much was looked at
    rows = sum(rows for rows, _ in stored_sums(connection).values() if isinstance(rows, int))
    places = [_named(connection, name, parts) for name, parts in sorted(changed.items())]
    look.count(SUMS, rows, places, means=_CHANGED, todo=_SAVE)


def _named(connection: sqlite3.Connection, name: str, parts: set[int]) -> str:
    """Return which rows of a table may have been changed: those of its changed parts."""
    if name == SCHEMA_SQL:
        return "the definitions of tables and indexes"
    table = db.metadata.tables[name]
    keys = [column.name for column in table.primary_key.columns]
    listed = ", ".join(f'"{key}"' for key in keys)
    rows = [
        " ".join(map(str, row))
        for row in connection.execute(f'SELECT {listed} FROM "{name}" NOT INDEXED')
        if part_of(*row) in parts
    ]
    return _said(name, [row.encode("utf-8", "replace").decode() for row in rows])


def _said(name: str, rows: list[str]) -> str:
    """Return which rows of a table may have been changed, in words."""
    if not rows:
        return f"{name}: rows are gone"
    if len(rows) <= _FEW:
        return f"{name}: {' or '.join(rows)}, or a row that is gone"
    return f"{name}: one or more of {len(rows)} rows"


def check_postgresql(look: Look, connection: Connection) -> bool:
    """Check what PostgreSQL can say of itself, and the sums; return whether all tables and columns are there."""
    found = inspect(connection)
    tables = set(found.get_table_names())
    missing = [table.name for table in db.metadata.sorted_tables if table.name not in tables]
    missing += [name for table in db.metadata.sorted_tables if table.name in tables for name in _columns(found, table)]
    look.count("tables and columns of the database", len(tables), missing, means=_DAMAGED, todo=_SAVE)
    if missing:
        return False
    _check_rules(look, found)
    if connection.execute(text("SHOW data_checksums")).scalar() != "on":
        look.unchecked["pages and indexes of the database"] = (
            "this PostgreSQL server keeps no checksums of its pages (data_checksums is off); its administrator can "
            "turn them on: pg_checksums --enable"
        )
    else:
        look.unchecked["pages and indexes of the database"] = "the PostgreSQL server checks them itself as it reads"
    if not server_sums.are_kept(connection):
        look.unchecked[SUMS] = "the server's user may not make triggers, which would keep them"
        return True
    places = [
        _said(name, server_sums.rows_of(connection, db.metadata.tables[name], parts))
        for name, parts in sorted(server_sums.changed_parts(connection).items())
    ]
    rows = connection.execute(select(func.coalesce(func.sum(db.row_sums.c.rows), 0))).scalar_one()
    look.count(SUMS, int(rows), places, means=_CHANGED, todo=_SAVE)
    return True


def _check_rules(look: Look, found: Inspector) -> None:
    """Check that the server still keeps what refers to what, and the indexes, of which some allow no row twice."""
    kept = {
        (table, *key["constrained_columns"])
        for (_, table), keys in found.get_multi_foreign_keys().items()
        for key in keys
    }
    wanted = {
        (t.name, key.parent.name): key.target_fullname for t in db.metadata.sorted_tables for key in t.foreign_keys
    }
    lost = [
        f"{table}.{column} to {target}" for (table, column), target in wanted.items() if (table, column) not in kept
    ]
    means = "the server no longer refuses rows that refer to others which are gone"
    look.count("references between tables", len(wanted), lost, means=means, todo=RESTORE)
    indexes = {index["name"] for listed in found.get_multi_indexes().values() for index in listed}
    names = [str(index.name) for table in db.metadata.sorted_tables for index in table.indexes]
    gone = [name for name in names if name not in indexes]
    means = "commands are slow, or the server no longer refuses a row that is there already"
    look.count("indexes of the database", len(names), gone, means=means, todo=RESTORE)


def _columns(found: Inspector, table: Table) -> list[str]:
    have = {column["name"] for column in found.get_columns(table.name)}
    return [f"{table.name}.{column.name}" for column in table.columns if column.name not in have]
