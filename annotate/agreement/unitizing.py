"""Marking: how far coders agree on which words are mentions, where they mark these themselves.

Each word of a passage is a unit that a coder has marked or not, so that marks which nearly coincide agree in part, and
a word that nobody marked is agreement too, as far as it is beyond chance. The codes are compared on the words that both
coders marked. These are two of the coefficients of Krippendorff, Mathet, Bouvry and Widlöcher (2016), On the
reliability of unitizing textual continua: further developments, Quality & Quantity: the binary one and that of codes
given overlap, with words in the place of lengths. Span F1 is what computer scientists report beside it; it knows no
chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from corpus.codebook import Code, Codebook, Variable

from .agreement import VariableAgreement, on_variable
from .alpha import ROUNDS
from .marked_spans import Mark, MarkedPassage, words
from .reliability_data import numbered

MARKED = Variable(name="marked", question="Is this word part of a mention?", codes=(Code(name="no"), Code(name="yes")))


@dataclass(frozen=True)
class SpanF1:
    """How far the marks of two coders, or of all pairs pooled, coincide: 2 |A ∩ B| / (|A| + |B|).

    `exact` counts marks with the same offsets, `overlap` those that share a character with one of the other coder. None
    where nobody marked anything.
    """

    n_marks: int
    exact: float | None
    overlap: float | None
    coders: tuple[str, str] | None = None

    def json(self) -> dict[str, object]:
        """The figures as `agree --json` prints them."""
        who = {"coders": list(self.coders)} if self.coders else {}
        return {**who, "exact": self.exact, "overlap": self.overlap, "n_marks": self.n_marks}


@dataclass(frozen=True)
class Marking:
    """Agreement on what is marked: alpha over words (`tokens`), of each variable's codes given overlap, and span F1."""

    n_passages: int
    tokens: VariableAgreement
    codes: Mapping[str, VariableAgreement]
    span_f1: SpanF1
    pairs: tuple[SpanF1, ...]

    def json(self) -> dict[str, object]:
        """What `agree --json` prints under `marking`; `n_units` counts words."""
        return {
            "n_passages": self.n_passages,
            "tokens": {**self.tokens.json(), "gate": self.tokens.gate},
            "codes": {name: {**one.json(), "gate": one.gate} for name, one in self.codes.items()},
            "span_f1": {**self.span_f1.json(), "pairs": [pair.json() for pair in self.pairs]},
        }


def marking(book: Codebook, passages: Sequence[MarkedPassage], rounds: int = ROUNDS, seed: int = 0) -> Marking | None:
    """Compute agreement on what coders marked; None where no passage was read by two.

    The intervals resample whole articles. Where marks of one coder overlap, the shorter one gives a word its codes.

    >>> from corpus.codebook import load
    >>> text = "Northland took Velo and liberated Karsk."
    >>> one, both = [Mark(10, 14, {})], [Mark(10, 14, {}), Mark(24, 33, {})]
    >>> found = marking(load("territorial-control"), [MarkedPassage("p", "a", text, {"ada": both, "ben": one})])
    >>> found.tokens.n_units, round(found.tokens.alpha, 3), round(found.span_f1.exact, 3)
    (6, 0.593, 0.667)
    """
    if not passages:
        return None
    marked: list[tuple[str, str, str, str]] = []  # word, coder, code, article
    coded: dict[str, list[tuple[str, str, str, str]]] = {variable.name: [] for variable in book.variables}
    for one in passages:
        for number, (start, end) in enumerate(words(one.text)):
            unit = f"{one.passage}#{number}"
            for coder, marks in one.marks.items():
                over = [mark for mark in marks if mark.start < end and start < mark.end]
                marked.append((unit, coder, "yes" if over else "no", one.article))
                codes = min(over, key=lambda mark: mark.end - mark.start).codes if over else {}
                for name, code in codes.items():
                    if name in coded and set(code.split("|")) <= set(book.by_name[name].code_names):
                        coded[name].append((unit, coder, code, one.article))
    pairs = _pairs(passages)
    return Marking(
        n_passages=len(passages),
        tokens=_agreement(MARKED, marked, rounds, seed),
        codes={variable.name: _agreement(variable, coded[variable.name], rounds, seed) for variable in book.variables},
        span_f1=_f1(marks for _, marks in pairs),
        pairs=tuple(_f1([marks], coders) for coders, marks in pairs),
    )


def _agreement(
    variable: Variable, rows: Sequence[tuple[str, str, str, str]], rounds: int, seed: int
) -> VariableAgreement:
    units, coders, codes, articles = ([row[n] for row in rows] for n in range(4))
    return on_variable(numbered(variable, units, coders, codes, articles), rounds, seed)


Both = list[tuple[Sequence[Mark], Sequence[Mark]]]  # of two coders, by passage


def _pairs(passages: Sequence[MarkedPassage]) -> list[tuple[tuple[str, str], Both]]:
    found: dict[tuple[str, str], Both] = {}
    for one in passages:
        for first, second in combinations(sorted(one.marks), 2):
            found.setdefault((first, second), []).append((one.marks[first], one.marks[second]))
    return sorted(found.items())


def _f1(pairs: Iterable[Both], coders: tuple[str, str] | None = None) -> SpanF1:
    number = exact = overlap = 0
    for both in pairs:
        for first, second in both:
            for mine, theirs in ((first, second), (second, first)):
                places = {(mark.start, mark.end) for mark in theirs}
                number += len(mine)
                exact += sum((mark.start, mark.end) in places for mark in mine)
                overlap += sum(any(mark.start < b and a < mark.end for a, b in places) for mark in mine)
    return SpanF1(number, exact / number if number else None, overlap / number if number else None, coders)
