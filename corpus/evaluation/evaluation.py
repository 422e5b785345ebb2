"""Evaluation: how well a classifier codes outlets that it was not trained on, next to baselines and coders."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.result import Result, if_known
from corpus.study.files import write_whole

from .calibration import CalibrationReport
from .extra_measures import Faithfulness, LaterArticles, LearningCurve, NotMeasured, OutletLeak, RandomSplit
from .scores import VariableScores

log = logging.getLogger(__name__)

FILE = "evaluation.json"  # in a study's folder of reports


@dataclass(frozen=True, kw_only=True)
class WrongSpan(Result):
    """A span that the classifier gets wrong: `passage[start:end]`, the coders' code, and the classifier's (`found`).

    `share` is the share of the coders who gave the code, `probability` that of the classifier's code.
    """

    span: str
    outlet: str | None
    date: str | None
    passage: str
    start: int
    end: int
    code: str
    share: float
    found: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class CodersAgreement(Result):
    """The coders' own agreement on a variable."""

    alpha: float | None
    interval: tuple[float, float] | None
    n_units: int
    gate: str


@dataclass(frozen=True, kw_only=True)
class Evaluation(VariableScores):
    """How well a study's classifier does on outlets held out: its own fields are the scores on the focus `variable`.

    `held_out` are the outlets that were each left out of training and tested; `whole` says whether these are all coded
    ones. `variables` has the scores on every single-choice variable, `wrong` the worst errors, `divided` the number of
    spans without a majority, which are not tested. `trained_on` and `dropped` count the training rows of each fold.
    `random`, `leak`, `forward` and `curve` are None unless they were asked for.
    """

    variable: str
    worst_outlet: str | None
    held_out: tuple[str, ...]
    whole: bool
    divided: int
    trained_on: Mapping[str, int]
    dropped: Mapping[str, Mapping[str, int]]
    simulated_coders: tuple[str, ...]
    rounds: Mapping[str, int]
    left_out: Mapping[str, int]
    variables: Mapping[str, VariableScores]
    wrong: tuple[WrongSpan, ...]
    faithful: Faithfulness
    model: str
    calibration: CalibrationReport | None
    random: RandomSplit | None = if_known()
    leak: OutletLeak | None = if_known()
    forward: LaterArticles | NotMeasured | None = if_known()
    curve: LearningCurve | None = if_known()
    agreement: Mapping[str, CodersAgreement] | None = None
    page: Path | None = None

    def json(self) -> dict[str, Any]:
        """Return what `evaluate --json` prints."""
        return {"variable": self.variable, **super().json()}  # first, as it says what the scores are of

    @classmethod
    def read(cls, folder: Path) -> Evaluation | None:
        """Return the evaluation stored in a folder; None if there is none, or with a warning if it cannot be read."""
        file = folder / FILE
        try:
            return cls.from_json(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning(f"{file} cannot be read ({error.strerror}), so it is left out; check your rights")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            log.warning(f"{file} is damaged, so it is left out; to make it again: slantwise evaluate")
        return None

    def write(self, folder: Path) -> None:
        """Store the evaluation in a folder, replacing an earlier one."""
        write_whole(folder / FILE, json.dumps(self.json(), indent=1, ensure_ascii=False))
