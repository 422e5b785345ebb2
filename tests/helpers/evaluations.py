"""An evaluation as the page, the report and calibration take it, without training anything."""

from __future__ import annotations

from typing import Any

from corpus.evaluation import Evaluation
from corpus.evaluation.extra_measures import Faithfulness
from corpus.evaluation.scores import ClassifierScores, ScoreSummary


def scored(n: int, macro_f1: float, low: float, high: float) -> ScoreSummary:
    """Scores of which only these are known."""
    rest = {"mcc": None, "average_precision": None, "brier": None, "calibration_error": None, "weighted_f1": None}
    return ScoreSummary(n=n, macro_f1=macro_f1, interval=(low, high), codes={}, intervals={}, by_code={}, **rest)


def small_evaluation(**changed: Any) -> Evaluation:
    """An evaluation of one outlet of the example study."""
    ours, rule = scored(87, 0.7123, 0.61, 0.8), scored(87, 0.5011, 0.4, 0.6)
    values: dict[str, Any] = {
        "variable": "wording",
        "outlets": {"Free Marn": ours},
        "mean": ours,
        "pooled": None,
        "baselines": {"term rule": ClassifierScores(outlets={"Free Marn": rule}, mean=rule, pooled=None)},
        "differences": {},
        "human": None,
        "worst_outlet": "Free Marn",
        "held_out": ("Free Marn",),
        "whole": False,
        "divided": 0,
        "trained_on": {},
        "dropped": {},
        "simulated_coders": (),
        "rounds": {},
        "left_out": {},
        "variables": {},
        "wrong": (),
        "faithful": Faithfulness(n=0, why="no held-out span has 4 words"),
        "model": "v-1",
        "calibration": None,
    }
    return Evaluation(**{**values, **changed})
