"""Commands about events: events list, events show, events import."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish, out, print_refusals, progress, say

if TYPE_CHECKING:
    from corpus.events.groups import Event, Mention, Told
    from corpus.study import Study

events = typer.Typer(no_args_is_help=True, help="What happened, and how every outlet words it.")
SHOWN = 4  # mentions of an article on the screen; --all and --json have the rest
COLUMN = 34  # characters of an outlet's column at least, so that a sentence stands in a few lines


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(events, name="events")
    events.command("list", epilog="Example:  slantwise events list")(list_)
    events.command("show", epilog="Example:  slantwise events show velo-falls")(show)
    events.command("import", epilog="Example:  slantwise events import events.csv")(import_)


def list_(
    least: Annotated[int, typer.Option(help="Texts that a found event has at least, copies counted once.", min=1)] = 2,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the events by day: those that manifests tell, those of the event table, and those that were found.

    Articles are found to tell one event by the days they came and by the places, people and words they share; copies
    count once. Found events are a proposal of rules: look at them before you rely on them.
    """
    from corpus.events.groups import listed

    rows = listed(_grouped(study), least)
    if as_json:
        emit({"events": rows})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for name in ("event", "day", "by", "articles", "texts", "outlets"):
        right = name in ("articles", "texts", "outlets")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    table.add_column("what", ratio=1, no_wrap=True, overflow="ellipsis")
    for row in rows:
        numbers = (str(row["articles"]), str(row["texts"]), str(len(row["outlets"])))
        table.add_row(Text(row["event"]), row["day"] or "undated", row["origin"], *numbers, Text(_what(row)))
    out().print(table)
    say(f"{len(rows)} events with {sum(row['articles'] for row in rows)} articles; texts count copies once")


def _what(row: dict[str, Any]) -> str:
    place = f"{row['place']} to {row['gained']}" if row["place"] and row["gained"] else row["place"]
    return ": ".join(part for part in (place, row["title"]) if part)


def _grouped(study: Path | None) -> Study:
    from corpus.events.groups import regroup

    opened = open_study(study)
    with progress("grouping by event") as (bar, task):
        bar.update(task, total=None)
        moved = regroup(opened)
    if moved:
        say(f"{moved} articles were given an event")
    return opened


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV: place, day and, if known, gained, id, title.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a table of events; articles are given to its rows by place and day.

    A row fits an article from a day before its day to three days after it that names the place in its headline or
    among its first 100 words, or twice. A place may have several names and endings: Kyiv|Kiev|Киев*. Who gained is kept
    and shown, and not looked at: that is for coders. What an article itself tells stays; articles that fit no row are
    grouped among themselves. The table of an earlier import is replaced.
    """
    from corpus.events.groups import listed, take_table

    opened = open_study(study)
    rows, refusals = take_table(opened, file)
    print_refusals(refusals)
    found = {row["event"]: row["articles"] for row in listed(opened) if row["origin"] == "table"} if rows else {}
    if as_json:
        emit({"events": found, "refused": [refusal._asdict() for refusal in refusals]})
    else:
        say(f"{rows} events; {sum(found.values())} articles tell {sum(map(bool, found.values()))} of them")
    finish(rows, len(refusals))


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="An event's id, as `events list` says it, or an article's.")],
    all_mentions: Annotated[bool, typer.Option("--all", help="Show every mention.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every outlet's mentions of one event, side by side.

    A copy is shown with the mentions that it words otherwise than the earliest article with its text.
    """
    from corpus.events.groups import as_json as row_of
    from corpus.events.groups import event_of

    event = event_of(_grouped(study), id)
    if as_json:
        emit(row_of(event))
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    facts = (event.day, event.place, f"gained: {event.gained}" if event.gained else None, f"by: {event.origin}")
    console.print(Text.assemble((event.id, "bold"), f"  {event.title or ''}"))
    console.print(Text(", ".join(fact for fact in facts if fact), style="dim"))
    outlets = sorted({told.outlet for told in event.articles})
    beside = max(1, console.width // COLUMN)
    for first in range(0, len(outlets), beside):
        some = outlets[first : first + beside]
        table = Table(box=None, pad_edge=False, padding=(1, 2, 0, 0), width=console.width, header_style="bold")
        for name in some:
            table.add_column(Text(name), ratio=1, overflow="fold")
        for _ in range(beside - len(some)):
            table.add_column("", ratio=1)
        told = [[one for one in event.articles if one.outlet == name] for name in some]
        for place in range(max(map(len, told))):
            table.add_row(*(_drawn(mine[place], event, all_mentions) if place < len(mine) else "" for mine in told))
        console.print(table)
        console.print()
    say(f"{len(event.articles)} articles of {len(outlets)} outlets; a code in brackets is the coders' commonest answer")


def _drawn(told: Told, event: Event, all_mentions: bool) -> Any:
    from rich.text import Text

    mentions: Sequence[Any] = told.mentions
    headline: list[Any] = [told.title or told.article]
    if mentions and "".join((mentions[0].left, mentions[0].match, mentions[0].right)) == told.title:
        headline, mentions = _marked(mentions[0]), mentions[1:]
    lines = [Text.assemble((f"{told.date or 'undated'} ", "dim"), *headline)]
    if told.copy_of:
        first = next(one for one in event.articles if one.article == told.copy_of)
        known = {(one.left, one.match, one.right) for one in first.mentions}
        mentions = [one for one in mentions if (one.left, one.match, one.right) not in known]
        lines.append(Text(f"copy of {first.outlet}'s {first.article}", style="dim"))
    for one in mentions if all_mentions else mentions[:SHOWN]:
        lines.append(Text.assemble("▸ ", *_marked(one)))
    if len(mentions) > SHOWN and not all_mentions:
        lines.append(Text(f"and {len(mentions) - SHOWN} more; --all shows them", style="dim"))
    if not told.mentions:
        lines.append(Text("no mention", style="dim"))
    return Text("\n").join(lines)


def _marked(mention: Mention) -> list[Any]:
    code = f" [{mention.code}]" if mention.code else ""
    return [mention.left, (mention.match, "bold reverse"), mention.right, (code, "dim")]
