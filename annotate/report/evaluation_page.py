"""The evaluation page: scores on held-out outlets, the learning curve, and the spans with the worst errors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from annotate.report.parts.code_styles import side_names, style_codes
from annotate.report.parts.excerpts import excerpt
from annotate.report.parts.templates import render
from corpus.errors import NothingToLearn
from corpus.evaluation import Evaluation
from corpus.evaluation.extra_measures import ClassifierCurve, CurvePoint, PredictedScore
from corpus.study import Study
from corpus.study.files import write_whole

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


def write_evaluation_page(study: Study, evaluation: Evaluation | None = None) -> Path:
    """Write reports/evaluation.html, of the evaluation kept last unless another one is given; return its path.

    Raises NothingToLearn without an evaluation.
    """
    evaluation = evaluation or Evaluation.read(study.reports)
    if evaluation is None:
        raise NothingToLearn("the study has no evaluation yet; make one with: slantwise evaluate")
    file = study.reports / "evaluation.html"
    write_whole(file, render_evaluation(study, evaluation))
    return file


def render_evaluation(study: Study, evaluation: Evaluation) -> str:
    """Return an evaluation as one self-contained HTML page.

    The page shows passages of texts, so it is for the study's team.
    """
    variable = study.codebook.by_name[evaluation.variable]
    styles = style_codes(variable, side_names(study))
    baselines = evaluation.baselines.values()
    return render(
        "evaluation.html.j2",
        name=study.settings.name,
        evaluation=evaluation,
        by_outlet={name: [baseline.outlets[name] for baseline in baselines] for name in evaluation.outlets},
        human_mean=evaluation.human and evaluation.human.macro_f1,
        human_by_outlet=evaluation.human.outlets if evaluation.human else {},
        agreement=(evaluation.agreement or {}).get(variable.name),
        codes=styles,
        palette=sorted({style.css: style for style in styles.values()}.values(), key=lambda style: style.css),
        wrong=[(span, excerpt(span.passage, span.start, span.end, MOST_LETTERS)) for span in evaluation.wrong],
        plot=plot_curve(evaluation.curve) if evaluation.curve and evaluation.curve.points else None,
        figure=figure,
        signed=lambda value: ("+" if value >= 0 else "") + figure(value),
        at=lambda value: round(100 * min(max(value, 0), 1), 2),
        WIDTH=WIDTH,
        HEIGHT=HEIGHT,
        LEFT=LEFT,
        BOTTOM=BOTTOM,
    )


def plot_curve(curve: ClassifierCurve) -> CurvePlot:
    """Return a learning curve in pixels: spans from 0 on the x-axis, the observed range of macro-F1 on the y-axis.

    >>> point = CurvePoint(n=100, parts=1, macro_f1=0.5, interval=(0.4, 0.6))
    >>> doubled = PredictedScore(n=200, macro_f1=0.6, interval=(0.5, 0.7))
    >>> plot_curve(ClassifierCurve(points=(point,), doubled=doubled)).points
    [(334.0, 145.3, 216.0, 74.7)]
    """
    points, doubled = curve.points or (), curve.doubled
    all_points: list[CurvePoint | PredictedScore] = [*points, *([doubled] if doubled else [])]
    most = max(point.n for point in all_points)
    low = min(min(_ends(point)[0], point.macro_f1) for point in all_points)
    high = max(max(_ends(point)[1], point.macro_f1) for point in all_points)
    value_range = max(high - low, 0.02)
    inner = HEIGHT - BOTTOM - 4

    def x(n: float) -> float:
        return float(round(LEFT + (WIDTH - LEFT - 16) * n / most, 1))

    def y(value: float) -> float:
        return float(round(4 + inner * (1 - (value - low) / value_range), 1))

    def pixels(point: CurvePoint | PredictedScore) -> tuple[float, float, float, float]:
        lower, upper = _ends(point)
        return x(point.n), y(point.macro_f1), y(lower), y(upper)

    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if value_range / s <= 6 or s == 0.5)
    ticks = [n * step for n in range(int(1 / step) + 1) if low <= n * step <= high]
    return CurvePlot(
        [pixels(point) for point in points],
        pixels(doubled) if doubled else None,
        [(x(p.n), f"{p.n:,}") for p in all_points if x(p.n) > LEFT + 40 or p is all_points[0]],
        [(y(tick), figure(tick)[:3]) for tick in ticks],
    )


def _ends(point: CurvePoint | PredictedScore) -> tuple[float, float]:
    """Return a point's interval; one that is unknown is the point itself."""
    low, high = point.interval
    return point.macro_f1 if low is None else low, point.macro_f1 if high is None else high
