"""The weights of coded spans, and the variance of drawing them, from one or several rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .regression import Floats, Ints

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RoundOfSpans:
    """The draws of one round, as arrays over all spans of the estimate (spans).

    `pi` is the probability with which a span was drawn and coded blind, given the rounds before; 0 where the span was
    not in the round's frame. `coded` marks those that were, `stratum` is the index of the stratum within the round,
    `part` the share of the round in the estimate, fixed before it was coded. `before` is the weight of spans that
    earlier rounds had drawn, which are known in this one: 1 on average over spans drawn, 0 for others.
    """

    pi: Floats
    coded: Mask
    stratum: Ints
    part: Floats
    before: Floats

    def of(self, rows: Mask) -> RoundOfSpans:
        """Return the round over some of the spans."""
        return RoundOfSpans(self.pi[rows], self.coded[rows], self.stratum[rows], self.part[rows], self.before[rows])


def coded_weights(rounds: Sequence[RoundOfSpans]) -> Floats:
    """Return the weight of each span's codes (spans): 1 on average over all draws, 0 where a span is not coded.

    Over the rounds r, with the parts w_r: Σ w_r (drawn before r + R_r / π_r). With one round this is R/π.

    >>> one = RoundOfSpans(np.full(4, 0.5), np.array([True, True, False, False]), np.zeros(4, int), np.ones(4),
    ...                    np.zeros(4))
    >>> coded_weights([one]).tolist()
    [2.0, 2.0, 0.0, 0.0]
    """
    weight = np.zeros(len(rounds[0].pi))
    for one in rounds:
        inverse = np.divide(1.0, one.pi, out=np.zeros_like(one.pi), where=one.coded)
        weight += one.part * (one.before + inverse)
    return weight


def chance_to_stay(given: Mask, still_given: Mask, stratum: Ints) -> Floats:
    """Return the probability that a drawn span is among those given to the other coders when one is left out (spans).

    `given` marks the draws that anybody was given, `still_given` those that others were given. Coders are dealt to
    draws at random, so within a stratum (spans) it is the share of its draws that stay; 0 where none does.

    >>> given = np.array([True, True, True, False])
    >>> chance_to_stay(given, np.array([True, False, False, False]), np.array([0, 0, 1, 1])).tolist()
    [0.5, 0.5, 0.0, 0.0]
    """
    size = int(stratum.max(initial=0)) + 1
    before, after = (np.bincount(stratum, mask, size) for mask in (given, still_given))
    share: Floats = np.divide(after, before, out=np.ones(size), where=before > 0)
    return share[stratum]


def drawing_influence(rounds: Sequence[RoundOfSpans], residual: Floats) -> Floats:
    """Return each draw's part in the error of Σ weight · residual (rounds, spans); 0 where a span is not coded.

    The sum of its squares is the variance of drawing, the sum of products with that of another estimate their
    covariance. By round and stratum, with Hájek's estimator for a fixed number of draws: n/(n-1) Σ (1-π) (e/π - mean)²,
    the mean weighted by 1-π (Hájek 1964, Asymptotic theory of rejective sampling with varying probabilities). It is 0
    where every span is coded. The rounds' parts are uncorrelated, since each is unbiased given the ones before.

    >>> everything = RoundOfSpans(np.ones(3), np.ones(3, bool), np.zeros(3, int), np.ones(3), np.zeros(3))
    >>> float((drawing_influence([everything], np.array([0.2, -0.1, 0.4])) ** 2).sum())
    0.0
    """
    influence = np.zeros((len(rounds), len(residual)))
    for number, one in enumerate(rounds):
        rows = np.flatnonzero(one.coded)
        expanded = one.part[rows] * residual[rows] / one.pi[rows]
        influence[number, rows] = _hajek(expanded, 1 - one.pi[rows], one.stratum[rows])
    return influence


def two_phase_influence(
    first: Sequence[RoundOfSpans], second: Sequence[RoundOfSpans], residuals: tuple[Floats, Floats]
) -> Floats:
    """Return each draw's part in the error of an estimate whose spans were drawn twice (2 · rounds, spans).

    Of the spans that the `first` rounds drew, some were drawn again, with the probability π of `second` / π of `first`:
    those that several coders were to code, at random from the whole round. `residuals` are what the first draw and what
    the second leaves open (two-phase sampling: Särndal, Swensson and Wretman 1992, Model assisted survey sampling,
    section 9.3). Only spans that were drawn twice are known, so the first part is expanded by the second draw.

    >>> one = RoundOfSpans(np.full(4, 0.5), np.array([1, 1, 0, 0], bool), np.zeros(4, int), np.ones(4), np.zeros(4))
    >>> e = np.array([0.1, -0.2, 0, 0])
    >>> bool(np.allclose(two_phase_influence([one], [one], (e, e))[:1], drawing_influence([one], e)))
    True
    """
    influence = np.zeros((2 * len(second), len(residuals[0])))
    for number, (one, two) in enumerate(zip(first, second, strict=True)):
        rows = np.flatnonzero(two.coded)
        pi, again = one.pi[rows], two.pi[rows] / one.pi[rows]
        by_first, by_second = (two.part[rows] * residual[rows] for residual in residuals)
        influence[2 * number, rows] = _hajek(by_first / pi, (1 - pi) / again, one.stratum[rows])
        influence[2 * number + 1, rows] = _hajek(by_second / two.pi[rows], 1 - again, np.zeros(len(rows), np.int64))
    return influence


def _hajek(expanded: Floats, rest: Floats, stratum: Ints) -> Floats:
    """Return √(n/(n-1) · rest) · (expanded - mean), by stratum, the mean weighted by `rest` (draws)."""
    if not len(expanded):
        return np.zeros(0)
    stratum = np.unique(stratum, return_inverse=True)[1]
    size, weight = np.bincount(stratum), np.bincount(stratum, rest)
    mean = np.divide(np.bincount(stratum, rest * expanded), weight, out=np.zeros(len(size)), where=weight > 0)
    mean[size == 1] = 0  # of one draw no variance is seen: its own square, not centred, is the unbiased part of it
    factor = rest * np.where(size > 1, size / np.maximum(size - 1, 1), 1)[stratum]
    influence: Floats = np.sqrt(factor) * (expanded - mean[stratum])
    return influence
