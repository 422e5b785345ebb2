"""Poll a study's feeds and add their new articles; a poll can be interrupted and resumed at any time."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import Row, select

from corpus.article import Article
from corpus.articles.add_result import AddResult, drawn_notes, state_of_drawn
from corpus.articles.identity import is_state_of
from corpus.articles.ingest import store_draft
from corpus.articles.spans import respan
from corpus.copies.address_forms import without_tracking
from corpus.draft import Draft, Refusal
from corpus.errors import BadFeed, BadFile, NotFetched, SlantwiseError
from corpus.result import Result, balance, plain
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from . import retries, stored_pages, subscriptions
from .addresses import host_of
from .extraction import extract_article, load_extractor
from .fetch import Fetcher, Page, Resolve, resolve_host, run_async
from .formats import MAX_ENTRIES, parse_feed
from .retries import PendingEntry

Progress = Callable[[int, int, str], None]  # done, known so far, what
T = TypeVar("T")


@dataclass
class PollResult(Result):
    """The outcome of a poll: the ids of new and changed articles, refusals, and the requests and time it took.

    The balance adds up: `read`, the entries that were listed or still pending and the feeds that could not be read, is
    the sum of new, changed, unchanged, passed over and refused. `warnings` concern articles that were stored all the
    same, and `own_keys` articles whose address or id another one has already. `waiting` and `given_up` are pages of
    earlier polls that failed: they were not read by this one.
    """

    feeds: int = 0
    read: int = 0
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0  # entries seen before, or fetched without a change
    passed_over: list[Refusal] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    own_keys: list[Refusal] = field(default_factory=list)
    waiting: list[Refusal] = field(default_factory=list)  # pages that failed and are asked for again later
    given_up: list[Refusal] = field(default_factory=list)  # pages that are no longer asked for
    notes: list[str] = field(default_factory=list)  # what of the texts is not counted, such as page furniture
    requests: int = 0
    seconds: float = 0.0

    @property
    def up_to_date(self) -> int:
        """How many entries are now up to date."""
        return len(self.new) + len(self.changed) + self.unchanged

    @property
    def balance(self) -> str:
        """What became of everything that was read, in a line that adds up."""
        outcomes = len(self.new), len(self.changed), self.unchanged
        line = balance(self.read, *outcomes, len(self.passed_over), len(self.refusals))
        waiting = f"; {len(self.waiting)} more wait for their next try" if self.waiting else ""
        return line + waiting + (f"; {len(self.given_up)} given up" if self.given_up else "")

    def json(self) -> dict[str, Any]:
        """Return what `feeds poll --json` prints: numbers, with the articles' ids apart."""
        return {
            "feeds": self.feeds,
            "read": self.read,
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": self.unchanged,
            "refused": plain(self.refusals),
            "passed_over": plain(self.passed_over),
            "warnings": plain(self.warnings),
            "own_keys": plain(self.own_keys),
            "waiting": plain(self.waiting),
            "given_up": plain(self.given_up),
            "articles": {"new": self.new, "changed": self.changed},
            "notes": self.notes,
            "requests": self.requests,
            "seconds": round(self.seconds, 2),
        }


@logged("feeds poll")
def poll_feeds(
    study: Study,
    *,
    progress: Progress = lambda done, known, what: None,
    resolve: Resolve = resolve_host,
    clock: Callable[[], float] = time.time,
) -> PollResult:
    """Fetch every feed of the study once, then the pages of its new and changed entries, and split them into spans.

    Each article is stored as soon as it is fetched; entries left by an interrupted poll are fetched by the next one.
    A page that fails is asked for again after an hour, six hours, a day, two and four; then it is given up.
    `progress` receives how many feeds and pages were fetched, how many are known so far, and the last address.
    `resolve` looks up a host's IP addresses, `clock` returns the seconds since 1970. Raises BadFeed if the study has no
    feeds.
    """
    started = time.monotonic()
    with study.store.reading() as connection:
        feeds = connection.execute(select(db.feeds).order_by(db.feeds.c.url)).all()
        origins = subscriptions.read_origin_states(connection)
        drawn = state_of_drawn(connection)
    before = deepcopy(origins)
    if not feeds:
        raise BadFeed("the study has no feeds; add one with: slantwise feeds add URL --outlet NAME")
    fetcher = Fetcher(subscriptions.fetch_limits(study), origins=origins, resolve=resolve, clock=clock)
    polling = _Poll(study, fetcher, progress, len(feeds), clock)
    with study.store.reading() as connection:
        polling.result.waiting = retries.waiting_pages(connection, clock())
    try:
        run_async(polling.run(feeds))
    finally:
        with study.store.writing() as connection:
            changed = {origin: state for origin, state in origins.items() if before.get(origin) != state}
            subscriptions.store_origin_states(connection, changed)  # of the others another poll knows more
    spans = respan(study)
    polling.result.notes += spans.notes + AddResult(new=polling.result.new, undated=polling.undated).undated_note
    polling.result.warnings += spans.warnings
    with study.store.reading() as connection:
        polling.result.given_up = retries.given_up_pages(connection)
        polling.result.notes += drawn_notes(drawn, connection)
    polling.result.requests = sum(host.requests for host in fetcher.hosts.values())
    polling.result.seconds = time.monotonic() - started
    return polling.result


