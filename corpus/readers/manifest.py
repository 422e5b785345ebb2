"""Read a manifest: a table that says which outlet each file belongs to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpus.draft import Draft, Refusal
from corpus.errors import BadFile
from corpus.text.dates import date_problem, parse_date
from corpus.text.decoding import decode_file

from .table import column_list, csv_rows

MANIFEST_NAME = "manifest.csv"  # a file with this name in an added folder is the folder's manifest
_KNOWN_COLUMNS = {"file", "outlet", "country", "language", "published", "title", "url", "author", "rights", "event"}
_KNOWN_COLUMNS |= {"originator", "note"}


class Manifest:
    """The rows of a manifest, by file; rows that cannot be used are refusals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[Path, dict[str, str]] = {}
        self.refusals: list[Refusal] = []
        self.warnings: list[Refusal] = []
        text, doubt = decode_file(path.read_bytes())
        if doubt:
            self.warnings.append(Refusal(str(path), doubt))
        columns, rows = csv_rows(text)
        if missing := [name for name in ("file", "outlet") if name not in columns]:
            raise BadFile(
                f"the manifest has no column {missing[0]!r}; found {column_list(columns)}; it needs file and outlet"
            )
        for number, row in rows:
            where = f"{path}, row {number}"
            if isinstance(row, str):
                self.refusals.append(Refusal(where, row))
                continue
            fields = {name: (value or "").strip() for name, value in row.items()}
            file = path.parent / fields["file"]
            if not fields["file"] or not fields["outlet"]:
                self.refusals.append(Refusal(where, "the row has no file or no outlet; fill in both"))
            elif file.resolve() in self.rows:
                self.refusals.append(Refusal(where, f"{fields['file']} is in the manifest twice; keep one row"))
            elif not file.is_file():
                self.refusals.append(
                    Refusal(where, f"there is no file {file}; names are relative to the manifest's folder")
                )
            else:
                self.rows[file.resolve()] = fields
                if why := date_problem(fields.get("published")):
                    self.warnings.append(Refusal(where, why))

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
        other_columns = {name: value for name, value in row.items() if value and name not in (*_KNOWN_COLUMNS, "")}
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
            published=parse_date(row.get("published")),
            url=row.get("url"),
            key=row.get("url") or row["file"],
        )
