"""The command article remove: take articles out of the study for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.confirming import is_confirmed
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, say

if TYPE_CHECKING:
    from corpus.removal.articles import RemovedArticles


def remove(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ARTICLE…", help="The ids of articles, from kwic --json or export.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="All articles of this outlet instead.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them without asking.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove articles from the study, with their answers.

    It first prints how much would be deleted; a terminal then asks, and --yes answers. Their texts, answers and
    fetched pages are deleted and their bytes overwritten. Rounds keep the probabilities of what they drew; removed
    spans count in no figure. `add` and `feeds poll` pass removed articles over.
    """
    from corpus.removal.articles import remove_articles

    opened = open_study(study) if yes else read_study(study)
    result = remove_articles(opened, ids or (), outlet=outlet, yes=yes)
    if not yes and not as_json and (result.articles or result.earlier):
        say(_sentence(result))
        if is_confirmed("Remove them?"):
            result = remove_articles(opened, ids or (), outlet=outlet, yes=True)
    if as_json:
        emit(result.json())
        return
    if result.done:
        say(_sentence(result))
        for note in result.notes:
            say(note)
    elif not result.articles and not result.earlier:
        say("nothing is left to remove")


def _sentence(result: RemovedArticles) -> str:
    outlets = ", ".join(sorted({one.outlet for one in result.articles}))
    n = len(result.articles)
    what = f"{n} article{'' if n == 1 else 's'}" + (f" of {outlets}" if outlets else "")
    earlier = f"; {len(result.earlier)} were removed earlier" if result.earlier else ""
    return (
        f"{what} {'removed' if result.done else 'would be removed'}, with {result.revisions} revisions, {result.spans} "
        f"spans ({result.drawn} drawn in rounds), {result.annotations} answers, {result.assignments} assignments and "
        f"{result.adjudications} decisions{earlier}"
    )
