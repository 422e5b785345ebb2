"""Make a study's store, and open it: brought up to date, and never a new one where there was one."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL

from corpus.errors import BadStudy
from corpus.study.bookkeeping import has_revisions
from corpus.study.database import Store
from corpus.study.history.log import MADE, note, study_id

from .upgrade import upgrade

_logger = logging.getLogger(__name__)


def sqlite_url(file: Path) -> URL:
    """Return the address of a SQLite store."""
    return URL.create("sqlite", database=str(file))


def make_store(file: Path, made_with: Mapping[str, str]) -> str:
    """Make the store of a new study, so that a missing one is a lost one; log it, and return the study's id.

    That is drawn at random, or that of a store which a stopped command has made. Raises BadStudy if it holds articles.
    """
    with closing(Store(sqlite_url(file))) as store:
        store.keep_sums()
        with store.reading() as connection:
            if has_revisions(connection):
                raise BadStudy(
                    f"{file} holds articles, and there is no study.toml; bring that file back from a copy of the "
                    "study, or choose another folder"
                )
            known = study_id(connection)
        if known is not None:
            return known
        id = secrets.token_hex(8)
        with store.writing() as connection:
            note(connection, MADE, {**made_with, "id": id}, {})
        return id


def open_store(url: str | URL, *, may_create: bool, id: str | None = None) -> Store:
    """Open the store of the study with an id, and bring it up to date; warn of one that was made for another.

    Raises BadStudy if there is none, unless it `may_create` one.
    """
    store = Store(url, may_create=may_create)
    if store.is_earlier and (upgraded := upgrade(store)):
        _logger.warning("%s", upgraded)
    store.keep_sums()
    stored = None
    with suppress(BadStudy), store.reading() as connection:  # a damaged log hinders nobody from reading the rest
        stored = study_id(connection)
    if None not in (id, stored) and id != stored:
        _logger.warning("the store was made for another study than study.toml; see: slantwise study check")
    store.writes = 0  # by what the study's user does
    return store
