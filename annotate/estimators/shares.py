"""Corrected shares: a code's share among the eligible spans of one group, with its interval.

A share is a ratio of two totals, both corrected by the coded spans. The predictions' part is tuned so that a useless
classifier gives back the estimate from the coded spans alone (Angelopoulos, Duchi and Zrnic 2023, PPI++, arXiv
2311.01453, for unequal probabilities). Few codes get an exact interval from the coded spans alone (Korn and Graubard
1998, Confidence intervals for proportions with small expected number of positive counts estimated from survey data).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from .draws import Mask, RoundOfSpans, coded_weights, drawing_influence, two_phase_influence
from .regression import Floats, Ints, cross_fit

Target = Literal["process", "corpus"]
Method = Literal["corrected", "exact", "counted", "none"]  # counted: every span of the group is coded
FEWEST_SPANS, FEWEST_CLUSTERS, FEWEST_CODES = 30, 15, 5  # below them normal intervals cover too little
NO_FIGURE = 10  # coded spans below which there is no figure
EFFECTIVE_FROM = 100  # coded spans from which an effective number is worth printing
LEVEL = 0.95


@dataclass(frozen=True)
class SingleAnswers:
    """One coder's answers, which predict the settled codes of spans that several coders code (spans).

    `code` and `eligible` are 1 or 0, and NaN where nobody coded the span blind. Of several coders one counts, chosen at
    random, so that a span coded by one and a span coded by several are alike. `rounds` are those in which a span is
    coded by anybody; the group's own rounds are a draw from what they drew.
    """

    code: Floats
    eligible: Floats
    rounds: Sequence[RoundOfSpans]


@dataclass(frozen=True)
class Group:
    """The spans of one group (an outlet, a period ...), in the arrays' order.

    `code` is the share of a span's coders who gave the code, `eligible` the share who found the span eligible for the
    question; both are NaN where a span is not coded. `predicted_code` and `predicted_eligible` are a classifier's
    probabilities that have seen no answer to the span or to a copy of its article; `fold` names the classifier.
    `cluster` is the index of the span's copy group among all `copy_groups` of the study. `counting` is how much each
    span counts in the share, such as 1 / the number of its article's spans where articles count the same; 1 by default.
    With `single`, codes are settled ones of spans with several coders, and one coder's answers predict them.
    """

    code: Floats
    eligible: Floats
    predicted_code: Floats
    predicted_eligible: Floats
    fold: Ints
    cluster: Ints
    copy_groups: int
    rounds: Sequence[RoundOfSpans]
    counting: Floats | None = None
    single: SingleAnswers | None = None


@dataclass(frozen=True)
class Figure:
    """A share with its 95 % interval and standard error; None where there is none."""

    share: float | None
    interval: tuple[float, float] | None
    se: float | None


@dataclass(frozen=True)
class Share:
    """The estimate of a share, the one from the coded spans alone, and how both came about.

    `coded` counts the coded spans that somebody found eligible, `clusters` their copy groups, `spans` all spans of the
    group. `effective` is the number of coded spans that the estimate is worth. `power` is how much the predictions
    count, from 0 to 1. `influence` holds the parts of the error of the estimate whose squares add up to its variance:
    of each cluster for the target process, of each span's draw in each round for corpus.
    """

    estimate: Figure
    coded_only: Figure
    method: Method
    coded: int
    clusters: int
    spans: int
    effective: float | None
    power: float
    influence: Floats = field(repr=False)


def estimate_share(group: Group, target: Target = "process") -> Share:
    """Estimate a code's share in a group of spans.

    ψ_i = λ ẑ_i (1 - C_i) + C_i z_i with z = code - ρ · eligible, C the weight of the span's codes and ẑ the same of the
    expected codes, which are learned on the other folds; the share ρ solves Σ a_i ψ_i = 0 with a_i how much the span
    counts. `process` sums a ψ by copy group for the variance; `corpus` has the variance of the draw alone.

    With single answers ψ_i = λ ẑ_i (1 - B_i) + μ ž_i (B_i - C_i) + C_i z_i, B the weight of a span that anybody coded
    and ž what one coder's answer leads to expect: B_i - C_i is 0 on average, so no answer of one coder moves ρ.
    """
    weight = coded_weights(group.rounds)
    known = weight > 0
    code, eligible = np.where(known, group.code, 0.0), np.where(known, group.eligible, 0.0)
    counted = known & (eligible > 0)
    n, clusters = int(counted.sum()), len(np.unique(group.cluster[counted]))
    empty = np.zeros(group.copy_groups)
    counting = np.ones(len(weight)) if group.counting is None else group.counting
    total = float((counting * weight * eligible).sum())
    everything = target == "corpus" and bool(np.allclose(weight, 1))
    if n < NO_FIGURE or (clusters < 2 and not everything):  # of one text nobody can tell how much others differ
        nothing = Figure(None, None, None)
        return Share(nothing, nothing, "none", n, clusters, len(weight), None, 0.0, empty)
    rho = float((counting * weight * code).sum() / total)
    if everything:
        whole = Figure(rho, (rho, rho), 0.0)
        return Share(whole, whole, "counted", n, clusters, len(weight), None, 0.0, empty)
    residual = counting * (code - rho * eligible) / total
    alone = _Solution(rho, weight * residual, (residual, residual))
    alone_influence = _influence(group, alone, target, clusters)
    se = _standard_error(alone_influence)
    positive, negative = float(code[counted].sum()), float((eligible - code)[counted].sum())
    few = n < FEWEST_SPANS or clusters < FEWEST_CLUSTERS or min(positive, negative) < FEWEST_CODES
    exact = exact_interval(rho, se, n, clusters, _kish((counting * weight)[counted]))
    if not few:
        solution, power = _with_predictions(group, (weight, counting), code, eligible, rho)
        influence = _influence(group, solution, target, clusters)
        corrected_se = _standard_error(influence)
    if few or not 0 < solution.share < 1 or min(se, corrected_se) < 1e-9:  # no logit, or nothing is seen to vary
        figure = Figure(rho, exact, se)
        return Share(figure, figure, "exact", n, clusters, len(weight), None, 0.0, alone_influence)
    coded_only = Figure(rho, logit_interval(rho, se, clusters - 1), se)
    estimate = Figure(solution.share, logit_interval(solution.share, corrected_se, clusters - 1), corrected_se)
    effective = None
    if n >= EFFECTIVE_FROM:
        effective = min(float(len(weight)), n * (se / corrected_se) ** 2)
    return Share(estimate, coded_only, "corrected", n, clusters, len(weight), effective, power, influence)


def withhold(share: Share) -> Share:
    """Return a share without its figures, which differences leave out too."""
    nothing = Figure(None, None, None)
    return replace(share, estimate=nothing, coded_only=nothing, method="none", effective=None)


@dataclass(frozen=True)
class _Solution:
    """A share, each span's influence on it, and the residuals that the draws of spans and of overlap leave (spans)."""

    share: float
    influence: Floats
    residuals: tuple[Floats, Floats]


