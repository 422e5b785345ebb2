"""The command `training`: feedback pages for coders in a training round."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
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
    from annotate.agreement import coder_training
    from annotate.report.coder_training_page import render_training
    from annotate.tasks.queue import file_names
    from corpus.study.files import write_whole

    coder_training.check_threshold(threshold)
    opened = open_study(study)
    feedback = coder_training.compare_with_reference(opened, round, reference=reference, threshold=threshold)
    names = file_names(f"training-{round}", list(feedback), ".html")
    files = {coder: opened.reports / names[coder] for coder in feedback}
    for coder, result in feedback.items():
        write_whole(files[coder], render_training(opened, result))
    if as_json:
        coders = {coder: {**result.json(), "page": str(files[coder])} for coder, result in feedback.items()}
        emit({"round": round, "reference": reference, "threshold": threshold, "coders": coders})
        return
    from rich.text import Text

    table = plain_table("coder", "", "different", "spans", "alpha", right=("different", "spans"))
    for coder, result in feedback.items():
        state = Text("passed", style="green") if result.passed else Text("not yet", style="bold red")
        alphas = ", ".join(f"{name} {figure(each.alpha)}" for name, each in result.variables.items())
        table.add_row(Text(coder), state, str(len(result.deviations)), str(result.spans), Text(alphas))
    out().print(table)
    if any(result.simulated for result in feedback.values()):
        say("some of these coders are simulated: their pages are samples only")
    for file in files.values():
        out().print(f"The page:  {file}", markup=False, soft_wrap=True)
