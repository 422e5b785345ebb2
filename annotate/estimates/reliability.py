"""Whether the coders agree well enough for an estimate: the verdict of reliability, and what it refuses."""

from __future__ import annotations

from annotate.agreement.agreement import agreement
from corpus.errors import NothingToCompare
from corpus.study import Study

FEWEST_DOUBLE_CODED = 50  # spans coded by two or more, where the verdict is not clear
FLOOR = 0.667  # alpha below which an unclear verdict refuses an estimate (Krippendorff's floor)


def check_reliability(study: Study, variable: str) -> tuple[str, list[str]]:
    """Return a variable's verdict, and the reasons why an estimate of it is refused, with what to do."""
    try:
        measured = agreement(study, brief=True).variables[variable]
    except NothingToCompare:
        return "undefined", [
            f"no span of {variable} was coded blind by two coders, so its reliability is unknown; draw a round with "
            "overlap: slantwise round draw reliability --purpose reliability"
        ]
    verdict = measured.gate
    alpha = "undefined" if measured.alpha is None else f"{measured.alpha:.2f}"
    if verdict == "fails":
        return verdict, [f"the coders do not agree on {variable} (alpha {alpha}); clarify the codebook and code again"]
    if verdict not in ("relied on", "tentative") and (
        measured.alpha is None or measured.alpha < FLOOR or measured.n_units < FEWEST_DOUBLE_CODED
    ):
        return verdict, [
            f"the reliability of {variable} cannot be told yet ({measured.n_units} spans coded by two or more, alpha "
            f"{alpha}); code more spans twice: slantwise round plan"
        ]
    return verdict, []
