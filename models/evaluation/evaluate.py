"""Evaluate a study's classifier on each outlet in turn, trained without it, against baselines and human coders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import NothingToLearn
from corpus.study import Study
from corpus.study.counting import training_answers
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import TermRule, TfidfClassifier
from models.data.classifier_protocol import coder_shares, is_tied
from models.data.folds import Split, coded_outlets, forward_split, hold_out, random_folds
from models.data.labelled import labelled_spans
from models.data.reference import reference_codes
from models.measures.human import human_f1
from models.measures.metrics import mean_scores, score_difference
from models.suggestions.checkpoint import model_version

from .held_out import (
    OURS,
    ClassifierSpec,
    HeldOutResults,
    ReportProgress,
    calibration_summary,
    join_folds,
    no_report,
    score_differences,
    score_summary,
    train_and_test,
)

if TYPE_CHECKING:
    from datasets import Dataset

    from corpus.codebook import Variable

WORST_SPANS = 12  # listed: those that the classifier gets most wrong


@dataclass(frozen=True)
class ExtraMeasures:
    """Optional measurements in addition to held-out outlets; each trains further classifiers, once.

    `random`: a random split, and the gap to it; `forward`: train on earlier articles, test on later ones; `leak`:
    whether the probabilities reveal the outlet (measured on the random split); `curve`: the learning curve.
    """

    random: bool = False
    forward: bool = False
    leak: bool = False
    curve: bool = False


def evaluate(
    study: Study,
    outlets: Sequence[str] = (),
    report: ReportProgress = no_report,
    extra: ExtraMeasures = ExtraMeasures(),
) -> dict[str, Any]:
    """Hold out the outlets named, or every coded one, and return what `evaluate --json` prints.

    Trained folds are kept in the study's folder by their digest, so nothing is trained twice. `report` receives each
    step and the share of it that is done. Raises NothingToLearn where fewer than two outlets are coded, or where the
    focus is a multiple-choice variable.
    """
    focus = study.codebook.focus_variable
    if focus.kind != "single":
        raise NothingToLearn(
            f"{focus.name} is multiple choice, which cannot be measured yet; name another variable in the codebook: "
            "`focus: NAME`"
        )
    data = labelled_spans(study)
    coded = coded_outlets(data)
    if len(coded) < 2:
        raise NothingToLearn(f"holding an outlet out needs two coded outlets; only {coded[0]!r} is coded")
    splits = [hold_out(data, outlet) for outlet in outlets or coded]
    predictions = predict_held_out(study, splits, report)
    answers = training_answers(study)
    people = training_answers(study, simulated=False).frame
    from .faithfulness import summarise_drops

    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    names = [split.name for split in splits]
    by_variable = {
        variable.name: {**_variable_summary(predictions, variable), "human": human_f1(people, variable, names)}
        for variable in singles
    }
    return {
        "variable": focus.name,
        **by_variable[focus.name],
        "worst_outlet": _worst_outlet(by_variable[focus.name]["outlets"]),
        "held_out": names,
        "whole": set(names) == set(coded),
        "divided": int(
            (is_tied(coder_shares(data, focus.name)) & np.isin(data["span"], predictions.unanswered(focus.name))).sum()
        ),
        "trained_on": {split.name: len(split.parts["train"]) for split in splits},
        "dropped": {split.name: split.dropped for split in splits},
        "simulated_coders": list(answers.simulated),
        "rounds": answers.rounds,
        "left_out": dict(answers.left_out),
        "variables": by_variable,
        "wrong": worst_errors(predictions, data, focus),
        "faithful": summarise_drops(predictions.measurements),
        "model": model_version(study, data),
        "calibration": calibration_summary(predictions, study.codebook),
        **_extra_measures(study, data, predictions, extra, report),
    }


def _extra_measures(
    study: Study, data: Dataset, predictions: HeldOutResults, extra: ExtraMeasures, report: ReportProgress
) -> dict[str, Any]:
    """Return the optional measurements; where the study has too little data for one, `why` says so."""
    from .learning_curve import learning_curve
    from .outlet_leak import outlet_leak

    focus, measures = study.codebook.focus_variable, {}
    if extra.random or extra.leak:
        mixed = predict_held_out(study, list(random_folds(data, len(coded_outlets(data)))), report)
        measures["random"] = random_split_gap(predictions, mixed, focus)
        if extra.leak:
            measures["leak"] = outlet_leak(mixed, focus)
    if extra.forward:
        try:
            later, day = forward_split(data)
        except NothingToLearn as error:
            measures["forward"] = {"why": str(error)}
        else:
            summary = _variable_summary(predict_held_out(study, [later], report), focus)
            measures["forward"] = {
                "from": day,
                "trained_on": len(later.parts["train"]),
                "dropped": later.dropped,
                **summary,
                **({} if summary["pooled"] else {"why": f"no later span has an answer to {focus.name}"}),
            }
    if extra.curve:
        per_span = len(training_answers(study).frame) / len(data)

        def train(part: Split) -> HeldOutResults:
            return predict_held_out(study, [part], report)

        measures["curve"] = learning_curve(
            [hold_out(data, name) for name in dict.fromkeys(predictions.folds)], train, focus, per_span
        )
    return measures


def predict_held_out(study: Study, splits: Sequence[Split], report: ReportProgress = no_report) -> HeldOutResults:
    """Return the predictions of the classifier and its baselines for the test rows of splits, each trained once."""
    from models.classifiers.span_classifier import SpanClassifier

    from .faithfulness import deletion_drops

    book = study.codebook
    specs = {
        "term rule": ClassifierSpec(lambda seed, data, progress: TermRule(book).fit(data), {}),
        "TF-IDF": ClassifierSpec(lambda seed, data, progress: TfidfClassifier(book).fit(data), {}),
        OURS: ClassifierSpec(
            lambda seed, data, progress: SpanClassifier.for_study(study).fit(data, progress),
            {**study.settings.model.recipe(), "encoder": encoder_fingerprint(study.settings.model.encoder)},
            measure=lambda classifier, test: deletion_drops(classifier, test, book.focus_variable.name),
        ),
    }
    predictions = join_folds([train_and_test(split, book, specs, study.folder / "cache", report) for split in splits])
    # adjudicated codes count as right but train nothing
    references = [reference_codes(study, split.parts["test"]) for split in splits]
    return replace(
        predictions, truth={v.name: np.concatenate([codes[v.name] for codes in references]) for v in book.variables}
    )


def _variable_summary(predictions: HeldOutResults, variable: Variable) -> dict[str, Any]:
    return {
        **score_summary(predictions, variable, OURS),
        "baselines": {
            name: score_summary(predictions, variable, name) for name in predictions.probabilities if name != OURS
        },
        "differences": score_differences(predictions, variable),
    }


def _worst_outlet(outlets: dict[str, Any]) -> str | None:
    return min(outlets, key=lambda name: outlets[name]["macro_f1"], default=None)


def random_split_gap(held_out: HeldOutResults, mixed: HeldOutResults, variable: Variable) -> dict[str, Any]:
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
            gaps[name] = {
                "mean": mean_scores(random).json(variable.code_names),
                "gap": score_difference(mean_scores(random), mean_scores(strict)),
            }
    return {
        **gaps.get(OURS, {}),
        "folds": len(set(mixed.folds)),
        "baselines": {n: f for n, f in gaps.items() if n != OURS},
    }


def worst_errors(
    predictions: HeldOutResults, data: Dataset, variable: Variable, limit: int = WORST_SPANS
) -> list[dict[str, Any]]:
    """Return the held-out spans whose right code the classifier thought least likely, the worst first.

    A row has the span, its passage and offsets, the code that most coders gave with their share, and the classifier's
    code with its probability. Spans on which coders disagree come last.
    """
    right, probabilities = predictions.truth[variable.name], predictions.probabilities[OURS][0][variable.name]
    rows = np.flatnonzero((right >= 0) & (probabilities.argmax(axis=1) != right))
    row_of = {span: row for row, span in enumerate(data["span"])}
    shares = {span: np.array(data[row_of[span]][variable.name]) for span in (predictions.spans[row] for row in rows)}
    order = sorted(
        rows,
        key=lambda row: (
            probabilities[row, right[row]] - shares[predictions.spans[row]][right[row]],
            predictions.spans[row],
        ),
    )
    errors = []
    for row in order[:limit]:
        span = predictions.spans[row]
        predicted, coded = int(probabilities[row].argmax()), data[row_of[span]]
        errors.append(
            {
                "span": span,
                "outlet": predictions.outlets[row],
                "date": coded["date"],
                "passage": coded["passage"],
                "start": coded["start"],
                "end": coded["end"],
                "code": variable.code_names[right[row]],
                "share": round(float(shares[span][right[row]]), 3),
                "found": variable.code_names[predicted],
                "probability": round(float(probabilities[row, predicted]), 3),
            }
        )
    return errors
