"""Sums over the rows of a SQLite store, kept at each write, so that a value that was changed in the file is found.

A row has a number, which depends on all its values; a table's rows are divided into parts, and the numbers of a part
are added up, modulo 2^64. Triggers of our own connections keep the sums, so a change that came another way is found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from sqlalchemy import Table

from ..tables import metadata

PARTS = 64
_KEPT = 1  # SQLite's `user_version` of a store whose sums are kept: lost sums are not taken for ones not made yet
SCHEMA_SQL = "(tables)"  # in the column of tables: the statements that made them
# many rows, which `check` computes again from the texts
_NOT_SUMMED = {"row_sums", "shingles", "shingle_signatures"}
_HALF, _WHOLE = 1 << 63, 1 << 64
_COUNT = 'UPDATE row_sums SET "rows" = "rows" {sign} 1, "sum" = slantwise_sum("sum", {sign}1, {values}) '
_WHERE = "WHERE \"table\" = '{table}' AND part = slantwise_part({key});"


def summed_tables() -> list[Table]:
    """Return the tables whose rows are summed."""
    return [table for table in metadata.sorted_tables if table.name not in _NOT_SUMMED]


def row_number(*values: Any) -> int:
    """Return the number of a row. A database may give 5.0 for 5 and 1 for true, which are the same here.

    >>> row_number("took", 5, None) == row_number("took", 5.0, None) != row_number("tool", 5, None)
    True
    """
    text = "\0".join([value if value.__class__ is str else _text(value) for value in values])
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _text(value: Any) -> str:
    if value is None:
        return "\1"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def part_of(*key: Any) -> int:
    """Return the part of its table that a row with this key belongs to."""
    return row_number(*key) % PARTS


def add_to_sum(total: int, sign: int, *values: Any) -> int:
    """Return a sum with a row's number added, or subtracted if `sign` is -1, as a signed number of 64 bits."""
    return (total + sign * row_number(*values) + _HALF) % _WHOLE - _HALF


def watch(connection: sqlite3.Connection, schema: int) -> bool:
    """Keep the sums of a store whose tables have this schema while this connection changes rows; return if it does."""
    connection.create_function("slantwise_sum", -1, add_to_sum, deterministic=True)
    connection.create_function("slantwise_part", -1, part_of, deterministic=True)
    try:
        version = connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
    except sqlite3.Error:  # it is being made, or is damaged: opening it says so
        return False
    if version != (str(schema),) or not are_kept(connection):
        return False
    connection.executescript("PRAGMA temp_store = MEMORY;" + "".join(map(_triggers, summed_tables())))
    return True


def are_kept(connection: sqlite3.Connection) -> bool:
    """Return whether sums are kept in this store."""
    return bool(connection.execute("PRAGMA user_version").fetchone()[0] == _KEPT)


def stop_watching(connection: sqlite3.Connection) -> None:
    """Keep no sums any more on this connection: its next statement changes tables, or puts rows as they were."""
    names = connection.execute("SELECT name FROM sqlite_temp_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f'DROP TRIGGER temp."{name}"')


def _triggers(table: Table) -> str:
    def values(row: str, columns: Iterable[Any]) -> str:
        return ", ".join(f'{row}."{column.name}"' for column in columns)

    def change(row: str, sign: str) -> str:
        return _COUNT.format(sign=sign, values=values(row, table.columns)) + _WHERE.format(
            table=table.name, key=values(row, table.primary_key.columns)
        )

    new, old = change("NEW", "+"), change("OLD", "-")
    return "".join(
        f'CREATE TEMP TRIGGER "{table.name}_{event}" AFTER {event} ON main."{table.name}" BEGIN {body} END;'
        for event, body in (("INSERT", new), ("DELETE", old), ("UPDATE", old + new))
    )


def sums_of(connection: sqlite3.Connection, table: Table) -> dict[int, tuple[int, int]]:
    """Return the number of rows and the sum of each part of a table, as its rows are now."""
    columns = [column.name for column in table.columns]
    keys = [columns.index(column.name) for column in table.primary_key.columns]
    parts = dict.fromkeys(range(PARTS), (0, 0))
    names = ", ".join(f'"{name}"' for name in columns)
    for row in connection.execute(f'SELECT {names} FROM "{table.name}" NOT INDEXED'):
        part = part_of(*(row[key] for key in keys))
        rows, total = parts[part]
        parts[part] = rows + 1, add_to_sum(total, 1, *row)
    return parts


def sum_of_schema(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the number of the statements that made tables and indexes, and their sum."""
    rows = connection.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE substr(name, 1, 11) <> 'sqlite_stat'"  # of ANALYZE
    ).fetchall()
    total = 0
    for row in rows:
        total = add_to_sum(total, 1, *row)
    return len(rows), total


def stored_sums(connection: sqlite3.Connection) -> dict[tuple[str, int], tuple[int, int]]:
    """Return the stored number of rows and sum, by table and part."""
    rows = connection.execute('SELECT "table", part, "rows", "sum" FROM row_sums').fetchall()
    return {(name, part): (count, total) for name, part, count, total in rows}


def sum_all(connection: sqlite3.Connection) -> None:
    """Store the sums of all tables as they are now; from then on they are kept."""
    stop_watching(connection)
    connection.execute(f"PRAGMA user_version = {_KEPT}")
    rows = [(table.name, part, *s) for table in summed_tables() for part, s in sums_of(connection, table).items()]
    rows.append((SCHEMA_SQL, 0, *sum_of_schema(connection)))
    connection.execute("DELETE FROM row_sums")
    connection.executemany('INSERT INTO row_sums ("table", part, "rows", "sum") VALUES (?, ?, ?, ?)', rows)


def changed_parts(connection: sqlite3.Connection) -> dict[str, set[int]]:
    """Return the parts of tables whose rows are not those that Slantwise wrote, by table.

    A damaged text is read with its odd bytes, so set the connection's `text_factory` before.
    """
    stored = stored_sums(connection)
    found: dict[str, set[int]] = {}
    for table in summed_tables():
        now = sums_of(connection, table)
        if wrong := {part for part, values in now.items() if stored.get((table.name, part)) != values}:
            found[table.name] = wrong
    if stored.get((SCHEMA_SQL, 0)) != sum_of_schema(connection):
        found[SCHEMA_SQL] = {0}
    return found
