"""Calibration: temperatures and thresholds, and their effect on held-out outlets."""

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
    """The share of spans with a suggestion (`coverage`), their macro-F1, and the share of them that is wrong."""

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
    """The same of one outlet, with temperature and threshold of the other outlets; `sure`: spans above it."""

    n: int
    temperature: float
    calibration_error: CalibrationErrors
    sure: SureSpans | None
    curve: tuple[SureSpans, ...]


@dataclass(frozen=True, kw_only=True)
class CalibrationReport(Result):
    """The effects of calibrating and abstaining on held-out outlets; `kept` is the calibration fitted on all."""

    temperature: float | None
    threshold: float | None
    outlets: Mapping[str, OutletCalibration]
    mean: MeanCalibration
    kept: Calibration
