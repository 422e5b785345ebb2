"""Drafts: articles as a file gives them, before the study knows their outlet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from .article import normalise
from .errors import BadFile

HARD_WRAP = 100  # columns: an editor that wraps lines does it before; a line of a web page is a paragraph and longer


@dataclass(frozen=True)
class Draft:
    """A text and what its file says about it; the text is not normalised yet."""

    text: str
    key: str
    title: str | None = None
    published: date | None = None
    outlet: str | None = None
    language: str | None = None
    url: str | None = None
    rights: str | None = None
    event: str | None = None
    originator: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def filled(self, **known: object) -> Draft:
        """Return the draft with fields set where something is known of them.

        >>> Draft("Velo fell.", "a.txt", title="Velo").filled(title=None, outlet="Herald").outlet
        'Herald'
        """
        return replace(self, **{name: value for name, value in known.items() if value})  # type: ignore[arg-type]

    def normalised(self) -> Draft:
        r"""Return the draft with all its words normalised, as every database can hold them. Raises BadText.

        >>> Draft("Velo\tfell.", "a.txt", outlet="Herald\x00").normalised().outlet
        'Herald'
        """
        words = {field.name: value for field in fields(self) if isinstance(value := getattr(self, field.name), str)}
        metadata = {normalise(name): normalise(value) for name, value in self.metadata.items()}
        return replace(self, **{name: normalise(value) for name, value in words.items()}, metadata=metadata)  # type: ignore[arg-type]


class Refusal(NamedTuple):
    """What was not taken, and why, in words that say what to do."""

    where: str
    why: str


def told(error: Exception) -> str:
    r"""Return the beginning of what another library says of a fault, in one line.

    >>> told(ValueError("no such\n\x0fthing"))
    'no such thing'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())[:80]


class Reading(NamedTuple):
    """What a file gave."""

    drafts: list[Draft]
    refusals: list[Refusal]


def text_of(path: Path) -> str:
    """Return a file's text.

    Raises BadFile where it is empty, binary or not UTF-8: undecodable bytes are refused, never replaced.
    """
    return decoded_text(path.read_bytes())


def decoded_text(data: bytes) -> str:
    """Return the text of a file's bytes. Raises BadFile as `text_of` does."""
    if not data.strip():
        raise BadFile("the file is empty; expected an article's text")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    if b"\x00" in data:
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines or Parquet, told by the name's ending"
        )
    return _decoded(data, "utf-8-sig")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadFile(
            f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}; "
            "open the file in an editor and save it as UTF-8"
        ) from None


def paragraphs_of_lines(text: str) -> str:
    r"""Set paragraphs apart by empty lines: every line is one, unless an editor has wrapped the lines.

    >>> paragraphs_of_lines("Velo falls\nNorthland took the town after a siege.")
    'Velo falls\n\nNorthland took the town after a siege.'
    >>> wrapped = "Northland took the town of Velo on Monday after a siege\nof weeks, it said.\n\nIt burned."
    >>> paragraphs_of_lines(wrapped) == wrapped
    True
    """
    lines = text.splitlines()
    pairs = [(line, after) for line, after in pairwise(lines) if line.strip() and after.strip()]
    wrapped = sum(40 <= len(line) <= HARD_WRAP for line, _ in pairs)
    goes_on = sum(after[:1].islower() for _, after in pairs)
    if pairs and wrapped > 0.8 * len(pairs) and goes_on > 0.3 * len(pairs):
        return text
    return "\n\n".join(lines)


_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DOTTED = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})")  # a spreadsheet's; the day is first


def parsed_date(text: str | None) -> date | None:
    """Return the day in an ISO date or date-time, or in one with full stops, else None.

    >>> parsed_date("2025-05-11T09:30:00Z"), parsed_date("11.5.2025")
    (datetime.date(2025, 5, 11), datetime.date(2025, 5, 11))
    >>> parsed_date("5/11/2025"), parsed_date("2025-13-01")
    (None, None)
    """
    text = (text or "").strip()
    match = _DATE.match(text) or _DOTTED.match(text)
    try:
        return date(*(int(match[part]) for part in ("year", "month", "day"))) if match else None
    except ValueError:
        return None


def unread_date(text: str | None) -> str | None:
    """Return what is to be said of a date that cannot be read; None where it can, or where there is none.

    >>> unread_date("11.5.2025"), unread_date(None)
    (None, None)
    """
    if not text or not text.strip() or parsed_date(text):
        return None
    return f"the date {text.strip()[:40]!r} is left out; expected one such as 2025-05-11; mend it and add again"
