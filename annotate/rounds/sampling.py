"""Sampling with exact inclusion probabilities, as arithmetic on arrays.

No draw is rejected afterwards: balance comes from strata or from the order of a systematic draw.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Allocation = Literal["proportional", "equal"]


def allocate(sizes: npt.ArrayLike, n: int, allocation: Allocation = "proportional", least: int = 1) -> Ints:
    """Return the allocation of `n` units to strata of these sizes, at least `least` (or all) of each.

    Shares are rounded by the largest remainder; what a small stratum lacks is drawn from the others. Raises ValueError
    if `n` is too small for the minimum of each stratum, or larger than all strata.

    >>> allocate([100, 50, 3], 20).tolist(), allocate([100, 50, 3], 20, "equal").tolist()
    ([13, 6, 1], [9, 8, 3])
    """
    size = np.asarray(sizes, dtype=np.int64)
    floor = np.minimum(size, least)
    if not floor.sum() <= n <= size.sum():
        raise ValueError(f"{n} units cannot be allocated to these strata; expected {floor.sum()} to {size.sum()}")
    weight = size.astype(float) if allocation == "proportional" else np.ones(len(size))
    # each gets weight times a common factor, clipped to its floor and size; bisection finds the factor
    low, high = 0.0, float(n / weight[weight > 0].min()) + n + 1.0
    for _ in range(200):
        factor = (low + high) / 2
        low, high = (factor, high) if np.clip(weight * factor, floor, size).sum() < n else (low, factor)
    wanted = np.clip(weight * high, floor, size)
    allocated = np.floor(wanted + 1e-9).astype(np.int64)
    for stratum in np.argsort(allocated - wanted, kind="stable"):
        if allocated.sum() < n and allocated[stratum] < size[stratum]:
            allocated[stratum] += 1
    return allocated


def probabilities_by_doubt(doubt: npt.ArrayLike, n: int, uniform: float) -> Floats:
    """Return inclusion probabilities (units) that grow with the doubt u of each unit and sum to n.

    π_i = min(1, (1-τ) n u_i / Σu + τ n / N), with τ = `uniform` in (0, 1], so that no π is 0; if some reach 1, the
    others are scaled until the sum is n again.

    >>> probabilities_by_doubt([0.0, 0.2, 0.6], 1, 0.5).round(4).tolist()
    [0.1667, 0.2917, 0.5417]
    >>> probabilities_by_doubt([0.0, 0.1, 0.9], 2, 0.2).round(4).tolist()  # the last would have 1.57
    [0.3125, 0.6875, 1.0]
    """
    u = np.asarray(doubt, dtype=float)
    total = u.sum()
    share = u / total if total > 0 else np.full(len(u), 1 / len(u))
    return scale_probabilities((1 - uniform) * n * share + uniform * n / len(u), n)


def scale_probabilities(size: npt.ArrayLike, n: int) -> Floats:
    """Return probabilities min(1, c·size) (units), with the c for which they sum to n.

    >>> scale_probabilities([1.0, 1.0, 6.0], 2).tolist()
    [0.5, 0.5, 1.0]
    """
    sizes = np.asarray(size, dtype=float)
    certain = np.zeros(len(sizes), dtype=bool)
    if n >= len(sizes):
        return np.ones(len(sizes))
    while True:
        rest = sizes[~certain].sum()
        pi = np.where(certain, 1.0, sizes * ((n - certain.sum()) / rest if rest > 0 else 0.0))
        over = (pi >= 1) & ~certain
        if not over.any():
            return pi
        certain |= over


def systematic(pi: npt.ArrayLike, rng: np.random.Generator) -> Ints:
    """Draw units systematically, each with exactly its probability; the number of draws is the sum of these.

    One random start, then steps of 1 along the cumulated probabilities (Madow 1949, On the theory of systematic
    sampling II). If the units are shuffled first and all probabilities are equal, this is a simple random sample.

    >>> rng = np.random.default_rng(1)
    >>> systematic([0.5] * 6, rng).tolist(), systematic([1.0, 0.1, 0.9], rng).tolist()
    ([1, 3, 5], [0, 2])
    """
    p = np.asarray(pi, dtype=float)
    certain = np.flatnonzero(p >= 1)
    chance = np.flatnonzero(p < 1)
    n = round(float(p[chance].sum()))
    if not n:
        return certain
    reach = np.cumsum(p[chance])
    reach *= n / reach[-1]  # the sum is n but for rounding
    hits = np.searchsorted(reach, rng.random() + np.arange(n), side="right")
    return np.sort(np.concatenate([certain, chance[np.minimum(hits, len(chance) - 1)]]))


def probabilities(
    stratum: npt.ArrayLike,
    n: int,
    *,
    allocation: Allocation = "proportional",
    least: int = 1,
    doubt: npt.ArrayLike | None = None,
    uniform: float = 1.0,
) -> Floats:
    """Return the inclusion probability of each unit, given the number of its stratum (units).

    Within each stratum they sum to the number of units allocated to it.

    >>> probabilities([0, 0, 0, 0, 1, 1], 3).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    """
    stratum_of = np.asarray(stratum, dtype=np.int64)
    sizes = np.bincount(stratum_of)
    allocated = allocate(sizes, n, allocation, least)
    if doubt is None:
        share: Floats = (allocated / np.maximum(sizes, 1))[stratum_of]
        return share
    doubts = np.asarray(doubt, dtype=float)
    pi = np.zeros(len(stratum_of))
    for number, take in enumerate(allocated):
        members = stratum_of == number
        if take:
            pi[members] = probabilities_by_doubt(doubts[members], int(take), uniform)
    return pi


def draw_units(pi: Floats, stratum: npt.ArrayLike, rng: np.random.Generator, *, spread: bool = False) -> Ints:
    """Draw units with these probabilities, stratum by stratum; `spread` draws evenly along the units' order.

    >>> pi = probabilities([0] * 6 + [1] * 3, 3)
    >>> draw_units(pi, [0] * 6 + [1] * 3, np.random.default_rng(2), spread=True).tolist()
    [0, 3, 6]
    """
    stratum_of = np.asarray(stratum, dtype=np.int64)
    drawn = []
    for number in range(int(stratum_of.max(initial=-1)) + 1):
        members = np.flatnonzero(stratum_of == number)
        if not spread:
            members = rng.permutation(members)
        drawn.append(members[systematic(pi[members], rng)])
    return np.sort(np.concatenate(drawn)) if drawn else np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class GroupsDrawn:
    """What a draw of spans is expected to have: the number of clusters, and of a drawn span's cluster how many spans.

    `together` counts the span itself: 1 where no two spans of a cluster are drawn. It is Σm²/Σm over the clusters.
    """

    clusters: float
    together: float


def groups_drawn(sizes: npt.ArrayLike, n: int, allocation: Allocation = "proportional") -> GroupsDrawn:
    """Return the clusters that a simple draw of `n` spans within strata has on average.

    `sizes` (strata, clusters) are the numbers of spans of each cluster in each stratum. A cluster of M of the N spans
    of a stratum is missed with the probability C(N-M, n) / C(N, n); pairs of its spans are drawn with
    n(n-1) / (N(N-1)) (Cochran 1977, Sampling Techniques, chapter 2).

    >>> articles = [[4, 4, 4]]
    >>> groups_drawn(articles, 12), round(groups_drawn(articles, 2).clusters, 2)
    (GroupsDrawn(clusters=3.0, together=4.0), 1.73)
    """
    distinct, number = np.unique(np.atleast_2d(np.asarray(sizes, dtype=np.int64)), axis=1, return_counts=True)
    total = distinct @ number
    taken = allocate(total, n, allocation, least=0)
    missed, pairs, seen = np.ones(distinct.shape[1]), np.zeros(distinct.shape[1]), np.zeros(distinct.shape[1])
    for of_stratum, size, drawn in zip(distinct, total.tolist(), taken.tolist(), strict=True):
        missed *= [_chance_to_miss(size, int(of_cluster), drawn) for of_cluster in of_stratum]
        expected = of_stratum * (drawn / max(size, 1))
        pairs += 2 * seen * expected + expected * (of_stratum - 1) * ((drawn - 1) / max(size - 1, 1))
        seen += expected
    return GroupsDrawn(float(number @ (1 - missed)), 1 + float(number @ pairs) / n)


def _chance_to_miss(size: int, of_cluster: int, drawn: int) -> float:
    if drawn > size - of_cluster:
        return 0.0 if of_cluster else 1.0
    rest = size - of_cluster
    logs = math.lgamma(rest + 1) - math.lgamma(rest - drawn + 1) - math.lgamma(size + 1) + math.lgamma(size - drawn + 1)
    return math.exp(logs)


def factorize(names: Sequence[str]) -> tuple[list[str], Ints]:
    """Return the distinct names in order, and the index of each name among them.

    >>> factorize(["b", "a", "b"])
    (['a', 'b'], array([1, 0, 1]))
    """
    distinct, number = np.unique(np.array(names, dtype=object), return_inverse=True)
    return [str(name) for name in distinct], number.astype(np.int64)


def assign_coders(
    draws: int, coders: int, overlap: float, pairs: bool, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """Return the coders of each draw: a share of `overlap` is coded by all (`pairs`: by two), the rest by one each.

    Coders are chosen at random, and their numbers of draws differ by at most one.

    >>> assign_coders(4, 3, 0.5, False, np.random.default_rng(1))
    [(0, 1, 2), (0, 1, 2), (2,), (0,)]
    """
    both = set(rng.permutation(draws)[: int(overlap * draws + 0.5)].tolist())
    teams = [(a, b) for a in range(coders) for b in range(a + 1, coders)] if pairs else []
    singles, shared = _deal(coders, draws, rng), _deal(len(teams), draws, rng)
    everybody = tuple(range(coders))
    return [(teams[shared.pop()] if teams else everybody) if i in both else (singles.pop(),) for i in range(draws)]


def _deal(hands: int, cards: int, rng: np.random.Generator) -> list[int]:
    """Return hands in random order; how often each occurs differs by at most one."""
    if not hands:
        return []
    return [int(hand) for _ in range(-(-cards // hands)) for hand in rng.permutation(hands)]
