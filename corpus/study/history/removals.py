"""What was removed from the study on purpose: articles and coders. Draws of removed articles keep their π."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from corpus.study import database as db

ARTICLE, CODER = "article", "coder"  # kinds of what was removed
SPLIT_TEXT = "split text"  # a text that was split into articles of which one was removed


def note_removals(connection: Connection, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Note what is removed: rows with `name`, and optionally `outlet`, `revisions` (ids) and `removed` (numbers)."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    values = [
        {
            "at": at,
            "kind": kind,
            "name": row["name"],
            "outlet": row.get("outlet"),
            "revisions": json.dumps(list(row.get("revisions", ()))),
            "removed": json.dumps(dict(row.get("removed", {}))),
        }
        for row in rows
    ]
    if values:
        connection.execute(db.removals.insert(), values)


def days_of_removal(connection: Connection, articles: Collection[str]) -> dict[str, str]:
    """Return the days on which articles, or texts that were split into articles, were removed, by their ids."""
    t = db.removals.c
    query = select(t.name, func.max(t.at)).where(t.kind.in_((ARTICLE, SPLIT_TEXT))).group_by(t.name)
    found: dict[str, str] = {}
    for batch in db.batches(articles):
        rows = connection.execute(query.where(t.name.in_(batch))).tuples()
        found.update({name: at[:10] for name, at in rows})
    return found


def is_coder_removed(connection: Connection, name: str) -> bool:
    """Return whether a coder was removed."""
    t = db.removals.c
    return connection.execute(select(t.id).where(t.kind == CODER, t.name == name).limit(1)).first() is not None


def count_removed_articles(connection: Connection) -> int:
    """Return how many articles were removed."""
    t = db.removals.c
    return int(connection.execute(select(func.count(t.name.distinct())).where(t.kind == ARTICLE)).scalar_one())


def removed_revisions(connection: Connection) -> set[str]:
    """Return the ids of the revisions of removed articles; frames and draws still name spans of them."""
    rows = connection.execute(select(db.removals.c.revisions).where(db.removals.c.kind == ARTICLE)).scalars()
    return {revision for row in rows for revision in json.loads(row)}


def still_there(connection: Connection, spans: Iterable[str]) -> set[str]:
    """Return those of some spans that the study has: others may have been removed while work on them went on."""
    s = db.spans.c.id
    return {
        id
        for batch in db.batches(dict.fromkeys(spans))
        for id in connection.execute(select(s).where(s.in_(batch))).scalars()
    }


def is_removed(revisions: Collection[str], span: str) -> bool:
    """Return whether a span is in one of the revisions that `removed_revisions` returns.

    >>> is_removed({"a-1"}, "a-1:mention:0-4"), is_removed(set(), "a-1:mention:0-4")
    (True, False)
    """
    return bool(revisions) and span.partition(":")[0] in revisions
