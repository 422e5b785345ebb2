"""The command `training`: feedback pages for coders in a training round."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, read_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, plain_table, say


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(epilog="Example:  slantwise training practice --reference mira")(training)


def training(
    round: Annotated[str, typer.Argument(metavar="ROUND", help="The training round, as `round list` names it.")],
    reference: Annotated[
        str | None,
        typer.Option(metavar="CODER", help="Coder whose answers are the reference (default: the adjudicated codes)."),
    ] = None,
    threshold: Annotated[float, typer.Option(metavar="ALPHA", help="Alpha from which a question is passed.")] = 0.8,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Coder training: report each coder's errors.

    Each coder of a training round gets a page, which lists every span that the coder answered differently from the
    reference, with the definition that applies, alpha for each question and code over all training rounds so far, and
    whether the coder passed. It shows no other coder and no outlet. To train the classifier, see `slantwise train`.
    """
    from annotate.agreement.coder_training import compare_with_reference
    from annotate.report.coder_training_page import write_training_pages

    opened = read_study(study)
    feedback = compare_with_reference(opened, round, reference=reference, threshold=threshold)
    files = write_training_pages(opened, feedback)
    if as_json:
        coders = {name: {**coder.json(), "page": str(files[name])} for name, coder in feedback.coders.items()}
        emit({**feedback.json(), "coders": coders})
        return
    from rich.text import Text

    table = plain_table("coder", "", "different", "spans", "alpha", right=("different", "spans"))
    for coder, result in feedback.coders.items():
        state = Text("passed", style="green") if result.passed else Text("not yet", style="bold red")
        alphas = ", ".join(f"{name} {figure(each.alpha)}" for name, each in result.variables.items())
        table.add_row(Text(coder), state, str(result.otherwise), str(result.spans), Text(alphas))
    out().print(table)
    if any(result.simulated for result in feedback.coders.values()):
        say("some of these coders are simulated: their pages are samples only")
    for file in files.values():
        out().print(f"The page:  {file}", markup=False, soft_wrap=True)
