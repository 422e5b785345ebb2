"""Evaluate on other splits than by outlet: a random one, later articles, and parts of the annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import NothingToLearn
from corpus.evaluation.extra_measures import LaterArticles, LearningCurve, NotMeasured, RandomSplit, SplitGap
from corpus.study import Study
from corpus.study.counting import training_answers
from models.data.folds import Split, coded_outlets, forward_split, hold_out, random_folds
from models.measures.metrics import mean_scores, score_difference

from .held_out import OURS, HeldOutResults, ReportProgress, compare_scores, predict_held_out
from .learning_curve import learning_curve

if TYPE_CHECKING:
    from datasets import Dataset

    from corpus.codebook import Variable


def predict_random_folds(study: Study, data: Dataset, report: ReportProgress) -> HeldOutResults:
    """Return the predictions of a random split into as many folds as there are outlets."""
    return predict_held_out(study, list(random_folds(data, len(coded_outlets(data)))), report)


def random_split_gap(held_out: HeldOutResults, mixed: HeldOutResults, variable: Variable) -> RandomSplit:
    """Return how much better a classifier appears when trained on other articles of the tested outlet.

    Both splits score the same spans, outlet by outlet. The gap is the mean over outlets of the random split's macro-F1
    minus that of the held-out outlets, with its interval over articles.
    """
    tested_spans = set(held_out.spans)
    order = {span: row for row, span in enumerate(held_out.spans)}
    rows = sorted(
        (row for row, span in enumerate(mixed.spans) if span in tested_spans), key=lambda r: order[mixed.spans[r]]
    )
    same_spans = mixed.select(np.array(rows, dtype=int))
    gaps = {}
    for name in held_out.probabilities:
        random = list(same_spans.scores_by("outlets", name, variable.name).values())
        strict = list(held_out.scores_by("outlets", name, variable.name).values())
        if random:
            gaps[name] = SplitGap(
                mean=mean_scores(random).summary(variable.code_names),
                gap=score_difference(mean_scores(random), mean_scores(strict)),
            )
    ours = gaps.pop(OURS, SplitGap())
    return RandomSplit(mean=ours.mean, gap=ours.gap, folds=len(set(mixed.folds)), baselines=gaps)


def score_later_articles(study: Study, data: Dataset, report: ReportProgress) -> LaterArticles | NotMeasured:
    """Train on earlier articles and test on later ones, where there are articles of two dates."""
    focus = study.codebook.focus_variable
    try:
        later, day = forward_split(data)
    except NothingToLearn as error:
        return NotMeasured(why=str(error))
    scores = compare_scores(predict_held_out(study, [later], report), focus)
    return LaterArticles(
        day=day,
        trained_on=len(later.parts["train"]),
        dropped=later.dropped,
        **vars(scores),
        why=None if scores.pooled else f"no later span has an answer to {focus.name}",
    )


def study_curve(study: Study, data: Dataset, outlets: list[str], report: ReportProgress) -> LearningCurve:
    """Return the learning curve on held-out outlets."""

    def train(part: Split) -> HeldOutResults:
        return predict_held_out(study, [part], report)

    per_span = len(training_answers(study).frame) / len(data)
    splits = [hold_out(data, outlet) for outlet in outlets]
    return learning_curve(splits, train, study.codebook.focus_variable, per_span)
