"""Bootstrap over articles: each figure on BOOTSTRAPS resamples of the articles, from which its interval is taken."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BOOTSTRAPS = 1000
BINS = 10  # of the calibration error, equally wide
_CELLS = 4_000_000  # single-precision numbers held at once: 16 MB


class ResampledScores:
    """Spans' answers and `predicted` codes (rows), columns of `probabilities` (rows, codes), in resamples of articles.

    A figure's draws are BOOTSTRAPS numbers, NaN where a resample does not determine it, and are computed on demand. An
    article has the same weight in a resample wherever it occurs, so differences between classifiers are paired, and
    means over folds account for articles that are in several folds.
    """

    def __init__(
        self, answers: Ints, probabilities: Floats, predicted: Ints, articles: Sequence[str], seed: int = 0
    ) -> None:
        names, self._article = np.unique(np.asarray(articles), return_inverse=True)
        self._weights = np.stack([article_weights(str(name), seed) for name in names], axis=1)
        self._tabulate(answers, probabilities, predicted)

    def _tabulate(self, answers: Ints, probabilities: Floats, predicted: Ints) -> None:
        self.answers, self.probabilities, self._predicted = answers, probabilities, predicted
        self._tables = np.zeros((self._weights.shape[1], probabilities.shape[1], probabilities.shape[1]))
        np.add.at(self._tables, (self._article, answers, predicted), 1)
        self.table: Floats = self._tables.sum(axis=0)  # of all spans: answers in rows, predictions in columns

    def for_code(self, code: int) -> ResampledScores:
        """Return the same for the binary question whether a span has a code (1) or another one (0)."""
        binary = object.__new__(ResampledScores)
        binary._article, binary._weights = self._article, self._weights
        probability = self.probabilities[:, code]
        binary._tabulate(
            (self.answers == code).astype(int),
            np.stack([1 - probability, probability], axis=1),
            (self._predicted == code).astype(int),
        )
        return binary

    @cached_property
    def tables(self) -> Floats:
        """The confusion table of each resample (draws, answer, predicted)."""
        tables: Floats = np.tensordot(self._weights.astype(float), self._tables, axes=1)
        return tables

    def brier(self) -> Floats:
        """Return the mean squared error of the probabilities, summed over codes."""
        right = np.eye(self.probabilities.shape[1])[self.answers]
        return self._means(((self.probabilities - right) ** 2).sum(axis=1)[:, None])[:, 0]

    def calibration_error(self) -> Floats:
        """Return the expected calibration error, with the same bins as `metrics.calibration_error`."""
        confidence = self.probabilities.max(axis=1)
        overconfidence = confidence - (self.probabilities.argmax(axis=1) == self.answers)
        errors: Floats = np.abs(self._means(overconfidence[:, None] * np.eye(BINS)[confidence_bins(confidence)])).sum(
            axis=1
        )
        return errors

    def average_precision(self, codes: Ints) -> Floats:
        """Return the mean average precision over those codes that occur in a resample."""
        by_code = np.stack([self._precision(self.probabilities[:, code], self.answers == code) for code in codes])
        return mean_without_nan(by_code)

    def _precision(self, scores: Floats, right: npt.NDArray[np.bool_]) -> Floats:
        """Return the average precision of one code's scores: precision times gain in recall, summed over thresholds."""
        order = np.argsort(-scores, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)  # equal scores are one threshold
        article, hit = self._article[order], right[order, None]
        times = self._weights.T.astype(np.float32)  # (articles, draws): whole numbers, which it holds exactly
        parts = []
        for first in range(0, BOOTSTRAPS, step := max(1, _CELLS // len(order))):
            weights = times[article, first : first + step]
            retrieved = weights.cumsum(axis=0)[ends]
            hits = (weights * hit).cumsum(axis=0)[ends]
            gain = np.diff(hits, axis=0, prepend=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                precision = np.where(retrieved > 0, hits / retrieved, 0).astype(float)
                parts.append((precision * gain).sum(axis=0) / hits[-1])
        return np.concatenate(parts)

    def _means(self, values: Floats) -> Floats:
        """Return the mean over spans of several values (rows, values) in each resample (draws, values)."""
        sums = np.zeros((self._weights.shape[1], values.shape[1]))
        np.add.at(sums, self._article, values)
        n = self._weights @ np.bincount(self._article).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            means: Floats = (self._weights @ sums) / n[:, None]
        return means


@lru_cache(maxsize=20_000)
def article_weights(article: str, seed: int) -> npt.NDArray[np.int8]:
    """Return an article's weight in each resample: Poisson with mean 1, always the same for a name and seed.

    Hanley and MacGibbon (2006), Creating non-parametric bootstrap samples using Poisson frequencies.
    """
    digest = int.from_bytes(hashlib.sha256(article.encode()).digest()[:8])
    return np.random.default_rng([seed, digest]).poisson(1.0, BOOTSTRAPS).astype(np.int8)


def confidence_bins(confidence: Floats) -> Ints:
    """Return the bin of each confidence from 0 to 1.

    >>> confidence_bins(np.array([0.0, 0.55, 1.0])).tolist()
    [0, 5, 9]
    """
    numbers: Ints = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return numbers


def mean_without_nan(values: Floats) -> Floats:
    """Return the mean over the first axis without NaN; NaN where all are.

    >>> mean_without_nan(np.array([[1.0, np.nan], [2.0, np.nan]])).tolist()
    [1.5, nan]
    """
    is_number = ~np.isnan(values)
    n = is_number.sum(axis=0)
    means: Floats = np.where(n > 0, np.where(is_number, values, 0).sum(axis=0) / np.maximum(n, 1), np.nan)
    return means


def percentile_interval(draws: Floats) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of bootstrap draws, without NaN.

    >>> percentile_interval(np.array([np.nan, *range(101)]))
    (2.5, 97.5)
    """
    numbers = draws[~np.isnan(draws)]
    if not len(numbers):
        return float("nan"), float("nan")
    low, high = np.percentile(numbers, [2.5, 97.5])
    return float(low), float(high)
