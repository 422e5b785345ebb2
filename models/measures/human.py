"""The human mark: how well one coder agrees with the majority of the others, by the classifier's own metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from corpus.codebook import Variable

MINIMUM_ANSWERS = 20  # answers of one coder in one outlet, below which no human mark is taken from them
METRICS = ("macro_f1", "weighted_f1")


def human_f1(answers: pd.DataFrame, variable: Variable, outlets: Sequence[str]) -> dict[str, Any] | None:
    """Return how well one coder agrees with the majority of the others, by the classifier's own metric.

    `answers` are those that count, of people (`outlet, span, variable, code, coder`). For each outlet the macro-F1 of
    every coder with at least ENOUGH answers there, against the majority of the other coders (ties left out), and their
    mean; `pooled` is the same over all spans, of known outlet or not. None with fewer than three coders.
    """
    people = answers[answers["variable"] == variable.name]
    if people["coder"].nunique() < 3:
        return None
    found = {outlet: mark for outlet in outlets if (mark := _mean_f1(people[people["outlet"] == outlet], variable))}
    if not found:
        return None
    mean = float(np.mean([one["macro_f1"] for one in found.values()]))
    return {"macro_f1": round(mean, 4), "outlets": found, "pooled": _mean_f1(people, variable)}


def _mean_f1(people: pd.DataFrame, variable: Variable) -> dict[str, Any] | None:
    """Return the mean over coders and each coder's own mark; None where nobody has enough answers."""
    if people.empty:
        return None
    table = people.pivot_table("code", "span", "coder", aggfunc="first")
    given = np.stack([(table == code).to_numpy() for code in variable.code_names], axis=-1).astype(float)
    marks = {str(coder): mark for i, coder in enumerate(table.columns) if (mark := _coder_f1(given, i))}
    if not marks:
        return None
    means = {name: round(float(np.mean([mark[name] for mark in marks.values()])), 4) for name in METRICS}
    return {**means, "coders": marks}


def _coder_f1(given: np.ndarray[Any, Any], coder: int) -> dict[str, Any] | None:
    """Return one coder's F1 against the majority of the others, and on how many spans."""
    from sklearn.metrics import f1_score

    own, others = given[:, coder], given.sum(axis=1) - given[:, coder]
    ordered = np.sort(others, axis=1)
    clear = (own.sum(axis=1) > 0) & (ordered[:, -1] > ordered[:, -2])
    if clear.sum() < MINIMUM_ANSWERS:
        return None
    truth, said = others[clear].argmax(axis=1), own[clear].argmax(axis=1)
    present = sorted(set(truth))
    marks = {
        name: round(float(f1_score(truth, said, average=name.removesuffix("_f1"), labels=present)), 4)
        for name in METRICS
    }
    return {**marks, "n": int(clear.sum())}
