"""The command article furniture: what was taken for page furniture, and overruling it for an outlet."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, out, plain_table, say

if TYPE_CHECKING:
    from corpus.articles.furniture import FurnitureLine, OverruledFurniture

MOST_LINES = 40  # printed of an outlet; the others are dates and bylines of single articles, mostly


def furniture(
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Only this outlet.")] = None,
    keep: Annotated[
        str | None, typer.Option(metavar="LINE", help="Keep this line as text: its number in the list, or its words.")
    ] = None,
    drop: Annotated[
        str | None, typer.Option(metavar="LINE", help="Drop this line as furniture: its number, or its words.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was taken for page furniture, by outlet.

    Furniture is not counted and not coded. A line that an outlet repeats is furniture, unless it has a term of the
    codebook: then it is counted, and listed here first. --keep and --drop overrule a line in all articles of an outlet,
    later ones included. Articles that are coded or drawn in a round keep their spans; those in a dropped line count no
    more.
    """
    from corpus.articles import furniture as lines

    if keep is not None or drop is not None:
        if outlet is None or (keep is not None and drop is not None):
            raise typer.BadParameter("give one of --keep and --drop, and the outlet: --outlet NAME")
        opened, wanted = open_study(study), keep if keep is not None else drop
        done = lines.overrule_furniture(opened, str(wanted), outlet=outlet, kind="keep" if keep is not None else "drop")
        if as_json:
            emit(done.json())
        else:
            _say_overruled(done)
        return
    listed = lines.list_furniture(read_study(study), outlet=outlet)
    if as_json:
        emit(listed.json())
        return
    for name, of_outlet in groupby(listed.lines, key=lambda line: line.outlet):
        _show(name, list(of_outlet))
    if not listed.lines:
        say("nothing was taken for page furniture")
        return
    say('To count a line as text:  slantwise article furniture --outlet "NAME" --keep NUMBER  (or --drop NUMBER)')


def _show(outlet: str, lines: list[FurnitureLine]) -> None:
    from rich.text import Text

    out().print(Text(outlet, style="bold"))
    table = plain_table("number", "articles", "why", "text", right=("number", "articles"))
    for line in lines[:MOST_LINES]:
        style = "bold" if line.has_term else ""
        table.add_row(str(line.number), str(line.articles), line.why, Text(line.text), style=style)
    out().print(table)
    if len(lines) > MOST_LINES:
        say(f"{len(lines) - MOST_LINES} more lines of {outlet}, in the fewest articles; see all of them with --json")


def _say_overruled(done: OverruledFurniture) -> None:
    verb = "is text" if done.kind == "paragraph" else "is furniture"
    say(f"“{done.text}” {verb} in {done.articles} articles of {done.outlet}, and in later ones")
    if done.fixed:
        say(f"{done.fixed} of them are coded or drawn in a round and keep their spans")
    if done.drawn or done.coded:
        say(f"{done.drawn} drawn and {done.coded} coded spans in the line count no more")
