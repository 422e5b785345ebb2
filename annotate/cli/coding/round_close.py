"""The command `round close`: hand a round in, so that first answers count."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, say


def close(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The round.")],
    coder: Annotated[
        str | None, typer.Option("--coder", metavar="NAME", help="Only for this coder (default: all).")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close a round before its coders discuss it.

    A coder's first answers count. Closing hands them in: answers that a coder changes later are kept, but do not count.
    Without it, a coder has handed a round in 12 hours after answering or skipping the last of its spans. Spans that are
    still open can be answered after it.
    """
    from annotate.rounds.close import close_round

    done = close_round(open_study(study), name, coder=coder)
    if as_json:
        emit(done.json())
        return
    open_ = f"; {done.open} assignments are open and can still be answered" if done.open else ""
    if done.closed:
        say(f"{done.round} is closed for {', '.join(done.closed)}{open_}")
    if done.closed_before:
        say(f"closed before: {', '.join(done.closed_before)}")
