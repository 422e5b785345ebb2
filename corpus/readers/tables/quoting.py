"""Bring the quotation marks of tables that other programs write into the form of CSV, where that is certain."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

_NAMES_OF_R = re.compile(r'"[^"\n]+"(?:(?: "[^"\n]+")+\r?\n(?:"|NA |[-+\d.]+ )|\r?\n"[^"\n]{1,30}" ")')
_LONGEST_ROW_NAME = 30  # characters


def is_table_of_r(text: str) -> bool:
    r"""Return whether a table is separated by blanks, as R's write.table does it by default.

    >>> is_table_of_r('"text" "outlet"\n"1" "Velo fell." "Herald"\n'), is_table_of_r('"Velo" fell\n')
    (True, False)
    """
    return _NAMES_OF_R.match(text) is not None


def as_csv(text: str, separator: str) -> str:
    r"""Return a table's text with quotation marks as in CSV: around a cell or not at all, doubled within it.

    R and databases write \" in a cell; tables separated by tabs often have them as they are in the text. The text is
    returned as it is unless all its rows have as many cells as the first one only in one of these forms.

    >>> as_csv('"text","outlet"\n"He said \\"no\\".","Herald"\n', ",").splitlines()[1]
    '"He said ""no"".","Herald"'
    """
    if '"' not in text or ('\\"' not in text and separator != "\t") or is_even(text, separator):
        return text
    if '\\"' in text and is_even(doubled := text.replace('\\"', '""'), separator):
        return doubled
    if separator != "\t":
        return text
    rows = [line.split("\t") for line in re.split(r"\r\n|\r|\n", text) if line.strip()]
    if len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return text
    cells = [cell for row in rows for cell in row if '"' in cell]
    are_quoted = any('""' in cell and _is_quoted(cell) for cell in cells)
    lines = ("\t".join(cell if are_quoted and _is_quoted(cell) else _quoted(cell) for cell in row) for row in rows)
    return "\n".join([*lines, ""])


def has_row_names(header: str, separator: str, rows: Sequence[Sequence[str]]) -> bool:
    r"""Return whether each row begins with a name or number for which `header`, the first line, has no cell.

    R writes such rows; it puts all names and texts in quotation marks, so that no separator can be within them.

    >>> has_row_names('"text","outlet"', ",", [["1", "Velo fell.", "Herald"], ["2", "Karsk fell.", "Herald"]])
    True
    >>> has_row_names("outlet,text", ",", [["Herald", "Velo fell", " at dawn."]])
    False
    """
    names = header.rstrip("\r\n").split(separator)
    if not rows or any(len(name) < 2 or name[0] != '"' or name[-1] != '"' for name in names):
        return False
    first = [row[0] for row in rows]
    is_longer = all(len(row) == len(names) + 1 and len(row[0]) <= _LONGEST_ROW_NAME for row in rows)
    return is_longer and len(set(first)) == len(first)


def is_even(text: str, separator: str) -> bool:
    """Return whether a text is CSV with as many cells in each row, or with one more below the names of the columns."""
    try:
        widths = [
            len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row
        ]
    except csv.Error:
        return False
    return len(set(widths[1:])) <= 1 and (not widths[1:] or widths[1] - widths[0] in (0, 1))


def _is_quoted(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', "")


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if '"' in cell else cell
