"""Weights of several rounds, by exact enumeration: over all draws, the weighted codes add up to the true total."""

from collections.abc import Callable, Iterator
from itertools import combinations, product

import numpy as np
import pytest

from annotate.estimators.draws import coded_weights
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds

CODES = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
SIZE = len(CODES)
Study = list[RoundAsDrawn]
Case = Callable[[], Iterator[tuple[float, Study]]]
NONE = np.zeros(SIZE, dtype=bool)


def mask(*rows: int) -> np.ndarray:
    return np.isin(np.arange(SIZE), rows)


def as_drawn(
    pi: np.ndarray, drawn: np.ndarray, *, chance: float = 1.0, coded: np.ndarray | None = None, counts: bool = True,
    stratum: np.ndarray | None = None, by: tuple[str, ...] | None = None,
) -> RoundAsDrawn:  # fmt: skip
    """A round; `by` makes it a simple one, of strata by these properties."""
    strata = np.zeros(SIZE, dtype=np.int64) if stratum is None else stratum
    sizes = None
    if by is not None:
        in_frame = pi > 0
        sizes = {
            h: (int((strata[in_frame] == h).sum()), int((strata[drawn] == h).sum())) for h in set(strata[in_frame])
        }
    seen = drawn if coded is None else coded
    return RoundAsDrawn(pi, drawn, strata, np.full(SIZE, chance), seen, counts, sizes, by or ())


def simple(frame: np.ndarray, n: int) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Every simple draw of n spans: its probability, π and the spans drawn."""
    rows = np.flatnonzero(frame)
    draws = list(combinations(rows, n))
    for drawn in draws:
        yield 1 / len(draws), np.where(frame, n / len(rows), 0.0), mask(*drawn)


def one_by_size(frame: np.ndarray, size: np.ndarray) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Every draw of one span with probabilities proportional to a size, as the doubt of a model."""
    pi = np.where(frame, size, 0.0) / size[frame].sum()
    for row in np.flatnonzero(frame):
        yield pi[row], pi, mask(row)


EVERYTHING = np.ones(SIZE, dtype=bool)
DOUBT = np.array([0.1, 0.5, 0.2, 0.9, 0.4])


def twice_simple() -> Iterator[tuple[float, Study]]:
    for p, pi, first in simple(EVERYTHING, 2):
        for q, pi2, second in simple(~first, 1):
            yield p * q, [as_drawn(pi, first, by=()), as_drawn(pi2, second, by=())]


def simple_then_by_doubt() -> Iterator[tuple[float, Study]]:
    for p, pi, first in simple(EVERYTHING, 2):
        for q, pi2, second in one_by_size(~first, DOUBT):
            yield p * q, [as_drawn(pi, first, by=()), as_drawn(pi2, second)]


def three_times_by_doubt() -> Iterator[tuple[float, Study]]:
    for p, pi, first in one_by_size(EVERYTHING, DOUBT):
        for q, pi2, second in one_by_size(~first, DOUBT[::-1]):
            for r, pi3, third in one_by_size(~first & ~second, DOUBT):
                yield p * q * r, [as_drawn(pi, first), as_drawn(pi2, second), as_drawn(pi3, third)]


def other_strata() -> Iterator[tuple[float, Study]]:
    """First without strata, then one of each half as far as it has spans left."""
    half = np.array([0, 0, 0, 1, 1])
    for p, pi, first in simple(EVERYTHING, 1):
        halves = [simple(~first & (half == h), 1) for h in (0, 1)]
        for (q, pi2, a), (r, pi3, b) in product(*map(list, halves)):
            second = as_drawn(pi2 + pi3, a | b, stratum=half, by=("outlet",))
            yield p * q * r, [as_drawn(pi, first, by=()), second]


def articles_added_between() -> Iterator[tuple[float, Study]]:
    """The last two spans come after the first round."""
    early = mask(0, 1, 2)
    for p, pi, first in simple(early, 1):
        for q, pi2, second in simple(~first, 2):
            yield p * q, [as_drawn(pi, first, by=()), as_drawn(pi2, second, by=())]


def after_a_pilot() -> Iterator[tuple[float, Study]]:
    """A random pilot closes what it drew, and its codes do not count."""
    for p, pi, pilot in simple(EVERYTHING, 2):
        for q, pi2, main in simple(~pilot, 2):
            yield p * q, [as_drawn(pi, pilot, counts=False, coded=NONE), as_drawn(pi2, main, by=())]


def pilots_and_rounds_by_turns() -> Iterator[tuple[float, Study]]:
    """A pilot, a simple round, another pilot, and a round by doubt of what all of them left."""
    for p, pi, pilot in simple(EVERYTHING, 1):
        for q, pi2, main in simple(~pilot, 1):
            for r, pi3, again in simple(~pilot & ~main, 1):
                for s, pi4, last in one_by_size(~pilot & ~main & ~again, DOUBT):
                    pilots = [
                        as_drawn(part, drawn, counts=False, coded=NONE) for part, drawn in ((pi, pilot), (pi3, again))
                    ]
                    yield p * q * r * s, [pilots[0], as_drawn(pi2, main, by=()), pilots[1], as_drawn(pi4, last)]


