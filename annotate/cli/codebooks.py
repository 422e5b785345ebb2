"""Commands about codebooks: check, show, list."""

from __future__ import annotations

from typing import Annotated

import typer

from .output import JsonOption, StudyOption, emit, out, say, study_of

codebook = typer.Typer(no_args_is_help=True, help="What coders are asked, and the answers they may give.")


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(codebook, name="codebook")
    codebook.command("check", epilog="Example:  slantwise codebook check codebook.yaml")(check)
    codebook.command("show", epilog="Example:  slantwise codebook show territorial-control")(show)
    codebook.command("list", epilog="Example:  slantwise codebook list")(list_)


Which = Annotated[
    str | None,
    typer.Argument(metavar="NAME|FILE", help="A codebook that ships, or a file; without it the study's own."),
]


def check(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check a codebook; what is wrong is said with its line."""
    from corpus.codebook import load

    book = load(which) if which else study_of(study).codebook
    codes = sum(len(variable.codes) for variable in book.variables)
    if as_json:
        emit({"name": book.name, "version": book.version, "digest": book.digest, "valid": True})
    else:
        say(
            f"{book.name} {book.version} holds together: {len(book.variables)} variables with {codes} codes for the "
            f"unit {book.unit}, {len(book.examples)} examples that obey it"
        )


def show(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a codebook's questions, codes and definitions."""
    from corpus.codebook import load

    book = load(which) if which else study_of(study).codebook
    if as_json:
        emit(book.model_dump(mode="json"))
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    console.print(f"[bold]{book.name} {book.version}[/bold]  unit {book.unit}, language {book.language}")
    for text in (book.unit_rule, book.instructions, book.warning):
        if text:
            console.print(Text(text.strip()))
    if book.mention_terms:
        console.print(Text("terms: " + ", ".join(book.mention_terms), style="dim"))
    for variable in book.variables:
        console.print()
        console.print(Text.assemble((variable.name, "bold"), "  ", variable.question))
        for name, codes in variable.asked_when.items():
            console.print(Text(f"asked when {name} is {', '.join(codes)}", style="dim"))
        if variable.level != "nominal":
            console.print(Text(f"{variable.level}: the codes are in their order", style="dim"))
        table = Table(box=None, pad_edge=False, show_header=False)
        for code in variable.codes:
            table.add_row(Text(code.hotkey or "", style="bold"), code.label or code.name, Text(code.definition))
        console.print(table)


def list_(as_json: JsonOption = False) -> None:
    """List the codebooks that ship."""
    from corpus.codebook import load, shipped

    books = [load(name) for name in shipped()]
    if as_json:
        emit(
            {
                "codebooks": [
                    {"name": b.name, "version": b.version, "unit": b.unit, "language": b.language} for b in books
                ]
            }
        )
        return
    for book in books:
        questions = ", ".join(variable.name for variable in book.variables)
        out().print(f"{book.name} {book.version}  unit {book.unit}; asks {questions}", markup=False)
