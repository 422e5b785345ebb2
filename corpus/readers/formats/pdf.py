"""Read the text layer of a PDF: lines become paragraphs, and running heads and page numbers are left out."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from corpus.draft import short_message
from corpus.errors import BadFile

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MAX_BYTES, MAX_PAGES = 100_000_000, 2000
_COLUMN_LINES, _COLUMN_LETTERS, _COLUMN_WIDTH, _INDENT = 6, 20, 100, 30  # of columns; the latter two in points
_LETTER = 0.4  # a narrow letter's width, in its height
_EDGE = 3  # lines at the top and at the bottom of a page that may be running heads
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_MOST_UNREADABLE = 0.02  # of the characters
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_SENTENCE_END = re.compile(r"[.!?…:。！？؟।]['\"’”»“)\]]*$")
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|p\.|s\.|página|pagina|стр\.?)\s*)?\d{1,4}(?:\s*(?:/|of|von|de|sur|из)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"(?:https?|file)://\S+\s*\d{1,4}/\d{1,4}")  # the lowest line of a page printed by a browser
_MARKER = re.compile(r"(?:[-–•*]|\d{1,3}[.)]|\(?[a-z]\))\s")
_HYPHEN = re.compile(r"(\w+(?:-\w+)*)[-\u00ad\u2010]$")


@dataclass
class _Line:
    """A line with the place of its beginning, in points from the lower left corner, and its letters' size."""

    text: str
    page: int
    x: float
    y: float
    size: float
    parts: tuple[tuple[float, int], ...] = ()  # where on the page and in the text later pieces of it begin


def paragraphs_of_pdf(data: bytes) -> tuple[list[str], str | None, list[str]]:
    """Return a PDF's paragraphs, its headline if its letters are larger, and warnings about it.

    Raises BadFile if it has no text layer, is encrypted or cannot be read.
    """
    if len(data) > MAX_BYTES:
        raise BadFile(f"the PDF has more than {MAX_BYTES:,} bytes; divide it into several")
    import warnings

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it reports is a refusal below
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pypdf.PdfReader(io.BytesIO(data))
            _open(reader)
            pages = [_lines(page, number) for number, page in enumerate(reader.pages, 1)]
            scanned = [number for number, lines in enumerate(pages, 1) if not lines and _has_image(reader, number - 1)]
    except BadFile:
        raise
    except Exception as error:  # unpredictable input: any fault of the library is a refusal
        why = f"the PDF cannot be read ({short_message(error) or type(error).__name__})"
        raise BadFile(f"{why}; print it into a new PDF, or save its text as DOCX or TXT") from None
    if not any(pages):
        raise BadFile("the PDF has no text layer: its pages are pictures; run OCR on it and add the result")
    places = ", ".join(map(str, scanned[:20]))
    notes = [f"its pages {places} are pictures without a text layer, so their text is missing; run OCR"]
    lines = _without_running_heads(pages)
    written = "\n".join(line.text for line in lines)
    if len(_UNREADABLE.findall(written)) > _MOST_UNREADABLE * len(written):
        raise BadFile(
            "the PDF does not say which letters its signs are; run OCR on it, or save its text as DOCX or TXT"
        )
    groups = _paragraphs(lines)
    words = Counter(re.findall(r"\w+(?:-\w+)*", written.lower()))
    paragraphs = [_joined([line.text for line in group], words) for group in groups]
    usual = _usual([line.size for line in lines])
    is_headline = bool(groups) and groups[0][0].size > 1.25 * usual and len(paragraphs[0]) < 250
    return paragraphs, paragraphs[0] if is_headline else None, notes if scanned else []


def _open(reader: PdfReader) -> None:
    """Open a PDF that is protected with an empty password. Raises BadFile for any other and for too many pages."""
    from pypdf.errors import DependencyError

    if reader.is_encrypted:
        try:
            is_open = bool(reader.decrypt(""))
        except DependencyError:  # a newer form of encryption
            is_open = False
        if not is_open:
            raise BadFile("the PDF is encrypted; open it, print it into a new PDF without protection and add that")
    if len(reader.pages) > MAX_PAGES:
        raise BadFile(
            f"the PDF has {len(reader.pages):,} pages; expected at most {MAX_PAGES:,}; divide it into several"
        )


def _has_image(reader: PdfReader, page: int) -> bool:
    resources: Any = reader.pages[page].get("/Resources")
    resources = resources.get_object() if resources is not None else {}
    return bool(resources.get("/XObject"))


