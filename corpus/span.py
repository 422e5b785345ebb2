"""Spans: the parts of an article's text that coders code, and the passages they read around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import Generic, TypeVar

from .errors import SpanOutOfText

UNITS = ("article", "headline", "teaser", "paragraph", "sentence", "mention")
KINDS = (*UNITS, "furniture")  # furniture is marked in the text like a unit, but is never coded

_ID = re.compile(r"(?P<revision>[0-9a-f]{12}-[0-9a-f]{8}):(?P<unit>[a-z]+):(?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9})")

Kept = TypeVar("Kept")


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` of one revision, in Python code points, the end excluded, with its unit.

    >>> Span("0feaaab8ee6d-02b22a5b", 0, 6, "mention").id
    '0feaaab8ee6d-02b22a5b:mention:0-6'
    """

    revision: str
    start: int
    end: int
    unit: str

    @property
    def id(self) -> str:
        """`REVISION:UNIT:START-END`."""
        return f"{self.revision}:{self.unit}:{self.start}-{self.end}"

    @classmethod
    def from_id(cls, id: str) -> Span:
        """Parse a span's id. Raises SpanOutOfText if it is malformed.

        >>> Span.from_id("0feaaab8ee6d-02b22a5b:mention:0-6").end
        6
        """
        match = _ID.fullmatch(id)
        if match is None or match["unit"] not in KINDS:
            raise SpanOutOfText(f"{id!r} is not a span's id; expected REVISION:UNIT:START-END, as in an export")
        return cls(match["revision"], int(match["start"]), int(match["end"]), match["unit"])


def check_offsets(text: str, start: int, end: int) -> None:
    """Raise SpanOutOfText unless `text[start:end]` is a part of the text and not empty."""
    if not 0 <= start < end <= len(text):
        raise SpanOutOfText(f"a span from {start} to {end} is not inside a text of {len(text)} characters")


def paragraphs(text: str) -> list[tuple[int, int]]:
    r"""Return (start, end) of the paragraphs of a normalised text.

    >>> paragraphs("Velo fell.\n\nKarsk held.")
    [(0, 10), (12, 23)]
    """
    offsets, start = [], 0
    for paragraph in text.split("\n\n"):
        if paragraph:
            offsets.append((start, start + len(paragraph)))
        start += len(paragraph) + 2
    return offsets


def paragraphs_around(text: str, start: int, end: int) -> tuple[int, int]:
    r"""Return (start, end) of the paragraph of `text[start:end]`, or of all paragraphs that it touches.

    >>> paragraphs_around("Velo fell.\n\nKarsk held.", 12, 17)
    (12, 23)
    """
    break_before, break_after = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    return break_before + 2 if break_before >= 0 else 0, break_after if break_after >= 0 else len(text)


class Enclosures(Generic[Kept]):
    """Many spans of one text, to find those around a place without looking at each.

    >>> [found[2] for found in Enclosures([(0, 10, "one"), (0, 40, "all"), (12, 23, "two")]).around(13, 20)]
    ['all', 'two']
    """

    def __init__(self, spans: Iterable[tuple[int, int, Kept]]) -> None:
        self._spans = sorted(spans, key=itemgetter(0))
        self._starts = [start for start, _, _ in self._spans]
        self._furthest = list(accumulate((end for _, end, _ in self._spans), max))

    def around(self, start: int, end: int) -> list[tuple[int, int, Kept]]:
        """Return the spans that enclose `start` to `end`, in order."""
        found, i = [], bisect_right(self._starts, start)
        while i and self._furthest[i - 1] >= end:  # no span before ends later than the furthest
            i -= 1
            if self._spans[i][1] >= end:
                found.append(self._spans[i])
        return found[::-1]


def with_headline(text: str, title: str | None) -> str:
    r"""Return the text with its headline: unless a paragraph begins with the title, the title is put first.

    >>> with_headline("Over 1,000 ships sunk\n\nThe fleet …", "Over 1000 ships")
    'Over 1,000 ships sunk\n\nThe fleet …'
    >>> with_headline("The fleet …", "Over 1000 ships")
    'Over 1000 ships\n\nThe fleet …'
    """
    if not title or headline_in(text, title):
        return text
    return f"{title}\n\n{text}" if text else title


def headline_in(text: str, title: str) -> tuple[int, int] | None:
    """Return (start, end) of the first paragraph that begins with the letters and digits of the title."""
    letters = re.sub(r"\W+", "", title).casefold()
    for start, end in paragraphs(text):
        if letters and re.sub(r"\W+", "", text[start : start + 4 * len(title)]).casefold().startswith(letters):
            return start, end
    return None


@dataclass(frozen=True)
class Passage:
    """The text read around a span (the headline and the span's paragraph), with the span's offsets in it."""

    text: str
    start: int
    end: int


def passage(text: str, start: int, end: int, *, headline: tuple[int, int] | None = None) -> Passage:
    r"""Return the passage of `text[start:end]`: the paragraphs that it touches, with the headline before them.

    >>> passage("Velo falls\n\nNorthland took Velo.\n\nMore.", 22, 26, headline=(0, 10))
    Passage(text='Velo falls\n\nNorthland took Velo.', start=22, end=26)
    """
    check_offsets(text, start, end)
    first, last = paragraphs_around(text, start, end)
    before = ""
    if headline and headline[1] < first:
        before = text[headline[0] : headline[1]] + "\n\n"
    shift = len(before) - first
    return Passage(before + text[first:last], start + shift, end + shift)
