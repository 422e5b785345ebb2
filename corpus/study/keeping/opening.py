"""Refuse a store that is missing, empty or damaged, in a sentence: never a new empty one in its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, ExceptionContext, make_url

from corpus.errors import BadStudy

_MAGIC = b"SQLite format 3\x00"  # every database of SQLite begins so
_OURS = {"articles", "revisions", "spans"}  # a store that has lost one of its tables has the others
_NEXT = (
    "bring back a backup (slantwise study restore FILE DIR), or save what can be read of it (slantwise study repair)"
)
# what SQLite and Python say of a damaged file; a column or table that we know and the file does not is damage too
_DAMAGE = (
    *("malformed", "not a database", "could not decode to utf-8", "no such column", "no such table", "no column named"),
    *("malformed database schema", "unsupported file format", "user-defined function raised"),
    *("no such collation", "integer overflow", "missing from index", "unable to delete/modify", 'near "'),
)


def check_file(url: str | URL) -> None:
    """Look whether the file of a SQLite store is there and is one. Raises BadStudy."""
    url = make_url(url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    why: str | None
    if not path.is_file():
        why = f"{path} is missing, and with it everything that was stored in the study"
    elif path.stat().st_size == 0:
        why = f"{path} is empty (0 bytes), and with it everything that was stored in the study is gone"
    else:
        with path.open("rb") as file:
            begins_well = file.read(len(_MAGIC)) == _MAGIC
        why = _why_unreadable(path) if begins_well else "its beginning was overwritten or damaged"
        if why is None:
            return
        why = f"{path} is damaged, or another program's ({why})"
    raise BadStudy(f"the store cannot be opened: {why}. Nothing was changed; {_NEXT}")


def _why_unreadable(path: Path) -> str | None:
    """Return why the tables in a file cannot be listed, or that it has none; None where it has some."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            return None if tables & _OURS else "it has none of a study's tables" if tables else "it has no tables"
    except sqlite3.OperationalError:
        return None  # it is in use, or lies where nothing can be written: opening it says so
    except sqlite3.DatabaseError as error:
        return str(error)


def lost_tables(url: URL, missing: Sequence[str]) -> str:
    """Return the sentence about a store without some of its tables."""
    named = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    lack = f"it has no table {named}" if missing else "it does not say which version it has"
    return f"the study's store {where} is damaged or was replaced: {lack}. Nothing was changed; {_NEXT}"


def explain_damage(context: ExceptionContext) -> BadStudy | None:
    """Return BadStudy, to be raised in place of what a database driver says of a damaged SQLite file."""
    error = context.original_exception
    if not isinstance(error, sqlite3.Error) or not any(part in str(error).lower() for part in _DAMAGE):
        return None
    where = context.engine.url.database if context.engine is not None else "the store"
    return BadStudy(
        f"the study's store {where} is damaged ({error}), and the command went no further. See what is damaged: "
        f"slantwise study check; then {_NEXT}"
    )
