"""Open a workbook that a coder filled in: its hidden sheets, its columns, and the cells of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.annotations.answer_tables import date_problem, open_spreadsheet
from corpus.errors import BadFile

from .columns import CODING, HEADER, LISTS, MEMO, NUMBER, ORIGIN, PASSAGE, SKIP

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMAT = (CODING, ORIGIN, LISTS)


@dataclass(frozen=True)
class ReturnedWorkbook:
    """A workbook that came back: its path, the content of its hidden sheets, and its coding sheet with its columns."""

    path: Path
    facts: Mapping[str, str]
    sent: Mapping[str, tuple[str, str]]  # row number → span and digest
    lists: Mapping[str, Mapping[str, str]]  # column → label or name → code
    labels: Mapping[str, list[str]]  # column → labels as shown
    coding: Worksheet
    column_of: Mapping[str, int]
    saved_at: str | None  # in UTC

    def text(self, row: int, name: str) -> str:
        """Return the text of a cell."""
        return _cell_text(self.coding.cell(row, self.column_of[name]))

    def where(self, row: int) -> str:
        """Return the place of a row, for refusals."""
        return f"{self.path.name}, row {row}"


@dataclass
class SheetRow:
    """The cells of a row that coders fill in: text and address, by column."""

    number: int
    cells: dict[str, tuple[str, str]]
    problems: dict[str, str]  # by address, of cells that do not hold what was typed
    numbers: dict[str, float]  # by address, of cells that hold a number

    @property
    def is_filled(self) -> bool:
        """Whether any cell is filled in."""
        return bool(self.problems) or any(text for text, _ in self.cells.values())

    @property
    def is_coded(self) -> bool:
        """Whether any cell but the memo and the reason to skip is filled in."""
        return any(text for name, (text, _) in self.cells.items() if name not in (MEMO, SKIP))


def open_workbook(path: Path) -> ReturnedWorkbook:
    """Open a workbook of `workbook.export`. Raises BadFile for another file."""
    try:
        workbook = open_spreadsheet(path)
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    if missing := [name for name in FORMAT if name not in workbook.sheetnames]:
        raise BadFile(f"{path} has no sheet {missing[0]!r}; expected a workbook of `slantwise round export ROUND DIR`")
    facts, sent = _read_origin(workbook[ORIGIN])
    if missing_facts := [name for name in ("round", "coder", "codebook", "version") if not facts.get(name)]:
        raise BadFile(f"{path}: its hidden sheet {ORIGIN!r} does not name the {missing_facts[0]}; export it again")
    lists: dict[str, dict[str, str]] = {}
    labels: dict[str, list[str]] = {}
    table = workbook[LISTS]
    for number in range(1, table.max_column, 2):
        pairs = [
            (_cell_text(table.cell(row, number)), _cell_text(table.cell(row, number + 1)))
            for row in range(2, table.max_row + 1)
        ]
        labels[_cell_text(table.cell(1, number))] = [label for label, _ in pairs if label]
        lists[_cell_text(table.cell(1, number))] = {code: code for _, code in pairs if code} | {
            label: code for label, code in pairs if label
        }
    coding = workbook[CODING]
    column_of: dict[str, int] = {}
    for number in range(1, coding.max_column + 1):
        name = _cell_text(coding.cell(HEADER, number)).split("\n")[0]
        column_of.setdefault(name, number)
    if missing_headings := [name for name in (NUMBER, PASSAGE, *lists) if name not in column_of]:
        raise BadFile(f"{path}, sheet {CODING}: row {HEADER} has no heading {missing_headings[0]!r}; restore it")
    saved = workbook.properties.modified
    saved_at = saved.isoformat(timespec="seconds") + "+00:00" if saved else None
    return ReturnedWorkbook(path, facts, sent, lists, labels, coding, column_of, saved_at)


def _read_origin(sheet: Worksheet) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    facts: dict[str, str] = {}
    sent: dict[str, tuple[str, str]] = {}
    for row in sheet.iter_rows(max_col=3):
        name, value, digest = (_cell_text(cell) for cell in row)
        if digest:
            sent[name] = (value, digest)
        elif name:
            facts[name] = value
    return facts, sent


def sheet_row(workbook: ReturnedWorkbook, number: int) -> SheetRow:
    """Return the cells of a row that coders fill in."""
    row = SheetRow(number, {}, {}, {})
    for name in (*workbook.lists, MEMO):
        if name not in workbook.column_of:
            continue
        cell = workbook.coding.cell(number, workbook.column_of[name])
        if name != MEMO and cell.data_type == "f":
            row.problems[cell.coordinate] = "found a formula; choose a code from the list"
        elif name != MEMO and isinstance(cell.value, date | time):
            row.problems[cell.coordinate] = date_problem(cell).removeprefix(f"{cell.coordinate} ")
        elif type(cell.value) in (int, float):
            row.numbers[cell.coordinate] = cell.value
        row.cells[name] = (_cell_text(cell), cell.coordinate)
    return row


def _cell_text(cell: Any) -> str:
    """Return a cell's text; numbers and truth values that a spreadsheet made of it become text again."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
