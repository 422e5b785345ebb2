"""The probability that a drawn span is coded by two coders and settled: the weights of adjudicated codes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from .draws import Mask
from .regression import Floats, Ints


def chance_of_two(teams: Sequence[Sequence[float]]) -> Floats:
    """Return the probability with which each drawn span is coded blind by two coders or more (spans).

    `teams` has for each drawn span the probability of each of its coders to see a suggestion. Which of the drawn spans
    go to several coders is decided at random over the whole round, whatever their strata, so a span is one of them with
    the share of the round's spans that are; the arms of several coders are dealt independently.

    >>> chance_of_two([[0.0, 0.0], [0.0], [0.0], [0.0, 0.0]]).tolist()
    [0.5, 0.0, 0.0, 0.5]
    >>> chance_of_two([[0.2, 0.2], [0.2, 0.2]]).round(2).tolist()
    [0.64, 0.64]
    """
    shared = np.array([len(team) > 1 for team in teams])
    return (shared.mean() if len(shared) else 0.0) * np.array([_two_blind(team) for team in teams])


def _two_blind(assisted: Sequence[float]) -> float:
    """Return the probability that at most all but two of the coders see a suggestion."""
    alone = sum((1 - p) * prod(q for j, q in enumerate(assisted) if j != i) for i, p in enumerate(assisted))
    return max(0.0, 1 - prod(assisted) - alone)


def settled_chance(
    chance: Floats, stratum: Ints, asked: Mask, answered: Mask, disputed: Mask, settled: Mask
) -> tuple[Floats, dict[int, tuple[float, float]]]:
    """Return the probability that a span has a settled code (spans), and by stratum two rates.

    `chance` is that of two blind coders, `asked` marks the drawn spans that have them, `answered` those that two have
    answered, `disputed` those of which on anything differently, and `settled` those of which everything is settled. The
    rates are the share of the asked spans that are answered, and of the disputed ones that are settled: a settled
    dispute stands for those that are not, spans without a dispute stand for themselves.

    >>> two = np.ones(4, dtype=bool)
    >>> settled = np.array([True, True, True, False])
    >>> disputed = np.array([False, False, True, True])
    >>> settled_chance(np.full(4, 0.2), np.zeros(4, dtype=np.int64), two, two, disputed, settled)[0].tolist()
    [0.2, 0.2, 0.1, 0.1]
    """
    chance = chance.copy()
    rates: dict[int, tuple[float, float]] = {}
    for number in np.unique(stratum[asked]):
        rows = asked & (stratum == number)
        open_to_dispute = rows & answered & disputed
        rate = float((rows & answered).sum() / rows.sum())
        decided = float((open_to_dispute & settled).sum() / open_to_dispute.sum()) if open_to_dispute.any() else 1.0
        chance[rows] *= rate
        chance[open_to_dispute] *= decided
        rates[int(number)] = rate, decided
    return chance, rates
