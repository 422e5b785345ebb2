"""Describe an evaluation in sentences: agreement, gap to a random split, leak probe, learning curve; write its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotate.cli.shared.output import figure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from corpus.study import Study


def coders_agreement(study: Study) -> dict[str, Any] | None:
    """Return alpha, its interval and gate for each variable; None if no two coders answered for the same span."""
    from annotate.agreement.agreement import agreement
    from corpus.errors import NothingToCompare

    try:
        result = agreement(study, brief=True)
    except NothingToCompare:
        return None
    return {
        name: {"alpha": each.alpha, "interval": each.interval, "n_units": each.n_units, "gate": each.gate}
        for name, each in result.variables.items()
    }


def answer_sentences(result: Mapping[str, Any]) -> list[str]:
    """Return a sentence on the rounds whose answers were used, and one on the answers that do not count.

    >>> answer_sentences({"rounds": {"": 20, "main-1": 40}, "left_out": {"other version": 3}})
    ['answers: 20 of no round, 40 of main-1', 'answers that do not count: 3 other version']
    >>> answer_sentences({"rounds": {"": 20}, "left_out": {}})
    []
    """
    rounds, left_out = result["rounds"], result["left_out"]
    lines = []
    if set(rounds) != {""}:
        lines.append("answers: " + ", ".join(f"{n} of {name or 'no round'}" for name, n in rounds.items()))
    if left_out:
        lines.append("answers that do not count: " + ", ".join(f"{n} {why}" for why, n in left_out.items()))
    return lines


def print_details(result: dict[str, Any], console: Console) -> None:
    """Print all results beyond the table of held-out outlets, one line each."""
    for line in result_sentences(result):
        console.print(line, markup=False)


def result_sentences(result: dict[str, Any]) -> list[str]:
    """Return all results beyond the table, one sentence each."""
    sentences = answer_sentences(result)
    if (worst := result["worst_outlet"]) and len(result["outlets"]) > 1:
        sentences.append(f"worst on {worst}: {figure(result['outlets'][worst]['macro_f1'])}")
    if result["divided"]:
        sentences.append(f"{result['divided']} spans on which the coders are evenly divided are excluded from testing")
    codes = (result["mean"] or {}).get("codes", {})
    if codes:
        sentences.append("F1 by code: " + ", ".join(f"{code} {figure(f1)}" for code, f1 in codes.items()))
    if alpha := (result.get("agreement") or {}).get(result["variable"]):
        sentences.append(f"the coders' alpha on {result['variable']}: {figure(alpha['alpha'])} ({alpha['gate']})")
    for name, dropped in result["dropped"].items():
        if dropped["events"]:
            sentences.append(f"{name}: {dropped['events']} spans of the same events were left out of training")
        if dropped["events_kept"]:
            sentences.append(
                f"{name}: {dropped['events_kept']} spans of the same events stayed in training (too few others)"
            )
    if (random := result.get("random")) and random.get("gap"):
        sentences.append(
            f"a random split would overstate macro-F1 by {_signed(random['gap']['macro_f1'])} "
            f"{_interval(random['gap']['interval'])} ({figure(random['mean']['macro_f1'])})"
        )
    if forward := result.get("forward"):
        sentences.append(
            f"no test on later articles: {forward['why']}"
            if "why" in forward
            else f"trained on articles before {forward['from']}, tested on later ones: "
            f"{figure(forward['pooled']['macro_f1'])} {_interval(forward['pooled']['interval'])}, "
            f"n {forward['pooled']['n']}"
        )
    if leak := result.get("leak"):
        sentences += [
            f"{code}: the scores reveal the outlet of {figure(one['accuracy'])} {_interval(one['interval'])} of spans, "
            f"chance {figure(one['chance'])}, n {one['n']}"
            for code, one in leak["codes"].items()
        ] or [f"no leak probe: {leak['why']}"]
    if (curve := result.get("curve")) and "next" in curve:
        following = curve["next"]
        sentences.append(
            f"the next {following['annotations']} annotations are likely to add {_signed(following['gain'])} "
            f"{_interval(following['interval'])}"
        )
    if calibration := result.get("calibration"):
        sentences += calibration_sentences(calibration)
        if result["whole"]:
            sentences.append(f"suggestions below probability {figure(calibration['threshold'])} are not shown")
    if (faithful := result.get("faithful")) and "difference" in faithful:
        sentences.append(
            f"deleting the top words changes the score by {_signed(faithful['difference'])} "
            f"{_interval(faithful['interval'])} more than deleting random ones, n {faithful['n']}"
        )
    return sentences


def calibration_sentences(result: dict[str, Any]) -> list[str]:
    """Return the effect of temperature scaling and of abstaining on held-out outlets, one sentence each."""
    error, curve = result["mean"]["calibration_error"], result["mean"]["curve"]
    sure = next(point for point in curve if point["coverage"] == 0.8)
    return [
        f"calibration error {figure(error['before'])}, with the other outlets' temperature {figure(error['after'])}"
        + ("" if result["temperature"] != 1 else ", so it is not used"),
        f"without the least certain fifth of each outlet macro-F1 is {figure(sure['macro_f1'])} "
        f"({_signed(sure['macro_f1'] - curve[0]['macro_f1'])})",
    ]


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "") + figure(value)


def _interval(interval: list[float]) -> str:
    return f"[{figure(interval[0])}, {figure(interval[1])}]"


def write_evaluation_page(study: Study, result: dict[str, Any]) -> Path:
    """Write reports/evaluation.html and return its path."""
    from annotate.report.evaluation_page import render_evaluation
    from corpus.study.files import write_whole

    html = render_evaluation(study, result)
    file = study.reports / "evaluation.html"
    write_whole(file, html)
    return file
