"""Estimate shares: what may be published of a study, corrected by its coded spans, or the reason why nothing may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from annotate.estimators.regression import Floats
from annotate.estimators.shares import Method, Share, Target, withhold
from corpus.codebook import Variable
from corpus.errors import NoEstimate, UnknownCode
from corpus.result import Result, if_known
from corpus.study import Study

from .answers.missed import MissedOfOutlet, missed_by_outlet
from .answers.missing import MissingAnswers, bounds, missing_answers, weights_as_asked
from .answers.settled import AGREED, has_adjudications, settle
from .columns import Columns
from .conditions import Conditions, conditions_for, is_met
from .groups import METADATA, SpanGroup, asked_and_given, groups_asked, note_copies, read_predictions, share_in_group
from .planned import CodeDifference, Declared, PlanStatus, Question
from .reliability import SHOWN, FigureVerdicts, Reliability, check_codes, check_reliability, note_unshown
from .sample import Sample, read_sample

Reference = Literal["coders", "adjudicated"]
NOT_CODED = "no coded span, so no estimate; what the classifier expects: slantwise estimate --model-based"
TOO_FEW = "fewer than 10 coded spans: no figure"
EXACT = "few codes: exact interval from the coded spans alone"
NONE_FOUND = "none found: at most the upper end"
COUNTED = "every span is coded: a count of the codes"


@dataclass(frozen=True)
class ShareOfGroup:
    """A code's share in a group, with its 95 % interval, and the estimate from the coded spans alone.

    `counted` is the share among the classifier's most probable codes, not an estimate. `coded` spans of `copy_groups`
    entered it, of `spans` in the group. `worth` is the number of coded spans that the estimate is worth,
    `power` how much the predictions count, from 0 to 1. `missing` drawn spans of the group have no answer: the share
    would be `if_none` or `if_all` if none or all of them had the code. `verdict` is the weakest verdict of reliability
    that the figure rests on. `planned` is whether a frozen plan compares groups in this code; without one the key is
    left out.
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
    missing: int = 0
    if_none: float | None = None
    if_all: float | None = None
    verdict: str = ""
    planned: bool | None = if_known()


@dataclass(frozen=True)
class Estimate(Result):
    """Corrected shares of a variable's codes by group, and the differences between groups.

    `target` is "process" (what these outlets write in such a period) or "corpus" (the spans of the frame alone). The
    `reference` says whose reading it is: "coders", an average coder of the study, or "adjudicated", what was settled of
    the spans with several coders; `other_reference` has the same shares by the other one, where anything was
    adjudicated. `first` and `last` are the dates of the spans. `override` is the reason for which a refusal was passed
    over, `refused` what would have been refused. `unit` is the codebook's: mentions are those that its terms find, and
    what the terms miss is not in the shares, but in `missed`, by outlet, where passages were audited (with shares by
    coders' answers only). `missing` counts skips and open assignments by outlet and reason. `plan` is what a frozen
    plan says of it.
    """

    variable: str
    by: tuple[str, ...]
    target: Target
    reference: Reference
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
    other_reference: tuple[ShareOfGroup, ...] = ()
    missing: tuple[MissingAnswers, ...] = ()
    missed: tuple[MissedOfOutlet, ...] = ()
    plan: PlanStatus | None = if_known()
    rows = "shares"


def estimate(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    target: Target = "process",
    reference: Reference = "coders",
    override: str | None = None,
) -> Estimate:
    """Estimate the share of each code of a variable (default: the codebook's focus), by groups.

    `by` names properties: outlet, period (the month), copied (copies with another originator, or own text), and
    variables of the codebook, such as attribution (whose words); several are combined. An outlet's own words are in no
    copy with another originator: `copied text` is a group next to `outlet`. Shares have the spans as their denominator
    on which the variable was asked; where a variable defines groups, coders' answers to it count and never a
    suggestion. `models.cross_fit` makes the predictions. With the `reference` "adjudicated" only spans are coded that
    several coders coded and of which every dispute is settled; the answers of one coder alone are predictions.

    Raises NoEstimate, with what to do, where there is no random blind sample, a π or a prediction is missing, too few
    draws are answered, or the coders do not agree; `override` is a reason to pass over the last two, which is printed
    with every result. Raises UnknownCode for an unknown variable or property.
    """
    if target not in get_args(Target):
        raise UnknownCode(f"{target!r} is not a target; expected {' or '.join(get_args(Target))}")
    book = study.codebook
    names = read_question(study, variable, by)
    chosen = _variable(study, variable or book.focus_variable.name)
    sample, reliability = check_sample(study, variable, by=names, reference=reference, override=override)
    judged = FigureVerdicts(study, chosen, override)
    shares, model, columns = _shares(study, sample, names, target, judged)
    by_outlet = shares if names == ("outlet",) and reference == "coders" else {}  # audits are not adjudicated
    missed = missed_by_outlet(
        study, columns, chosen, target,
        {code: {group: share for group, (_, share) in of_code.items()} for code, of_code in by_outlet.items()},
    )  # fmt: skip
    other, why_not = _by_other_reference(study, sample, names, target, judged)
    notes = (*reliability.notes, *notes_on_sample(sample, chosen, conditions_for(book, chosen.name, {})), *why_not)
    declared = Declared(study, Question(chosen.name, names, target, reference))
    rows = tuple(
        replace(row, planned=declared.is_planned(code)) for code, found in shares.items() for row, _ in found.values()
    )
    if reliability.verdict in SHOWN:  # else it is said of the variable
        notes += tuple(note_unshown((row.code, row.group, row.verdict) for row in rows if row.share is not None))
    notes += tuple(note_copies(study, sample, names))
    refused = tuple(reliability.refused or judged.passed_over)
    return Estimate(
        chosen.name, names, target, reference, book.version, model, reliability.verdict,
        *sample.period,
        len(sample.spans), len(sample.answers),
        rows,
        tuple(
            one
            for code, of_code in shares.items()
            for one in declared.differences(code, {name: share for name, (_, share) in of_code.items()})
        ),
        sample.balance, notes, refused, override if refused else None,
        book.unit, other, missing_answers(study, sample), missed, declared.status(sample),
    )  # fmt: skip


