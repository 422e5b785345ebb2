"""Commands for articles: add, kwic, article show, article split, article mark; others are registered here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import (
    JsonOption,
    emit,
    finish,
    out,
    plain_table,
    print_refusals,
    progress,
    say,
    say_cut,
)

from .cut import cut
from .furniture import furniture
from .remove import remove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.articles.article_boundaries import Boundary
    from corpus.study import Study

article = command_group("Show, split and correct single articles.")


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.command(epilog="Example:  slantwise add texts/ --manifest texts/manifest.csv")(add)
    app.command(epilog='Example:  slantwise kwic "liberat*"')(kwic)
    app.add_typer(article, name="article")
    article.command("show", epilog="Example:  slantwise article show 4082983c83aa")(show)
    article.command("split", epilog="Example:  slantwise article split 4082983c83aa --yes")(split)
    article.command("cut", epilog="Example:  slantwise article cut 4082983c83aa --whole")(cut)
    article.command("furniture", epilog="Example:  slantwise article furniture --outlet Herald --keep 1")(furniture)
    article.command("remove", epilog="Example:  slantwise article remove 4082983c83aa --yes")(remove)
    article.command("mark", epilog="Example:  slantwise article mark 4082983c83aa-27cf2f4a 0 57 furniture")(mark)


def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders with files.")],
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="Outlet of all these files.")] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Table with the columns file, outlet and optionally published, title, url …"),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles from files and folders.

    Formats: text, Markdown, HTML, MHTML, Word, ODT, RTF, PDF, mail, CSV, JSON, Excel, Parquet, known XML, and the
    exports of Nexis, Factiva and Media Cloud. Files that hold no article are passed over and listed. A file
    manifest.csv in a folder assigns each file to an outlet. Adding a file twice changes nothing; a changed text becomes
    a new revision of its article, and a corrected date or note replaces the old one. A bad file does not stop the
    others. Archive pages and live blogs that seem to contain several articles are listed.
    """
    from corpus.articles import ingest

    opened = open_study(study)
    with progress("reading") as (bar, task):
        bar.update(task, total=None)
        intake = ingest.add(
            opened,
            paths,
            outlet=outlet,
            manifest=manifest,
            progress=lambda what: bar.update(task, description=what),
        )
    for candidate in intake.several:
        say(
            f"looks like several articles: {candidate.where}: {candidate.why}; "
            f"see: slantwise article split {candidate.article}"
        )
    print_refusals(intake.own_keys[:5], "another article")
    if (more := len(intake.own_keys) - 5) > 0:
        say(f"another article: {more} more texts have the key of another article; --json lists all")
    for note in intake.notes:
        say(note)
    print_refusals(intake.passed_over, "passed over")
    print_refusals(intake.warnings, "warning")
    print_refusals(intake.refusals)
    if as_json:
        emit(intake.json())
    else:
        say(intake.balance)
    finish(intake.total, len(intake.refusals) + len(intake.warnings))


