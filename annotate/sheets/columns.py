"""The columns of a coder's workbook: their names, labels and cell values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.codebook import Code, Codebook, Variable

if TYPE_CHECKING:
    from openpyxl.cell.rich_text import CellRichText

CODING, CODEBOOK, ORIGIN, LISTS = "Coding", "Codebook", "slantwise", "slantwise-lists"  # the sheets; two are hidden
HEADER = 2  # the row of the headings; the row above has the warning and the instructions
NUMBER, HEADLINE, PASSAGE, PUBLISHED, SUGGESTED, SKIP, MEMO = (
    "no.", "headline", "passage", "published", "suggestion", "skip", "memo",
)  # fmt: skip
MAX_CHARACTERS = 1000  # characters shown on either side of the unit; a row is at most 409 points high
TICK = "x"  # selects a code of a multiple-choice variable
WIDTHS = {NUMBER: 6, HEADLINE: 26, PASSAGE: 66, PUBLISHED: 16, SUGGESTED: 24, SKIP: 15, MEMO: 32}
FONT = "Calibri"


@dataclass(frozen=True)
class Column:
    """A column that a coder fills in: a variable, or one code of a multiple-choice variable."""

    variable: Variable
    code: Code | None = None

    @property
    def name(self) -> str:
        """The first line of the heading, by which the column is found when the workbook is read."""
        return f"{self.variable.name}: {self.code.name}" if self.code else self.variable.name


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


def code_labels(variable: Variable, sides: Mapping[str, str]) -> dict[str, str]:
    """Return the text shown for each code: its label or the side's name, or its own name if these are ambiguous.

    >>> from corpus.codebook import load
    >>> code_labels(load("territorial-control").by_name["gainer"], {"side-a": "Orsenia"})
    {'side-a': 'Orsenia', 'side-b': 'side-b', 'unclear': 'unclear'}
    """
    names = {code.name: code.label or sides.get(code.name) or code.name for code in variable.codes}
    label_of = {name: " ".join(label.split()) for name, label in names.items()}
    taken = [label.casefold() for label in label_of.values()] + [name.casefold() for name in label_of]
    return {
        name: label if taken.count(label.casefold()) == 1 + (label.casefold() == name.casefold()) else name
        for name, label in label_of.items()
    }


def shorten_passage(pieces: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return a passage's pieces for a cell, with long context cut at a space far from the unit.

    >>> [len(piece) for piece in shorten_passage(("a " * 900, "took", " Velo."))]
    [1000, 4, 6]
    """
    before, unit, after = (xml_safe(piece) for piece in pieces)
    if len(before) > MAX_CHARACTERS:
        before = "… " + before[-MAX_CHARACTERS:].partition(" ")[2]
    if len(after) > MAX_CHARACTERS:
        after = after[:MAX_CHARACTERS].rpartition(" ")[0] + " …"
    return before, unit, after


def xml_safe(text: str) -> str:
    """Return a text without the two characters that XML cannot represent."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def put_text(cell: Any, value: str | int | CellRichText) -> None:
    """Set a cell's value; a text that begins with = stays text, even after editing."""
    cell.value = value if value != "" else None
    if not isinstance(value, int):
        cell.number_format = "@"
    if cell.data_type in "fe":
        cell.data_type = "s"


def count_lines(text: str, width: float) -> int:
    """Return the number of lines of a text in a column `width` characters wide; wide characters (汉字) count twice.

    >>> count_lines("Northland took Velo.", 10), count_lines("北国占领", 10)
    (3, 1)
    """
    return sum(1 + int(sum(2 if letter > "\u2e80" else 1 for letter in line) / width) for line in text.split("\n"))
