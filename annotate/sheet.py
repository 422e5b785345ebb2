"""Sheets: a coder's queue of a round as a workbook, for those who want no server; `filled` reads it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.codebook import Code, Codebook, Variable
from corpus.errors import BadRound
from corpus.judgement import Assignment, Round, Suggestion
from corpus.readers import Refusal
from corpus.study import Study

from . import queue, rounds
from .task import Shown, prediction

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.rich_text import CellRichText

CODING, CODEBOOK, ORIGIN, LISTS = "Coding", "Codebook", "slantwise", "slantwise-lists"  # the sheets; two are hidden
HEADER = 2  # the row of the headings; above it stands what coders must know before they read a passage
NUMBER, HEADLINE, PASSAGE, PLACE, SUGGESTED, SKIP, MEMO = (
    "no.", "headline", "passage", "published", "suggestion", "skip", "memo",
)  # fmt: skip
LONGEST = 1000  # characters shown on either side of the unit: a row of a sheet is 409 points high at most
TICK = "x"  # what chooses a code where several may be chosen
WIDTHS = {NUMBER: 6, HEADLINE: 26, PASSAGE: 66, PLACE: 16, SUGGESTED: 24, SKIP: 15, MEMO: 32}
FONT = "Calibri"


@dataclass(frozen=True)
class Column:
    """A column that a coder fills in: a variable, or one code of a variable that takes several."""

    variable: Variable
    code: Code | None = None

    @property
    def name(self) -> str:
        """What the column is found by again: the first line of its heading."""
        return f"{self.variable.name}: {self.code.name}" if self.code else self.variable.name


@dataclass
class Exported:
    """The workbooks that were written, by coder, with their rows, and what was left as it was."""

    files: dict[str, Path]
    rows: dict[str, int]
    refusals: list[Refusal]


def columns(book: Codebook) -> list[Column]:
    """Return the columns that a coder fills in.

    >>> from corpus.codebook import load
    >>> [column.name for column in columns(load("territorial-control"))]
    ['mention', 'gainer', 'wording', 'attribution', 'speaker']
    """
    return [
        column
        for variable in book.variables
        for column in (
            [Column(variable, code) for code in variable.codes] if variable.kind == "multiple" else [Column(variable)]
        )
    ]


def labels(variable: Variable, sides: Mapping[str, str]) -> dict[str, str]:
    """Return what coders read for each code: its label or the side's name, unless two codes would read the same.

    >>> from corpus.codebook import load
    >>> labels(load("territorial-control").by_name["gainer"], {"side-a": "Orsenia"})
    {'side-a': 'Orsenia', 'side-b': 'side-b', 'unclear': 'unclear'}
    """
    said = {code.name: " ".join((code.label or sides.get(code.name) or code.name).split()) for code in variable.codes}
    taken = [label.casefold() for label in said.values()] + [name.casefold() for name in said]
    return {
        name: label if taken.count(label.casefold()) == 1 + (label.casefold() == name.casefold()) else name
        for name, label in said.items()
    }


def cut(pieces: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return a passage's pieces as a cell shows them: long ones cut at a blank, far from the unit.

    >>> [len(piece) for piece in cut(("a " * 900, "took", " Velo."))]
    [1000, 4, 6]
    """
    before, unit, after = (_drawn(piece) for piece in pieces)
    if len(before) > LONGEST:
        before = "… " + before[-LONGEST:].partition(" ")[2]
    if len(after) > LONGEST:
        after = after[:LONGEST].rpartition(" ")[0] + " …"
    return before, unit, after


