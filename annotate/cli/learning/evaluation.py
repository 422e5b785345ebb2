"""What `evaluate` shows beside its table: agreement, the gap, the leak probe, the curve, the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotate.cli.shared.output import figure, write_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from corpus.study import Study


def coders_agreement(study: Study) -> dict[str, Any] | None:
    """Return alpha, its interval and gate for each variable; None where no two coders read the same span."""
    from annotate.agreement.agreement import agreement
    from corpus.errors import NothingToCompare

    try:
        found = agreement(study, brief=True)
    except NothingToCompare:
        return None
    return {
        name: {"alpha": one.alpha, "interval": one.interval, "n_units": one.n_units, "gate": one.gate}
        for name, one in found.variables.items()
    }


def answer_sentences(found: Mapping[str, Any]) -> list[str]:
    """Return which rounds' answers were learned from, and which do not count, a sentence each; nothing without rounds.

    >>> answer_sentences({"rounds": {"": 20, "main-1": 40}, "left_out": {"other version": 3}})
    ['answers: 20 of no round, 40 of main-1', 'answers that do not count: 3 other version']
    >>> answer_sentences({"rounds": {"": 20}, "left_out": {}})
    []
    """
    rounds, left_out = found["rounds"], found["left_out"]
    lines = []
    if set(rounds) != {""}:
        lines.append("answers: " + ", ".join(f"{n} of {name or 'no round'}" for name, n in rounds.items()))
    if left_out:
        lines.append("answers that do not count: " + ", ".join(f"{n} {why}" for why, n in left_out.items()))
    return lines


def print_details(found: dict[str, Any], console: Console) -> None:
    """Print what was measured beside the outlets held out, a line each."""
    for line in result_sentences(found):
        console.print(line, markup=False)


def result_sentences(found: dict[str, Any]) -> list[str]:
    """Return what there is to say beside the table, a sentence each."""
    said = answer_sentences(found)
    if (worst := found["worst_outlet"]) and len(found["outlets"]) > 1:
        said.append(f"worst on {worst}: {figure(found['outlets'][worst]['macro_f1'])}")
    if found["divided"]:
        said.append(f"{found['divided']} spans on which the coders are evenly divided are not tested")
    codes = (found["mean"] or {}).get("codes", {})
    if codes:
        said.append("F1 by code: " + ", ".join(f"{code} {figure(f1)}" for code, f1 in codes.items()))
    if one := (found.get("agreement") or {}).get(found["variable"]):
        said.append(f"the coders' alpha on {found['variable']}: {figure(one['alpha'])} ({one['gate']})")
    for name, dropped in found["dropped"].items():
        if dropped["events"]:
            said.append(f"{name}: {dropped['events']} spans of the same events were left out of training")
        if dropped["events_kept"]:
            said.append(f"{name}: {dropped['events_kept']} spans of the same events stayed in training; too few others")
    if (random := found.get("random")) and random.get("gap"):
        said.append(
            f"a random split says {figure(random['mean']['macro_f1'])}: {_signed(random['gap']['macro_f1'])} "
            f"{_ends(random['gap']['interval'])} too much"
        )
    if forward := found.get("forward"):
        said.append(
            f"no test on later articles: {forward['why']}"
            if "why" in forward
            else f"trained before {forward['from']}, tested from there on: {figure(forward['pooled']['macro_f1'])} "
            f"{_ends(forward['pooled']['interval'])}, n {forward['pooled']['n']}"
        )
    if leak := found.get("leak"):
        said += [
            f"{code}: the scores name the outlet in {figure(one['accuracy'])} {_ends(one['interval'])} of spans, "
            f"chance {figure(one['chance'])}, n {one['n']}"
            for code, one in leak["codes"].items()
        ] or [f"no leak probe: {leak['why']}"]
    if (curve := found.get("curve")) and "next" in curve:
        following = curve["next"]
        said.append(
            f"the next {following['annotations']} annotations are likely to bring {_signed(following['gain'])} "
            f"{_ends(following['interval'])}"
        )
    if calibration := found.get("calibration"):
        said += calibration_sentences(calibration)
        if found["whole"]:
            said.append(f"coders are suggested nothing below {figure(calibration['threshold'])}")
    if (faithful := found.get("faithful")) and "difference" in faithful:
        said.append(
            f"deleting the top words moves the score by {_signed(faithful['difference'])} "
            f"{_ends(faithful['interval'])} more than deleting random ones, n {faithful['n']}"
        )
    return said


def calibration_sentences(found: dict[str, Any]) -> list[str]:
    """Return what a temperature and abstaining bring on outlets held out, a sentence each."""
    error, curve = found["mean"]["calibration_error"], found["mean"]["curve"]
    sure = next(point for point in curve if point["coverage"] == 0.8)
    return [
        f"calibration error {figure(error['before'])}, with the other outlets' temperature {figure(error['after'])}"
        + ("" if found["temperature"] != 1 else ", so none is used"),
        f"without the least certain fifth of each outlet macro-F1 is {figure(sure['macro_f1'])} "
        f"({_signed(sure['macro_f1'] - curve[0]['macro_f1'])})",
    ]


def _signed(value: float) -> str:
    return ("+" if value >= 0 else "") + figure(value)


def _ends(interval: list[float]) -> str:
    return f"[{figure(interval[0])}, {figure(interval[1])}]"


def write_evaluation_page(study: Study, found: dict[str, Any]) -> Path:
    """Write the page and return where it lies."""
    from annotate.report.evaluation_page import page

    html = page(study, found)
    file = study.reports / "evaluation.html"
    write_page(file, html)
    return file
