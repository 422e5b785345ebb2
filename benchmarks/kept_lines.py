"""Kept lines: what was measured, a JSON object a line, so that a stopped run goes on and tables can be made."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from models.suggestions.checkpoint import RECIPE


def lines(file: Path) -> list[dict[str, Any]]:
    """Return the lines that are kept in a file; none where it is not there."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def keep(file: Path, line: dict[str, object]) -> None:
    """Append a line."""
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")


def made_from(data: Path) -> dict[str, str]:
    """Return what lines depend on besides their own settings: the digest of the data, and the recipe of training."""
    return {"data": hashlib.sha256(data.read_bytes()).hexdigest()[:12], "recipe": RECIPE}


def latest(kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines made from the same as the last one, which may be compared."""
    return [line for line in kept if all(line[name] == kept[-1][name] for name in ("data", "recipe"))]
