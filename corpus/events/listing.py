"""List a study's events, show how outlets word one, and import a table of events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, func, select

from corpus.draft import Refusal
from corpus.errors import BadStudy
from corpus.result import Result, printed_as
from corpus.span import Enclosures
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import span_codes
from corpus.study.history.log import logged

from .groups import stored_event_table, update_events
from .table import EventRow, read_event_table

if TYPE_CHECKING:
    from .table import EventTable

ORIGINS = ("told", "table", "found")  # from a manifest or table of articles, by the event table's rules, by likeness


@dataclass(frozen=True)
class MentionInContext:
    """One mention in its sentence, with its code on the codebook's focus variable, if it is coded (`span_codes`)."""

    span: str
    left: str
    match: str
    right: str
    code: str | None


@dataclass(frozen=True)
class EventArticle:
    """One article about an event; `copy_of` is the earliest article with the same text."""

    article: str
    outlet: str
    date: str | None
    title: str | None
    url: str | None
    origin: str
    copy_of: str | None
    mentions: tuple[MentionInContext, ...]


class _Facts(NamedTuple):
    """The known facts about an event: from its row in the event table, else from its earliest article."""

    event: str
    origin: str
    day: str | None
    place: str | None
    gained: str | None
    title: str | None


@dataclass(frozen=True)
class Event(Result):
    """What happened, as far as it is known, and the articles about it, by outlet and date.

    `assigned` is the number of the study's articles that have been assigned to an event just now, `cut_texts` of those
    about it that are left out, since only their beginnings were read.
    """

    event: str
    origin: str
    day: str | None
    place: str | None
    gained: str | None
    title: str | None
    outlets: tuple[str, ...]
    articles: tuple[EventArticle, ...]
    assigned: int = printed_as(None, default=0, compare=False)
    cut_texts: int = 0
    rows = "articles"


@dataclass(frozen=True)
class ListedEvent:
    """An event with the numbers of its articles and of their texts, where copies count once."""

    event: str
    origin: str
    day: str | None
    place: str | None
    gained: str | None
    title: str | None
    articles: int
    texts: int
    outlets: tuple[str, ...]


@dataclass(frozen=True)
class EventList(Result):
    """A study's events by day; `assigned` is the number of articles that have been assigned to an event just now.

    `cut_texts` articles are left out, since only their beginnings were read.
    """

    events: tuple[ListedEvent, ...]
    assigned: int = printed_as(None, default=0, compare=False)
    cut_texts: int = 0
    rows = "events"


@dataclass(frozen=True)
class ImportedEvents(Result):
    """The number of articles about each event of an imported table, the rows that were refused, and doubts about it."""

    events: Mapping[str, int]
    refusals: tuple[Refusal, ...] = printed_as("refused")
    warnings: tuple[Refusal, ...] = ()
    rows = "events"


@logged("events import")
def import_event_table(study: Study, table: EventTable) -> ImportedEvents:
    """Import a CSV file or a data frame as the study's event table and assign articles to its rows.

    It has the columns `place, day` and optionally `gained, id, title`. An earlier table is replaced; where every row
    is refused it stays. Raises BadFile if it is not an event table; nothing is changed then.
    """
    warnings: list[Refusal] = []
    rows, refusals = read_event_table(table, lambda why: warnings.append(Refusal(str(table), why)))
    if not rows:
        return ImportedEvents({}, tuple(refusals), tuple(warnings))
    with study.store.writing() as connection:
        connection.execute(delete(db.events))
        table_rows = ({**asdict(row), "day": row.day.isoformat(), "position": place} for place, row in enumerate(rows))
        db.put(connection, db.events, table_rows)
    articles = {row.event: row.articles for row in list_events(study).events if row.origin == "table"}
    return ImportedEvents(articles, tuple(refusals), tuple(warnings))


def _members(connection: Connection, event: str | None = None) -> list[Any]:
    """Return the articles about an event, or about any event, with the event, its origin, and whether they are cut."""
    a, t, c = db.articles.c, db.event_assignments.c, db.cut_texts.c
    name, cut = func.coalesce(a.event, t.event), (func.coalesce(c.state, "") == "cut").label("cut")
    query = (
        select(a.id, a.outlet, a.published, a.title, a.url, a.copy_group, name.label("tells"), a.event, t.origin, cut)
        .outerjoin(db.event_assignments, t.article == a.id)
        .outerjoin(db.cut_texts, c.article == a.id)
    )
    query = query.where(name.is_not(None) if event is None else name == event)
    return list(connection.execute(query.order_by(a.outlet, a.published.nulls_last(), a.id)).all())