def _drawn(text: str) -> str:
    """Return a text without the two characters that no XML can hold."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def export(study: Study, round: Round, folder: Path, *, unmasked: bool = False) -> Exported:
    """Write one workbook for each coder of a round into a folder; one that is there already is left as it is.

    Raises BadRound where coders mark spans themselves, which a sheet cannot do, or for another codebook's round.
    """
    if round.layout == "highlight":
        raise BadRound(
            f"in {round.name} coders mark the spans themselves, which a spreadsheet cannot do: "
            f"slantwise studio push {round.name}, or draw a round without --layout highlight"
        )
    rounds.check_version(study, round)
    folder.mkdir(parents=True, exist_ok=True)
    done = Exported({}, {}, [])
    for coder, name in file_names(round.name, rounds.coders(study, round.name), ".xlsx").items():
        file = folder / name
        if file.exists():
            why = "this workbook is there already and may hold answers; import it, or choose another folder"
            done.refusals.append(Refusal(str(file), why))
            continue
        assigned = rounds.assignments(study, round.name, coder)
        made = workbook(study, round, coder, assigned, unmasked=unmasked)
        scratch = file.with_name(f".{file.name}.part")  # so that a workbook is whole or not there
        made.save(scratch)
        scratch.replace(file)
        done.files[coder], done.rows[coder] = file, len(assigned)
    return done


def file_names(round: str, coders: Sequence[str], ending: str) -> dict[str, str]:
    """Return a file name for each coder, whatever signs a coder's name has.

    >>> file_names("pilot", ["Ann Lee", "Ann/Lee"], ".xlsx")
    {'Ann Lee': 'pilot-Ann_Lee.xlsx', 'Ann/Lee': 'pilot-Ann_Lee-2.xlsx'}
    """
    names: dict[str, str] = {}
    for coder in coders:
        plain = f"{round}-" + re.sub(r"[^\w.-]+", "_", coder)
        names[coder], n = plain + ending, 1
        while list(names.values()).count(names[coder]) > 1:
            n += 1
            names[coder] = f"{plain}-{n}{ending}"
    return names


def workbook(
    study: Study, round: Round, coder: str, assigned: Sequence[Assignment], *, unmasked: bool = False
) -> Workbook:
    """Return a coder's workbook: the passages to code, the codebook, and hidden what ties each row to its span."""
    from openpyxl import Workbook

    from . import sheetbook

    book, sides = study.codebook, study.settings.sides
    made = Workbook()
    made.properties.creator = "Slantwise"
    made.properties.title = f"{round.name}, {coder}"
    coding = made.active
    coding.title = CODING
    filling = columns(book)
    helped = any(one.arm == "assisted" for one in assigned)
    headings = [NUMBER, HEADLINE, PASSAGE, *([PLACE] if unmasked else []), *([SUGGESTED] if helped else [])]
    at = {name: place for place, name in enumerate([*headings, *(c.name for c in filling), SKIP, MEMO], 1)}
    sheetbook.codebook(made.create_sheet(CODEBOOK), book, sides)
    known = made.create_sheet(ORIGIN)
    for fact in (
        ("round", round.name), ("coder", coder), ("codebook", book.name), ("version", book.version),
        ("digest", book.digest), ("made", datetime.now(UTC).isoformat(timespec="seconds")), ("no.", "span"),
    ):  # fmt: skip
        known.append(fact)
    row = HEADER
    for one, seen, suggested in _rows(study, round, assigned, unmasked):
        row += 1
        put_text(coding.cell(row, 1), row - HEADER)
        put_text(coding.cell(row, at[HEADLINE]), _drawn(seen.headline))
        put_text(coding.cell(row, at[PASSAGE]), _rich(seen))
        if unmasked:
            put_text(coding.cell(row, at[PLACE]), seen.place)
        if suggested and one.arm == "assisted":
            put_text(coding.cell(row, at[SUGGESTED]), _suggestion(book, suggested, sides))
        known.append((row - HEADER, one.span, seen.digest))
        coding.row_dimensions[row].height = _height(seen)
    lists = made.create_sheet(LISTS)
    sheetbook.furnish(coding, lists, book, sides, at, row)
    for hidden in (known, lists):
        hidden.sheet_state = "hidden"
    return made


def _rows(
    study: Study, round: Round, assigned: Sequence[Assignment], unmasked: bool
) -> Iterator[tuple[Assignment, Shown, Mapping[str, Suggestion] | None]]:
    for chunk in queue.chunks(assigned):
        shown = queue.passages(study, [one.span for one in chunk], round.layout, unmasked=unmasked)
        helped = queue.shown_beside(study, round, chunk)
        if bare := [one.span for one in chunk if one.arm == "assisted" and one.span not in helped]:
            raise BadRound(
                f"{len(bare)} assisted spans have no suggestion of the current model; first: slantwise suggest"
            )
        for one in chunk:
            yield one, shown[one.span], helped.get(one.span)


def put_text(cell: Any, value: str | int | CellRichText) -> None:
    """Put a value into a cell as what it is: a text that begins with = is no formula, also when it is edited."""
    cell.value = value if value != "" else None
    if not isinstance(value, int):
        cell.number_format = "@"
    if cell.data_type in "fe":
        cell.data_type = "s"


def _rich(seen: Shown) -> CellRichText:
    """Return a passage with its unit in bold."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    before, unit, after = cut(seen.pieces)
    plain = InlineFont(rFont=FONT, sz=12)
    bold = InlineFont(rFont=FONT, sz=12, b=True, color="00A33B00")
    pieces = ((plain, before), (bold, unit), (plain, after))
    return CellRichText(*[TextBlock(font, piece) for font, piece in pieces if piece])


def _suggestion(book: Codebook, suggested: Mapping[str, Suggestion], sides: Mapping[str, str]) -> str:
    """Return what a model suggests, a line a variable, as far as its own answers let it be asked."""
    lines = []
    for result in prediction(book, suggested)["result"]:
        said = labels(book.by_name[result["from_name"]], sides)
        lines.append(f"{result['from_name']}: {', '.join(said[code] for code in result['value']['choices'])}")
    return "\n".join(lines)


def _height(seen: Shown) -> float:
    """Return a row's height in points, by the letters that stand in a line."""
    before, unit, after = cut(seen.pieces)
    needed = (
        lines(before + unit + after, WIDTHS[PASSAGE] * 0.92),
        lines(seen.headline, WIDTHS[HEADLINE] * 0.92),
        2,
    )
    return min(16.5 * max(needed) + 6, 409.0)


def lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of so many letters; what is wide (汉字) counts twice.

    >>> lines("Northland took Velo.", 10), lines("北国占领", 10)
    (3, 1)
    """
    return sum(1 + int(sum(2 if letter > "\u2e80" else 1 for letter in line) / width) for line in text.split("\n"))
