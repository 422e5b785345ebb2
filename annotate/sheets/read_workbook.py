"""Filled: a coder's workbook as it came back, checked row by row, into the store."""

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
from annotate.tasks.task import ShownPassage, TaskAnswers, annotation_rows
from corpus.annotation import Assignment, Outcome, Round
from corpus.article import normalise
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadFile, BadRound, BadText
from corpus.study import Study
from corpus.study import database as db

from .columns import CODING, HEADER, LISTS, MEMO, NUMBER, ORIGIN, PASSAGE, SKIP, columns, shorten_passage

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES = 500_000_000  # unpacked; a round of 10,000 passages has 20 million
FORMAT = (CODING, ORIGIN, LISTS)


@dataclass(frozen=True)
class _ReturnedWorkbook:
    """A workbook: where it lies, what its hidden sheets say, and its coding sheet with its columns."""

    path: Path
    facts: Mapping[str, str]
    sent: Mapping[str, tuple[str, str]]  # a row's number → its span and digest
    lists: Mapping[str, Mapping[str, str]]  # a column → what coders choose, in any letters → its code
    labels: Mapping[str, list[str]]  # a column → what coders choose, as they read it
    coding: Worksheet
    at: Mapping[str, int]

    def where(self, row: int) -> str:
        return f"{self.path.name}, row {row}"


@dataclass
class _SheetRow:
    """What a coder has put into a row: by column, the text and the cell's address."""

    number: int
    cells: dict[str, tuple[str, str]]
    formulas: list[str]

    @property
    def given(self) -> bool:
        return bool(self.formulas) or any(text for text, _ in self.cells.values())

    @property
    def coded(self) -> bool:
        """Whether it has more than a memo or a reason to skip."""
        return any(text for name, (text, _) in self.cells.items() if name not in (MEMO, SKIP))

    def text(self, name: str) -> str:
        return self.cells.get(name, ("", ""))[0]


def import_workbook(study: Study, path: Path) -> ImportSummary:
    """Take over what a coder has put into a workbook of `workbook.export`; taking it twice changes nothing.

    A row without anything is not answered yet: it never deletes what the same coder answered before. A row whose
    passage is not the one that was sent is refused. Raises BadFile where it is no such workbook, BadRound where it
    belongs to another study, round or codebook.
    """
    filled = _open_workbook(path)
    drawn = rounds.get_round(study, filled.facts["round"])
    coder = filled.facts["coder"]
    version = filled.facts["version"]
    book = study.codebook
    if (filled.facts["codebook"], version) != (book.name, book.version):
        raise BadRound(
            f"{path.name} was made for codebook {filled.facts['codebook']} {version}, and the study has {book.name} "
            f"{book.version} now; import it under that version, then: slantwise codebook migrate"
        )
    assigned = {one.span: one for one in rounds.assignments(study, drawn.name, coder)}
    if not assigned:
        raise BadRound(f"{coder} codes nothing in {drawn.name}; was {path.name} exported from this study?")
    found, refusals = _rows_by_span(filled, assigned)
    known = _answered_spans(study, drawn, coder)
    kept = {span for span in assigned if span in known and not (span in found and found[span].given)}
    at = _saved_at(filled.coding.parent)

    def reads() -> Iterator[tuple[Assignment, TaskAnswers]]:
        wanted = [one for span, one in assigned.items() if span not in kept]
        for chunk in queue.chunks(wanted):
            shown = queue.show_passages(study, [one.span for one in chunk], drawn.layout)
            for one in chunk:
                row = found.get(one.span)
                answered = row is not None and row.given
                yield one, _read_row(filled, row, shown[one.span], one, book, at) if row and answered else TaskAnswers()

    done = store_answers(study, drawn, coder, reads())
    if emptied := [str(number) for number in sorted(found[span].number for span in kept & set(found))]:
        why = "answered before and empty now; the earlier answers stay (to take one back, choose a reason to skip)"
        refusals.append(Refusal(f"{path.name}, rows {', '.join(emptied)}", why))
    done.refusals = refusals + done.refusals
    return done