def kwic(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A word; * matches any letters: liberat*")],
    outlet: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this outlet; may be repeated.")] = None,
    width: Annotated[int, typer.Option(help="Characters on each side.", min=10, max=500)] = 60,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a term in context, by outlet and date."""
    from corpus.wording import kwic as wording

    found = wording.kwic(read_study(study), term, outlet=outlet or (), width=width)
    if as_json:
        emit(found.json())
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    side = max(12, min(width, (console.width - 34) // 2))
    outlet_above = None
    table = Table(box=None, pad_edge=False, show_header=False)
    for hit in found.hits:
        if hit.outlet != outlet_above:
            table.add_row("", Text(hit.outlet, style="bold"), "", "")
            outlet_above = hit.outlet
        table.add_row(
            Text(hit.date or "undated", style="dim"),
            Text(hit.left[-side:], justify="right", no_wrap=True, overflow="crop"),
            Text(hit.match, style="bold reverse"),
            Text(hit.right[:side], no_wrap=True, overflow="crop"),
        )
    console.print(table)
    say(f"{len(found.hits)} hits of {term!r} in {len({hit.article for hit in found.hits})} articles")
    say_cut(found.cut_texts)


def show(
    id: Annotated[str, typer.Argument(metavar="ARTICLE", help="The article's id, from kwic --json or export.")],
    revisions: Annotated[bool, typer.Option("--revisions", help="Show the changes between revisions instead.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an article's paragraphs with their offsets and kinds.

    A kind is paragraph, headline, teaser or furniture; `article mark` corrects it.
    """
    if revisions:
        _show_revisions(read_study(study), id, as_json)
        return
    from corpus.articles.paragraphs import show_article

    shown = show_article(read_study(study), id)
    if as_json:
        emit(shown.json())
        return
    from rich.text import Text

    table = plain_table("start", "end", "kind", "text", right=("start", "end"))
    for row in shown.paragraphs:
        style = "dim" if row.kind in ("furniture", "teaser") else "bold" if row.kind == "headline" else ""
        table.add_row(str(row.start), str(row.end), row.kind, Text(row.text), style=style)
    out().print(f"revision {shown.paragraphs[0].revision}", markup=False)
    out().print(table)


def _show_revisions(study: Study, id: str, as_json: bool) -> None:
    """Print each revision with its reason and its changes in context."""
    from corpus.wording.revisions import revision_history

    history = revision_history(study, id)
    if as_json:
        emit(history.json())
        return
    from rich.text import Text

    for row in history.revisions:
        words = f"{len(row.text.split()):,} words, {len(row.changes)} changes"
        out().print(Text.assemble((row.revision, "bold"), f"  {row.reason}, {words}"))
        for change in row.changes:
            start, end = change.after_start, change.after_start + len(change.after)
            left, right = row.text[max(0, start - 40) : start], row.text[end : end + 40]
            line = Text.assemble(
                ("  … " + left).replace("\n\n", " ¶ "),
                (f"[-{change.before}-]" if change.before else "", "red"),
                (f"{{+{change.after}+}}" if change.after else "", "green"),
                (right + " …").replace("\n\n", " ¶ "),
            )
            out().print(line)
    if len(history.revisions) == 1:
        say("there is only one revision: the text has not changed since it was added")


def split(
    id: Annotated[str, typer.Argument(metavar="ARTICLE", help="The id of a text that contains several articles.")],
    at: Annotated[
        list[int] | None,
        typer.Option(metavar="OFFSET", help="Start of an article, as `article show` prints it; may be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Split at the proposed boundaries.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split an archive page or a live blog into its articles.

    Without --yes the boundaries are only proposed, with the evidence for each. --at sets boundaries by hand. The
    original is kept but no longer counted; the new articles have its outlet, date and address. Coded texts are never
    split.
    """
    from corpus.articles.multi_article_texts import split_article

    opened = open_study(study) if at or yes else read_study(study)
    result = split_article(opened, id, at=at or (), yes=yes)
    if as_json:
        emit(result.json())
        return
    _show_borders(result.boundaries, [part.article for part in result.parts])
    say(
        f"split into {len(result.parts)} articles; the original is kept but not counted" if result.parts else result.why
    )
    if not result.parts and len(result.boundaries) > 1:
        say(f"to split there: slantwise article split {id} --yes; or set --at OFFSET (see `article show {id}`)")


def _show_borders(borders: Sequence[Boundary], parts: list[str]) -> None:
    from rich.text import Text

    table = plain_table("article" if parts else "#", "start", "headline", right=("#", "start"))
    names = parts or [str(number) for number in range(1, len(borders) + 1)]
    for name, border in zip(names, borders, strict=True):
        words = Text.assemble((border.title or "(no headline)", "bold"), ("\n" + ", ".join(border.evidence), "dim"))
        table.add_row(name, str(border.start), words)
    out().print(table)


def mark(
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help="The revision's id, as `article show` prints it.")
    ],
    start: Annotated[int, typer.Argument(help="Start of the paragraph.")],
    end: Annotated[int, typer.Argument(help="End of the paragraph.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="paragraph, headline, teaser or furniture.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Correct the kind of a paragraph where the rules are wrong."""
    from corpus.articles.paragraphs import mark_paragraph

    marked = mark_paragraph(open_study(study), revision, start, end, kind)
    if as_json:
        emit(marked.json())
    else:
        say(f"{start}-{end} is now {kind}")
