"""Estimate shares: what may be published of a study, corrected by its coded spans, or the reason why nothing may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from annotate.estimators.differences import Difference, differences
from annotate.estimators.shares import Method, Share, Target
from corpus.codebook import Variable
from corpus.errors import NoEstimate, UnknownCode
from corpus.result import Result
from corpus.study import Study

from .columns import Columns
from .conditions import Conditions, conditions_for, is_met
from .groups import METADATA, SpanGroup, asked_and_given, groups_by, read_predictions, share_in_group
from .reliability import Reliability, check_reliability
from .sample import Sample, check_codes, read_sample

NOT_CODED = "no coded span: counting its suggestions is no estimate"
TOO_FEW = "fewer than 10 coded spans: no figure"
EXACT = "few codes: exact interval from the coded spans alone"
NONE_FOUND = "none found: at most the upper end"
COUNTED = "every span is coded: a count of the codes"


@dataclass(frozen=True)
class ShareOfGroup:
    """A code's share in a group, with its 95 % interval, and the estimate from the coded spans alone.

    `counted` is the share among the classifier's most probable codes, not an estimate. `coded` spans of `copy_groups`
    entered it, of `spans` in the group. `worth` is the number of coded spans that the estimate is worth,
    `power` how much the predictions count, from 0 to 1.
    """

    group: str
    code: str
    share: float | None
    low: float | None
    high: float | None
    se: float | None
    method: Method
    counted: float | None
    coded_only: float | None
    coded_only_low: float | None
    coded_only_high: float | None
    coded: int
    copy_groups: int
    spans: int
    worth: float | None
    power: float
    note: str


@dataclass(frozen=True)
class CodeDifference:
    """A difference between two groups in the share of a code; `family` is the number of pairs that Holm counts."""

    code: str
    family: int
    between: Difference


@dataclass(frozen=True)
class Estimate(Result):
    """Corrected shares of a variable's codes by group, and the differences between groups.

    `target` is "process" (what these outlets write in such a period) or "corpus" (the spans of the frame alone). The
    `reference` is the reading of an average coder of the study. `first` and `last` are the dates of the spans.
    `override` is the reason for which a refusal was passed over, `refused` what would have been refused. `unit` is the
    codebook's: mentions are those that its terms find, and what the terms miss is not in the shares.
    """

    variable: str
    by: tuple[str, ...]
    target: Target
    reference: str
    codebook_version: str
    model: str
    verdict: str
    first: str | None
    last: str | None
    spans: int
    coded: int
    shares: tuple[ShareOfGroup, ...]
    differences: tuple[CodeDifference, ...]
    balance: Mapping[str, int]
    notes: tuple[str, ...]
    refused: tuple[str, ...] = ()
    override: str | None = None
    unit: str = ""
    rows = "shares"


def estimate(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    target: Target = "process",
    override: str | None = None,
) -> Estimate:
    """Estimate the share of each code of a variable (default: the codebook's focus), by groups.

    `by` names properties: outlet, period (the month), and variables of the codebook, such as attribution (whose
    words); several are combined. Shares have the spans as their denominator on which the variable was asked; where a
    variable defines groups, coders' answers to it count and never a suggestion. `models.cross_fit` makes the
    predictions.

    Raises NoEstimate, with what to do, where there is no random blind sample, a π or a prediction is missing, too few
    draws are answered, or the coders do not agree; `override` is a reason to pass over the last two, which is printed
    with every result. Raises UnknownCode for an unknown variable or property.
    """
    if target not in get_args(Target):
        raise UnknownCode(f"{target!r} is not a target; expected {' or '.join(get_args(Target))}")
    book = study.codebook
    names = read_question(study, variable, by)
    chosen = _variable(study, variable or book.focus_variable.name)
    sample, reliability = check_sample(study, variable, by=names, override=override)
    predictions, fold, model = read_predictions(study, sample)
    groups = [
        group
        for group in groups_by(study, sample, names)
        if all(conditions_for(book, chosen.name, group.domain).values())
    ]  # in the others the question is not asked
    columns = Columns(study, sample, predictions, fold)
    shares = {
        code: {group.name: _share(columns, chosen, code, group, target) for group in groups}
        for code in chosen.code_names
    }
    dates = sample.spans["date"].dropna()
    notes = (*reliability.notes, *notes_on_sample(sample, chosen, conditions_for(book, chosen.name, {})))
    return Estimate(
        chosen.name, names, target, "coders", book.version, model, reliability.verdict,
        str(dates.min())[:10] if len(dates) else None, str(dates.max())[:10] if len(dates) else None,
        len(sample.spans), len(sample.answers),
        tuple(row for of_code in shares.values() for row, _ in of_code.values()),
        tuple(
            CodeDifference(code, len(found), one)
            for code, of_code in shares.items()
            for found in [differences({name: share for name, (_, share) in of_code.items()})]
            for one in found
        ),
        sample.balance, notes, tuple(reliability.refused), override if reliability.refused else None,
        book.unit,
    )  # fmt: skip


def check_sample(
    study: Study, variable: str | None = None, *, by: str | Sequence[str] = ("outlet",), override: str | None = None
) -> tuple[Sample, Reliability]:
    """Return the sample and its reliability, with all that `override` passes over, before anything is predicted.

    Raises UnknownCode, and NoEstimate with what to do.
    """
    names = read_question(study, variable, by)
    if override is not None and not override.strip():
        raise NoEstimate("the reason to override is empty; expected one such as 'the second coder fell ill'")
    coded = [variable or study.codebook.focus_variable.name, *(name for name in names if name not in METADATA)]
    check_codes(study, coded)
    sample = read_sample(study)
    reliability = check_reliability(study, coded)
    refused = reliability.refused + [
        f"only {rate:.0%} of the blind draws of {stratum} are answered; have the others coded (slantwise round show)"
        for stratum, rate in sample.unfinished.items()
    ]
    if refused and not override:
        in_spite = 'to estimate in spite of this: slantwise estimate --override "the reason"'
        raise NoEstimate("; ".join([*refused, in_spite]))
    return sample, replace(reliability, refused=refused)


def read_question(study: Study, variable: str | None, by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the properties of `by`, checked like the variable. Raises UnknownCode."""
    names = tuple(name.strip() for name in (by.split(",") if isinstance(by, str) else by) if name.strip())
    if variable:
        _variable(study, variable)
    for name in names:
        if name not in METADATA:
            _variable(study, name, METADATA)
    asked = variable or study.codebook.focus_variable.name
    if asked in names:
        raise UnknownCode(f"{asked} cannot define the groups of its own shares; expected other properties in by")
    return tuple(dict.fromkeys(names))


def _variable(study: Study, name: str, others: Sequence[str] = ()) -> Variable:
    try:
        return study.codebook.by_name[name]
    except KeyError:
        known = ", ".join((*others, *study.codebook.by_name))
        raise UnknownCode(f"{name!r} is not in the codebook {study.codebook.name}; expected one of {known}") from None


def _share(
    columns: Columns, variable: Variable, code: str, group: SpanGroup, target: Target
) -> tuple[ShareOfGroup, Share]:
    """Estimate a code's share in a group, and count it among the classifier's codes."""
    share = share_in_group(columns, variable, (code,), group, target)
    asked, given = asked_and_given(columns.book, variable, (code,), group.domain)
    total = columns.most_probable(asked)[group.rows].sum()
    counted = float(columns.most_probable(given)[group.rows].sum() / total) if total else None
    return _row(group.name, code, share, counted), share


def _row(group: str, code: str, share: Share, counted: float | None) -> ShareOfGroup:
    figure, alone = share.estimate, share.coded_only
    low, high = figure.interval or (None, None)
    alone_low, alone_high = alone.interval or (None, None)
    note = ""
    if share.method == "none":
        note = TOO_FEW if share.coded else NOT_CODED
    elif share.method == "exact":
        note = NONE_FOUND if figure.share == 0 else EXACT
    elif share.method == "counted":
        note = COUNTED
    return ShareOfGroup(
        group, code, figure.share, low, high, figure.se, share.method, counted, alone.share, alone_low, alone_high,
        share.coded, share.clusters, share.spans, share.effective, share.power, note,
    )  # fmt: skip


def notes_on_sample(sample: Sample, variable: Variable, asked: Conditions) -> tuple[str, ...]:
    """Return in words what is left out, which answers are missing, and whose answers are simulated."""
    notes = [f"{n} spans: {why}" for why, n in sample.balance.items() if n]
    if variable.kind == "single":
        open_ = sum(
            is_met(asked, one) and variable.name not in one and bool(one or not asked)
            for coders in sample.answers.values()
            for one in coders
        )
        if open_:
            notes.append(f"{open_} times a coder was asked for {variable.name} and gave no answer: left out")
    if sample.simulated:
        notes.append(f"answers of programs, not of people: {', '.join(sample.simulated)}")
    return tuple(notes)