def _open_workbook(path: Path) -> _ReturnedWorkbook:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_BYTES:
                raise BadFile(f"{path} unpacks to more than {MOST_BYTES // 1_000_000} MB; it is no workbook of a round")
        made = load_workbook(path)
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check the name") from None
    except BadFile:
        raise
    except Exception as error:  # whatever a damaged archive or its XML makes a reader say
        raise BadFile(
            f"{path} cannot be read as a workbook ({str(error)[:80]}); open it in a spreadsheet and save it as .xlsx"
        ) from None
    if missing := [name for name in FORMAT if name not in made.sheetnames]:
        raise BadFile(f"{path} has no sheet {missing[0]!r}; expected one that `slantwise round export ROUND DIR` wrote")
    facts, sent = _read_origin(made[ORIGIN])
    if lacking := [name for name in ("round", "coder", "codebook", "version") if not facts.get(name)]:
        raise BadFile(f"{path}: its hidden sheet {ORIGIN!r} does not say the {lacking[0]}; export it again")
    lists: dict[str, dict[str, str]] = {}
    labels: dict[str, list[str]] = {}
    table = made[LISTS]
    for place in range(1, table.max_column, 2):
        pairs = [
            (_cell_text(table.cell(row, place)), _cell_text(table.cell(row, place + 1)))
            for row in range(2, table.max_row + 1)
        ]
        names = {code: code for _, code in pairs if code} | {label: code for label, code in pairs if label}
        labels[_cell_text(table.cell(1, place))] = [label for label, _ in pairs if label]
        lists[_cell_text(table.cell(1, place))] = {name.casefold(): code for name, code in names.items()} | names
    coding = made[CODING]
    at: dict[str, int] = {}
    for place in range(1, coding.max_column + 1):
        name = _cell_text(coding.cell(HEADER, place)).split("\n")[0]
        at.setdefault(name, place)
    if lost := [name for name in (NUMBER, PASSAGE, *lists) if name not in at]:
        raise BadFile(f"{path}, sheet {CODING}: row {HEADER} has no heading {lost[0]!r}; put back what was sent")
    return _ReturnedWorkbook(path, facts, sent, lists, labels, coding, at)


def _read_origin(known: Worksheet) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    facts: dict[str, str] = {}
    sent: dict[str, tuple[str, str]] = {}
    for row in known.iter_rows(max_col=3):
        name, value, digest = (_cell_text(cell) for cell in row)
        if digest:
            sent[name] = (value, digest)
        elif name:
            facts[name] = value
    return facts, sent


def _rows_by_span(
    filled: _ReturnedWorkbook, assigned: Mapping[str, Assignment]
) -> tuple[dict[str, _SheetRow], list[Refusal]]:
    """Return the rows by span, wherever they were sorted to, and those that are nobody's."""
    found: dict[str, _SheetRow] = {}
    refusals = []
    for number in range(HEADER + 1, filled.coding.max_row + 1):
        row = _sheet_row(filled, number)
        key = _cell_text(filled.coding.cell(number, filled.at[NUMBER]))
        span = filled.sent.get(key, ("", ""))[0]
        if span not in assigned:
            if row.given:
                why = f"{key!r} is no number of a row that was sent; the row was not taken"
                refusals.append(Refusal(filled.where(number), why))
        elif span not in found or not found[span].given:
            found[span] = row
        elif row.given:
            why = f"it has the number {key} of row {found[span].number}, which was taken; this one was not"
            refusals.append(Refusal(filled.where(number), why))
    return found, refusals


def _sheet_row(filled: _ReturnedWorkbook, number: int) -> _SheetRow:
    row = _SheetRow(number, {}, [])
    for name in (*filled.lists, MEMO):
        if name not in filled.at:
            continue
        cell = filled.coding.cell(number, filled.at[name])
        if cell.data_type == "f" and name != MEMO:
            row.formulas.append(cell.coordinate)
        row.cells[name] = (_cell_text(cell), cell.coordinate)
    return row


