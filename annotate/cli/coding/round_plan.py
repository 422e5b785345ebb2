"""The command `round plan`: how many spans a round needs for intervals of a given width."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, plain_table, say


def plan(
    width: Annotated[
        float, typer.Option(metavar="W", help="Target half-width of the 95 % interval of the rarest code's share.")
    ] = 0.05,
    rarest: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Share of the rarest code, if nothing is coded yet.")
    ] = None,
    alpha: Annotated[float, typer.Option(metavar="A", help="Expected alpha between two coders.")] = 0.8,
    width_alpha: Annotated[
        float, typer.Option("--width-alpha", metavar="W", help="Target half-width of the 95 % interval of its alpha.")
    ] = 0.1,
    correlation: Annotated[
        float, typer.Option(metavar="RHO", help="Correlation of codes within an article, 0 to 1.")
    ] = 0.1,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Calculate how many spans to code.

    For each variable and its rarest code: the number of spans for the code's share, and of spans coded by two for its
    alpha against the rest, both with 95 % intervals. Code frequencies come from coded spans, else from suggestions,
    else from --rarest.
    """
    from annotate.rounds.sample_size import plan_round

    needed = plan_round(
        read_study(study), width=width, rarest=rarest, alpha=alpha, width_alpha=width_alpha, correlation=correlation
    )
    if as_json:
        emit(needed.json())
        return
    from rich.text import Text

    figures = ("share", "asked", "effect", "for the share", "for alpha")
    table = plain_table("variable", "rarest code", *figures, right=figures, padding=(0, 1, 0, 0))
    for variable, need in needed.variables.items():
        cells = (figure(need.share), f"{need.asked:.0%}", f"{need.effect:.2f}")
        numbers = ("more than all" if n is None else str(n) for n in (need.spans_share, need.spans_alpha))
        table.add_row(Text(variable), Text(need.rarest or "–"), *map(Text, (*cells, *numbers)))
    out().print(table)
    known_from = next(iter(needed.variables.values())).known_from
    out().print(
        f"spans for ± {figure(width)} of the share, and coded by two for ± {figure(width_alpha)} of an alpha of "
        f"{figure(alpha)}, both 95 %; shares from {known_from}",
        style="dim",
    )
    most = max(need.per_copy_group for need in needed.variables.values())
    out().print(
        f"effect: 1 + (spans per copy group of such a draw, up to {most:.1f}, where asked, - 1) × {correlation:g}",
        style="dim",
    )
    for quantity, source in needed.sources.items():
        out().print(f"{quantity}: {source}", style="dim")
    if needed.spans is None:
        say(f"{needed.frame} uncoded spans are too few for these intervals; add articles, or allow wider intervals")
    else:
        say(f"{needed.spans} of {needed.frame} uncoded spans are enough for every variable")
        say(f"Next:  slantwise round draw main-1 --coders A,B --spans {needed.spans}")
