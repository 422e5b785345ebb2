"""Events of a study: told by manifests, listed in an event table, or found; all outlets' mentions of one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, select

from corpus.article import short_digest
from corpus.draft import Refusal
from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.wording.kwic import commonest_codes

from .clustering import EventText, assign_events
from .table import EventRow, matching_row, read_event_table

RECIPE = "1"  # raised when the same articles are grouped in another way
ORIGINS = ("told", "table", "found")  # who says it: a manifest or a table of articles, the event table's rule, likeness
_BATCH = 500  # articles


@dataclass(frozen=True)
class MentionInContext:
    """One mention in its sentence, with the commonest blind answer to the codebook's focus, where people coded it."""

    span: str
    left: str
    match: str
    right: str
    code: str | None


@dataclass(frozen=True)
class EventArticle:
    """One article that tells an event; `copy_of` is the earliest article with the same text."""

    article: str
    outlet: str
    date: str | None
    title: str | None
    url: str | None
    origin: str
    copy_of: str | None
    mentions: tuple[MentionInContext, ...]


@dataclass(frozen=True)
class Event:
    """What happened, as far as it is known, and the articles that tell it, by outlet and date."""

    id: str
    origin: str
    day: str | None
    place: str | None
    gained: str | None
    title: str | None
    articles: tuple[EventArticle, ...]


def import_event_table(study: Study, path: Path) -> tuple[int, list[Refusal]]:
    """Make a CSV the study's event table and give articles to its rows; return how many it has, and the refusals.

    The table that was imported before is replaced. Raises BadFile where it is none, and changes nothing then.
    """
    rows, refusals = read_event_table(path)
    if not rows:
        return 0, refusals
    with study.store.writing() as connection:
        connection.execute(delete(db.events))
        told = ({**asdict(row), "day": row.day.isoformat(), "position": place} for place, row in enumerate(rows))
        db.put(connection, db.events, told)
    update_events(study)
    return len(rows), refusals


def update_events(study: Study) -> int:
    """Give articles that came since last time an event; return how many. What was found stays, copies stay together.

    First come the events that manifests and tables tell: copies of such an article tell the same. Then the rows of the
    event table, by their rules. The rest is grouped by likeness, and may join an event that was told or found before,
    but not one of the event table. An article without a date tells no event, unless a copy does.
    """
    a, t = db.articles.c, db.event_assignments.c
    with study.store.writing() as connection:
        articles = connection.execute(select(a.id, a.copy_group, a.published, a.event).order_by(a.id)).all()
        table = _event_table(connection)
        due = short_digest(json.dumps([RECIPE, list(map(list, articles)), list(map(str, table))]), 24)
        if db.get_meta(connection, "events") == due:
            return 0
        before = {
            row.article: (row.event, row.origin) for row in connection.execute(select(t.article, t.event, t.origin))
        }
        groups: dict[str, list[Any]] = {}
        for row in sorted(articles, key=lambda row: (row.published or "9999", row.id)):
            groups.setdefault(row.copy_group or row.id, []).append(row)
        placed = _events_of_groups(connection, list(groups.values()), table, before)
        now = {row.id: placed[row.copy_group or row.id] for row in articles
               if row.event is None and (row.copy_group or row.id) in placed}  # fmt: skip
        if gone := [article for article in before if article not in now]:
            for first in range(0, len(gone), _BATCH):
                connection.execute(delete(db.event_assignments).where(t.article.in_(gone[first : first + _BATCH])))
        moved = [
            {"article": article, "event": event, "origin": origin}
            for article, (event, origin) in now.items()
            if before.get(article) != (event, origin)
        ]
        db.put(connection, db.event_assignments, moved, replace=["event", "origin"])
        db.set_meta(connection, "events", due)
    return len(moved)


