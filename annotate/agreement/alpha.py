"""Krippendorff's alpha: chance-corrected agreement of any number of coders, with a bootstrap interval over articles.

Formulas and the worked table: Krippendorff (2011), Computing Krippendorff's alpha-reliability,
https://repository.upenn.edu/handle/20.500.14332/2089. The interval resamples whole articles, because the spans of one
article are not independent; q is the probability that alpha is below the required level (Hayes and Krippendorff 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt

from corpus.codebook import Level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RELIED_ON = 0.800  # Krippendorff's customary requirement (Content Analysis, 4th ed., section 12.5)
TENTATIVE = 0.667  # and his floor for tentative conclusions
RESAMPLES = 2000  # of the bootstrap
_CELLS = 1 << 24  # weights in memory at once: 128 MB


def coincidences(
    counts: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    number: int = 0,
    weights: npt.ArrayLike | None = None,
) -> Floats:
    """Return the matrix of observed coincidences (codes, codes), or one per group (groups, codes, codes).

    `counts` (units, codes) is how many coders gave each code to a unit, so the cost does not depend on the number of
    coders. A unit with m answers adds count_c (count_k - [c = k]) / (m - 1) to the cell c, k; a unit with fewer than
    two adds nothing. `groups` is each unit's group, from 0, of `number` groups; `weights` are the units' weights.

    >>> coincidences([[2, 0], [1, 1], [0, 1]])  # two coders agree, two do not, one is alone
    array([[2., 1.],
           [1., 0.]])
    """
    units: Floats = np.asarray(counts, dtype=float)
    answers = units.sum(axis=1)
    pairable = answers >= 2
    weight = (1 if weights is None else np.asarray(weights, dtype=float)[pairable]) / (answers[pairable] - 1)
    frequencies = np.ascontiguousarray(units[pairable].T)
    group = np.zeros(len(weight), dtype=int) if groups is None else np.asarray(groups)[pairable]
    number = 1 if groups is None else max(number, int(np.max(groups, initial=-1)) + 1)
    codes = len(frequencies)
    tables = np.zeros((number, codes, codes))
    for c, k in combinations_with_replacement(range(codes), 2):
        pairs = weight * frequencies[c] * (frequencies[k] - (c == k))
        tables[:, c, k] = tables[:, k, c] = np.bincount(group, weights=pairs, minlength=number)
    return tables[0] if groups is None else tables


def alpha(table: npt.ArrayLike, level: Level = "nominal", values: Sequence[float] | None = None) -> Floats:
    """Return alpha = 1 - observed / expected disagreement of coincidence matrices (…, codes, codes).

    Two different codes of a nominal variable disagree by 1, those of an ordinal variable, in the matrix's order, by
    the squared difference of their mean ranks, and those of an interval variable by the squared difference of their
    `values` (codes). NaN where the answers do not vary or no unit has two answers.

    >>> kripp = [[3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [0, 4, 0, 0, 0], [1, 1, 1, 1, 0],
    ...          [0, 0, 0, 4, 0], [3, 1, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 0, 3], [2, 0, 0, 0, 0], [0, 0, 1, 0, 0]]
    >>> table = coincidences(kripp)  # four coders, twelve units, some answers missing: his section C
    >>> [round(float(alpha(table, level, [1, 2, 3, 4, 5])), 3) for level in ("nominal", "ordinal", "interval")]
    [0.743, 0.815, 0.849]
    """
    tables: Floats = np.asarray(table, dtype=float)
    frequencies = tables.sum(axis=-1)
    total = frequencies.sum(axis=-1)
    distance = code_distances(frequencies, level, values)
    observed = (tables * distance).sum(axis=(-1, -2))
    expected = (frequencies[..., :, None] * frequencies[..., None, :] * distance).sum(axis=(-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        alphas: Floats = np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan)
    return alphas


def gwet_ac1(counts: npt.ArrayLike, codes: int, weights: npt.ArrayLike | None = None) -> float | None:
    """Return Gwet's AC1 of answers (units, codes), given the number of codes that could be given.

    AC1 = (p_a - p_e) / (1 - p_e): p_a is the mean share of equal pairs of answers of the units with two or more, p_e =
    sum of pi_k (1 - pi_k) / (K - 1), pi_k the mean share of code k over all units. Gwet (2008), Computing inter-rater
    reliability and its variance in the presence of high agreement, British Journal of Mathematical and Statistical
    Psychology 61. None without a unit with two answers, or with one code.

    >>> two_raters = [[2, 0]] * 118 + [[1, 1]] * 7  # of 125 units, both say yes to 118
    >>> round(gwet_ac1(two_raters, 2), 3), round(float(alpha(coincidences(two_raters))), 3)
    (0.941, -0.025)
    """
    given: Floats = np.asarray(counts, dtype=float)
    answers = given.sum(axis=1)
    weight = np.ones(len(given)) if weights is None else np.asarray(weights, dtype=float)
    pairable, any_answer = answers >= 2, answers >= 1
    if not pairable.any() or codes < 2:
        return None
    number = answers[pairable]
    equal = (given[pairable] * (given[pairable] - 1)).sum(axis=1) / (number * (number - 1))
    observed = float(np.average(equal, weights=weight[pairable]))
    shares = np.average(given[any_answer] / answers[any_answer, None], axis=0, weights=weight[any_answer])
    by_chance = float((shares * (1 - shares)).sum()) / (codes - 1)
    return (observed - by_chance) / (1 - by_chance)


def code_distances(frequencies: Floats, level: Level, values: Sequence[float] | None = None) -> Floats:
    """Return the disagreement between each pair of codes (…, codes, codes), given the codes' frequencies (…, codes).

    >>> code_distances(np.array([2.0, 4.0, 2.0]), "ordinal").tolist()
    [[0.0, 9.0, 36.0], [9.0, 0.0, 9.0], [36.0, 9.0, 0.0]]
    """
    if level == "nominal":
        return 1 - np.eye(frequencies.shape[-1])
    ranks = np.cumsum(frequencies, axis=-1) - frequencies / 2  # a code's mean rank among all answers
    positions = ranks if level == "ordinal" else np.asarray(values, dtype=float)
    return (positions[..., :, None] - positions[..., None, :]) ** 2


def one_against_rest(table: npt.ArrayLike, code: int) -> Floats:
    """Return the coincidence matrices (…, 2, 2) of one code against all others.

    >>> one_against_rest([[4, 1, 0], [1, 2, 1], [0, 1, 6]], 0)
    array([[ 4.,  1.],
           [ 1., 10.]])
    """
    tables: Floats = np.asarray(table, dtype=float)
    same = tables[..., code, code]
    mixed = tables[..., code, :].sum(axis=-1) - same
    others = tables.sum(axis=(-1, -2)) - same - 2 * mixed
    return np.stack([np.stack([same, mixed], axis=-1), np.stack([mixed, others], axis=-1)], axis=-2)


def resample_tables(tables: Floats, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Return the coincidence matrices (resamples, codes, codes) of articles drawn with replacement.

    `tables` (articles, codes, codes) has one matrix per article: a resample gives each article a weight, and all
    resamples are computed as one matrix product. Articles with equal tables are drawn together, which only saves time.
    """
    articles, codes = len(tables), tables.shape[-1]
    rows = tables.reshape(articles, -1)
    chance = np.random.default_rng(seed)
    key = rows @ chance.random(codes * codes)  # equal tables have equal keys, different ones practically never
    _, first, kind, frequencies = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    kinds = rows[first]
    few_kinds = len(kinds) * 10 < articles  # the multinomial takes about as long per kind as drawing ten articles
    sums = np.empty((resamples, codes * codes))
    step = max(1, _CELLS // len(kinds))
    for start in range(0, resamples, step):
        block = sums[start : start + step]
        weights = np.empty((len(block), len(kinds)))
        for row in weights:
            if few_kinds:
                row[:] = chance.multinomial(articles, frequencies / articles)
            else:
                row[:] = np.bincount(kind[chance.integers(articles, size=articles)], minlength=len(kinds))
        np.matmul(weights, kinds, out=block)
    return sums.reshape(resamples, codes, codes)


def bootstrap_interval(draws: Floats, estimate: float, without: Floats) -> tuple[float, float] | None:
    """Return the bias-corrected and accelerated 95 % interval of a statistic from its bootstrap draws.

    `without` (articles) is the statistic with one article left out at a time. With few articles or a rare code plain
    percentile intervals cover too rarely (91 % in our simulation, against 94 %). None where the statistic is defined
    for fewer than two articles or too few draws.

    >>> low, high = bootstrap_interval(np.linspace(0.5, 0.7, 2001), 0.6, np.array([0.59, 0.6, 0.61]))
    >>> round(low, 3), round(high, 3)
    (0.505, 0.695)
    """
    low, high = bootstrap_bounds(draws, np.float64(estimate), without, (0.025, 0.975))
    return None if np.isnan(low) else (float(low), float(high))


def bootstrap_bounds(draws: Floats, estimate: npt.ArrayLike, without: Floats, shares: Sequence[float]) -> Floats:
    """Return the bias-corrected and accelerated bounds (shares, …) of statistics, given by their bootstrap draws.

    Below the bound of the share .05 are 5 % of what the draws make plausible. `draws` (…, resamples), `estimate` (…)
    and `without` (…, articles) may have NaN where a statistic is not defined. Efron (1987), Better bootstrap confidence
    intervals. NaN where it is defined for fewer than two articles or fewer than 40 draws: then the outer 2.5 % contain
    none.
    """
    from scipy.special import ndtr, ndtri  # loading it takes a moment

    estimates = np.asarray(estimate, dtype=float)
    ordered = np.sort(draws, axis=-1)  # NaN come last
    number = np.sum(~np.isnan(draws), axis=-1)
    many = np.maximum(number, 1)
    at = estimates[..., None]
    share_below = ((draws < at).sum(axis=-1) + (draws <= at).sum(axis=-1)) / 2 / many
    defined = ~np.isnan(without)
    mean = np.where(defined, without, 0).sum(axis=-1) / np.maximum(defined.sum(axis=-1), 1)
    influence = np.where(defined, mean[..., None] - without, 0)
    spread = (influence**2).sum(axis=-1)
    cubed = 6 * np.where(spread > 0, spread, 1) ** 1.5
    acceleration = np.where(spread > 0, (influence**3).sum(axis=-1) / cubed, 0)
    bias = ndtri(np.clip(share_below, 1 / many, 1 - 1 / many))
    usable = (defined.sum(axis=-1) >= 2) & (number >= 40)
    bounds = np.full((len(shares), *estimates.shape), np.nan)
    for row, share in enumerate(shares):
        shifted = bias + ndtri(share)
        with np.errstate(invalid="ignore"):  # of statistics without bounds
            place = np.nan_to_num(ndtr(bias + shifted / (1 - acceleration * shifted)) * (many - 1))
        below = np.clip(np.floor(place), 0, many - 1).astype(np.int64)
        above = np.minimum(below + 1, many - 1)
        low, high = (np.take_along_axis(ordered, index[..., None], axis=-1)[..., 0] for index in (below, above))
        bounds[row] = np.where(usable, low + (high - low) * (place - below), np.nan)
    return bounds
