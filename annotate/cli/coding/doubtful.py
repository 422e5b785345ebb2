"""The command `doubtful`: answers that a cross-fitted model finds implausible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from annotate.adjudication.label_errors import DoubtfulAnswer
    from corpus.study import Study

MOST_LETTERS = 90  # context printed on each side of the span


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise doubtful --spans 20 --round recheck --coders mira,jon")(doubtful)


def doubtful(
    spans: Annotated[
        int, typer.Option(metavar="N", min=1, help="Number of spans to list, the most doubtful first.")
    ] = 20,
    name: Annotated[
        str | None, typer.Option("--round", metavar="NAME", help="Create a round of these spans, to be coded again.")
    ] = None,
    coders: Annotated[str | None, typer.Option(metavar="A,B", help="Names of the coders of that round.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List answers that the model finds implausible.

    Each outlet's answers are checked by a model trained on the other outlets only, as in `slantwise evaluate`; missing
    folds are trained first, which takes minutes. An implausible answer may be right: read the span again.

    With --round they become an audit round. It is not a random sample, so agreement and estimates never use it.
    """
    from annotate.adjudication.label_errors import check_recheck, find_doubtful

    opened = open_study(study) if name else read_study(study)
    check_recheck(opened, name, coders)  # before folds are trained, which takes minutes
    found = find_doubtful(opened, cross_fit(opened), spans=spans, round=name, coders=coders)
    if as_json:
        emit(found.json())
        return
    for row in found.doubtful:
        _show(row)
    say(
        f"{found.implausible} of {found.answers} answers are implausible to a model trained on "
        "other outlets, which finds another code likelier. They may still be right."
    )
    if found.simulated_coders:
        say(f"answers of {', '.join(found.simulated_coders)} are simulated: a test of the software, not evidence")
    if name:
        say(
            f"{name} has {len(found.spans)} spans. They were not drawn at random, so this is an "
            f"audit round, which agreement and estimates do not use. Next:  slantwise studio push {name}"
        )
    else:
        say("To have them coded again:  slantwise doubtful --round recheck --coders mira,jon")


def cross_fit(study: Study) -> dict[str, pd.DataFrame]:
    """Cross-fit with a progress bar."""
    if not any((study.folder / "cache").glob("fold-*.json")):
        say("first the model is trained without each outlet in turn; these folds are kept, also for `evaluate`")
    with progress("reading") as (bar, task):
        from models.evaluation.cross_fitting import cross_fitted_probabilities

        return cross_fitted_probabilities(
            study, progress=lambda step, share: bar.update(task, description=step, completed=share)
        )


def _show(row: DoubtfulAnswer) -> None:
    from rich.text import Text

    left, right = row.passage[: row.start], row.passage[row.end :]
    left = "… " + left[-MOST_LETTERS:].partition(" ")[2] if len(left) > MOST_LETTERS else left
    right = right[:MOST_LETTERS].rpartition(" ")[0] + " …" if len(right) > MOST_LETTERS else right
    words = Text.assemble(
        re.sub(r"\s+", " ", left),
        (row.passage[row.start : row.end], "bold yellow"),
        re.sub(r"\s+", " ", right),
        (f"  {row.outlet}", "dim"),
    )
    answer = Text.assemble(
        f"  {row.variable}: {row.coder} says ",
        (row.code, "bold"),
        f" ({figure(row.probability, 2)}), the model ",
        (row.likelier, "bold"),
        f" ({figure(row.likelier_probability, 2)})\n",
    )
    out().print(words)
    out().print(answer)
