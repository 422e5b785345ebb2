"""Measurements beyond held-out outlets: a random split, later articles, outlet leak, learning curve, faithfulness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from corpus.result import Result, if_known, printed_as

from .scores import ComparedScores, Interval, ScoreDifference, ScoreSummary


@dataclass(frozen=True, kw_only=True)
class SplitGap(Result):
    """The mean over outlets on a random split, and the gap by which it exceeds that of outlets held out."""

    mean: ScoreSummary | None = if_known()
    gap: ScoreDifference | None = if_known()


@dataclass(frozen=True, kw_only=True)
class RandomSplit(SplitGap):
    """How much better a classifier appears on a random split into `folds`, where every outlet is in training."""

    folds: int
    baselines: Mapping[str, SplitGap]


@dataclass(frozen=True, kw_only=True)
class NotMeasured(Result):
    """A measurement for which the study has too little data, and why."""

    why: str


@dataclass(frozen=True, kw_only=True)
class LaterArticles(ComparedScores):
    """The scores on articles from `day` on, of a classifier trained on earlier ones; `why` where there are none."""

    day: Annotated[str, Field(alias="from")] = printed_as("from")
    trained_on: int
    dropped: Mapping[str, int]
    why: str | None = if_known()


@dataclass(frozen=True, kw_only=True)
class OutletProbe(Result):
    """How often a regression on the probabilities predicts the outlet of `n` spans of one code; `found`: by outlet."""

    n: int
    outlets: tuple[str, ...]
    accuracy: float
    chance: float
    interval: Interval
    found: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class MeanProbe(Result):
    """The mean over codes, weighted by their numbers of spans."""

    accuracy: float
    chance: float


@dataclass(frozen=True, kw_only=True)
class ClassifierLeak(Result):
    """How far a classifier's probabilities reveal the outlet within each code."""

    codes: Mapping[str, OutletProbe]
    mean: MeanProbe | None


@dataclass(frozen=True, kw_only=True)
class OutletLeak(ClassifierLeak):
    """The leak of the classifier and of the baselines; `why` is the reason if no code could be probed."""

    baselines: Mapping[str, ClassifierLeak]
    why: str | None = if_known()


@dataclass(frozen=True, kw_only=True)
class CurvePoint(Result):
    """The mean macro-F1 over outlets of `parts` trainings on `n` spans each."""

    n: int
    parts: int
    macro_f1: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class NextAnnotations(Result):
    """The macro-F1 that is predicted for some more annotations, and the gain with its interval."""

    annotations: int
    macro_f1: float
    gain: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class PredictedScore(Result):
    """The macro-F1 that is predicted for `n` spans."""

    n: int
    macro_f1: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class ClassifierCurve(Result):
    """One classifier's learning curve, and what it predicts for more annotations and for twice as many spans."""

    points: tuple[CurvePoint, ...] | None = if_known()
    annotations_per_span: float | None = if_known()
    next: NextAnnotations | None = if_known()
    doubled: PredictedScore | None = if_known()


@dataclass(frozen=True, kw_only=True)
class LearningCurve(ClassifierCurve):
    """The classifier's learning curve and those of the baselines; `why` where no held-out span has an answer."""

    baselines: Mapping[str, ClassifierCurve]
    why: str | None = if_known()


@dataclass(frozen=True, kw_only=True)
class Faithfulness(Result):
    """The mean drop of the score when a span's top words are deleted, and when random ones are; `why` where n is 0."""

    n: int
    top_words: float | None = if_known()
    random_words: float | None = if_known()
    difference: float | None = if_known()
    interval: Interval | None = if_known()
    share_of_spans: float | None = if_known()
    why: str | None = if_known()
