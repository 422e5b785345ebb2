"""Where spans are: in a headline, and in a passage that the last revision of their article still has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import select

from annotate.estimators.draws import Mask
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

PASSAGES = ("headline", "teaser", "paragraph")


def in_headline(study: Study, spans: Sequence[str]) -> Mask:
    """Return which spans are part of a headline (spans)."""
    places = _places(study, spans, ("headline",))
    return np.array([any(_encloses(place, span) for place in places.get(span.revision, ())) for span in _parsed(spans)])


def in_last_revision(study: Study, spans: Sequence[str]) -> tuple[Mask, int]:
    """Return which spans the last revision of their article still has in the same passage (spans).

    The passage is the paragraph, teaser or headline. Also returned is the number of articles with several revisions.
    """
    last = _last_texts(study, spans)
    kept: Mask = np.ones(len(spans), dtype=bool)
    if not last:
        return kept, 0
    places, texts = _places(study, list(spans), PASSAGES), _texts(study, set(last))
    for i, span in enumerate(_parsed(spans)):
        if span.revision in last:
            around = [place for place in places.get(span.revision, ()) if _encloses(place, span)]
            start, end = min(around, key=lambda place: place[1] - place[0], default=(span.start, span.end))
            kept[i] = texts[span.revision][start:end] in last[span.revision]
    return kept, len(last)


def _parsed(spans: Sequence[str]) -> Iterator[Span]:
    return map(Span.from_id, spans)


def _encloses(place: tuple[int, int], span: Span) -> bool:
    return place[0] <= span.start and span.end <= place[1]


def _places(study: Study, spans: Sequence[str], units: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Return where spans of these units are in the revisions of some spans."""
    s = db.spans.c
    places: dict[str, list[tuple[int, int]]] = {}
    with study.store.reading() as connection:
        for batch in db.batches(sorted({span.partition(":")[0] for span in spans})):
            query = select(s.revision, s.start, s.end).where(s.revision.in_(batch), s.unit.in_(units))
            for row in connection.execute(query):
                places.setdefault(row.revision, []).append((row.start, row.end))
    return places


def _last_texts(study: Study, spans: Sequence[str]) -> dict[str, str]:
    """Return by first revision the text of the last one, of the articles of some spans that have several."""
    first, later = db.revisions.alias().c, db.revisions.alias()
    last: dict[str, str] = {}
    with study.store.reading() as connection:
        for batch in db.batches(sorted({span.partition(":")[0] for span in spans})):
            query = (
                select(first.id, later.c.text)
                .join(later, later.c.article == first.article)
                .where(first.id.in_(batch), later.c.number > 0)
                .order_by(later.c.number)
            )
            last.update(connection.execute(query).tuples().all())
    return last


def _texts(study: Study, revisions: set[str]) -> dict[str, str]:
    r = db.revisions.c
    texts: dict[str, str] = {}
    with study.store.reading() as connection:
        for batch in db.batches(sorted(revisions)):
            texts.update(connection.execute(select(r.id, r.text).where(r.id.in_(batch))).tuples().all())
    return texts
