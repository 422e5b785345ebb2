"""Commands for feeds: add, list, poll, retry, watch."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.command_groups import command_group
from annotate.cli.shared.open_study import StudyOption, open_study, read_study
from annotate.cli.shared.output import (
    DONE,
    NOTHING,
    PART,
    JsonOption,
    emit,
    err,
    finish,
    out,
    plain_table,
    print_refusals,
    progress,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.draft import Refusal
    from corpus.feeds.poll import PollResult
    from corpus.study import Study

_SHOWN = 20  # of the pages that failed at earlier polls

feeds = command_group("Subscribe to outlets' feeds and fetch new articles.")

SuggestOption = Annotated[bool, typer.Option("--suggest", help="Suggest codes for new articles and update the report.")]


def register(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(feeds, name="feeds")
    feeds.command("add", epilog="Example:  slantwise feeds add https://herald.example/rss --outlet Herald")(add)
    feeds.command("poll", epilog="Example:  slantwise feeds poll --suggest")(poll)
    feeds.command("retry", epilog="Example:  slantwise feeds retry https://herald.example/velo")(retry)
    feeds.command("watch", epilog="Example:  slantwise feeds watch --every 15m --suggest")(watch)
    feeds.command("list", epilog="Example:  slantwise feeds list")(list_)


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed's address: RSS, Atom or JSON Feed.")],
    outlet: Annotated[str, typer.Option(metavar="NAME", help="The outlet that publishes it.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a feed to the study.

    Nothing is fetched yet. Adding a feed twice changes nothing.
    """
    from corpus.feeds.subscriptions import add_feed

    added = add_feed(open_study(study), url, outlet=outlet)
    if as_json:
        emit(added.json())
    else:
        say(f"{url} is {'now' if added.new else 'already'} a feed of {outlet}")
        say("Next:  slantwise feeds poll")
    print_refusals(added.warnings, "warning")
    finish(1, len(added.warnings))


def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the study's feeds and their status."""
    from corpus.feeds.subscriptions import list_feeds

    listed = list_feeds(read_study(study))
    if as_json:
        emit(listed.json())
        return
    from rich.text import Text

    numbers = ("articles", "waiting", "refused", "given up")
    table = plain_table("outlet", "feed", *numbers, "asked", "trouble", right=numbers, overflow="ellipsis")
    for row in listed.feeds:
        asked = (row.checked_at or "never")[:16].replace("T", " ")
        counts = map(str, (row.taken, row.pending, row.refused, row.given_up))
        table.add_row(Text(row.outlet), Text(row.url), *counts, asked, Text(row.why or ""))
    out().print(table)
    if not listed.feeds:
        say("The study has no feeds yet; add one with: slantwise feeds add URL --outlet NAME")
    print_refusals(listed.waiting, "waits")
    print_refusals(listed.given_up, "given up")
    if listed.waiting or listed.given_up:
        say("Ask for these pages again with:  slantwise feeds retry")


def poll(suggest: SuggestOption = False, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Check every feed once and add new articles.

    Each host gets one request at a time, with the pauses that study.toml and its robots.txt ask for. If a poll is
    interrupted, the next one continues where it stopped. A page that cannot be fetched is asked for again an hour, six
    hours, a day, two and four days later; then it is given up and listed.
    """
    from corpus.feeds.poll import poll_feeds

    opened = open_study(study)
    result, code = _poll_once(opened, suggest, poll_feeds)
    if as_json:
        emit(result)
    raise typer.Exit(code)


def retry(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL]...", help="Only these pages, or all of these feeds.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask again for pages that could not be fetched, and poll the feeds.

    Without an address these are all pages that were given up or wait for their next try; see feeds list.
    """
    from corpus.feeds.poll import retry_pages

    result, code = _poll_once(
        open_study(study), False, lambda study, progress: retry_pages(study, *(urls or ()), progress=progress)
    )
    if as_json:
        emit(result)
    raise typer.Exit(code)


def watch(
    every: Annotated[str, typer.Option(metavar="TIME", help="Time between two polls: 90s, 15m, 2h, 1d.")] = "15m",
    suggest: SuggestOption = False,
    times: Annotated[int | None, typer.Option(metavar="N", help="Stop after N polls.", min=1)] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll the feeds at regular intervals, until Ctrl+C.

    With --json each poll prints one object on one line.
    """
    from corpus.feeds.poll import poll_feeds

    opened = open_study(study)
    pause, number, code = seconds(every), 0, DONE
    while True:
        started = time.monotonic()
        result, code = _poll_once(opened, suggest, poll_feeds)
        number += 1
        if as_json:
            emit(result, indent=None)
        if number == times:
            raise typer.Exit(code)
        wait = max(1.0, pause - (time.monotonic() - started))
        say(f"next poll in {wait:.0f} s; stop with Ctrl+C")
        time.sleep(wait)


def _poll_once(study: Study, suggest: bool, poll: Callable[..., PollResult]) -> tuple[dict[str, Any], int]:
    """Poll with a progress bar, suggest codes if asked to; return what --json prints, and the exit code."""
    if suggest:
        from models.suggestions.checkpoint import current_checkpoint

        current_checkpoint(study)  # reports a missing model before anything is fetched
    with progress("asking the feeds") as (bar, task):

        def step(completed: int, total: int, description: str) -> None:
            bar.update(task, completed=completed, total=total, description=description[-50:])

        polled = poll(study, progress=step)
    for note in polled.notes:
        say(note)
    print_refusals(polled.own_keys[:5], "another article")
    print_refusals(polled.passed_over, "passed over")
    print_refusals(polled.warnings, "warning")
    print_refusals(polled.refusals)
    _print_some(polled.waiting, "waits")
    _print_some(polled.given_up, "given up")
    if polled.waiting or polled.given_up:
        say("Ask for these pages again with:  slantwise feeds retry")
    say(f"{polled.balance}; {polled.feeds} feeds, {polled.requests} requests, {polled.seconds:.0f} s")
    result = polled.json()
    if suggest:
        result |= _suggest_and_report(study)
    missing = polled.refusals or polled.warnings or polled.waiting or polled.given_up
    return result, DONE if not missing else PART if polled.up_to_date else NOTHING


def _print_some(pages: Sequence[Refusal], outcome: str) -> None:
    """List the first of the pages that failed at earlier polls."""
    print_refusals(pages[:_SHOWN], outcome)
    if len(pages) > _SHOWN:
        say(f"{outcome}: {len(pages) - _SHOWN} more; list them all with: slantwise feeds list")


def _suggest_and_report(study: Study) -> dict[str, Any]:
    """Suggest codes for uncoded spans, and write the report again if any were scored."""
    from annotate.cli.learning import train
    from annotate.report import write
    from models.suggestions.word_shares import word_shares

    suggested = train.suggest_codes(study)
    page = study.reports / "report.html"
    if suggested.scored or not page.is_file():
        with err().status("writing the report"):
            page = write(study, shares=word_shares(study)).report
    say(f"{suggested.scored} spans scored by {suggested.model}; the report: {page}")
    return {
        "scored": suggested.scored,
        "cached": suggested.cached,
        "model": suggested.model,
        "report": str(page),
    }


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """Return the seconds in a duration such as 15m.

    Raises BadStudy if the text is not a duration.

    >>> seconds("15m"), seconds("1.5h")
    (900.0, 5400.0)
    """
    from corpus.errors import BadStudy

    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd])", text.strip().lower())
    if match is None or not (pause := float(match[1]) * _UNITS[match[2]]):
        raise BadStudy(f"{text!r} is not a duration; expected a number and s, m, h or d, such as 15m")
    return pause
