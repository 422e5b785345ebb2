"""Evaluation: each outlet held out in turn, the classifier beside its baselines and the human mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import NothingToLearn
from corpus.study import Study
from corpus.study.counting import for_training
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import TermRule, TfidfClassifier
from models.data.folds import Split, at_random, coded_outlets, forward, without
from models.data.labelled import labelled
from models.data.protocol import divided, shares
from models.data.reference import reference
from models.measures.human import human_f1
from models.measures.metrics import mean_scores, score_difference
from models.suggestions.checkpoint import version_of

from .held_out import (
    OURS,
    ClassifierSpec,
    HeldOutPredictions,
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

WORST_SPANS = 12  # of the spans that the classifier gets most wrong


@dataclass(frozen=True)
class ExtraMeasures:
    """What is measured beside outlets held out; each trains further classifiers, once.

    `random`: a random split, and the gap to it; `forward`: earlier articles for training, later ones for the test;
    `leak`: whether the probabilities give the outlet away (on the random split's); `curve`: what more answers bring.
    """

    random: bool = False
    forward: bool = False
    leak: bool = False
    curve: bool = False


def evaluate(
    study: Study, outlets: Sequence[str] = (), told: ReportProgress = no_report, more: ExtraMeasures = ExtraMeasures()
) -> dict[str, Any]:
    """Hold out the outlets named, or every coded one, and return what `evaluate --json` prints.

    Trained folds are kept in the study's folder by their digest, so nothing is trained twice. `told` hears what is
    being done and the share of it. Raises NothingToLearn where fewer than two outlets are coded, or where the focus is
    a multiple-choice variable.
    """
    focus = study.codebook.focus_variable
    if focus.kind != "single":
        raise NothingToLearn(
            f"{focus.name} is multiple choice, which cannot be measured yet; name another variable in the codebook: "
            "`focus: NAME`"
        )
    data = labelled(study)
    known = coded_outlets(data)
    if len(known) < 2:
        raise NothingToLearn(f"holding an outlet out needs two coded outlets; only {known[0]!r} is coded")
    if unknown := [name for name in outlets if name not in known]:
        raise NothingToLearn(f"no coded span is of {unknown[0]!r}; coded outlets: {', '.join(known)}")
    splits = [without(data, outlet) for outlet in outlets or known]
    found = predict_held_out(study, splits, told)
    answers = for_training(study)
    people = answers.frame[~answers.frame["simulated"].astype(bool)]
    from .faithfulness import summarise_drops

    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    names = [one.name for one in splits]
    by_variable = {
        variable.name: {**_variable_summary(found, variable), "human": human_f1(people, variable, names)}
        for variable in singles
    }
    return {
        "variable": focus.name,
        **by_variable[focus.name],
        "worst_outlet": _worst_outlet(by_variable[focus.name]["outlets"]),
        "held_out": names,
        "whole": set(names) == set(known),
        "divided": int((divided(shares(data, focus.name)) & np.isin(data["span"], found.unanswered(focus.name))).sum()),
        "trained_on": {one.name: len(one.parts["train"]) for one in splits},
        "dropped": {one.name: one.dropped for one in splits},
        "simulated_coders": list(answers.simulated),
        "rounds": answers.rounds,
        "left_out": dict(answers.left_out),
        "variables": by_variable,
        "wrong": worst_errors(found, data, focus),
        "faithful": summarise_drops(found.also),
        "model": version_of(study, data),
        "calibration": calibration_summary(found, study.codebook),
        **_extra_measures(study, data, found, more, told),
    }


def _extra_measures(
    study: Study, data: Dataset, found: HeldOutPredictions, more: ExtraMeasures, told: ReportProgress
) -> dict[str, Any]:
    """Return what else was asked for; where the study has too little for it, `why` says so."""
    from .learning_curve import learning_curve
    from .outlet_leak import outlet_leak

    focus, parts = study.codebook.focus_variable, {}
    if more.random or more.leak:
        mixed = predict_held_out(study, list(at_random(data, len(coded_outlets(data)))), told)
        parts["random"] = random_split_gap(found, mixed, focus)
        if more.leak:
            parts["leak"] = outlet_leak(mixed, focus)
    if more.forward:
        try:
            later, day = forward(data)
        except NothingToLearn as error:
            parts["forward"] = {"why": str(error)}
        else:
            summed = _variable_summary(predict_held_out(study, [later], told), focus)
            parts["forward"] = {
                "from": day,
                "trained_on": len(later.parts["train"]),
                "dropped": later.dropped,
                **summed,
                **({} if summed["pooled"] else {"why": f"no later span has an answer to {focus.name}"}),
            }
    if more.curve:
        per_span = len(for_training(study).frame) / len(data)

        def train(part: Split) -> HeldOutPredictions:
            return predict_held_out(study, [part], told)

        parts["curve"] = learning_curve(
            [without(data, name) for name in dict.fromkeys(found.folds)], train, focus, per_span
        )
    return parts


def predict_held_out(study: Study, splits: Sequence[Split], told: ReportProgress = no_report) -> HeldOutPredictions:
    """Return what the classifier and its baselines say of the test rows of splits, each trained once."""
    from models.classifiers.span_classifier import SpanClassifier

    from .faithfulness import deletion_drops

    book = study.codebook
    makers = {
        "term rule": ClassifierSpec(lambda seed, data, told: TermRule(book).fit(data), {}),
        "TF-IDF": ClassifierSpec(lambda seed, data, told: TfidfClassifier(book).fit(data), {}),
        OURS: ClassifierSpec(
            lambda seed, data, told: SpanClassifier.of(study).fit(data, told),
            {**study.settings.model.recipe(), "encoder": encoder_fingerprint(study.settings.model.encoder)},
            also=lambda classifier, test: deletion_drops(classifier, test, book.focus_variable.name),
        ),
    }
    found = join_folds([train_and_test(one, book, makers, study.folder / "cache", told) for one in splits])
    right = [reference(study, one.parts["test"]) for one in splits]  # what was adjudicated counts, and trains nothing
    return replace(found, truth={v.name: np.concatenate([codes[v.name] for codes in right]) for v in book.variables})


def _variable_summary(found: HeldOutPredictions, variable: Variable) -> dict[str, Any]:
    return {
        **score_summary(found, variable, OURS),
        "baselines": {name: score_summary(found, variable, name) for name in found.found if name != OURS},
        "differences": score_differences(found, variable),
    }


def _worst_outlet(outlets: dict[str, Any]) -> str | None:
    return min(outlets, key=lambda name: outlets[name]["macro_f1"], default=None)


def random_split_gap(held_out: HeldOutPredictions, mixed: HeldOutPredictions, variable: Variable) -> dict[str, Any]:
    """Return how much better a classifier looks when the tested outlet's other articles were trained on.

    Both score the same spans, outlet by outlet; a gap is the mean over outlets of the random split's macro-F1 less that
    of the outlets held out, with its interval over articles.
    """
    tested_spans = set(held_out.spans)
    order = {span: row for row, span in enumerate(held_out.spans)}
    rows = sorted(
        (row for row, span in enumerate(mixed.spans) if span in tested_spans), key=lambda r: order[mixed.spans[r]]
    )
    same = mixed.rows_at(np.array(rows, dtype=int))
    found = {}
    for name in held_out.found:
        random = list(same.each(name, variable.name, "outlets").values())
        strict = list(held_out.each(name, variable.name, "outlets").values())
        if random:
            found[name] = {
                "mean": mean_scores(random).json(variable.code_names),
                "gap": score_difference(mean_scores(random), mean_scores(strict)),
            }
    return {
        **found.get(OURS, {}),
        "folds": len(set(mixed.folds)),
        "baselines": {n: f for n, f in found.items() if n != OURS},
    }


def worst_errors(
    found: HeldOutPredictions, data: Dataset, variable: Variable, most: int = WORST_SPANS
) -> list[dict[str, Any]]:
    """Return the held-out spans whose right code the classifier thought least likely, the worst first.

    A row has the span, its passage with its place in it, the code that most coders gave with their share, and the code
    that the classifier found with its probability. Spans on which coders are divided come last.
    """
    right, given = found.truth[variable.name], found.found[OURS][0][variable.name]
    rows = np.flatnonzero((right >= 0) & (given.argmax(axis=1) != right))
    place = {span: row for row, span in enumerate(data["span"])}
    shares = {span: np.array(data[place[span]][variable.name]) for span in (found.spans[row] for row in rows)}
    order = sorted(
        rows,
        key=lambda row: (given[row, right[row]] - shares[found.spans[row]][right[row]], found.spans[row]),
    )
    listed = []
    for row in order[:most]:
        span = found.spans[row]
        said, coded = int(given[row].argmax()), data[place[span]]
        listed.append(
            {
                "span": span,
                "outlet": found.outlets[row],
                "date": coded["date"],
                "passage": coded["passage"],
                "start": coded["start"],
                "end": coded["end"],
                "code": variable.code_names[right[row]],
                "share": round(float(shares[span][right[row]]), 3),
                "found": variable.code_names[said],
                "probability": round(float(given[row, said]), 3),
            }
        )
    return listed
