"""Verdicts of reliability by bounds: relied on, tentative, fails, cannot be told yet, undefined.

The lower bound of alpha is L = 1 - d_U / D_e: d_U is the one-sided 95 % upper bound of the observed disagreement by
Clopper and Pearson (1934), with the effective number of spans, which takes into account that the spans of one article
are alike (Korn and Graubard 1998, Confidence intervals for proportions with small expected number of positive counts
estimated from survey data); D_e is the disagreement expected by chance. The bootstrap over articles replaces L where
its bound is lower. The upper bound U mirrors it. `benchmarks/verdicts.py` measures how often each verdict is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.codebook import Level
from corpus.result import Result, printed_as

from .alpha import RELIED_ON, TENTATIVE, Floats, alpha, bootstrap_bounds, code_distances

RELIED, TENTATIVELY, FAILS, UNTOLD, UNDEFINED = (
    "relied on", "tentative", "fails", "cannot be told yet", "undefined"
)  # fmt: skip
WORST_FIRST = (FAILS, UNDEFINED, UNTOLD, TENTATIVELY, RELIED)
ERROR = 0.05  # of each bound
MOST_NEEDED = 100_000  # spans: nobody codes more twice
LEAST_CORRELATION = 0.1  # of disagreement within an article: an estimate of it from few articles is often too low
CORRELATION = 0.3  # where nothing can be estimated, because nobody disagreed


@dataclass(frozen=True)
class Verdict(Result):
    """Whether a question's answers may be relied on, with the one-sided 95 % bounds of its alpha.

    `needed` is the number of double-coded spans that would decide a verdict that cannot be told yet, if
    agreement stayed as it is; None where even 100,000 would not do, or nothing is known. `of` says what it is about,
    `language` in which language, "" for all.
    """

    verdict: str
    lower: float | None
    upper: float | None
    n_units: int
    n_articles: int
    needed: int | None = None
    alpha: float | None = printed_as(None, default=None)
    of: str = printed_as(None, default="")
    language: str = printed_as(None, default="")

    @property
    def sentence(self) -> str:
        """The verdict in plain words.

        >>> Verdict("cannot be told yet", 0.55, 0.86, 60, 20, 210, 0.74).sentence
        'cannot be told yet: alpha is between .550 and .860; about 210 double-coded spans would tell'
        """
        return self.sentence_of("double-coded spans")

    def sentence_of(self, units: str) -> str:
        """Return the verdict in plain words, on units other than spans, such as words that two coders read."""
        if self.verdict == UNDEFINED:
            return "undefined: the answers do not vary, so agreement beyond chance cannot be measured"
        if self.lower is None or self.upper is None:
            few = "no span was coded twice" if not self.n_units else "all spans coded twice are from one article"
            return f"{self.verdict}: {few}"
        low, high = (figure(value) for value in (self.lower, self.upper))
        if self.verdict == RELIED:
            return f"{RELIED}: alpha is at least {low}"
        if self.verdict == TENTATIVELY:
            return f"{TENTATIVELY}: alpha is at least {low}, which allows tentative conclusions"
        if self.verdict == FAILS:
            return f"{FAILS}: alpha is at most {high}, which is below .667"
        if self.needed is None:
            more = f"it is so near .667 that {MOST_NEEDED:,} {units} would not tell"
        else:
            more = f"about {self.needed:,} {units} would tell"
        return f"{UNTOLD}: alpha is between {low} and {high}; {more}"


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the weakest of several verdicts: what a figure that rests on all of them may claim.

    >>> weakest([Verdict("relied on", 0.82, 0.9, 400, 90), Verdict("tentative", 0.7, 0.85, 400, 90)]).verdict
    'tentative'
    """
    return min(verdicts, key=lambda one: (WORST_FIRST.index(one.verdict), one.lower if one.lower is not None else -1))


