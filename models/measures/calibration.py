"""Calibrate probabilities for unseen outlets, and set the threshold below which nothing is suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.codebook import Codebook
from corpus.evaluation.calibration import (
    Calibration,
    CalibrationErrors,
    CalibrationReport,
    MeanCalibration,
    OutletCalibration,
    SureSpans,
)

from .metrics import calibration_error, code_f1

Floats = npt.NDArray[np.float64]

DOUBTFUL_SHARE = 0.2  # of the spans of held-out outlets, the least certain ones, which get no suggestion
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
MAX_TEMPERATURE = 10.0  # temperatures are between 1/MAX_TEMPERATURE and MAX_TEMPERATURE
_SMALLEST_PROBABILITY = 1e-6  # probabilities are stored to six digits


class HeldOutOutlet(NamedTuple):
    """A held-out outlet: its spans' answers and probabilities (rows, codes) by variable."""

    name: str
    answers: Mapping[str, Floats]
    probabilities: Mapping[str, Floats]

    def answered(self, variable: str) -> tuple[Floats, Floats]:
        """The commonest answers (one-hot) and the probabilities of the spans for which most coders were asked.

        A probability is that of being right, which the majority of coders decides: calibrated on the coders' shares,
        the classifier would seem less certain than it is (the error rose from .053 to .079).
        """
        answers = self.answers[variable]
        asked = answers.sum(axis=1) >= 0.5
        return np.eye(answers.shape[1])[answers[asked].argmax(axis=1)], self.probabilities[variable][asked]


def calibrate(probabilities: Mapping[str, Floats], calibration: Calibration) -> dict[str, Floats]:
    """Return the probabilities at their variables' temperatures; the most probable code stays the same."""
    temperatures = calibration.temperatures
    return {name: apply_temperature(rows, temperatures.get(name, 1.0)) for name, rows in probabilities.items()}


