"""Ask before something is deleted."""

from __future__ import annotations

import sys

import typer

from .output import say


def is_confirmed(question: str) -> bool:
    """Ask on a terminal whether to go on; elsewhere say that --yes does."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        try:
            if typer.confirm(question, err=True):
                return True
        except typer.Abort:
            pass
        say("nothing was changed")
        return False
    say("nothing was changed; to go on: the same command with --yes")
    return False
