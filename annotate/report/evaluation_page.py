"""The evaluation page: how well suggestions hold on outlets held out, in plots, and the spans that go most wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.report.parts.code_styles import shown, side_names
from annotate.report.parts.templates import environment
from corpus.study import Study

from .agreement_page import figure

MOST_LETTERS = 300  # of a passage on either side of the span
WIDTH, HEIGHT = 640, 260  # of the learning curve
LEFT, BOTTOM = 44, 44  # room for its scales


@dataclass(frozen=True)
class Curve:
    """A learning curve as it is drawn: points (x, y, low, high) in pixels, ticks with their words."""

    points: list[tuple[float, float, float, float]]
    doubled: tuple[float, float, float, float] | None
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]


def page(study: Study, found: Mapping[str, Any]) -> str:
    """Return what `evaluate --json` says as one HTML page that needs nothing from outside itself.

    The page shows passages of texts: it is for the study's team.
    """
    variable = study.codebook.by_name[found["variable"]]
    codes = shown(variable, side_names(study))
    curve = found.get("curve") or {}
    return (
        environment()
        .get_template("evaluation.html.j2")
        .render(
            name=study.settings.name,
            found={"random": None, "forward": None, "leak": None, "faithful": {"n": 0}, "calibration": None, **found},
            by_outlet={name: [b["outlets"][name] for b in found["baselines"].values()] for name in found["outlets"]},
            human=found["human"] or {"outlets": {}, "macro_f1": None},
            agreement=(found.get("agreement") or {}).get(variable.name),
            codes=codes,
            palette=sorted({code.css: code for code in codes.values()}.values(), key=lambda code: code.css),
            wrong=[_cut(one) for one in found["wrong"]],
            curve=drawn(curve) if curve.get("points") else None,
            figure=figure,
            signed=lambda value: ("+" if value >= 0 else "") + figure(value),
            at=lambda value: round(100 * min(max(value, 0), 1), 2),
            WIDTH=WIDTH,
            HEIGHT=HEIGHT,
            LEFT=LEFT,
            BOTTOM=BOTTOM,
        )
    )


def _cut(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a span that went wrong with its words between what stands before and after them."""
    text, start, end = one["passage"], one["start"], one["end"]
    left, right = text[:start], text[end:]
    return {
        **one,
        "left": left if len(left) <= MOST_LETTERS else "… " + left[-MOST_LETTERS:].partition(" ")[2],
        "words": text[start:end],
        "right": right if len(right) <= MOST_LETTERS else right[:MOST_LETTERS].rpartition(" ")[0] + " …",
    }


def drawn(curve: Mapping[str, Any]) -> Curve:
    """Return a learning curve in pixels: spans across from 0, macro-F1 up over the range that occurs.

    >>> point = {"n": 100, "macro_f1": 0.5, "interval": [0.4, 0.6]}
    >>> drawn({"points": [point], "doubled": {"n": 200, "macro_f1": 0.6, "interval": [0.5, 0.7]}}).points
    [(334.0, 145.3, 216.0, 74.7)]
    """
    points: Sequence[Mapping[str, Any]] = curve["points"]
    doubled = curve.get("doubled")
    every = [*points, *([doubled] if doubled else [])]
    most = max(one["n"] for one in every)
    low = min(min(one["interval"][0], one["macro_f1"]) for one in every)
    high = max(max(one["interval"][1], one["macro_f1"]) for one in every)
    span = max(high - low, 0.02)
    inner = HEIGHT - BOTTOM - 4

    def x(n: float) -> float:
        return float(round(LEFT + (WIDTH - LEFT - 16) * n / most, 1))

    def y(value: float) -> float:
        return float(round(4 + inner * (1 - (value - low) / span), 1))

    def place(one: Mapping[str, Any]) -> tuple[float, float, float, float]:
        return x(one["n"]), y(one["macro_f1"]), y(one["interval"][0]), y(one["interval"][1])

    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if span / s <= 6 or s == 0.5)
    ticks = [n * step for n in range(int(1 / step) + 1) if low <= n * step <= high]
    return Curve(
        [place(one) for one in points],
        place(doubled) if doubled else None,
        [(x(one["n"]), f"{one['n']:,}") for one in every if x(one["n"]) > LEFT + 40 or one is every[0]],
        [(y(tick), figure(tick)[:3]) for tick in ticks],
    )
