"""Store a study's feeds, their entries and the state of their hosts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update

from corpus.article import normalise, short_digest
from corpus.articles.add_result import known_outlets, outlet_warnings
from corpus.draft import LONGEST_NAME, Refusal
from corpus.errors import BadFeed
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from . import retries
from .addresses import parse_address
from .fetch import Page
from .formats import Feed
from .politeness import FetchLimits, OriginState
from .retries import PendingEntry
from .stored_pages import timestamp


@dataclass(frozen=True)
class AddedFeed(Result):
    """A feed of an outlet, and whether it is new to the study; `warnings` name outlets that differ in letters only."""

    url: str
    outlet: str
    new: bool
    warnings: tuple[Refusal, ...] = ()


@dataclass(frozen=True)
class ListedFeed:
    """A feed, when it was last polled, why that failed, where it moved to, and the numbers of its entries.

    Entries are taken as articles, pending, refused for what is in their page, or given up after several tries.
    """

    url: str
    outlet: str
    title: str | None
    checked_at: str | None
    why: str | None
    moved: str | None
    entries: int
    taken: int
    pending: int
    refused: int
    given_up: int = 0


@dataclass(frozen=True)
class FeedList(Result):
    """The study's feeds, by outlet and address; the pages that wait for their next try, and those given up."""

    feeds: tuple[ListedFeed, ...]
    waiting: tuple[Refusal, ...] = ()
    given_up: tuple[Refusal, ...] = ()
    rows = "feeds"


@logged("feeds add")
def add_feed(study: Study, url: str, *, outlet: str) -> AddedFeed:
    """Add a feed (RSS, Atom or JSON Feed) to the study; nothing is fetched yet. Adding it twice changes nothing.

    Raises BadAddress for an invalid address, and BadFeed if the study does not declare the outlet, or if the feed
    already belongs to another outlet.
    """
    address, name = parse_address(url).url, normalise(outlet)
    declared = study.settings.outlets
    if not name:
        raise BadFeed("the feed has no outlet; expected the name of its publisher", outlet=outlet)
    if len(name) > LONGEST_NAME:
        raise BadFeed(f"a name has at most {LONGEST_NAME} characters, found {len(name):,}", outlet=f"{name[:40]} …")
    if declared and name not in declared:
        near = get_close_matches(name, declared, 1, 0.5) or list(declared)
        raise BadFeed(f"study.toml has no outlet {name!r} (nearest: {near[0]!r}); correct the name or add it there")
    with study.store.writing() as connection:
        known_outlet = connection.execute(select(db.feeds.c.outlet).where(db.feeds.c.url == address)).scalar()
        if known_outlet not in (None, name):
            raise BadFeed(f"{address} is already a feed of {known_outlet!r}; a feed belongs to one outlet")
        before = known_outlets(connection)
        db.put(connection, db.outlets, [{"name": name}])
        db.put(connection, db.feeds, [{"url": address, "outlet": name}])
    warnings = tuple(outlet_warnings(before, {*before, name}))
    return AddedFeed(address, outlet, new=known_outlet is None, warnings=warnings)


def list_feeds(study: Study) -> FeedList:
    """Return the study's feeds with their status, and the pages that could not be fetched."""
    f, e = db.feeds.c, db.feed_entries.c
    states_of_entries = (retries.TAKEN, retries.PENDING, retries.REFUSED, retries.GIVEN_UP)
    states = [func.sum(case((e.state == state, 1), else_=0)).label(state) for state in states_of_entries]
    counts = select(e.feed, func.count().label("entries"), *states).group_by(e.feed).subquery()
    numbers = (counts.c.entries, *(counts.c[state] for state in states_of_entries))
    with study.store.reading() as connection:
        rows = connection.execute(
            select(f.url, f.outlet, f.title, f.checked_at, f.why, f.moved, *(func.coalesce(n, 0) for n in numbers))
            .outerjoin(counts, counts.c.feed == f.url)
            .order_by(f.outlet, f.url)
        ).all()
        waiting = tuple(retries.waiting_pages(connection, time.time()))
        given_up = tuple(retries.given_up_pages(connection))
    return FeedList(tuple(ListedFeed(*row[:6], *map(int, row[6:])) for row in rows), waiting, given_up)


def fetch_limits(study: Study) -> FetchLimits:
    """Return the study's limits on fetching, from study.toml."""
    settings = study.settings.feeds
    allow = tuple(name.lower() for name in settings.allow)
    sizes = (settings.timeout, settings.max_bytes, settings.redirects, settings.at_once)
    return FetchLimits(settings.delay, *sizes, allow, settings.contact)


