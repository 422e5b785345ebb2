"""Read what coders marked in passages themselves (layout `highlight`), including passages without any mark."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import COUNTED_PURPOSES, select_answers
from corpus.study.passages import spans_in_text

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")


@dataclass(frozen=True)
class Mark:
    """A coder's mark, `text[start:end]` of a passage, with its codes by variable."""

    start: int
    end: int
    codes: Mapping[str, str]


@dataclass(frozen=True)
class MarkedPassage:
    """A passage with the marks of each coder who has read it, which may be none."""

    passage: str
    article: str
    text: str
    marks: Mapping[str, Sequence[Mark]]


def words(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word of a text, without punctuation.

    >>> words("Northland’s well-armed troops took Velo.")
    [(0, 11), (12, 22), (23, 29), (30, 34), (35, 39)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def marked_passages(study: Study, round: str | None = None, *, version: str | None = None) -> list[MarkedPassage]:
    """Return the passages that at least two coders have answered, in one round or in all rounds that count.

    `version` is the codebook version, by default the current one. A skipped passage does not count as answered.
    """
    r, o = db.rounds.c, db.outcomes.c
    conditions = [r.layout == "highlight", r.codebook_version == (version or study.codebook.version)]
    conditions.append(r.purpose.in_(COUNTED_PURPOSES) if round is None else r.name == round)
    query = (
        select(o.span, o.coder, o.round)
        .join(db.rounds, r.name == o.round)
        .where(o.state == "answered", *conditions)
        .order_by(o.span, o.coder, o.at, o.round)
    )
    with study.store.reading() as connection:
        readings = connection.execute(query).all()
    if not readings:
        return []
    located = spans_in_text(study, dict.fromkeys(reading.span for reading in readings))
    answers = select_answers(study, round, version=version).frame[["span", "coder", "round", "variable", "code"]]
    codes_by_mark: dict[tuple[str, str, str], dict[Span, dict[str, str]]] = {}
    for id, coder, name, variable, code in answers.itertuples(index=False, name=None):
        mark = Span.from_id(id)
        codes_by_mark.setdefault((mark.revision, coder, name), {}).setdefault(mark, {})[variable] = code
    passages: dict[str, MarkedPassage] = {}
    for id, coder, name in readings:
        drawn = located[id].span
        marks = [
            Mark(mark.start - drawn.start, mark.end - drawn.start, codes)
            for mark, codes in sorted(codes_by_mark.get((drawn.revision, coder, name), {}).items(), key=lambda m: m[0])
            if drawn.start <= mark.start and mark.end <= drawn.end
        ]
        passage = passages.get(id) or MarkedPassage(id, located[id].article, located[id].words, {})
        passages[id] = replace(passage, marks={coder: marks, **passage.marks})  # a coder's first reading counts
    return [passage for passage in passages.values() if len(passage.marks) > 1]
