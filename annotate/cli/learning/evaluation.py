"""Describe an evaluation in sentences: agreement, gap to a random split, leak probe, learning curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from annotate.cli.shared.output import figure

if TYPE_CHECKING:
    from rich.console import Console

    from annotate.agreement.agreement import Agreement
    from corpus.evaluation import Evaluation
    from corpus.evaluation.calibration import CalibrationReport
    from corpus.evaluation.scores import Interval
    from corpus.study import Study


def coders_agreement(study: Study) -> Agreement | None:
    """Return the coders' agreement on each variable; None if no two coders answered for the same span."""
    from annotate.agreement.agreement import agreement
    from corpus.errors import NothingToCompare

    try:
        return agreement(study, brief=True)
    except NothingToCompare:
        return None


def answer_sentences(rounds: Mapping[str, int], left_out: Mapping[str, int]) -> list[str]:
    """Return a sentence on the rounds whose answers were used, and one on the answers that do not count.

    >>> answer_sentences({"": 20, "main-1": 40}, {"other version": 3})
    ['answers: 20 of no round, 40 of main-1', 'answers that do not count: 3 other version']
    >>> answer_sentences({"": 20}, {})
    []
    """
    lines = []
    if set(rounds) != {""}:
        lines.append("answers: " + ", ".join(f"{n} of {name or 'no round'}" for name, n in rounds.items()))
    if left_out:
        lines.append("answers that do not count: " + ", ".join(f"{n} {why}" for why, n in left_out.items()))
    return lines


def print_details(result: Evaluation, console: Console) -> None:
    """Print all results beyond the table of held-out outlets, one line each."""
    for line in result_sentences(result):
        console.print(line, markup=False)


def result_sentences(result: Evaluation) -> list[str]:
    """Return all results beyond the table, one sentence each."""
    sentences = answer_sentences(result.rounds, result.left_out)
    if (worst := result.worst_outlet) and len(result.outlets) > 1:
        sentences.append(f"worst on {worst}: {figure(result.outlets[worst].macro_f1)}")
    if result.divided:
        sentences.append(f"{result.divided} spans on which the coders are evenly divided are excluded from testing")
    if result.mean and (codes := result.mean.codes):
        sentences.append("F1 by code: " + ", ".join(f"{code} {figure(f1)}" for code, f1 in codes.items()))
    if agreed := (result.agreement or {}).get(result.variable):
        sentences.append(f"the coders' alpha on {result.variable}: {figure(agreed.alpha)} ({agreed.gate})")
    for name, dropped in result.dropped.items():
        if dropped["events"]:
            sentences.append(f"{name}: {dropped['events']} spans of the same events were left out of training")
        if dropped["events_kept"]:
            sentences.append(
                f"{name}: {dropped['events_kept']} spans of the same events stayed in training (too few others)"
            )
    sentences += _extra_sentences(result)
    if calibration := result.calibration:
        sentences += calibration_sentences(calibration)
        if result.whole:
            sentences.append(f"suggestions below probability {figure(calibration.threshold)} are not shown")
    if (faithful := result.faithful).n:
        sentences.append(
            f"deleting the top words changes the score by {_signed(faithful.difference)} "
            f"{_interval(faithful.interval)} more than deleting random ones, n {faithful.n}"
        )
    return sentences


def _extra_sentences(result: Evaluation) -> list[str]:
    """Return sentences on the measurements that were asked for."""
    from corpus.evaluation.extra_measures import NotMeasured

    sentences = []
    if (random := result.random) and random.gap and random.mean:
        sentences.append(
            f"a random split would overstate macro-F1 by {_signed(random.gap.macro_f1)} "
            f"{_interval(random.gap.interval)} ({figure(random.mean.macro_f1)})"
        )
    if (later := result.forward) and not isinstance(later, NotMeasured) and later.pooled:
        sentences.append(
            f"trained on articles before {later.day}, tested on later ones: {figure(later.pooled.macro_f1)} "
            f"{_interval(later.pooled.interval)}, n {later.pooled.n}"
        )
    elif later:
        sentences.append(f"no test on later articles: {later.why}")
    if leak := result.leak:
        sentences += [
            f"{code}: the scores reveal the outlet of {figure(probe.accuracy)} {_interval(probe.interval)} of spans, "
            f"chance {figure(probe.chance)}, n {probe.n}"
            for code, probe in leak.codes.items()
        ] or [f"no leak probe: {leak.why}"]
    if result.curve and (following := result.curve.next):
        sentences.append(
            f"the next {following.annotations} annotations are likely to add {_signed(following.gain)} "
            f"{_interval(following.interval)}"
        )
    return sentences


def calibration_sentences(result: CalibrationReport) -> list[str]:
    """Return the effect of temperature scaling and of abstaining on held-out outlets, one sentence each."""
    error, curve = result.mean.calibration_error, result.mean.curve
    sure = next(point for point in curve if point.coverage == 0.8)
    return [
        f"calibration error {figure(error.before)}, with the other outlets' temperature {figure(error.after)}"
        + ("" if result.temperature != 1 else ", so it is not used"),
        f"without the least certain fifth of each outlet macro-F1 is {figure(sure.macro_f1)} "
        f"({_signed(sure.macro_f1 - curve[0].macro_f1)})",
    ]


def _signed(value: float | None) -> str:
    return ("+" if value is not None and value >= 0 else "") + figure(value)


def _interval(interval: Interval | None) -> str:
    low, high = interval or (None, None)
    return f"[{figure(low)}, {figure(high)}]"
