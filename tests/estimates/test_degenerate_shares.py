"""Shares where little varies: one text, the same share in every text, a perfect classifier, everything coded."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.estimators.differences import differences
from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.shares import Group, Share, Target, estimate_share, exact_interval

FRAME = 400


def group_of(code: np.ndarray, clusters: int, pi: float = 0.25, predicted: np.ndarray | None = None) -> Group:
    """A group whose first spans are coded, of so many copy groups; all spans are eligible."""
    n = len(code)
    coded = np.arange(FRAME) < n if pi < 1 else np.ones(FRAME, dtype=bool)
    values = np.full(FRAME, np.nan)
    values[coded] = np.resize(code, coded.sum())
    one = RoundOfSpans(
        np.full(FRAME, pi), coded, np.zeros(FRAME, dtype=np.int64), np.ones(FRAME), np.zeros(FRAME)
    )  # fmt: skip
    guess = np.full(FRAME, 0.5) if predicted is None else predicted
    cluster = np.arange(FRAME) % clusters
    return Group(
        values, np.where(coded, 1.0, np.nan), guess, np.ones(FRAME), cluster % 5, cluster, clusters, [one]
    )  # fmt: skip


def width(share: Share) -> float:
    assert share.estimate.interval is not None
    return share.estimate.interval[1] - share.estimate.interval[0]


def test_spans_of_one_text_have_no_figure() -> None:
    """With one copy group its influences add up to 0, and an interval of no width would claim certainty."""
    share = estimate_share(group_of(np.resize([0.0, 1.0], 40), clusters=1))
    assert share.method == "none" and share.estimate.share is None


def test_the_same_share_in_every_text_is_no_certainty() -> None:
    share = estimate_share(group_of(np.repeat([0.0, 1.0], 10), clusters=10, pi=0.05))
    assert share.method == "exact" and share.estimate.share == 0.5 and share.estimate.se == pytest.approx(0)
    assert width(share) > 0.4
    assert exact_interval(0.5, 0.0, 20, 10, 20.0) == exact_interval(0.5, 1e-12, 20, 10, 20.0)


@pytest.mark.parametrize("target", ["process", "corpus"])
def test_a_classifier_without_any_error_is_no_certainty(target: Target) -> None:
    """Its residuals are 0 on the coded spans, which says little about the others."""
    truth = (np.random.default_rng(3).random(FRAME) < 0.4).astype(float)
    assert width(estimate_share(group_of(truth[:100], clusters=80, predicted=truth), target)) > 0.05


def test_a_frame_that_is_coded_whole_has_no_error_of_drawing_however_few_have_the_code() -> None:
    for code in (np.zeros(FRAME), (np.arange(FRAME) < 3).astype(float), np.ones(FRAME)):
        whole = estimate_share(group_of(code, clusters=100, pi=1.0), "corpus")
        assert whole.method == "counted" and whole.estimate.interval == (code.mean(), code.mean())
        assert width(estimate_share(group_of(code, clusters=100, pi=1.0))) > 0


def test_a_corrected_share_outside_0_and_1_gives_way_to_the_coded_spans() -> None:
    """Predictions that are high in just the coded spans take more away than there is."""
    code = (np.arange(100) % 20 == 0).astype(float)
    predicted = np.where(np.arange(FRAME) < 100, 0.1 + 0.8 * np.resize(code, FRAME), 0.0)
    share = estimate_share(group_of(code, clusters=100, predicted=predicted))
    assert share.estimate.share == pytest.approx(0.05) and width(share) > 0.05


def test_groups_without_any_difference_have_no_small_p() -> None:
    same = estimate_share(group_of(np.resize([0.0, 1.0], 100), clusters=80))
    (pair,) = differences({"A": same, "B": same})
    assert pair.difference == 0 and pair.p == 1 and pair.simultaneous == (0, 0)