def judge(
    tables: Floats,
    sizes: npt.ArrayLike,
    draws: Floats,
    level: Level = "nominal",
    values: Sequence[float] | None = None,
) -> Verdict:
    """Return the verdict on the answers to one question.

    `tables` (articles, codes, codes) are the articles' coincidence matrices, `sizes` (articles) their numbers of spans
    that two coders answered, `draws` (resamples, codes, codes) the matrices of resampled articles.

    >>> from .alpha import resample_tables
    >>> same, other = [[3.0, 0.0], [0.0, 3.0]], [[2.0, 1.0], [1.0, 2.0]]
    >>> tables = np.array([same] * 55 + [other] * 5)
    >>> found = judge(tables, [3] * 60, resample_tables(tables))
    >>> found.verdict, round(found.lower, 2), round(found.upper, 2)
    ('relied on', 0.88, 0.98)
    >>> few = judge(tables[45:], [3] * 15, resample_tables(tables[45:]))
    >>> few.verdict, few.needed > 45
    ('cannot be told yet', True)
    """
    spans = np.asarray(sizes, dtype=float)
    n_units, n_articles = int(spans.sum()), len(spans)
    estimate = float(alpha(tables.sum(axis=0), level, values)) if n_articles else math.nan
    if n_units and math.isnan(estimate):
        return Verdict(UNDEFINED, None, None, n_units, n_articles)
    if n_articles < 2:
        known = None if math.isnan(estimate) else estimate
        return Verdict(UNTOLD, None, None, n_units, n_articles, alpha=known)
    without = alpha(tables.sum(axis=0) - tables, level, values)
    lower, upper = (
        float(bound) for bound in alpha_bounds(tables, spans, alpha(draws, level, values), without, level, values)
    )
    if lower >= RELIED_ON:
        word = RELIED
    elif lower >= TENTATIVE:
        word = TENTATIVELY
    else:
        word = FAILS if upper < TENTATIVE else UNTOLD
    needed = spans_needed(tables, spans, (lower, upper), level, values) if word == UNTOLD else None
    return Verdict(word, lower, upper, n_units, n_articles, needed, estimate)


def alpha_bounds(
    tables: Floats,
    sizes: npt.ArrayLike,
    draws: Floats,
    without: Floats,
    level: Level = "nominal",
    values: Sequence[float] | None = None,
) -> Floats:
    """Return the one-sided 95 % bounds of alpha, lower and upper (2, …).

    `tables` (…, articles, codes, codes) and `sizes` (…, articles) are as for `judge`; `draws` (…, resamples) are the
    alphas of resampled articles, `without` (…, articles) those without one article.
    """
    observed = observed_disagreement(tables, sizes, level, values)
    by_formula = observed.alpha_bounds(observed.effective, observed.articles)
    estimate = 1 - observed.share / observed.expected
    by_bootstrap = bootstrap_bounds(draws, estimate, without, (ERROR, 1 - ERROR))
    return np.stack([np.fmin(by_formula[0], by_bootstrap[0]), np.fmax(by_formula[1], by_bootstrap[1])])


@dataclass(frozen=True)
class ObservedDisagreement:
    """The share of disagreement among pairs of answers, and that expected by chance; all are arrays (…).

    `effective` is the number of independent spans that would tell as much as `spans` spans of `articles` articles do.
    """

    share: Floats
    expected: Floats
    spans: Floats
    articles: int
    effective: Floats

    def alpha_bounds(self, effective: npt.ArrayLike, articles: float) -> Floats:
        """Return the bounds of alpha (2, …) by Clopper and Pearson, given effective numbers of spans (…).

        Few articles say little about how alike the spans of one are, so the effective number is multiplied by the
        square of the ratio of the quantiles of Student's t (Korn and Graubard 1998).
        """
        from scipy.special import betaincinv, stdtrit  # loading it takes a moment

        n = np.asarray(effective, dtype=float)
        n = n * (stdtrit(np.maximum(self.spans - 1, 1), 1 - ERROR) / stdtrit(articles - 1, 1 - ERROR)) ** 2
        hits = self.share * n
        least = 1e-9  # the quantiles are not defined at 0
        with np.errstate(invalid="ignore", divide="ignore"):
            most = np.where(self.share < 1, betaincinv(hits + 1, np.maximum(n - hits, least), 1 - ERROR), 1.0)
            fewest = np.where(self.share > 0, betaincinv(np.maximum(hits, least), n - hits + 1, ERROR), 0.0)
            bounds: Floats = 1 - np.stack([most, fewest]) / self.expected
        return bounds


