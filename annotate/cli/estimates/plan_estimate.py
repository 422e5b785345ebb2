"""What `estimate --plan` prints: how wide intervals are, and would be with more coded spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import emit, out, plain_table

from .figures import target_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from annotate.estimates.plan_results import EstimatePlan
    from annotate.estimators.shares import Target
    from corpus.study import Study


def show_plan(
    study: Study, variable: str | None, by: Sequence[str], target: Target, until: float | None, as_json: bool
) -> None:
    """Plan an estimate and print the plan."""
    from annotate.estimates.plan_estimate import plan_estimate

    plan = plan_estimate(study, variable, by=by, target=target, until=until)
    if as_json:
        emit(plan.json())
    else:
        print_plan(plan, out())


def print_plan(plan: EstimatePlan, console: Console) -> None:
    """Print a plan as two tables that fit 80 columns."""
    from annotate.estimates.plan_results import MORE

    groups = f" by {', '.join(plan.by)}" if plan.by else ""
    console.print(f"{plan.variable}{groups}: 95 % intervals of ± points, with more spans in each group", markup=False)
    steps = tuple(f"+{more}" for more in MORE)
    wanted = () if plan.until is None else (f"± {plan.until:g}",)
    table = plain_table("group", "code", "now", *steps, "all", *wanted, right=("now", *steps, "all", *wanted))
    for row in plan.shares:
        by_more = {size.more: size for size in row.sizes}
        cells = ["–" if more not in by_more else _points(by_more[more].half_width) for more in MORE]
        last = _points(row.sizes[-1].half_width) if row.sizes else "–"
        needed = () if plan.until is None else ("more" if row.needed is None else f"+{row.needed}",)
        table.add_row(row.group, row.code, _points(row.half_width), *cells, last, *needed)
    console.print(table)
    if plan.until is not None:
        console.print(
            f"last column: spans to code for ± {plan.until:g}; more: all that are left are too few", style="dim"
        )
    console.print("\nspans in the copy group of a coded span, itself included, and the design effect", markup=False)
    table = plain_table("group", "coded", "left", *steps, "all", right=("coded", "left", *steps, "all"))
    for group in plan.groups:
        draws = {one.more: f"{one.per_copy_group:.1f} {one.effect:.2f}" for one in group.draws}
        every = list(draws.values())
        table.add_row(
            group.group, str(group.coded), str(group.left), *(draws.get(more, "–") for more in MORE),
            every[-1] if every else "–",
        )  # fmt: skip
    console.print(table)
    for said in (target_named(plan.target), *plan.assumptions, *plan.approximations):
        console.print(said, style="dim", markup=False)


def _points(half: float | None) -> str:
    return "–" if half is None else f"{100 * half:.1f}"
