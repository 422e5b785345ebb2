"""The command that writes the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, out

if TYPE_CHECKING:
    from corpus.study import Study

EVALUATION = "evaluation.json"  # in the study's folder of reports


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
    opened = open_study(study)
    page = write_report(opened, read_evaluation(opened), output)
    if as_json:
        emit({"report": str(page)})
    else:
        out().print(f"The report:  {page}", markup=False, soft_wrap=True)


def read_evaluation(study: Study) -> dict[str, Any] | None:
    """Return the result of the last `evaluate`; None if there is none, or none that can be read."""
    try:
        evaluation = json.loads((study.reports / EVALUATION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return evaluation if isinstance(evaluation, dict) else None


def write_report(study: Study, evaluation: Mapping[str, Any] | None, output: Path | None = None) -> Path:
    """Write the report and return its path."""
    from annotate.report import render_report
    from corpus.errors import NoModel
    from corpus.study.files import write_whole
    from models.suggestions.checkpoint import current_checkpoint
    from models.suggestions.word_shares import span_word_shares

    try:
        checkpoint = current_checkpoint(study)
    except NoModel:
        shares = None
    else:

        def shares(spans: list[str]) -> Mapping[str, list[tuple[int, int, float]]]:
            return span_word_shares(study, checkpoint.load(), spans)

    html = render_report(study, shares=shares, evaluation=evaluation)
    file = output or study.reports / "report.html"
    write_whole(file, html)
    return file
