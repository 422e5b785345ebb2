"""Whether a result holds when a study is read otherwise: other weights, codes, spans, coders, copies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from annotate.estimators.differences import OTHERS, differences, distances_to_others
from annotate.estimators.shares import Share, Target
from corpus.codebook import Variable
from corpus.errors import NoEstimate
from corpus.result import Result
from corpus.study import Study

from .columns import Columns
from .conditions import Conditions, conditions_for
from .estimate import Reference, check_sample, read_question
from .groups import SpanGroup, groups_asked, groups_by, read_predictions, share_in_group
from .reliability import SHOWN, FigureVerdicts, note_unshown
from .sample import Sample
from .variations import MERGED, Reading, Variation, Variations

MOST_GROUPS = 5  # that are compared in pairs; of more, each with the mean of the others
Outcome = Literal["main result", "holds", "does not hold", "too few codes", "no finding", "not applicable"]
MAIN: Outcome = "main result"


@dataclass(frozen=True)
class VariedFigure:
    """A comparison in one variation: a difference between groups with its interval, `n` coded spans in all.

    `second` is empty where a share is compared with no other. `outcome` is "no finding" where the main result has no
    difference whose interval excludes 0. Of a variation that does not apply there is one row, with the reason as `why`.
    """

    kind: str
    variation: str
    outcome: Outcome
    why: str = ""
    code: str = ""
    first: str = ""
    second: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None


@dataclass(frozen=True)
class Comparison:
    """A comparison of the main result, and what became of it: `found` if it is a difference whose interval excludes 0.

    It holds in `holds` of the `tried` variations that concern it; `not_in` are the others. `least` and `most` are the
    smallest and the largest value in any of them but merged codes, which are something else.
    """

    code: str
    first: str
    second: str
    value: float
    low: float
    high: float
    n: int
    found: bool
    holds: int
    tried: int
    not_in: tuple[str, ...]
    least: float
    most: float


@dataclass(frozen=True)
class Robustness(Result):
    """An estimate and its variations: `comparisons` of the main result, and the `figures` of each variation.

    The intervals of differences hold together with 95 %, within a code; `family` is their number. A difference holds in
    a variation if it has the same sign there and an interval that excludes 0, as in the main result.
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
    family: int
    comparisons: tuple[Comparison, ...]
    figures: tuple[VariedFigure, ...]
    notes: tuple[str, ...]
    simulated: tuple[str, ...]
    refused: tuple[str, ...] = ()
    override: str | None = None
    unit: str = ""
    rows = "figures"


@dataclass(frozen=True)
class _Question:
    """What is estimated: `withheld` are the codes and groups that a verdict of reliability leaves without a figure."""

    study: Study
    variable: Variable
    by: tuple[str, ...]
    target: Target
    codes: tuple[str, ...]
    withheld: frozenset[tuple[str, str]] = frozenset()


