"""Effect of showing a suggestion on answers and on coding time, each with a 95 % interval over articles.

The effect is P(Y=S | shown) - P(Y=S | hidden): how much more often the answer Y equals the suggestion S when S is
shown. Its interval is Newcombe's for the difference of two proportions (1998, method 10), extended to spans clustered
in articles: Wilson's interval of each share with its effective sample size (by the variance over articles), combined by
the correlation of the shares over articles (Zou and Donner 2008, Construction of confidence limits about effect
measures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotate.agreement.alpha import Floats
from corpus.result import Result

MIN_ANSWERS = 10  # in each arm; with fewer the interval covers half of the possible range
RESAMPLES = 2000  # of the bootstrap of seconds


@dataclass(frozen=True)
class ArmShare:
    """The answers of one arm, and the share of them that equal the suggestion, from 0 to 1."""

    n: int
    agree: float | None


@dataclass(frozen=True)
class ArmTime:
    """The timed answers of one arm, and their median time in seconds."""

    n: int
    median: float | None


@dataclass(frozen=True)
class Effect(Result):
    """How much more often answers equal the suggestion where it was shown: a difference of shares from -1 to 1.

    With too few answers `effect` and `interval` are None and `why` gives the reason.
    """

    effect: float | None
    interval: tuple[float, float] | None
    shown: ArmShare
    hidden: ArmShare
    articles: int
    why: str | None = None
    printed = ("found",)

    @property
    def found(self) -> bool:
        """Whether zero is outside the interval."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]


@dataclass(frozen=True)
class TimeSaved(Result):
    """Seconds saved per span by a suggestion: the median time hidden minus the median time shown, with its interval."""

    seconds: float | None
    interval: tuple[float, float] | None
    shown: ArmTime
    hidden: ArmTime
    why: str | None = None


def effect(same: npt.ArrayLike, shown: npt.ArrayLike, article: npt.ArrayLike) -> Effect:
    """Return the effect, given for each answer whether it equals the suggestion, whether that was shown, its article.

    >>> same, shown = [True] * 18 + [False] * 2 + [True] * 12 + [False] * 8, [True] * 20 + [False] * 20
    >>> result = effect(same, shown, [f"a{i % 20}" for i in range(40)])
    >>> round(result.effect, 2), [round(end, 2) for end in result.interval], result.found
    (0.3, [0.07, 0.51], True)
    >>> effect([True], [True], ["a"]).why
    '1 answers with and 0 without the suggestion; each arm needs 10'
    """
    y, arm = np.asarray(same, dtype=float), np.asarray(shown, dtype=bool)
    article_of, articles = _article_indices(article)
    n = (int(arm.sum()), int((~arm).sum()))
    shares = [
        ArmShare(size, float(y[which].mean()) if size else None) for size, which in zip(n, (arm, ~arm), strict=True)
    ]
    if min(n) < MIN_ANSWERS:
        return Effect(None, None, shares[0], shares[1], articles, _too_few(n, "answers"))
    if articles < 3:
        return Effect(
            None, None, shares[0], shares[1], articles, f"all answers are from {articles} articles; an interval needs 3"
        )
    p1, p0 = float(y[arm].mean()), float(y[~arm].mean())
    influences = np.stack(
        [np.bincount(article_of, (y - p) * which / which.sum(), articles) for p, which in ((p1, arm), (p0, ~arm))]
    )
    covariance = influences @ influences.T * articles / (articles - 1)
    (low1, high1), (low0, high0) = (
        wilson_interval(p, _effective_n(p, count, float(covariance[i, i])), articles - 1)
        for i, (p, count) in enumerate(((p1, n[0]), (p0, n[1])))
    )
    scale = math.sqrt(covariance[0, 0] * covariance[1, 1])
    correlation = float(np.clip(covariance[0, 1] / scale, -1, 1)) if scale > 0 else 0.0
    difference = p1 - p0
    below = (p1 - low1) ** 2 + (high0 - p0) ** 2 - 2 * correlation * (p1 - low1) * (high0 - p0)
    above = (high1 - p1) ** 2 + (p0 - low0) ** 2 - 2 * correlation * (high1 - p1) * (p0 - low0)
    interval = (difference - math.sqrt(max(0.0, below)), difference + math.sqrt(max(0.0, above)))
    return Effect(difference, interval, shares[0], shares[1], articles)


def _article_indices(article: npt.ArrayLike) -> tuple[npt.NDArray[np.int64], int]:
    """Return the index of each answer's article, and the number of articles."""
    articles, indices = np.unique(np.asarray(article, dtype=object), return_inverse=True)
    return indices, len(articles)


def _too_few(n: tuple[int, int], what: str) -> str:
    return f"{n[0]} {what} with and {n[1]} without the suggestion; each arm needs {MIN_ANSWERS}"


def _effective_n(share: float, n: int, variance: float) -> float:
    """Return the number of independent answers with this variance, at most n."""
    return n if variance <= 0 else min(float(n), share * (1 - share) / variance)


def wilson_interval(share: float, n: float, degrees_of_freedom: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of n answers, with the quantile of Student's t.

    >>> [round(end, 3) for end in wilson_interval(0.9, 20, 10**6)]
    [0.699, 0.972]
    """
    from scipy.stats import t

    z = float(t.ppf(0.975, degrees_of_freedom))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def time_saved(seconds: Floats, shown: npt.NDArray[np.bool_], article: npt.ArrayLike, seed: int = 0) -> TimeSaved:
    """Return the coding time that a suggestion saves, with the percentile interval of a bootstrap over articles.

    >>> times = np.array([6.0, 7, 8, 9, 5] * 4 + [9.0, 10, 11, 12, 8] * 4)
    >>> saved = time_saved(times, np.arange(40) < 20, [f"a{i % 20}" for i in range(40)])
    >>> saved.seconds, saved.shown.median, saved.hidden.median
    (3.0, 7.0, 10.0)
    """
    n = (int(shown.sum()), int((~shown).sum()))
    times = [
        ArmTime(size, float(np.median(seconds[which])) if size else None)
        for size, which in zip(n, (shown, ~shown), strict=True)
    ]
    if min(n) < MIN_ANSWERS:
        return TimeSaved(None, None, times[0], times[1], _too_few(n, "timed answers"))
    article_of, articles = _article_indices(article)
    order = np.argsort(seconds, kind="stable")
    chance = np.random.default_rng(seed)
    draws = np.empty(RESAMPLES)
    for i in range(RESAMPLES):
        weights = np.bincount(chance.integers(articles, size=articles), minlength=articles)[article_of][order]
        draws[i] = _median(seconds[order], weights * ~shown[order]) - _median(seconds[order], weights * shown[order])
    low, high = np.nanquantile(draws, [0.025, 0.975]).tolist()
    saved = float(np.median(seconds[~shown]) - np.median(seconds[shown]))
    return TimeSaved(saved, (low, high), times[0], times[1])


def _median(values: Floats, weights: npt.NDArray[np.int64]) -> float:
    """Return the median of sorted values, each repeated as often as its weight says."""
    cumulated = np.cumsum(weights)
    total = int(cumulated[-1])
    if not total:
        return math.nan
    middle = np.searchsorted(cumulated, [(total - 1) // 2, total // 2], side="right")
    return float(values[middle].mean())
