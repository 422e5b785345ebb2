"""Refuse workbooks (XLSX) that would take hours or all memory, before a library opens them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import BadFile

MAX_BYTES = 500_000_000  # of uncompressed XML
MAX_CELLS = 1_500_000  # of all sheets, and as many different texts
MAX_AREA = 4_000_000  # cells from the first to the last one of a sheet, where empty ones take memory too
_CELL = re.compile(rb"<(?:\w{1,8}:)?(?:c|si)[ />]")
_PLACE = re.compile(rb'<(?:\w{1,8}:)?c [^<>]{0,60}?\br="([A-Z]{1,3})(\d{1,7})"')
_MERGED = re.compile(rb'<(?:\w{1,8}:)?mergeCell [^<>]{0,60}?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_LONGEST_MATCH = 160  # bytes
_CHUNK = 1 << 20


def check_size(path: Path, *, whole: bool = False) -> None:
    """Raise BadFile if a workbook is too large; with `whole` also for empty cells, where all are held in memory.

    Raises what `zipfile` raises for a damaged file.
    """
    cells = 0
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:  # no more than this is ever unpacked
            raise BadFile(f"the workbook holds more than {MAX_BYTES:,} bytes; save it as CSV")
        for part in archive.infolist():
            if not part.filename.endswith(".xml"):
                continue
            extent = (0, 0)
            for piece, begins in _pieces(archive, part):
                cells += sum(match.start() >= begins for match in _CELL.finditer(piece))
                if cells > MAX_CELLS:
                    raise BadFile(f"the workbook has more than {MAX_CELLS:,} cells; save the sheet you need as CSV")
                if whole:
                    extent = _extent(piece, extent)


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Yield a part in pieces that overlap, and where in each the new begins (a match before it was seen)."""
    with archive.open(part) as file:
        last = b""
        while chunk := file.read(_CHUNK):
            yield last + chunk, max(0, len(last) - 10)
            last = chunk[-_LONGEST_MATCH:]


def _extent(piece: bytes, before: tuple[int, int]) -> tuple[int, int]:
    """Return the last column and row so far. Raises BadFile if the cells before them are too many."""
    places = [(_number(match[1]), int(match[2])) for match in _PLACE.finditer(piece)]
    column = max((place[0] for place in places), default=0)
    row = max((place[1] for place in places), default=0)
    last = max(before[0], column), max(before[1], row)
    if last[0] * last[1] > MAX_AREA:
        raise BadFile(
            f"the workbook has cells far from the others, in row {last[1]:,} or column {last[0]:,}; delete the empty "
            "rows and columns before them, or save the sheet as CSV"
        )
    merged = _MERGED.finditer(piece)
    if sum((_number(one[3]) - _number(one[1]) + 1) * (int(one[4]) - int(one[2]) + 1) for one in merged) > MAX_AREA:
        raise BadFile(f"the workbook has merged cells of more than {MAX_AREA:,}; separate them, or save it as CSV")
    return last


def _number(letters: bytes) -> int:
    """Return a column's number.

    >>> _number(b"A"), _number(b"AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
