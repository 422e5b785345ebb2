"""A plan's numbers give the intervals that it promises."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from stores import study_in

from annotate.agreement.alpha import alpha, coincidences
from annotate.estimators.shares import logit_interval
from annotate.rounds.draw import draw
from annotate.rounds.sample_size import Drawable, half_width, plan_round, spans_for_alpha, spans_for_share
from annotate.rounds.sampling import draw_units, groups_drawn, probabilities
from corpus import Study
from corpus.errors import BadRound


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_a_share_of_so_many_spans_has_the_wanted_interval_and_one_span_less_has_not(share: float) -> None:
    def half(n: int) -> float:  # Wilson's interval, as its two ends solve (p - share)² = z² p (1 - p) / n
        z2 = 1.959964**2 / n
        return math.sqrt((share + z2 / 2) ** 2 - (1 + z2) * share**2) / (1 + z2)

    n = spans_for_share(share, 0.03)
    assert n is not None and half(n) <= 0.03 < half(n - 1)


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_alpha_of_so_many_spans_varies_as_much_as_planned(share: float) -> None:
    true, width = 0.8, 0.1
    n = spans_for_alpha(share, true, width)
    assert n is not None
    chance = np.random.default_rng(4)
    found = []
    for _ in range(1500):  # two coders who know with probability sqrt(alpha) and else guess from the same shares
        fact = chance.random(n) < share
        said = [np.where(chance.random(n) < math.sqrt(true), fact, chance.random(n) < share) for _ in range(2)]
        yes = said[0].astype(int) + said[1]
        found.append(float(alpha(coincidences(np.stack([2 - yes, yes], axis=1)))))
    assert 1.96 * np.nanstd(found) == pytest.approx(width, rel=0.12)


def test_a_draw_has_as_many_copy_groups_and_pairs_as_expected() -> None:
    """Against draws by the function that draws rounds, from two strata with copy groups in both."""
    sizes = np.array([[5, 1, 3, 0, 6, 2], [0, 4, 3, 2, 0, 1]])
    expected, pi = groups_drawn(sizes, 9), probabilities(np.repeat([0, 1], sizes.sum(axis=1)), 9)
    stratum = np.repeat([0, 1], sizes.sum(axis=1))
    group = np.concatenate([np.repeat(np.arange(6), row) for row in sizes])
    rng = np.random.default_rng(3)
    drawn = [np.bincount(group[draw_units(pi, stratum, rng)]) for _ in range(4000)]
    assert expected.clusters == pytest.approx(np.mean([np.count_nonzero(one) for one in drawn]), rel=0.01)
    assert expected.together == pytest.approx(np.mean([(one**2).sum() / 9 for one in drawn]), rel=0.01)


def test_correlated_codes_ask_for_more_and_small_frames_may_not_do() -> None:
    articles = np.full((1, 400), 5)
    alone = spans_for_share(0.2, 0.05, Drawable(articles, correlation=0))
    together = spans_for_share(0.2, 0.05, Drawable(articles, correlation=0.2))
    assert alone == 248 and together == 275  # 245 but for t; where whole articles were drawn 245 · 1.8
    assert spans_for_share(0.2, 0.05, Drawable(articles[:, :50], correlation=0.2)) is None  # other articles are needed
    assert spans_for_share(0.2, 0.05, Drawable(articles, asked=0.5, correlation=0)) == 493  # 2 · 248 but for t
    assert spans_for_alpha(0.05, 0.8, 0.1, Drawable(articles[:, :140])) is None


def test_a_planned_interval_is_as_wide_as_the_estimates() -> None:
    for share, n in ((0.3, 60), (0.5, 200), (0.1, 150)):
        low, high = logit_interval(share, math.sqrt(share * (1 - share) / n), 29)
        assert half_width(share, n, copy_groups=30) == pytest.approx((high - low) / 2, rel=0.03)


def test_a_plan_takes_the_shares_from_what_is_coded(example_study: Study) -> None:
    """What is not always asked is weighted."""
    found = plan_round(example_study, width=0.2, width_alpha=0.7)
    by = found.variables
    answers = example_study.annotations()
    mention = answers[answers["variable"] == "mention"]["code"].value_counts(normalize=True)
    assert (by["mention"].rarest, by["mention"].share) == (mention.idxmin(), pytest.approx(mention.min()))
    speaker = (answers["variable"] == "speaker").sum() / (answers["variable"] == "mention").sum()
    assert by["speaker"].asked == pytest.approx(speaker) and by["mention"].asked == 1
    assert found.frame == 50 and found.spans is not None and found.spans <= 50
    wide = plan_round(example_study, width=0.1, width_alpha=0.1, rarest=0.02)
    assert wide.spans is None and {need.known_from for need in wide.variables.values()} == {"--rarest"}
    said = json.loads(
        slantwise("round", "plan", "--width", 0.2, "--width-alpha", 0.7, "--json", cwd=example_study.folder).stdout
    )
    assert said == json.loads(json.dumps(found.json())) and "Bloch and Kraemer (1989)" in said["sources"]["alpha"]


def test_without_answers_and_suggestions_a_plan_asks_how_rare_codes_are(tmp_path: Path) -> None:
    empty = study_in(tmp_path / "study")
    with pytest.raises(BadRound, match=r"--rarest 0\.05, or draw a pilot"):
        plan_round(empty)
    with pytest.raises(BadRound, match=r"^width=1e-300: expected a number of at least 1e-09"):
        plan_round(empty, width=1e-300)
    with pytest.raises(BadRound, match=r"^seed=1000000000000000000000: expected a number of at most 18 digits"):
        draw(empty, "first", ["mira"], seed=10**21)
    with pytest.raises(BadRound, match=r"^width=5: expected a number between 0 and 1"):
        plan_round(empty, width=5, rarest=0.1)
