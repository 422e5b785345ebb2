"""The columns of a coder's workbook: what they are called, what stands in them, and how a cell is filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corpus.codebook import Code, Codebook, Variable

if TYPE_CHECKING:
    from openpyxl.cell.rich_text import CellRichText

CODING, CODEBOOK, ORIGIN, LISTS = "Coding", "Codebook", "slantwise", "slantwise-lists"  # the sheets; two are hidden
HEADER = 2  # the row of the headings; above it stands what coders must know before they read a passage
NUMBER, HEADLINE, PASSAGE, PUBLISHED, SUGGESTED, SKIP, MEMO = (
    "no.", "headline", "passage", "published", "suggestion", "skip", "memo",
)  # fmt: skip
MAX_CHARACTERS = 1000  # characters shown on either side of the unit: a row of a sheet is 409 points high at most
TICK = "x"  # what chooses a code where several may be chosen
WIDTHS = {NUMBER: 6, HEADLINE: 26, PASSAGE: 66, PUBLISHED: 16, SUGGESTED: 24, SKIP: 15, MEMO: 32}
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
    """Return what coders read for each code: its label or the side's name, unless two codes would read the same.

    >>> from corpus.codebook import load
    >>> code_labels(load("territorial-control").by_name["gainer"], {"side-a": "Orsenia"})
    {'side-a': 'Orsenia', 'side-b': 'side-b', 'unclear': 'unclear'}
    """
    said = {code.name: " ".join((code.label or sides.get(code.name) or code.name).split()) for code in variable.codes}
    taken = [label.casefold() for label in said.values()] + [name.casefold() for name in said]
    return {
        name: label if taken.count(label.casefold()) == 1 + (label.casefold() == name.casefold()) else name
        for name, label in said.items()
    }


def shorten_passage(pieces: tuple[str, str, str]) -> tuple[str, str, str]:
    """Return a passage's pieces as a cell shows them: long ones cut at a blank, far from the unit.

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
    """Return a text without the two characters that no XML can hold."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def put_text(cell: Any, value: str | int | CellRichText) -> None:
    """Put a value into a cell as what it is: a text that begins with = is no formula, also when it is edited."""
    cell.value = value if value != "" else None
    if not isinstance(value, int):
        cell.number_format = "@"
    if cell.data_type in "fe":
        cell.data_type = "s"


def count_lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of so many letters; what is wide (汉字) counts twice.

    >>> count_lines("Northland took Velo.", 10), count_lines("北国占领", 10)
    (3, 1)
    """
    return sum(1 + int(sum(2 if letter > "\u2e80" else 1 for letter in line) / width) for line in text.split("\n"))
