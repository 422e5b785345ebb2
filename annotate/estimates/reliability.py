"""Whether the coders agree well enough for an estimate: the verdict of reliability, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.agreement.agreement import agreement
from annotate.agreement.variable_agreement import VariableAgreement
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study.history.handing_in import late_answers

SHOWN = ("relied on", "tentative")
FEWEST_DOUBLE_CODED = 50  # spans coded by two or more, where the verdict is not clear
FLOOR = 0.667  # alpha below which an unclear verdict refuses an estimate (Krippendorff's floor)


@dataclass(frozen=True)
class Reliability:
    """The weakest verdict of variables, why an estimate is refused for it with what to do, and what it must mention."""

    verdict: str
    refused: list[str]
    notes: list[str]


def check_reliability(study: Study, names: Sequence[str]) -> Reliability:
    """Return whether coders agree well enough on each of these variables: the one to estimate, then those of groups.

    Of the latter only a verdict that fails refuses an estimate.
    """
    try:
        found = agreement(study, brief=True)
    except NothingToCompare:
        return Reliability("undefined", [_single_coded(", ".join(names))], [])
    measured = found.variables
    verdicts = {name: _check(measured[name]) for name in names}
    for name in names[1:]:
        if (verdict := verdicts[name][0]) != "fails":
            verdicts[name] = verdict, ""
    notes = [
        f"reliability not yet shown: the verdict on {name} is {verdict} ({_basis(measured[name])})"
        for name, (verdict, reason) in verdicts.items()
        if not reason and verdict not in SHOWN
    ]
    if found.selected.changed_late:
        notes.append(late_answers(found.selected.changed_late))
    weakest = min((verdict for verdict, _ in verdicts.values()), key=_strength)
    return Reliability(weakest, [reason for _, reason in verdicts.values() if reason], notes)


def _basis(measured: VariableAgreement) -> str:
    alpha = "undefined" if measured.alpha is None else f"{measured.alpha:.2f}"
    return f"{measured.n_units} spans coded by two or more, alpha {alpha}"


def _strength(verdict: str) -> int:
    return {"relied on": 3, "tentative": 2, "fails": 0}.get(verdict, 1)


def _single_coded(names: str) -> str:
    return (
        f"no span of {names} was coded blind by two coders, so its reliability is unknown; draw a round with overlap: "
        "slantwise round draw reliability --purpose reliability"
    )


def _check(measured: VariableAgreement) -> tuple[str, str]:
    """Return a variable's verdict, and why an estimate of it is refused, or nothing."""
    verdict, variable = measured.gate, measured.data.variable.name
    if not measured.n_units:
        return "undefined", _single_coded(variable)
    alpha = "undefined" if measured.alpha is None else f"{measured.alpha:.2f}"
    if verdict == "fails":
        return verdict, f"the coders do not agree on {variable} (alpha {alpha}); clarify the codebook and code again"
    if verdict not in SHOWN and (
        measured.alpha is None or measured.alpha < FLOOR or measured.n_units < FEWEST_DOUBLE_CODED
    ):
        return verdict, (
            f"the reliability of {variable} cannot be told yet ({_basis(measured)}); code more spans twice: slantwise "
            "round plan"
        )
    return verdict, ""
