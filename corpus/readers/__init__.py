"""Readers: from a file to the articles in it, and a list of what was refused and why."""

from __future__ import annotations

from pathlib import Path

from ..errors import BadFile
from .draft import Draft, Reading, Refusal

__all__ = ["Draft", "Reading", "Refusal", "read"]

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
PAGES = (".html", ".htm", ".xhtml")


def read(path: Path, name: str | None = None) -> Reading:
    """Read one file by its name's ending; what is neither a table nor a web page is read as plain text.

    `name` is what its articles are known by, where nothing better stands in the file; by default the file's name.
    Never raises for what stands in the file: an unreadable one is a refusal.
    """
    name = name or path.name
    try:
        if path.suffix.lower() in TABLES:
            from .table import read_table

            return read_table(path, name)
        if path.suffix.lower() in PAGES:
            from .html import read_html

            return Reading([read_html(path, name)], [])
        from .text import read_text

        return Reading([read_text(path, name)], [])
    except BadFile as error:
        return Reading([], [Refusal(str(path), str(error))])
    except OSError as error:
        return Reading([], [Refusal(str(path), f"cannot be opened ({error.strerror}); check the name and your rights")])