def _shares(
    study: Study, sample: Sample, by: Sequence[str], target: Target, judged: FigureVerdicts
) -> tuple[dict[str, dict[str, tuple[ShareOfGroup, Share]]], str, Columns]:
    """Return the shares by code and group, the version of the predictions, and the columns."""
    variable = judged.variable
    predictions, fold, model = read_predictions(study, sample)
    groups = groups_asked(study, sample, variable, by)
    columns, asked = Columns(study, sample, predictions, fold), weights_as_asked(study, sample)
    shares = {
        code: {group.name: _share(columns, variable, code, group, (target, asked, judged)) for group in groups}
        for code in variable.code_names
    }
    return shares, model, columns


def _by_other_reference(
    study: Study, sample: Sample, by: Sequence[str], target: Target, judged: FigureVerdicts
) -> tuple[tuple[ShareOfGroup, ...], list[str]]:
    """Return the shares by the other reference, if anything was adjudicated, and why there are none."""
    if not has_adjudications(study):
        return (), []
    if sample.single:
        other = read_sample(study)
    else:
        try:
            other = settle(study, sample)
        except NoEstimate as error:
            return (), [f"no shares by adjudicated codes: {error}"]
        if other.unsettled:
            return (), [f"no shares by adjudicated codes: {'; '.join(other.unsettled)}"]
    shares, _, _ = _shares(study, other, by, target, judged)
    return tuple(row for of_code in shares.values() for row, _ in of_code.values()), []


def check_sample(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    reference: Reference = "coders",
    override: str | None = None,
) -> tuple[Sample, Reliability]:
    """Return the sample and its reliability, with all that `override` passes over, before anything is predicted.

    Raises UnknownCode, and NoEstimate with what to do.
    """
    if reference not in get_args(Reference):
        raise UnknownCode(f"{reference!r} is not a reference; expected {' or '.join(get_args(Reference))}")
    names = read_question(study, variable, by)
    if override is not None and not override.strip():
        raise NoEstimate("the reason to override is empty; expected one such as 'the second coder fell ill'")
    coded = [variable or study.codebook.focus_variable.name, *(name for name in names if name not in METADATA)]
    check_codes(study, coded)
    sample = read_sample(study)
    if reference == "adjudicated":
        sample = settle(study, sample)
    reliability = check_reliability(study, coded)
    refused = reliability.refused + [
        f"only {rate:.0%} of the blind draws of {stratum} are answered; have the others coded (slantwise round show)"
        for stratum, rate in sample.unfinished.items()
    ]
    refused += sample.unsettled
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
    columns: Columns, variable: Variable, code: str, group: SpanGroup, how: tuple[Target, Floats, FigureVerdicts]
) -> tuple[ShareOfGroup, Share]:
    """Estimate a code's share in a group, and count it among the classifier's codes.

    `how` are the target, the weights of spans as they were asked, and the verdicts: where one fails, there is no share.
    """
    target, weight, judged = how
    languages = judged.languages_of(columns.sample.spans["article"][group.rows])
    verdict = judged.on(code, group.domain, languages)
    share = share_in_group(columns, variable, (code,), group, target)
    asked, given = asked_and_given(columns.book, variable, (code,), group.domain)
    if verdict.withheld:
        share = withhold(share)
    total = columns.most_probable(asked)[group.rows].sum()
    counted = float(columns.most_probable(given)[group.rows].sum() / total) if total else None
    before = conditions_for(columns.book, variable.name, group.domain)
    left = bounds(
        columns, weight, (before if variable.kind == "single" else asked, asked), group.rows, share.estimate.share
    )
    row = replace(_row(group.name, code, share, counted), **vars(left), verdict=verdict.verdict)
    return replace(row, note=verdict.withheld or row.note), share


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
    if sample.settled:
        how = ", ".join(
            f"{n} {'' if way == AGREED else 'decided by '}{way}" for way, n in sorted(sample.settled.items())
        )
        notes.append(f"settled spans: {how}")
    if sample.simulated:
        notes.append(f"answers of programs, not of people: {', '.join(sample.simulated)}")
    return tuple(notes)
