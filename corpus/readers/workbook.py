"""Read Excel workbooks (XLSX) with one article per row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from corpus.draft import ReadResult, Refusal, short_message
from corpus.errors import BadFile

from .table import check_columns, read_rows
from .tables.columns import column_list, fields_of, refuse_doubled
from .tables.workbook_size import check_size

_MOST_COLUMNS = 1000  # a cell far to the right would make every row as long
_HEADER_ROWS = 20  # a title and notes may precede the row with the columns' names
_NO_VALUE = object()  # a formula whose value the workbook does not hold


def read_workbook(path: Path, name: str) -> ReadResult:
    """Read the first sheet with a row of known columns, hidden ones last. Raises BadFile.

    Merged cells, other sheets with texts, and that the sheet is hidden are warnings.
    """
    import warnings

    import openpyxl

    try:
        check_size(path)
        with zipfile.ZipFile(path) as archive:
            with archive.open("xl/workbook.xml") as file:
                if b"purl.oclc.org/ooxml" in file.read(5000):
                    raise BadFile("this is a workbook in the strict form of Open XML; save it as Excel Workbook or CSV")
            merged = {info.filename: _merged(archive, info) for info in archive.infolist() if _is_sheet(info.filename)}
        with path.open("rb") as file, path.open("rb") as again, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which hold no text
            values = openpyxl.load_workbook(file, read_only=True, data_only=True)
            formulas = openpyxl.load_workbook(again, read_only=True)
            return _read(values, formulas, merged, path, name)
    except BadFile:
        raise
    except Exception as error:  # unpredictable input: any fault of the library is a refusal
        raise BadFile(
            f"the workbook cannot be read ({short_message(error)}); open it in Excel and save it as XLSX or CSV"
        ) from None


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _merged(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> list[str]:
    """Return the ranges of merged cells of a sheet, such as A2:A5; they follow all rows."""
    with archive.open(info) as file:
        tail = b""
        while chunk := file.read(1 << 20):
            if (at := (tail + chunk).find(b"<mergeCells")) >= 0:
                rest = (tail + chunk)[at:] + file.read(1 << 20)
                return [ref.decode("ascii") for ref in re.findall(rb'<mergeCell ref="([A-Z0-9:]{3,20})"', rest)]
            tail = chunk[-20:]
    return []


def _read(values: Any, formulas: Any, merged: dict[str, list[str]], path: Path, name: str) -> ReadResult:
    names: list[str] = []
    for sheet in sorted(values.worksheets, key=_is_concealed):
        header = _header(sheet)
        names += [sheet.title]
        if header is None:
            continue
        number, columns = header
        refuse_doubled(columns)
        rows = _rows(sheet, formulas[sheet.title], number, columns)
        result = read_rows(rows, name, str(path))
        notes = list(_notes(values, sheet, number, merged))
        return replace(result, warnings=[*(Refusal(str(path), why) for why in notes), *result.warnings])
    for sheet in values.worksheets:
        for row in sheet.iter_rows(max_row=1, max_col=_MOST_COLUMNS, values_only=True):
            if fields_of(str(value) for value in row if value is not None).keys() >= {"file", "outlet"}:
                raise BadFile("this seems to be a manifest; save it as manifest.csv in the folder of the texts")
    first = next(
        (
            row
            for sheet in values.worksheets
            for row in sheet.iter_rows(max_row=1, max_col=_MOST_COLUMNS, values_only=True)
        ),
        (),
    )
    found = column_list([str(value) for value in first if value is not None]) or "no cells"
    raise BadFile(
        f"no sheet has a row with a column text, body or content (sheets: {', '.join(names):.80}; first row: {found}); "
        "name the column with the articles text"
    )


def _is_concealed(sheet: Any) -> bool:
    return bool(getattr(sheet, "sheet_state", "visible") != "visible")


def _header(sheet: Any) -> tuple[int, list[str]] | None:
    """Return the number and the names of the first row that names columns of articles."""
    for number, row in enumerate(sheet.iter_rows(max_row=_HEADER_ROWS, max_col=_MOST_COLUMNS, values_only=True), 1):
        columns = ["" if value is None else str(value).strip() for value in row]
        while columns and not columns[-1]:
            columns.pop()
        if sum(map(bool, columns)) < 2 and number > 1:
            continue
        try:
            check_columns([column for column in columns if column])
        except BadFile:
            continue
        return number, columns
    return None


def _rows(sheet: Any, formulas: Any, header: int, columns: list[str]) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield (number, row), counted as Excel does; formulas without a value and errors are reasons."""
    pairs = zip(
        sheet.iter_rows(min_row=header + 1, max_col=len(columns), values_only=True),
        formulas.iter_rows(min_row=header + 1, max_col=len(columns), values_only=True),
        strict=False,
    )
    for number, (row, written) in enumerate(pairs, header + 1):
        cells = [
            _NO_VALUE if value is None and text is not None else _plain(value)
            for value, text in zip(row, written, strict=False)
        ]
        if all(cell is None or cell == "" for cell in cells):
            continue
        named = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
        if missing := [column for column, cell in named.items() if cell is _NO_VALUE]:
            yield number, f"its {missing[0]} is a formula without a stored value; open the file in Excel and save it"
        elif errors := [column for column, cell in named.items() if isinstance(cell, str) and _is_error(cell)]:
            yield number, f"its {errors[0]} is {named[errors[0]]}, an error of a formula; correct it in Excel"
        else:
            yield number, named


def _is_error(cell: str) -> bool:
    return cell in ("#NAME?", "#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!")


def _plain(value: Any) -> Any:
    """Return a cell's value as a table in text has it: dates in ISO form, whole numbers without a fraction.

    >>> _plain(datetime(2025, 1, 3)), _plain(17.0), _plain("Velo_x000D_\\nfell")
    ('2025-01-03', 17, 'Velo\\nfell')
    """
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != value.time().min else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.replace("_x000D_", "") if isinstance(value, str) else value


def _notes(values: Any, sheet: Any, header: int, merged: dict[str, list[str]]) -> Iterator[str]:
    """Yield what is unclear about a sheet: other sheets with texts, merged cells below the header."""
    if _is_concealed(sheet):
        yield f"its texts are in the sheet {sheet.title!r}, which is hidden; check that they are those you mean"
    others = [other.title for other in values.worksheets if other is not sheet and _header(other)]
    if others:
        yield (
            f"only the sheet {sheet.title!r} was read; save {', '.join(map(repr, others)):.120} as files of their own "
            "and add them"
        )
    part = getattr(sheet, "_worksheet_path", "").lstrip("/")
    ranges = [ref for ref in merged.get(part, []) if int(re.sub(r"\D", "", ref.split(":")[-1]) or 0) > header]
    if ranges:
        yield (
            f"cells of the sheet {sheet.title!r} are merged ({', '.join(ranges[:3])}), so only the first of their rows "
            "has the value; separate them in Excel, fill in each row and add the file again"
        )
