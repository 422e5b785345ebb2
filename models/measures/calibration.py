"""Calibration: probabilities that mean what they say on outlets that were not trained on, and when to say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.codebook import Codebook

from .metrics import calibration_error, code_f1

Floats = npt.NDArray[np.float64]

DOUBTFUL_SHARE = 0.2  # the share of spans, the least certain, that get no suggestion on outlets held out
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
MAX_TEMPERATURE = 10.0  # a temperature outside of 1/HOTTEST to HOTTEST says that there is nothing to calibrate
_SMALLEST_PROBABILITY = 1e-6  # as probabilities are kept


class HeldOutOutlet(NamedTuple):
    """One outlet that was not trained on: its spans' answers and probabilities (rows, codes) by variable."""

    outlet: str
    answers: Mapping[str, Floats]
    probabilities: Mapping[str, Floats]

    def answered(self, variable: str) -> tuple[Floats, Floats]:
        """The commonest answers (one-hot) and the probabilities of the spans of which most coders were asked.

        A probability is read as that of being right, and right is what most coders said: calibrated on the coders'
        shares, the classifier would seem less sure than it may be (seen: the error rose from .053 to .079).
        """
        answers = self.answers[variable]
        asked = answers.sum(axis=1) >= 0.5
        return np.eye(answers.shape[1])[answers[asked].argmax(axis=1)], self.probabilities[variable][asked]


@dataclass(frozen=True)
class Calibration:
    """A temperature and a threshold for each single-choice variable, from `n` spans of outlets that were held out."""

    temperatures: Mapping[str, float]
    thresholds: Mapping[str, float]
    outlets: tuple[str, ...]
    n: int

    def apply(self, probabilities: Mapping[str, Floats]) -> dict[str, Floats]:
        """Return the probabilities at their temperatures; the most probable code stays the same."""
        return {name: apply_temperature(rows, self.temperatures.get(name, 1.0)) for name, rows in probabilities.items()}

    def json(self) -> dict[str, Any]:
        """The calibration as it is kept beside the model."""
        return {**asdict(self), "outlets": list(self.outlets)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Calibration:
        """Return what `json` gave. Raises KeyError, TypeError."""
        return cls(
            {str(k): float(v) for k, v in kept["temperatures"].items()},
            {str(k): float(v) for k, v in kept["thresholds"].items()},
            tuple(kept["outlets"]),
            int(kept["n"]),
        )


def apply_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return softmax(log p / T) of probabilities (rows, codes): T above 1 makes them less sure of themselves.

    >>> apply_temperature(np.array([[0.9, 0.1]]), 2.0).round(3).tolist()
    [[0.75, 0.25]]
    """
    if temperature == 1.0:
        return probabilities
    logits = np.log(np.maximum(probabilities, _SMALLEST_PROBABILITY)) / temperature
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    found: Floats = weights / weights.sum(axis=1, keepdims=True)
    return found


def fit_temperature(held_out: Sequence[tuple[Floats, Floats]]) -> float:
    """Return the temperature under which (answers, probabilities) of outlets surprise least; outlets count the same.

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

    def surprise(log: float) -> float:
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
    return round(float(np.exp(minimize_scalar(surprise, bounds=(-limit, limit), method="bounded").x)), 3)


def fit_calibration(held_out: Sequence[HeldOutOutlet], book: Codebook) -> Calibration:
    """Fit temperatures and thresholds on outlets that were each held out of training.

    A temperature is used where temperatures from the other outlets lower the calibration error of an outlet on the
    mean, else it is 1: learned from shares of coders, a classifier may be calibrated as it is. A variable's threshold
    is the probability of the most probable code that all but DOUBTFUL of the spans reach; outlets count the same.
    """
    temperatures: dict[str, float] = {}
    thresholds: dict[str, float] = {}
    for variable in book.variables:
        parts = [one.answered(variable.name) for one in held_out]
        if variable.kind != "single" or not any(len(answers) for answers, _ in parts):
            continue
        temperatures[variable.name] = t = fit_temperature(parts) if _lowers_error(parts) else 1.0
        thresholds[variable.name] = _threshold([apply_temperature(p, t).max(axis=1) for _, p in parts if len(p)])
    n = sum(len(one.answers[book.focus_variable.name]) for one in held_out)
    return Calibration(temperatures, thresholds, tuple(one.outlet for one in held_out), n)


def _lowers_error(held_out: Sequence[tuple[Floats, Floats]]) -> bool:
    """Say whether temperatures from the other outlets lower the calibration error of an outlet, on the mean."""
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
    weights = np.concatenate([np.full(len(one), 1 / len(one)) for one in confidences])
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return round(
        float(values[order][np.searchsorted(reached, DOUBTFUL_SHARE, side="right").clip(max=len(values) - 1)]), 6
    )


def calibration_report(held_out: Sequence[HeldOutOutlet], whole: Calibration, variable: str) -> dict[str, Any] | None:
    """Return what calibrating and abstaining bring for a variable, per outlet, as `evaluate --json` prints it.

    `whole` is the calibration on all these outlets. Each outlet is calibrated here on the other ones alone, so the
    figures are those of an outlet that was never seen. None where fewer than two of them were asked the variable.
    """
    single = [one for one in held_out if len(one.answered(variable)[0])]
    if len(single) < 2:
        return None
    outlets = {
        one.outlet: _outlet_report(one, [other for other in single if other is not one], variable) for one in single
    }
    known = list(outlets.values())
    return {
        "temperature": whole.temperatures.get(variable),
        "threshold": whole.thresholds.get(variable),
        "outlets": outlets,
        "mean": {
            "calibration_error": {
                when: round(float(np.mean([one["calibration_error"][when] for one in known])), 4)
                for when in ("before", "after")
            },
            "curve": [
                {
                    "coverage": share,
                    "macro_f1": round(float(np.mean([one["curve"][i]["macro_f1"] for one in known])), 4),
                }
                for i, share in enumerate(COVERAGES)
            ],
        },
    }


def _outlet_report(one: HeldOutOutlet, others: Sequence[HeldOutOutlet], variable: str) -> dict[str, Any]:
    answers, before = one.answered(variable)
    truth = answers.argmax(axis=1)
    parts = [other.answered(variable) for other in others]
    t = fit_temperature(parts)
    after = apply_temperature(before, t)
    sure = after.max(axis=1) >= (_threshold([apply_temperature(p, t).max(axis=1) for _, p in parts]) if parts else 0.0)

    codes, said = np.unique(truth), after.argmax(axis=1)

    def part(rows: npt.NDArray[Any]) -> dict[str, float]:
        table = np.zeros((after.shape[1], after.shape[1]))
        np.add.at(table, (truth[rows], said[rows]), 1)
        f1 = np.nan_to_num(code_f1(table)[codes])  # a code of which no span is kept counts as missed, not as left out
        return {
            "coverage": round(len(rows) / len(truth), 4),
            "macro_f1": round(float(f1.mean()), 4),
            "risk": round(float((said[rows] != truth[rows]).mean()), 4),
        }

    order = np.argsort(-after.max(axis=1), kind="stable")
    return {
        "n": len(truth),
        "temperature": t,
        "calibration_error": {"before": round(_error(answers, before), 4), "after": round(_error(answers, after), 4)},
        "sure": part(np.flatnonzero(sure)) if sure.any() else None,
        "curve": [part(order[: max(1, round(share * len(order)))]) for share in COVERAGES],
    }
