"""Open the study that a command works on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import progress, say

if TYPE_CHECKING:
    from corpus.study import Study

StudyOption = Annotated[
    Path | None,
    typer.Option(
        "--study", metavar="DIR", help="The study's folder (default: the one you are in).", show_default=False
    ),
]

global_options: dict[str, Path] = {}  # the study named before the command: slantwise --study DIR COMMAND


def find_study(folder: Path | None) -> Study:
    """Open the study as it is."""
    from corpus.study import Study

    return Study.open(folder or global_options.get("study"))


def read_study(folder: Path | None) -> Study:
    """Open the study for a command that changes nothing in it; say so if its spans are out of date."""
    from corpus.errors import SpansOutOfDate

    study = find_study(folder)
    if study.spans_out_of_date:
        say("spans are out of date, because articles were added or the codebook's terms have changed: slantwise respan")
        warnings.simplefilter("ignore", SpansOutOfDate)
    return study


def say_removed(study: Study, round: str | None = None) -> None:
    """Print how many of the spans that a round, or any, has drawn a figure leaves out because they were removed."""
    from annotate.rounds.rounds import count_removed

    if n := count_removed(study, round):
        say(f"{n:,} drawn {'span was' if n == 1 else 'spans were'} removed with their articles, and left out")


def open_study(folder: Path | None) -> Study:
    """Open the study for a command that changes it; first find the spans of new texts or terms, with a bar."""
    from corpus.articles.spans import respan

    study = find_study(folder)
    if study.store.why_not_writable:  # what it has can be shown; whatever writes says so itself
        return read_study(folder)
    if not study.spans_out_of_date:
        study.remember_codebook()
        return study
    with progress("splitting into spans") as (bar, task):
        split = respan(study, progress=lambda share: bar.update(task, completed=share)).split
    say(f"the codebook's terms or the articles have changed: {split} uncoded revisions were split again")
    return study
