"""Sampling: which units are drawn, each with exactly the probability that was stated; arithmetic on arrays.

Nothing is drawn and then turned down: what shall be even is made so by strata or by the order of a systematic draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Allocation = Literal["proportional", "equal"]


def allocate(sizes: npt.ArrayLike, n: int, allocation: Allocation = "proportional", least: int = 1) -> Ints:
    """Return how many of `n` units each stratum of these sizes gives, each at least `least` or all it has.

    Shares are rounded by the largest remainder; what a small stratum cannot give, the others give. Raises ValueError
    where `n` is too small for the least of each, or larger than all strata.

    >>> allocate([100, 50, 3], 20).tolist(), allocate([100, 50, 3], 20, "equal").tolist()
    ([13, 6, 1], [9, 8, 3])
    """
    size = np.asarray(sizes, dtype=np.int64)
    floor = np.minimum(size, least)
    if not floor.sum() <= n <= size.sum():
        raise ValueError(f"{n} units do not go into these strata, which take {floor.sum()} to {size.sum()}")
    weight = size.astype(float) if allocation == "proportional" else np.ones(len(size))
    # each gets weight times one common factor, held between its floor and its size; the factor is found by halving
    low, high = 0.0, float(n / weight[weight > 0].min()) + n + 1.0
    for _ in range(200):
        factor = (low + high) / 2
        low, high = (factor, high) if np.clip(weight * factor, floor, size).sum() < n else (low, factor)
    wanted = np.clip(weight * high, floor, size)
    given = np.floor(wanted + 1e-9).astype(np.int64)
    for stratum in np.argsort(given - wanted, kind="stable"):
        if given.sum() < n and given[stratum] < size[stratum]:
            given[stratum] += 1
    return given


def probabilities_by_doubt(doubt: npt.ArrayLike, n: int, uniform: float) -> Floats:
    """Return inclusion probabilities (units) that grow with the doubt u of each unit and sum to n.

    π_i = min(1, (1-τ) n u_i / Σu + τ n / N), with τ = `uniform` in (0, 1], so that no π is 0; where some reach 1 the
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
    wanted = np.asarray(size, dtype=float)
    certain = np.zeros(len(wanted), dtype=bool)
    if n >= len(wanted):
        return np.ones(len(wanted))
    while True:
        rest = wanted[~certain].sum()
        pi = np.where(certain, 1.0, wanted * ((n - certain.sum()) / rest if rest > 0 else 0.0))
        over = (pi >= 1) & ~certain
        if not over.any():
            return pi
        certain |= over


def systematic(pi: npt.ArrayLike, rng: np.random.Generator) -> Ints:
    """Draw as many units as the probabilities sum to, each with exactly its own, evenly along their order.

    One random start, then steps of 1 along the cumulated probabilities (Madow 1949, On the theory of systematic
    sampling II). Units that are shuffled first make it a simple random sample where all probabilities are equal.

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

    Within each stratum they sum to the number of units that it gives.

    >>> probabilities([0, 0, 0, 0, 1, 1], 3).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    """
    of = np.asarray(stratum, dtype=np.int64)
    sizes = np.bincount(of)
    given = allocate(sizes, n, allocation, least)
    if doubt is None:
        share: Floats = (given / np.maximum(sizes, 1))[of]
        return share
    u = np.asarray(doubt, dtype=float)
    pi = np.zeros(len(of))
    for number, take in enumerate(given):
        inside = of == number
        if take:
            pi[inside] = probabilities_by_doubt(u[inside], int(take), uniform)
    return pi


def draw_units(pi: Floats, stratum: npt.ArrayLike, rng: np.random.Generator, *, spread: bool = False) -> Ints:
    """Draw units with these probabilities, stratum by stratum; `spread` draws evenly along the units' order.

    >>> pi = probabilities([0] * 6 + [1] * 3, 3)
    >>> draw_units(pi, [0] * 6 + [1] * 3, np.random.default_rng(2), spread=True).tolist()
    [0, 3, 6]
    """
    of = np.asarray(stratum, dtype=np.int64)
    found = []
    for number in range(int(of.max(initial=-1)) + 1):
        members = np.flatnonzero(of == number)
        if not spread:
            members = rng.permutation(members)
        found.append(members[systematic(pi[members], rng)])
    return np.sort(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def factorize(names: Sequence[str]) -> tuple[list[str], Ints]:
    """Return the different names in order, and each name's number.

    >>> factorize(["b", "a", "b"])
    (['a', 'b'], array([1, 0, 1]))
    """
    known, number = np.unique(np.array(names, dtype=object), return_inverse=True)
    return [str(name) for name in known], number.astype(np.int64)


def assign_coders(
    draws: int, coders: int, overlap: float, pairs: bool, rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """Return who codes each draw: a share of `overlap` is coded by all (`pairs`: by two), the others by one each.

    Who is chosen by chance, and everybody gets the same number, give or take one.

    >>> assign_coders(4, 3, 0.5, False, np.random.default_rng(1))
    [(0, 1, 2), (0, 1, 2), (2,), (0,)]
    """
    both = set(rng.permutation(draws)[: int(overlap * draws + 0.5)].tolist())
    two = [(a, b) for a in range(coders) for b in range(a + 1, coders)] if pairs else []
    everybody = tuple(range(coders))
    singles, couples = _deal(coders, draws, rng), _deal(len(two), draws, rng)
    return [(two[couples.pop()] if two else everybody) if draw in both else (singles.pop(),) for draw in range(draws)]


def _deal(hands: int, cards: int, rng: np.random.Generator) -> list[int]:
    """Return hands in random order, each as often as any other, give or take one."""
    if not hands:
        return []
    return [int(hand) for _ in range(-(-cards // hands)) for hand in rng.permutation(hands)]
