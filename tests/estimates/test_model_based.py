"""Model-based shares: what a classifier expects of an outlet in which nothing was coded."""

from __future__ import annotations

import numpy as np

from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.model_based import FEWEST_GROUPS, model_based_share
from annotate.estimators.shares import Group, estimate_share

SPANS, CODED = 150, 40


def outlet(rng: np.random.Generator, number: int, share: float, error: float) -> tuple[Group, float]:
    """An outlet with a true share, and a classifier whose probabilities are off by `error` in it; its true share."""
    truth = (rng.random(SPANS) < share).astype(float)
    predicted = np.clip(0.25 + 0.5 * truth + error + rng.normal(0, 0.1, SPANS), 0.01, 0.99)
    drawn = np.zeros(SPANS, dtype=bool)
    drawn[rng.choice(SPANS, CODED, replace=False)] = True
    one = RoundOfSpans(
        np.full(SPANS, CODED / SPANS), drawn, np.zeros(SPANS, dtype=np.int64), np.ones(SPANS), np.zeros(SPANS)
    )
    seen = np.where(drawn, truth, np.nan)
    return Group(
        seen, np.where(drawn, 1.0, np.nan), predicted, np.ones(SPANS), np.arange(SPANS) % 5,
        np.arange(SPANS) + number * SPANS, 10 * SPANS, [one],
    ), float(truth.mean())  # fmt: skip


def test_its_interval_contains_the_share_of_an_outlet_that_was_not_coded() -> None:
    """The errors by outlet are like each other's, as it assumes."""
    rng = np.random.default_rng(3)
    covered, runs = 0, 200
    for _ in range(runs):
        made = [outlet(rng, n, rng.uniform(0.3, 0.7), rng.normal(0, 0.08)) for n in range(7)]
        coded = {
            str(n): (group, float(estimate_share(group).estimate.share or 0)) for n, (group, _) in enumerate(made[1:])
        }
        figure = model_based_share(made[0][0], coded)
        assert figure.interval is not None
        covered += figure.interval[0] <= made[0][1] <= figure.interval[1]
    assert 0.92 <= covered / runs <= 0.99


def test_its_own_codes_enter_nothing() -> None:
    """A figure that is named model-based does not change with what is coded in the group."""
    rng = np.random.default_rng(4)
    made = [outlet(rng, n, 0.5, 0.0)[0] for n in range(6)]
    coded = {str(n): (group, 0.5) for n, group in enumerate(made[1:])}
    without = Group(**{**vars(made[0]), "code": np.full(SPANS, np.nan)})
    assert model_based_share(made[0], coded) == model_based_share(without, coded)


def test_few_coded_outlets_tell_nothing_of_a_further_one() -> None:
    rng = np.random.default_rng(5)
    made = [outlet(rng, n, 0.5, 0.0)[0] for n in range(FEWEST_GROUPS)]
    coded = {str(n): (group, 0.5) for n, group in enumerate(made[1:])}
    assert model_based_share(made[0], coded).share is None
    assert model_based_share(made[0], {**coded, "another": (made[0], 0.5)}).share is not None
