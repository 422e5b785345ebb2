"""Human F1: one coder against the majority of the others, by the metric that the classifier is measured with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from corpus.codebook import Variable
from corpus.evaluation.scores import CoderScore, HumanScores, MeanCoderScore

MINIMUM_ANSWERS = 20  # of one coder in one outlet; coders with fewer are left out
METRICS = ("macro_f1", "weighted_f1")


def human_f1(answers: pd.DataFrame, variable: Variable, outlets: Sequence[str]) -> HumanScores | None:
    """Return the F1 of one coder against the majority of the others, as the standard for the classifier's.

    `answers` are the valid ones of human coders (`outlet, span, variable, code, coder`). For each outlet the macro-F1
    of every coder with at least MINIMUM_ANSWERS answers there, against the majority of the other coders (ties left
    out), and their mean; `pooled` is the same over all spans, with or without an outlet. None with fewer than three
    coders.
    """
    people = answers[answers["variable"] == variable.name]
    if people["coder"].nunique() < 3:
        return None
    by_outlet = {
        outlet: score for outlet in outlets if (score := _mean_f1(people[people["outlet"] == outlet], variable))
    }
    if not by_outlet:
        return None
    mean = float(np.mean([score.macro_f1 for score in by_outlet.values()]))
    return HumanScores(macro_f1=round(mean, 4), outlets=by_outlet, pooled=_mean_f1(people, variable))


def _mean_f1(people: pd.DataFrame, variable: Variable) -> MeanCoderScore | None:
    """Return each coder's F1 and the mean over coders; None if nobody has enough answers."""
    if people.empty:
        return None
    table = people.pivot_table("code", "span", "coder", aggfunc="first")
    answers = np.stack([(table == code).to_numpy() for code in variable.code_names], axis=-1).astype(float)
    by_coder = {str(coder): score for i, coder in enumerate(table.columns) if (score := _coder_f1(answers, i))}
    if not by_coder:
        return None
    means = {name: round(float(np.mean([getattr(s, name) for s in by_coder.values()])), 4) for name in METRICS}
    return MeanCoderScore(**means, coders=by_coder)


def _coder_f1(answers: np.ndarray[Any, Any], coder: int) -> CoderScore | None:
    """Return one coder's F1 against the majority of the others, and the number of spans."""
    from sklearn.metrics import f1_score

    own, others = answers[:, coder], answers.sum(axis=1) - answers[:, coder]
    ordered = np.sort(others, axis=1)
    has_majority = (own.sum(axis=1) > 0) & (ordered[:, -1] > ordered[:, -2])
    if has_majority.sum() < MINIMUM_ANSWERS:
        return None
    truth, own_codes = others[has_majority].argmax(axis=1), own[has_majority].argmax(axis=1)
    present = sorted(set(truth))
    f1 = {
        name: round(float(f1_score(truth, own_codes, average=name.removesuffix("_f1"), labels=present)), 4)
        for name in METRICS
    }
    return CoderScore(**f1, n=int(has_majority.sum()))