def _lines(page: PageObject, number: int) -> list[_Line]:
    """Return a page's lines in the order in which its program wrote them, but columns one after the other."""
    lines: list[_Line] = []

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: object, size: float) -> None:
        if not text.strip():
            if lines and text and "\n" not in text:
                lines[-1].text += " "
            return
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        height = abs(size * (tm[3] * cm[3] + tm[2] * cm[1])) or size
        for part in text.translate(_LIGATURES).strip("\n").split("\n"):
            if lines and abs(lines[-1].y - y) < 0.4 * lines[-1].size and x >= lines[-1].x:
                lines[-1].parts += ((x, len(lines[-1].text)),)
                lines[-1].text += part
            elif part.strip():
                lines.append(_Line(part, number, x, y, height))

    page.extract_text(visitor_text=visit)
    lines = _by_column(lines)
    for line in lines:
        line.text = " ".join(line.text.split())
    return [line for line in lines if line.text]


def _by_column(lines: list[_Line]) -> list[_Line]:
    """Return a page's lines with its columns one after the other, where its program wrote each line across them.

    A column begins where many pieces of lines do, with as many to their left that end before it.
    """
    starts = Counter(round(x) for line in lines for x in (line.x, *(x for x, _ in line.parts)))
    for place in sorted(place for place, count in starts.items() if count >= _COLUMN_LINES):
        pieces = [piece for line in lines for piece in _divided(line, place)]
        right = [piece for piece in pieces if place - 1 <= piece.x <= place + _INDENT]
        left = [piece for piece in pieces if piece.x < place - _COLUMN_WIDTH]
        if len(right) < _COLUMN_LINES or _usual_letters(right) < _COLUMN_LETTERS:
            continue
        top, bottom = max(piece.y for piece in right), min(piece.y for piece in right)
        for piece in sorted(left, key=lambda piece: -piece.y):  # the left column may be the longer one
            if 0 < bottom - piece.y < 2.5 * piece.size and _fits(piece, place):
                bottom = piece.y
        beside = [piece for piece in left if bottom - piece.size < piece.y < top + piece.size]
        fitting = [piece for piece in beside if _fits(piece, place)]
        if len(fitting) < max(_COLUMN_LINES, 0.8 * len(beside)) or 2 * len(beside) < len(right):
            continue
        if _usual_letters(beside) < _COLUMN_LETTERS:  # a table or a list
            continue
        first = min(pieces.index(piece) for piece in (*beside, *right))
        others = [(n, piece) for n, piece in enumerate(pieces) if not any(piece is one for one in (*beside, *right))]
        before, after = ([piece for n, piece in others if (n < first) is is_before] for is_before in (True, False))
        return [*before, *beside, *right, *after]
    return lines


def _usual_letters(lines: list[_Line]) -> float:
    return median(len(line.text.strip()) for line in lines)


def _fits(line: _Line, place: int) -> bool:
    """Return whether a line ends before a place on the page, as far as its letters tell."""
    return line.x + _LETTER * line.size * len(line.text) < place


def _divided(line: _Line, place: int) -> list[_Line]:
    """Return the pieces of a line that begin before and at a place on the page."""
    at = next((at for x, at in line.parts if place - 1 <= x <= place + _INDENT), 0)
    if not at or line.x > place - _COLUMN_WIDTH:
        return [line]
    x = next(x for x, start in line.parts if start == at)
    return [replace(line, text=line.text[:at], parts=()), replace(line, text=line.text[at:], x=x, parts=())]


def _edges(lines: list[_Line]) -> list[tuple[_Line, int]]:
    """Return a page's highest and lowest lines that are apart from its text, each with its rank: 1 or -1 is outermost.

    They are apart by their distance or by the size of their letters: a repeated sentence is not a running head.
    """
    ordered = sorted(lines, key=lambda line: -line.y)
    usual = _usual([line.size for line in lines])
    found: list[tuple[_Line, int]] = []
    for sign, inwards in ((1, ordered), (-1, ordered[::-1])):
        outer = inwards[: min(_EDGE, len(inwards) - 1)]
        apart = False
        for place in range(len(outer) - 1, -1, -1):  # from the text to the edge
            line, inner = inwards[place], inwards[place + 1]
            apart = apart or abs(line.y - inner.y) > 2.2 * line.size or abs(line.size - usual) > 0.05 * usual
            if apart and not any(other is line for other, _ in found):
                found.append((line, sign * (place + 1)))
    return found


