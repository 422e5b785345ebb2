"""Contested terms of the report: how unequally outlets use them, and their hits in context."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corpus.codebook import Codebook
from corpus.wording import kwic

CONTEXT = 70  # characters on each side: what fits on a wide screen
MOST_TERMS = 30
RARE = 10  # hits: below that a term's inequality is mostly chance
LINES = 40  # of one term and one outlet; more are sampled evenly over time
ALL_LINES = 4000  # about 1 MB of page

Hit = tuple[int, int, int]  # the article's row in the frame, start, end


@dataclass(frozen=True)
class ContestedTerm:
    """A term with its hits by outlet and the inequality of its use between outlets (the G statistic)."""

    term: str
    hits: Mapping[str, list[Hit]]
    inequality: float

    @property
    def total(self) -> int:
        """The number of hits in all outlets."""
        return sum(map(len, self.hits.values()))


def default_terms(book: Codebook) -> list[str]:
    """Return the terms of the focus variable's codes, else of all codes, else those that define mentions.

    >>> from corpus.codebook import load
    >>> default_terms(load("territorial-control"))[:3], default_terms(load("lexical-bias"))
    (['liberat*', 'freed', 'freeing'], [])
    """
    focus = [term for code in book.focus_variable.codes for term in code.terms]
    anywhere = [term for variable in book.variables for code in variable.codes for term in code.terms]
    return list(dict.fromkeys(focus or anywhere or [*book.mention_terms, *book.about]))


def find_terms(
    terms: Sequence[str], articles: pd.DataFrame, excluded: Mapping[str, Collection[tuple[int, int]]]
) -> list[ContestedTerm]:
    """Find the terms in the articles' first revisions, without the paragraphs that are `excluded`, by article.

    The most unequally used term comes first, rare terms last.
    """
    sizes: dict[str, int] = {}
    for outlet, text in zip(articles["outlet"], articles["text"], strict=True):
        sizes[outlet] = sizes.get(outlet, 0) + len(text)
    hits: dict[str, dict[str, list[Hit]]] = {term: {} for term in terms}
    outlets = articles["outlet"]
    for row, term, start, end in kwic.search_terms(terms, articles, excluded):
        hits[term].setdefault(outlets[row], []).append((row, start, end))
    contested = [
        ContestedTerm(term, by_outlet, inequality({outlet: len(h) for outlet, h in by_outlet.items()}, sizes))
        for term, by_outlet in hits.items()
    ]
    return sorted(contested, key=lambda term: (term.total < RARE, -term.inequality, term.term))


def inequality(counts: Mapping[str, int], sizes: Mapping[str, int]) -> float:
    """Return G = 2 Σ O ln(O/E): how far counts differ from those expected from the outlets' amounts of text.

    >>> inequality({"A": 5, "B": 5}, {"A": 100, "B": 100}), round(inequality({"A": 10}, {"A": 100, "B": 100}), 1)
    (0.0, 13.9)
    """
    total, size = sum(counts.values()), sum(sizes.values())
    return 2 * sum(n * math.log(n * size / (total * sizes[outlet])) for outlet, n in counts.items() if n)


def context_lines(
    terms: Sequence[ContestedTerm], outlets: Sequence[str], articles: pd.DataFrame
) -> dict[str, dict[str, Any]]:
    """Return by term and outlet `{"n": hits, "rows": [(article's row, start, end, left, match, right)]}`."""
    most = max(3, min(LINES, ALL_LINES // max(1, len(terms) * len(outlets))))
    texts = articles["text"]
    return {
        term.term: {
            outlet: {
                "n": len(hits),
                "rows": [(*hit, *kwic.split_context(texts[hit[0]], *hit[1:], CONTEXT)) for hit in evenly(hits, most)],
            }
            for outlet, hits in term.hits.items()
        }
        for term in terms
    }


def evenly(hits: Sequence[Hit], most: int) -> list[Hit]:
    """Return at most `most` hits, evenly spaced.

    >>> [row for row, _, _ in evenly([(row, 0, 1) for row in range(10)], 4)]
    [0, 2, 5, 7]
    """
    if len(hits) <= most:
        return list(hits)
    return [hits[len(hits) * i // most] for i in range(most)]
