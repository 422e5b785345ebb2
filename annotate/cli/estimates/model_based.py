"""`slantwise estimate --model-based`: what the classifier expects of groups without coded spans, named as just that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import emit, finish, out, plain_table

from .figures import interval, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from annotate.regressions.uncoded import ModelBasedShares
    from corpus.study import Study


def show_uncoded(
    study: Study,
    variable: str | None,
    by: Sequence[str],
    predict: Callable[[Study], None],
    *,
    override: str | None,
    as_json: bool,
) -> None:
    """Print what the classifier expects of the groups without coded spans; refusals come before predictions."""
    from annotate.estimates.estimate import check_sample
    from annotate.regressions.uncoded import expect_uncoded

    check_sample(study, variable, by=by, override=override)
    predict(study)
    result = expect_uncoded(study, variable, by=by, override=override)
    if as_json:
        emit(result.json())
    else:
        show_model_based(result, out())
    finish(len(result.shares), len(result.withheld))


def show_model_based(result: ModelBasedShares, console: Console) -> None:
    """Print model-based shares as a table that fits 80 columns, with what they rest on."""
    console.print(
        f"{result.variable} by {', '.join(result.by)}, model-based: no estimates, no coded span corrects them; "
        f"reliability {result.verdict}",
        style="bold yellow", markup=False,
    )  # fmt: skip
    for reason in result.refused:
        console.print(f"shown in spite of this ({result.override}): {reason}", style="bold yellow", markup=False)
    table = plain_table("group", "code", "expected %", "95 %", "spans", right=("expected %", "95 %", "spans"))
    for row in result.shares:
        table.add_row(row.group, row.code, percent(row.share), interval(row.low, row.high), str(row.spans))
    console.print(table)
    console.print(
        f"assumed: the classifier is as far off here as in {len(result.coded_groups)} coded groups, "
        f"{', '.join(result.coded_groups[:6])}{', …' if len(result.coded_groups) > 6 else ''}; of those it has learned "
        "other articles, so it may be further off here",
        style="dim", markup=False,
    )  # fmt: skip
    for note in (*result.withheld, *result.notes):
        console.print(note, style="dim", markup=False)
