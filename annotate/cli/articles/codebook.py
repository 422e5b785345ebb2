"""Commands for codebooks: check, show, list, diff, migrate, page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, find_study, open_study, read_study
from annotate.cli.shared.output import NOTHING, PART, JsonOption, emit, out, plain_table, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.annotations.migrate import MigrationOutcome
    from corpus.codebook.diff import CodebookChange

codebook = command_group("Show, check and compare codebooks.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(codebook, name="codebook")
    codebook.command("list", epilog="Example:  slantwise codebook list")(list_)
    codebook.command("show", epilog="Example:  slantwise codebook show territorial-control")(show)
    codebook.command("check", epilog="Example:  slantwise codebook check codebook.yaml")(check)
    codebook.command(epilog="Example:  slantwise codebook page --out codebook.html")(page)
    codebook.command(epilog="Example:  slantwise codebook diff 2.1.0 codebook.yaml")(diff)
    codebook.command(epilog="Example:  slantwise codebook migrate --yes")(migrate)


Which = Annotated[
    str | None,
    typer.Argument(metavar="NAME|FILE", help="A bundled codebook or a file (default: the study's)."),
]


def check(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check a codebook, reporting errors with their line."""
    from corpus.codebook.examples import check_codebook

    checked = check_codebook(which or find_study(study).codebook_file)
    book = checked.codebook
    if as_json:
        emit(checked.json())
    else:
        codes = sum(len(variable.codes) for variable in book.variables)
        say(
            f"{book.name} {book.version} is valid: {len(book.variables)} variables with {codes} codes for the "
            f"unit {book.unit}, {len(book.examples)} examples that follow it"
        )
    for warning in checked.warnings:
        say(f"warning: {f'line {warning.line}: ' if warning.line else ''}{warning.why}")
    for missed in checked.missed:
        say(f"the terms do not find the marked words of “{missed.text}” (they find: {missed.found or 'nothing'})")


def show(which: Which = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Show a codebook's questions, codes and definitions."""
    from corpus.codebook import read_codebook

    book = read_codebook(which or find_study(study).codebook)
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
            console.print(Text(f"{variable.level}: the codes are ordered", style="dim"))
        table = Table(box=None, pad_edge=False, show_header=False)
        for code in variable.codes:
            table.add_row(Text(code.hotkey or "", style="bold"), code.label or code.name, Text(code.definition))
        console.print(table)


def list_(as_json: JsonOption = False) -> None:
    """List the bundled codebooks."""
    from corpus.codebook.codebook import list_codebooks

    bundled = list_codebooks()
    if as_json:
        emit(bundled.json())
        return
    for book in bundled.codebooks:
        questions = ", ".join(book.variables)
        out().print(f"{book.name} {book.version}  unit {book.unit}; asks {questions}", markup=False)


Version = Annotated[
    str, typer.Argument(metavar="NAME|FILE|VERSION", help="A bundled codebook, a file, or an earlier version.")
]


def diff(a: Version, b: Version, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Compare two codebooks: questions, codes, terms, examples.

    A version number means the study's codebook: each version that a command has read is kept. Renamed, merged and split
    codes are taken from the later codebook's `migration:`; otherwise equal definitions only suggest them.
    """
    from corpus.codebook.diff import diff_codebooks
    from corpus.errors import BadStudy
    from corpus.study.codebook_versions import codebook_version

    try:
        opened = find_study(study)
    except BadStudy:  # only a version number needs one
        opened = None
    compared = diff_codebooks(codebook_version(opened, a), codebook_version(opened, b))
    if as_json:
        emit(compared.json())
        return
    old, new, changes = compared.a, compared.b, compared.changes
    say(f"from {old.name} {old.version} to {new.name} {new.version}: {len(changes) or 'no'} changes")
    _show_changes(changes)
    if changes and old == new:
        say("both have the same version number; raise `version:` in the later one")


def _show_changes(changes: Sequence[CodebookChange]) -> None:
    from rich.text import Text

    table = plain_table("", "variable", "what", "before", "after")
    for change in changes:
        kind = change.what if change.stated else f"{change.what}?"
        table.add_row(
            *map(Text, (kind, change.variable, change.part, ", ".join(change.before), ", ".join(change.after)))
        )
    if changes:
        out().print(table)
    if any(not change.stated for change in changes):
        say("?: only suggested by equal definitions; confirm it in `migration:` of the later codebook")


def migrate(
    earlier: Annotated[
        str | None, typer.Option("--from", metavar="VERSION", help="Only migrate answers under this version.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Store the migrated answers.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Carry answers over from an earlier codebook version.

    The codebook's `migration:` defines how. Shows the result; --yes stores it. The original answers are kept, so
    agreement under the earlier version does not change. An answer whose code was split must be coded again.
    """
    from corpus.annotations.migrate import migrate_answers

    result = migrate_answers(open_study(study) if yes else read_study(study), earlier=earlier, yes=yes)
    read, stay = (sum(row.answers for row in rows) for rows in (result.migrated, result.unchanged))
    if as_json:
        emit(result.json())
    else:
        for migration in result.migrations:
            _show_migration(migration)
        verb = "were migrated" if yes else "would be migrated (store them with --yes)"
        say(f"{read} answers {verb}, {stay} keep their version")
    raise typer.Exit(0 if not stay else PART if read else NOTHING)


def _show_migration(migration: MigrationOutcome) -> None:
    from rich.text import Text

    table = plain_table(f"under {migration.earlier}", f"under {migration.version}", "answers", right=["answers"])
    for row in migration.migrated:
        table.add_row(Text(f"{row.variable}: {row.code}"), Text(f"{row.as_variable}: {row.as_code}"), str(row.answers))
    for left in migration.unchanged:
        stays = Text(f"stays ({left.why})", style="yellow")
        table.add_row(Text(f"{left.variable}: {left.code}"), stays, str(left.answers))
    out().print(table)


def page(
    which: Which = None,
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write (default: reports/codebook.html, or NAME.html)."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the codebook as a page for coders.

    The page opens offline and can be printed.
    """
    from annotate.report.codebook_page import write_codebook_page

    written = write_codebook_page(read_study(study) if which is None else None, which, out=output)
    if as_json:
        emit(written.json())
    else:
        out().print(f"The codebook:  {written.page}", markup=False, soft_wrap=True)