def _cell_text(cell: Any) -> str:
    """Return a cell's text; what a spreadsheet took for a number or a truth value is text again."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _read_row(
    filled: _ReturnedWorkbook, row: _SheetRow, expected: ShownPassage, one: Assignment, book: Codebook, at: str | None
) -> TaskAnswers:
    """Return what a row says: a skip, or the answers that are asked after each other."""
    done = TaskAnswers(where=filled.where(row.number))
    passage = _cell_text(filled.coding.cell(row.number, filled.at[PASSAGE]))
    key = _cell_text(filled.coding.cell(row.number, filled.at[NUMBER]))
    if filled.sent[key][1] != expected.digest or _words(passage) != _words("".join(shorten_passage(expected.pieces))):
        done.faults = ["its passage is not the one that was sent; the row was not taken"]
        done.trusted = False
        return done
    memo = _read_memo(row, done)
    who = (one.round, one.span, one.coder)
    answers = _read_answers(filled, row, book, done)
    if reason := _read_code(filled, row, SKIP, done):
        if answers:
            done.ignored.append(f"{row.cells[SKIP][1]}: the row is skipped, so its answers were not taken")
        done.outcome = Outcome(*who, "skipped", reason, memo, None, at)
        return done
    if answers:
        done.rows = annotation_rows(one, {one.span: answers}, memo, filled.facts["version"], at)
        done.outcome = Outcome(*who, "answered", "", memo, None, at)
    elif not done.faults:  # a memo alone
        done.outcome = Outcome(*who, "empty", "", memo, None, at)
    else:
        done.trusted = False  # nothing in it could be used: it is not answered yet, and nothing earlier goes
    return done


def _words(text: str) -> list[str]:
    return normalise(text).split()


def _read_memo(row: _SheetRow, done: TaskAnswers) -> str:
    text, address = row.cells.get(MEMO, ("", ""))
    try:
        return normalise(text)
    except BadText as error:
        done.faults.append(f"{address}: {error}")
        return ""


def _read_code(filled: _ReturnedWorkbook, row: _SheetRow, name: str, done: TaskAnswers) -> str | None:
    """Return the code that a cell names, by its label or its name; None where it is empty or names none."""
    text, address = row.cells[name]
    if not text:
        return None
    choices = filled.lists[name]
    if address in row.formulas:
        done.faults.append(f"{address} ({name}): found a formula; choose a code from the list")
    elif text in choices or text.casefold() in choices:
        return choices.get(text) or choices[text.casefold()]
    else:
        near = get_close_matches(text, filled.labels[name], 1, 0.5)
        hint = f"the nearest is {near[0]!r}" if near else f"expected one of {', '.join(filled.labels[name])}"
        done.faults.append(f"{address} ({name}): {text[:40]!r} is no code; {hint}")
    return None


def _read_answers(filled: _ReturnedWorkbook, row: _SheetRow, book: Codebook, done: TaskAnswers) -> dict[str, str]:
    """Return variable → code in the codebook's order, and say what is missing, unknown or not asked."""
    answers: dict[str, str] = {}
    for variable in book.variables:
        fields = [column for column in columns(book) if column.variable is variable]
        cells = [row.cells[column.name] for column in fields]
        first = cells[0][1]
        if not variable.is_asked(answers):
            if filled_in := [address for text, address in cells if text]:
                done.ignored.append(
                    f"{', '.join(filled_in)} ({variable.name}): not asked after the other answers; it was not taken"
                )
            continue
        before = len(done.faults)
        codes = [code for column in fields if (code := _read_code(filled, row, column.name, done))]
        if codes:
            answers[variable.name] = "|".join(codes)
        elif len(done.faults) == before and row.coded and not row.text(SKIP):
            done.faults.append(f"{first} ({variable.name}): no answer; the others were taken")
    return answers


def _answered_spans(study: Study, drawn: Round, coder: str) -> set[str]:
    o = db.outcomes.c
    with study.store.reading() as connection:
        return set(connection.execute(select(o.span).where(o.round == drawn.name, o.coder == coder)).scalars())


def _saved_at(made: Workbook) -> str | None:
    """Return when the workbook was saved last, in UTC."""
    saved = made.properties.modified
    return saved.isoformat(timespec="seconds") + "+00:00" if saved else None
