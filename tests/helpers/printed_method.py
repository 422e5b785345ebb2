"""Design-based supervised learning as its authors print it: the predictions count in full, over ten random splits.

It is the reference for the arithmetic of our models, with which it shares the solver and the cross-fitting; ours tune
how much the predictions count, and use one split.

Source: Egami, Hinck, Stewart and Wei (2023), Using imperfect surrogates for downstream inference: design-based
supervised learning for social science applications of large language models, arXiv 2306.04746.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from annotate.estimators.regression import Floats, Ints, Link, expected_mean, solve


@dataclass(frozen=True)
class Units:
    """The units of a regression, coded or not: `outcome` (units) and `covariates` (units, coefficients).

    Both are coded values and NaN where a unit is not coded; `predicted_outcome` and `predicted_covariates` are known
    for every unit. A covariate that is known without coding is the same in both. `weight` (units) is 1/π for coded
    units, 0 for others.
    """

    outcome: Floats
    predicted_outcome: Floats
    covariates: Floats
    predicted_covariates: Floats
    weight: Floats


@dataclass(frozen=True)
class Fit:
    """The coefficients of a regression, and the influence of each unit on them (units, coefficients).

    The coefficients minus the true ones are close to the mean of the influences.
    """

    coefficients: Floats
    influence: Floats

    def covariance(self, clusters: npt.ArrayLike | None = None) -> Floats:
        """Return the covariance of the coefficients, over units or over clusters of units."""
        return covariance(self.influence, clusters)


def covariance(influence: Floats, clusters: npt.ArrayLike | None = None) -> Floats:
    """Return the covariance of estimates from the influences of units (units, estimates), summed by cluster.

    >>> covariance(np.array([[1.0], [-1.0], [1.0], [-1.0]])).tolist()
    [[0.25]]
    >>> covariance(np.array([[1.0], [-1.0], [1.0], [-1.0]]), [0, 0, 1, 1]).tolist()
    [[0.0]]
    """
    sums = influence if clusters is None else cluster_sums(influence, clusters)
    result: Floats = sums.T @ sums / len(influence) ** 2
    return result


def cluster_sums(influence: Floats, clusters: npt.ArrayLike) -> Floats:
    """Return the sums of the influences by cluster (clusters, estimates)."""
    distinct, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((len(distinct), influence.shape[1]))
    np.add.at(sums, index, influence)
    return sums


def fit(units: Units, link: Link = "linear") -> Fit:
    """Fit a regression whose moments are those of the predictions, corrected by the coded units.

    ψ_i(b) = m(predicted_i; b) + R_i/π_i (m(coded_i; b) - m(predicted_i; b)), m = X (Y - h(X b)), with h the identity or
    the logistic function; b solves Σ ψ_i = 0 (by Newton's method), and a unit's influence is -J⁻¹ ψ_i with J the mean
    derivative of ψ. Raises ValueError where the moments have no solution, as with an outcome that a covariate
    determines.

    >>> ones = np.ones((4, 1))
    >>> coded, predicted = np.array([1.0, 0, np.nan, np.nan]), np.array([1.0, 1, 1, 0])
    >>> units = Units(coded, predicted, ones, ones, np.array([2.0, 2, 0, 0]))
    >>> fit(units).coefficients.tolist()  # 3/4 predicted, and predictions are too high by 1/2
    [0.25]
    """
    coded = units.weight > 0
    outcome = np.where(coded, units.outcome, units.predicted_outcome)
    covariates = np.where(coded[:, None], units.covariates, units.predicted_covariates)
    mass = np.concatenate([1 - units.weight, units.weight])
    rows = np.concatenate([units.predicted_covariates, covariates])
    given = mass * np.concatenate([units.predicted_outcome, outcome])
    coefficients, slope = solve(rows, given, mass, link)
    moments = rows * (given - mass * expected_mean(rows @ coefficients, link))[:, None]
    size = len(coded)
    return Fit(coefficients, (moments[:size] + moments[size:]) @ np.linalg.inv(slope / size).T)


def random_folds(size: int, folds: int, seed: int, clusters: npt.ArrayLike | None = None) -> Ints:
    """Return a random fold for each unit (units); the units of a cluster share a fold, and folds are of equal size.

    >>> np.bincount(random_folds(10, 5, seed=1)).tolist()
    [2, 2, 2, 2, 2]
    """
    rng = np.random.default_rng(seed)
    index = np.arange(size) if clusters is None else np.unique(np.asarray(clusters), return_inverse=True)[1]
    dealt = rng.permutation(int(index.max(initial=-1)) + 1) % folds
    result: Ints = dealt[index].astype(np.int64)
    return result


def combine_splits(fits: Sequence[Fit], clusters: npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
    """Combine fits that differ in their random folds: return the coefficients and their standard errors.

    The coefficients are medians; an error is the root of the median of SE² + (estimate - median)², which adds what
    depends on the folds.
    """
    estimates = np.array([one.coefficients for one in fits])
    middle = np.median(estimates, axis=0)
    variances = np.array([np.diag(one.covariance(clusters)) for one in fits])
    return middle, np.sqrt(np.median(variances + (estimates - middle) ** 2, axis=0))


def without_group_means(units: Units, *groups: npt.ArrayLike) -> Units:
    """Return the units with the means of each group taken out, for fixed effects of one or several properties.

    The means are those of the corrected values, predicted + R/π (coded - predicted), so that they are unbiased where
    only some units of a group are coded. Several properties are taken out in turn until nothing changes.
    """
    predicted = np.column_stack([units.predicted_outcome, units.predicted_covariates])
    coded = np.where((units.weight > 0)[:, None], np.column_stack([units.outcome, units.covariates]), predicted)
    pseudo = predicted + units.weight[:, None] * (coded - predicted)
    removed = np.zeros_like(pseudo)
    indices = [np.unique(np.asarray(group), return_inverse=True)[1] for group in groups]
    for _ in range(1000):
        change = 0.0
        for index in indices:
            means = np.zeros((index.max() + 1, pseudo.shape[1]))
            np.add.at(means, index, pseudo - removed)
            means /= np.bincount(index)[:, None]
            removed += means[index]
            change = max(change, float(np.abs(means).max()))
        if change < 1e-12:
            break
    coded, predicted = coded - removed, predicted - removed
    return replace(
        units,
        outcome=coded[:, 0], covariates=coded[:, 1:],
        predicted_outcome=predicted[:, 0], predicted_covariates=predicted[:, 1:],
    )  # fmt: skip


def standard_errors_at(units: Units, fitted: Fit, link: Link, labelled: Sequence[int]) -> Floats:
    """Return the standard errors that other numbers of coded units would give (numbers, coefficients).

    V(n') = J⁻¹ ((n/n') M1 + M23) J⁻ᵀ / N, with M1 the mean of (R/π²) d d', d = m(coded) - m(predicted), and M23 the
    rest of the mean of ψψ'.
    """
    coded = units.weight > 0

    def moments(x: Floats, y: Floats) -> Floats:
        mean = x @ fitted.coefficients
        if link == "logistic":
            mean = 1 / (1 + np.exp(-mean))
        result: Floats = x * (y - mean)[:, None]
        return result

    of_predicted = moments(units.predicted_covariates, units.predicted_outcome)
    of_coded = np.where(coded[:, None], moments(units.covariates, units.outcome), 0.0)
    gap = np.where(coded[:, None], of_coded - of_predicted, 0.0)
    psi = of_predicted + units.weight[:, None] * gap
    size = len(psi)
    inverse = np.linalg.lstsq(psi, fitted.influence, rcond=None)[0]  # influence = ψ J⁻ᵀ
    first = (units.weight[:, None] * gap).T @ (units.weight[:, None] * gap) / size
    rest = psi.T @ psi / size - first
    variances = [np.diag(inverse.T @ (coded.sum() / n * first + rest) @ inverse) / size for n in labelled]
    return np.sqrt(np.array(variances))
