"""What more coded spans would bring: the variance of a share in the part that drawing adds, and the rest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .regression import Floats, Ints
from .shares import Share, Target

FEWEST_PAIRS = 30  # of coded spans in one copy group, below which their correlation is not computed


@dataclass(frozen=True)
class Variance:
    """The variance of a share by what causes it: `drawing` for each 1/n - 1/N, and `rest` where all N are coded.

    `coded` and `spans` are the n and N at which it was found.
    """

    drawing: float
    rest: float
    coded: int
    spans: int

    def at(self, coded: int, spans: int) -> float:
        """Return the variance for other numbers of coded spans and of all spans: drawing · (1/n - 1/N) + rest · N₀/N.

        >>> Variance(0.25, 0.0004, coded=100, spans=1000).at(200, 1000)
        0.0014
        """
        return self.drawing * max(1 / coded - 1 / spans, 0.0) + self.rest * self.spans / spans


def variance_of(process: Share, corpus: Share, coded: int, target: Target) -> Variance | None:
    """Return the variance of a corrected share in parts, from its estimates for both targets; None if it has none.

    The target `corpus` has the variance of the draw alone: S² (1/n - 1/N) for a simple draw, which gives S². `process`
    has it too, and the rest is what `coded` spans cannot remove: the copy groups themselves. The rest is at least that
    of independent spans, since an article's codes are not less alike than those of others.
    """
    if process.method != "corrected" or corpus.method != "corrected":
        return None
    drawn, alone, whole = corpus.estimate.se, corpus.coded_only.se, process.estimate.se
    if not (drawn and alone and whole and coded < process.spans):
        return None
    apart = 1 / coded - 1 / process.spans
    if target == "corpus":
        return Variance(drawn**2 / apart, 0.0, coded, process.spans)
    rest = max(whole**2 - drawn**2, alone**2 / apart / process.spans)
    scale = whole**2 / (drawn**2 + rest)  # the parts add up to what is found now
    return Variance(scale * drawn**2 / apart, scale * rest, coded, process.spans)


def correlation_within(parts: Iterable[tuple[Floats, Ints]]) -> float | None:
    """Return the correlation of codes within copy groups, over several groups of spans; None with few pairs.

    Each part has the deviations of its spans' codes from their share, and the spans' copy groups. It is the mean
    product of two spans of one copy group over the mean square, of standardised deviations, from 0 to 1.

    >>> codes = np.repeat([0.5, -0.5], 20)
    >>> correlation_within([(codes, np.repeat(np.arange(10), 4))]), correlation_within([(codes, np.arange(40))])
    (1.0, None)
    """
    products, pairs = 0.0, 0
    for deviation, cluster in parts:
        square = float((deviation**2).mean()) if len(deviation) else 0.0
        if square <= 0:
            continue
        index = np.unique(cluster, return_inverse=True)[1]
        size, total = np.bincount(index), np.bincount(index, deviation)
        products += float((total**2).sum() - (deviation**2).sum()) / square
        pairs += int((size * (size - 1)).sum())
    return None if pairs < 2 * FEWEST_PAIRS else min(max(products / pairs, 0.0), 1.0)
