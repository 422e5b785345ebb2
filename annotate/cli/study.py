"""Commands that create a study and show what it contains: init, status, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, find_study, read_study
from annotate.cli.shared.output import JsonOption, emit, err, finish, out, print_refusals, progress, say


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog="Example:  slantwise init my-study --codebook territorial-control")(init)
    app.command(epilog="Example:  slantwise status")(status)
    app.command(epilog="Example:  slantwise respan")(respan)
    app.command(epilog="Example:  slantwise demo my-demo")(demo)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to create.")],
    codebook: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="A bundled codebook (slantwise codebook list) or a file."),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Create the coded example study (an invented conflict).")
    ] = False,
    data_set: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="babe|basil|mbic|nuda|seesaw|ukraine", help="Start from a public data set, given as FILE."
        ),
    ] = None,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="The data set's rows as JSON lines.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a study: a folder with settings, codebook and database.

    The default codebook is about territorial control; `slantwise codebook list` shows the others.
    """
    from corpus.errors import BadStudy
    from corpus.study.status import status as study_status

    if sum((codebook is not None, example, data_set is not None)) > 1:
        raise BadStudy("--codebook, --example and --from exclude each other; choose one")
    if (data_set is None) != (file is None):
        raise BadStudy("--from needs the data set's name and its file: slantwise init DIR --from babe FILE")
    if example:
        from corpus.example import create_example

        study, refusals = create_example(folder), []
    elif data_set is not None and file is not None:
        from corpus.annotations.import_public_data import create_from_data_set

        made = create_from_data_set(folder, data_set, file)
        study, refusals = made.study, made.refusals
    else:
        from corpus.study import Study

        study, refusals = Study.create(folder, codebook or "territorial-control"), []
    print_refusals(refusals)
    counts = study_status(study)
    if as_json:
        emit({"study": str(folder), "codebook": study.codebook.name, **counts.json()})
    else:
        say(f"{folder} is now a study with the codebook {study.codebook.name} {study.codebook.version}.")
        if counts.articles:
            say(f"It has {counts.articles} articles and {counts.annotations} annotations.")
            say(f"Next:  cd {folder} && slantwise train")
        else:
            say(f"Next:  cd {folder} && slantwise add FOLDER --outlet NAME")
    finish(1, len(refusals))


def status(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show what the study contains, by outlet and month."""
    from corpus.study.status import articles_by_month, collapse_gaps
    from corpus.study.status import status as study_status

    opened = read_study(study)
    counts = study_status(opened)
    if as_json:
        emit(counts.json())
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    console.print(f"[bold]{opened.settings.name}[/bold]  codebook {opened.codebook.name} {opened.codebook.version}")
    by_month = collapse_gaps(articles_by_month(opened))
    if len(by_month):
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("outlet", no_wrap=True)
        fitting = max(1, (console.width - max(len(str(name)) for name in by_month.index) - 10) // 9)
        shown = list(by_month.columns)[-fitting:]
        for month in shown:
            table.add_column(month, justify="right", no_wrap=True)
        table.add_column("articles", justify="right", style="bold", no_wrap=True)
        for outlet, row in by_month.iterrows():
            cells = ["" if month.startswith("(") else str(row[month]) if row[month] else "·" for month in shown]
            table.add_row(Text(str(outlet)), *cells, str(int(row.sum())))
        console.print(table)
        if len(shown) < by_month.shape[1]:
            say(f"only the last {len(shown)} columns are shown; use a wider window or --json for all months")
    cut = f"; {counts.cut_texts} of them cut: in no figure" if counts.cut_texts else ""
    cut += f"; {counts.removed_articles} more were removed" if counts.removed_articles else ""
    lines = {
        "articles": f"{counts.articles} ({counts.revisions} revisions, {counts.copy_groups} copy groups){cut}",
        "spans": ", ".join(f"{n} {unit}" for unit, n in counts.spans.items()) or "none",
        "annotations": f"{counts.annotations} by {', '.join(counts.coders) or 'nobody yet'}",
        "suggestions": str(counts.suggestions),
        "model": counts.model or "none yet (slantwise train)",
    }
    summary = Table(box=None, pad_edge=False, show_header=False)
    for name, value in lines.items():
        summary.add_row(Text(name, style="dim"), Text(value))
    console.print(summary)
    if counts.simulated_coders:
        console.print(
            f"[yellow]simulated: the answers of {', '.join(counts.simulated_coders)} were generated at random; "
            "figures from them test the tool and are not evidence[/yellow]"
        )


def respan(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Find the spans of new articles and of changed codebook terms.

    Commands that change the study do this first; commands that only show something say if it is due. Articles that
    are coded or drawn in a round keep their spans.
    """
    from corpus.articles.spans import respan as find_spans

    with progress("splitting into spans") as (bar, task):
        result = find_spans(find_study(study), progress=lambda share: bar.update(task, completed=share))
    if as_json:
        emit(result.json())
    else:
        for note in result.notes:
            say(note)
        say(f"{result.split} revisions were split into spans" if result.split else "all spans are up to date")


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to create.")] = Path("demo-study"),
    again: Annotated[bool, typer.Option("--again", help="Continue if DIR already is the example study.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Run all steps on the example study.

    Articles, codes, classifier, evaluation on one held-out outlet, suggestions for a new outlet, report: about three
    minutes on a laptop. The conflict and its outlets are invented; simulated answers are marked as such.
    """
    from annotate.cli.learning import train
    from annotate.report import write
    from corpus.example import MADE, NEW_OUTLET, create_example
    from corpus.study import Study
    from corpus.study.files import is_unfinished
    from corpus.study.status import status as study_status
    from corpus.study.study import SETTINGS
    from models.suggestions.word_shares import word_shares

    if again and (folder / SETTINGS).is_file() and not is_unfinished(folder, MADE):
        say(f"1/5  the example study is in {folder}")
        study = Study.open(folder)
    else:
        say(f"1/5  creating the example study in {folder}: six invented outlets, an invented conflict")
        study = create_example(folder)
    counts = study_status(study)
    say(f"     {counts.articles} articles, {counts.annotations} answers, two of three coders simulated")
    say("2/5  training a classifier on the coded spans")
    checkpoint = train.train_model(study)
    say(f"     model {checkpoint.version}")
    held_out = "The Harbour Post"
    say(f"3/5  testing on {held_out}, an outlet left out of training")
    evaluation = train.evaluate_outlets(study, [held_out])
    train.print_evaluation(evaluation, err())
    say(f"4/5  suggesting codes for {NEW_OUTLET}, which nobody has coded")
    suggested = train.suggest_codes(study)
    say(f"     {suggested.scored + suggested.cached} spans with suggestions")
    say("5/5  writing the report")
    page = write(study, evaluation=evaluation, shares=word_shares(study)).report
    if as_json:
        emit({"study": str(folder), "report": str(page), "model": checkpoint.version, "evaluation": evaluation.json()})
    else:
        out().print(f"The report:  {page}", markup=False, soft_wrap=True)
        out().print(f"Next:        cd {folder} && slantwise status", markup=False, soft_wrap=True)
