"""Read CSV: find its separator and its header, and go on after a damaged row where that is certain."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from corpus.draft import short_message
from corpus.errors import BadFile
from corpus.text.dates import parse_date

from .cells import OWN_COLUMN, is_missing, without_escape
from .columns import FIELDS, folded_name, refuse_doubled
from .quoting import as_csv, has_row_names, is_even, is_table_of_r

SEPARATORS = ",;\t|"
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[;,\t]*(?:\r\n|\r|\n)", re.IGNORECASE)  # Excel's
_SAMPLE = 60_000  # characters by which the separator is found
_SAMPLE_ROWS, _HEADER_ROWS = 30, 10
_SHORT = 60  # characters of a cell that may be repeated in every row, such as the outlet's name
_NOT_CLOSED = "a quotation mark is probably not closed or not doubled"

Row = tuple[int, dict[str, str] | str]


@dataclass
class CsvTable:
    """A CSV's columns, its numbered rows with a reason in the place of each that cannot be used, and other notes."""

    columns: list[str]
    rows: Iterator[Row]
    notes: list[str] = field(default_factory=list)


def csv_table(text: str) -> CsvTable:
    """Return the table in a text, with any separator of , ; | and tab, or as R's write.table writes it. Raises BadFile.

    >>> table = csv_table("sep=;\\noutlet;text\\nHerald;Velo fell, at dawn.\\nCourier\\n")
    >>> table.columns, [row if isinstance(row, dict) else row[:31] for _, row in table.rows]
    (['outlet', 'text'], [{'outlet': 'Herald', 'text': 'Velo fell, at dawn.'}, 'the row has 1 of the 2 cells of'])
    """
    csv.field_size_limit(2**31 - 1)  # a field may hold a whole article
    stated = _SEPARATOR_LINE.match(text)
    text = text[stated.end() :] if stated else text.removeprefix("\ufeff")
    chosen = " " if is_table_of_r(text) else stated[1] if stated and stated[1] in SEPARATORS else None
    separator, above = _structure(text, chosen)
    text = as_csv(text, separator) if not above else text
    lines = io.StringIO(text, newline="")
    notes = []
    for _ in range(above):
        if line := next(lines).strip().strip(separator):
            notes.append(f"the line {line[:60]!r} above the names of the columns was passed over")
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile(
            f"its first row is incomplete ({short_message(error)}); a quotation mark is probably not closed"
        ) from None
    refuse_doubled(columns)
    header = next(islice(io.StringIO(text, newline=""), above, None), "")
    if has_row_names(header, separator, [cells for line, cells in _sample(text, separator) if line > above]):
        columns = ["", *columns]
    return CsvTable(columns, _Rows(text, separator, columns, above).read(reader), notes)


def _structure(text: str, stated: str | None) -> tuple[str, int]:
    """Return the separator, and the number of lines above the row with the names of the columns.

    Known names in one row decide, then whether all rows have as many cells as that one.
    """
    best: tuple[tuple[float, ...], str, int] = ((-1.0,), stated or ",", 0)
    sample = text[: _SAMPLE + 1].replace('\\"', '""')  # quotation marks of R and of databases
    for separator in stated or SEPARATORS:
        rows = _sample(sample, separator)
        for index, (line, cells) in enumerate(rows[:_HEADER_ROWS]):
            known = len({name for cell in cells if len(cell) < 40 and (name := folded_name(cell)) in FIELDS})
            if index and (known < 2 or line != index):  # a note above the header is one line
                continue
            below = rows[index + 1 :]
            has_names = text.startswith('"') and all(len(row) == len(cells) + 1 for _, row in below)  # as in R
            even = sum(has_names or len(row) == len(cells) for _, row in below) / len(below) if below else 0.0
            evenness = even if len(cells) > 1 or known else -1.0
            score = (known, evenness, float(has_names and bool(below)), float(len(cells)), -float(index))
            if score > best[0]:
                best = score, separator, line
    return best[1], best[2]


