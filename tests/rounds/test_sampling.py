"""A draw is worth its probabilities: over thousands of draws every span comes as often as its π says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from annotate.rounds.draw import assign_arms
from annotate.rounds.sampling import allocate, assign_coders, draw_units, probabilities, probabilities_by_doubt

DRAWS = 2000
STRATUM = np.repeat([0, 1, 2], [40, 15, 5])
DOUBT = np.random.default_rng(7).gamma(0.6, size=len(STRATUM))


def often(pi: np.ndarray, stratum: np.ndarray, spread: bool = False) -> np.ndarray:
    """How often each span is drawn."""
    counts = np.zeros(len(pi))
    for seed in range(DRAWS):
        chosen = draw_units(pi, stratum, np.random.default_rng(seed), spread=spread)
        assert len(set(chosen.tolist())) == len(chosen) == round(pi.sum())
        counts[chosen] += 1
    return counts


def z_scores(counts: np.ndarray, pi: np.ndarray) -> np.ndarray:
    chance = pi < 1
    assert (counts[~chance] == DRAWS).all()
    return (counts - DRAWS * pi)[chance] / np.sqrt(DRAWS * pi * (1 - pi))[chance]


@pytest.mark.parametrize("allocation", ["proportional", "equal"])
def test_in_strata_over_2000_draws_the_frequencies_match_by_chi_square(allocation: str) -> None:
    pi = probabilities(STRATUM, 12, allocation=allocation)  # type: ignore[arg-type]
    counts = often(pi, STRATUM)
    for number in range(3):  # a simple random sample of each: (N-1)/N times the sum of z² is chi-square with N-1
        z = z_scores(counts[number == STRATUM], pi[number == STRATUM])
        if len(z):
            assert chi2.sf((z**2).sum() * (len(z) - 1) / len(z), len(z) - 1) > 0.001


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("strata", [1, 3])
def test_under_doubt_over_2000_draws_every_frequency_matches_its_probability(strata: int, spread: bool) -> None:
    stratum = STRATUM % strata
    pi = probabilities(stratum, 15, doubt=DOUBT, uniform=0.3)
    assert pi.min() > 0 and pi.max() <= 1 and len(set(pi.round(6))) > 30
    z = z_scores(often(pi, stratum, spread), pi)
    assert np.abs(z).max() < 4  # of 60 normal deviates one lies beyond 4 in 4 of 1,000 runs
    assert 0.5 < (z**2).mean() < 1.6


def test_arms_and_coders_over_2000_draws_come_as_often_as_their_probabilities_say() -> None:
    spans = [f"s{i}" for i in range(10)]
    assisted, both, mine = np.zeros(10), np.zeros(10), np.zeros((10, 3))
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        who = assign_coders(10, 3, 0.4, True, rng)
        both += [len(several) == 2 for several in who]
        for i, several in enumerate(who):
            mine[i, list(several)] += 1
        given = assign_arms("r", spans, "mira", 0.3, rng)
        assert {one.arm: one.probability for one in given} == {"assisted": 0.3, "blind": pytest.approx(0.7)}
        assisted += [one.arm == "assisted" for one in given]
    for counts, pi in ((assisted, 0.3), (both, 0.4), (mine, 1.4 / 3)):
        z = z_scores(counts.ravel(), np.full(counts.size, pi))
        assert np.abs(z).max() < 4 and (z**2).sum() < chi2.isf(0.0001, counts.size)


def test_a_systematic_draw_is_even_along_its_order() -> None:
    pi = np.full(100, 0.1)
    for seed in range(50):
        chosen = draw_units(pi, np.zeros(100, dtype=int), np.random.default_rng(seed), spread=True)
        assert np.diff(chosen).tolist() == [10] * 9


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any),
    st.integers(1, 3),
    st.sampled_from(["proportional", "equal"]),
    st.data(),
)
def test_strata_give_as_many_as_wanted_each_its_least_and_none_more_than_it_has(
    sizes: list[int], least: int, allocation: str, data: st.DataObject
) -> None:
    floor = sum(min(size, least) for size in sizes)
    n = data.draw(st.integers(floor, sum(sizes)))
    found = allocate(sizes, n, allocation, least)  # type: ignore[arg-type]
    assert found.sum() == n
    assert all(min(size, least) <= took <= size for size, took in zip(sizes, found.tolist(), strict=True))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 1), st.data())
def test_probabilities_by_doubt_sum_to_the_draw_and_none_is_nothing(
    doubt: list[float], uniform: float, data: st.DataObject
) -> None:
    n = data.draw(st.integers(1, len(doubt)))
    pi = probabilities_by_doubt(doubt, n, uniform)
    assert pi.sum() == pytest.approx(n) and pi.min() > 0 and pi.max() <= 1
    order = np.argsort(doubt, kind="stable")
    assert (np.diff(pi[order]) > -1e-12).all()  # who is doubted more is drawn rather


def test_unless_all_are_assisted_one_span_of_each_coder_is_blind() -> None:
    """A span that no coder could get blind would have no probability to enter an estimate."""
    rng = np.random.default_rng(1)
    for spans, share in ((["a"], 0.5), (["a", "b"], 0.9), (list("abcd"), 0.95)):
        given = assign_arms("r", spans, "mira", share, rng)
        assert sum(one.arm == "blind" for one in given) == 1 and all(0 < one.probability <= 1 for one in given)
    assert {one.arm for one in assign_arms("r", ["a"], "mira", 1.0, rng)} == {"assisted"}
