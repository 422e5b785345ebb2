"""Clean the rows of a table: leave out missing values, read dates, and refuse or note what is not as it should be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corpus.draft import Refusal
from corpus.text.dates import DateColumn

from .cells import (
    EXCEL_CELL,
    is_cut,
    is_formula_error,
    is_missing,
    without_escapes,
    without_markup,
    wrong_key,
    wrong_type,
)

KEY_FIELDS = ("url", "article_id", "id")  # the first that is given is the article's key
_TEXT_FIELDS = {"text", "title", "outlet", "url", "article_id", "id", "language", "desc"}
_SUSPECT = set("[{cbl# ")  # the first letters of lists, objects and errors that are written as text
_FLOAT = re.compile(r"\d+\.0")
_CODE = re.compile(r"[A-Z]{2}")
_END = re.compile(r"[.!?…。！？؟।:;\"'”’»“)\]\s]$")
_MIN_CUT, _MIN_CUT_ROWS = 200, 3  # characters and rows: so many different texts of one length are no chance
_WORD, _WORDS = re.compile(r"[^\W\d][\w.-]{0,30}"), 30  # a column's name; characters that texts have at least
_LISTED = 3  # rows that one warning names


class Notes:
    """Warnings about rows, each with the rows that it concerns."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: dict[str, list[int]] = {}

    def add(self, number: int, why: str) -> None:
        """Add a warning about a row."""
        self._rows.setdefault(why, []).append(number)

    def warnings(self) -> Iterable[Refusal]:
        """Yield the warnings, in the order of their first rows."""
        for why, numbers in self._rows.items():
            yield Refusal(f"{self._source}, {rows_in_words(numbers)}", why)


def rows_in_words(numbers: Sequence[int]) -> str:
    """Return which rows are meant.

    >>> rows_in_words([3]), rows_in_words([3, 5]), rows_in_words([1, 2, 3, 4, 5])
    ('row 3', 'rows 3 and 5', 'rows 1, 2, 3 and 2 more')
    """
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    if len(numbers) <= _LISTED:
        return f"rows {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
    return f"rows {', '.join(map(str, numbers[:_LISTED]))} and {len(numbers) - _LISTED:,} more"


class RowCleaner:
    """Cleans rows whose columns have the names of fields; it knows all rows of the table."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], notes: Notes) -> None:
        self._notes = notes
        self._dates = DateColumn(
            [row.get("date") for row in rows] + [row["updated"] for row in rows if "updated" in row]
        )
        self._floats = {name for name in ("id", "article_id") if _all_match(_FLOAT, rows, name)}
        self._namibia = _all_match(_CODE, rows, "country")  # NA is its code where all values are codes
        self._lengths: dict[int, list[tuple[int, str]]] = {}

    def clean(self, row: Mapping[str, Any], number: int) -> dict[str, Any] | str:
        """Return a row without missing values, with days for dates and without markup; or why it is refused."""
        clean: dict[str, Any] = {}
        for name, value in row.items():
            if type(value) is str:
                if (len(value) < 7 or value[0] <= " ") and is_missing(value):
                    if not (self._namibia and name == "country" and value == "NA"):
                        continue
                elif (
                    (value[0] in _SUSPECT or (name == "text" and len(value) < 41))
                    and name in _TEXT_FIELDS
                    and (why := _wrong(name, value, row))
                ):
                    return why
            elif is_missing(value):
                continue
            elif name in _TEXT_FIELDS and (why := _wrong(name, value, row)):
                return why
            clean[name] = value
        for key in KEY_FIELDS:
            if key in clean:
                if wrong := wrong_key(clean[key]):
                    return f"its {key} {wrong}"
                if isinstance(value := clean[key], float) and value.is_integer():
                    clean[key] = int(value)
                elif key in self._floats:
                    clean[key] = str(value).strip().removesuffix(".0")
                break
        self._clean_texts(clean, number)
        if "date" in clean or "updated" in clean:
            self._read_dates(clean, number)
        return clean

    def _clean_texts(self, row: dict[str, Any], number: int) -> None:
        for name in ("title", "text", "desc"):
            value = row.get(name)
            if type(value) is not str:
                continue
            if ("<" in value or "&" in value) and (plain := without_markup(value)) is not None:
                row[name] = plain
                self._notes.add(number, f"the {name} had tags or entities of HTML, which were removed")
            if ("\\" in value or "_x" in value) and (written := without_escapes(row[name])) is not None:
                row[name] = written
                if "\\" in value:
                    self._notes.add(number, rf"the {name} had codes such as \u201c or \n, which were replaced")
            if name == "text" and len(value) >= _MIN_CUT:
                if is_cut(value):
                    why = f"the text ends at {EXCEL_CELL:,} characters, the most that a cell of Excel holds"
                    self._notes.add(number, f"{why}; it was probably cut; export the texts without Excel")
                elif not _END.search(value[-2:]):
                    self._lengths.setdefault(len(value), []).append((number, value))

    def _read_dates(self, row: dict[str, Any], number: int) -> None:
        day, problem = self._dates.read(row.pop("date", None))
        if problem:
            self._notes.add(number, problem)
        if day is None and "updated" in row:
            day, problem = self._dates.read(row["updated"])
            if problem:
                self._notes.add(number, problem)
        if day is not None:
            row["date"] = day

    def finish(self, longest: int) -> None:
        """Note texts that were cut at one length; `longest` is the length of the longest text of the table."""
        cut = self._lengths.get(longest, [])
        if len({text for _, text in cut}) >= _MIN_CUT_ROWS:
            for number, _ in cut:
                why = f"the text has {longest:,} characters like others, none has more, and no sentence ends there"
                self._notes.add(number, f"{why}; they were probably cut; export them again")


def is_second_header(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the first of a table's rows names its columns again, such as V1, V2: each cell is one word.

    >>> is_second_header([{"title": "V1", "text": "V2"}, {"text": "Northland took Velo at dawn on Monday."}])
    True
    """
    cells = [value for value in rows[0].values() if not is_missing(value)] if len(rows) > 1 else []
    if "text" not in rows[0] or not all(isinstance(cell, str) and _WORD.fullmatch(cell.strip()) for cell in cells):
        return False
    others = [str(row["text"]) for row in rows[1:] if "text" in row]
    return len(cells) > 1 and bool(others) and all(len(text) > _WORDS and " " in text for text in others)


def _wrong(name: str, value: Any, row: Mapping[str, Any]) -> str | None:
    """Return why a cell is not the text that its column holds; None if it is."""
    if is_formula_error(value):
        return f"its {name} is {value}, an error of a formula; correct it in the spreadsheet"
    wrong = wrong_type(name, value)
    if wrong is None or (wrong == "a number" and "position" in row):  # a paragraph may be a number
        return None
    return f"its {name} is {wrong} ({str(value)[:40]!r}); expected text"


def _all_match(pattern: re.Pattern[str], rows: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Return whether a column has values, and all are texts of the pattern or missing."""
    found = False
    for row in rows:
        value = row.get(name)
        if is_missing(value):
            continue
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()):
            return False
        found = True
    return found