def _with_predictions(
    group: Group, weights: tuple[Floats, Floats], code: Floats, eligible: Floats, start: float
) -> tuple[_Solution, float]:
    """Return the corrected share, and how much the predictions count on average over the folds.

    `weights` are those of the spans' codes, and how much each span counts; the expected codes do not depend on them.
    """
    weight, counting = weights
    drawn = weight if group.single is None else coded_weights(group.single.rounds)
    by_model = _expected(group, (code, eligible), weight > 0, None)
    by_coder = by_model if group.single is None else _expected(group, (code, eligible), weight > 0, group.single)
    z = counting * (code - start * eligible)
    power = _power(group, weight * (drawn - 1), z, counting * (by_model[0] - start * by_model[1]))
    of_coder = _power(group, weight * (weight - drawn), z, counting * (by_coder[0] - start * by_coder[1]))
    parts = (weight, power * (1 - drawn), of_coder * (drawn - weight))

    def corrected(coded: Floats, which: int) -> Floats:
        values: Floats = counting * (parts[0] * coded + parts[1] * by_model[which] + parts[2] * by_coder[which])
        return values

    of_code, of_eligible = corrected(code, 0), corrected(eligible, 1)
    total = float(of_eligible.sum())
    if total <= 0:  # few coded spans with great weights: there is no such estimate
        nothing = np.zeros_like(weight)
        return _Solution(0.0, nothing, (nothing, nothing)), 0.0
    rho = min(max(float(of_code.sum()) / total, 0.0), 1.0)
    z = code - rho * eligible
    first, second = (
        counting * (z - part * (expected[0] - rho * expected[1])) / total
        for part, expected in ((power, by_model), (of_coder, by_coder))
    )
    return _Solution(rho, (of_code - rho * of_eligible) / total, (first, second)), float(power.mean())