def apply_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return softmax(log p / T) of probabilities (rows, codes): T above 1 makes them less certain.

    >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
    [[0.75, 0.25]]
    """
    if temperature == 1.0:
        return probabilities
    logits = np.log(np.maximum(probabilities, _SMALLEST_PROBABILITY)) / temperature
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: Floats = weights / weights.sum(axis=1, keepdims=True)
    return scaled


def fit_temperature(held_out: Sequence[tuple[Floats, Floats]]) -> float:
    """Return the temperature with the lowest cross-entropy on (answers, probabilities) of equally weighted outlets.

    Guo, Pleiss, Sun and Weinberger (2017), On calibration of modern neural networks.

    >>> sure = np.array([[0.99, 0.01]] * 10)
    >>> right = np.eye(2)[[0] * 8 + [1] * 2]
    >>> apply_temperature(sure, fit_temperature([(right, sure)]))[0].round(2).tolist()
    [0.8, 0.2]
    """
    from scipy.optimize import minimize_scalar

    parts = [(answers, probabilities) for answers, probabilities in held_out if len(answers)]
    if not parts:
        return 1.0

    def cross_entropy(log: float) -> float:
        t = float(np.exp(log))
        return float(
            np.mean(
                [
                    -(a * np.log(np.maximum(apply_temperature(p, t), _SMALLEST_PROBABILITY))).sum(axis=1).mean()
                    for a, p in parts
                ]
            )
        )

    limit = float(np.log(MAX_TEMPERATURE))
    return round(float(np.exp(minimize_scalar(cross_entropy, bounds=(-limit, limit), method="bounded").x)), 3)


def fit_calibration(held_out: Sequence[HeldOutOutlet], book: Codebook) -> Calibration:
    """Fit temperatures and thresholds on outlets that were each held out of training.

    A temperature is used if temperatures from the other outlets lower the mean calibration error of an outlet;
    otherwise it is 1, since a classifier trained on shares of coders may be calibrated already. A variable's threshold
    is the probability of the most probable code that all but DOUBTFUL_SHARE of the spans reach; outlets count the same.
    """
    temperatures: dict[str, float] = {}
    thresholds: dict[str, float] = {}
    for variable in book.variables:
        parts = [outlet.answered(variable.name) for outlet in held_out]
        if variable.kind != "single" or not any(len(answers) for answers, _ in parts):
            continue
        temperatures[variable.name] = t = fit_temperature(parts) if _lowers_error(parts) else 1.0
        thresholds[variable.name] = _threshold([apply_temperature(p, t).max(axis=1) for _, p in parts if len(p)])
    n = sum(len(outlet.answers[book.focus_variable.name]) for outlet in held_out)
    return Calibration(temperatures, thresholds, tuple(outlet.name for outlet in held_out), n)


def _lowers_error(held_out: Sequence[tuple[Floats, Floats]]) -> bool:
    """Return whether temperatures from the other outlets lower the mean calibration error of an outlet."""
    gain = []
    for place, (answers, probabilities) in enumerate(held_out):
        t = fit_temperature([part for other, part in enumerate(held_out) if other != place])
        if len(answers):
            gain.append(_error(answers, probabilities) - _error(answers, apply_temperature(probabilities, t)))
    return len(gain) > 1 and float(np.mean(gain)) > 0


def _error(answers: Floats, probabilities: Floats) -> float:
    right = probabilities.argmax(axis=1) == answers.argmax(axis=1)
    return calibration_error(probabilities.max(axis=1), right)


def _threshold(confidences: Sequence[Floats]) -> float:
    values = np.concatenate(confidences)
    weights = np.concatenate([np.full(len(values), 1 / len(values)) for values in confidences])
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return round(
        float(values[order][np.searchsorted(reached, DOUBTFUL_SHARE, side="right").clip(max=len(values) - 1)]), 6
    )


def calibration_report(
    held_out: Sequence[HeldOutOutlet], calibration: Calibration, variable: str
) -> CalibrationReport | None:
    """Return the effects of calibrating and abstaining for a variable, by outlet.

    `calibration` is fitted on all these outlets. Here each outlet is calibrated on the other ones only, so the figures
    are those of an unseen outlet. None where the variable was asked in fewer than two of them.
    """
    single = [outlet for outlet in held_out if len(outlet.answered(variable)[0])]
    if len(single) < 2:
        return None
    outlets = {
        outlet.name: _outlet_report(outlet, [other for other in single if other is not outlet], variable)
        for outlet in single
    }
    reports = list(outlets.values())
    mean = MeanCalibration(
        calibration_error=CalibrationErrors(
            before=_rounded_mean([outlet.calibration_error.before for outlet in reports]),
            after=_rounded_mean([outlet.calibration_error.after for outlet in reports]),
        ),
        curve=tuple(
            SureSpans(coverage=share, macro_f1=_rounded_mean([outlet.curve[i].macro_f1 for outlet in reports]))
            for i, share in enumerate(COVERAGES)
        ),
    )
    return CalibrationReport(
        temperature=calibration.temperatures.get(variable),
        threshold=calibration.thresholds.get(variable),
        outlets=outlets,
        mean=mean,
        kept=calibration,
    )


def _rounded_mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 4)


def _outlet_report(outlet: HeldOutOutlet, others: Sequence[HeldOutOutlet], variable: str) -> OutletCalibration:
    answers, before = outlet.answered(variable)
    truth = answers.argmax(axis=1)
    parts = [other.answered(variable) for other in others]
    t = fit_temperature(parts)
    after = apply_temperature(before, t)
    is_sure = after.max(axis=1) >= (
        _threshold([apply_temperature(p, t).max(axis=1) for _, p in parts]) if parts else 0.0
    )

    codes, predicted = np.unique(truth), after.argmax(axis=1)

    def subset(rows: npt.NDArray[Any]) -> SureSpans:
        table = np.zeros((after.shape[1], after.shape[1]))
        np.add.at(table, (truth[rows], predicted[rows]), 1)
        f1 = np.nan_to_num(code_f1(table)[codes])  # a code without any span left counts as missed
        return SureSpans(
            coverage=round(len(rows) / len(truth), 4),
            macro_f1=round(float(f1.mean()), 4),
            risk=round(float((predicted[rows] != truth[rows]).mean()), 4),
        )

    order = np.argsort(-after.max(axis=1), kind="stable")
    return OutletCalibration(
        n=len(truth),
        temperature=t,
        calibration_error=CalibrationErrors(
            before=round(_error(answers, before), 4), after=round(_error(answers, after), 4)
        ),
        sure=subset(np.flatnonzero(is_sure)) if is_sure.any() else None,
        curve=tuple(subset(order[: max(1, round(share * len(order)))]) for share in COVERAGES),
    )
