"""Commands for events: events list, events show, events import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, finish, out, print_refusals, progress, say, say_cut

if TYPE_CHECKING:
    from rich.text import Text

    from corpus.events.listing import Event, EventArticle, EventList, ListedEvent, MentionInContext

events = command_group("Group articles by event and compare how outlets word it.")
SHOWN = 4  # mentions printed for an article; --all and --json have the rest
COLUMN = 34  # minimum width of an outlet's column, so that a sentence takes a few lines only


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(events, name="events")
    events.command("import", epilog="Example:  slantwise events import events.csv")(import_)
    events.command("list", epilog="Example:  slantwise events list")(list_)
    events.command("show", epilog="Example:  slantwise events show velo-falls")(show)


def list_(
    least: Annotated[int, typer.Option(help="Minimum number of distinct texts per detected event.", min=1)] = 2,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the events by day.

    They are from manifests, from the event table, or detected by publication days and by shared places, people and
    words; copies count once. Detected events are proposals by rule: check them before you rely on them.
    """
    from corpus.events.listing import list_events

    opened = open_study(study)
    with _grouping():
        listed = list_events(opened, least=least)
    _say_assigned(listed)
    if as_json:
        emit(listed.json())
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for name in ("event", "day", "by", "articles", "texts", "outlets"):
        right = name in ("articles", "texts", "outlets")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    table.add_column("what", ratio=1, no_wrap=True, overflow="ellipsis")
    for row in listed.events:
        numbers = (str(row.articles), str(row.texts), str(len(row.outlets)))
        table.add_row(Text(row.event), row.day or "undated", row.origin, *numbers, Text(_summary(row)))
    out().print(table)
    count = sum(row.articles for row in listed.events)
    say(f"{len(listed.events)} events with {count} articles; texts count copies once")
    say_cut(listed.cut_texts)


def _summary(row: ListedEvent) -> str:
    place = f"{row.place} to {row.gained}" if row.place and row.gained else row.place
    return ": ".join(part for part in (place, row.title) if part)


@contextmanager
def _grouping() -> Iterator[None]:
    """Show that articles are being grouped, which takes a while in a large study."""
    with progress("grouping by event") as (bar, task):
        bar.update(task, total=None)
        yield


def _say_assigned(result: EventList | Event) -> None:
    if result.assigned:
        say(f"{result.assigned} articles were assigned to an event")


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV file with columns place, day and optionally gained, id, title.")
    ],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a table of events and assign articles to its rows.

    An article matches a row if it was published from one day before to three days after the event and names the place
    in its headline, in its first 100 words, or at least twice. A place may have several names and endings:
    Kyiv|Kiev|Киев*. The column `gained` is shown but not used for matching. Events named in a manifest are kept;
    articles that match no row are grouped by detection. The table of an earlier import is replaced.
    """
    from corpus.events.listing import import_event_table

    imported = import_event_table(open_study(study), file)
    print_refusals(imported.refusals)
    print_refusals(imported.warnings, "warning")
    if as_json:
        emit(imported.json())
    else:
        counts = imported.events.values()
        say(f"{len(counts)} events, {sum(map(bool, counts))} of them reported by {sum(counts)} articles")
    finish(len(imported.events), len(imported.refusals) + len(imported.warnings))


def show(
    id: Annotated[
        str, typer.Argument(metavar="ID", help="An event's id, as `events list` prints it, or an article's.")
    ],
    all_mentions: Annotated[bool, typer.Option("--all", help="Show every mention.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show all outlets' mentions of an event side by side.

    Of a copy only those mentions are shown that differ from the earliest article with the same text.
    """
    from corpus.events.listing import find_event

    opened = open_study(study)
    with _grouping():
        event = find_event(opened, id)
    _say_assigned(event)
    if as_json:
        emit(event.json())
        return
    from rich.table import Table
    from rich.text import Text

    console = out()
    facts = (event.day, event.place, f"gained: {event.gained}" if event.gained else None, f"by: {event.origin}")
    console.print(Text.assemble((event.event, "bold"), f"  {event.title or ''}"))
    console.print(Text(", ".join(fact for fact in facts if fact), style="dim"))
    outlets = event.outlets
    columns = max(1, console.width // COLUMN)
    for first in range(0, len(outlets), columns):
        shown = outlets[first : first + columns]
        table = Table(box=None, pad_edge=False, padding=(1, 2, 0, 0), width=console.width, header_style="bold")
        for name in shown:
            table.add_column(Text(name), ratio=1, overflow="fold")
        for _ in range(columns - len(shown)):
            table.add_column("", ratio=1)
        by_outlet = [[article for article in event.articles if article.outlet == name] for name in shown]
        for row in zip_longest(*by_outlet):
            table.add_row(*(_article_cell(article, event, all_mentions) if article else "" for article in row))
        console.print(table)
        console.print()
    codes = "a code in brackets is the adjudicated one, or that of most coders"
    say(f"{len(event.articles)} articles of {len(outlets)} outlets; {codes}")
    say_cut(event.cut_texts)


def _article_cell(article: EventArticle, event: Event, all_mentions: bool) -> Text:
    from rich.text import Text

    mentions: Sequence[Any] = article.mentions
    headline: list[Any] = [article.title or article.article]
    if mentions and "".join((mentions[0].left, mentions[0].match, mentions[0].right)) == article.title:
        headline, mentions = _highlight(mentions[0]), mentions[1:]
    lines = [Text.assemble((f"{article.date or 'undated'} ", "dim"), *headline)]
    if article.copy_of:
        original = next(each for each in event.articles if each.article == article.copy_of)
        copied = {(mention.left, mention.match, mention.right) for mention in original.mentions}
        mentions = [mention for mention in mentions if (mention.left, mention.match, mention.right) not in copied]
        lines.append(Text(f"copy of {original.outlet}'s {original.article}", style="dim"))
    for mention in mentions if all_mentions else mentions[:SHOWN]:
        lines.append(Text.assemble("▸ ", *_highlight(mention)))
    if len(mentions) > SHOWN and not all_mentions:
        lines.append(Text(f"and {len(mentions) - SHOWN} more; --all shows them", style="dim"))
    if not article.mentions:
        lines.append(Text("no mention", style="dim"))
    return Text("\n").join(lines)


def _highlight(mention: MentionInContext) -> list[Any]:
    code = f" [{mention.code}]" if mention.code else ""
    return [mention.left, (mention.match, "bold reverse"), mention.right, (code, "dim")]
