"""Commands for annotations: import, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, finish, print_answer_counts, print_refusals, say, say_late

if TYPE_CHECKING:
    from corpus.result import Result


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command("import", epilog="Example:  slantwise import answers.jsonl")(import_)
    app.command(epilog="Example:  slantwise export out --format csv")(export)


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines, a table, a completed workbook, or a JSON export.")
    ],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import annotations from a file.

    The format is detected: JSON lines, a table (CSV, xlsx, Parquet, a JSON list), a workbook completed by a coder, or
    a full JSON export of Label Studio. A line of a JSON lines file is
    {"span": ID, "variable": …, "code": …, "coder": …}; instead of an id a span may be given as
    {"article": ID, "start": 10, "end": 18}. A table has these names as columns, or a column for each variable in place
    of variable and code.

    Importing a file twice changes nothing; a new answer replaces the old one. Answers of one coder that contradict
    each other in one file are listed, and none of them is stored.
    """
    from annotate.sheets.answer_files import import_answers
    from annotate.tasks.import_results import ImportedRound

    done = import_answers(open_study(study), file)
    if isinstance(done, ImportedRound):
        print_answer_counts(done, as_json)
        # rows and tasks without an answer are not errors
        finish(done.answered + done.skipped + done.empty + done.deleted, len(done.refusals) + len(done.warnings))
    print_refusals(done.refusals)
    print_refusals(done.warnings, "warning")
    if as_json:
        emit(done.json())
    else:
        say(done.balance)
    if done.closed:
        say(f"{done.closed} open assignment{'s' * (done.closed != 1)} answered by this import, and closed")
    say_late(done)
    finish(done.total, len(done.refusals) + len(done.warnings))


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into.")],
    format: Annotated[
        str, typer.Option(metavar="jsonl|csv|parquet|datasets|labelstudio", help="File format.")
    ] = "jsonl",
    round: Annotated[
        str | None, typer.Option(metavar="ROUND", help="With labelstudio: only this round (default: all).")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export annotations, adjudicated codes, suggestions and spans.

    Writes four files with one row per annotation, adjudicated code, suggestion, and span to be coded. The format
    labelstudio writes rounds instead: each coder's tasks and the labelling configuration, to import by hand into
    a Label Studio elsewhere.
    """
    from corpus.annotations import export as tables
    from corpus.errors import BadFile

    opened = read_study(study)
    if format == "labelstudio":
        from annotate.studio.offline_files import export_label_studio

        written: Result = export_label_studio(opened, folder, round=round)
    elif round is not None:
        raise BadFile(f"--round {round} works only with --format labelstudio; the other formats contain all answers")
    else:
        written = tables.export(opened, folder, format=format)
    if as_json:
        emit(written.json())
    else:
        say(f"{folder}: {', '.join(f'{n} {name}' for name, n in written.json()['rows'].items())}")
