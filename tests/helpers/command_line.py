"""What tests of the command line share: giving a command, in this process or in one of its own, and their list."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest
import typer
from sqlalchemy import Connection, Engine, event

from annotate.cli.main import app, run
from annotate.cli.shared import output
from annotate.cli.shared.open_study import global_options

ROOT = Path(__file__).parents[2]
QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)  # as Python is when it starts


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def slantwise(*words: object, cwd: Path, columns: int = 100) -> Said:
    """Give a command in this process, as a person types it in a folder; what it said and opened is this call's alone."""
    stdout, stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n", write_through=True) for _ in range(2))
    said = stdout.buffer, stderr.buffer
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, warnings_said(stderr), engines_disposed(), consoles_of_its_own():
        patch.chdir(cwd)
        patch.setenv("COLUMNS", str(columns))
        patch.setattr(sys, "argv", ["slantwise", *map(str, words)])
        for name, stream in (("stdin", io.StringIO()), ("stdout", stdout), ("stderr", stderr)):
            patch.setattr(sys, name, stream)
        try:
            run()
        except SystemExit as ended:
            code = ended.code
    assert code is None or isinstance(code, int), code
    return Said(code or 0, *(one.getvalue().decode() for one in said))


def process(*words: object, cwd: Path, columns: int = 100) -> subprocess.CompletedProcess[str]:
    """Give a command in a process of its own: for what only a process has, and once for each command."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "annotate.cli.main", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)},
    )


@contextlib.contextmanager
def warnings_said(stderr: TextIO) -> Iterator[None]:
    """Let warnings be said, as a process does, where the tests' own setting makes them errors."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        for kind in QUIET:
            warnings.simplefilter("ignore", kind)
        warnings.showwarning = lambda message, category, file, line, *_: stderr.write(
            warnings.formatwarning(message, category, file, line)
        )
        yield


@contextlib.contextmanager
def engines_disposed() -> Iterator[None]:
    """Let go of the stores that a command has opened, as the end of its process does."""
    opened: set[Engine] = set()

    def connected(connection: Connection) -> None:
        opened.add(connection.engine)

    event.listen(Engine, "engine_connect", connected)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", connected)
        for engine in opened:
            engine.dispose()


@contextlib.contextmanager
def consoles_of_its_own() -> Iterator[None]:
    """Forget the consoles, which know how wide they are, and the study that was named before the command."""

    def forget() -> None:
        output.out.cache_clear()
        output.err.cache_clear()
        global_options.clear()

    forget()
    try:
        yield
    finally:
        forget()


def commands(group: typer.Typer = app, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    click = typer.main.get_command(group)

    def inside(command, path):  # type: ignore[no-untyped-def]
        below = getattr(command, "commands", None)
        return [leaf for name, one in below.items() for leaf in inside(one, (*path, name))] if below else [path]

    return inside(click, prefix)
