"""The evaluation page: scores on held-out outlets, the learning curve, and the spans with the worst errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotate.report.parts.code_styles import side_names, style_codes
from annotate.report.parts.excerpts import excerpt
from annotate.report.parts.templates import render
from corpus.study import Study

from .agreement_page import figure

MOST_LETTERS = 300  # of a passage on either side of the span
WIDTH, HEIGHT = 640, 260  # of the learning curve
LEFT, BOTTOM = 44, 44  # space for its axes


@dataclass(frozen=True)
class CurvePlot:
    """A plotted learning curve: points (x, y, low, high) in pixels, ticks with their labels."""

    points: list[tuple[float, float, float, float]]
    doubled: tuple[float, float, float, float] | None
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]


def render_evaluation(study: Study, evaluation: Mapping[str, Any]) -> str:
    """Return the results of `evaluate --json` as one self-contained HTML page.

    The page shows passages of texts, so it is for the study's team.
    """
    variable = study.codebook.by_name[evaluation["variable"]]
    styles = style_codes(variable, side_names(study))
    curve = evaluation.get("curve") or {}
    optional = {"random": None, "forward": None, "leak": None, "faithful": {"n": 0}, "calibration": None}
    baselines = evaluation["baselines"].values()
    return render(
        "evaluation.html.j2",
        name=study.settings.name,
        evaluation={**optional, **evaluation},
        by_outlet={name: [baseline["outlets"][name] for baseline in baselines] for name in evaluation["outlets"]},
        human=evaluation["human"] or {"outlets": {}, "macro_f1": None},
        agreement=(evaluation.get("agreement") or {}).get(variable.name),
        codes=styles,
        palette=sorted({style.css: style for style in styles.values()}.values(), key=lambda style: style.css),
        wrong=[
            {**span, "excerpt": excerpt(span["passage"], span["start"], span["end"], MOST_LETTERS)}
            for span in evaluation["wrong"]
        ],
        plot=plot_curve(curve) if curve.get("points") else None,
        figure=figure,
        signed=lambda value: ("+" if value >= 0 else "") + figure(value),
        at=lambda value: round(100 * min(max(value, 0), 1), 2),
        WIDTH=WIDTH,
        HEIGHT=HEIGHT,
        LEFT=LEFT,
        BOTTOM=BOTTOM,
    )


def plot_curve(curve: Mapping[str, Any]) -> CurvePlot:
    """Return a learning curve in pixels: spans from 0 on the x-axis, the observed range of macro-F1 on the y-axis.

    >>> point = {"n": 100, "macro_f1": 0.5, "interval": [0.4, 0.6]}
    >>> plot_curve({"points": [point], "doubled": {"n": 200, "macro_f1": 0.6, "interval": [0.5, 0.7]}}).points
    [(334.0, 145.3, 216.0, 74.7)]
    """
    points: Sequence[Mapping[str, Any]] = curve["points"]
    doubled = curve.get("doubled")
    all_points = [*points, *([doubled] if doubled else [])]
    most = max(point["n"] for point in all_points)
    low = min(min(point["interval"][0], point["macro_f1"]) for point in all_points)
    high = max(max(point["interval"][1], point["macro_f1"]) for point in all_points)
    value_range = max(high - low, 0.02)
    inner = HEIGHT - BOTTOM - 4

    def x(n: float) -> float:
        return float(round(LEFT + (WIDTH - LEFT - 16) * n / most, 1))

    def y(value: float) -> float:
        return float(round(4 + inner * (1 - (value - low) / value_range), 1))

    def pixels(point: Mapping[str, Any]) -> tuple[float, float, float, float]:
        return x(point["n"]), y(point["macro_f1"]), y(point["interval"][0]), y(point["interval"][1])

    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if value_range / s <= 6 or s == 0.5)
    ticks = [n * step for n in range(int(1 / step) + 1) if low <= n * step <= high]
    return CurvePlot(
        [pixels(point) for point in points],
        pixels(doubled) if doubled else None,
        [(x(p["n"]), f"{p['n']:,}") for p in all_points if x(p["n"]) > LEFT + 40 or p is all_points[0]],
        [(y(tick), figure(tick)[:3]) for tick in ticks],
    )
