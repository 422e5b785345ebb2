"""Keep the store as it was before it is upgraded."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.errors import BadStudy
from corpus.study import database as db


def keep_earlier(store: db.Store, version: int) -> Path | None:
    """Copy a SQLite store to `study.db.schema-N.bak` in the same folder and return the copy; None for PostgreSQL.

    The copy is whole or not there, and holds what is committed, whatever transaction is open. Raises BadStudy.
    """
    name = store.engine.url.database
    if store.engine.dialect.name != "sqlite" or not name:
        return None
    file = Path(name)
    backup = file.with_name(f"{file.name}.schema-{version}.bak")
    scratch = backup.with_name(f".{backup.name}.{os.getpid()}.part")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(scratch)) as copy:
            source.backup(copy)
        scratch.replace(backup)
    except (sqlite3.Error, OSError) as error:
        raise BadStudy(
            f"the store has version {version} and is upgraded only once a copy of it is kept, which cannot be written "
            f"to {backup} ({error}); nothing was changed. Make room there, or allow writing, and open the study again"
        ) from None
    finally:
        scratch.unlink(missing_ok=True)
    return backup
