"""Spans: the stretches of an article's text that a coder may judge."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import SpanOutOfText

UNITS = ("article", "headline", "teaser", "paragraph", "sentence", "mention")
KINDS = (*UNITS, "furniture")  # furniture lies in the text like a unit and is none: it is never coded

_ID = re.compile(r"(?P<revision>[0-9a-f]{12}-[0-9a-f]{8}):(?P<unit>[a-z]+):(?P<start>[0-9]{1,9})-(?P<end>[0-9]{1,9})")


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
        """Read a span's id back.

        Raises SpanOutOfText where the id is not one.

        >>> Span.from_id("0feaaab8ee6d-02b22a5b:mention:0-6").end
        6
        """
        match = _ID.fullmatch(id)
        if match is None or match["unit"] not in KINDS:
            raise SpanOutOfText(f"{id!r} is no span; a span's id reads REVISION:UNIT:START-END, as `export` writes it")
        return cls(match["revision"], int(match["start"]), int(match["end"]), match["unit"])


def paragraphs(text: str) -> list[tuple[int, int]]:
    r"""Return (start, end) of the paragraphs of a normalised text.

    >>> paragraphs("Velo fell.\n\nKarsk held.")
    [(0, 10), (12, 23)]
    """
    found, start = [], 0
    for block in text.split("\n\n"):
        if block:
            found.append((start, start + len(block)))
        start += len(block) + 2
    return found


def with_headline(text: str, title: str | None) -> str:
    r"""Return the text with its headline in it: where no paragraph begins like the title, the title is put first.

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
    """What is read around a span: the headline and the span's paragraph, with the span's place in it."""

    text: str
    start: int
    end: int


def passage(text: str, start: int, end: int, *, headline: tuple[int, int] | None = None) -> Passage:
    r"""Return the passage of `text[start:end]`: its paragraph (every one that it touches), the headline before it.

    >>> passage("Velo falls\n\nNorthland took Velo.\n\nMore.", 22, 26, headline=(0, 10))
    Passage(text='Velo falls\n\nNorthland took Velo.', start=22, end=26)
    """
    if not 0 <= start < end <= len(text):
        raise SpanOutOfText(f"a span from {start} to {end} does not lie in a text of {len(text)} characters")
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    last = len(text) if last < 0 else last
    before = ""
    if headline and headline[1] < first:
        before = text[headline[0] : headline[1]] + "\n\n"
    shift = len(before) - first
    return Passage(before + text[first:last], start + shift, end + shift)
