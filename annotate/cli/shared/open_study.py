"""Open the study that a command works on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import say

if TYPE_CHECKING:
    from corpus.study import Study

StudyOption = Annotated[
    Path | None,
    typer.Option(
        "--study", metavar="DIR", help="The study's folder (default: the one you are in).", show_default=False
    ),
]

global_options: dict[str, Path] = {}  # the study named before the command: slantwise --study DIR COMMAND


def open_study(folder: Path | None) -> Study:
    """Open the study; where the codebook's terms have changed, find its spans again."""
    from corpus.articles.spans import needs_resplit, resplit
    from corpus.study import Study

    study = Study.open(folder or global_options.get("study"))
    study.remember_codebook()
    if needs_resplit(study):
        from corpus.copies.groups import update_copy_groups

        update_copy_groups(study)
        if count := resplit(study):
            say(f"the codebook's terms or the articles have changed: {count} uncoded revisions were split again")
    return study
