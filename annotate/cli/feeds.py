"""Commands about feeds: add, list, poll, watch."""

from __future__ import annotations

import json
import re
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import DONE, NOTHING, PART, JsonOption, emit, err, out, print_refusals, progress, say

if TYPE_CHECKING:
    from corpus.feeds.poll import Polled
    from corpus.study import Study

feeds = typer.Typer(no_args_is_help=True, help="Take new articles from outlets' feeds, politely.")

SuggestOption = Annotated[
    bool, typer.Option("--suggest", help="Let the study's model score what is new, and write the report again.")
]


def register(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    app.add_typer(feeds, name="feeds")
    feeds.command("add", epilog="Example:  slantwise feeds add https://herald.example/rss --outlet Herald")(add)
    feeds.command("list", epilog="Example:  slantwise feeds list")(list_)
    feeds.command("poll", epilog="Example:  slantwise feeds poll --suggest")(poll)
    feeds.command("watch", epilog="Example:  slantwise feeds watch --every 15m --suggest")(watch)


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed's address: RSS, Atom or JSON Feed.")],
    outlet: Annotated[str, typer.Option(metavar="NAME", help="The outlet that publishes it.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a feed to the study.

    Nothing is fetched yet. Adding a feed twice changes nothing.
    """
    from corpus.feeds import subscriptions
    from corpus.feeds.addresses import parsed

    new = subscriptions.add(open_study(study), url, outlet)
    if as_json:
        emit({"url": parsed(url).url, "outlet": outlet, "new": new})
    else:
        say(f"{url} is {'now' if new else 'already'} a feed of {outlet}")
        say("Next:  slantwise feeds poll")


def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the study's feeds, and how it goes with them."""
    from corpus.feeds import subscriptions

    rows = subscriptions.listed(open_study(study))
    if as_json:
        emit({"feeds": rows})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("outlet", "feed", "articles", "waiting", "refused", "asked", "trouble"):
        table.add_column(name, justify="right" if name in ("articles", "waiting", "refused") else "left")
    for row in rows:
        numbers = [str(row[name]) for name in ("taken", "pending", "refused")]
        asked = (row["checked_at"] or "never")[:16].replace("T", " ")
        table.add_row(Text(row["outlet"]), Text(row["url"]), *numbers, asked, Text(row["why"] or ""))
    out().print(table)
    if not rows:
        say("The study has no feeds yet; add one with: slantwise feeds add URL --outlet NAME")


def poll(suggest: SuggestOption = False, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Ask every feed once and take what is new.

    Hosts are asked one request at a time with pauses, as study.toml and their robots.txt say. A poll that was stopped
    goes on where it was when it is run again.
    """
    opened = open_study(study)
    found, code = poll_feeds(opened, suggest)
    if as_json:
        emit(found)
    raise typer.Exit(code)


def watch(
    every: Annotated[str, typer.Option(metavar="TIME", help="The pause between two polls: 90s, 15m, 2h, 1d.")] = "15m",
    suggest: SuggestOption = False,
    times: Annotated[int | None, typer.Option(metavar="N", help="Stop after so many polls.", min=1)] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the feeds again and again, until Ctrl+C.

    With --json each poll prints one object on a line of its own.
    """
    opened = open_study(study)
    pause, number, code = seconds(every), 0, DONE
    while True:
        started = time.monotonic()
        found, code = poll_feeds(opened, suggest)
        number += 1
        if as_json:
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        if number == times:
            raise typer.Exit(code)
        left = max(1.0, pause - (time.monotonic() - started))
        say(f"the next poll is in {left:.0f} s; Ctrl+C ends it")
        time.sleep(left)


def poll_feeds(study: Study, suggest: bool) -> tuple[dict[str, Any], int]:
    """Poll with a bar, score what is new, say what happened; return it and the exit code."""
    from corpus.feeds.poll import poll as ask

    if suggest:
        from models.suggestions.checkpoint import current

        current(study)  # a study without a model is said before anything is fetched
    with progress("asking the feeds") as (bar, task):

        def step(done: int, known: int, what: str) -> None:
            bar.update(task, completed=done, total=known, description=what[-50:])

        done = ask(study, progress=step)
    print_refusals(done.refusals)
    say(
        f"{len(done.new)} new, {len(done.changed)} changed, {done.unchanged} unchanged, {len(done.refusals)} refused; "
        f"{done.feeds} feeds, {done.requests} requests, {done.seconds:.0f} s"
    )
    found = _result(done)
    if suggest:
        found |= _suggest_and_report(study)
    return found, DONE if not done.refusals else PART if done.worked else NOTHING


def _result(done: Polled) -> dict[str, Any]:
    return {
        "feeds": done.feeds,
        "new": len(done.new),
        "changed": len(done.changed),
        "unchanged": done.unchanged,
        "refused": [{"where": refusal.where, "why": refusal.why} for refusal in done.refusals],
        "articles": {"new": done.new, "changed": done.changed},
        "requests": done.requests,
        "seconds": round(done.seconds, 2),
    }


def _suggest_and_report(study: Study) -> dict[str, Any]:
    """Score what nobody has coded and write the report again where something was scored."""
    from annotate.cli.learning import train

    from . import report as reporting

    scored = train.suggest_codes(study)
    report = study.reports / "report.html"
    if scored.scored or not report.is_file():
        with err().status("writing the report"):
            report = reporting.write_report(study, reporting.last_evaluation(study))
    say(f"{scored.scored} spans scored by {scored.model}; the report: {report}")
    return {"scored": scored.scored, "cached": scored.cached, "model": scored.model, "report": str(report)}


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float:
    """Return the seconds in a time such as 15m.

    Raises BadStudy where it is none.

    >>> seconds("15m"), seconds("1.5h")
    (900.0, 5400.0)
    """
    from corpus.errors import BadStudy

    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd])", text.strip().lower())
    if match is None or not (pause := float(match[1]) * _UNITS[match[2]]):
        raise BadStudy(f"{text!r} is no time between two polls; expected a number and s, m, h or d, such as 15m")
    return pause
