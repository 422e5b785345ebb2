"""Read files of answers into rows: JSON lines, a JSON list, CSV and other separated tables, Parquet, a spreadsheet."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.draft import short_message
from corpus.errors import BadFile
from corpus.readers.table import whole
from corpus.readers.tables.columns import column_list
from corpus.readers.tables.csv_text import csv_table
from corpus.readers.tables.workbook_size import check_size
from corpus.text.decoding import check_file, decode_file

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_WHOLE = re.compile(r"\d+(?:\.0+)?")  # programs write whole numbers as 17.0 where their column has gaps
_DECIMAL = re.compile(r"\d+(?:\.\d+)?")
Row = Mapping[str, Any]
Rows = Iterator[tuple[str, Row | str]]
SEPARATED = (".csv", ".tsv", ".tab")  # extensions of tables; others are found by their headings
NEEDED = "expected the columns span (or article, start, end), coder, and variable and code or one for each variable"


def answer_rows(path: Path, warn: Callable[[str], None] = lambda why: None) -> Rows:
    """Yield the rows of a file with their places; a str says why a row cannot be used. Raises BadFile.

    `warn` receives doubts about the whole file, such as its encoding, before the first row is read. The format is
    found by the content: a spreadsheet, Parquet, JSON lines, a JSON list, else a table with separators.
    """
    try:
        check_file(path)
        data = path.read_bytes()
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check the name") from None
    try:
        if zipfile.is_zipfile(path):
            return _spreadsheet(path)
        if data.startswith(b"PAR1"):
            return _parquet(path)
        text, doubt = decode_file(data)
        text = text.removeprefix("\ufeff")
        if doubt:
            warn(doubt)
        start = text.lstrip()
        if start.startswith("[") and (rows := _json_list(start)) is not None:
            return ((f"{path}, row {number}", _mapping(row)) for number, row in enumerate(rows, 1))
        if not start.startswith("{") and (path.suffix.lower() in SEPARATED or _has_columns(text)):
            return _separated(path, text, warn)
        return _json_lines(path, text)
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None


def _mapping(row: Any) -> Row | str:
    return row if isinstance(row, Mapping) else f"expected an object, found {str(row)[:40]}"


def _json_lines(path: Path, text: str) -> Rows:
    """Yield the objects of JSON lines; a str says why a line is not one."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}, line {number}", _object(line)


def _object(line: str) -> Row | str:
    try:
        row = json.loads(line, object_pairs_hook=_without_repeated_keys)
    except BadFile as error:
        return str(error)
    except (ValueError, RecursionError) as error:
        return f"this is not JSON ({str(error)[:80]}); expected one object"
    return _mapping(row)


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, unless one of its keys occurs twice: JSON would keep the last value only."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadFile(f"{twice!r} occurs twice in it; keep one")
    return found


def _json_list(text: str) -> list[Any] | None:
    """Return the items of a JSON list of objects; None if the text has another form, as a damaged line may."""
    try:
        rows = json.loads(text, object_pairs_hook=_without_repeated_keys)
    except (ValueError, RecursionError):
        return None
    return rows if isinstance(rows, list) and any(isinstance(row, dict) for row in rows) else None


def _has_columns(text: str) -> bool:
    """Return whether a text begins with the headings of a table of answers."""
    names = _headings(text)
    return bool(names & {"span", "article", "coder", "variable", "code"}) and len(names) > 1


def _headings(text: str) -> set[str]:
    try:
        return {name.casefold() for name in csv_table(text).columns}
    except BadFile:
        return set()


def _separated(path: Path, text: str, warn: Callable[[str], None]) -> Rows:
    table = csv_table(text)
    check_headings(table.columns)
    for note in table.notes:
        warn(note)
    return ((f"{path}, row {number}", row if isinstance(row, str) else typed(row)) for number, row in table.rows)


def typed(row: Row) -> dict[str, Any]:
    """Return a row of a table, where all may be text, with its numbers as numbers and its truth values as such.

    >>> typed({"start": "17.0", "seconds": "4.5", "simulated": "FALSE", "coder": "7.0", "memo": "7.0"})
    {'start': 17, 'seconds': 4.5, 'simulated': False, 'coder': '7', 'memo': '7.0'}
    """
    values = dict(row)
    for name, value in row.items():
        column = str(name).strip().casefold()
        if column in ("start", "end", "coder"):
            value = whole(value)
        if isinstance(value, str):
            number = value.strip()
            if column in ("start", "end", "coder") and _WHOLE.fullmatch(number):
                value = number.partition(".")[0] if column == "coder" else int(number.partition(".")[0])
            elif column == "seconds" and _DECIMAL.fullmatch(number):
                value = float(number)
            elif column == "simulated":
                value = {"true": True, "false": False}.get(number.casefold(), value)
        values[name] = value
    return values


