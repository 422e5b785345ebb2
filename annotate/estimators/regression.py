"""Design-based supervised regression: linear and logistic models on coded values, helped by predictions for all units.

Source: Egami, Hinck, Stewart and Wei (2023), Using imperfect surrogates for downstream inference: design-based
supervised learning for social science applications of large language models, arXiv 2306.04746.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Link = Literal["linear", "logistic"]
STEPS = 100  # Newton needs about five
HALVINGS = 20  # of a step after which it is taken as it is


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


def expected_mean(linear: Floats, link: Link) -> Floats:
    """Return the outcome that a model expects, from the sums of its covariates times their coefficients."""
    return linear if link == "linear" else 1 / (1 + np.exp(-np.clip(linear, -500, 500)))


def solve(
    rows: Floats, given: Floats, mass: Floats, link: Link = "linear", start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the coefficients b with Σ x (given - mass · h(x b)) = 0, and the negative slope of that sum in b.

    `rows` (rows, coefficients) are the covariates, `given` (rows) the outcome times the `mass` of its row, which may be
    negative. By Newton's method from `start` (default: 0), with shorter steps where the sum would grow. Raises
    ValueError where there is no solution.

    >>> solve(np.ones((2, 1)), np.array([1.0, 0.5]), np.array([2.0, 2.0]))[0].tolist()
    [0.375]
    """
    beta: Floats = np.zeros(rows.shape[1]) if start is None else start
    moments = rows.T @ (given - mass * expected_mean(rows @ beta, link))
    for _ in range(STEPS):
        mean = expected_mean(rows @ beta, link)
        slope: Floats = (mass * (1 if link == "linear" else mean * (1 - mean)) * rows.T) @ rows
        try:
            step = np.linalg.solve(slope, moments)
        except np.linalg.LinAlgError:
            raise ValueError("a covariate is a combination of others, so the coefficients are not identified") from None
        if np.abs(step).max() < 1e-9 * max(1.0, float(np.abs(beta).max())):
            return beta + step, slope
        for _ in range(HALVINGS):
            after = rows.T @ (given - mass * expected_mean(rows @ (beta + step), link))
            if np.linalg.norm(after) <= np.linalg.norm(moments):
                break
            step = step / 2
        beta, moments = beta + step, after
    raise ValueError("the model has no finite coefficients: covariates determine the outcome")


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


def cross_fit(coded: Floats, features: Floats, folds: npt.ArrayLike) -> Floats:
    """Return the expected coded value of every unit (units), by least squares on the coded units of the other folds.

    `coded` is NaN where a unit is not coded; `features` (units, features) are a classifier's predictions. Where the
    other folds have no coded unit, the first feature is taken as it is.

    >>> coded = np.array([1.0, 0, 1, 0, np.nan, np.nan])
    >>> cross_fit(coded, np.array([[1.0], [0], [1], [0], [1], [0]]), [0, 0, 1, 1, 0, 1]).round(6).astype(int).tolist()
    [1, 0, 1, 0, 1, 0]
    """
    fold = np.asarray(folds)
    known = ~np.isnan(coded)
    design = np.column_stack([np.ones(len(coded)), features])
    expected = np.array(features[:, 0], dtype=float)
    for number in np.unique(fold):
        rows, train = fold == number, known & (fold != number)
        if train.any():
            expected[rows] = design[rows] @ np.linalg.lstsq(design[train], coded[train], rcond=None)[0]
    return expected


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
