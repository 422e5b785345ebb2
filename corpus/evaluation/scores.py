"""The scores of classifiers and human coders; a figure that the data do not determine is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from corpus.result import Result, if_known

if TYPE_CHECKING:
    import pandas as pd

Interval = tuple[float | None, float | None]  # 95 %, over articles


@dataclass(frozen=True, kw_only=True)
class CodeScores(Result):
    """The scores of one code, which `n` spans have, for the binary question whether a span has it."""

    n: int
    f1: float | None
    mcc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None
    intervals: Mapping[str, Interval | None]


@dataclass(frozen=True, kw_only=True)
class ScoreSummary(Result):
    """The scores on `n` spans: `interval` is that of macro-F1, `codes` has the F1 of each code, `by_code` all."""

    n: int
    macro_f1: float | None
    mcc: float | None
    average_precision: float | None
    brier: float | None
    calibration_error: float | None
    weighted_f1: float | None
    codes: Mapping[str, float | None]
    interval: Interval
    intervals: Mapping[str, Interval | None]
    by_code: Mapping[str, CodeScores]


@dataclass(frozen=True, kw_only=True)
class ScoreDifference(Result):
    """How much higher one classifier scores than another on the same spans, with intervals paired over articles."""

    macro_f1: float | None
    interval: Interval
    weighted_f1: float | None
    weighted_interval: Interval


@dataclass(frozen=True, kw_only=True)
class ClassifierScores(Result):
    """One classifier's scores by outlet (and by fold), their mean, and those of all spans pooled."""

    outlets: Mapping[str, ScoreSummary]
    folds: Mapping[str, ScoreSummary] | None = if_known()
    mean: ScoreSummary | None
    pooled: ScoreSummary | None


@dataclass(frozen=True, kw_only=True)
class CoderScore(Result):
    """One coder against the majority of the others, on `n` spans."""

    macro_f1: float
    weighted_f1: float
    n: int


@dataclass(frozen=True, kw_only=True)
class MeanCoderScore(Result):
    """The mean over coders, each against the majority of the others."""

    macro_f1: float
    weighted_f1: float
    coders: Mapping[str, CoderScore]


@dataclass(frozen=True, kw_only=True)
class HumanScores(Result):
    """One coder against the majority of the others, by the classifier's measure: by outlet, their mean, and pooled."""

    macro_f1: float
    outlets: Mapping[str, MeanCoderScore]
    pooled: MeanCoderScore | None


@dataclass(frozen=True)
class ScoreRow:
    """A row of a table: an outlet, a fold, their mean or all spans pooled; `human` is one coder's macro-F1."""

    kind: Literal["outlet", "fold", "mean", "pooled"]
    name: str
    scores: ScoreSummary
    baselines: Mapping[str, ScoreSummary | None]
    human: float | None


@dataclass(frozen=True, kw_only=True)
class ComparedScores(ClassifierScores):
    """A classifier's scores, those of the baselines, and the differences between them."""

    baselines: Mapping[str, ClassifierScores]
    differences: Mapping[str, ScoreDifference]


@dataclass(frozen=True, kw_only=True)
class VariableScores(ComparedScores):
    """A classifier's scores on one variable, with those of the baselines and of human coders."""

    human: HumanScores | None

    def score_rows(self) -> list[ScoreRow]:
        """Return a row for each outlet, or each fold if there are any, one for their mean and one for all spans."""
        rows = []
        for name, scores in (self.folds or self.outlets).items():
            others = {other: (each.folds or each.outlets).get(name) for other, each in self.baselines.items()}
            coder = self.human.outlets.get(name) if self.human and not self.folds else None
            kind: Literal["fold", "outlet"] = "fold" if self.folds else "outlet"
            rows.append(ScoreRow(kind, name, scores, others, coder.macro_f1 if coder else None))
        human = None if self.folds else self.human
        if self.mean:
            others = {other: each.mean for other, each in self.baselines.items()}
            rows.append(ScoreRow("mean", "mean", self.mean, others, human.macro_f1 if human else None))
        if self.pooled:
            others = {other: each.pooled for other, each in self.baselines.items()}
            coder = human.pooled if human else None
            rows.append(ScoreRow("pooled", "pooled", self.pooled, others, coder.macro_f1 if coder else None))
        return rows

    def table(self) -> pd.DataFrame:
        """Return a row for each outlet and one for their mean: n, macro-F1 with its interval, baselines, one coder."""
        import pandas as pd

        rows = [row for row in self.score_rows() if row.kind != "pooled"]
        records = [
            {
                "n": row.scores.n,
                "macro_f1": row.scores.macro_f1,
                "low": row.scores.interval[0],
                "high": row.scores.interval[1],
                **{name: scores.macro_f1 if scores else None for name, scores in row.baselines.items()},
                "one coder": row.human,
            }
            for row in rows
        ]
        return pd.DataFrame(
            records, index=pd.Index([row.name for row in rows], name=rows[0].kind if rows else "outlet")
        )