def _event_table(connection: Connection) -> list[EventRow]:
    e = db.events.c
    rows = connection.execute(select(e.id, e.place, e.day, e.gained, e.title).order_by(e.position))
    return [EventRow(row.id, row.place, date.fromisoformat(row.day), row.gained, row.title) for row in rows]


def _events_of_groups(
    connection: Connection,
    groups: Sequence[Sequence[Any]],
    table: Sequence[EventRow],
    before: Mapping[str, tuple[str, str]],
) -> dict[str, tuple[str, str]]:
    """Return for each copy group, by its name, its event and who says so."""
    listed = {row.id for row in table}
    found: dict[str, tuple[str, str]] = {}
    tellings: list[EventText] = []
    known: dict[str, str] = {}
    texts = _texts(connection, [members[0].id for members in groups if members[0].published])
    for members in groups:
        first, name = members[0], members[0].copy_group or members[0].id
        if told := next((member.event for member in members if member.event), None):
            found[name] = told, "told"
        if not first.published:
            continue
        one = EventText(name, date.fromisoformat(first.published), texts[first.id])
        if not told and (row := matching_row(table, one.day, one.text)):
            found[name] = row.id, "table"
        event = next((before[m.id][0] for m in members if before.get(m.id, ("", ""))[1] == "found"), None)
        if (told or event) and (told or event) not in listed:
            known[name] = told or str(event)
        if name not in found or (told and told not in listed):
            tellings.append(one)
    telling = {event for event, origin in found.values() if origin == "told"}
    sizes: dict[str, int] = {}
    for one in tellings:
        if one.id in known:
            sizes[known[one.id]] = sizes.get(known[one.id], 0) + 1
    # a text that was alone is no event yet, and may be joined by any that comes
    known = {name: event for name, event in known.items() if event in telling or sizes.get(event, 0) > 1}
    free = [one for one in tellings if one.id not in known]
    joined = assign_events(tellings, known) if free else known
    return {**{name: (event, "found") for name, event in joined.items()}, **found}


def _texts(connection: Connection, articles: Sequence[str]) -> dict[str, str]:
    """Return the words of articles: headlines and paragraphs of the first revision, without teasers and furniture."""
    r, s = db.revisions.c, db.spans.c
    found = {}
    for first in range(0, len(articles), _BATCH):
        some = articles[first : first + _BATCH]
        texts = {row.id: row for row in connection.execute(
            select(r.id, r.article, r.text).where(r.number == 0, r.article.in_(some)))}  # fmt: skip
        places: dict[str, list[tuple[int, int]]] = {}
        wanted = s.revision.in_(list(texts)) & s.unit.in_(("headline", "paragraph"))
        for row in connection.execute(select(s.revision, s.start, s.end).where(wanted).order_by(s.start)):
            places.setdefault(row.revision, []).append((row.start, row.end))
        for id, row in texts.items():
            parts = [row.text[start:end] for start, end in places.get(id, [])]
            found[row.article] = "\n\n".join(parts) or row.text
    return found


def _members(connection: Connection, event: str | None = None) -> list[Any]:
    """Return the articles that tell an event, or any, with it and who says so."""
    a, t = db.articles.c, db.event_assignments.c
    name = func.coalesce(a.event, t.event)
    asked = select(
        a.id, a.outlet, a.published, a.title, a.url, a.copy_group, name.label("tells"), a.event, t.origin
    ).outerjoin(db.event_assignments, t.article == a.id)
    asked = asked.where(name.is_not(None) if event is None else name == event)
    return list(connection.execute(asked.order_by(a.outlet, a.published.nulls_last(), a.id)).all())


def _origin(row: Any) -> str:
    return "told" if row.event else str(row.origin)