def observed_disagreement(
    tables: Floats, sizes: npt.ArrayLike, level: Level = "nominal", values: Sequence[float] | None = None
) -> ObservedDisagreement:
    """Return the disagreement of articles' coincidence matrices (…, articles, codes, codes).

    Two codes that differ most disagree by 1. The effective number of spans follows from the variance of the share over
    articles (a ratio; Cochran 1977, Sampling Techniques, section 6.3), and is at most that of a correlation of .1
    within articles: n / (1 + (m - 1) .1), m the mean number of spans in the article of a span. Without any disagreement
    the correlation is taken to be .3.
    """
    spans = np.asarray(sizes, dtype=float)
    frequencies = tables.sum(axis=(-3, -1))
    answers = frequencies.sum(axis=-1)
    distance = code_distances(frequencies, level, values)
    distance = distance / np.maximum(distance.max(axis=(-2, -1), keepdims=True), 1e-12)
    pairs = (frequencies[..., :, None] * frequencies[..., None, :] * distance).sum(axis=(-2, -1))
    by_article = (tables * np.expand_dims(distance, -3)).sum(axis=(-2, -1))
    weights = tables.sum(axis=(-2, -1))
    total = weights.sum(axis=-1)
    number = tables.shape[-3]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.where(pairs > 0, pairs / (answers * (answers - 1)), np.nan)
        share = by_article.sum(axis=-1) / total
        error = ((by_article - share[..., None] * weights) ** 2).sum(axis=-1) * number / (number - 1) / total**2
        effective = share * (1 - share) / error
    n = spans.sum(axis=-1)
    others = (spans**2).sum(axis=-1) / n - 1  # in the article of a span, on average
    uneven = (total**2 / (weights**2).sum(axis=-1)) / (n**2 / (spans**2).sum(axis=-1))
    known = np.isfinite(effective) & (share > 0)
    none = n / (1 + CORRELATION * others) * np.minimum(uneven, 1)
    most = np.where(known, n / (1 + LEAST_CORRELATION * others), none)
    effective = np.where(np.isfinite(effective), np.minimum(effective, most), most)
    return ObservedDisagreement(share, expected, n, number, effective)


def spans_needed(
    tables: Floats,
    sizes: npt.ArrayLike,
    bounds: tuple[float, float],
    level: Level = "nominal",
    values: Sequence[float] | None = None,
) -> int | None:
    """Return the number of double-coded spans from which one of the `bounds` would be beyond .667.

    It supposes that share, variation and articles go on as they are: the effective number of spans grows with their
    number, and the distance of a bound from alpha shrinks with its square root where the bootstrap set it.
    """
    observed = observed_disagreement(tables, sizes, level, values)
    n = float(observed.spans)
    estimate = float(1 - observed.share / observed.expected)
    side = 0 if estimate > TENTATIVE else 1

    def tells(spans: float) -> bool:
        grown = spans / n
        bound = float(observed.alpha_bounds(observed.effective * grown, observed.articles * grown)[side])
        return bound >= TENTATIVE if side == 0 else bound < TENTATIVE

    if estimate == TENTATIVE or not tells(MOST_NEEDED):
        return None
    low, high = 2.0, float(MOST_NEEDED)
    while high - low > 0.5:
        middle = (low + high) / 2
        low, high = (low, middle) if tells(middle) else (middle, high)
    by_formula = float(observed.alpha_bounds(observed.effective, observed.articles)[side])
    by_bootstrap = abs(bounds[side] - by_formula) > 1e-9
    by_root = n * ((estimate - bounds[side]) / (estimate - TENTATIVE)) ** 2 if by_bootstrap else 0.0
    needed = math.ceil(max(high, by_root, n + 1))
    return needed if needed <= MOST_NEEDED else None


def figure(value: float) -> str:
    """Write alpha with three digits and no zero before the point.

    >>> figure(0.68449), figure(-0.1), figure(1)
    ('.684', '-.100', '1.000')
    """
    text = f"{abs(value):.3f}"
    return ("-" if value < 0 and float(text) else "") + (text[1:] if text.startswith("0") else text)
