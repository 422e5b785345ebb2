"""What tests of the command line share: running it, and the list of its commands."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from annotate.cli.main import app

ROOT = Path(__file__).parent.parent


def slantwise(*words: object, cwd: Path, columns: int = 100) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "annotate.cli.main", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns)},
    )


def commands(group: typer.Typer = app, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    click = typer.main.get_command(group)

    def inside(command, path):  # type: ignore[no-untyped-def]
        below = getattr(command, "commands", None)
        return [leaf for name, one in below.items() for leaf in inside(one, (*path, name))] if below else [path]

    return inside(click, prefix)
