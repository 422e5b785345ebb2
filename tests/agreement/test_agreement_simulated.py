"""Where the true alpha is known, its interval covers it; and a million annotations are no obstacle."""

from __future__ import annotations

import json
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from timing import processor_time

from annotate.agreement.alpha import alpha, resample_tables
from annotate.agreement.variable_agreement import variable_agreement
from benchmarks import agreement_coverage, agreement_speed

KEPT = Path(agreement_coverage.__file__).parent / "results" / "agreement_coverage.jsonl"


@pytest.mark.parametrize("setting", agreement_coverage.SETTINGS[1:6:2], ids=str)
def test_the_95_percent_interval_covers_the_true_alpha(setting: agreement_coverage.SimulatedStudy) -> None:
    found = agreement_coverage.coverage(setting, studies=250, rounds=400)
    assert 0.92 <= float(str(found["coverage"])) <= 0.98


def test_the_estimate_has_no_bias_to_speak_of() -> None:
    setting = agreement_coverage.SETTINGS[0]
    totals = (
        agreement_coverage.simulate_coincidences(setting, np.random.default_rng(seed)).sum(axis=0)
        for seed in range(300)
    )
    found = np.array([float(alpha(total)) for total in totals])
    assert abs(found.mean() - setting.alpha) < 3 * found.std() / np.sqrt(len(found)) + 0.002


def test_the_kept_figures_cover_between_92_and_98_percent_in_every_setting() -> None:
    kept = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    assert {(row["articles"], row["level"]) for row in kept} == {
        (s.articles, s.level) for s in agreement_coverage.SETTINGS
    }
    assert all(0.92 <= row["coverage"] <= 0.98 and row["studies"] >= 1000 for row in kept)


@pytest.mark.perf
def test_a_million_annotations_with_2000_rounds_take_less_than_30_seconds() -> None:
    answers = agreement_speed.simulate_answers(*agreement_speed.SETTINGS[0])
    assert len(answers.code) > 1_000_000
    with processor_time() as used:
        found = variable_agreement(answers)
    assert used.seconds < 30
    assert found.alpha == pytest.approx(
        krippendorff.alpha(value_counts=answers.counts, level_of_measurement="nominal"), abs=1e-12
    )


def test_articles_drawn_by_kind_vary_as_much_as_articles_drawn_one_by_one() -> None:
    kinds = np.array([[[2.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]])
    tables = kinds[np.random.default_rng(3).choice(3, 400, p=[0.5, 0.2, 0.3])]
    marked = tables + np.arange(400)[:, None, None] * 1e-9  # no two alike, so that each is drawn by itself
    together, apart = (alpha(resample_tables(each, 4000)) for each in (tables, marked))
    assert together.mean() == pytest.approx(apart.mean(), abs=0.003)
    assert together.std() == pytest.approx(apart.std(), rel=0.05)
