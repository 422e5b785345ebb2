"""Corrected models: linear and logistic regressions of a code on covariates, over all spans, by the coded ones.

The moments are those of design-based supervised learning (Egami, Hinck, Stewart and Wei 2023, arXiv 2306.04746), for an
outcome and covariates that are both coded; the predictions' part is tuned as that of shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .draws import RoundOfSpans, coded_weights, drawing_influence
from .regression import Floats, Ints, Link, cross_fit, expected_mean, solve
from .shares import LEVEL, Target


@dataclass(frozen=True)
class SpansOfModel:
    """The spans of a model, each with a cell for every combination of the codes of its coded covariates.

    `design` (spans, cells, coefficients) are the covariates. `code` (spans, cells) is the share of a span's coders who
    put it in the cell and gave the code, `eligible` the share who put it in the cell; both are read where the span is
    coded. `predicted_code` and `predicted_eligible` are a classifier's probabilities that have seen no answer to the
    span or to a copy of its article; `fold` (spans) names the classifier. `counting` (spans) is how much each span
    counts, `cluster` the index of its copy group.
    """

    design: Floats
    code: Floats
    eligible: Floats
    predicted_code: Floats
    predicted_eligible: Floats
    fold: Ints
    cluster: Ints
    rounds: Sequence[RoundOfSpans]
    counting: Floats


@dataclass(frozen=True)
class Coefficients:
    """The coefficients of a model, their covariance and degrees of freedom.

    `power` is how much the predictions count, from 0 to 1 on average over spans.
    """

    values: Floats
    covariance: Floats
    df: int
    power: float = 0.0

    @property
    def errors(self) -> Floats:
        """The standard errors."""
        result: Floats = np.sqrt(np.maximum(np.diag(self.covariance), 0))
        return result

    @property
    def intervals(self) -> Floats:
        """The 95 % intervals by quantiles of t (coefficients, 2)."""
        from scipy.special import stdtrit  # quantiles of t

        half = float(stdtrit(self.df, (1 + LEVEL) / 2)) * self.errors
        return np.column_stack([self.values - half, self.values + half])

    @property
    def p(self) -> Floats:
        """Two-sided p values of each coefficient being 0."""
        from scipy.special import stdtr  # distribution of t

        statistic = np.divide(np.abs(self.values), self.errors, out=np.zeros(len(self.values)), where=self.errors > 0)
        result: Floats = 2 * stdtr(self.df, -statistic)
        return result


def fit_corrected(spans: SpansOfModel, link: Link, target: Target = "process") -> tuple[Coefficients, Coefficients]:
    """Return the corrected coefficients and those from the coded spans alone.

    With C the weight of a span's codes, s how much it counts, x the covariates of its cells, and e and y the shares
    that are in the cell and also have the code: ψ_i(b) = s Σ_cells x [C y + λ (1 - C) ŷ - (C e + λ (1 - C) ê) h(x b)],
    and b solves Σ ψ_i = 0. ŷ and ê are lines in the probabilities and covariates, learned on the coded spans of the
    other folds; so is λ. `process` sums ψ by copy group, times G/(G - p) for the G copy groups with coded spans and the
    p coefficients; `corpus` has the variance of the draw alone. Degrees of freedom are G - p.

    Raises ValueError where there is no solution: with covariates that determine the code or each other, or with no
    more copy groups than coefficients.
    """
    weight = coded_weights(spans.rounds)
    known = weight > 0
    code, eligible = (np.where(known[:, None], values, 0.0) for values in (spans.code, spans.eligible))
    clusters = len(np.unique(spans.cluster[known & (eligible.sum(axis=1) > 0)]))
    df = clusters - spans.design.shape[2]
    if df < 1:
        raise ValueError(
            f"{clusters} copy groups with coded spans are too few for {spans.design.shape[2]} coefficients"
        )
    scaled = (weight * spans.counting)[:, None]
    alone = _Solution.of(spans, scaled * code, scaled * eligible, link)
    residual = _moments(spans, code, eligible, alone.coefficients, link)
    alone_covariance = _covariance(spans, alone, residual, target, clusters)
    expected_code, expected_eligible = (
        _expected(spans, np.where(known[:, None], values, np.nan), predicted)
        for values, predicted in ((code, spans.predicted_code), (eligible, spans.predicted_eligible))
    )
    expected = _moments(spans, expected_code, expected_eligible, alone.coefficients, link)
    errors = np.sqrt(np.diag(alone_covariance))
    power = _power(spans.fold, weight, residual @ alone.inverse.T / errors, expected @ alone.inverse.T / errors)
    rest = (power * (1 - weight) * spans.counting)[:, None]
    corrected = _Solution.of(
        spans, scaled * code + rest * expected_code, scaled * eligible + rest * expected_eligible, link,
        alone.coefficients,
    )  # fmt: skip
    residual = _moments(spans, code, eligible, corrected.coefficients, link) - power[:, None] * _moments(
        spans, expected_code, expected_eligible, corrected.coefficients, link
    )
    covariance = _covariance(spans, corrected, residual, target, clusters)
    return (
        Coefficients(corrected.coefficients, covariance, df, float(power.mean())),
        Coefficients(alone.coefficients, alone_covariance, df),
    )


@dataclass(frozen=True)
class _Solution:
    """Coefficients that solve Σ ψ_i = 0, ψ (spans, coefficients), and the inverse of the moments' negative slope."""

    coefficients: Floats
    psi: Floats
    inverse: Floats

    @classmethod
    def of(cls, spans: SpansOfModel, given: Floats, mass: Floats, link: Link, start: Floats | None = None) -> _Solution:
        width = spans.design.shape[2]
        x = spans.design.reshape(-1, width)
        used = (mass != 0).ravel()  # of the coded spans alone a few of many
        coefficients, slope = solve(x[used], given.ravel()[used], mass.ravel()[used], link, start)
        psi = np.einsum("skp,sk->sp", spans.design, given - mass * expected_mean(spans.design @ coefficients, link))
        inverse: Floats = np.linalg.inv(slope).astype(np.float64)
        return cls(coefficients, psi, inverse)


