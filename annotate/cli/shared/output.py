"""What commands say: results on standard output, messages and progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from annotate.tasks.store_answers import Taken
    from corpus.draft import Refusal

DONE, NOTHING, PART = 0, 2, 3  # exit codes: all done, nothing done, done in part

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@cache
def out() -> Console:
    """The console for results."""
    from rich.console import Console

    return Console(highlight=False)


@cache
def err() -> Console:
    """The console for messages and progress."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def emit(result: object) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def say(message: str) -> None:
    """Say something to the person, not to the machine that reads standard output."""
    err().print(message, markup=False)


def refused(refusals: Iterable[Refusal]) -> None:
    """List what was refused, and why."""
    for refusal in refusals:
        say(f"refused: {refusal.where}: {refusal.why}")


def tell(new: int, changed: int, unchanged: int, refusals: list[Refusal], as_json: bool, **more: object) -> NoReturn:
    """Say what was taken and what was refused, and end with the exit code for it."""
    refused(refusals)
    if as_json:
        listed = [refusal._asdict() for refusal in refusals]
        emit({"new": new, "changed": changed, "unchanged": unchanged, "refused": listed, **more})
    else:
        say(f"{new} new, {changed} changed, {unchanged} unchanged, {len(refusals)} refused")
    finish(new + changed + unchanged, len(refusals))


def tell_taken(done: Taken, as_json: bool, **more: Any) -> None:
    """Say what became of the assignments that answers were taken of, and list what was refused."""
    refused(done.refusals)
    if as_json:
        counts = {key: value for key, value in vars(done).items() if key != "refusals"}
        emit({**counts, **more, "refused": [refusal._asdict() for refusal in done.refusals]})
    else:
        say(
            f"{done.answered} answered ({done.new} new answers, {done.changed} changed, {done.removed} removed), "
            f"{done.skipped} skipped, {done.empty} empty, {done.deleted} deleted, {done.waiting} waiting, "
            f"{len(done.refusals)} refused"
        )


def write_page(file: Path, html: str) -> None:
    """Write a page, so that it is whole or not there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_name(f".{file.name}.part")
    scratch.write_text(html, encoding="utf-8")
    scratch.replace(file)


def finish(taken: int, refusals: int) -> NoReturn:
    """End with the exit code for so many things taken and refused."""
    raise typer.Exit(DONE if not refusals else PART if taken else NOTHING)


@contextmanager
def progress(what: str) -> Iterator[tuple[Progress, TaskID]]:
    """Show a bar while something long is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    parts = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Progress(*parts, console=err(), transient=True) as bar:
        yield bar, bar.add_task(what, total=1.0)


def figure(value: Any, digits: int = 3) -> str:
    """Write a figure of a table; what is not known is a dash.

    >>> figure(0.68449), figure(-0.0001), figure(None)
    ('.684', '.000', '–')
    """
    if value is None:
        return "–"
    text = f"{round(value, digits) + 0.0:.{digits}f}"  # adding 0 turns -0 into 0
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
