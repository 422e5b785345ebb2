"""Read a workbook that a coder filled in, check each row and store the answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from sqlalchemy import select

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.store_answers import ImportSummary, store_answers
from annotate.tasks.task import ShownPassage, TaskAnswers, annotations_of, what_is_said, words_of
from corpus.annotation import Assignment, Outcome, Round
from corpus.annotations.answer_tables import merged_rows
from corpus.article import normalise
from corpus.codebook import Codebook
from corpus.codebook.spelling import folded
from corpus.draft import Refusal
from corpus.errors import BadRound, BadText
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import is_removed, removed_revisions

from .columns import HEADER, MEMO, NUMBER, PASSAGE, SKIP, columns, shorten_passage
from .returned_workbook import ReturnedWorkbook, SheetRow, open_workbook, sheet_row


def import_workbook(study: Study, path: Path) -> ImportSummary:
    """Import a coder's answers from a workbook of `workbook.export`; importing it twice changes nothing.

    An empty row counts as unanswered and never deletes the coder's earlier answer. A row whose passage was changed is
    refused. Raises BadFile if the file is not such a workbook, BadRound if it belongs to another study, round or
    codebook.
    """
    workbook = open_workbook(path)
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
    with study.store.reading() as connection:
        gone = removed_revisions(connection)
    rows, merged, refusals = _rows_by_span(workbook, assignments, gone)
    answered_before = _answered_spans(study, round, coder)
    filled = {span: present for span, of_span in rows.items() if (present := [row for row in of_span if row.is_filled])}
    unchanged = (set(assignments) & answered_before) - set(filled) - merged

    def read_rows() -> Iterator[tuple[Assignment, TaskAnswers]]:
        wanted = [one for span, one in assignments.items() if span not in unchanged]
        for chunk in queue.chunks(wanted):
            passages = queue.show_passages(study, [one.span for one in chunk], round.layout)
            for assignment in chunk:
                span = assignment.span
                if span in merged:
                    continue
                if span not in filled:
                    yield assignment, TaskAnswers()
                    continue
                read = [_read_row(workbook, row, passages[span], assignment, book) for row in filled[span]]
                if not _equal(filled[span], read):
                    refusals.extend(_contradictions(workbook, filled[span], read))
                else:
                    read[-1].times = len(read)
                    yield assignment, read[-1]

    summary = store_answers(study, round, coder, read_rows())
    emptied_rows = sorted(row.number for span in unchanged for row in rows.get(span, ()))
    if emptied := [str(number) for number in emptied_rows]:
        why = "answered earlier but empty now; the earlier answers are kept (to withdraw one, choose a reason to skip)"
        refusals.append(Refusal(f"{path.name}, rows {', '.join(emptied)}", why))
    summary.refusals = refusals + summary.refusals
    return summary


def _rows_by_span(
    workbook: ReturnedWorkbook, assignments: Mapping[str, Assignment], gone: Collection[str]
) -> tuple[dict[str, list[SheetRow]], set[str], list[Refusal]]:
    """Return the rows by span, in any order, the spans of rows with merged cells, and refusals.

    Rows with merged cells and rows that match no assignment are refused.
    """
    rows: dict[str, list[SheetRow]] = {}
    merged: set[str] = set()
    refusals = []
    problems = merged_rows(workbook.coding, workbook.column_of.values())
    for number in range(HEADER + 1, workbook.coding.max_row + 1):
        row = sheet_row(workbook, number)
        key = workbook.text(number, NUMBER)
        span = workbook.sent.get(key, ("", ""))[0]
        if number in problems:
            refusals.append(Refusal(workbook.where(number), problems[number]))
            merged |= {span} & set(assignments)
        elif span in assignments:
            rows.setdefault(span, []).append(row)
        elif row.is_filled:
            reason = f"{key!r} is not the number of a row that was sent; the row was not imported"
            if is_removed(gone, span):
                reason = "its article was removed from the study; the row was not imported"
            refusals.append(Refusal(workbook.where(number), reason))
    return rows, merged, refusals


def _equal(rows: Sequence[SheetRow], read: Sequence[TaskAnswers]) -> bool:
    """Return whether rows say the same: in the same words, or without faults in words that mean the same."""
    texts = [[text for text, _ in row.cells.values()] for row in rows]
    if all(one == texts[0] for one in texts):
        return all(one.trusted == read[0].trusted for one in read)
    return all(not one.faults and what_is_said(one) == what_is_said(read[0]) for one in read)


def _contradictions(workbook: ReturnedWorkbook, rows: Sequence[SheetRow], read: Sequence[TaskAnswers]) -> list[Refusal]:
    """Return a refusal for each of the rows with one number that say different things; which is meant is unknown."""
    key = workbook.text(rows[0].number, NUMBER)
    said = {
        row.number: "; ".join([*([words_of(one)] if one.given or not one.faults else []), *one.faults])
        for row, one in zip(rows, read, strict=True)
    }
    why = (
        f"number {key} is in several rows that contradict each other: {{}} here, {{}}; none of them was imported: "
        "delete all but one"
    )
    return [
        Refusal(
            workbook.where(number),
            why.format(words, ", ".join(f"{those} in row {other}" for other, those in said.items() if other != number)),
        )
        for number, words in said.items()
    ]


def _read_row(
    workbook: ReturnedWorkbook, row: SheetRow, passage: ShownPassage, assignment: Assignment, book: Codebook
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


def _read_memo(row: SheetRow, answered: TaskAnswers) -> str:
    text, address = row.cells.get(MEMO, ("", ""))
    try:
        return normalise(text)
    except BadText as error:
        answered.faults.append(f"{address}: {error}")
        return ""


def _read_code(workbook: ReturnedWorkbook, row: SheetRow, name: str, answered: TaskAnswers) -> str | None:
    """Return the code in a cell, given by label or name; None if the cell is empty or has no valid code."""
    text, address = row.cells[name]
    if not text:
        return None
    choices, why = workbook.lists[name], ""
    number = row.numbers.get(address)
    if address in row.problems:
        why = row.problems[address]
    else:
        codes = {choices[text]} if text in choices and number is None else set()
        codes = codes or {code for word, code in choices.items() if _means(text, number, word)}
        if len(codes) == 1:
            return codes.pop()
        why = f"{text[:40]!r} may mean {' or '.join(sorted(codes))}; choose it from the list"
        if not codes:
            nearest = get_close_matches(text, workbook.labels[name], 1, 0.5)
            hint = (
                f"the nearest is {nearest[0]!r}" if nearest else f"expected one of {', '.join(workbook.labels[name])}"
            )
            why = f"{text[:40]!r} is not a code; {hint}"
    answered.faults.append(f"{address} ({name}): {why}")
    return None


def _means(text: str, number: float | None, word: str) -> bool:
    """Return whether a cell means a code by its label or name: case and blanks do not matter; a number may be any of
    those that are written otherwise, as 1.1 is 1.10.
    """
    if folded(text) == folded(word):
        return True
    try:
        return number is not None and float(word) == number
    except ValueError:
        return False


def _read_answers(
    workbook: ReturnedWorkbook, row: SheetRow, book: Codebook, answered: TaskAnswers
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
