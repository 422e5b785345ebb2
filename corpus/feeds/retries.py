"""Pages that could not be fetched: when they are asked for again, when they are given up, and asking all the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, or_, select, update

from corpus.draft import Refusal
from corpus.errors import BadFeed, NotFetched
from corpus.study import Study
from corpus.study import database as db

from .formats import FeedEntry

PENDING, TAKEN, REFUSED, GIVEN_UP = "pending", "taken", "refused", "given up"  # states of an entry
REMOVED = "removed"  # its article was taken out of the study; it is never fetched again
_HOUR, _DAY = 3600.0, 86_400.0
PAUSES = (_HOUR, 6 * _HOUR, _DAY, 2 * _DAY, 4 * _DAY)  # seconds after each try, so that six take more than a week
SELDOM = (_DAY, 3 * _DAY)  # after an answer that seldom changes, such as 404: three tries
LONGEST_PAUSE = 7 * _DAY  # seconds, whatever a server asks for


@dataclass(frozen=True)
class PendingEntry:
    """An entry whose page has still to be fetched, after how many tries, and why the last one failed."""

    id: str
    url: str | None
    tries: int
    article: str | None
    why: str | None
    entry: FeedEntry
    stamp: str

    def name(self, feed: str) -> str:
        """Return the page's address, or what stands for it in messages."""
        return entry_name(self.url, feed, self.entry.id)


def entry_name(url: str | None, feed: str, id: str) -> str:
    """Return a page's address; an entry without one is named by its feed and its id there."""
    return url or f"{feed} ({id[:80]})"


def moment(seconds: float) -> str:
    """Return seconds since 1970 as the store has them: in UTC, sorted alike.

    >>> moment(0)
    '1970-01-01T00:00:00+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def next_try(tries: int, failure: NotFetched, last: str | None, now: float) -> float | None:
    """Return when a page is asked for again after a number of tries; None if it is given up.

    `last` is why the try before failed. An answer that seldom changes, such as 404, has to be given twice in a row.

    >>> next_try(1, NotFetched("the server answers 503", retry=True), None, now=0)
    3600.0
    >>> next_try(1, NotFetched("the server answers 503", retry=True, wait=7200.0), None, now=0)
    7200.0
    >>> next_try(6, NotFetched("the server answers 503", retry=True), None, now=0)
    >>> next_try(3, NotFetched("the server answers 404"), "the server answers 404", now=0)
    """
    if failure.retry or (tries > len(SELDOM) and str(failure) != last):
        pauses: Sequence[float] = PAUSES
    else:
        pauses = SELDOM
    if tries > len(pauses):
        return None
    return now + max(pauses[tries - 1], min(failure.wait, LONGEST_PAUSE))


def record_outcome(connection: Connection, entry: PendingEntry, article: str | None, why: str | None) -> None:
    """Store the outcome of an entry whose page came: taken as an article, or refused for what is in it."""
    row = {
        "state": TAKEN if why is None else REFUSED,
        "why": why,
        "tries": entry.tries + 1,
        "next_try": None,
        "article": article or entry.article,
    }
    connection.execute(update(db.feed_entries).where(*_unchanged(entry)).values(row))


def record_removed(connection: Connection, entries: Sequence[str]) -> None:
    """Store that the articles of entries were removed; nothing of the entries' content is kept."""
    row = {"state": REMOVED, "content": "{}", "why": None, "next_try": None, "article": None}
    for batch in db.batches(entries):
        connection.execute(update(db.feed_entries).where(db.feed_entries.c.id.in_(batch)).values(row))


def record_failure_of_page(connection: Connection, entry: PendingEntry, failure: NotFetched, now: float) -> None:
    """Store why a page did not come, and when it is asked for again: at the next poll if no request was sent for it."""
    row: dict[str, Any] = {"why": str(failure)}
    if failure.asked or not failure.retry:
        again = next_try(entry.tries + 1, failure, entry.why, now)
        row |= {"tries": entry.tries + 1, "next_try": None if again is None else moment(again)}
        row["state"] = GIVEN_UP if again is None else PENDING
    connection.execute(update(db.feed_entries).where(*_unchanged(entry)).values(row))


def _unchanged(entry: PendingEntry) -> tuple[Any, ...]:
    """Where another poll has the outcome already, or a newer state of the entry, that stays."""
    e = db.feed_entries.c
    return e.id == entry.id, e.state == PENDING, e.stamp == entry.stamp


def pending_entries(connection: Connection, feed: str, now: float) -> list[PendingEntry]:
    """Return the entries of a feed whose pages are due: the new ones first, then what was tried before."""
    e = db.feed_entries.c
    rows = connection.execute(
        select(e.id, e.url, e.tries, e.article, e.why, e.content, e.stamp)
        .where(e.feed == feed, e.state == PENDING, _due(now))
        .order_by(e.tries, e.id)
    )
    return [PendingEntry(*row[:5], FeedEntry(**json.loads(row.content)), row.stamp) for row in rows]


def _due(now: float) -> Any:
    """Pages due at a time; a time that only a wrong clock can have written is not believed."""
    again = db.feed_entries.c.next_try
    return or_(again.is_(None), again <= moment(now), again > moment(now + LONGEST_PAUSE))


def waiting_pages(connection: Connection, now: float) -> list[Refusal]:
    """Return the pages that failed and are asked for again at a later poll, with the reason and the time."""
    e = db.feed_entries.c
    rows = connection.execute(
        select(e.url, e.feed, e.id, e.why, e.next_try, e.tries)
        .where(e.state == PENDING, ~_due(now))
        .order_by(e.next_try)
    ).all()
    return [
        Refusal(entry_name(row.url, row.feed, row.id), f"{row.why}; tried {row.tries} times, again from {row.next_try}")
        for row in rows
    ]


def given_up_pages(connection: Connection) -> list[Refusal]:
    """Return the pages that are no longer asked for, with the reason of the last try."""
    e = db.feed_entries.c
    rows = connection.execute(
        select(e.url, e.feed, e.id, e.why, e.tries).where(e.state == GIVEN_UP).order_by(e.feed, e.url, e.id)
    ).all()
    return [
        Refusal(entry_name(row.url, row.feed, row.id), f"{row.why}; given up after {row.tries} tries") for row in rows
    ]


def make_due(study: Study, urls: Sequence[str] = ()) -> int:
    """Let the next poll ask for pages again, as if they had never been tried; return how many.

    `urls` are addresses of pages or of feeds; without any, all pages that were given up or wait are meant. A named page
    is asked for again too if it was refused for what was in it. Raises BadFeed for an address that is neither.
    """
    f, e = db.feeds.c, db.feed_entries.c
    chosen = or_(e.state == GIVEN_UP, (e.state == PENDING) & e.next_try.is_not(None))
    with study.store.writing() as connection:
        feeds = set(connection.execute(select(f.url)).scalars())
        made_due = 0
        for url in dict.fromkeys(urls) or (None,):
            if url is None:
                named = chosen
            elif url in feeds:
                named = (e.feed == url) & chosen
            else:
                known = connection.execute(select(e.state).where(e.url == url)).scalars().all()
                if not known:
                    raise BadFeed(
                        f"{url!r} is neither a feed of the study nor a page that a feed lists; see what was given up "
                        "with: slantwise feeds list"
                    )
                named = (e.url == url) & e.state.not_in((TAKEN, REMOVED))
            fresh = {"state": PENDING, "tries": 0, "next_try": None, "why": None}
            made_due += connection.execute(update(db.feed_entries).where(named).values(fresh)).rowcount
    return made_due
