"""Evaluate a study's classifier on each outlet in turn, trained without it, against baselines and human coders."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus.errors import NoModel, NothingToLearn
from corpus.evaluation.evaluation import CodersAgreement, Evaluation, WrongSpan
from corpus.evaluation.scores import VariableScores
from corpus.study import Study
from corpus.study.counting import training_answers
from models.data.classifier_protocol import coder_shares, is_tied
from models.data.folds import coded_outlets, hold_out
from models.data.labelled import labelled_spans
from models.measures.human import human_f1
from models.suggestions.checkpoint import calibrate_by_evaluation, model_version

from .faithfulness import summarise_drops
from .held_out import (
    OURS,
    HeldOutResults,
    ReportProgress,
    calibration_summary,
    compare_scores,
    no_report,
    predict_held_out,
)
from .other_splits import predict_random_folds, random_split_gap, score_later_articles, study_curve
from .outlet_leak import outlet_leak

if TYPE_CHECKING:
    from datasets import Dataset

    from corpus.codebook import Variable

WORST_SPANS = 12  # listed: those that the classifier gets most wrong
EXTRA = ("random", "forward", "leak", "curve")  # measured on request; each trains further classifiers, once
FULL = "full"  # all of them


class AgreedVariable(Protocol):
    """The coders' agreement on one variable."""

    @property
    def alpha(self) -> float | None:
        """Krippendorff's alpha."""

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its interval over articles."""

    @property
    def n_units(self) -> int:
        """The number of spans with two answers."""

    @property
    def gate(self) -> str:
        """Whether the variable may be relied on."""


class AgreedVariables(Protocol):
    """The coders' agreement on each variable, as `annotate.agreement` returns it."""

    @property
    def variables(self) -> Mapping[str, AgreedVariable]:
        """The agreement by variable."""


def evaluate(
    study: Study,
    outlet: str | Sequence[str] = (),
    *,
    extra: str | Collection[str] = (),
    agreement: AgreedVariables | None = None,
    progress: ReportProgress | None = None,
) -> Evaluation:
    """Test the classifier on each outlet named, or every coded one, after training it without that outlet.

    `extra` names further measurements: "random", the gap to a random split; "forward", later articles by a classifier
    trained on earlier ones; "leak", whether the probabilities reveal the outlet; "curve", the learning curve; or "full"
    for all. `agreement` is the coders' own, to be shown with the scores. The result is stored for the report (one of
    some outlets does not replace one of all outlets of the same model), and calibrates the study's model. Trained
    folds are kept in the study's folder by their digest, so nothing is trained twice. `progress` receives each step
    and the share of it that is done. Raises NothingToLearn if fewer than two outlets are coded, or if the focus
    is a multiple-choice variable.
    """
    wanted = {extra} if isinstance(extra, str) else set(extra)
    wanted = wanted - {FULL} | set(EXTRA) if FULL in wanted else wanted
    if unknown := wanted.difference(EXTRA):
        raise NothingToLearn(f"expected one or more of {', '.join(EXTRA)}, or full", extra=min(unknown))
    outlets = [outlet] if isinstance(outlet, str) else list(outlet)
    evaluation = _measure(study, outlets, wanted, agreement, progress or no_report)
    keep_evaluation(study, evaluation)
    with contextlib.suppress(NoModel):
        calibrate_by_evaluation(study)
    return evaluation


def keep_evaluation(study: Study, evaluation: Evaluation) -> None:
    """Store an evaluation for the report; one of some outlets does not replace one of all outlets of the same model."""
    kept = Evaluation.read(study.reports)
    if evaluation.whole or not (kept and kept.whole and kept.model == evaluation.model):
        evaluation.write(study.reports)


def _measure(
    study: Study,
    outlets: Sequence[str],
    extra: Collection[str],
    agreement: AgreedVariables | None,
    report: ReportProgress,
) -> Evaluation:
    focus = study.codebook.focus_variable
    if focus.kind != "single":
        raise NothingToLearn(
            f"{focus.name} is multiple choice, which cannot be measured yet; choose another variable in the codebook: "
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
    names = [split.name for split in splits]
    by_variable = {
        variable.name: VariableScores(
            **vars(compare_scores(predictions, variable)), human=human_f1(people, variable, names)
        )
        for variable in study.codebook.variables
        if variable.kind == "single"
    }
    tied = is_tied(coder_shares(data, focus.name)) & np.isin(data["span"], predictions.unanswered(focus.name))
    mixed = predict_random_folds(study, data, report) if {"random", "leak"} & set(extra) else None
    return Evaluation(
        variable=focus.name,
        **vars(by_variable[focus.name]),
        worst_outlet=_worst_outlet(by_variable[focus.name]),
        held_out=tuple(names),
        whole=set(names) == set(coded),
        divided=int(tied.sum()),
        trained_on={split.name: len(split.parts["train"]) for split in splits},
        dropped={split.name: split.dropped for split in splits},
        simulated_coders=tuple(answers.simulated),
        rounds=answers.rounds,
        left_out=dict(answers.left_out),
        variables=by_variable,
        wrong=worst_errors(predictions, data, focus),
        faithful=summarise_drops(predictions.measurements),
        model=model_version(study, data),
        calibration=calibration_summary(predictions, study.codebook),
        random=random_split_gap(predictions, mixed, focus) if mixed else None,
        leak=outlet_leak(mixed, focus) if mixed and "leak" in extra else None,
        forward=score_later_articles(study, data, report) if "forward" in extra else None,
        curve=study_curve(study, data, names, report) if "curve" in extra else None,
        agreement=_by_variable(agreement) if agreement else None,
    )


def _by_variable(agreement: AgreedVariables) -> dict[str, CodersAgreement]:
    return {
        name: CodersAgreement(alpha=each.alpha, interval=each.interval, n_units=each.n_units, gate=each.gate)
        for name, each in agreement.variables.items()
    }


def _worst_outlet(scores: VariableScores) -> str | None:
    return min(scores.outlets, key=lambda name: scores.outlets[name].macro_f1 or 0.0, default=None)


def worst_errors(
    predictions: HeldOutResults, data: Dataset, variable: Variable, limit: int = WORST_SPANS
) -> tuple[WrongSpan, ...]:
    """Return the held-out spans whose right code the classifier thought least likely, the worst first.

    Spans on which coders disagree come last.
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
            WrongSpan(
                span=span,
                outlet=predictions.outlets[row],
                date=coded["date"],
                passage=coded["passage"],
                start=coded["start"],
                end=coded["end"],
                code=variable.code_names[right[row]],
                share=round(float(shares[span][right[row]]), 3),
                found=variable.code_names[predicted],
                probability=round(float(probabilities[row, predicted]), 3),
            )
        )
    return tuple(errors)