def _origin(row: Any) -> str:
    return "told" if row.event else str(row.origin)


@logged("events list")
def list_events(study: Study, *, least: int = 2) -> EventList:
    """Return the events by day: those given or listed, and those detected with at least `least` texts.

    Articles added since the last call are assigned to events first, by `update_events`.
    """
    assigned = update_events(study)
    with study.store.reading() as connection:
        table = {row.id: row for row in stored_event_table(connection)}
        members_of: dict[str, list[Any]] = {id: [] for id in table}
        members = _members(connection)
    for row in members:
        if not row.cut:
            members_of.setdefault(row.tells, []).append(row)
    listed = []
    for event, about in members_of.items():
        facts = _facts(event, about, table.get(event))
        texts = len({row.copy_group for row in about})
        if facts.origin != "found" or texts >= least:
            outlets = tuple(sorted({row.outlet for row in about}))
            listed.append(ListedEvent(*facts, articles=len(about), texts=texts, outlets=outlets))
    ordered = tuple(sorted(listed, key=lambda row: (row.day or "9999", row.event)))
    return EventList(ordered, assigned, sum(row.cut for row in members))


def _facts(event: str, members: Iterable[Any], row: EventRow | None) -> _Facts:
    ordered = sorted(members, key=lambda article: (article.published or "9999", article.id))
    origins = {_origin(article) for article in ordered}
    return _Facts(
        event,
        origin="table" if row else min(origins, key=ORIGINS.index),
        day=row.day.isoformat() if row else ordered[0].published,
        place=row.place if row else None,
        gained=row.gained if row else None,
        title=(row.title if row else None) or next((article.title for article in ordered if article.title), None),
    )


def find_event(study: Study, id: str) -> Event:
    """Return the event with an id, or the event of the article with it, and its mentions side by side.

    Articles added since the last call are assigned to events first. Raises BadStudy if there is neither.
    """
    assigned = update_events(study)
    with study.store.reading() as connection:
        table = {row.id: row for row in stored_event_table(connection)}
        rows = _members(connection, id)
        if not rows and id not in table:
            event = next((row.tells for row in _members(connection) if row.id == id), None)
            if event is None:
                raise BadStudy(
                    f"the study has no event {id!r}, and no article with this id that has an event; see `events list`"
                )
            id, rows = event, _members(connection, event)
    whole = [row for row in rows if not row.cut]
    earliest: dict[str, str] = {}
    for row in sorted(whole, key=lambda row: (row.published or "9999", row.id)):
        earliest.setdefault(row.copy_group, row.id)
    mentions = _mentions(study, {row.id for row in whole})
    articles = tuple(
        EventArticle(
            row.id, row.outlet, row.published, row.title, row.url, _origin(row),
            None if earliest[row.copy_group] == row.id else earliest[row.copy_group], tuple(mentions.get(row.id, ())),
        )
        for row in whole
    )  # fmt: skip
    outlets = tuple(sorted({article.outlet for article in articles}))
    facts = _facts(id, rows, table.get(id))
    return Event(*facts, outlets, articles, assigned, len(rows) - len(whole))


def _mentions(study: Study, articles: Collection[str]) -> dict[str, list[MentionInContext]]:
    """Return the mentions of articles, each with the rest of its sentence or headline."""
    r, s = db.revisions.c, db.spans.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(r.article, r.text, s.id, s.unit, s.start, s.end)
            .join(db.spans, s.revision == r.id)
            .where(r.number == 0, r.article.in_(articles), s.unit.in_(("mention", "sentence", "headline", "paragraph")))
            .order_by(r.article, s.start)
        ).all()
    codes = span_codes(study, study.codebook.focus_variable.name)
    units: dict[str, list[tuple[int, int, None]]] = {}
    for row in rows:
        if row.unit != "mention":
            units.setdefault(row.article, []).append((row.start, row.end, None))
    enclosures = {article: Enclosures(places) for article, places in units.items()}
    mentions: dict[str, list[MentionInContext]] = {}
    for row in rows:
        if row.unit == "mention":
            around = enclosures[row.article].around(row.start, row.end) if row.article in enclosures else []
            enclosing = [(b - a, a, b) for a, b, _ in around]
            _, start, end = min(enclosing, default=(0, row.start, row.end))
            parts = row.text[start : row.start], row.text[row.start : row.end], row.text[row.end : end]
            mentions.setdefault(row.article, []).append(MentionInContext(row.id, *parts, codes.get(row.id)))
    return mentions
