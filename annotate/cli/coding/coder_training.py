"""The command about coder training: training."""

from __future__ import annotations

from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, figure, out, say, write_page


def register(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command(epilog="Example:  slantwise training practice --reference mira")(training)


def training(
    round: Annotated[str, typer.Argument(metavar="ROUND", help="The training round, as `round list` names it.")],
    reference: Annotated[
        str | None, typer.Option(metavar="CODER", help="Whose answers count; without it the adjudicated codes.")
    ] = None,
    threshold: Annotated[float, typer.Option(metavar="ALPHA", help="From which alpha a question is passed.")] = 0.8,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a page for each coder of a training round: what they answered otherwise, and whether they passed.

    Every span answered otherwise than the adjudicated code stands there with the definition that applies, beside alpha
    by question and each code over the training rounds so far. A page shows no other coder and no outlet.
    """
    from annotate.agreement import coder_training as trained
    from annotate.report.coder_training_page import page
    from annotate.tasks.queue import file_names

    trained.check_threshold(threshold)
    opened = open_study(study)
    found = trained.training(opened, round, reference=reference, threshold=threshold)
    names = file_names(f"training-{round}", list(found), ".html")
    files = {coder: opened.reports / names[coder] for coder in found}
    for coder, one in found.items():
        write_page(files[coder], page(opened, one))
    if as_json:
        coders = {coder: {**one.json(), "page": str(files[coder])} for coder, one in found.items()}
        emit({"round": round, "reference": reference, "threshold": threshold, "coders": coders})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("coder")
    table.add_column("")
    for name in ("otherwise", "spans"):
        table.add_column(name, justify="right")
    table.add_column("alpha")
    for coder, one in found.items():
        state = Text("passed", style="green") if one.passed else Text("not yet", style="bold red")
        alphas = ", ".join(f"{name} {figure(each.alpha)}" for name, each in one.variables.items())
        table.add_row(Text(coder), state, str(len(one.misses)), str(one.spans), Text(alphas))
    out().print(table)
    if any(one.simulated for one in found.values()):
        say("some of these coders are simulated: their pages show how it looks and train nobody")
    for file in files.values():
        out().print(f"The page:  {file}", markup=False, soft_wrap=True)
