"""Read a workbook that a coder filled in, check each row and store the answers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.store_answers import ImportSummary, store_answers
from annotate.tasks.task import ShownPassage, TaskAnswers, annotations_of
from corpus.annotation import Assignment, Outcome, Round
from corpus.article import normalise
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadFile, BadRound, BadText
from corpus.study import Study
from corpus.study import database as db

from .columns import CODING, HEADER, LISTS, MEMO, NUMBER, ORIGIN, PASSAGE, SKIP, columns, shorten_passage

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES = 500_000_000  # uncompressed; a round of 10,000 passages has 20 million
FORMAT = (CODING, ORIGIN, LISTS)


@dataclass(frozen=True)
class _ReturnedWorkbook:
    """A workbook that came back: its path, the content of its hidden sheets, and its coding sheet with its columns."""

    path: Path
    facts: Mapping[str, str]
    sent: Mapping[str, tuple[str, str]]  # row number → span and digest
    lists: Mapping[str, Mapping[str, str]]  # column → label or name, in any case → code
    labels: Mapping[str, list[str]]  # column → labels as shown
    coding: Worksheet
    column_of: Mapping[str, int]
    saved_at: str | None  # in UTC

    def text(self, row: int, name: str) -> str:
        return _cell_text(self.coding.cell(row, self.column_of[name]))

    def where(self, row: int) -> str:
        return f"{self.path.name}, row {row}"


@dataclass
class _SheetRow:
    """The cells of a row that coders fill in: text and address, by column."""

    number: int
    cells: dict[str, tuple[str, str]]
    formulas: list[str]

    @property
    def is_filled(self) -> bool:
        return bool(self.formulas) or any(text for text, _ in self.cells.values())

    @property
    def is_coded(self) -> bool:
        """Whether any cell but the memo and the reason to skip is filled in."""
        return any(text for name, (text, _) in self.cells.items() if name not in (MEMO, SKIP))


def import_workbook(study: Study, path: Path) -> ImportSummary:
    """Import a coder's answers from a workbook of `workbook.export`; importing it twice changes nothing.

    An empty row counts as unanswered and never deletes the coder's earlier answer. A row whose passage was changed is
    refused. Raises BadFile if the file is not such a workbook, BadRound if it belongs to another study, round or
    codebook.
    """
    workbook = _open_workbook(path)
    round = rounds.get_round(study, workbook.facts["round"])
    coder = workbook.facts["coder"]
    version = workbook.facts["version"]
    book = study.codebook
    if (workbook.facts["codebook"], version) != (book.name, book.version):
        raise BadRound(
            f"{path.name} was made for codebook {workbook.facts['codebook']} {version}, but the study now has "
            f"{book.name} {book.version}; import it under the earlier version, then: slantwise codebook migrate"
        )
    assignments = {one.span: one for one in rounds.assignments(study, round.name, coder)}
    if not assignments:
        raise BadRound(f"{coder} has no assignments in {round.name}; was {path.name} exported from this study?")
    rows, refusals = _rows_by_span(workbook, assignments)
    answered_before = _answered_spans(study, round, coder)
    filled = {span for span, row in rows.items() if row.is_filled}
    unchanged = (set(assignments) & answered_before) - filled

    def read_rows() -> Iterator[tuple[Assignment, TaskAnswers]]:
        wanted = [one for span, one in assignments.items() if span not in unchanged]
        for chunk in queue.chunks(wanted):
            passages = queue.show_passages(study, [one.span for one in chunk], round.layout)
            for assignment in chunk:
                if (span := assignment.span) in filled:
                    yield assignment, _read_row(workbook, rows[span], passages[span], assignment, book)
                else:
                    yield assignment, TaskAnswers()

    summary = store_answers(study, round, coder, read_rows())
    if emptied := [str(number) for number in sorted(rows[span].number for span in unchanged & set(rows))]:
        why = "answered earlier but empty now; the earlier answers are kept (to withdraw one, choose a reason to skip)"
        refusals.append(Refusal(f"{path.name}, rows {', '.join(emptied)}", why))
    summary.refusals = refusals + summary.refusals
    return summary


def _open_workbook(path: Path) -> _ReturnedWorkbook:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_BYTES:
                raise BadFile(f"{path} unpacks to over {MOST_BYTES // 1_000_000} MB; it is not a workbook of a round")
        workbook = load_workbook(path)
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check the name") from None
    except BadFile:
        raise
    except Exception as error:  # damaged archives and XML raise many kinds of errors
        raise BadFile(
            f"{path} cannot be read as a workbook ({str(error)[:80]}); open it in a spreadsheet and save it as .xlsx"
        ) from None
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
        names = {code: code for _, code in pairs if code} | {label: code for label, code in pairs if label}
        labels[_cell_text(table.cell(1, number))] = [label for label, _ in pairs if label]
        lists[_cell_text(table.cell(1, number))] = {name.casefold(): code for name, code in names.items()} | names
    coding = workbook[CODING]
    column_of: dict[str, int] = {}
    for number in range(1, coding.max_column + 1):
        name = _cell_text(coding.cell(HEADER, number)).split("\n")[0]
        column_of.setdefault(name, number)
    if missing_headings := [name for name in (NUMBER, PASSAGE, *lists) if name not in column_of]:
        raise BadFile(f"{path}, sheet {CODING}: row {HEADER} has no heading {missing_headings[0]!r}; restore it")
    saved = workbook.properties.modified
    saved_at = saved.isoformat(timespec="seconds") + "+00:00" if saved else None
    return _ReturnedWorkbook(path, facts, sent, lists, labels, coding, column_of, saved_at)


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


def _rows_by_span(
    workbook: _ReturnedWorkbook, assignments: Mapping[str, Assignment]
) -> tuple[dict[str, _SheetRow], list[Refusal]]:
    """Return the rows by span, in any order, and refusals for rows that match no assignment."""
    rows: dict[str, _SheetRow] = {}
    refusals = []
    for number in range(HEADER + 1, workbook.coding.max_row + 1):
        row = _sheet_row(workbook, number)
        key = workbook.text(number, NUMBER)
        span = workbook.sent.get(key, ("", ""))[0]
        if span not in assignments:
            if row.is_filled:
                reason = f"{key!r} is not the number of a row that was sent; the row was not imported"
                refusals.append(Refusal(workbook.where(number), reason))
        elif span not in rows or not rows[span].is_filled:
            rows[span] = row
        elif row.is_filled:
            reason = f"it has the same number {key} as row {rows[span].number}, which was imported; this row was not"
            refusals.append(Refusal(workbook.where(number), reason))
    return rows, refusals


def _sheet_row(workbook: _ReturnedWorkbook, number: int) -> _SheetRow:
    row = _SheetRow(number, {}, [])
    for name in (*workbook.lists, MEMO):
        if name not in workbook.column_of:
            continue
        cell = workbook.coding.cell(number, workbook.column_of[name])
        if cell.data_type == "f" and name != MEMO:
            row.formulas.append(cell.coordinate)
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


def _read_row(
    workbook: _ReturnedWorkbook, row: _SheetRow, passage: ShownPassage, assignment: Assignment, book: Codebook
) -> TaskAnswers:
    """Return the answers of a row, or its skip."""
    answered = TaskAnswers(where=workbook.where(row.number))
    words = normalise(workbook.text(row.number, PASSAGE)).split()
    sent_words = normalise("".join(shorten_passage(passage.pieces))).split()
    if workbook.sent[workbook.text(row.number, NUMBER)][1] != passage.digest or words != sent_words:
        fault = "its passage differs from the one that was sent; the row was not imported"
        return TaskAnswers(faults=[fault], trusted=False, where=answered.where)
    memo, saved_at = _read_memo(row, answered), workbook.saved_at
    origin = (assignment.round, assignment.span, assignment.coder)
    answers = _read_answers(workbook, row, book, answered)
    if reason := _read_code(workbook, row, SKIP, answered):
        if answers:
            answered.ignored.append(f"{row.cells[SKIP][1]}: the row is skipped, so its answers were not imported")
        answered.outcome = Outcome(*origin, "skipped", reason, memo, None, saved_at)
        return answered
    if answers:
        version = workbook.facts["version"]
        answered.given = annotations_of(assignment, {assignment.span: answers}, memo, version, saved_at)
        answered.outcome = Outcome(*origin, "answered", "", memo, None, saved_at)
    elif not answered.faults:  # only a memo
        answered.outcome = Outcome(*origin, "empty", "", memo, None, saved_at)
    else:
        answered.trusted = False  # nothing could be read: it counts as unanswered, and earlier answers are kept
    return answered


def _read_memo(row: _SheetRow, answered: TaskAnswers) -> str:
    text, address = row.cells.get(MEMO, ("", ""))
    try:
        return normalise(text)
    except BadText as error:
        answered.faults.append(f"{address}: {error}")
        return ""


def _read_code(workbook: _ReturnedWorkbook, row: _SheetRow, name: str, answered: TaskAnswers) -> str | None:
    """Return the code in a cell, given by label or name; None if the cell is empty or has no valid code."""
    text, address = row.cells[name]
    if not text:
        return None
    choices = workbook.lists[name]
    if address in row.formulas:
        answered.faults.append(f"{address} ({name}): found a formula; choose a code from the list")
    elif text in choices or text.casefold() in choices:
        return choices.get(text) or choices[text.casefold()]
    else:
        nearest = get_close_matches(text, workbook.labels[name], 1, 0.5)
        hint = f"the nearest is {nearest[0]!r}" if nearest else f"expected one of {', '.join(workbook.labels[name])}"
        answered.faults.append(f"{address} ({name}): {text[:40]!r} is not a code; {hint}")
    return None


def _read_answers(
    workbook: _ReturnedWorkbook, row: _SheetRow, book: Codebook, answered: TaskAnswers
) -> dict[str, tuple[str, ...]]:
    """Return variable → codes in the codebook's order, and note answers that are missing, unknown or do not apply."""
    answers: dict[str, tuple[str, ...]] = {}
    for variable in book.variables:
        fields = [column for column in columns(book) if column.variable is variable]
        cells = [row.cells[column.name] for column in fields]
        if not variable.is_asked(answers):
            if filled_in := [address for text, address in cells if text]:
                answered.ignored.append(
                    f"{', '.join(filled_in)} ({variable.name}): not asked after the other answers; it was not imported"
                )
            continue
        before = len(answered.faults)
        codes = [code for column in fields if (code := _read_code(workbook, row, column.name, answered))]
        if codes:
            answers[variable.name] = tuple(codes)
        elif len(answered.faults) == before and row.is_coded and not row.cells[SKIP][0]:
            answered.faults.append(f"{cells[0][1]} ({variable.name}): no answer; the others were imported")
    return answers


def _answered_spans(study: Study, round: Round, coder: str) -> set[str]:
    o = db.outcomes.c
    with study.store.reading() as connection:
        return set(connection.execute(select(o.span).where(o.round == round.name, o.coder == coder)).scalars())