@logged("feeds retry")
def retry_pages(
    study: Study,
    *urls: str,
    progress: Progress = lambda done, known, what: None,
    resolve: Resolve = resolve_host,
    clock: Callable[[], float] = time.time,
) -> PollResult:
    """Ask again for pages that were given up or wait for their next try, as part of a poll of all feeds.

    `urls` are addresses of such pages, or of feeds, whose pages are then all asked for; without any, every such page
    is. A named page is fetched too if it was refused for what was in it. Raises BadFeed for an address that no feed
    lists, or if the study has no feeds.
    """
    retries.make_due(study, urls)
    return poll_feeds(study, progress=progress, resolve=resolve, clock=clock)


class _Poll:
    """One poll: feeds in parallel, the entries of one host one after the other, articles stored by one thread."""

    def __init__(
        self, study: Study, fetcher: Fetcher, progress: Progress, known: int, clock: Callable[[], float]
    ) -> None:
        self.study, self.fetcher, self.clock = study, fetcher, clock
        self.result = PollResult(feeds=known)
        self._progress, self._finished, self._known, self.undated = progress, 0, known, 0
        self._loaded = False
        self._claims: defaultdict[tuple[str, str | None], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, feeds: Sequence[Row[Any]]) -> None:
        # one thread extracts and writes while others fetch, and the database has a single writer
        with ThreadPoolExecutor(1, "storing") as self._thread:
            async with self.fetcher:
                await asyncio.gather(*(self._feed(feed) for feed in feeds))

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _step(self, what: str) -> None:
        self._finished += 1
        self._progress(self._finished, self._known, what)

    async def _feed(self, feed: Row[Any]) -> None:
        """Fetch one feed, then the pages of its pending entries, one after the other for each host."""
        try:
            page = await self.fetcher.get(feed.moved or feed.url, json.loads(feed.headers))
            if await self._in_thread(self._read, feed, page) and not self._loaded:
                self._loaded = True  # while the first pages are fetched
                asyncio.get_running_loop().run_in_executor(None, load_extractor)
        except SlantwiseError as error:
            self.result.read += 1
            self.result.refusals.append(Refusal(feed.url, str(error)))
            await self._in_thread(self._failed, feed.url, str(error))
        self._step(feed.url)
        by_host: defaultdict[str, list[PendingEntry]] = defaultdict(list)
        for entry in await self._in_thread(self._waiting, feed.url):
            by_host[host_of(entry.url)].append(entry)
            self.result.read += 1
            self._known += 1
        await asyncio.gather(*(self._in_turn(feed, entries) for entries in by_host.values()))

    async def _in_turn(self, feed: Row[Any], entries: Sequence[PendingEntry]) -> None:
        for entry in entries:
            async with self._claims[feed.outlet, entry.url]:  # two feeds of an outlet may have the same article
                await self._entry(feed, entry)
            self._step(entry.url or feed.url)

    async def _entry(self, feed: Row[Any], entry: PendingEntry) -> None:
        try:
            page = None
            if entry.url is not None:
                validators = await self._in_thread(self._known_page, feed, entry)
                if validators is None:
                    return
                page = await self.fetcher.get(entry.url, validators)
            await self._in_thread(self._take, feed, entry, page)
        except SlantwiseError as error:
            await self._in_thread(self._refuse, feed, entry, error)

    # the methods below run in the one thread that writes

    def _read(self, feed: Row[Any], page: Page) -> int:
        parsed_feed = None if page.unchanged else parse_feed(page.body, page.url, page.headers.get("content-type", ""))
        with self.study.store.writing() as connection:
            pending, unchanged = subscriptions.record_feed(connection, feed, page, parsed_feed)
        self.result.unchanged += unchanged
        self.result.read += unchanged
        if parsed_feed is not None and parsed_feed.doubt:
            self.result.warnings.append(Refusal(feed.url, parsed_feed.doubt))
        if parsed_feed is not None and parsed_feed.omitted:
            why = f"the feed has {parsed_feed.omitted} more entries than the {MAX_ENTRIES:,} that are read of one feed"
            self.result.passed_over.append(Refusal(feed.url, why))
            self.result.read += 1
        return pending

    def _failed(self, feed: str, why: str) -> None:
        with self.study.store.writing() as connection:
            subscriptions.record_failure(connection, feed, why)

    def _waiting(self, feed: str) -> list[PendingEntry]:
        with self.study.store.reading() as connection:
            return retries.pending_entries(connection, feed, self.clock())

    def _known_page(self, feed: Row[Any], entry: PendingEntry) -> dict[str, str] | None:
        """Return the headers of the page's last response; None if another feed has just given the same page."""
        with self.study.store.reading() as connection:
            if entry.article is not None and entry.url is not None:
                return dict(stored_pages.validators(connection, entry.url))
        if not subscriptions.is_known_page(self.study, entry, feed.outlet):
            return {}
        self.result.unchanged += 1
        return None

    def _take(self, feed: Row[Any], entry: PendingEntry, page: Page | None) -> None:
        """Store a page and its article in one transaction."""
        if page is not None and page.unchanged:
            with self.study.store.writing() as connection:
                retries.record_outcome(connection, entry, entry.article, None)
            self.result.unchanged += 1
            return
        if page is not None:
            stored_pages.write_page(self.study, page)
        where, body, headers = entry.name(feed.url), page.body if page else None, page.headers if page else {}
        url = page.url if page else f"{feed.url}#{entry.entry.id}"
        intake = AddResult()
        if entry.entry.date_problem:
            intake.warnings.append(Refusal(where, entry.entry.date_problem))
        with self.study.store.writing() as connection:
            if page is not None:
                stored_pages.record_page(connection, page)
            try:
                draft = extract_article(entry.entry, feed.outlet, body, url, headers)
            except BadFile as error:
                intake.refusals.append(Refusal(where, str(error)))
                article = None
            else:
                draft = self._own_key(draft, connection, feed, entry, url)
                stored = store_draft(self.study, connection, draft)
                intake.note(stored, where)
                article = stored.article or None
            why = intake.refusals[0].why if intake.refusals else None
            if intake.passed_over:
                self._forget(connection, entry, page)
            else:
                retries.record_outcome(connection, entry, article, why)
        self.undated += intake.undated
        self.result.new += intake.new
        self.result.changed += intake.changed
        self.result.unchanged += len(intake.unchanged)
        self.result.passed_over += intake.passed_over
        self.result.refusals += intake.refusals
        self.result.warnings += intake.warnings
        self.result.own_keys += intake.own_keys

    def _forget(self, connection: Any, entry: PendingEntry, page: Page | None) -> None:
        retries.record_removed(connection, [entry.id])  # nothing of the page is kept: its article was removed
        for file in stored_pages.forget_pages(self.study, connection, [page.requested] if page else []):
            file.unlink(missing_ok=True)

    def _own_key(self, draft: Draft, connection: Any, feed: Row[Any], entry: PendingEntry, url: str) -> Draft:
        """Return the draft with the article's stored key, or with its own address if the canonical one is wrong.

        An entry whose text is unlike that of its article is about another one: its feed uses ids again.
        """
        if entry.article is not None:
            a, r = db.articles.c, db.revisions.c
            states = connection.execute(
                select(a.key, r.text).join(db.revisions, r.article == a.id).where(a.id == entry.article)
            ).all()
            if any(is_state_of(draft.text, state.text) for state in states):
                # the time of a change is no day of publication
                is_stated = entry.entry.published is not None or draft.date_stated
                return replace(draft, key=states[0].key, published=draft.published if is_stated else None)
        article = Article(feed.outlet, draft.normalised().key).id if draft.key else ""
        if subscriptions.has_other_address(connection, entry, feed.url, article):
            return replace(draft, key=without_tracking(url), url=without_tracking(url))
        return draft

    def _refuse(self, feed: Row[Any], entry: PendingEntry, error: SlantwiseError) -> None:
        with self.study.store.writing() as connection:
            if isinstance(error, NotFetched):
                retries.record_failure_of_page(connection, entry, error, self.clock())
            else:
                retries.record_outcome(connection, entry, None, str(error))
        self.result.refusals.append(Refusal(entry.name(feed.url), str(error)))
