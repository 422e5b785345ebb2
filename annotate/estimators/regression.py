"""The moments of linear and logistic models, solved by Newton's method, and expected codes that are cross-fitted."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Link = Literal["linear", "logistic"]
STEPS = 100  # Newton needs about five
HALVINGS = 20  # of a step after which it is taken as it is


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
