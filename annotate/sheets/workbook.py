"""Write a coder's queue as a workbook, for coding without a server; `read_workbook` reads it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.task import ShownPassage, make_prediction
from corpus.annotation import Assignment, Round, Suggestion
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadRound
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study.files import make_folder, write_whole

from .columns import (
    CODEBOOK,
    CODING,
    FONT,
    HEADER,
    HEADLINE,
    MEMO,
    NUMBER,
    ORIGIN,
    PASSAGE,
    PUBLISHED,
    SKIP,
    SUGGESTED,
    WIDTHS,
    code_labels,
    columns,
    count_lines,
    put_text,
    shorten_passage,
    xml_safe,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.rich_text import CellRichText


@dataclass(frozen=True)
class CoderWorkbook:
    """One coder's workbook with its number of rows to code."""

    file: Path
    rows: int


@dataclass(frozen=True)
class ExportedWorkbooks(Result):
    """The workbooks of a round that were written, by coder, and those that were refused."""

    round: str
    files: Mapping[str, CoderWorkbook]
    refusals: tuple[Refusal, ...] = printed_as("refused")
    rows = "files"


def export_workbooks(study: Study, round: str, folder: str | Path, *, unmask: bool = False) -> ExportedWorkbooks:
    """Write one Excel workbook for each coder of a round into a folder; existing workbooks are not overwritten.

    With `unmask` coders see outlet and date. Raises BadRound for the layout `highlight`, which needs Label Studio, and
    for another version of the codebook.
    """
    drawn_round, folder = rounds.get_round(study, round), Path(folder).expanduser()
    if drawn_round.layout == "highlight":
        raise BadRound(
            f"in {round} coders mark spans in passages, which a spreadsheet cannot do: "
            f"slantwise studio push {round}, or draw a round with the layout unit"
        )
    rounds.check_codebook_version(study, drawn_round)
    make_folder(folder)
    files: dict[str, CoderWorkbook] = {}
    refusals: list[Refusal] = []
    for coder, name in queue.file_names(round, rounds.coders(study, round), ".xlsx").items():
        file = folder / name
        if file.exists():
            reason = "this workbook exists already and may contain answers; import it, or choose another folder"
            refusals.append(Refusal(str(file), reason))
            continue
        assignments = rounds.assignments(study, round, coder)
        content = BytesIO()
        make_workbook(study, drawn_round, coder, assignments, unmasked=unmask).save(content)
        write_whole(file, content.getvalue())
        files[coder] = CoderWorkbook(file, len(assignments))
    return ExportedWorkbooks(round, files, tuple(refusals))


def make_workbook(
    study: Study, round: Round, coder: str, assignments: Sequence[Assignment], *, unmasked: bool = False
) -> Workbook:
    """Return a coder's workbook: the passages to code, the codebook, and a hidden sheet with the span of each row."""
    from openpyxl import Workbook

    from . import layout

    book, sides = study.codebook, study.settings.sides
    workbook = Workbook()
    workbook.properties.creator = "Slantwise"
    workbook.properties.title = f"{round.name}, {coder}"
    coding = workbook.active
    coding.title = CODING
    to_fill = columns(book)
    has_suggestions = any(one.arm == "assisted" for one in assignments)
    headings = [NUMBER, HEADLINE, PASSAGE] + [PUBLISHED] * unmasked + [SUGGESTED] * has_suggestions
    column_of = {name: number for number, name in enumerate([*headings, *(c.name for c in to_fill), SKIP, MEMO], 1)}
    layout.write_codebook_sheet(workbook.create_sheet(CODEBOOK), book, sides)
    origin = workbook.create_sheet(ORIGIN)
    for fact in (
        ("round", round.name), ("coder", coder), ("codebook", book.name), ("version", book.version),
        ("digest", book.digest), ("made", rounds.utc_now()), ("no.", "span"),
    ):  # fmt: skip
        origin.append(fact)
    row = HEADER
    for assignment, passage, suggestions in _queue_rows(study, round, assignments, unmasked):
        row += 1
        put_text(coding.cell(row, 1), row - HEADER)
        put_text(coding.cell(row, column_of[HEADLINE]), xml_safe(passage.headline))
        put_text(coding.cell(row, column_of[PASSAGE]), _bold_unit(passage))
        if unmasked:
            put_text(coding.cell(row, column_of[PUBLISHED]), passage.published)
        if suggestions and assignment.arm == "assisted":
            put_text(coding.cell(row, column_of[SUGGESTED]), _suggestion_text(book, suggestions, sides))
        origin.append((row - HEADER, assignment.span, passage.digest))
        coding.row_dimensions[row].height = _row_height(passage)
    origin.sheet_state = "hidden"
    layout.format_coding_sheet(coding, book, sides, column_of, row)
    for sheet in workbook.worksheets:  # no text of a study, codebook or coder becomes a formula
        for cell in (cell for cells in sheet.iter_rows() for cell in cells if cell.data_type in "fe"):
            put_text(cell, cell.value)
    return workbook


def _queue_rows(
    study: Study, round: Round, assignments: Sequence[Assignment], unmasked: bool
) -> Iterator[tuple[Assignment, ShownPassage, Mapping[str, Suggestion] | None]]:
    for chunk in queue.chunks(assignments):
        passages = queue.show_passages(study, [one.span for one in chunk], round.layout, unmasked=unmasked)
        suggestions = queue.assisted_suggestions(study, round, chunk)
        if lacking := sum(one.arm == "assisted" and one.span not in suggestions for one in chunk):
            raise BadRound(queue.NO_SUGGESTION.format(lacking))
        for one in chunk:
            yield one, passages[one.span], suggestions.get(one.span)


def _bold_unit(passage: ShownPassage) -> CellRichText:
    """Return a passage with its unit in bold."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    before, unit, after = shorten_passage(passage.pieces)
    plain = InlineFont(rFont=FONT, sz=12)
    bold = InlineFont(rFont=FONT, sz=12, b=True, color="00A33B00")
    pieces = ((plain, before), (bold, unit), (plain, after))
    return CellRichText(*[TextBlock(font, piece) for font, piece in pieces if piece])


def _suggestion_text(book: Codebook, suggestions: Mapping[str, Suggestion], sides: Mapping[str, str]) -> str:
    """Return the suggestions as text, one line for each variable that applies after them."""
    texts = []
    for result in make_prediction(book, suggestions)["result"]:
        label_of = code_labels(book.by_name[result["from_name"]], sides)
        texts.append(f"{result['from_name']}: {', '.join(label_of[code] for code in result['value']['choices'])}")
    return "\n".join(texts)


def _row_height(passage: ShownPassage) -> float:
    """Return a row's height in points, estimated from the number of lines."""
    before, unit, after = shorten_passage(passage.pieces)
    needed = (
        count_lines(before + unit + after, WIDTHS[PASSAGE] * 0.92),
        count_lines(passage.headline, WIDTHS[HEADLINE] * 0.92),
        2,
    )
    return min(16.5 * max(needed) + 6, 409.0)
