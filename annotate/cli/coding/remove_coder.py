"""The command round remove-coder: delete what a coder did in all rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.confirming import is_confirmed
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, say

if TYPE_CHECKING:
    from corpus.removal.coder import RemovedCoder


def remove_coder(
    name: Annotated[str, typer.Argument(metavar="CODER", help="The coder's name in answers and assignments.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove the coder without asking.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a coder with all answers, assignments and decisions.

    It first prints how much would be deleted; a terminal then asks, and --yes answers. It concerns all rounds. Draws
    and other coders' assignments stay.
    """
    from corpus.removal.coder import remove_coder as remove

    opened = open_study(study) if yes else read_study(study)
    result = remove(opened, name, yes=yes)
    if not yes and not as_json:
        say(_sentence(result))
        if is_confirmed(f"Remove {name}?"):
            result = remove(opened, name, yes=True)
    if as_json:
        emit(result.json())
    elif result.done:
        say(_sentence(result))
        for note in result.notes:
            say(note)


def _sentence(result: RemovedCoder) -> str:
    rounds = f" (rounds: {', '.join(result.rounds)})" if result.rounds else ""
    return (
        f"{result.coder} {'is removed' if result.done else 'would be removed'}, with {result.annotations} answers, "
        f"{result.assignments} assignments, of which {result.outcomes} were dealt with, and {result.decisions} "
        f"decisions{rounds}"
    )