def _moments(spans: SpansOfModel, code: Floats, eligible: Floats, coefficients: Floats, link: Link) -> Floats:
    """Return s Σ_cells x [y - e h(x b)] (spans, coefficients)."""
    gap = code - eligible * expected_mean(spans.design @ coefficients, link)
    result: Floats = np.einsum("skp,sk->sp", spans.design, gap) * spans.counting[:, None]
    return result


def _expected(spans: SpansOfModel, coded: Floats, predicted: Floats) -> Floats:
    """Return the expected shares (spans, cells), by cell a line in the probability and the covariates."""
    columns = [
        cross_fit(coded[:, cell], np.column_stack([predicted[:, cell], spans.design[:, cell]]), spans.fold)
        for cell in range(coded.shape[1])
    ]
    return np.clip(np.column_stack(columns), 0, 1)


def _power(fold: Ints, weight: Floats, coded: Floats, expected: Floats) -> Floats:
    """Return how much the predictions of each span count (spans), learned on the coded spans of the other folds.

    λ = Σ C (C - 1) m̂'m / Σ C (C - 1) m̂'m̂, cut to [0, 1], with m the influences on the coefficients, each in standard
    errors: it minimises the sum of the variances that drawing gives them.
    """
    extra = weight * (weight - 1)
    product, square = extra * (coded * expected).sum(axis=1), extra * (expected**2).sum(axis=1)
    power = np.zeros(len(weight))
    for number in np.unique(fold):
        rows, others = fold == number, fold != number
        total = float(square[others].sum())
        power[rows] = min(max(float(product[others].sum()) / total, 0.0), 1.0) if total > 0 else 1.0
    return power


def _covariance(spans: SpansOfModel, solution: _Solution, residual: Floats, target: Target, clusters: int) -> Floats:
    if target == "corpus":
        columns = [drawing_influence(spans.rounds, one).ravel() for one in (residual @ solution.inverse.T).T]
        influence = np.column_stack(columns)
    else:
        influence = np.zeros((int(spans.cluster.max()) + 1, len(solution.coefficients)))
        np.add.at(influence, spans.cluster, solution.psi @ solution.inverse.T)
        influence *= np.sqrt(clusters / (clusters - len(solution.coefficients)))
    covariance: Floats = influence.T @ influence
    return covariance
