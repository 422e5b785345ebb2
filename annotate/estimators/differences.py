"""Differences between groups, from the joint influence on all shares, never from two errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from .regression import Floats
from .shares import LEVEL, Share

DRAWS = 100_000  # of the joint distribution, for the intervals that hold together
SEED = 1
OTHERS = "mean of the others"
MEMORY = 2_000_000  # values of contrasts that are drawn at a time, so that many pairs stay in little memory


@dataclass(frozen=True)
class Difference:
    """The share of the first group minus that of the second, with its standard error.

    `interval` holds alone with 95 %, `simultaneous` together with all others of the family. `p` is two-sided, and
    `holm` is p corrected for the family.
    """

    first: str
    second: str
    difference: float
    se: float
    interval: tuple[float, float]
    simultaneous: tuple[float, float]
    p: float
    holm: float


def differences(shares: dict[str, Share], family: Sequence[tuple[str, str]] | None = None) -> list[Difference]:
    """Return the differences of all pairs of groups that have a corrected share; they are one family.

    A `family` of pairs that was declared before has the differences of these pairs alone, as far as there are shares;
    p is corrected for all of its pairs.
    """
    names = _corrected(shares)
    every = combinations(names, 2) if family is None else (pair for pair in family if {*pair} <= {*names})
    pairs = [(names.index(a), names.index(b)) for a, b in every]
    contrasts = np.zeros((len(pairs), len(names)))
    for row, (a, b) in enumerate(pairs):
        contrasts[row, a], contrasts[row, b] = 1, -1
    return _differences(shares, names, contrasts, [(names[a], names[b]) for a, b in pairs], len(family or pairs))


def distances_to_others(shares: dict[str, Share]) -> list[Difference]:
    """Return how far each group with a corrected share is from the mean of the others; they are one family."""
    names = _corrected(shares)
    size = len(names)
    contrasts = (np.eye(size) * size - 1) / max(size - 1, 1)
    return _differences(shares, names, contrasts, [(name, OTHERS) for name in names], size)


def _corrected(shares: dict[str, Share]) -> list[str]:
    return [name for name, share in shares.items() if share.method == "corrected" and share.estimate.share is not None]


def _differences(
    shares: dict[str, Share], names: Sequence[str], contrasts: Floats, named: Sequence[tuple[str, str]], family: int
) -> list[Difference]:
    """Return contrasts (contrasts, groups) between shares of groups, from joint influence; Holm counts `family`."""
    from scipy.special import stdtr, stdtrit  # distribution and quantiles of t

    if len(names) < 2 or not named:
        return []
    influence = np.column_stack([shares[name].influence for name in names])
    values = np.array([float(shares[name].estimate.share or 0.0) for name in names])
    covariance = influence.T @ influence
    errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", contrasts, covariance, contrasts), 0))
    df = min(shares[name].clusters for name in names) - 1
    together = _joint_quantile(contrasts, covariance, errors, df)
    alone = float(stdtrit(df, (1 + LEVEL) / 2))
    estimates = contrasts @ values
    without_error = np.where(estimates == 0, 0.0, np.inf)
    statistic = np.divide(np.abs(estimates), errors, out=without_error, where=errors > 0)
    p = 2 * stdtr(df, -statistic)
    return [
        Difference(
            first, second, float(d), float(se), (float(d - alone * se), float(d + alone * se)),
            (float(d - together * se), float(d + together * se)), float(chance), float(corrected),
        )
        for (first, second), d, se, chance, corrected in zip(named, estimates, errors, p, holm(p, family), strict=True)
    ]  # fmt: skip


def holm(p: Sequence[float] | Floats, family: int | None = None) -> Floats:
    """Return p values corrected for their number (Holm 1979, A simple sequentially rejective multiple test procedure).

    `family` is the number of comparisons that were declared, where some of them have no p value.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist(), holm([0.01, 0.04], 4).round(3).tolist()
    ([0.03, 0.06, 0.06], [0.04, 0.12])
    """
    values = np.asarray(p, dtype=float)
    most = family or len(values)
    order = np.argsort(values, kind="stable")
    steps = np.maximum.accumulate(values[order] * np.arange(most, most - len(values), -1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(steps, 1.0)
    return corrected


@lru_cache(maxsize=2)
def _normals(groups: int) -> tuple[Floats, Mapping[str, Any]]:
    """Return the draws of independent normals (groups, draws), and the generator's state after them.

    They are the same for all codes and variations, so they are drawn once.
    """
    rng = np.random.default_rng(SEED)
    draws: Floats = np.ascontiguousarray(rng.standard_normal((DRAWS, groups)).T)
    return draws, rng.bit_generator.state


def _joint_quantile(contrasts: Floats, covariance: Floats, errors: Floats, df: int) -> float:
    """Return the quantile of the largest |t| of all contrasts, by simulation with a fixed seed."""
    if not (errors > 0).any():
        return 0.0
    normals, state = _normals(len(covariance))
    rng = np.random.default_rng()
    rng.bit_generator.state = state
    root = np.linalg.cholesky(covariance + 1e-12 * np.trace(covariance) * np.eye(len(covariance)))
    scaled = contrasts[errors > 0] / errors[errors > 0, None] @ root
    largest = np.empty(DRAWS)
    portion = max(1, MEMORY // len(scaled))
    for start in range(0, DRAWS, portion):
        drawn = scaled @ normals[:, start : start + portion]
        largest[start : start + portion] = np.maximum(drawn.max(axis=0), -drawn.min(axis=0))
    largest /= np.sqrt(rng.chisquare(df, DRAWS) / df)
    return float(np.quantile(largest, LEVEL))
