"""Calibration: temperatures and thresholds, and what they change on held-out outlets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.result import Result, if_known


@dataclass(frozen=True)
class Calibration(Result):
    """A temperature and a threshold for each single-choice variable, fitted on `n` spans of held-out outlets."""

    temperatures: Mapping[str, float]
    thresholds: Mapping[str, float]
    outlets: tuple[str, ...]
    n: int


@dataclass(frozen=True, kw_only=True)
class CalibrationErrors(Result):
    """The calibration error without and with a temperature."""

    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class SureSpans(Result):
    """The share of the spans that have a suggestion (`coverage`), the macro-F1 there, and the share that is wrong."""

    coverage: float
    macro_f1: float
    risk: float | None = if_known()


@dataclass(frozen=True, kw_only=True)
class MeanCalibration(Result):
    """The mean over outlets: the calibration error, and the macro-F1 of the surest spans."""

    calibration_error: CalibrationErrors
    curve: tuple[SureSpans, ...]


@dataclass(frozen=True, kw_only=True)
class OutletCalibration(Result):
    """The same of one outlet, with the temperature and the threshold (spans above it: `sure`) of the other outlets."""

    n: int
    temperature: float
    calibration_error: CalibrationErrors
    sure: SureSpans | None
    curve: tuple[SureSpans, ...]


@dataclass(frozen=True, kw_only=True)
class CalibrationReport(Result):
    """What calibrating and abstaining change on held-out outlets; `kept` is the calibration fitted on all of them."""

    temperature: float | None
    threshold: float | None
    outlets: Mapping[str, OutletCalibration]
    mean: MeanCalibration
    kept: Calibration