def _sample(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the first rows, each with the number of the line at which it begins."""
    reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=separator)
    rows, line = [], 0
    for cells in islice(reader, _SAMPLE_ROWS):
        if cells:
            rows.append((line, cells))
        line = reader.line_num
    return rows[:-1] if len(text) > _SAMPLE and len(rows) > 2 else rows


class _Rows:
    """Reads the rows below the header; `line` is the number of lines above the header."""

    def __init__(self, text: str, separator: str, columns: list[str], line: int) -> None:
        self._text, self._separator, self._columns, self._line = text, separator, columns, line
        self._fields = [FIELDS.get(folded_name(name), "") for name in columns]
        # a table without any sign of damage: a line of a text has to look more like a row to be taken for one
        self._signs = 2 if '"' in text and is_even(text, separator) else 1
        self._is_ours = OWN_COLUMN in columns  # its apostrophes before = + - @ are no part of the text
        self._lines: list[str] = []
        self._examples: list[list[str]] = []

    def read(self, reader: Any) -> Iterator[Row]:
        """Yield the rows that the reader has before it."""
        number, start, columns = 0, self._line, self._columns
        width, nameless = len(columns), "" in columns
        while True:
            before = start + reader.line_num
            why: str | None = None
            try:
                cells = next(reader, None)
            except csv.Error as error:
                cells, why = [], f"the table is damaged here ({short_message(error)}); {_NOT_CLOSED}"
            else:
                if cells is None:
                    return
                if not any(cell.strip() for cell in cells):
                    continue  # a line without words, or of separators alone
                if len(cells) > width and not any(cells[width:]):
                    cells = cells[:width]
            number += 1
            several = start + reader.line_num - before > 1
            if why is None and len(cells) == width and not (several and self._swallowed(cells)):
                if self._is_ours and any(cell[:1] == "'" for cell in cells):
                    cells = [without_escape(cell) for cell in cells]
                row = dict(zip(columns, cells, strict=True))
                if nameless:
                    row.pop("", None)  # the row numbers that pandas writes
                if len(self._examples) < 3:
                    self._examples.append(cells)
                yield number, row
                continue
            if why is None and not several:
                yield number, self._uneven(cells)
                continue
            following = self._next_certain_line(before + 1)
            why = why or f"the row has {len(cells)} cells over several lines, the first row has {width}; {_NOT_CLOSED}"
            yield number, f"{why}; {self._lost(before, following)}"
            if following is None:
                return
            start, reader = following, self._reader(following)

    def _uneven(self, cells: list[str]) -> str:
        """Return in words that a row has fewer or more cells than the header."""
        width = len(self._columns)
        if len(cells) > width:
            return "the row has more fields than the first one; quote fields that contain the separator"
        missing = ", ".join(self._columns[len(cells) :][:5])
        return (
            f"the row has {len(cells)} of the {width} cells of the first row (without {missing:.80}); "
            "a separator is missing or the row is cut; complete it"
        )

    def _reader(self, line: int) -> Any:
        lines = io.StringIO(self._text, newline="")
        for _ in range(line):
            next(lines)
        return csv.reader(lines, delimiter=self._separator, strict=True)

    def _all_lines(self) -> list[str]:
        self._lines = self._lines or list(io.StringIO(self._text, newline=""))
        return self._lines

    def _swallowed(self, cells: list[str]) -> bool:
        """Return whether a cell over several lines holds a line that is certainly a row."""
        least = len(self._columns) - 1
        if not least:
            return False
        for cell in cells:
            if cell.count(self._separator) < least:
                continue
            for line in cell.replace("\r", "\n").split("\n")[1:]:
                if line.count(self._separator) >= least and self._is_certain(line):
                    return True
        return False

    def _next_certain_line(self, line: int) -> int | None:
        lines = self._all_lines()
        return next((n for n in range(line, len(lines)) if self._is_certain(lines[n], lines[n : n + 200])), None)

    def _is_certain(self, line: str, following: list[str] | None = None) -> bool:
        """Return whether a row certainly begins with a line: its cells are of the kinds of their columns.

        It has as many cells as the header; dates, addresses and numbers are such; and one of them, or a short cell that
        earlier rows have as well, is filled in. Of a table in which all else is right two such cells are asked for.
        """
        whole = line.count('"') % 2 == 0
        if not whole and not following:
            return False
        try:
            lines = [line] if whole else following or [line]
            cells = next(csv.reader(lines, delimiter=self._separator, strict=True), [])
        except csv.Error:
            return False
        if len(cells) != len(self._columns) or len(cells) < 2:
            return False
        signs = 0
        for place, (name, cell) in enumerate(zip(self._fields, cells, strict=True)):
            if is_missing(cell) or name == "text":
                continue
            if name in ("date", "day", "updated"):
                if parse_date(cell) is None:
                    return False
                signs += 1
            elif name == "url":
                if not cell.strip().lower().startswith(("http://", "https://")):
                    return False
                signs += 1
            elif len(cell) <= _SHORT and any(cell == example[place] for example in self._examples):
                signs += 1
        return signs >= self._signs

    def _lost(self, before: int, following: int | None) -> str:
        first, last = before + 1, len(self._all_lines()) if following is None else following
        lines = f"line {first} of the file was" if first == last else f"lines {first} to {last} of the file were"
        rest = " to its end" if following is None and last > first else ""
        return f"{lines} not read{rest}; correct this and add the file again"
