"""Copy a store into another database, row by row, and compare all values before the copy counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, func, insert, make_url, select, text
from sqlalchemy.exc import ArgumentError

from corpus.errors import BadStudy
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study import settings as study_settings
from corpus.study.database import Store
from corpus.study.files import write_whole
from corpus.study.keeping.table_sums import add_to_sum
from corpus.study.study import DATABASE, SETTINGS
from corpus.study.upgrading.open_store import sqlite_url

_ROWS = 2000  # rows that are copied at once

Progress = Callable[[float], None]


@dataclass(frozen=True)
class CopiedStore(Result):
    """The result of `copy_study`: where the store is now, without a password, and how many rows and tables it has."""

    store: str
    was: str
    tables: int
    rows_copied: int
    kept: Path | None  # the file of a SQLite store that was copied, which no command reads any more


def no_progress(share: float) -> None:
    """Show nothing."""


def copy_study(study: Study, url: str, *, progress: Progress = no_progress) -> CopiedStore:
    """Copy a study's store to another database, "sqlite" or the URL of a PostgreSQL database, and use that from now on.

    All rows are copied in one transaction and compared; study.toml names the new store only if every value is the same.
    The old store stays: a SQLite file under another name. Nobody else can write meanwhile. Raises BadStudy if the
    target holds something, or is the same.
    """
    old = study.settings.store.url
    target = _target(study, url)
    if target == study.store.engine.url or _is_one_file(target, study.store.engine.url):
        raise BadStudy(f"the study's store is in {shown(target)} already")
    text = (study.folder / SETTINGS).read_text(encoding="utf-8-sig")
    new_text = study_settings.with_store_url(text, url)  # fails before anything is copied
    is_private = study_settings.has_secret(study_settings.read(study.folder / SETTINGS, new_text))
    with study.store.writing() as source:
        with _new_store(target, source) as (store, arrived):
            rows = arrived or copy_rows(source, store, progress)
            store.keep_sums()
        db.set_meta(source, db.MOVED, shown(target))  # who waits to write does not write into the old one
        write_whole(study.folder / SETTINGS, new_text, private=is_private)
    was = study.store.engine.url
    study.close()
    kept = _set_aside(study.folder / DATABASE) if old == "sqlite" else None
    return CopiedStore(shown(target), shown(was), len(db.metadata.tables), rows, kept)


def _is_one_file(one: URL, other: URL) -> bool:
    files = [Path(url.database) for url in (one, other) if url.get_backend_name() == "sqlite" and url.database]
    return len(files) == 2 and all(file.exists() for file in files) and files[0].samefile(files[1])


def shown(url: URL) -> str:
    """Return an address without its password.

    >>> shown(make_url("postgresql+psycopg://mira:secret@host/name"))
    'postgresql+psycopg://mira:***@host/name'
    """
    return url.render_as_string(hide_password=True)


def _target(study: Study, url: str) -> URL:
    if url == "sqlite":
        return sqlite_url(study.folder / DATABASE)
    try:
        target = make_url(url)
    except ArgumentError:
        raise BadStudy("the address of the new store cannot be read; " + _EXPECTED) from None
    if target.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadStudy(f"found a store in {target.get_backend_name()}; " + _EXPECTED)
    return target


_EXPECTED = "expected sqlite, or postgresql+psycopg://user@host/name"


@contextmanager
def _new_store(url: URL, source: Connection) -> Iterator[tuple[Store, int]]:
    """Make the tables of a new store; yield it and how many rows a copy that was stopped has stored there already.

    Those of one that holds something else stay. A failed copy leaves no file.
    """
    path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    was_there = path is not None and path.exists()
    store = Store(url)
    try:
        with store.reading() as connection:
            full = [t.name for t in db.metadata.sorted_tables if t.name not in _OWN and _holds(connection, t)]
            # its own store under another address is locked by this command
            arrived = _arrived(source, connection) if full and not _is_written_to(connection) else 0
        if full and not arrived:
            raise BadStudy(
                f"{shown(url)} holds a study already (rows in {', '.join(full[:3])}); nothing was copied: choose an "
                "empty database, or move the file away"
            )
        yield store, arrived
    except BaseException:
        store.close()
        if path is not None and not was_there:
            for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
                name.unlink(missing_ok=True)
        raise
    store.close()


def _is_written_to(connection: Connection) -> bool:
    """Return whether somebody is writing to a store on a server at this moment."""
    is_server = connection.dialect.name == "postgresql"
    return is_server and not connection.execute(text(f"SELECT pg_try_{db.ONE_WRITER}")).scalar()


def _arrived(source: Connection, target: Connection) -> int:
    """Return how many rows a store has whose rows are those of another one; 0 if one is not the same."""
    rows = 0
    for table in db.metadata.sorted_tables:
        if table.name != "row_sums":
            n, total = summed(source, table)
            if (n, total) != summed(target, table):
                return 0
            rows += n
    return rows


_OWN = ("meta", "row_sums")  # a new store has rows in them


def _holds(connection: Connection, table: Table) -> bool:
    return connection.execute(select(table).limit(1)).first() is not None


def copy_rows(source: Connection, target: Store, progress: Progress = no_progress) -> int:
    """Copy all rows into a new store, tables before those that refer to them; return how many rows there are.

    Raises BadStudy, and stores nothing, if a value is not the same afterwards.
    """
    tables = [table for table in db.metadata.sorted_tables if table.name != "row_sums"]
    total = {table.name: source.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
    done = 0
    with target.writing() as connection:
        connection.execute(db.meta.delete())
        for table in tables:
            for batch in portions(source, table):
                connection.execute(insert(table), [row._asdict() for row in batch])
                done += len(batch)
                progress(done / (2 * max(1, sum(total.values()))))
        for number, table in enumerate(tables):
            if summed(source, table) != summed(connection, table):
                raise BadStudy(
                    f"the table {table.name} was not copied faithfully, so that nothing was stored and the study stays "
                    "where it is; check it first: slantwise study check"
                )
            progress(0.5 + (number + 1) / (2 * len(tables)))
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection)
    return done


def _go_on_counting(connection: Connection) -> None:
    """Let PostgreSQL, which counts apart from the rows, number new rows after the copied ones, as SQLite does."""
    for table in db.metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = connection.execute(select(func.max(column))).scalar()
            if last is not None:
                connection.execute(select(func.setval(sequence, last)))


def portions(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """Yield the rows of a table in portions that fit into memory."""
    with connection.execute(select(table).execution_options(yield_per=_ROWS)) as rows:
        for batch in rows.partitions():
            yield list(batch)


def summed(connection: Connection, table: Table) -> tuple[int, int]:
    """Return the number of a table's rows and their sum, which is the same in every database."""
    n = total = 0
    for batch in portions(connection, table):
        n += len(batch)
        for row in batch:
            total = add_to_sum(total, 1, *row)
    return n, total


def _set_aside(path: Path) -> Path | None:
    """Rename the file of a store that was copied; its name says so."""
    if not path.is_file():
        return None
    number = 1
    while (kept := path.with_name(f"{path.stem}-copied-{number}{path.suffix}")).exists():
        number += 1
    return path.rename(kept)
