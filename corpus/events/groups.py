"""Assign a study's articles to events (from manifests, an event table, or by likeness) and list their mentions."""

from __future__ import annotations

import json
from collections import Counter
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

RECIPE = "1"  # to be raised when the same articles would be grouped differently
ORIGINS = ("told", "table", "found")  # from a manifest or table of articles, by the event table's rules, by likeness
_BATCH = 500  # articles


@dataclass(frozen=True)
class MentionInContext:
    """One mention in its sentence, with the commonest blind answer to the codebook's focus variable, if it is coded."""

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


@dataclass(frozen=True)
class Event:
    """What happened, as far as it is known, and the articles about it, by outlet and date."""

    id: str
    origin: str
    day: str | None
    place: str | None
    gained: str | None
    title: str | None
    articles: tuple[EventArticle, ...]


def import_event_table(study: Study, path: Path) -> tuple[int, list[Refusal]]:
    """Import a CSV as the study's event table and assign articles to its rows; return its rows' number and refusals.

    An earlier table is replaced. Raises BadFile if the file is not an event table; nothing is changed then.
    """
    rows, refusals = read_event_table(path)
    if not rows:
        return 0, refusals
    with study.store.writing() as connection:
        connection.execute(delete(db.events))
        table_rows = ({**asdict(row), "day": row.day.isoformat(), "position": place} for place, row in enumerate(rows))
        db.put(connection, db.events, table_rows)
    update_events(study)
    return len(rows), refusals


def update_events(study: Study) -> int:
    """Assign an event to articles added since the last call; return how many changed. Detected events stay as they are.

    First come the events given by manifests and tables of articles, which copies of such an article share. Then the
    rows of the event table, by their rules. The other articles are grouped by likeness and may join an event that was
    given or detected before, but not one of the event table. Copies are never separated. An article without a date has
    no event, unless a copy has one.
    """
    a, t = db.articles.c, db.event_assignments.c
    with study.store.writing() as connection:
        articles = connection.execute(select(a.id, a.copy_group, a.published, a.event).order_by(a.id)).all()
        table = _event_table(connection)
        digest = short_digest(json.dumps([RECIPE, list(map(list, articles)), list(map(str, table))]), 24)
        if db.get_meta(connection, "events") == digest:
            return 0
        before = {
            row.article: (row.event, row.origin) for row in connection.execute(select(t.article, t.event, t.origin))
        }
        groups: dict[str, list[Any]] = {}
        for row in sorted(articles, key=lambda row: (row.published or "9999", row.id)):
            groups.setdefault(row.copy_group or row.id, []).append(row)
        group_events = _events_of_groups(connection, list(groups.values()), table, before)
        assigned = {row.id: group_events[row.copy_group or row.id] for row in articles
               if row.event is None and (row.copy_group or row.id) in group_events}  # fmt: skip
        if unassigned := [article for article in before if article not in assigned]:
            for first in range(0, len(unassigned), _BATCH):
                connection.execute(
                    delete(db.event_assignments).where(t.article.in_(unassigned[first : first + _BATCH]))
                )
        changed = [
            {"article": article, "event": event, "origin": origin}
            for article, (event, origin) in assigned.items()
            if before.get(article) != (event, origin)
        ]
        db.put(connection, db.event_assignments, changed, replace=["event", "origin"])
        db.set_meta(connection, "events", digest)
    return len(changed)


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
    """Return the event and its origin for each copy group."""
    table_events = {row.id for row in table}
    group_events: dict[str, tuple[str, str]] = {}
    texts_to_cluster: list[EventText] = []
    known: dict[str, str] = {}
    texts_of_articles = _texts(connection, [members[0].id for members in groups if members[0].published])
    for members in groups:
        first, name = members[0], members[0].copy_group or members[0].id
        if manifest_event := next((member.event for member in members if member.event), None):
            group_events[name] = manifest_event, "told"
        if not first.published:
            continue
        text = EventText(name, date.fromisoformat(first.published), texts_of_articles[first.id])
        if not manifest_event and (row := matching_row(table, text.day, text.text)):
            group_events[name] = row.id, "table"
        found_event = next((before[m.id][0] for m in members if before.get(m.id, ("", ""))[1] == "found"), None)
        known_event = manifest_event or found_event
        if known_event and known_event not in table_events:
            known[name] = known_event
        if name not in group_events or (manifest_event and manifest_event not in table_events):
            texts_to_cluster.append(text)
    manifest_events = {event for event, origin in group_events.values() if origin == "told"}
    sizes = Counter(known[text.id] for text in texts_to_cluster if text.id in known)
    # a text that was alone is not an event yet; any new text may join it
    known = {name: event for name, event in known.items() if event in manifest_events or sizes[event] > 1}
    has_new_texts = any(text.id not in known for text in texts_to_cluster)
    clustered = assign_events(texts_to_cluster, known) if has_new_texts else known
    return {**{name: (event, "found") for name, event in clustered.items()}, **group_events}


