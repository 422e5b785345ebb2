"""Opening the study that a command speaks of."""

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
        "--study", metavar="DIR", help="The study's folder; without it the one you are in.", show_default=False
    ),
]

chosen: dict[str, Path] = {}  # the study named before the command: slantwise --study DIR COMMAND


def study_of(folder: Path | None) -> Study:
    """Open the study that a command speaks of; where the codebook's terms were edited, its spans are found again."""
    from corpus.articles.spans import resplit, stale
    from corpus.study import Study

    study = Study.open(folder or chosen.get("study"))
    study.remember_codebook()
    if stale(study):
        from corpus.copies.groups import regroup

        regroup(study)
        if split := resplit(study):
            say(f"the codebook's terms or the articles have changed: {split} uncoded revisions were split again")
    return study
