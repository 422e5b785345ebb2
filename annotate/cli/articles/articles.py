"""Commands about articles: add, kwic, article show, article split, article mark."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish_import, out, progress, say

if TYPE_CHECKING:
    from corpus.articles.boundaries import Border
    from corpus.study import Study

article = typer.Typer(no_args_is_help=True, help="Look at an article's paragraphs; say what they are.")


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.command(epilog="Example:  slantwise add texts/ --manifest texts/manifest.csv")(add)
    app.command(epilog='Example:  slantwise kwic "liberat*"')(kwic)
    app.add_typer(article, name="article")
    article.command("show", epilog="Example:  slantwise article show 4082983c83aa")(show)
    article.command("split", epilog="Example:  slantwise article split 4082983c83aa --yes")(split)
    article.command("mark", epilog="Example:  slantwise article mark 4082983c83aa-27cf2f4a 0 57 furniture")(mark)


def add(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders with files.")],
    outlet: Annotated[str | None, typer.Option(metavar="NAME", help="The outlet that published them all.")] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV", help="A table with the columns file, outlet and, if you like, published, title, url …"
        ),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles: text, HTML, Word, CSV, JSON lines, Parquet, and the exports of Nexis, Factiva and Media Cloud.

    A file named manifest.csv in a folder says which file is which outlet's. Adding a file twice changes nothing; a text
    that has changed becomes a new revision of its article, and a date or a note that was mended replaces the old one.
    One bad file stops none of the others. An archive page or a live blog that looks like several articles is named.
    """
    from corpus.articles import ingest

    opened = open_study(study)
    with progress("reading") as (bar, task):
        bar.update(task, total=None)
        taken = ingest.add(
            opened,
            paths,
            outlet=outlet,
            manifest=manifest,
            progress=lambda path: bar.update(task, description=f"reading {path.name}"),
        )
    for one in taken.several:
        say(f"looks like several articles: {one.where}: {one.why}; see: slantwise article split {one.article}")
    more = {"several": [one._asdict() for one in taken.several]}
    finish_import(len(taken.new), len(taken.changed), len(taken.unchanged), taken.refusals, as_json, **more)