def _texts(connection: Connection, articles: Sequence[str]) -> dict[str, str]:
    """Return the texts of articles: headlines and paragraphs of the first revision, without teasers and furniture."""
    r, s = db.revisions.c, db.spans.c
    texts_of_articles = {}
    for first in range(0, len(articles), _BATCH):
        batch = articles[first : first + _BATCH]
        texts = {row.id: row for row in connection.execute(
            select(r.id, r.article, r.text).where(r.number == 0, r.article.in_(batch)))}  # fmt: skip
        offsets: dict[str, list[tuple[int, int]]] = {}
        wanted = s.revision.in_(list(texts)) & s.unit.in_(("headline", "paragraph"))
        for row in connection.execute(select(s.revision, s.start, s.end).where(wanted).order_by(s.start)):
            offsets.setdefault(row.revision, []).append((row.start, row.end))
        for id, row in texts.items():
            parts = [row.text[start:end] for start, end in offsets.get(id, [])]
            texts_of_articles[row.article] = "\n\n".join(parts) or row.text
    return texts_of_articles


def _members(connection: Connection, event: str | None = None) -> list[Any]:
    """Return the articles about an event, or about any, with the event and its origin."""
    a, t = db.articles.c, db.event_assignments.c
    name = func.coalesce(a.event, t.event)
    query = select(
        a.id, a.outlet, a.published, a.title, a.url, a.copy_group, name.label("tells"), a.event, t.origin
    ).outerjoin(db.event_assignments, t.article == a.id)
    query = query.where(name.is_not(None) if event is None else name == event)
    return list(connection.execute(query.order_by(a.outlet, a.published.nulls_last(), a.id)).all())


def _origin(row: Any) -> str:
    return "told" if row.event else str(row.origin)


def list_events(study: Study, least: int = 2) -> list[dict[str, Any]]:
    """Return one row per event, by day: those given or listed, and those detected with at least `least` texts.

    The keys are `event, origin, day, place, gained, title, articles, texts, outlets`; `texts` counts copies once.
    """
    with study.store.reading() as connection:
        table = {row.id: row for row in _event_table(connection)}
        members_of: dict[str, list[Any]] = {id: [] for id in table}
        for row in _members(connection):
            members_of.setdefault(row.tells, []).append(row)
    listed = []
    for event, members in members_of.items():
        head = _head(event, members, table.get(event))
        texts = len({row.copy_group for row in members})
        if head["origin"] != "found" or texts >= least:
            outlets = sorted({row.outlet for row in members})
            listed.append({**head, "articles": len(members), "texts": texts, "outlets": outlets})
    return sorted(listed, key=lambda row: (row["day"] or "9999", row["event"]))


def _head(event: str, members: Iterable[Any], row: EventRow | None) -> dict[str, Any]:
    """Return an event's facts: those of its row in the event table, else day and headline of its earliest article."""
    ordered = sorted(members, key=lambda article: (article.published or "9999", article.id))
    origins = {_origin(article) for article in ordered}
    return {
        "event": event,
        "origin": "table" if row else min(origins, key=ORIGINS.index),
        "day": row.day.isoformat() if row else ordered[0].published,
        "place": row.place if row else None,
        "gained": row.gained if row else None,
        "title": (row.title if row else None) or next((article.title for article in ordered if article.title), None),
    }


def find_event(study: Study, id: str) -> Event:
    """Return the event with an id, or the event of the article with it. Raises BadStudy if there is neither."""
    with study.store.reading() as connection:
        table = {row.id: row for row in _event_table(connection)}
        rows = _members(connection, id)
        if not rows and id not in table:
            event = next((row.tells for row in _members(connection) if row.id == id), None)
            if event is None:
                raise BadStudy(
                    f"the study has no event {id!r}, and no article with this id that has an event; see `events list`"
                )
            id, rows = event, _members(connection, event)
    head = _head(id, rows, table.get(id))
    earliest: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: (row.published or "9999", row.id)):
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
    """Return the mentions of articles, each with the rest of its sentence or headline."""
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
    mentions: dict[str, list[MentionInContext]] = {}
    for row in rows:
        if row.unit == "mention":
            enclosing = [(b - a, a, b) for a, b in around[row.article] if a <= row.start and row.end <= b]
            _, start, end = min(enclosing, default=(0, row.start, row.end))
            parts = row.text[start : row.start], row.text[row.start : row.end], row.text[row.end : end]
            mentions.setdefault(row.article, []).append(MentionInContext(row.id, *parts, codes.get(row.id)))
    return mentions


def event_json(event: Event) -> dict[str, Any]:
    """Return an event as `events show --json` prints it."""
    row = asdict(event)
    outlets = sorted({article.outlet for article in event.articles})
    articles = row.pop("articles")
    return {"event": row.pop("id"), **row, "outlets": outlets, "articles": articles}
