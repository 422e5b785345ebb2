"""The command that writes the report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study, say_removed
from annotate.cli.shared.output import JsonOption, emit, out


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise report")(report)


def report(
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="File to write (default: reports/report.html)."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report: one HTML page that opens offline."""
    from annotate.report import write
    from models.suggestions.word_shares import word_shares

    opened = read_study(study)
    page = write(opened, shares=word_shares(opened), output=output)
    if as_json:
        emit(page.json())
    else:
        say_removed(opened)
        out().print(f"The report:  {page.report}", markup=False, soft_wrap=True)
