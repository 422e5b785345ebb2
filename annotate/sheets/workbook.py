"""Sheets: a coder's queue of a round as a workbook, for those who want no server; `read_workbook` reads it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.task import ShownPassage, make_prediction
from corpus.annotation import Assignment, Round, Suggestion
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadRound
from corpus.study import Study

from .columns import (
    CODEBOOK,
    CODING,
    FONT,
    HEADER,
    HEADLINE,
    LISTS,
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


@dataclass
class ExportSummary:
    """The workbooks that were written, by coder, with their rows, and what was left as it was."""

    files: dict[str, Path]
    rows: dict[str, int]
    refusals: list[Refusal]


def export(study: Study, round: Round, folder: Path, *, unmasked: bool = False) -> ExportSummary:
    """Write one workbook for each coder of a round into a folder; one that is there already is left as it is.

    Raises BadRound where coders mark spans themselves, which a sheet cannot do, or for another codebook's round.
    """
    if round.layout == "highlight":
        raise BadRound(
            f"in {round.name} coders mark the spans themselves, which a spreadsheet cannot do: "
            f"slantwise studio push {round.name}, or draw a round without --layout highlight"
        )
    rounds.check_codebook_version(study, round)
    folder.mkdir(parents=True, exist_ok=True)
    done = ExportSummary({}, {}, [])
    for coder, name in queue.file_names(round.name, rounds.coders(study, round.name), ".xlsx").items():
        file = folder / name
        if file.exists():
            why = "this workbook is there already and may hold answers; import it, or choose another folder"
            done.refusals.append(Refusal(str(file), why))
            continue
        assigned = rounds.assignments(study, round.name, coder)
        made = make_workbook(study, round, coder, assigned, unmasked=unmasked)
        scratch = file.with_name(f".{file.name}.part")  # so that a workbook is whole or not there
        made.save(scratch)
        scratch.replace(file)
        done.files[coder], done.rows[coder] = file, len(assigned)
    return done


def make_workbook(
    study: Study, round: Round, coder: str, assigned: Sequence[Assignment], *, unmasked: bool = False
) -> Workbook:
    """Return a coder's workbook: the passages to code, the codebook, and hidden what ties each row to its span."""
    from openpyxl import Workbook

    from . import layout

    book, sides = study.codebook, study.settings.sides
    made = Workbook()
    made.properties.creator = "Slantwise"
    made.properties.title = f"{round.name}, {coder}"
    coding = made.active
    coding.title = CODING
    filling = columns(book)
    helped = any(one.arm == "assisted" for one in assigned)
    headings = [NUMBER, HEADLINE, PASSAGE, *([PUBLISHED] if unmasked else []), *([SUGGESTED] if helped else [])]
    at = {name: place for place, name in enumerate([*headings, *(c.name for c in filling), SKIP, MEMO], 1)}
    layout.write_codebook_sheet(made.create_sheet(CODEBOOK), book, sides)
    known = made.create_sheet(ORIGIN)
    for fact in (
        ("round", round.name), ("coder", coder), ("codebook", book.name), ("version", book.version),
        ("digest", book.digest), ("made", datetime.now(UTC).isoformat(timespec="seconds")), ("no.", "span"),
    ):  # fmt: skip
        known.append(fact)
    row = HEADER
    for one, seen, suggested in _queue_rows(study, round, assigned, unmasked):
        row += 1
        put_text(coding.cell(row, 1), row - HEADER)
        put_text(coding.cell(row, at[HEADLINE]), xml_safe(seen.headline))
        put_text(coding.cell(row, at[PASSAGE]), _bold_unit(seen))
        if unmasked:
            put_text(coding.cell(row, at[PUBLISHED]), seen.published)
        if suggested and one.arm == "assisted":
            put_text(coding.cell(row, at[SUGGESTED]), _suggestion_text(book, suggested, sides))
        known.append((row - HEADER, one.span, seen.digest))
        coding.row_dimensions[row].height = _row_height(seen)
    lists = made.create_sheet(LISTS)
    layout.format_coding_sheet(coding, lists, book, sides, at, row)
    for hidden in (known, lists):
        hidden.sheet_state = "hidden"
    return made


def _queue_rows(
    study: Study, round: Round, assigned: Sequence[Assignment], unmasked: bool
) -> Iterator[tuple[Assignment, ShownPassage, Mapping[str, Suggestion] | None]]:
    for chunk in queue.chunks(assigned):
        shown = queue.show_passages(study, [one.span for one in chunk], round.layout, unmasked=unmasked)
        helped = queue.assisted_suggestions(study, round, chunk)
        if bare := [one.span for one in chunk if one.arm == "assisted" and one.span not in helped]:
            raise BadRound(
                f"{len(bare)} assisted spans have no suggestion of the current model; first: slantwise suggest"
            )
        for one in chunk:
            yield one, shown[one.span], helped.get(one.span)


def _bold_unit(seen: ShownPassage) -> CellRichText:
    """Return a passage with its unit in bold."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    before, unit, after = shorten_passage(seen.pieces)
    plain = InlineFont(rFont=FONT, sz=12)
    bold = InlineFont(rFont=FONT, sz=12, b=True, color="00A33B00")
    pieces = ((plain, before), (bold, unit), (plain, after))
    return CellRichText(*[TextBlock(font, piece) for font, piece in pieces if piece])


def _suggestion_text(book: Codebook, suggested: Mapping[str, Suggestion], sides: Mapping[str, str]) -> str:
    """Return what a model suggests, a line a variable, as far as its own answers let it be asked."""
    lines = []
    for result in make_prediction(book, suggested)["result"]:
        said = code_labels(book.by_name[result["from_name"]], sides)
        lines.append(f"{result['from_name']}: {', '.join(said[code] for code in result['value']['choices'])}")
    return "\n".join(lines)


def _row_height(seen: ShownPassage) -> float:
    """Return a row's height in points, by the letters that stand in a line."""
    before, unit, after = shorten_passage(seen.pieces)
    needed = (
        count_lines(before + unit + after, WIDTHS[PASSAGE] * 0.92),
        count_lines(seen.headline, WIDTHS[HEADLINE] * 0.92),
        2,
    )
    return min(16.5 * max(needed) + 6, 409.0)
