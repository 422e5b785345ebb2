"""Overwrite what the file of a SQLite store still holds of deleted rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from corpus.study import Study

_KEPT = ("study.db.schema-*.bak", "study-damaged-*", "study-copied-*")  # by upgrades, repairs and copies
_WAIT = 30.0  # seconds for other commands that read or write
NOT_OVERWRITTEN = (
    "the rows are deleted, but another command has the study open (or its disk is full), so that the database's file "
    "may still hold their bytes: give the same command again later"
)
ON_A_SERVER = (
    "the rows are deleted; the PostgreSQL server overwrites their bytes when it vacuums, and its backups keep them: "
    "ask its administrator"
)
ELSEWHERE = (
    "what was written outside the database keeps what it has: backups and copies of the study, exported tables and "
    "workbooks, reports, and Label Studio"
)


def delete_bytes_too(connection: Connection) -> None:
    """From now on fill the place of deleted rows with zeros (SQLite)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def overwrite_deleted(study: Study) -> bool:
    """Write the store's file anew, without what was deleted; return whether that was possible.

    Bytes of rows also stay where SQLite has moved them, so zeros in the place of deleted rows are not enough. A store
    in PostgreSQL is left as it is: its server does this.
    """
    url = study.store.engine.url
    if study.store.engine.dialect.name != "sqlite" or not url.database:
        return False
    study.store.engine.dispose()  # our own connections would be waited for
    try:
        opened = sqlite3.connect(Path(url.database), timeout=_WAIT, isolation_level=None)
        with closing(opened) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            is_busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        return False
    return not is_busy


def notes_on_bytes(study: Study, overwritten: bool) -> tuple[str, ...]:
    """Return in sentences what is still to be known of where the removed words may be."""
    is_sqlite = study.store.engine.dialect.name == "sqlite"
    first = () if overwritten else (NOT_OVERWRITTEN if is_sqlite else ON_A_SERVER,)
    kept = sorted(file.name for pattern in _KEPT for file in study.folder.glob(pattern))
    beside = f"earlier states of the database are beside it, with all that they had: {', '.join(kept)}"
    return (*first, ELSEWHERE, *((beside,) if kept else ()))