def _pattern(line: _Line) -> tuple[str, int]:
    """Return a line with its numbers left open, and its height on the page."""
    return re.sub(r"\d+", "#", line.text), round(line.y / 6)


def _without_running_heads(pages: list[list[_Line]]) -> list[_Line]:
    """Return all lines but those that repeat at the same height of half of the pages, and page numbers."""
    edges = [_edges(lines) for lines in pages]
    counts = Counter(pattern for edge in edges for pattern in {_pattern(line) for line, _ in edge})
    repeated = max(2, len([lines for lines in pages if lines]) // 2)  # left and right pages may differ
    kept: list[_Line] = []
    for lines, edge in zip(pages, edges, strict=True):
        usual = _usual([line.size for line in lines])
        printed = any(_PRINTED.fullmatch(line.text) for line, rank in edge if rank < 0)
        for line in lines:
            rank = next((rank for other, rank in edge if other is line), 0)
            text, height = _pattern(line)
            near = sum(counts[text, height + step] for step in (-1, 0, 1))
            is_number = abs(rank) == 1 and _PAGE_NUMBER.fullmatch(line.text)
            is_printed = printed and rank in (1, -1) and (rank < 0 or re.match(r"\d", line.text))
            least = repeated if abs(line.size - usual) > 0.05 * usual else max(repeated, 3)
            if not (rank and near >= least) and not is_number and not is_printed:
                kept.append(line)
    return kept


def _usual(values: list[float]) -> float:
    return median(values) if values else 0.0


def _paragraphs(lines: list[_Line]) -> list[list[_Line]]:
    """Return the lines of each paragraph."""
    gaps: dict[float, list[float]] = {}
    lengths: dict[float, list[int]] = {}
    for before, line in pairwise(lines):
        if before.page == line.page and 0 < before.y - line.y < 3 * line.size:
            gaps.setdefault(round(line.size), []).append(before.y - line.y)
    for line in lines:
        lengths.setdefault(round(line.size), []).append(len(line.text))
    usual_gap = {size: sorted(found)[len(found) // 10] for size, found in gaps.items()}
    full = {size: sorted(found)[int(0.8 * (len(found) - 1))] for size, found in lengths.items()}
    groups: list[list[_Line]] = []
    for line in lines:
        size = round(line.size)
        if not groups or _begins(groups[-1], line, usual_gap.get(size, 0.0), full[size]):
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups


def _begins(group: list[_Line], line: _Line, usual_gap: float, full: int) -> bool:
    """Return whether a line begins a new paragraph after `group`."""
    before = group[-1]
    if abs(before.size - line.size) > 0.1 * line.size:
        return True
    ends = bool(_SENTENCE_END.search(before.text))
    gap = before.y - line.y
    if before.page != line.page or gap < 0 or gap > 6 * line.size:  # the next column or page
        return ends or not (line.text[0].islower() or before.text[-1:] in ",-" or len(before.text) > 0.7 * full)
    if usual_gap and gap > 1.3 * usual_gap:
        return True
    column = [before]  # the paragraph's lines in the column of this line
    for above in reversed(group[:-1]):
        if above.page != before.page or above.y <= column[-1].y:
            break
        column.append(above)
    left = before.x if len(column) == 1 and not _MARKER.match(before.text) else min(one.x for one in column)
    is_indented = line.x > left + 0.4 * line.size and not _MARKER.match(group[0].text)
    return is_indented or (ends and len(before.text) < 0.75 * full)


def _joined(lines: Sequence[str], words: Counter[str]) -> str:
    """Return lines as one; a word divided at a line's end is joined unless its hyphen is written elsewhere as well.

    >>> _joined(["The north-", "eastern suburbs of Ka-", "rsk, and Velo-", "Brenik."], Counter({"north-eastern": 2}))
    'The north-eastern suburbs of Karsk, and Velo-Brenik.'
    """
    text = ""
    for line in lines:
        match = _HYPHEN.search(text[-80:])
        following = re.match(r"\w+(?:-\w+)*", line)
        if not match or not following:
            text += f" {line}" if text else line
        elif not following[0][0].islower() or not match[1][-1].isalpha():
            text += line  # Velo-Brenik, 2024-25
        else:
            divided = f"{match[1]}-{following[0]}".lower()
            is_compound = text[-1] != "\u00ad" and words[divided] > words[divided.replace("-", "")]
            is_chain = "-" in match[1] and text[-1] != "\u00ad"  # state-of-the-art
            text = (text if is_compound or is_chain else text[:-1]) + line
    return text
