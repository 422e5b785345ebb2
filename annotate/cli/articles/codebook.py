"""Commands about codebooks: check, show, list, diff, migrate, page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import NOTHING, PART, JsonOption, emit, out, say, write_page

if TYPE_CHECKING:
    from corpus.annotations.migrate import Rereading
    from corpus.codebook import Codebook
    from corpus.codebook.diff import CodebookChange

codebook = typer.Typer(no_args_is_help=True, help="What coders are asked, and the answers they may give.")


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(codebook, name="codebook")
    codebook.command("check", epilog="Example:  slantwise codebook check codebook.yaml")(check)
    codebook.command("show", epilog="Example:  slantwise codebook show territorial-control")(show)
    codebook.command("list", epilog="Example:  slantwise codebook list")(list_)
    codebook.command(epilog="Example:  slantwise codebook diff 2.1.0 codebook.yaml")(diff)
    codebook.command(epilog="Example:  slantwise codebook migrate --yes")(migrate)
    codebook.command(epilog="Example:  slantwise codebook page --out codebook.html")(page)


Which = Annotated[
    str | None,
    typer.Argument(metavar="NAME|FILE", help="A codebook that ships, or a file; without it the study's own."),
]


def check(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check a codebook; what is wrong is said with its line."""
    from corpus.codebook import load
    from corpus.codebook.examples import examples_missed_by_terms

    book = load(which) if which else open_study(study).codebook
    missed = unfound(book)
    codes = sum(len(variable.codes) for variable in book.variables)
    if as_json:
        examples = [{"text": example.text, "found": found} for example, found in missed]
        emit({"name": book.name, "version": book.version, "digest": book.digest, "valid": True, "unfound": examples})
    else:
        say(
            f"{book.name} {book.version} holds together: {len(book.variables)} variables with {codes} codes for the "
            f"unit {book.unit}, {len(book.examples)} examples that obey it"
        )
    for example, found in missed:
        say(f"the terms do not find the marked words of “{example.text}” (they find: {found or 'nothing'})")


def show(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a codebook's questions, codes and definitions."""
    from corpus.codebook import load

    book = load(which) if which else open_study(study).codebook
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


Version = Annotated[str, typer.Argument(metavar="NAME|FILE|VERSION", help="One that ships, a file, or a version seen.")]


def diff(a: Version, b: Version, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Say what a codebook changed in another: variables, codes, definitions, terms, examples.

    A version is one of the study's codebook, which keeps each version that a command has seen. What was renamed, merged
    or split is taken from the later codebook's `migration:`; without one, equal definitions only suggest it.
    """
    from corpus.codebook import diff as bookdiff

    old, new = _version(a, study), _version(b, study)
    changes = bookdiff.diff(old, new)
    if as_json:
        names = {key: {"name": book.name, "version": book.version} for key, book in (("a", old), ("b", new))}
        emit({**names, "same": not changes, "changes": [change.json() for change in changes]})
        return
    say(f"from {old.name} {old.version} to {new.name} {new.version}: {len(changes) or 'no'} changes")
    _show_changes(changes)
    if changes and old.name == new.name and old.version == new.version:
        say("both call themselves the same version; raise `version:` in the later one")


def _version(which: str, study: Path | None) -> Codebook:
    """Return a codebook by its file, its name, or its version in the study."""
    from corpus.codebook import load
    from corpus.errors import BadCodebook, BadStudy

    if not which.replace(".", "").isdigit() or Path(which).is_file():
        return load(which)
    try:
        opened = open_study(study)
    except BadStudy:
        raise BadCodebook(f"{which} is a version of a study's codebook; go into the study, or give files") from None
    found = opened.remembered_codebook(which)
    if found is None:
        raise BadCodebook(f"the study has never been opened with codebook version {which}; give its file instead")
    return found


def _show_changes(changes: list[CodebookChange]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "variable", "what", "before", "after"):
        table.add_column(name, overflow="fold")
    for one in changes:
        what = one.what if one.stated else f"{one.what}?"
        table.add_row(*map(Text, (what, one.variable, one.part, ", ".join(one.before), ", ".join(one.after))))
    if changes:
        out().print(table)
    if any(not one.stated for one in changes):
        say("?: suggested by equal definitions only; `migration:` in the later codebook states it")


def migrate(
    earlier: Annotated[
        str | None, typer.Option("--from", metavar="VERSION", help="Only answers under this version.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take over what is shown.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read answers under an earlier version of the codebook along the migration that it states.

    Shows what would happen; --yes takes it over. Answers as they were given stay in the store, and agreement under the
    earlier version stays what it was. An answer whose code was split must be coded again.
    """
    from corpus.annotations.migrate import migrations, reread

    opened = open_study(study)
    done = [reread(opened, one, store=yes) for one in migrations(opened, earlier)]
    stay, read = (sum(sum(getattr(one, name).values()) for one in done) for name in ("stay", "read"))
    if as_json:
        emit({"stored": yes, "migrations": [one.json() for one in done]})
    else:
        for one in done:
            _show_rereading(one)
        verb = "were re-read" if yes else "would be re-read; with --yes they are"
        say(f"{read} answers {verb}, {stay} stay under their version")
    raise typer.Exit(0 if not stay else PART if read else NOTHING)


def _show_rereading(done: Rereading) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", title=None)
    for name in (f"under {done.earlier}", f"under {done.version}"):
        table.add_column(name, overflow="fold")
    table.add_column("answers", justify="right")
    for (variable, code, new, as_code), n in sorted(done.read.items()):
        table.add_row(Text(f"{variable}: {code}"), Text(f"{new}: {as_code}"), str(n))
    for (variable, code, why), n in sorted(done.stay.items()):
        table.add_row(Text(f"{variable}: {code}"), Text(f"stays ({why})", style="yellow"), str(n))
    out().print(table)


def page(
    which: Which = None,
    output: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write the page.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the codebook as a booklet for coders: one page that opens offline and prints well."""
    from annotate.report.codebook_page import page as booklet
    from corpus.codebook import load

    sides: dict[str, str] = {}
    if which is None:
        opened = open_study(study)
        book, file = opened.codebook, output or opened.reports / "codebook.html"
        sides = dict(opened.settings.sides)
    else:
        book, file = load(which), output or Path(f"{Path(which).stem}.html")
    write_page(file, booklet(book, sides))
    if as_json:
        emit({"page": str(file), "name": book.name, "version": book.version})
    else:
        out().print(f"The codebook:  {file}", markup=False, soft_wrap=True)
