"""Read what can be read out of a damaged SQLite file into a new one, row by row, and say what is lost."""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from corpus.article import Article, Revision
from corpus.span import Span
from corpus.study import database as db
from corpus.study.database import Store
from corpus.study.keeping.sqlite_pages import leaf_rows
from corpus.study.row_digests import DIGEST, digest_of, is_sealed
from corpus.study.upgrading.open_store import sqlite_url

from .database_checks import read_only

# what is computed again from texts and answers, so that it need not be read out of a damaged file
DERIVED = {
    *("row_sums", "shingles", "shingle_signatures", "paragraph_counts", "paragraph_owners", "pending_revisions"),
    *("tallies", "scored_revisions"),
}
_LATER = ("log", "removals")  # tables that stores of earlier versions do not have
_MOST_PROBED = 2_000_000  # row numbers that are tried one by one
_SPAN = re.compile(r"([0-9a-f]{12}-[0-9a-f]{8}):([a-z]+):([0-9]+)-([0-9]+)")


@dataclass
class Salvaged:
    """How many rows of each table were read, and by table the names of rows that are lost, or their whole values."""

    read: dict[str, int] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    values: list[dict[str, Any]] = field(default_factory=list)

    def lose(self, table: str, name: str, values: Mapping[str, Any] | None = None) -> None:
        """Note that a row is lost; its values, where they are known, are kept for people to look at."""
        self.lost.setdefault(table, []).append(name)
        if values is not None:
            self.values.append({"table": table, **values})


def salvage(damaged: Path, new: Path) -> Salvaged:
    """Read all rows that can be read out of a damaged file into a new store. Raises sqlite3.Error if there are none."""
    result = Salvaged()
    with closing(Store(sqlite_url(new))):
        pass
    with tempfile.TemporaryDirectory(prefix=".slantwise-", dir=new.parent) as folder:
        source = _readable(damaged, new, Path(folder))
        with _read_damaged(source) as old, closing(sqlite3.connect(new, isolation_level=None)) as out:
            data = source.read_bytes()
            out.execute("PRAGMA foreign_keys=OFF")
            out.execute("BEGIN")
            out.execute("DELETE FROM meta")
            for table in db.metadata.sorted_tables:
                if table.name not in DERIVED:
                    _copy_table(old, out, table, data, result)
            schema = ("schema", str(db.SCHEMA))
            out.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", schema)
            _make_parents(out, result)
            _take_out_orphans(out, result)
            out.execute("COMMIT")
    return result


