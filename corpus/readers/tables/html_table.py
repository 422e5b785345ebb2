"""Read the rows of a table in a page, as databases and spreadsheets export them (often named .xls)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.errors import BadFile
from corpus.text.markup import text_of_element

from .columns import fields_of, refuse_doubled

_SHARE = 0.6  # of a page's text that a table of articles has at least
_HEADER_ROWS = 5  # a title may precede the row with the columns' names


def rows_of_html_table(root: Any) -> list[tuple[int, Mapping[str, str] | str]] | None:
    """Return the numbered rows of the table of articles in a page, with a reason for each that cannot be used.

    A table of articles has a row with the names of columns, one of texts and at least one other that is known, and most
    of the page's text: an article may have a table as well. Returns None if the page has none. Raises BadFile if it has
    several, or two columns of one name.
    """
    found = [table for table in root.iter("table") if table.find(".//table") is None and _header(table) is not None]
    if not found or sum(map(_length, found)) < _SHARE * _length(root):
        return None
    if len(found) > 1:
        raise BadFile("the page has several tables with texts of articles; save each as a CSV file of its own")
    table = found[0]
    header = _header(table)
    assert header is not None
    at, columns = header
    refuse_doubled(columns)
    rows: list[tuple[int, Mapping[str, str] | str]] = []
    for number, row in enumerate(list(table.iter("tr"))[at + 1 :], 1):
        cells = _cells(row)
        if len(cells) != len(columns) and any(cells):
            why = (
                f"the row has {len(cells)} cells, the row of names has {len(columns)}; cells may be merged; complete it"
            )
            rows.append((number, why))
        elif any(cells):
            rows.append((number, {name: cell for name, cell in zip(columns, cells, strict=True) if name}))
    return rows


def _length(element: Any) -> int:
    return len(text_of_element(element))


def _header(table: Any) -> tuple[int, list[str]] | None:
    for number, row in zip(range(_HEADER_ROWS), table.iter("tr"), strict=False):
        columns = [" ".join(cell.split()) for cell in _cells(row)]
        fields = fields_of(column for column in columns if len(column) < 40)
        if "text" in fields and len(fields) > 1:
            return number, columns
    return None


def _cells(row: Any) -> list[str]:
    return [text_of_element(cell).strip() for cell in row if cell.tag in ("td", "th")]
