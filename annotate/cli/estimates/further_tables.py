"""Print what an estimate has in addition to its shares: the shares by the other reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import plain_table

from .figures import figures, interval, percent

if TYPE_CHECKING:
    from rich.console import Console

    from annotate.estimates.estimate import Estimate, ShareOfGroup

MOST = 40  # rows; --json has all


def show_further(result: Estimate, console: Console) -> None:
    """Print the tables that this estimate has."""
    _show_both_references(result, console)
    _show_missing(result, console)
    _show_missed(result, console)


def _show_both_references(result: Estimate, console: Console) -> None:
    """Print one row for each share that both references have, if anything was adjudicated."""
    if not result.other_reference:
        return
    other = {(row.group, row.code): row for row in result.other_reference}
    pairs = [(row, other[row.group, row.code]) for row in result.shares if (row.group, row.code) in other]
    pairs = [pair if result.reference == "coders" else pair[::-1] for pair in pairs]
    console.print("\nby the coders' own answers, and by adjudicated codes", markup=False)
    columns = ("coders %", "95 %", "n", "adjudicated %", " 95 %", " n")
    table = plain_table("group", "code", *columns, right=columns)
    for coders, adjudicated in pairs[:MOST]:
        table.add_row(coders.group, coders.code, *_figures(coders), *_figures(adjudicated))
    console.print(table)
    if len(pairs) > MOST:
        console.print(f"{len(pairs) - MOST} more: --json", style="dim")


def _show_missing(result: Estimate, console: Console) -> None:
    """Print who gave no answer and why, and the shares if none or all of the missing spans had the code."""
    by_outlet: dict[str, list[str]] = {}
    for one in result.missing:
        by_outlet.setdefault(one.outlet, []).append(f"{one.reason} {one.answers}")
    for outlet, reasons in by_outlet.items():
        console.print(f"no answer to spans of {outlet}: {', '.join(reasons)}", markup=False)
    rows = [row for row in result.shares if row.if_none is not None]
    if not rows:
        return
    console.print("\nif none or all of the spans without an answer had the code", markup=False)
    columns = ("share %", "none %", "all %", "missing")
    table = plain_table("group", "code", *columns, right=columns)
    for row in rows[:MOST]:
        table.add_row(
            row.group, row.code, percent(row.share), percent(row.if_none), percent(row.if_all), str(row.missing)
        )
    console.print(table)
    if len(rows) > MOST:
        console.print(f"{len(rows) - MOST} more: --json", style="dim")


def _show_missed(result: Estimate, console: Console) -> None:
    """Print the mentions that terms miss, and the shares with them."""
    if not result.missed:
        return
    console.print("\nmentions that terms miss, from audited passages without terms", markup=False)
    columns = ("passages", "found", "per 1,000", "95 %")
    table = plain_table("outlet", *columns, right=columns)
    for one in result.missed:
        per = (f"{value:.0f}" for value in (one.per_1000, one.low, one.high))
        rate, low, high = per
        table.add_row(one.outlet, str(one.passages), f"{one.found:g}", rate, f"{low} to {high}")
    console.print(table)
    rows = [(one.outlet, of) for one in result.missed for of in one.shares]
    if not rows:
        return
    console.print("\nshares with them; with fewer than ten found, if none or all of them had the code", markup=False)
    columns = ("with missed %", "95 %", "none %", "all %")
    table = plain_table("outlet", "code", *columns, right=columns)
    for outlet, of in rows[:MOST]:
        ends = interval(of.low, of.high)
        table.add_row(outlet, of.code, percent(of.share), ends, percent(of.if_none), percent(of.if_all))
    console.print(table)


def _figures(row: ShareOfGroup) -> tuple[str, str, str]:
    share, between, _ = figures(row)
    return share, between, str(row.coded)
