"""`slantwise estimate --compare`: two groups of outlets, or the outlets one by one where groups are too small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import emit, finish, out, plain_table

from .figures import p_value, target_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from annotate.estimates.estimate import Estimate
    from annotate.regressions.outlet_groups import OutletGroups
    from corpus.study import Study

_NUMBERS = ("first %", "second %", "points", "95 %", "df", "p")


def compare_groups(
    study: Study,
    groups: tuple[str, str | None],
    functions: tuple[Callable[[Study], None], Callable[[Estimate, Console], None]],
    *,
    override: str | None,
    as_json: bool,
) -> None:
    """Compare two groups of outlets in a variable; `functions` make predictions and print shares one by one."""
    from annotate.regressions.outlet_groups import compare_outlets, read_groups

    predict, show = functions
    read_groups(study, *groups, override=override)  # before classifiers are trained
    predict(study)
    result = compare_outlets(study, *groups, override=override)
    if as_json:
        emit(result.json())
    elif result.not_compared:
        out().print(f"groups of outlets are not compared: {result.not_compared}", style="bold yellow", markup=False)
        show(result.estimate, out())
    else:
        show_groups(result, out())
    finish(1, 1 if result.not_compared else 0)


def show_groups(result: OutletGroups, console: Console) -> None:
    """Print the differences between the means of two groups of outlets as a table that fits 80 columns."""
    shares = result.estimate
    period = f", {shares.first} to {shares.last}" if shares.first else ""
    console.print(
        f"{result.variable}: {shares.coded} coded of {shares.spans} spans{period}, codebook {shares.codebook_version}, "
        f"reliability {shares.verdict}",
        markup=False,
    )
    for reason in shares.refused:
        console.print(f"estimated in spite of this ({shares.override}): {reason}", style="bold yellow", markup=False)
    for name, outlets in (("first", result.first), ("second", result.second)):
        console.print(f"{name}: these {len(outlets)} outlets: {', '.join(outlets)}", markup=False)
    table = plain_table("code", *_NUMBERS, right=_NUMBERS)
    for one in result.differences:
        table.add_row(
            one.code, f"{100 * one.first_mean:.0f}", f"{100 * one.second_mean:.0f}", f"{100 * one.difference:+.0f}",
            f"{100 * one.low:+.0f} to {100 * one.high:+.0f}", f"{one.df:.1f}",
            p_value(one.p),
        )  # fmt: skip
    console.print(table)
    console.print("means of corrected shares, each outlet counts once; errors between outlets", style="dim")
    console.print("p: two-sided; these are means of these outlets only", style="dim")
    console.print(target_named(shares.target), style="dim", markup=False)
    for note in (*result.notes, *shares.notes):
        console.print(note, style="dim", markup=False)
