"""Make a study's store, and open it: brought up to date, and never a new one where there was one."""

from __future__ import annotations

import logging
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from corpus.errors import BadStudy
from corpus.study.bookkeeping import has_revisions
from corpus.study.database import Store

from .upgrade import upgrade


def sqlite_url(file: Path) -> URL:
    """Return the address of a SQLite store."""
    return URL.create("sqlite", database=str(file))


def make_store(file: Path) -> None:
    """Make the store of a new study, so that a missing one is a lost one. Raises BadStudy if it holds articles."""
    with closing(Store(sqlite_url(file))) as store:
        store.keep_sums()
        with store.reading() as connection:
            if has_revisions(connection):
                raise BadStudy(
                    f"{file} holds articles, and there is no study.toml; bring that file back from a copy of the "
                    "study, or choose another folder"
                )


def open_store(url: str | URL, *, may_create: bool) -> Store:
    """Open a store, and bring it up to date. Raises BadStudy if there is none, unless it `may_create` one."""
    store = Store(url, may_create=may_create)
    if store.is_earlier and (upgraded := upgrade(store)):
        logging.getLogger(__name__).warning("%s", upgraded)
    store.keep_sums()
    store.writes = 0  # by what the study's user does
    return store