def check_headings(columns: Sequence[str]) -> None:
    """Raise BadFile unless a table's columns hold answers, each under one name."""
    names = [name.strip().casefold() for name in columns]
    if twice := [name for name in dict.fromkeys(names) if name and names.count(name) > 1]:
        raise BadFile(f"two columns are named {twice[0]!r}; rename or delete one of them")
    place = "span" in names or set(names) >= {"article", "start", "end"}
    if not place or "coder" not in names:
        raise BadFile(f"found the columns {column_list([name for name in columns if name])}; {NEEDED}")


def _parquet(path: Path) -> Rows:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadFile(f"this is not a Parquet file ({short_message(error)}); export it again") from None
    check_headings(table.column_names)
    return ((f"{path}, row {number}", row) for number, row in enumerate(table.to_pylist(), 1))


def open_spreadsheet(path: Path) -> Workbook:
    """Open a workbook (.xlsx). Raises BadFile if it is too large or cannot be opened."""
    from openpyxl import load_workbook

    try:
        check_size(path, whole=True)
        return load_workbook(path)
    except OSError as error:
        raise BadFile(f"it cannot be opened ({error.strerror}); check the name") from None
    except BadFile:
        raise
    except Exception as error:  # damaged archives and XML raise many kinds of errors
        raise BadFile(
            f"it cannot be read as a workbook ({short_message(error)}); open it in a spreadsheet and save it as .xlsx"
        ) from None


def _spreadsheet(path: Path) -> Rows:
    """Yield the rows of the one sheet that has columns of answers; cells keep their types."""
    workbook = open_spreadsheet(path)
    found: list[tuple[Worksheet, list[str]]] = []
    others: list[str] = []
    for sheet in workbook.worksheets:
        columns = [str(cell.value or "").strip() for cell in next(sheet.iter_rows(max_row=1), ())]
        try:
            check_headings(columns)
        except BadFile as error:
            others.append(f"sheet {sheet.title}: {error}")
        else:
            found.append((sheet, columns))
    if not found:
        raise BadFile("; ".join(others) or "it has no sheet with cells")
    if len(found) > 1:
        titles = ", ".join(sheet.title for sheet, _ in found)
        raise BadFile(f"several sheets have answers ({titles}); save each as a file of its own")
    return _sheet_rows(path, *found[0])


def _sheet_rows(path: Path, sheet: Worksheet, columns: Sequence[str]) -> Rows:
    merged = merged_rows(sheet, range(1, len(columns) + 1))
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(columns)), 2):
        where = f"{path}, row {number}"
        if number in merged:
            yield where, merged[number]
            continue
        named = [(name, cell) for name, cell in zip(columns, cells, strict=True) if name and cell.value is not None]
        if problem := next((why for _, cell in named if (why := cell_problem(cell))), None):
            yield where, problem
        elif named:
            yield where, typed({name: cell.value for name, cell in named})


def merged_rows(sheet: Worksheet, columns: Iterable[int]) -> dict[int, str]:
    """Return why a row cannot be read, for each row of which a cell in these columns is merged with another.

    A spreadsheet keeps the value of the first cell only, so what was meant for the others cannot be known.
    """
    used = set(columns)
    problems: dict[int, str] = {}
    for area in sheet.merged_cells.ranges:
        if used & set(range(area.min_col, area.max_col + 1)):
            why = (
                f"the cells {area.coord} are merged, which keeps only the value of the first; the row was not "
                "imported: undo the merging and fill in each cell"
            )
            problems |= {number: why for number in range(area.min_row, area.max_row + 1) if number not in problems}
    return problems


def cell_problem(cell: Cell) -> str | None:
    """Return why a cell's value is not what was typed: a formula, an error, or what a spreadsheet made a date of."""
    if cell.data_type == "f":
        return f"{cell.coordinate} has a formula; replace it by its value"
    if cell.data_type == "e" and str(cell.value) not in ("#N/A",):
        return f"{cell.coordinate} has the error {cell.value}; correct it"
    if isinstance(cell.value, date | datetime | time) and not _is_time_column(cell):
        return date_problem(cell)
    return None


def date_problem(cell: Cell) -> str:
    """Return in words that a spreadsheet has turned what was typed into a date."""
    shown = cell.value.date() if isinstance(cell.value, datetime) else cell.value
    return (
        f"{cell.coordinate} has the date {shown}, which the spreadsheet may have made of a code such as 1.10; give the "
        "cell the format Text and type the code again"
    )


def _is_time_column(cell: Cell) -> bool:
    heading = cell.parent.cell(1, cell.column).value
    return str(heading or "").strip().casefold() == "made_at"
