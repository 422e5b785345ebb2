"""Contested terms on the report: how unequal their use is between outlets, and their hits in context."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corpus.codebook import Codebook
from corpus.wording import kwic

CONTEXT = 70  # characters on each side: what fits beside the match on a wide screen
MOST_TERMS = 30
RARE = 10  # hits: below that a term's inequality is mostly chance
LINES = 40  # of one term and one outlet; more are sampled evenly over time
ALL_LINES = 4000  # about 1 MB of page

Place = tuple[int, int, int]  # the article's row in the frame, start, end


@dataclass(frozen=True)
class Term:
    """A term, its hits by outlet, and how unequal its use is between outlets (the G statistic)."""

    term: str
    hits: Mapping[str, list[Place]]
    inequality: float

    @property
    def total(self) -> int:
        """The number of hits in all outlets."""
        return sum(map(len, self.hits.values()))


def default_terms(book: Codebook) -> list[str]:
    """Return the terms of the focus variable's codes, else of any code, else those that find mentions.

    >>> from corpus.codebook import load
    >>> default_terms(load("territorial-control"))[:3], default_terms(load("lexical-bias"))
    (['liberat*', 'freed', 'freeing'], [])
    """
    focus = [term for code in book.focus_variable.codes for term in code.terms]
    anywhere = [term for variable in book.variables for code in variable.codes for term in code.terms]
    return list(dict.fromkeys(focus or anywhere or [*book.mention_terms, *book.about]))


def search(
    wanted: Sequence[str], articles: pd.DataFrame, apart: Mapping[str, Collection[tuple[int, int]]]
) -> list[Term]:
    """Find each term in the articles' first revisions; `apart` has by article the paragraphs that are passed over.

    The most unequal term comes first, rare ones after the others.
    """
    sizes: dict[str, int] = {}
    for outlet, text in zip(articles["outlet"], articles["text"], strict=True):
        sizes[outlet] = sizes.get(outlet, 0) + len(text)
    hits: dict[str, dict[str, list[Place]]] = {term: {} for term in wanted}
    outlets = articles["outlet"]
    for row, term, start, end in kwic.search(wanted, articles, apart):
        hits[term].setdefault(outlets[row], []).append((row, start, end))
    found_terms = [Term(term, by, inequality({o: len(p) for o, p in by.items()}, sizes)) for term, by in hits.items()]
    return sorted(found_terms, key=lambda term: (term.total < RARE, -term.inequality, term.term))


def inequality(counts: Mapping[str, int], sizes: Mapping[str, int]) -> float:
    """Return G = 2 Σ O ln(O/E): how far counts depart from what the outlets' amounts of text lead to expect.

    >>> inequality({"A": 5, "B": 5}, {"A": 100, "B": 100}), round(inequality({"A": 10}, {"A": 100, "B": 100}), 1)
    (0.0, 13.9)
    """
    total, size = sum(counts.values()), sum(sizes.values())
    return 2 * sum(n * math.log(n * size / (total * sizes[outlet])) for outlet, n in counts.items() if n)


def lines(terms: Sequence[Term], outlets: Sequence[str], articles: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return by term and outlet `{"n": hits, "rows": [(article's row, start, end, left, match, right)]}`."""
    most = max(3, min(LINES, ALL_LINES // max(1, len(terms) * len(outlets))))
    texts = articles["text"]
    return {
        term.term: {
            outlet: {
                "n": len(places),
                "rows": [
                    (*place, *kwic.in_context(texts[place[0]], *place[1:], CONTEXT)) for place in evenly(places, most)
                ],
            }
            for outlet, places in term.hits.items()
        }
        for term in terms
    }


def evenly(places: Sequence[Place], most: int) -> list[Place]:
    """Return at most so many places, spread evenly over all.

    >>> [row for row, _, _ in evenly([(row, 0, 1) for row in range(10)], 4)]
    [0, 2, 5, 7]
    """
    if len(places) <= most:
        return list(places)
    return [places[len(places) * i // most] for i in range(most)]
