"""What `estimate --robustness` prints: whether each difference holds when the study is read otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import emit, out, plain_table, progress, shown

from .figures import target_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from annotate.estimates.estimate import Reference
    from annotate.estimates.robustness import Comparison, Robustness, VariedFigure
    from annotate.estimators.shares import Target
    from corpus.study import Study

MOST_TABLES = 3  # of comparisons, the largest differences; --page and --json have all
MOST_ROWS = 12
MARKS = {"holds": "holds", "does not hold": "NOT", "too few codes": "few codes", "no finding": "", "main result": ""}


def vary(
    study: Study,
    variable: str | None,
    by: Sequence[str],
    reading: tuple[Target, Reference],
    override: str | None,
) -> Robustness:
    """Try all variations with a progress bar."""
    from annotate.estimates.robustness import check_robustness

    with progress("variations") as (bar, task):
        target, reference = reading
        return check_robustness(
            study, variable, by=by, target=target, reference=reference, override=override, progress=shown(bar, task)
        )


def finish_robustness(study: Study, result: Robustness, page: bool, *, as_json: bool) -> None:
    """Print the result, and write the page where it is wanted."""
    from annotate.report.robustness_page import write_robustness_page

    file = write_robustness_page(study, result) if page else None
    if as_json:
        emit({**result.json(), "page": str(file) if file else None})
    else:
        show(result, out())
        if file:
            out().print(f"The page:  {file}", markup=False, soft_wrap=True)


def show(result: Robustness, console: Console) -> None:
    """Print a summary of all comparisons, and the variations of the largest, as tables that fit 80 columns."""
    groups = f" by {', '.join(result.by)}" if result.by else ""
    console.print(
        f"{result.variable}{groups}: {result.coded} coded of {result.spans} {result.unit}s, codebook "
        f"{result.codebook_version}, reliability {result.verdict}"
        f"{', by adjudicated codes' if result.reference == 'adjudicated' else ''}",
        markup=False,
    )
    for reason in result.refused:
        console.print(f"estimated in spite of this ({result.override}): {reason}", style="bold yellow", markup=False)
    compared = sorted(result.comparisons, key=lambda one: (not one.found, not one.second, -abs(one.value)))
    _show_summary(compared, console)
    for one in compared[:MOST_TABLES]:
        _show_variations(one, result.figures, console)
    if more := compared[MOST_TABLES:]:
        console.print(f"\nvariations of {len(more)} more: --page or --json", style="dim", markup=False)
    _show_not_applicable(result.figures, console)
    console.print(target_named(result.target), style="dim", markup=False)
    for note in result.notes:
        console.print(note, style="dim", markup=False)
    if result.simulated:
        console.print(f"answers of programs, not of people: {', '.join(result.simulated)}", style="dim", markup=False)


def _show_summary(compared: Sequence[Comparison], console: Console) -> None:
    is_difference = bool(compared[0].second)
    figure = "points" if is_difference else "share %"
    right = (figure, "95 %", *(("holds in",) if is_difference else ()), "least to most")
    table = plain_table("code", "groups", *right, right=right)
    for one in compared[:MOST_ROWS]:
        holds = [f"{one.holds} of {one.tried}" if one.found else "–"] if is_difference else []
        table.add_row(
            one.code, named(one), points(one.value, one.second), ends(one.low, one.high, one.second), *holds,
            ends(one.least, one.most, one.second),
        )  # fmt: skip
    console.print(table)
    if len(compared) > MOST_ROWS:
        console.print(f"{len(compared) - MOST_ROWS} more: --page or --json", style="dim")
    if is_difference:
        console.print(
            "holds: the same sign, and an interval without 0, as in the main result; –: the main result has no such "
            "difference. Intervals hold together.",
            style="dim",
        )
    else:
        console.print(
            "no two groups with codes enough to compare: least to most says how far the share moves", style="dim"
        )


def _show_variations(one: Comparison, figures: Sequence[VariedFigure], console: Console) -> None:
    key = one.code, one.first, one.second
    console.print(f"\n{one.code}: {named(one)}", style="bold", markup=False)
    figure = "points" if one.second else "share %"
    table = plain_table("", figure, "95 %", "n", "", right=(figure, "95 %", "n"))
    kind = ""
    for row in figures:
        if (row.code, row.first, row.second) != key:
            continue
        if row.kind != kind:
            kind = row.kind
            table.add_row(kind, "", "", "", "", style="dim")
        table.add_row(
            f"  {row.variation}" if row.kind else row.variation, points(row.value, row.second),
            ends(row.low, row.high, row.second), str(row.n), MARKS[row.outcome],
        )  # fmt: skip
    console.print(table)


def _show_not_applicable(figures: Sequence[VariedFigure], console: Console) -> None:
    rows = [row for row in figures if row.outcome == "not applicable"]
    if rows:
        console.print("\nnot applicable here", style="bold", markup=False)
    reasons: Mapping[str, list[str]] = {row.why: [] for row in rows}
    for row in rows:
        reasons[row.why].append(row.variation)
    for why, names in reasons.items():
        console.print(f"{', '.join(names)}: {why}", markup=False)


def named(one: Comparison | VariedFigure) -> str:
    """Return the groups that are compared, or the group of a share."""
    return f"{one.first} – {one.second}" if one.second else one.first


def points(value: float | None, second: str) -> str:
    """Return a difference in points with its sign, or a share in percent."""
    if value is None:
        return "–"
    number = round(100 * value)
    return f"{number:+d}" if second and number else str(number)


def ends(low: float | None, high: float | None, second: str) -> str:
    """Return an interval in points or percent."""
    return "–" if low is None or high is None else f"{points(low, second)} to {points(high, second)}"