def record_feed(connection: Connection, feed: Row[Any], page: Page, parsed_feed: Feed | None) -> tuple[int, int]:
    """Store a feed's state and its new and changed entries; `parsed_feed` is None if the server reports no change.

    Return the numbers of entries to be fetched and of entries seen before, without those whose page failed.
    """
    headers = {name: page.headers[name] for name in ("etag", "last-modified") if name in page.headers}
    row: dict[str, Any] = {"checked_at": timestamp(), "why": None}
    if page.moved is not None:
        row["moved"] = page.moved
    if parsed_feed is None:
        connection.execute(update(db.feeds).where(db.feeds.c.url == feed.url).values(row))
        return 0, max(0, feed.listed - len(_without_page(connection, feed.url)))
    row |= {"headers": json.dumps(headers), "listed": len(parsed_feed.entries), "title": parsed_feed.title}
    connection.execute(update(db.feeds).where(db.feeds.c.url == feed.url).values(row))
    e = db.feed_entries.c
    stamps = dict(connection.execute(select(e.id, e.stamp).where(e.feed == feed.url)).tuples().all())
    is_gone = select(e.id).where(e.feed == feed.url, e.state == retries.REMOVED)
    removed = set(connection.execute(is_gone).scalars())
    changed_entries = [(short_digest(f"{feed.url}\n{entry.id}", 20), entry) for entry in parsed_feed.entries]
    without_page = _without_page(connection, feed.url)
    unchanged = sum(
        id in removed or (stamps.get(id) == entry.stamp and id not in without_page) for id, entry in changed_entries
    )
    changed_entries = [
        (id, entry) for id, entry in changed_entries if id not in removed and stamps.get(id) != entry.stamp
    ]
    rows = [
        {
            "id": id,
            "feed": feed.url,
            "url": entry.url,
            "stamp": entry.stamp,
            "content": json.dumps(asdict(entry), ensure_ascii=False),
            "state": retries.PENDING,
            "tries": 0,
            "next_try": None,
        }
        for id, entry in changed_entries
    ]
    db.put(connection, db.feed_entries, rows, replace=["url", "stamp", "content", "state", "tries", "next_try"])
    return len(changed_entries), unchanged


def _without_page(connection: Connection, feed: str) -> set[str]:
    """Return the entries of a feed whose page has still to come, or was given up."""
    e = db.feed_entries.c
    missing = e.state.in_((retries.PENDING, retries.GIVEN_UP))
    return set(connection.execute(select(e.id).where(e.feed == feed, missing)).scalars())


def record_failure(connection: Connection, feed: str, why: str) -> None:
    """Store the reason why a feed could not be read."""
    connection.execute(update(db.feeds).where(db.feeds.c.url == feed).values(checked_at=timestamp(), why=why))


def article_from_other_feed(connection: Connection, entry: PendingEntry, outlet: str) -> str | None:
    """Return the article that another feed of the outlet already gave for the entry's address."""
    e, f = db.feed_entries.c, db.feeds.c
    return connection.execute(
        select(e.article)
        .join(db.feeds, f.url == e.feed)
        .where(e.url == entry.url, e.id != entry.id, e.article.is_not(None), f.outlet == outlet)
        .limit(1)
    ).scalar()


def is_known_page(study: Study, entry: PendingEntry, outlet: str) -> bool:
    """Return whether a feed of the outlet gave the entry's address before, and store the same outcome for the entry."""
    with study.store.reading() as connection:
        article = article_from_other_feed(connection, entry, outlet)
        if article is None and not _is_removed_page(connection, entry, outlet):
            return False
    with study.store.writing() as connection:
        if article is None:
            retries.record_removed(connection, [entry.id])
        else:
            retries.record_outcome(connection, entry, article, None)
    return True


def _is_removed_page(connection: Connection, entry: PendingEntry, outlet: str) -> bool:
    """Return whether a feed of the outlet gave the entry's address for an article that was removed."""
    e, f = db.feed_entries.c, db.feeds.c
    removed = (e.url == entry.url, e.state == retries.REMOVED, f.outlet == outlet)
    return connection.execute(select(e.id).join(db.feeds, f.url == e.feed).where(*removed).limit(1)).first() is not None


def has_other_address(connection: Connection, entry: PendingEntry, feed: str, article: str) -> bool:
    """Return whether the feed has this article under another address too; then the canonical address is wrong."""
    e = db.feed_entries.c
    other = select(e.id).where(e.feed == feed, e.article == article, e.url != entry.url).limit(1)
    return connection.execute(other).first() is not None


def read_origin_states(connection: Connection) -> dict[str, OriginState]:
    """Return the stored state of each origin."""
    rows = connection.execute(select(db.feed_hosts)).all()
    return {row.origin: OriginState(row.robots, row.robots_until, row.rest_until) for row in rows}


def store_origin_states(connection: Connection, states: Mapping[str, OriginState]) -> None:
    """Store the state of each origin for the next poll."""
    rows: Iterable[dict[str, Any]] = [{"origin": origin, **asdict(state)} for origin, state in states.items()]
    rows = [row | {"robots": row["robots"].replace("\x00", "")} for row in rows]
    db.put(connection, db.feed_hosts, rows, replace=["robots", "robots_until", "rest_until"])
