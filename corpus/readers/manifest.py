"""Manifests: a table that says which file is which outlet's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpus.draft import Draft, Refusal, date_problem, parse_date, read_text
from corpus.errors import BadFile

from .table import column_list, csv_rows

MANIFEST_NAME = "manifest.csv"  # a file of this name in a folder that is added is its manifest
_KNOWN_COLUMNS = {"file", "outlet", "country", "language", "published", "title", "url", "author", "rights", "event"}
_KNOWN_COLUMNS |= {"originator", "note"}


class Manifest:
    """What a manifest says about each file; rows that cannot be used are refusals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[Path, dict[str, str]] = {}
        self.refusals: list[Refusal] = []
        columns, rows = csv_rows(read_text(path))
        if missing := [name for name in ("file", "outlet") if name not in columns]:
            raise BadFile(
                f"the manifest has no column {missing[0]!r}; found {column_list(columns)}; it needs file and outlet"
            )
        for number, row in rows:
            where = f"{path}, row {number}"
            if isinstance(row, str):
                self.refusals.append(Refusal(where, row))
                continue
            said = {name: (value or "").strip() for name, value in row.items()}
            file = path.parent / said["file"]
            if not said["file"] or not said["outlet"]:
                self.refusals.append(Refusal(where, "the row names no file or no outlet; fill in both"))
            elif file.resolve() in self.rows:
                self.refusals.append(Refusal(where, f"{said['file']} stands in the manifest twice; keep one row"))
            elif not file.is_file():
                self.refusals.append(
                    Refusal(where, f"there is no file {file}; names are read from the manifest's folder")
                )
            else:
                self.rows[file.resolve()] = said
                if fault := date_problem(said.get("published")):
                    self.refusals.append(Refusal(where, fault))

    @property
    def files(self) -> list[Path]:
        """The files it names that are there, in its order."""
        return list(self.rows)

    def filled(self, file: Path, draft: Draft, *, alone: bool = True) -> Draft:
        """Return a file's draft with what the manifest says of it; a URL, else the file's name, is its key.

        Of a file with several articles, where a draft is not `alone`, each keeps its own key, title, date and URL.
        """
        row = self.rows.get(file.resolve())
        if row is None:
            return draft
        more = {name: value for name, value in row.items() if value and name not in (*_KNOWN_COLUMNS, "")}
        kept = {name: row[name] for name in ("country", "author", "note") if row.get(name)}
        draft = replace(draft, metadata={**draft.metadata, **kept, **more})
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
            published=parse_date(row.get("published")),
            url=row.get("url"),
            key=row.get("url") or row["file"],
        )
