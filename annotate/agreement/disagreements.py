"""Disagreements: the spans that coders disagree on most, so that the codebook can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .alpha import coincidences, disagreement
from .reliability_data import Coded


@dataclass(frozen=True)
class Disagreement:
    """A span that coders answered differently; `share` from 0 to 1 is how far its answers lie apart."""

    span: str
    share: float
    answers: Mapping[str, str]

    def json(self) -> dict[str, object]:
        """The span as `agree --json` prints it."""
        return {"span": self.span, "share": self.share, "answers": dict(self.answers)}


def disagreements(answers: Coded, most: int = 10) -> list[Disagreement]:
    """Return the spans whose answers lie furthest apart, the furthest first; of equal ones those with more answers.

    The share is the mean disagreement of all pairs of answers to the span, by the variable's level, over the greatest
    disagreement that two codes have: for a nominal variable the share of pairs that differ.

    >>> from .reliability_data import of_rows
    >>> yes = [(span, "ada", "yes") for span in ("s1", "s2", "s3")]
    >>> no = [("s2", "ben", "no"), ("s2", "cem", "no"), ("s3", "ben", "no")]
    >>> for found in disagreements(of_rows([*yes, ("s1", "ben", "yes"), *no])):
    ...     print(found.span, round(found.share, 3), found.answers)
    s3 1.0 {'ada': 'yes', 'ben': 'no'}
    s2 0.667 {'ada': 'yes', 'ben': 'no', 'cem': 'no'}
    """
    counts = answers.counts
    number = counts.sum(axis=1)
    distance = disagreement(coincidences(counts).sum(axis=1), answers.variable.level, answers.scale)
    distance = distance / max(float(distance.max(initial=0)), 1e-12)
    apart = ((counts @ distance) * counts).sum(axis=1)
    share = apart / np.maximum(number * (number - 1), 1)
    order = np.lexsort((np.arange(len(share)), -number, -share))[:most]
    found = []
    for span in order[share[order] > 0]:
        rows = np.flatnonzero(answers.span == span)
        given = {answers.coders[answers.coder[row]]: answers.values[answers.code[row]] for row in rows}
        found.append(Disagreement(answers.spans[span], float(share[span]), dict(sorted(given.items()))))
    return found
