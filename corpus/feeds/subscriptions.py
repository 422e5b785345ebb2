"""Subscriptions: the feeds of a study, their entries, and what is remembered of their hosts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, Row, case, func, select, update

from corpus.article import normalise, short_digest
from corpus.errors import BadFeed
from corpus.study import Study
from corpus.study import database as db

from .addresses import parse_address
from .fetch import Page
from .formats import Feed, FeedEntry
from .pages import timestamp
from .politeness import FetchLimits, OriginState

MAX_POLLS = 5  # at which an entry's page is tried before it is given up


@dataclass(frozen=True)
class PendingEntry:
    """An entry whose page is to be fetched."""

    id: str
    url: str | None
    tries: int
    article: str | None
    entry: FeedEntry


def subscribe(study: Study, url: str, outlet: str) -> bool:
    """Subscribe to a feed; say whether it is new.

    Raises BadAddress for an address that is none, BadFeed for an outlet that the study does not declare, or where the
    feed is another outlet's already.
    """
    address, outlet = parse_address(url).url, normalise(outlet)
    declared = study.settings.outlets
    if not outlet:
        raise BadFeed("the feed needs an outlet; give --outlet NAME")
    if declared and outlet not in declared:
        near = get_close_matches(outlet, declared, 1, 0.5) or list(declared)
        raise BadFeed(f"{outlet!r} is no outlet of study.toml (nearest: {near[0]!r}); mend the name or add it there")
    with study.store.writing() as connection:
        known = connection.execute(select(db.feeds.c.outlet).where(db.feeds.c.url == address)).scalar()
        if known not in (None, outlet):
            raise BadFeed(f"{address} is a feed of {known!r} already, and an article has one outlet")
        db.put(connection, db.outlets, [{"name": outlet}])
        db.put(connection, db.feeds, [{"url": address, "outlet": outlet}])
    return known is None


def list_feeds(study: Study) -> list[dict[str, Any]]:
    """Return the study's feeds: `url, outlet, title, entries, taken, pending, refused, checked_at, why, moved`."""
    f, e = db.feeds.c, db.feed_entries.c
    states = [func.sum(case((e.state == state, 1), else_=0)).label(state) for state in ("taken", "pending", "refused")]
    counts = select(e.feed, func.count().label("entries"), *states).group_by(e.feed).subquery()
    with study.store.reading() as connection:
        rows = connection.execute(
            select(f.url, f.outlet, f.title, f.checked_at, f.why, f.moved, counts)
            .outerjoin(counts, counts.c.feed == f.url)
            .order_by(f.outlet, f.url)
        ).all()
    numbers = ("entries", "taken", "pending", "refused")
    return [
        {name: value for name, value in row._mapping.items() if name not in ("feed", *numbers)}
        | {name: int(row._mapping[name] or 0) for name in numbers}
        for row in rows
    ]


def fetch_limits(study: Study) -> FetchLimits:
    """Return how the study says that hosts are asked."""
    s = study.settings.feeds
    allow = tuple(name.lower() for name in s.allow)
    return FetchLimits(s.delay, s.timeout, s.max_bytes, s.redirects, s.at_once, allow, s.contact)


def record_feed(connection: Connection, feed: Row[Any], page: Page, found: Feed | None) -> tuple[int, int]:
    """Remember what a feed says, all of it or nothing; `found` is None where it says that nothing changed.

    Returns how many entries are to be fetched, and how many were seen before and are as they were.
    """
    headers = {name: page.headers[name] for name in ("etag", "last-modified") if name in page.headers}
    row: dict[str, Any] = {"checked_at": timestamp(), "why": None}
    if page.moved is not None:
        row["moved"] = page.moved
    if found is None:
        connection.execute(update(db.feeds).where(db.feeds.c.url == feed.url).values(row))
        return 0, feed.listed
    row |= {"headers": json.dumps(headers), "listed": len(found.entries), "title": found.title}
    connection.execute(update(db.feeds).where(db.feeds.c.url == feed.url).values(row))
    e = db.feed_entries.c
    known = dict(connection.execute(select(e.id, e.stamp).where(e.feed == feed.url)).tuples().all())
    fresh = [(short_digest(f"{feed.url}\n{entry.id}", 20), entry) for entry in found.entries]
    fresh = [(id, entry) for id, entry in fresh if known.get(id) != entry.stamp]
    rows = [
        {
            "id": id,
            "feed": feed.url,
            "url": entry.url,
            "stamp": entry.stamp,
            "content": json.dumps(asdict(entry), ensure_ascii=False),
            "state": "pending",
            "tries": 0,
        }
        for id, entry in fresh
    ]
    db.put(connection, db.feed_entries, rows, replace=["url", "stamp", "content", "state", "tries"])
    return len(fresh), len(found.entries) - len(fresh)


def record_failure(connection: Connection, feed: str, why: str) -> None:
    """Remember why a feed could not be read."""
    connection.execute(update(db.feeds).where(db.feeds.c.url == feed).values(checked_at=timestamp(), why=why))


def pending_entries(connection: Connection, feed: str) -> list[PendingEntry]:
    """Return the entries of a feed that are to be fetched, also those that an earlier poll left behind."""
    e = db.feed_entries.c
    rows = connection.execute(
        select(e.id, e.url, e.tries, e.article, e.content).where(e.feed == feed, e.state == "pending").order_by(e.id)
    )
    return [PendingEntry(row.id, row.url, row.tries, row.article, FeedEntry(**json.loads(row.content))) for row in rows]


def record_outcome(
    connection: Connection, entry: PendingEntry, article: str | None, why: str | None, again: bool = False
) -> None:
    """Remember what became of an entry: taken as an article, or refused, for good or until a later poll."""
    left = again and entry.tries + 1 < MAX_POLLS
    state = "taken" if why is None else "pending" if left else "refused"
    row = {"state": state, "why": why, "tries": entry.tries + 1, "article": article or entry.article}
    connection.execute(update(db.feed_entries).where(db.feed_entries.c.id == entry.id).values(row))


def article_from_other_feed(connection: Connection, entry: PendingEntry, outlet: str) -> str | None:
    """Return the article that another feed of the outlet has brought from the same address."""
    e, f = db.feed_entries.c, db.feeds.c
    return connection.execute(
        select(e.article)
        .join(db.feeds, f.url == e.feed)
        .where(e.url == entry.url, e.id != entry.id, e.article.is_not(None), f.outlet == outlet)
        .limit(1)
    ).scalar()


def has_other_address(connection: Connection, entry: PendingEntry, feed: str, article: str) -> bool:
    """Say whether the feed has brought this article from another address: then the page's canonical one is wrong."""
    e = db.feed_entries.c
    other = select(e.id).where(e.feed == feed, e.article == article, e.url != entry.url).limit(1)
    return connection.execute(other).first() is not None


def read_origin_states(connection: Connection) -> dict[str, OriginState]:
    """Return what is remembered of each origin."""
    rows = connection.execute(select(db.feed_hosts)).all()
    return {row.origin: OriginState(row.robots, row.robots_until, row.rest_until) for row in rows}


def store_origin_states(connection: Connection, memory: Mapping[str, OriginState]) -> None:
    """Keep what was learned of each origin for the next poll."""
    rows: Iterable[dict[str, Any]] = [{"origin": origin, **asdict(one)} for origin, one in memory.items()]
    rows = [row | {"robots": row["robots"].replace("\x00", "")} for row in rows]
    db.put(connection, db.feed_hosts, rows, replace=["robots", "robots_until", "rest_until"])
