"""Look up spans with their text, headline, outlet and date."""

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
    """A span with its revision's text, the headline's offsets in it, and the metadata of its article."""

    span: Span
    text: str
    headline: tuple[int, int] | None
    article: str
    outlet: str
    date: str | None
    title: str | None
    language: str | None
    copy_group: str | None
    event: str | None  # from a manifest, a table's column or the event table; not one that was only detected

    @property
    def words(self) -> str:
        """The span's own words."""
        return self.text[self.span.start : self.span.end]

    @property
    def passage(self) -> Passage:
        """The span's paragraph with the headline before it."""
        return passage(self.text, self.span.start, self.span.end, headline=self.headline)


def spans_in_text(study: Study, spans: Iterable[str]) -> dict[str, SpanInText]:
    """Return the spans by their ids, in the order given; ids of unknown revisions are left out.

    Only the texts of these spans' revisions are read.
    """
    by_id = {id: Span.from_id(id) for id in spans}
    revisions = sorted({span.revision for span in by_id.values()})
    a, r, t = db.articles.c, db.revisions.c, db.event_assignments.c
    query = (
        select(
            r.id, r.text, r.article, a.outlet, a.published, a.title, a.language, a.copy_group,
            func.coalesce(a.event, t.event).label("event"),
        )
        .join(db.articles, a.id == r.article)
        .outerjoin(db.event_assignments, (t.article == a.id) & (t.origin != "found"))
    )  # fmt: skip
    read = {}
    with study.store.reading() as connection:
        for first in range(0, len(revisions), _BATCH):
            for row in connection.execute(query.where(r.id.in_(revisions[first : first + _BATCH]))):
                read[row.id] = row, headline_in(row.text, row.title) if row.title else None
    in_text = {}
    for id, span in by_id.items():
        if span.revision in read:
            row, headline = read[span.revision]
            in_text[id] = SpanInText(
                span, row.text, headline, row.article, row.outlet, row.published, row.title, row.language,
                row.copy_group, row.event,
            )  # fmt: skip
    return in_text