@contextmanager
def _read_damaged(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a damaged file to be read: also one that is cut off, and has indexes behind its end."""
    with read_only(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")  # SQLite's own way to open it; the file is read only
        yield connection


def _readable(damaged: Path, new: Path, folder: Path) -> Path:
    """Return the damaged file, or a copy of it whose first page is that of a new store, if its own cannot be read."""
    with suppress(sqlite3.Error), _read_damaged(damaged) as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if {"articles", "revisions", "spans"} <= names:
            for name in names & set(db.metadata.tables):
                connection.execute(f'SELECT * FROM "{name}" LIMIT 0')
            return damaged
    # tables begin at the same pages in every store of this version; the rest of the first page is no rows
    data, fresh = bytearray(damaged.read_bytes()), new.read_bytes()
    size = int.from_bytes(fresh[16:18], "big")
    if len(data) < 2 * size:
        raise sqlite3.DatabaseError("the file is too short to hold a study")
    data[:size] = fresh[:size]
    data[28:32] = (len(data) // size).to_bytes(4, "big")
    data[32:40] = bytes(8)  # no free pages
    data[18:20] = b"\x01\x01"  # what had not reached the file itself is beside the original
    copy = folder / "first-page.db"
    copy.write_bytes(data)
    with _read_damaged(copy) as connection:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] < len(db.metadata.tables):
            raise sqlite3.DatabaseError("the list of its tables is lost")
    return copy


def _copy_table(old: sqlite3.Connection, out: sqlite3.Connection, table: Table, data: bytes, result: Salvaged) -> None:
    have = {row[1] for row in old.execute(f'PRAGMA table_info("{table.name}")')}
    if not have:
        if table.name not in _LATER:
            result.lose(table.name, "all of its rows")
        return
    columns = [column.name for column in table.columns if column.name in have]
    names = ", ".join(f'"{name}"' for name in columns)
    keys = [columns.index(column.name) for column in table.primary_key.columns]
    needs_digest = is_sealed(table) and DIGEST not in have  # an earlier version's store
    into = [*columns, DIGEST] if needs_digest else columns
    listed = ", ".join(f'"{name}"' for name in into)
    statement = f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join("?" * len(into))})'
    found = set()
    for row in _rows(old, table.name, names):
        values = [_clean(value) for value in row]
        key = tuple(values[k] for k in keys)
        digest = [digest_of(table, dict(zip(columns, values, strict=True)))] if needs_digest else []
        whole = [*values, *digest]
        if values != list(row):
            result.lose(table.name, f"{_named(key)} (letters of it)", None)
        try:
            out.execute(statement, whole)
            found.add(key)
        except sqlite3.Error:  # a value of a kind that the column cannot have, or a key that is there twice
            result.lose(table.name, _named(key), dict(zip(columns, map(_shown, values), strict=True)))
    if not needs_digest:
        for row in leaf_rows(data, len(columns)) if _is_hurt(old, table.name) else ():
            key = tuple(row[k] for k in keys)
            if key not in found and _is_true(table, dict(zip(columns, row, strict=True))):
                with suppress(sqlite3.Error):
                    out.execute(statement, row)
                    found.add(key)
    result.read[table.name] = len(found)
    with suppress(sqlite3.Error):  # the index of a table still names rows whose page is lost
        listed = ", ".join(f'"{columns[k]}"' for k in keys)
        index = f'"sqlite_autoindex_{table.name}_1"'
        for row in old.execute(f'SELECT {listed} FROM "{table.name}" INDEXED BY {index}'):
            key = tuple(_clean(value) for value in row)
            if key not in found:
                result.lose(table.name, _named(key))
                found.add(key)


def _is_hurt(connection: sqlite3.Connection, table: str) -> bool:
    """Return whether a table cannot be read from its beginning to its end."""
    try:
        connection.execute(f'SELECT count(*) FROM (SELECT rowid, * FROM "{table}" NOT INDEXED)').fetchone()
    except sqlite3.Error:
        return True
    return False


def _is_true(table: Table, row: dict[str, Any]) -> bool:
    """Return whether a row found on a page belongs to a table: its id or its digest is computed from its values."""
    try:
        if table.name == "articles":
            return bool(row["id"] == Article(row["outlet"], row["key"]).id)
        if table.name == "revisions":
            revision = Revision(row["article"], row["text"], row["reason"], normalised=True)
            return bool((revision.id, revision.digest) == (row["id"], row["digest"]))
        if table.name == "spans":
            return bool(row["id"] == Span(row["revision"], row["start"], row["end"], row["unit"]).id)
        return is_sealed(table) and row[DIGEST] == digest_of(table, row)
    except (TypeError, ValueError, AttributeError):
        return False


def _named(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if part != "")


def _shown(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _clean(value: Any) -> Any:
    """Return a value without bytes that cannot be read as text."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _rows(connection: sqlite3.Connection, table: str, names: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table that can be read: from its beginning, from its end, and one by one in between."""
    query = f'SELECT rowid, {names} FROM "{table}" NOT INDEXED '
    last = 0
    try:
        for row in connection.execute(query + "ORDER BY rowid"):
            last = row[0]
            yield row[1:]
        return
    except sqlite3.Error:
        pass
    first, from_end = None, []
    with suppress(sqlite3.Error):
        for row in connection.execute(query + "WHERE rowid > ? ORDER BY rowid DESC", (last,)):
            first = row[0]
            from_end.append(row[1:])
    yield from reversed(from_end)
    if first is None:
        with suppress(sqlite3.Error):
            first = connection.execute(f'SELECT max(rowid) FROM "{table}"').fetchone()[0]
    for rowid in range(last + 1, min((first or last + _MOST_PROBED // 20), last + _MOST_PROBED)):
        with suppress(sqlite3.Error):
            row = connection.execute(query + "WHERE rowid = ?", (rowid,)).fetchone()
            if row is not None:
                yield row[1:]


def _make_parents(out: sqlite3.Connection, result: Salvaged) -> None:
    """Make rows again that are known from those that refer to them: outlets by name, spans by what their id says."""
    out.execute("INSERT OR IGNORE INTO outlets (name) SELECT DISTINCT outlet FROM articles")
    lengths = dict(out.execute("SELECT id, length(text) FROM revisions"))
    for table in ("annotations", "draws"):
        query = f"SELECT DISTINCT span FROM {table} WHERE span NOT IN (SELECT id FROM spans)"
        for (id,) in out.execute(query).fetchall():
            parts = _SPAN.fullmatch(id)
            if parts is None:
                continue
            span = Span(parts[1], int(parts[3]), int(parts[4]), parts[2])  # type: ignore[arg-type,unused-ignore]
            if 0 <= span.start < span.end <= lengths.get(span.revision, 0):
                row = (span.id, span.revision, span.unit, span.start, span.end, "split")
                out.execute(
                    'INSERT INTO spans (id, revision, unit, start, "end", found_by) VALUES (?, ?, ?, ?, ?, ?)', row
                )
                with suppress(KeyError, ValueError):
                    result.lost["spans"].remove(span.id)


def _take_out_orphans(out: sqlite3.Connection, result: Salvaged) -> None:
    """Take out rows that refer to lost ones, which the database would refuse; their values are kept in a file."""
    while orphans := out.execute("PRAGMA foreign_key_check").fetchall():
        for name, rowid in {(name, rowid) for name, rowid, *_ in orphans}:
            table = db.metadata.tables[name]
            columns = [column.name for column in table.columns]
            listed = ", ".join(f'"{column}"' for column in columns)
            row = out.execute(f'SELECT {listed} FROM "{name}" WHERE rowid = ?', (rowid,)).fetchone()
            values = dict(zip(columns, map(_shown, row), strict=True))
            key = tuple(values[column.name] for column in table.primary_key.columns)
            result.lose(name, f"{_named(key)} (it belongs to a lost row)", values)
            out.execute(f'DELETE FROM "{name}" WHERE rowid = ?', (rowid,))


def lost_as_lines(result: Salvaged) -> str:
    """Return the values of lost rows as JSON, one in a line."""
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in result.values)
