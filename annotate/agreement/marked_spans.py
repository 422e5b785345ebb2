"""Marks: what coders marked in passages themselves (layout `highlight`), and the passages where they marked nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import COUNTED, counting

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


@dataclass(frozen=True)
class Mark:
    """`text[start:end]` of a passage that a coder marked, and the codes given to it by variable."""

    start: int
    end: int
    codes: Mapping[str, str]


@dataclass(frozen=True)
class MarkedPassage:
    """A passage, and by coder what each who has read it has marked; nothing, it may be."""

    passage: str
    article: str
    text: str
    marks: Mapping[str, Sequence[Mark]]


def words(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the words of a text; punctuation is none.

    >>> words("Northland’s well-armed troops took Velo.")
    [(0, 11), (12, 22), (23, 29), (30, 34), (35, 39)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def marked_passages(study: Study, round: str | None = None, *, version: str | None = None) -> list[MarkedPassage]:
    """Return the passages that two coders or more have read and answered, in one round or in all that count.

    `version` is that of the codebook, the current one unless another is named. A passage that was skipped is not read.
    """
    r, o = db.rounds.c, db.outcomes.c
    mine = [r.layout == "highlight", r.codebook_version == (version or study.codebook.version)]
    mine.append(r.purpose.in_(COUNTED) if round is None else r.name == round)
    read = (
        select(o.span, o.coder, o.round, db.revisions.c.article, db.revisions.c.text)
        .join(db.rounds, r.name == o.round)
        .join(db.spans, db.spans.c.id == o.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .where(o.state == "answered", *mine)
        .order_by(o.span, o.coder, o.at, o.round)
    )
    with study.store.reading() as connection:
        readings = connection.execute(read).all()
    if not readings:
        return []
    answers = counting(study, round, version=version).frame[["span", "coder", "round", "variable", "code"]]
    given: dict[tuple[str, str, str], dict[Span, dict[str, str]]] = {}
    for span, coder, name, variable, code in answers.itertuples(index=False, name=None):
        place = Span.from_id(span)
        given.setdefault((place.revision, coder, name), {}).setdefault(place, {})[variable] = code
    found: dict[str, MarkedPassage] = {}
    for span, coder, name, article, text in readings:
        drawn = Span.from_id(span)
        inside = [
            Mark(place.start - drawn.start, place.end - drawn.start, codes)
            for place, codes in sorted(given.get((drawn.revision, coder, name), {}).items(), key=lambda one: one[0])
            if drawn.start <= place.start and place.end <= drawn.end
        ]
        before = found.get(span) or MarkedPassage(span, article, text[drawn.start : drawn.end], {})
        found[span] = MarkedPassage(span, article, before.text, {coder: inside, **before.marks})  # the first counts
    return [one for one in found.values() if len(one.marks) > 1]
