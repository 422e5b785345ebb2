"""Stop a command by Ctrl-C or a signal: in order, with a sentence on what is stored, and the usual exit code."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN = 0.05  # seconds until an interrupt that Python dropped is repeated
SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

# What is stored when a command is stopped, by its first words; commands that store nothing are not listed.
_STORED = {
    "add": "files that were read are stored; the same command again adds the others",
    "adjudicate": "decisions that were stored stay; the same command again goes on",
    "article": "the change is stored whole or not at all; the same command again makes it",
    "article remove": "articles that were removed stay removed; the same command again removes the others",
    "benchmark": "results that were finished stay; the same command again computes the others",
    "codebook migrate": "the answers are as before, or all of them are changed; the same command again finishes",
    "copies": "articles that were compared stay compared; the same command again compares the others",
    "demo": "finished steps stay; go on with: slantwise demo DIR --again",
    "evaluate": "trained folds are kept; the same command again trains the others",
    "events": "the groups are as before, or all new ones are stored; the same command again finishes",
    "export": "files that were written are whole; the same command again writes them all",
    "feeds add": "the feed is stored or not; the same command again stores it",
    "feeds poll": "articles that were fetched are stored; the same command again fetches the others",
    "feeds": "what was stored stays; the same command again goes on",
    "import": "answers that were stored stay; the same command again stores the others and changes no answer twice",
    "init": "the study may not be complete; the same command again completes it",
    "estimate": "predictions made so far are stored; the same command again makes the others",
    "plan new": "no plan is half written; the same command again writes it",
    "plan freeze": "the plan is frozen or not: slantwise plan show; its files are whole, or are missing",
    "report": "the study is unchanged and no page is half written; the same command again writes it",
    "respan": "texts that were split stay split; the same command again splits the others",
    "round": "the round is stored whole or not at all; the same command again does what is missing",
    "round close": "the round is closed or not; the same command again closes it",
    "round remove-coder": "the coder is removed or not; the same command again removes the coder",
    "studio push": "tasks that were sent stay; the same command again sends the missing ones",
    "studio pull": "answers that were fetched are stored; the same command again fetches the others",
    "studio serve": "answers that were fetched are stored; slantwise studio pull fetches the others",
    "studio start": "a server that was not ready is stopped; the same command again starts it",
    "studio stop": "the same command again stops the servers that still run",
    "study backup": "no backup is half written; the same command again writes it",
    "study copy": "the copy may not be complete, and this study is unchanged; the same command again completes it",
    "study repair": "what was mended stays; the same command again goes on",
    "study restore": "the backup is unchanged; the same command again restores it",
    "suggest": "spans that were scored keep their suggestions; the same command again scores the others",
    "train": "the training resumes where it last stored its state: type the same command again",
    "training": "decisions that were stored stay; the same command again goes on",
}


class Stopped(BaseException):
    """A command that Ctrl-C or a signal ended; Typer would swallow a KeyboardInterrupt."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


_received: list[int] = []


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP interrupt like Ctrl-C, so that whatever is under way is undone or stored in order.

    A program that is starting or ending is simply ended by Ctrl-C, without a traceback.
    """
    _received.clear()
    earlier = {}
    for number in (signal.SIGINT, *SIGNALS):
        # `nohup` ignores SIGHUP, and a script's `&` SIGINT, which stays so
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            earlier[number] = signal.signal(number, _interrupt)
    earlier_hook = sys.unraisablehook
    if earlier and hasattr(signal, "SIGALRM"):
        earlier[signal.SIGALRM] = signal.signal(signal.SIGALRM, _interrupt_again)
        sys.unraisablehook = _repeat_dropped
    try:
        yield
    finally:
        sys.unraisablehook = earlier_hook
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt


def _interrupt_again(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _repeat_dropped(dropped: sys.UnraisableHookArgs) -> None:
    """Interrupt again if the interrupt came where Python drops errors, as while it frees memory."""
    if _received and issubclass(dropped.exc_type, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
    else:
        sys.__unraisablehook__(dropped)


def is_interrupted() -> bool:
    """Return whether a signal was received; a library may have made another error of the KeyboardInterrupt."""
    return bool(_received)


def stopped() -> Stopped:
    """Return what a KeyboardInterrupt means: Ctrl-C, or the signal that was received."""
    return Stopped(_received[0] if _received else signal.SIGINT)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore further signals, so that a second Ctrl-C does not cut off the message about the first."""
    earlier = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *SIGNALS)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def what_is_stored(command: str) -> str:
    """Return what is stored of a stopped command, and what the same command does if it is typed again.

    >>> what_is_stored("feeds poll")
    'articles that were fetched are stored; the same command again fetches the others'
    >>> what_is_stored("kwic")
    'the study is unchanged'
    """
    first = command.split(" ")[0]
    return _STORED.get(command) or _STORED.get(first) or "the study is unchanged"