def check_robustness(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    target: Target = "process",
    reference: Reference = "coders",
    override: str | None = None,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> Robustness:
    """Estimate shares as `estimate` does, then again with everything counted otherwise that a reviewer may ask for.

    Of up to five groups all pairs are compared, of more each with the mean of the others. Predictions are those of the
    main result: nothing is trained. `progress` is called with each variation and the share done. Raises what `estimate`
    raises.
    """
    names = read_question(study, variable, by)
    sample, reliability = check_sample(study, variable, by=names, reference=reference, override=override)
    predictions, fold, model = read_predictions(study, sample)
    book = study.codebook
    chosen = book.by_name[variable or book.focus_variable.name]
    two = chosen.kind == "single" and len(chosen.codes) == 2  # the other's differences are these with their sign turned
    question = _Question(study, chosen, names, target, chosen.code_names[1:] if two else chosen.code_names)
    main = Reading(Columns(study, sample, predictions, fold), np.ones(len(sample.spans), dtype=bool))
    groups = groups_by(study, sample, names)
    pairs = len(groups) <= MOST_GROUPS
    withheld, unshown, passed_over = _judged(question, sample, override)
    refused = tuple(reliability.refused or passed_over)
    question = replace(question, withheld=withheld)
    shares = _shares(question, main)
    of_main = list(_compared(shares, pairs=pairs))
    if not of_main:
        raise NoEstimate(
            "no group has a share to vary: each has fewer than 10 coded spans; have more coded (slantwise round draw)"
        )
    figures = [replace(one, kind="", variation="main result", outcome=MAIN) for one in of_main]
    every = list(Variations(study, chosen, names, main))
    for number, variation in enumerate(every):
        progress(f"{variation.kind}: {variation.name}", number / len(every))
        figures += _varied(question, variation, of_main, pairs=pairs)
    return Robustness(
        chosen.name, names, target, reference, book.version, model, reliability.verdict,
        *sample.period,
        len(sample.spans), len(sample.answers),
        sum(one.code == of_main[0].code and bool(one.second) for one in of_main),
        tuple(_comparison(one, figures) for one in of_main), tuple(figures),
        (*reliability.notes, *(unshown if reliability.verdict in SHOWN else ())), tuple(sample.simulated),
        refused, override if refused else None, book.unit,
    )  # fmt: skip


def _judged(
    question: _Question, sample: Sample, override: str | None
) -> tuple[frozenset[tuple[str, str]], list[str], Sequence[str]]:
    """Return the codes and groups without a figure, notes on unshown reliability, and what an override passes over."""
    judged = FigureVerdicts(question.study, question.variable, override)
    verdicts = {
        (code, group.name): judged.on(code, group.domain, judged.languages_of(sample.spans["article"][group.rows]))
        for group in groups_asked(question.study, sample, question.variable, question.by)
        for code in question.codes
    }
    withheld = frozenset(key for key, verdict in verdicts.items() if verdict.withheld)
    unshown = note_unshown((*key, of.verdict) for key, of in verdicts.items() if key not in withheld)
    return withheld, unshown, list(judged.passed_over)


def _shares(question: _Question, reading: Reading) -> dict[str, dict[str, Share]]:
    """Return the share of each code in each group, as far as the reading has any."""
    groups = [
        group
        for one in groups_by(question.study, reading.columns.sample, question.by)
        if (group := _as_read(one, reading, question.variable)) is not None
    ]
    codes = {code: reading.merged.get(code, (code,)) for code in question.codes}
    left = reading.domain.get(question.variable.name, question.variable.code_names)
    return {
        code: {
            group.name: share_in_group(reading.columns, question.variable, counted, group, question.target)
            for group in groups
            if (code, group.name) not in question.withheld
        }
        for code, counted in codes.items()
        if code in left and (code in reading.merged or not reading.merged)
    }


def _as_read(group: SpanGroup, reading: Reading, variable: Variable) -> SpanGroup | None:
    """Return a group as a reading has it; None where none of its spans can belong to it."""
    rows = group.rows & reading.rows
    domain: dict[str, tuple[str, ...]] = {**group.domain}
    for name, codes in reading.domain.items():
        domain[name] = tuple(code for code in domain.get(name, codes) if code in codes)
    asked: Conditions = conditions_for(reading.columns.book, variable.name, domain)
    if not rows.any() or not all(asked.values()):
        return None
    counting = None
    if reading.alike:
        values = reading.columns.sample.spans[reading.alike].to_numpy(dtype=object)[rows]
        index, size = np.unique(values, return_inverse=True, return_counts=True)[1:]
        counting = np.zeros(len(rows))
        counting[rows] = 1 / size[index]
    return SpanGroup(group.name, rows, domain, counting)


def _compared(shares: Mapping[str, Mapping[str, Share]], *, pairs: bool) -> Iterator[VariedFigure]:
    """Yield the differences between groups, and the shares of a code of which none can be compared."""
    for code, of_code in shares.items():
        n = {name: share.coded for name, share in of_code.items()}
        found = (differences if pairs else distances_to_others)(dict(of_code))
        for one in found:
            both = sum(n.values()) if one.second == OTHERS else n[one.first] + n[one.second]
            yield VariedFigure(
                "", "", MAIN, "", code, one.first, one.second, one.difference, *one.simultaneous, both
            )  # fmt: skip
        for name, share in of_code.items():
            if not found and share.estimate.share is not None:
                yield _alone(code, name, share)


def _alone(code: str, group: str, share: Share) -> VariedFigure:
    """Return a share that is compared with no other."""
    low, high = share.estimate.interval or (None, None)
    return VariedFigure("", "", MAIN, "", code, group, "", share.estimate.share, low, high, share.coded)


def _varied(
    question: _Question, variation: Variation, of_main: Sequence[VariedFigure], *, pairs: bool
) -> list[VariedFigure]:
    """Return a variation's figures for each comparison of the main result that it concerns."""
    kind, name = variation.kind, variation.name
    if variation.read is None:
        return [VariedFigure(kind, name, "not applicable", variation.why_not)]
    try:
        reading = variation.read()
    except NoEstimate as error:
        return [VariedFigure(kind, name, "not applicable", str(error))]
    shares = _shares(question, reading)
    concerned = [one for one in of_main if one.code in shares]
    if not concerned:
        return [VariedFigure(kind, name, "not applicable", f"it concerns no code of {question.variable.name}")]
    found = {(one.code, one.first, one.second): one for one in _compared(shares, pairs=pairs)}
    alone = {(code, name, ""): _alone(code, name, one) for code in shares for name, one in shares[code].items()}
    rows = []
    for one in concerned:
        key = one.code, one.first, one.second
        n = sum(share.coded for group, share in shares[one.code].items() if one.second == OTHERS or group in key[1:])
        nothing = replace(one, value=None, low=None, high=None, n=n)
        varied = found.get(key) or alone.get(key) or nothing
        outcome, why = _outcome(one, varied)
        rows.append(replace(varied, kind=kind, variation=name, outcome=outcome, why=why))
    return rows


def is_finding(one: VariedFigure | Comparison) -> bool:
    """Return whether a figure is a difference whose interval excludes 0."""
    return bool(one.second) and one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)


def _outcome(main: VariedFigure, varied: VariedFigure) -> tuple[Outcome, str]:
    """Return what became of a comparison in a variation, and why it does not hold."""
    if varied.value is None or main.value is None:
        return "too few codes", ""
    if not is_finding(main):
        return "no finding", ""
    if varied.value * main.value <= 0:
        return "does not hold", "the sign is not the same"
    return ("holds", "") if is_finding(varied) else ("does not hold", "the interval includes 0")


def _comparison(one: VariedFigure, figures: Sequence[VariedFigure]) -> Comparison:
    key = one.code, one.first, one.second
    varied = [row for row in figures if (row.code, row.first, row.second) == key and row.outcome != MAIN]
    values = [row.value for row in (one, *varied) if row.value is not None and row.kind != MERGED]
    found = is_finding(one)
    not_in = tuple(row.variation for row in varied if row.outcome in ("does not hold", "too few codes"))
    assert one.value is not None and one.low is not None and one.high is not None and one.n is not None
    return Comparison(
        *key, one.value, one.low, one.high, one.n, found, sum(row.outcome == "holds" for row in varied), len(varied),
        not_in, min(values), max(values),
    )  # fmt: skip