def kwic(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A word; * stands for any letters: liberat*")],
    outlet: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this outlet; may be repeated.")] = None,
    width: Annotated[int, typer.Option(help="Characters on each side.", min=10, max=500)] = 60,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a term in context, by outlet and date."""
    from corpus.wording.kwic import keywords

    hits = keywords(open_study(study), [term], outlets=tuple(outlet or ()), width=width)
    if as_json:
        emit({"hits": [asdict(hit) for hit in hits]})
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    side = max(12, min(width, (console.width - 34) // 2))
    last = None
    table = Table(box=None, pad_edge=False, show_header=False)
    for hit in hits:
        if hit.outlet != last:
            table.add_row("", Text(hit.outlet, style="bold"), "", "")
            last = hit.outlet
        table.add_row(
            Text(hit.date or "undated", style="dim"),
            Text(hit.left[-side:], justify="right", no_wrap=True, overflow="crop"),
            Text(hit.match, style="bold reverse"),
            Text(hit.right[:side], no_wrap=True, overflow="crop"),
        )
    console.print(table)
    say(f"{len(hits)} hits of {term!r} in {len({hit.article for hit in hits})} articles")


def show(
    id: Annotated[str, typer.Argument(metavar="ARTICLE", help="The article's id, as kwic and export print it.")],
    revisions: Annotated[
        bool, typer.Option("--revisions", help="Show what changed from one revision to the next instead.")
    ] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an article's paragraphs with their offsets and what they are."""
    if revisions:
        _show_revisions(open_study(study), id, as_json)
        return
    from corpus.articles.spans import paragraphs_of

    rows = paragraphs_of(open_study(study), id)
    if as_json:
        emit({"article": id, "paragraphs": rows})
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("start", "end", "kind", "text"):
        table.add_column(name, justify="right" if name in ("start", "end") else "left", overflow="fold")
    for row in rows:
        style = "dim" if row["kind"] in ("furniture", "teaser") else "bold" if row["kind"] == "headline" else ""
        from rich.text import Text

        table.add_row(str(row["start"]), str(row["end"]), row["kind"], Text(row["text"]), style=style)
    out().print(f"revision {rows[0]['revision']}", markup=False)
    out().print(table)


def _show_revisions(study: Study, id: str, as_json: bool) -> None:
    """Print each revision's reason and the words that it changed, with those around them."""
    from corpus.wording.revisions import history

    rows = history(study, id)
    if as_json:
        shown = [row | {"changes": [asdict(change) for change in row["changes"]]} for row in rows]
        emit({"article": id, "revisions": shown})
        return
    from rich.text import Text

    for row in rows:
        words = f"{len(row['text'].split()):,} words, {len(row['changes'])} changes"
        out().print(Text.assemble((f"{row['revision']}", "bold"), f"  {row['reason']}, {words}"))
        for change in row["changes"]:
            start, end = change.after_start, change.after_start + len(change.after)
            left, right = row["text"][max(0, start - 40) : start], row["text"][end : end + 40]
            line = Text.assemble(
                ("  … " + left).replace("\n\n", " ¶ "),
                (f"[-{change.before}-]" if change.before else "", "red"),
                (f"{{+{change.after}+}}" if change.after else "", "green"),
                (right + " …").replace("\n\n", " ¶ "),
            )
            out().print(line)
    if len(rows) == 1:
        say("there is one revision only: the text has not changed since it was added")


def split(
    id: Annotated[str, typer.Argument(metavar="ARTICLE", help="The id of an article that is several.")],
    at: Annotated[
        list[int] | None,
        typer.Option(metavar="OFFSET", help="Where an article begins, as `article show` prints it; may be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the proposed borders.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split an archive page or a live blog into its articles.

    Without --yes the borders are proposed, each with what speaks for it. With --at, borders are given by hand. The
    whole is kept and no longer counted; its parts have its outlet, date and address. What is coded is never split.
    """
    from corpus.articles import split as parting

    opened = open_study(study)
    if at:
        borders, why, several = parting.by_hand(opened, id, at), "given by hand", True
    else:
        _, proposal = parting.propose(opened, id)
        borders, why, several = list(proposal.borders), proposal.why, proposal.several
    parts = parting.part(opened, id, borders) if at or yes else []
    if as_json:
        shown = [asdict(border) | {"evidence": list(border.evidence)} for border in borders]
        emit({"article": id, "several": several, "why": why, "borders": shown, "parts": [asdict(p) for p in parts]})
    else:
        _show_borders(borders, [one.article for one in parts])
        say(f"split into {len(parts)} articles; the whole is kept and not counted" if parts else why)
    if not parts and not as_json and len(borders) > 1:
        say(f"take them: slantwise article split {id} --yes; or others: --at OFFSET, as `article show {id}` lists them")


def _show_borders(borders: list[Border], parts: list[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("article" if parts else "#", "start", "headline"):
        table.add_column(name, justify="right" if name in ("#", "start") else "left", overflow="fold")
    names = parts or [str(number) for number in range(1, len(borders) + 1)]
    for name, border in zip(names, borders, strict=True):
        words = Text.assemble((border.title or "(no headline)", "bold"), ("\n" + ", ".join(border.evidence), "dim"))
        table.add_row(name, str(border.start), words)
    out().print(table)


def mark(
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="As `article show` prints it.")],
    start: Annotated[int, typer.Argument(help="Where the paragraph begins.")],
    end: Annotated[int, typer.Argument(help="Where it ends.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="paragraph, headline, teaser or furniture.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a paragraph is, against what the rules found."""
    from corpus.articles import spans

    spans.mark(open_study(study), revision, start, end, kind)
    if as_json:
        emit({"revision": revision, "start": start, "end": end, "kind": kind})
    else:
        say(f"{start}-{end} is {kind} now")
