"""Krippendorff's alpha: the agreement of any number of coders beyond chance, with an interval over articles.

Formulas and the worked table: Krippendorff (2011), Computing Krippendorff's alpha-reliability,
https://repository.upenn.edu/handle/20.500.14332/2089. The interval resamples whole articles, because the spans of one
article are not independent; q is the chance that alpha lies below what is required (Hayes and Krippendorff 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from corpus.codebook import Level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RELIED_ON = 0.800  # Krippendorff's customary requirement (Content Analysis, 4th ed., section 12.5)
TENTATIVE = 0.667  # and his floor for tentative conclusions
ROUNDS = 2000  # of the bootstrap
_CELLS = 1 << 24  # weights held at once: 128 MB


def coincidences(counts: npt.ArrayLike, groups: npt.ArrayLike | None = None, number: int = 0) -> Floats:
    """Return the matrix of observed coincidences (codes, codes), with groups one for each (groups, codes, codes).

    `counts` (units, codes) says how many coders gave which code to a unit, so the cost does not depend on the number of
    coders. A unit with m answers adds count_c (count_k - [c = k]) / (m - 1) to the cell c, k; one with fewer than two
    adds nothing, there is nothing to compare it with. `groups` has each unit's group from 0, of `number` groups.

    >>> coincidences([[2, 0], [1, 1], [0, 1]])  # two coders agree, two do not, one is alone
    array([[2., 1.],
           [1., 0.]])
    """
    units: Floats = np.asarray(counts, dtype=float)
    answers = units.sum(axis=1)
    pairable = answers >= 2
    weight = 1 / (answers[pairable] - 1)
    given = np.ascontiguousarray(units[pairable].T)
    group = np.zeros(len(weight), dtype=int) if groups is None else np.asarray(groups)[pairable]
    number = 1 if groups is None else max(number, int(np.max(groups, initial=-1)) + 1)
    codes = len(given)
    tables = np.zeros((number, codes, codes))
    for c, k in combinations_with_replacement(range(codes), 2):
        pairs = weight * given[c] * (given[k] - (c == k))
        tables[:, c, k] = tables[:, k, c] = np.bincount(group, weights=pairs, minlength=number)
    return tables[0] if groups is None else tables


def alpha(table: npt.ArrayLike, level: Level = "nominal", values: Sequence[float] | None = None) -> Floats:
    """Return alpha = 1 - observed / expected disagreement of coincidence matrices (…, codes, codes).

    Two different codes of a nominal variable disagree by 1. Those of an ordinal one, in the matrix's order, by the
    square of how far their mean ranks lie apart, those of an interval one by the square of the difference of their
    `values` (codes). NaN where the answers do not vary or nothing is paired: then there is no chance to agree beyond.

    >>> kripp = [[3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [0, 4, 0, 0, 0], [1, 1, 1, 1, 0],
    ...          [0, 0, 0, 4, 0], [3, 1, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 0, 3], [2, 0, 0, 0, 0], [0, 0, 1, 0, 0]]
    >>> table = coincidences(kripp)  # four coders, twelve units, some answers missing: his section C
    >>> [round(float(alpha(table, level, [1, 2, 3, 4, 5])), 3) for level in ("nominal", "ordinal", "interval")]
    [0.743, 0.815, 0.849]
    """
    tables: Floats = np.asarray(table, dtype=float)
    given = tables.sum(axis=-1)
    number = given.sum(axis=-1)
    distance = disagreement(given, level, values)
    observed = (tables * distance).sum(axis=(-1, -2))
    chance = (given[..., :, None] * given[..., None, :] * distance).sum(axis=(-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(chance > 0, 1 - (number - 1) * observed / chance, np.nan)
    return found


def disagreement(given: Floats, level: Level, values: Sequence[float] | None = None) -> Floats:
    """Return how much each two codes disagree (…, codes, codes), for how often each was given (…, codes).

    >>> disagreement(np.array([2.0, 4.0, 2.0]), "ordinal").tolist()
    [[0.0, 9.0, 36.0], [9.0, 0.0, 9.0], [36.0, 9.0, 0.0]]
    """
    if level == "nominal":
        return 1 - np.eye(given.shape[-1])
    ranks = np.cumsum(given, axis=-1) - given / 2  # a code's mean rank among all answers
    place = ranks if level == "ordinal" else np.asarray(values, dtype=float)
    return (place[..., :, None] - place[..., None, :]) ** 2


def against_the_rest(table: npt.ArrayLike, code: int) -> Floats:
    """Return coincidence matrices (…, 2, 2) of one code against all others.

    >>> against_the_rest([[4, 1, 0], [1, 2, 1], [0, 1, 6]], 0)
    array([[ 4.,  1.],
           [ 1., 10.]])
    """
    tables: Floats = np.asarray(table, dtype=float)
    same = tables[..., code, code]
    mixed = tables[..., code, :].sum(axis=-1) - same
    others = tables.sum(axis=(-1, -2)) - same - 2 * mixed
    return np.stack([np.stack([same, mixed], axis=-1), np.stack([mixed, others], axis=-1)], axis=-2)


def resampled(tables: Floats, rounds: int = ROUNDS, seed: int = 0) -> Floats:
    """Return coincidence matrices (rounds, codes, codes) of as many articles, drawn with replacement.

    `tables` (articles, codes, codes) are the articles' own: a draw of articles is a weight for each, and all draws are
    one matrix product. Articles with the same table are drawn together, which changes nothing but the time.
    """
    articles, codes = len(tables), tables.shape[-1]
    rows = tables.reshape(articles, -1)
    chance = np.random.default_rng(seed)
    key = rows @ chance.random(codes * codes)  # equal tables have equal keys, different ones by chance never
    _, first, kind, number = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    kinds = rows[first]
    few = len(kinds) * 10 < articles  # a kind of article costs the multinomial about what ten articles cost otherwise
    drawn = np.empty((rounds, codes * codes))
    step = max(1, _CELLS // len(kinds))
    for start in range(0, rounds, step):
        part = drawn[start : start + step]
        times = np.empty((len(part), len(kinds)))
        for row in times:
            if few:
                row[:] = chance.multinomial(articles, number / articles)
            else:
                row[:] = np.bincount(kind[chance.integers(articles, size=articles)], minlength=len(kinds))
        np.matmul(times, kinds, out=part)
    return drawn.reshape(rounds, codes, codes)


def interval(draws: Floats, estimate: float, without: Floats) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure from its bootstrap draws, bias-corrected and accelerated.

    `without` (articles) is the figure with one article left out at a time. Efron (1987), Better bootstrap confidence
    intervals. Plain percentiles cover too little with few articles or a rare code (91 % in our simulation, against
    94). None where fewer than two articles or too few draws give a figure.

    >>> low, high = interval(np.linspace(0.5, 0.7, 2001), 0.6, np.array([0.59, 0.6, 0.61]))
    >>> round(low, 3), round(high, 3)
    (0.505, 0.695)
    """
    draws, without = draws[~np.isnan(draws)], without[~np.isnan(without)]
    if len(without) < 2 or len(draws) < 40:  # below 40 draws the outer 2.5 % hold none
        return None
    below = (np.mean(draws < estimate) + np.mean(draws <= estimate)) / 2
    pull = without.mean() - without
    spread = float((pull**2).sum())
    normal = NormalDist()
    bias = normal.inv_cdf(float(np.clip(below, 1 / len(draws), 1 - 1 / len(draws))))
    speed = float((pull**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0

    def end(share: float) -> float:
        shifted = bias + normal.inv_cdf(share)
        return float(np.quantile(draws, normal.cdf(bias + shifted / (1 - speed * shifted))))

    return end(0.025), end(0.975)
