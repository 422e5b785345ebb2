"""Assign a study's articles to events: from manifests, an event table, or by likeness."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, select

from corpus.article import short_digest
from corpus.study import Study
from corpus.study import database as db

from .clustering import EventText, assign_events
from .table import EventRow, matching_row

log = logging.getLogger(__name__)

RECIPE = "1"  # to be raised when the same articles would be grouped differently
_BATCH = 500  # articles
_TRIES = 2  # to group articles while others write; after that they wait

_Due = tuple[Sequence[Any], list[EventRow], str]  # the articles, the event table and the digest of both
_Events = Mapping[str, tuple[str, str]]  # the event of an article, and its origin


def update_events(study: Study) -> int:
    """Assign an event to articles added since the last call; return how many changed. Detected events stay as they are.

    First come the events given by manifests and tables of articles, which copies of such an article share. Then the
    rows of the event table, by their rules. The other articles are grouped by likeness and may join an event that was
    given or detected before, but not one of the event table. Copies are never separated. An article without a date has
    no event, unless a copy has one.
    """
    with study.store.reading() as connection:
        is_due = _due(connection) is not None
    if is_due and study.store.why_not_writable:
        log.warning("some articles are not assigned to an event yet, and this study can only be read")
    if not is_due or study.store.why_not_writable:
        return 0
    for _ in range(_TRIES):  # grouping takes long in a large study, so others may write meanwhile
        with study.store.reading() as connection:
            if (due := _due(connection)) is None:
                return 0
            before = _stored_events(connection)
            assigned = _assigned_events(connection, due, before)
        with study.store.writing() as connection:
            if _due(connection) == due and _stored_events(connection) == before:
                return _store(connection, due, before, assigned)
    with study.store.writing() as connection:
        if (due := _due(connection)) is None:
            return 0
        before = _stored_events(connection)
        return _store(connection, due, before, _assigned_events(connection, due, before))


def _stored_events(connection: Connection) -> _Events:
    """Return the stored event of each article that names none itself, and its origin."""
    t = db.event_assignments.c
    rows = connection.execute(select(t.article, t.event, t.origin))
    return {row.article: (row.event, row.origin) for row in rows}


def _assigned_events(connection: Connection, due: _Due, before: _Events) -> _Events:
    """Return the event of each article that names none itself, and its origin, as they are to be stored."""
    articles, table, _ = due
    groups: dict[str, list[Any]] = {}
    for row in sorted(articles, key=lambda row: (row.published or "9999", row.id)):
        groups.setdefault(row.copy_group or row.id, []).append(row)
    group_events = _events_of_groups(connection, list(groups.values()), table, before)
    return {row.id: group_events[row.copy_group or row.id] for row in articles
            if row.event is None and (row.copy_group or row.id) in group_events}  # fmt: skip


def _store(connection: Connection, due: _Due, before: _Events, assigned: _Events) -> int:
    """Store the events of articles; return how many changed."""
    t = db.event_assignments.c
    for batch in db.batches((article for article in before if article not in assigned), _BATCH):
        connection.execute(delete(db.event_assignments).where(t.article.in_(batch)))
    changed = [
        {"article": article, "event": event, "origin": origin}
        for article, (event, origin) in assigned.items()
        if before.get(article) != (event, origin)
    ]
    db.put(connection, db.event_assignments, changed, replace=["event", "origin"])
    db.set_meta(connection, db.EVENTS, due[2])
    return len(changed)


def _due(connection: Connection) -> _Due | None:
    """Return the articles, the event table and the digest of both; None where they are those of the last call."""
    a = db.articles.c
    articles = connection.execute(select(a.id, a.copy_group, a.published, a.event).order_by(a.id)).all()
    table = stored_event_table(connection)
    digest = short_digest(json.dumps([RECIPE, list(map(list, articles)), list(map(str, table))]), 24)
    return None if db.get_meta(connection, db.EVENTS) == digest else (articles, table, digest)


def stored_event_table(connection: Connection) -> list[EventRow]:
    """Return the rows of the study's event table, in its order."""
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
