"""The command that writes the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, out, write_page

if TYPE_CHECKING:
    from corpus.study import Study


def register(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command(epilog="Example:  slantwise report")(report)


def report(
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where to write the page.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report, a page that opens offline."""
    opened = open_study(study)
    page = write_report(opened, last_evaluation(opened), output)
    if as_json:
        emit({"report": str(page)})
    else:
        out().print(f"The report:  {page}", markup=False, soft_wrap=True)


def last_evaluation(study: Study) -> Mapping[str, Any] | None:
    """Return what `evaluate` found last, None where it has not run yet."""
    kept = study.reports / "evaluation.json"
    return json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else None


def write_report(study: Study, evaluation: Mapping[str, Any] | None, output: Path | None = None) -> Path:
    """Write the report and return where it lies."""
    from annotate.report import page
    from corpus.errors import NoModel
    from models.suggestions.checkpoint import current
    from models.suggestions.word_shares import of_spans

    try:
        checkpoint = current(study)
    except NoModel:
        shares = None
    else:

        def shares(spans: list[str]) -> Mapping[str, list[tuple[int, int, float]]]:
            return of_spans(study, checkpoint.load(), spans)

    html = page(study, shares=shares, evaluation=evaluation)
    file = output or study.reports / "report.html"
    write_page(file, html)
    return file