def _expected(
    group: Group, values: tuple[Floats, Floats], known: Mask, single: SingleAnswers | None
) -> tuple[Floats, Floats]:
    """Return the codes and the eligibility that are expected, given the predictions and the answers of one coder."""
    predicted = (group.predicted_code, group.predicted_eligible)
    answers = (None, None) if single is None else (single.code, single.eligible)
    found = []
    for value, prediction, answer in zip(values, predicted, answers, strict=True):
        features = [prediction] if answer is None else [prediction, np.nan_to_num(answer)]
        expected = cross_fit(np.where(known, value, np.nan), np.column_stack(features), group.fold)
        found.append(np.clip(expected, 0, 1))
    return found[0], found[1]


def _power(group: Group, extra: Floats, z: Floats, expected: Floats) -> Floats:
    """Return how much the predictions of each span count (spans), learned on the coded spans of the other folds.

    λ = Σ v ẑ z / Σ v ẑ², cut to [0, 1], minimises the variance of a draw, as in PPI++, with `extra` v what a coded span
    has of it: C (C - 1), of a draw in two steps C (B - 1) for the first and C (C - B) for the second.
    """
    power = np.zeros(len(extra))
    for number in np.unique(group.fold):
        rows, others = group.fold == number, group.fold != number
        square = float((extra * expected**2)[others].sum())
        product = float((extra * expected * z)[others].sum())
        power[rows] = min(max(product / square, 0.0), 1.0) if square > 0 else 1.0
    return power


def _influence(group: Group, solution: _Solution, target: Target, clusters: int) -> Floats:
    if target == "corpus":
        if group.single is not None:
            return two_phase_influence(group.single.rounds, group.rounds, solution.residuals).ravel()
        return drawing_influence(group.rounds, solution.residuals[0]).ravel()
    return _by_cluster(group, solution, clusters)


def _standard_error(influence: Floats) -> float:
    return float(np.sqrt((influence**2).sum()))


def _by_cluster(group: Group, solution: _Solution, clusters: int) -> Floats:
    """Return the influences summed by cluster, with the correction for few clusters in them."""
    sums = np.bincount(group.cluster, solution.influence, group.copy_groups).astype(float)
    correction: Floats = sums * np.sqrt(clusters / max(clusters - 1, 1))
    return correction


def _kish(weight: Floats) -> float:
    """Return the number of equally weighted spans that unequal weights are worth (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum())


def logit_interval(share: float, se: float, df: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by its logit, with quantiles of t.

    >>> [round(end, 3) for end in logit_interval(0.4, 0.05, 200)]
    [0.307, 0.501]
    """
    from scipy.special import stdtrit  # quantiles of t; scipy.stats takes a second to load

    if not 0 < share < 1 or se == 0:
        return share, share
    centre = float(np.log(share / (1 - share)))
    half = float(stdtrit(max(df, 1), (1 + LEVEL) / 2)) * se / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-(centre + sign * half))) for sign in (-1, 1))
    return float(low), float(high)


def exact_interval(share: float, se: float, n: int, clusters: int, weighted: float) -> tuple[float, float]:
    """Return Korn and Graubard's exact 95 % interval of a share from `n` coded spans in `clusters` copy groups.

    The effective number of spans follows from the standard error, is at most n, and smaller with few clusters. Where
    there is no standard error, as of a code of none or all of the spans, or of the same share in each of a few copy
    groups, `weighted`, Kish's effective number, takes its place.

    >>> [round(end, 3) for end in exact_interval(0.0, 0.0, 20, 20, 20.0)]  # none of 20: at most 16.8 %
    [0.0, 0.168]
    """
    from scipy.special import betaincinv, stdtrit  # quantiles of beta and t

    size = share * (1 - share) / se**2 if 0 < share < 1 and se > 1e-9 else weighted
    tail = (1 + LEVEL) / 2
    size *= float((stdtrit(max(n - 1, 1), tail) / stdtrit(max(clusters - 1, 1), tail)) ** 2)
    size = min(size, float(n))
    found = share * size
    low = float(betaincinv(found, size - found + 1, 1 - tail)) if share > 0 else 0.0
    high = float(betaincinv(found + 1, size - found, tail)) if share < 1 else 1.0
    return low, high
