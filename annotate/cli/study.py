"""Commands that make a study and say what is in it: init, status, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, err, finish, out, print_refusals, say


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command(epilog="Example:  slantwise init my-study --codebook territorial-control")(init)
    app.command(epilog="Example:  slantwise status")(status)
    app.command(epilog="Example:  slantwise demo my-demo")(demo)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    codebook: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="A codebook that ships (slantwise codebook list) or a file.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="The example study: an invented conflict, coded.")] = False,
    data_set: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="babe|basil|mbic|nuda|seesaw|ukraine", help="Start from a public data set's FILE."
        ),
    ] = None,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The data set's rows as JSON lines.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a study: a folder with settings, codebook and store.

    Without --codebook it asks about territorial control; a study of your own begins with `slantwise codebook list`.
    """
    from corpus.errors import BadStudy

    if sum((codebook is not None, example, data_set is not None)) > 1:
        raise BadStudy("--codebook, --example and --from exclude each other; choose one")
    if (data_set is None) != (file is None):
        raise BadStudy("--from takes the data set's name and its file: slantwise init DIR --from babe FILE")
    if example:
        from corpus import example as example_study

        study, taken, recorded = example_study.create(folder)
        refusals = taken.refusals + recorded.refusals
    elif data_set is not None and file is not None:
        from corpus.annotations import public_data

        study, recorded = public_data.create(folder, data_set, file)
        refusals = recorded.refusals
    else:
        from corpus import codebook as codebooks
        from corpus.study import Study

        study, refusals = Study.create(folder, codebooks.source(codebook or "territorial-control")), []
    print_refusals(refusals)
    found = _status(study)
    if as_json:
        emit({"study": str(folder), "codebook": study.codebook.name, **found})
    else:
        say(f"{folder} is a study now, with the codebook {study.codebook.name} {study.codebook.version}.")
        if found["articles"]:
            say(f"It has {found['articles']} articles and {found['annotations']} annotations.")
            say(f"Next:  cd {folder} && slantwise train")
        else:
            say(f"Next:  cd {folder} && slantwise add FOLDER --outlet NAME")
    finish(1, len(refusals))


def _status(study: Any) -> dict[str, Any]:
    from corpus.study.status import status as census

    return census(study)


def status(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Say what the study holds, and where its gaps are."""
    opened = open_study(study)
    found = _status(opened)
    if as_json:
        emit(found)
        return
    from rich.table import Table
    from rich.text import Text

    from corpus.study.status import months, without_gaps

    console = out()
    console.print(f"[bold]{opened.settings.name}[/bold]  codebook {opened.codebook.name} {opened.codebook.version}")
    by_month = without_gaps(months(opened))
    if len(by_month):
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("outlet", no_wrap=True)
        room = max(1, (console.width - max(len(str(name)) for name in by_month.index) - 10) // 9)
        shown = list(by_month.columns)[-room:]
        for month in shown:
            table.add_column(month, justify="right", no_wrap=True)
        table.add_column("articles", justify="right", style="bold", no_wrap=True)
        for outlet, row in by_month.iterrows():
            cells = ["" if month.startswith("(") else str(row[month]) if row[month] else "·" for month in shown]
            table.add_row(Text(str(outlet)), *cells, str(int(row.sum())))
        console.print(table)
        if len(shown) < by_month.shape[1]:
            say(f"the last {len(shown)} columns; a wider window or --json has all months")
    lines = {
        "articles": f"{found['articles']} ({found['revisions']} revisions, {found['copy_groups']} copy groups)",
        "spans": ", ".join(f"{n} {unit}" for unit, n in found["spans"].items()) or "none",
        "annotations": f"{found['annotations']} by {', '.join(found['coders']) or 'nobody yet'}",
        "suggestions": str(found["suggestions"]),
        "model": found["model"] or "none yet (slantwise train)",
    }
    facts = Table(box=None, pad_edge=False, show_header=False)
    for name, value in lines.items():
        facts.add_row(Text(name, style="dim"), Text(value))
    console.print(facts)
    if found["simulated_coders"]:
        console.print(
            f"[yellow]simulated: the answers of {', '.join(found['simulated_coders'])} were made by chance; "
            "figures from them test the tool and are no evidence[/yellow]"
        )


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")] = Path("demo-study"),
    again: Annotated[bool, typer.Option("--again", help="Go on where DIR is the example study already.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Go the whole way on the example study.

    Articles, codes, classifier, evaluation on one outlet held out, suggestions for a new outlet, report: about three
    minutes on a laptop. The conflict and its outlets are invented; what is simulated is said.
    """
    from annotate.cli.learning import train
    from corpus import example as example_study
    from corpus.study import Study
    from corpus.study.study import SETTINGS

    from . import report

    if again and (folder / SETTINGS).is_file():
        say(f"1/5  the example study is in {folder}")
        study = Study.open(folder)
    else:
        say(f"1/5  making the example study in {folder}: six invented outlets, an invented conflict")
        study, _, _ = example_study.create(folder)
    found = _status(study)
    say(f"     {found['articles']} articles, {found['annotations']} answers, two of three coders simulated")
    say("2/5  training a classifier on the coded spans")
    checkpoint = train.train_model(study)
    say(f"     model {checkpoint.version}")
    held_out = "The Harbour Post"
    say(f"3/5  holding out {held_out}, to see how it does on an outlet it has not seen")
    evaluation = train.evaluate_outlets(study, [held_out])
    train.print_evaluation(evaluation, err())
    say(f"4/5  suggesting codes for {example_study.NEW_OUTLET}, which nobody has coded")
    suggested = train.suggest_codes(study)
    say(f"     {suggested.scored + suggested.cached} spans with suggestions")
    say("5/5  writing the report")
    page = report.write_report(study, evaluation)
    if as_json:
        emit({"study": str(folder), "report": str(page), "model": checkpoint.version, "evaluation": evaluation})
    else:
        out().print(f"The report:  {page}", markup=False, soft_wrap=True)
        out().print(f"Next:        cd {folder} && slantwise status", markup=False, soft_wrap=True)
