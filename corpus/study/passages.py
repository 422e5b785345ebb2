"""Spans in their texts: what stands around a span, whose it is, and when it was published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from corpus.span import Passage, Span, headline_in, passage

from . import database as db

if TYPE_CHECKING:
    from .study import Study

_BATCH = 1000  # revisions a query: below the parameter limits of both databases


@dataclass(frozen=True)
class SpanInText:
    """A span with the text of its revision, the place of the headline in it, and what is known of its article."""

    span: Span
    text: str
    headline: tuple[int, int] | None
    article: str
    outlet: str
    date: str | None
    title: str | None
    language: str | None
    copy_group: str | None
    event: str | None  # as a manifest, a table's column or the event table says; not where it was only found

    @property
    def words(self) -> str:
        """The span's own words."""
        return self.text[self.span.start : self.span.end]

    @property
    def passage(self) -> Passage:
        """The span's paragraph with the headline before it."""
        return passage(self.text, self.span.start, self.span.end, headline=self.headline)


def spans_in_text(study: Study, spans: Iterable[str]) -> dict[str, SpanInText]:
    """Return the spans by their ids, in the order given; ids of no revision are left out.

    Only the texts of these spans' revisions are read.
    """
    places = {id: Span.from_id(id) for id in spans}
    revisions = sorted({place.revision for place in places.values()})
    a, r, t = db.articles.c, db.revisions.c, db.event_assignments.c
    query = (
        select(
            r.id, r.text, r.article, a.outlet, a.published, a.title, a.language, a.copy_group,
            func.coalesce(a.event, t.event).label("event"),
        )
        .join(db.articles, a.id == r.article)
        .outerjoin(db.event_assignments, (t.article == a.id) & (t.origin != "found"))
    )  # fmt: skip
    known = {}
    with study.store.reading() as connection:
        for first in range(0, len(revisions), _BATCH):
            for row in connection.execute(query.where(r.id.in_(revisions[first : first + _BATCH]))):
                known[row.id] = row, headline_in(row.text, row.title) if row.title else None
    found = {}
    for id, place in places.items():
        if place.revision in known:
            row, headline = known[place.revision]
            found[id] = SpanInText(
                place, row.text, headline, row.article, row.outlet, row.published, row.title, row.language,
                row.copy_group, row.event,
            )  # fmt: skip
    return found
