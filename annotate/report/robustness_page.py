"""The robustness page: whether each difference holds when a study is read otherwise, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from annotate.estimates.robustness import MAIN, Comparison, Robustness, VariedFigure
from annotate.report.parts.code_styles import CodeStyle, side_names, style_codes
from annotate.report.parts.templates import render
from corpus.study import Study
from corpus.study.files import write_whole

OPEN = 3  # comparisons whose variations are shown at once; others open on request
STEP = 0.1  # to which the ends of the scale are rounded


@dataclass(frozen=True)
class ComparisonView:
    """A comparison of the main result, its code's style, and the figures of its variations by their kind."""

    comparison: Comparison
    code: CodeStyle
    main: VariedFigure
    kinds: dict[str, list[VariedFigure]]


def write_robustness_page(study: Study, robustness: Robustness, *, out: str | Path | None = None) -> Path:
    """Write a page and return its path, reports/robustness.html in the study unless another is given.

    `robustness` is the result of `check_robustness`.
    """
    file = Path(out) if out is not None else study.reports / "robustness.html"
    write_whole(file, render_robustness(study, robustness))
    return file


def render_robustness(study: Study, robustness: Robustness) -> str:
    """Return a result and its variations as one self-contained HTML page, which shows no texts and no spans."""
    styles = style_codes(study.codebook.by_name[robustness.variable], side_names(study))
    compared = sorted(robustness.comparisons, key=lambda one: (not one.found, not one.second, -abs(one.value)))
    not_applicable: dict[str, list[VariedFigure]] = {}
    for row in robustness.figures:
        if row.outcome == "not applicable":
            not_applicable.setdefault(row.kind, []).append(row)
    are_differences = bool(compared[0].second)
    extent = _extent(robustness.figures) if are_differences else 1.0
    low = -extent if are_differences else 0.0
    return render(
        "robustness.html.j2",
        name=study.settings.name,
        robustness=robustness,
        are_differences=are_differences,
        views=[_view(one, styles[one.code], robustness.figures) for one in compared],
        palette=sorted({style.css: style for style in styles.values()}.values(), key=lambda style: style.css),
        not_applicable=not_applicable,
        extent=extent,
        at=lambda value: round(100 * (min(max(value, low), extent) - low) / (extent - low), 2),
        points=lambda value: points(value, signed=are_differences),
        OPEN=OPEN,
    )


def _extent(figures: Sequence[VariedFigure]) -> float:
    """Return how far the scale reaches on both sides of 0."""
    values = [abs(value) for row in figures for value in (row.low, row.high) if value is not None]
    return round(min(1.0, STEP * -(-max(values, default=1.0) // STEP)), 2)


def _view(one: Comparison, code: CodeStyle, figures: Sequence[VariedFigure]) -> ComparisonView:
    key = one.code, one.first, one.second
    kinds: dict[str, list[VariedFigure]] = {}
    main: list[VariedFigure] = []
    for row in figures:
        if (row.code, row.first, row.second) == key:
            (main if row.outcome == MAIN else kinds.setdefault(row.kind, [])).append(row)
    return ComparisonView(one, code, main[0], kinds)


def points(value: float | None, *, signed: bool) -> str:
    """Return a difference in points with its sign, or a share in percent.

    >>> points(-0.483, signed=True), points(0.0, signed=True), points(0.483, signed=False), points(None, signed=True)
    ('−48', '0', '48', '–')
    """
    if value is None:
        return "–"
    number = round(100 * value)
    return (f"{number:+d}" if signed and number else str(number)).replace("-", "−")
