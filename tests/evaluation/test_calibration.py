"""Probabilities are cooled on outlets that were held out, and what stays doubtful is not suggested."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from evaluations import small_evaluation

from corpus import Study
from corpus.codebook import load
from corpus.evaluation.calibration import Calibration
from models.measures.calibration import (
    COVERAGES,
    HeldOutOutlet,
    apply_temperature,
    calibrate,
    calibration_report,
    fit_calibration,
    fit_temperature,
)
from models.suggestions.checkpoint import (
    Checkpoint,
    calibrate_by_evaluation,
    current_checkpoint,
    set_calibration,
    train,
)
from models.suggestions.outlet_distance import CodedSpans
from models.suggestions.suggest import suggest

BOOK = load("territorial-control").model_copy(update={"variables": (load("territorial-control").by_name["wording"],)})
WORDING = BOOK.variables[0]
CODES = len(WORDING.codes)


def outlet(name: str, heat: float, n: int = 2000, seed: int = 0) -> HeldOutOutlet:
    """An outlet whose answers follow known probabilities, which the classifier exaggerates: softmax(heat · logits)."""
    chance = np.random.default_rng(seed)
    true = apply_temperature(chance.dirichlet(np.ones(CODES), n), 0.7)
    answers = np.array([chance.multinomial(1, row) for row in true], dtype=float)
    said = apply_temperature(true, 1 / heat)
    return HeldOutOutlet(name, {"wording": answers}, {"wording": said})


def test_a_temperature_undoes_what_was_exaggerated() -> None:
    for heat in (0.5, 1.0, 3.0):
        one = outlet("Herald", heat)
        assert fit_temperature([(one.answers["wording"], one.probabilities["wording"])]) == pytest.approx(heat, rel=0.1)


def test_the_calibration_error_of_an_outlet_falls_by_a_temperature_from_the_others() -> None:
    outlets = [outlet(name, 2.5, seed=i) for i, name in enumerate(("Herald", "Courier", "Lamp"))]
    found = calibration_report(outlets, fit_calibration(outlets, BOOK), "wording")
    assert found is not None
    for one in found.outlets.values():
        assert one.calibration_error.after < 0.03 < 0.1 < one.calibration_error.before
        risks = [point.risk for point in one.curve if point.risk is not None]
        assert risks == sorted(risks, reverse=True) and len(risks) == len(COVERAGES)
        assert one.sure is not None and one.sure.coverage == pytest.approx(0.8, abs=0.05)
    assert found.temperature == pytest.approx(2.5, rel=0.1)


def test_a_code_of_which_nothing_is_kept_counts_as_missed() -> None:
    answers = np.eye(CODES)[np.repeat([0, 1, 2], [45, 45, 10])]
    said = np.full((100, CODES), 0.01)
    said[np.arange(100), np.repeat([0, 1, 0], [45, 45, 10])] = np.repeat([0.9, 0.9, 0.3], [45, 45, 10])
    said /= said.sum(axis=1, keepdims=True)
    parts = [HeldOutOutlet(name, {"wording": answers}, {"wording": said}) for name in ("Herald", "Lamp")]
    found = calibration_report(parts, fit_calibration(parts, BOOK), "wording")
    assert found is not None
    curve = {point.coverage: point.macro_f1 for point in found.outlets["Lamp"].curve}
    assert curve[0.9] == pytest.approx(2 / 3, abs=1e-3)  # two codes right, the third never said


def test_outlets_count_the_same_however_many_spans_they_have() -> None:
    large, small = outlet("Herald", 3.0, n=4000), outlet("Lamp", 1.0, n=400, seed=1)
    parts = [(one.answers["wording"], one.probabilities["wording"]) for one in (large, small)]
    assert 1.2 < fit_temperature(parts) < 2.6


def test_a_variable_that_nobody_was_asked_keeps_its_probabilities() -> None:
    held = outlet("Herald", 2.0, n=50)
    nobody = held._replace(answers={"wording": np.zeros((50, CODES))})
    found = fit_calibration([nobody], BOOK)
    assert found.temperatures == {} and found.thresholds == {}
    np.testing.assert_array_equal(calibrate(nobody.probabilities, found)["wording"], nobody.probabilities["wording"])


def test_a_calibrated_model_suggests_calibrated_probabilities(trained_study: Study, checkpoint: Checkpoint) -> None:
    """It does so under a version of its own."""
    plain = suggest(trained_study)
    before = trained_study.suggestions().set_index(["span", "variable"])["probabilities"]
    version = set_calibration(trained_study, Calibration({"wording": 2.0}, {"wording": 0.5}, ("Harbour Post",), 80))
    assert version.startswith(f"{checkpoint.version}+c") and current_checkpoint(trained_study).version == version
    done = suggest(trained_study)
    assert (done.scored, done.cached, done.model) == (plain.scored + plain.cached, 0, version)
    after = trained_study.suggestions().set_index(["span", "variable"])["probabilities"]
    span = before.index[0][0]
    was, now = before[span, "wording"], after[span, "wording"]
    np.testing.assert_allclose(list(now.values()), apply_temperature(np.array([list(was.values())]), 2.0)[0], atol=1e-4)
    assert dict(before[span, "gainer"]) == dict(after[span, "gainer"])
    again = suggest(trained_study)
    assert (again.scored, again.doubtful) == (0, done.doubtful)
    assert train(trained_study).version == version  # trained already, and still calibrated
    assert done.doubtful == sum(max(row.values()) < 0.5 for (_, name), row in after.items() if name == "wording")


def test_only_an_evaluation_of_all_outlets_calibrates_and_only_its_own_model(
    trained_study: Study, checkpoint: Checkpoint
) -> None:
    report = calibration_report(*_two_outlets(), "wording")
    for other in ({"whole": False}, {"model": "v-1"}, {"calibration": None}):
        fitting = {"whole": True, "model": checkpoint.base, "calibration": report, **other}
        small_evaluation(**fitting).write(trained_study.reports)
        assert calibrate_by_evaluation(trained_study).version == checkpoint.version
    small_evaluation(whole=True, model=checkpoint.base, calibration=report).write(trained_study.reports)
    calibrated = train(trained_study)  # trained already; an evaluation before is taken into account
    assert calibrated.version.startswith(f"{checkpoint.version}+c") and calibrated.calibration == report.kept
    assert calibrated.json()["model"] == calibrated.version and calibrated.json()["version"] == checkpoint.version


def _two_outlets() -> tuple[list[HeldOutOutlet], Calibration]:
    outlets = [outlet(name, 2.5, n=200, seed=i) for i, name in enumerate(("Herald", "Courier"))]
    return outlets, fit_calibration(outlets, BOOK)


def test_an_outlet_far_from_everything_coded_is_named_with_its_distance() -> None:
    chance = np.random.default_rng(0)
    middle = chance.normal(size=8)
    coded = CodedSpans.of(middle + chance.normal(size=(60, 8)), ["Herald"] * 20 + ["Courier"] * 20 + ["Lamp"] * 20)
    near, far = middle + chance.normal(size=(20, 8)) * 0.5, -middle + chance.normal(size=(20, 8)) * 0.1
    found = coded.far_outlets(np.vstack([near, far]), ["Gazette"] * 20 + ["Mirror"] * 20)
    assert set(found) == {"Mirror"} and found["Mirror"] > (coded.usual_distance or 1)
    assert replace(coded, outlets=("Herald",) * 60).far_outlets(far, ["Mirror"] * 20) == {}  # nothing to compare with
