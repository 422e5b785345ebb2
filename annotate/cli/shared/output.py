"""Print results on standard output, and messages and progress on standard error."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console, OverflowMethod
    from rich.progress import Progress, TaskID
    from rich.segment import Segment
    from rich.table import Table

    from annotate.tasks.import_results import ImportedRound
    from corpus.annotations.record import RecordResult
    from corpus.draft import Refusal

DONE, NOTHING, PART = 0, 2, 3  # exit codes: all done, nothing done, done in part

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@cache
def out() -> Console:
    """The console for results."""
    return _console(stderr=False)


@cache
def err() -> Console:
    """The console for messages and progress."""
    return _console(stderr=True)


def _console(stderr: bool) -> Console:
    """Return a console on which no text of others steers the terminal or turns the direction of what follows."""
    from rich.console import Console
    from rich.segment import Segment
    from rich.table import Table
    from rich.text import Text

    from corpus.result import shown_codes

    def shown(cell: Any) -> Any:
        words = cell.plain if isinstance(cell, Text) else cell
        if not isinstance(words, str) or (codes := shown_codes(words)) == words:
            return cell
        return Text(codes, style=cell.style) if isinstance(cell, Text) else codes

    class TextConsole(Console):
        def render(self, renderable: Any, options: Any = None) -> Iterator[Segment]:
            if isinstance(renderable, Table):  # before its columns are measured
                for column in renderable.columns:
                    column._cells[:] = map(shown, column._cells)
            for segment in super().render(renderable, options):
                yield segment if segment.control else Segment(shown_codes(segment.text), segment.style)

    return TextConsole(stderr=stderr, highlight=False)


def print_any_letter() -> None:
    """Let a terminal that is not UTF-8 show letters it does not have as codes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def emit(result: object, *, indent: int | None = 1) -> None:
    """Print one JSON object."""
    # as UTF-8 whatever the terminal has: programs read it
    text = json.dumps(result, ensure_ascii=False, indent=indent) + "\n"
    text = re.sub("[\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda match: f"\\u{ord(match[0]):04x}", text)
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # not a stream of bytes, as in a notebook
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    binary.write(text.encode("utf-8", "backslashreplace"))
    binary.flush()


def say(message: str) -> None:
    """Print a message on standard error; only a terminal wraps it, so that a command in it can be pasted from a log."""
    err().print(message, markup=False, soft_wrap=not err().is_terminal)


def print_refusals(refusals: Iterable[Refusal], outcome: str = "refused") -> None:
    """List refused items, or those with another outcome, with the reason for each."""
    for refusal in refusals:
        say(f"{outcome}: {refusal.where}: {refusal.why}")


def say_cut(cut_texts: int) -> None:
    """Print how many cut texts a figure leaves out."""
    if cut_texts:
        texts = "1 cut text is" if cut_texts == 1 else f"{cut_texts:,} cut texts are"
        say(f"{texts} left out; see: slantwise article cut")


def print_answer_counts(done: ImportedRound, as_json: bool) -> None:
    """Print how many assignments were answered, skipped or are open, and list the refused answers."""
    print_refusals(done.refusals)
    print_refusals(done.warnings, "warning")
    if as_json:
        emit(done.json())
    else:
        say(
            f"{done.answered} answered ({done.new} new answers, {done.changed} changed, {done.removed} removed), "
            f"{done.skipped} skipped, {done.empty} empty, {done.deleted} deleted, {done.waiting} waiting, "
            f"{len(done.refusals)} refused"
        )
    say_late(done)


def say_late(done: RecordResult) -> None:
    """Print how many answers were changed after the round was handed in."""
    from corpus.study.history.handing_in import late_answers

    if done.late:
        say(f"{late_answers(done.late)}; all are kept: study.answer_changes()")


def finish(taken: int, refusals: int) -> NoReturn:
    """Exit with 0 if nothing was refused, 3 if something was taken and something refused, 2 otherwise."""
    raise typer.Exit(DONE if not refusals else PART if taken else NOTHING)


@contextmanager
def progress(description: str) -> Iterator[tuple[Progress, TaskID]]:
    """Show a progress bar."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    # without a terminal there is no bar, and rich would leave an empty line
    with Progress(*columns, console=err(), transient=True, disable=not err().is_interactive) as bar:
        yield bar, bar.add_task(description, total=1.0)


def shown(bar: Progress, task: TaskID) -> Callable[[str, float], None]:
    """Return a function that shows a step and its share, from 0 to 1, on a progress bar."""
    return lambda step, share: bar.update(task, description=step, completed=share)


def plain_table(*columns: str, right: Collection[str] = (), overflow: OverflowMethod = "fold", **options: Any) -> Table:
    """Return an empty table without lines; the columns named in `right` are for numbers and never wrap."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", **options)
    for name in columns:
        is_number = name in right
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow=overflow)
    return table


def figure(value: Any, digits: int = 3) -> str:
    """Format a number for a table; an unknown one becomes a dash.

    >>> figure(0.68449), figure(-0.0001), figure(None)
    ('.684', '.000', '–')
    """
    if value is None:
        return "–"
    text = f"{round(value, digits) + 0.0:.{digits}f}"  # adding 0 turns -0 into 0
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
