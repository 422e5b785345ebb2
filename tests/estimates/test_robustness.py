"""Whether a result holds when it is read otherwise: weights, coders left out, variations, the page and the command."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product

import numpy as np
import pytest
from town_studies import drawn_and_coded, plant_predictions, town_study

from annotate.estimates.sample import read_sample
from annotate.estimators.draws import chance_to_stay, coded_weights
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from annotate.rounds.rounds import assignments
from corpus.study import Study

OUTLETS = ("Courier", "Herald", "Post")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A study of three outlets with a coded main round and predictions."""
    study = town_study(tmp_path_factory.mktemp("towns") / "study", articles=20)
    drawn_and_coded(study, 150, by=("outlet",))
    plant_predictions(study)
    yield study
    study.close()


VALUES = np.array([1.0, 0.0, 5.0, 2.0, 7.0])  # of five spans, in two strata
STRATA = np.array([0, 0, 0, 1, 1])
TEAMS = [(0,), (1,), (0, 1)]  # coders of the draws: two of the first stratum, one of the second


def weighted_totals() -> Iterator[tuple[float, tuple[int, int]]]:
    """Each draw, dealing and arm of a tiny round, as likely as any other: the total without coder 0, and what stays."""
    for two, one in product(combinations(range(3), 2), range(3, 5)):
        draws = (*two, one)
        drawn = np.isin(np.arange(5), draws)
        for teams in permutations(TEAMS):
            own = [span for span, team in zip(draws, teams, strict=True) if 1 in team]
            for assisted in own:  # one of the two spans of coder 1
                still = np.isin(np.arange(5), own)
                kept = chance_to_stay(drawn, still, np.where(drawn, STRATA, 0))
                chance = kept * np.where(still, 0.5, 1.0)
                coded = still & (np.arange(5) != assisted)
                design = RoundAsDrawn(
                    np.where(STRATA == 0, 2 / 3, 1 / 2), drawn, STRATA, chance, coded, True, {0: (3, 2), 1: (2, 1)}
                )
                (combined,), _ = combine_rounds([design])
                stays = (int((still & (STRATA == 0)).sum()), int((still & (STRATA == 1)).sum()))
                yield float((coded_weights([combined]) * VALUES).sum()), stays


def test_without_a_coder_the_others_speak_for_all_spans() -> None:
    """Given what stays of each stratum the total is unbiased; where nothing stays there is none."""
    totals: dict[tuple[int, int], list[float]] = {}
    for total, stays in weighted_totals():
        totals.setdefault(stays, []).append(total)
    assert set(totals) == {(2, 0), (1, 1)}
    assert np.mean(totals[1, 1]) == pytest.approx(VALUES.sum())
    assert np.mean(totals[2, 0]) == pytest.approx(VALUES[:3].sum())


def test_a_span_that_only_the_coder_left_out_was_given_is_not_coded(study: Study) -> None:
    sample = read_sample(study, without="mira")
    own = {one.span for one in assignments(study, "main", "jon")}
    assert set(sample.answers) == own and len(own) < 150
    assert all(len(answers) == 1 for answers in sample.answers.values())
    weights = coded_weights(sample.rounds)
    for outlet in OUTLETS:
        rows = (sample.spans["outlet"] == outlet).to_numpy()
        assert weights[rows].sum() == pytest.approx(rows.sum())