def once_per_copy_group() -> Iterator[tuple[float, Study]]:
    """Spans 0 and 1 are copies: one group of three is drawn, and one span of it; then one of what is left."""
    groups = [(0, 1), (2,), (3,), (4,)]
    pi = np.array([1, 1, 2, 2, 2]) * (3 / 4) / 2
    for three in combinations(groups, 3):
        for rows in product(*three):
            chance = 1 / 4 / np.prod([len(group) for group in three])
            first = mask(*rows)
            for q, pi2, second in simple(~first, 1):
                yield chance * q, [as_drawn(pi, first), as_drawn(pi2, second, by=())]


def blind_by_chance() -> Iterator[tuple[float, Study]]:
    """Each drawn span is coded blind with probability .6; both rounds count what was coded blind only."""
    for p, pi, first in simple(EVERYTHING, 2):
        for blind in product((True, False), repeat=2):
            rows = np.flatnonzero(first)
            arm = 0.6 ** sum(blind) * 0.4 ** (2 - sum(blind))
            coded = mask(*rows[list(blind)])
            for q, pi2, second in one_by_size(~first, DOUBT):
                study = [as_drawn(pi, first, chance=0.6, coded=coded, by=()), as_drawn(pi2, second)]
                yield p * arm * q, study


CASES: list[Case] = [
    twice_simple, simple_then_by_doubt, three_times_by_doubt, other_strata, articles_added_between, after_a_pilot,
    pilots_and_rounds_by_turns, once_per_copy_group, blind_by_chance,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_over_all_draws_the_weighted_codes_are_the_true_total(case: Case) -> None:
    chance, total, weights = 0.0, 0.0, np.zeros(SIZE)
    for p, study in case():
        rounds, covered = combine_rounds(study)
        assert covered.all()
        weight = coded_weights(rounds)
        chance, total, weights = chance + p, total + p * (weight * CODES).sum(), weights + p * weight
    assert chance == pytest.approx(1)
    assert weights == pytest.approx(np.ones(SIZE))
    assert total == pytest.approx(CODES.sum())


def test_two_simple_rounds_weigh_as_one_draw() -> None:
    for _, study in twice_simple():
        (one,), _ = combine_rounds(study)
        assert set(coded_weights([one])) == {0.0, SIZE / 3}


def test_the_usual_product_of_rounds_is_wrong_where_it_is_not_exact() -> None:
    """1 - Π(1 - π) of two draws by doubt does not give the true total."""
    total = 0.0
    for p, (first, second) in simple_then_by_doubt():
        rows = np.flatnonzero(first.drawn | second.drawn)
        pi = 1 - (1 - first.pi) * (1 - DOUBT / DOUBT.sum())
        total += p * (CODES[rows] / pi[rows]).sum()
    assert abs(total - CODES.sum()) > 0.05


def test_a_span_that_no_round_could_draw_is_not_spoken_for() -> None:
    """A pilot of everything in its frame leaves nothing of it to the main round."""
    pilot = as_drawn(np.where(mask(0), 1.0, 0.0), mask(0), counts=False, coded=NONE)
    main = as_drawn(np.where(mask(0), 0.0, 0.5), mask(1, 2), by=())
    _, covered = combine_rounds([pilot, main])
    assert covered.tolist() == [False, True, True, True, True]


def test_spans_removed_since_change_no_probability() -> None:
    """Of two simple rounds, two of the three draws have been removed: the one that is left keeps its π of 3/5."""
    left = mask(1, 3, 4)
    first = as_drawn(np.full(SIZE, 0.4), mask(0, 1), by=())
    second = as_drawn(np.where(mask(0, 1), 0.0, 1 / 3), mask(2), by=())
    cut = [
        RoundAsDrawn(
            one.pi[left], one.drawn[left], one.stratum[left], one.chance[left], one.coded[left], True, one.sizes
        )
        for one in (first, second)
    ]
    (one,), _ = combine_rounds(cut)
    assert one.pi == pytest.approx(np.full(3, 3 / 5))


def test_rounds_between_which_spans_were_removed_are_not_one_draw() -> None:
    """The second round drew from less than the first had left: its strata tell, even if nothing else is left to tell."""
    first = as_drawn(np.full(SIZE, 0.4), mask(0, 1), by=())
    second = as_drawn(np.where(mask(2, 3), 0.5, 0.0), mask(2), by=())
    cut = [
        RoundAsDrawn(one.pi[:4], one.drawn[:4], one.stratum[:4], one.chance[:4], one.coded[:4], True, one.sizes)
        for one in (first, second)
    ]
    rounds, _ = combine_rounds(cut)
    assert len(rounds) == 2
