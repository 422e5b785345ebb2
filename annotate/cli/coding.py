"""Commands about annotations: import, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .output import JsonOption, StudyOption, emit, say, study_of, tell


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command("import", epilog="Example:  slantwise import answers.jsonl")(import_)
    app.command(epilog="Example:  slantwise export out --format csv")(export)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Annotations as JSON lines.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import annotations from JSON lines.

    A line reads {"span": ID, "variable": …, "code": …, "coder": …}; instead of an id a span may be given as
    {"article": ID, "start": 10, "end": 18}. Importing a file twice changes nothing; a new answer replaces the old one.
    """
    from corpus.answers import import_file

    recorded = import_file(study_of(study), file)
    tell(recorded.new, recorded.changed, recorded.unchanged, recorded.refusals, as_json)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into.")],
    format: Annotated[str, typer.Option(metavar="jsonl|csv|parquet|datasets", help="The kind of files.")] = "jsonl",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export annotations, adjudicated codes, suggestions and spans.

    Four files, one row each per annotation, adjudicated code, suggestion and span that is to be coded.
    """
    from corpus import export as exporting

    rows = exporting.export(study_of(study), folder, format)
    if as_json:
        emit({"folder": str(folder), "format": format, "rows": rows})
    else:
        say(f"{folder}: {', '.join(f'{n} {name}' for name, n in rows.items())}")
