"""Read and append the results of benchmarks, one JSON object a line, so that runs can resume and tables be made."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Return the lines of a file; none where it does not exist."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def append_line(file: Path, line: dict[str, object]) -> None:
    """Append a line."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def measure_settings(file: Path, settings: Iterable[Any], measure: Callable[[Any], dict[str, object]]) -> None:
    """Measure each setting and append its line, which is shown too."""
    for setting in settings:
        line = measure(setting)
        append_line(file, line)
        sys.stderr.write(json.dumps(line) + "\n")


def data_and_recipe(data: Path) -> dict[str, str]:
    """Return what results depend on in addition to their settings: the digest of the data and the training recipe."""
    from models.suggestions.checkpoint import RECIPE

    return {"data": hashlib.sha256(data.read_bytes()).hexdigest()[:12], "recipe": RECIPE}


def comparable_lines(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines with the data and recipe of the last one, which may be compared with it."""
    return [line for line in lines if all(line[name] == lines[-1][name] for name in ("data", "recipe"))]
