"""The command article cut: which texts end before their end, and overruling it."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, out, plain_table, say


def cut(
    id: Annotated[str | None, typer.Argument(metavar="ARTICLE", help="The id of an article to mark as cut.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Mark the article as whole instead.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the texts that are cut, such as by a paywall, or mark one.

    A cut text counts in no figure and is not drawn. Texts that may be cut are listed as unsure and counted.
    """
    from corpus.articles import cut_texts

    if id is not None:
        marked = cut_texts.mark_cut(open_study(study), id, whole=whole)
        if as_json:
            emit(marked.json())
        else:
            say(f"{id} is now {marked.state}" + (f"; {marked.drawn} of its spans are drawn" if marked.drawn else ""))
        return
    listed = cut_texts.list_cut_texts(read_study(study))
    if as_json:
        emit(listed.json())
        return
    from rich.text import Text

    table = plain_table("article", "outlet", "state", "why", "title")
    for row in listed.texts:
        table.add_row(row.article, Text(row.outlet), row.state, Text(row.why), Text(row.title or ""))
    out().print(table)
    say("To count a text:  slantwise article cut ARTICLE --whole" if listed.texts else "no text is cut")
