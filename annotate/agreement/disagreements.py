"""The spans that coders disagree on most, as material for revising the codebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .alpha import code_distances, coincidences
from .reliability_data import ReliabilityData


@dataclass(frozen=True)
class Disagreement:
    """A span that coders answered differently; `share`, from 0 to 1, is how strongly its answers disagree."""

    span: str
    share: float
    answers: Mapping[str, str]


def disagreements(data: ReliabilityData, most: int = 10) -> list[Disagreement]:
    """Return the spans whose answers disagree most, strongest first; ties are ordered by the number of answers.

    The share is the mean disagreement of all pairs of answers to the span, by the variable's level, divided by the
    greatest disagreement of any two codes: for a nominal variable, the share of pairs that differ.

    >>> from .reliability_data import data_from_rows
    >>> yes = [(span, "ada", "yes") for span in ("s1", "s2", "s3")]
    >>> no = [("s2", "ben", "no"), ("s2", "cem", "no"), ("s3", "ben", "no")]
    >>> for span in disagreements(data_from_rows([*yes, ("s1", "ben", "yes"), *no])):
    ...     print(span.span, round(span.share, 3), span.answers)
    s3 1.0 {'ada': 'yes', 'ben': 'no'}
    s2 0.667 {'ada': 'yes', 'ben': 'no', 'cem': 'no'}
    """
    counts = data.counts
    n_answers = counts.sum(axis=1)
    distance = code_distances(coincidences(counts).sum(axis=1), data.variable.level, data.scale)
    distance = distance / max(float(distance.max(initial=0)), 1e-12)
    share = ((counts @ distance) * counts).sum(axis=1) / np.maximum(n_answers * (n_answers - 1), 1)
    order = np.lexsort((np.arange(len(share)), -n_answers, -share))[:most]
    strongest = []
    for span in order[share[order] > 0]:
        rows = np.flatnonzero(data.span == span)
        answers = {data.coders[data.coder[row]]: data.values[data.code[row]] for row in rows}
        strongest.append(Disagreement(data.spans[span], float(share[span]), dict(sorted(answers.items()))))
    return strongest