def list_events(study: Study, least: int = 2) -> list[dict[str, Any]]:
    """Return one row per event by day: those that are told or listed, and of those found the ones with `least` texts.

    `{"event", "origin", "day", "place", "gained", "title", "articles", "texts", "outlets"}`; `texts`: copies once.
    """
    with study.store.reading() as connection:
        table = {row.id: row for row in _event_table(connection)}
        told: dict[str, list[Any]] = {id: [] for id in table}
        for row in _members(connection):
            told.setdefault(row.tells, []).append(row)
    found = []
    for event, members in told.items():
        head = _head(event, members, table.get(event))
        texts = len({row.copy_group for row in members})
        if head["origin"] != "found" or texts >= least:
            outlets = sorted({row.outlet for row in members})
            found.append({**head, "articles": len(members), "texts": texts, "outlets": outlets})
    return sorted(found, key=lambda row: (row["day"] or "9999", row["event"]))


def _head(event: str, members: Iterable[Any], row: EventRow | None) -> dict[str, Any]:
    """Return what is known of an event: what the table says, else day and headline of its earliest article."""
    ordered = sorted(members, key=lambda one: (one.published or "9999", one.id))
    origins = {_origin(one) for one in ordered}
    return {
        "event": event,
        "origin": "table" if row else min(origins, key=ORIGINS.index),
        "day": row.day.isoformat() if row else ordered[0].published,
        "place": row.place if row else None,
        "gained": row.gained if row else None,
        "title": (row.title if row else None) or next((one.title for one in ordered if one.title), None),
    }


def find_event(study: Study, id: str) -> Event:
    """Return the event with an id, or the one that an article tells. Raises BadStudy where there is neither."""
    with study.store.reading() as connection:
        table = {row.id: row for row in _event_table(connection)}
        rows = _members(connection, id)
        if not rows and id not in table:
            tells = next((row.tells for row in _members(connection) if row.id == id), None)
            if tells is None:
                raise BadStudy(
                    f"the study has no event {id!r} and no article of that id that tells one; see `events list`"
                )
            id, rows = tells, _members(connection, tells)
    head = _head(id, rows, table.get(id))
    earliest: dict[str, str] = {}
    for row in sorted(rows, key=lambda one: (one.published or "9999", one.id)):
        earliest.setdefault(row.copy_group, row.id)
    mentions = _mentions(study, {row.id for row in rows})
    articles = tuple(
        EventArticle(
            row.id, row.outlet, row.published, row.title, row.url, _origin(row),
            None if earliest[row.copy_group] == row.id else earliest[row.copy_group], tuple(mentions.get(row.id, ())),
        )
        for row in rows
    )  # fmt: skip
    head["id"] = head.pop("event")
    return Event(**head, articles=articles)


def _mentions(study: Study, articles: Collection[str]) -> dict[str, list[MentionInContext]]:
    """Return the mentions of some articles, each with the rest of its sentence or headline."""
    r, s = db.revisions.c, db.spans.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(r.article, r.text, s.id, s.unit, s.start, s.end)
            .join(db.spans, s.revision == r.id)
            .where(r.number == 0, r.article.in_(articles), s.unit.in_(("mention", "sentence", "headline", "paragraph")))
            .order_by(r.article, s.start)
        ).all()
    codes = commonest_codes(study, study.codebook.focus_variable.name)
    around: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row.unit != "mention":
            around.setdefault(row.article, []).append((row.start, row.end))
    found: dict[str, list[MentionInContext]] = {}
    for row in rows:
        if row.unit == "mention":
            fits = [(b - a, a, b) for a, b in around[row.article] if a <= row.start and row.end <= b]
            _, start, end = min(fits, default=(0, row.start, row.end))
            said = row.text[start : row.start], row.text[row.start : row.end], row.text[row.end : end]
            found.setdefault(row.article, []).append(MentionInContext(row.id, *said, codes.get(row.id)))
    return found


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as `events show --json` prints it."""
    row = asdict(event)
    outlets = sorted({told.outlet for told in event.articles})
    articles = row.pop("articles")
    return {"event": row.pop("id"), **row, "outlets": outlets, "articles": articles}
