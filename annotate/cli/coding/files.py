"""Commands about annotations: import, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish, finish_import, print_answer_counts, say

if TYPE_CHECKING:
    from annotate.tasks.store_answers import Taken
    from corpus.study import Study


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command("import", epilog="Example:  slantwise import answers.jsonl")(import_)
    app.command(epilog="Example:  slantwise export out --format csv")(export)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, a filled workbook, or a JSON export.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import annotations: JSON lines, a workbook that a coder has filled in, or a full JSON export of Label Studio.

    Which one it is, is told by what stands in it. A line of JSON lines reads
    {"span": ID, "variable": …, "code": …, "coder": …}; instead of an id a span may be given as
    {"article": ID, "start": 10, "end": 18}. Importing a file twice changes nothing; a new answer replaces the old one.
    """
    from annotate.studio import offline_files
    from corpus.annotations.record import import_file

    opened = open_study(study)
    if offline_files.is_workbook(file):
        from annotate.sheets.read_workbook import take_workbook

        _taken(take_workbook(opened, file), as_json)
    elif offline_files.is_label_studio(file):
        _taken(offline_files.take_export(opened, file), as_json)
    recorded = import_file(opened, file)
    finish_import(recorded.new, recorded.changed, recorded.unchanged, recorded.refusals, as_json)


def _taken(done: Taken, as_json: bool) -> NoReturn:
    """Say what was taken of a round, and end with the exit code for it; a row or task not yet answered is no fault."""
    print_answer_counts(done, as_json)
    finish(done.answered + done.skipped + done.empty + done.deleted, len(done.refusals))


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into.")],
    format: Annotated[
        str, typer.Option(metavar="jsonl|csv|parquet|datasets|labelstudio", help="The kind of files.")
    ] = "jsonl",
    round: Annotated[
        str | None, typer.Option(metavar="ROUND", help="With labelstudio: only this round; without it every round.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export annotations, adjudicated codes, suggestions and spans.

    Four files, one row each per annotation, adjudicated code, suggestion and span that is to be coded. labelstudio
    writes rounds instead: for each coder the tasks, and the configuration, to import by hand into a Label Studio that
    runs elsewhere.
    """
    from corpus.annotations import export as exporting
    from corpus.errors import BadFile

    opened = open_study(study)
    if format == "labelstudio":
        rows = _by_hand(opened, folder, round)
    elif round is not None:
        raise BadFile(f"--round {round}: only --format labelstudio writes rounds; the other formats hold all answers")
    else:
        rows = exporting.export(opened, folder, format)
    if as_json:
        emit({"folder": str(folder), "format": format, "rows": rows})
    else:
        say(f"{folder}: {', '.join(f'{n} {name}' for name, n in rows.items())}")


def _by_hand(study: Study, folder: Path, round: str | None) -> dict[str, int]:
    from annotate.rounds import rounds
    from annotate.studio import offline_files
    from corpus.errors import BadRound

    names = [round] if round else [row["round"] for row in rounds.listing(study)]
    if not names:
        raise BadRound("there is no round yet; draw one: slantwise round draw pilot --coders mira,jon --spans 50")
    return offline_files.export(study, folder, names)
