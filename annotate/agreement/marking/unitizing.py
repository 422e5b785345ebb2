"""Unitizing agreement: how far coders agree on which words are mentions, where they mark the mentions themselves.

Each word of a passage is a unit that a coder has marked or not, so marks that nearly coincide agree in part, and words
that nobody marked count as (chance-corrected) agreement too. The codes are compared on the words that both coders
marked. These are two of the coefficients of Krippendorff, Mathet, Bouvry and Widlöcher (2016), On the reliability of
unitizing textual continua: further developments, Quality & Quantity: the binary one and the one for codes given
overlap, computed over words instead of lengths. Span F1 is the measure that computer scientists report; it is not
corrected for chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from annotate.agreement.alpha import RESAMPLES
from annotate.agreement.reliability_data import data_from_columns
from annotate.agreement.variable_agreement import VariableAgreement, variable_agreement
from corpus.annotation import codes_of
from corpus.codebook import Code, Codebook, Variable
from corpus.result import Result

from .marked_spans import Mark, MarkedPassage, words

MARKED = Variable(name="marked", question="Is this word part of a mention?", codes=(Code(name="no"), Code(name="yes")))


@dataclass(frozen=True)
class SpanF1(Result):
    """Overlap of the marks of coders: 2 |A ∩ B| / (|A| + |B|).

    `exact` counts marks with the same offsets, `overlap` marks that share a character with one of the other coder's.
    Both are None where nobody marked anything.
    """

    n_marks: int
    exact: float | None
    overlap: float | None


@dataclass(frozen=True)
class PairF1(SpanF1):
    """Overlap of the marks of two coders."""

    coders: tuple[str, str]


@dataclass(frozen=True)
class PooledF1(SpanF1):
    """Overlap of the marks of all pairs of coders, pooled, and of each pair."""

    pairs: tuple[PairF1, ...]


@dataclass(frozen=True)
class UnitizingAgreement(Result):
    """Agreement on marks: alpha over words (`tokens`), alpha of each variable's codes given overlap, and span F1."""

    n_passages: int
    tokens: VariableAgreement
    codes: Mapping[str, VariableAgreement]
    span_f1: PooledF1


def unitizing_agreement(
    book: Codebook, passages: Sequence[MarkedPassage], resamples: int = RESAMPLES, seed: int = 0
) -> UnitizingAgreement | None:
    """Compute agreement on what coders marked; None if no passage was read by two coders.

    The intervals resample whole articles. Where marks of one coder overlap, a word gets the codes of the shortest mark.

    >>> from corpus.codebook import load
    >>> text = "Northland took Velo and liberated Karsk."
    >>> marks = {"ada": [Mark(10, 14, {}), Mark(24, 33, {})], "ben": [Mark(10, 14, {})]}
    >>> agreement = unitizing_agreement(load("territorial-control"), [MarkedPassage("p", "a", text, marks)])
    >>> agreement.tokens.n_units, round(agreement.tokens.alpha, 3), round(agreement.span_f1.exact, 3)
    (6, 0.593, 0.667)
    """
    if not passages:
        return None
    word_rows: list[tuple[str, str, str, str]] = []  # word, coder, code, article
    code_rows: dict[str, list[tuple[str, str, str, str]]] = {variable.name: [] for variable in book.variables}
    for passage in passages:
        for number, (start, end) in enumerate(words(passage.text)):
            word = f"{passage.passage}#{number}"
            for coder, marks in passage.marks.items():
                covering = [mark for mark in marks if mark.start < end and start < mark.end]
                word_rows.append((word, coder, "yes" if covering else "no", passage.article))
                codes = min(covering, key=lambda mark: mark.end - mark.start).codes if covering else {}
                for name, code in codes.items():
                    if name in code_rows and set(codes_of(code)) <= set(book.by_name[name].code_names):
                        code_rows[name].append((word, coder, code, passage.article))
    pairs = _pairs(passages)
    return UnitizingAgreement(
        n_passages=len(passages),
        tokens=_agreement(MARKED, word_rows, resamples, seed),
        codes={v.name: _agreement(v, code_rows[v.name], resamples, seed) for v in book.variables},
        span_f1=PooledF1(
            *_f1(marks for _, marks in pairs), tuple(PairF1(*_f1([marks]), coders) for coders, marks in pairs)
        ),
    )


def _agreement(
    variable: Variable, rows: Sequence[tuple[str, str, str, str]], resamples: int, seed: int
) -> VariableAgreement:
    units, coders, codes, articles = ([row[n] for row in rows] for n in range(4))
    return variable_agreement(data_from_columns(variable, units, coders, codes, articles), resamples, seed)


PairedMarks = list[tuple[Sequence[Mark], Sequence[Mark]]]  # marks of two coders, by passage


def _pairs(passages: Sequence[MarkedPassage]) -> list[tuple[tuple[str, str], PairedMarks]]:
    pairs: dict[tuple[str, str], PairedMarks] = {}
    for passage in passages:
        for first, second in combinations(sorted(passage.marks), 2):
            pairs.setdefault((first, second), []).append((passage.marks[first], passage.marks[second]))
    return sorted(pairs.items())


def _f1(pairs: Iterable[PairedMarks]) -> tuple[int, float | None, float | None]:
    """Return the number of marks, and the shares of them with the same offsets and with any overlap."""
    total = exact = overlap = 0
    for first, second in (marks for passages in pairs for marks in passages):
        for own, others in ((first, second), (second, first)):
            offsets = {(mark.start, mark.end) for mark in others}
            total += len(own)
            exact += sum((mark.start, mark.end) in offsets for mark in own)
            overlap += sum(any(mark.start < end and start < mark.end for start, end in offsets) for mark in own)
    return (total, exact / total, overlap / total) if total else (0, None, None)
