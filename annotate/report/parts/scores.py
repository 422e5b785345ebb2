"""The report's table of scores: each held-out outlet, with the baselines and the score of a human coder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METRIC = "macro_f1"


@dataclass(frozen=True)
class ScoreRow:
    """One row: a held-out outlet, the mean or all spans pooled; unknown values are None."""

    name: str
    n: int | None
    value: float | None
    interval: tuple[float, float] | None
    baselines: Mapping[str, float | None]
    human: float | None


def score_rows(evaluation: Mapping[str, Any]) -> list[ScoreRow]:
    """Return the rows for the results of `evaluate --json`: the outlets, their mean, and all spans pooled.

    >>> rows = score_rows({"outlets": {"Herald": {"n": 40, "macro_f1": 0.7, "interval": [0.6, 0.8]}},
    ...                    "mean": {"macro_f1": 0.7}, "baselines": {"term rule": {"macro_f1": 0.5}}, "human": None})
    >>> [(row.name, row.n, row.value, row.baselines["term rule"]) for row in rows]
    [('Herald', 40, 0.7, None), ('mean of the outlets', None, 0.7, 0.5)]
    """
    baselines: Mapping[str, Any] = evaluation.get("baselines") or {}
    human = evaluation.get("human")
    rows = []
    for outlet, result in (evaluation.get("outlets") or {}).items():
        others = {name: _of_outlet(baseline, outlet) for name, baseline in baselines.items()}
        rows.append(_row(outlet, result, others, _of_outlet(human, outlet)))
    for key, name in (("mean", "mean of the outlets"), ("pooled", "all spans pooled")):
        if result := evaluation.get(key):
            others = {name: _overall(baseline, key) for name, baseline in baselines.items()}
            rows.append(_row(name, result, others, _overall(human, key)))
    return rows


def _row(name: str, result: Mapping[str, Any], baselines: Mapping[str, float | None], human: float | None) -> ScoreRow:
    low, high = (_number(end) for end in (result.get("interval") or (None, None)))
    n = _number(result.get("n"))
    interval = (low, high) if low is not None and high is not None else None
    return ScoreRow(name, None if n is None else int(n), _number(result.get(METRIC)), interval, baselines, human)


def _of_outlet(result: object, outlet: str) -> float | None:
    outlets = result.get("outlets") if isinstance(result, Mapping) else None
    score = outlets.get(outlet) if isinstance(outlets, Mapping) else None
    return _number(score.get(METRIC) if isinstance(score, Mapping) else score)


def _overall(result: object, key: str) -> float | None:
    """Return a score over all outlets; a result of baselines or a human coder without a `mean` is the mean itself."""
    if not isinstance(result, Mapping):
        return _number(result) if key == "mean" else None
    score = result.get(key, result if key == "mean" else None)
    return _number(score.get(METRIC)) if isinstance(score, Mapping) else _number(score)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
