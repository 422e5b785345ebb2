"""The report's table of how well the suggestions hold: each held-out outlet beside the baselines and the human mark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METRIC = "macro_f1"


@dataclass(frozen=True)
class Score:
    """One row: a held-out outlet, or the mean of all; what is not known is None."""

    name: str
    n: int | None
    value: float | None
    interval: tuple[float, float] | None
    baselines: Mapping[str, float | None]
    human: float | None


def scores(evaluation: Mapping[str, Any]) -> list[Score]:
    """Return the rows of `evaluate --json`: the outlets, their mean, and all spans pooled.

    >>> rows = scores({"outlets": {"Herald": {"n": 40, "macro_f1": 0.7, "interval": [0.6, 0.8]}},
    ...                "mean": {"macro_f1": 0.7}, "baselines": {"term rule": {"macro_f1": 0.5}}, "human": None})
    >>> [(row.name, row.n, row.value, row.baselines["term rule"]) for row in rows]
    [('Herald', 40, 0.7, None), ('mean of the outlets', None, 0.7, 0.5)]
    """
    baselines: Mapping[str, Any] = evaluation.get("baselines") or {}
    human = evaluation.get("human")
    rows = []
    for outlet, found in (evaluation.get("outlets") or {}).items():
        beside = {name: _outlet(part, outlet) for name, part in baselines.items()}
        rows.append(_score(outlet, found, beside, _outlet(human, outlet)))
    for key, name in (("mean", "mean of the outlets"), ("pooled", "all spans pooled")):
        if found := evaluation.get(key):
            beside = {name: _over_all(part, key) for name, part in baselines.items()}
            rows.append(_score(name, found, beside, _over_all(human, key)))
    return rows


def _score(name: str, found: Mapping[str, Any], baselines: Mapping[str, float | None], human: float | None) -> Score:
    low, high = (_number(edge) for edge in (found.get("interval") or (None, None)))
    n = _number(found.get("n"))
    interval = (low, high) if low is not None and high is not None else None
    return Score(name, None if n is None else int(n), _number(found.get(METRIC)), interval, baselines, human)


def _outlet(part: object, outlet: str) -> float | None:
    outlets = part.get("outlets") if isinstance(part, Mapping) else None
    found = outlets.get(outlet) if isinstance(outlets, Mapping) else None
    return _number(found.get(METRIC) if isinstance(found, Mapping) else found)


def _over_all(part: object, key: str) -> float | None:
    """Return a baseline's or the human mark's score over all outlets; one without its own mean is that mean."""
    if not isinstance(part, Mapping):
        return _number(part) if key == "mean" else None
    found = part.get(key, part if key == "mean" else None)
    return _number(found.get(METRIC)) if isinstance(found, Mapping) else _number(found)


def _number(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known and isinstance(value, int | float) else None
