"""Read a manifest: a table that says which outlet each file belongs to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from corpus.draft import Draft, Refusal
from corpus.errors import BadFile
from corpus.text.decoding import check_file, decode_file

from .tables.columns import ColumnNames, column_list, fields_of
from .tables.csv_text import csv_table
from .tables.rows import Notes, RowCleaner, rows_in_words

MANIFEST_NAME = "manifest.csv"  # a file with this name in an added folder is the folder's manifest
_FIELDS = ("file", "outlet", "country", "language", "date", "title", "url", "rights", "event", "originator")
_OF_DRAFTS = {*_FIELDS, "author", "note"}


class Manifest:
    """The rows of a manifest, by file; rows that cannot be used are refusals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[Path, dict[str, str]] = {}
        self.refusals: list[Refusal] = []
        self.warnings: list[Refusal] = []
        self._listings: dict[Path, dict[str, list[str]]] = {}
        check_file(path)
        text, doubt = decode_file(path.read_bytes())
        if doubt:
            self.warnings.append(Refusal(str(path), doubt))
        table = csv_table(text)
        fields, names, notes = fields_of(table.columns, _FIELDS), ColumnNames(_FIELDS), Notes(str(path))
        if missing := [name for name in ("file", "outlet") if name not in fields]:
            raise BadFile(
                f"the manifest has no column {missing[0]!r}; found {column_list(table.columns)}; "
                "it needs file and outlet"
            )
        rows = [(number, row if isinstance(row, str) else names.renamed(row, number)) for number, row in table.rows]
        cleaner = RowCleaner([row for _, row in rows if not isinstance(row, str)], notes)
        for number, row in rows:
            clean = row if isinstance(row, str) else cleaner.clean(row, number)
            if why := clean if isinstance(clean, str) else self._take(clean):
                self.refusals.append(Refusal(f"{path}, row {number}", why))
        self.warnings += [Refusal(str(path), why) for why in table.notes]
        self.warnings += notes.warnings()
        self.warnings += [Refusal(f"{path}, {rows_in_words(numbers)}", why) for numbers, why in names.differences()]

    def _take(self, row: dict[str, Any]) -> str | None:
        """Keep a row under its file; return why it cannot be used, None if it can."""
        fields = {name: str(value).strip() for name, value in row.items()}
        if "file" not in fields or "outlet" not in fields:
            return "the row has no file or no outlet; fill in both"
        file = _file_named(self.path.parent, fields["file"], self._listings)
        if file is None:
            return f"there is no file {self.path.parent / fields['file']}; names are relative to the manifest's folder"
        if file.resolve() in self.rows:
            return f"{fields['file']} is in the manifest twice; keep one row"
        self.rows[file.resolve()] = fields
        return None

    @property
    def files(self) -> list[Path]:
        """The existing files named in the manifest, in its order."""
        return list(self.rows)

    def complete(self, file: Path, draft: Draft, *, alone: bool = True) -> Draft:
        """Return a file's draft with the fields of its row; its key is the URL, or else the file's name.

        If the draft is not `alone` in its file, it keeps its own key, title, date and URL.
        """
        row = self.rows.get(file.resolve())
        if row is None:
            return draft
        other_columns = {name: value for name, value in row.items() if value and name not in _OF_DRAFTS}
        metadata_columns = {name: row[name] for name in ("country", "author", "note") if row.get(name)}
        draft = replace(draft, metadata={**draft.metadata, **metadata_columns, **other_columns})
        draft = draft.with_values(
            outlet=row["outlet"],
            originator=row.get("originator"),
            language=row.get("language"),
            rights=row.get("rights"),
            event=row.get("event"),
        )
        if not alone:
            return draft
        return draft.with_values(
            title=row.get("title"),
            published=date.fromisoformat(row["date"]) if "date" in row else None,
            url=row.get("url"),
            key=row.get("url") or row["file"],
        )


def _file_named(folder: Path, name: str, listings: dict[Path, dict[str, list[str]]]) -> Path | None:
    """Return the file of a name in a folder, None if there is none or more than one.

    Names are the same if they differ only in case, in how accents are encoded, and in / or \\, as on other systems.
    """
    try:
        if (file := folder / name).is_file():
            return file
        for part in re.split(r"[/\\]+", name.removeprefix("./")):
            if not (folder / part).exists():
                if folder not in listings:
                    listings[folder] = {}
                    for inside in folder.iterdir():
                        listings[folder].setdefault(_folded(inside.name), []).append(inside.name)
                found = listings[folder].get(_folded(part), [])
                if len(found) != 1:
                    return None
                part = found[0]
            folder /= part
    except (OSError, ValueError):
        return None
    return folder if folder.is_file() else None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
