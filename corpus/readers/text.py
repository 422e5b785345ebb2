"""Plain text: one article a file."""

from __future__ import annotations

import re
from itertools import pairwise

from .draft import Draft, parsed_date

_HEADER = re.compile(r"\s*date (\d{4}-\d{2}-\d{2})\s+")
HARD_WRAP = 100  # columns: an editor that wraps lines does it before; a line of a web page is a paragraph and longer


def draft_of_text(text: str, name: str) -> Draft:
    """Return the article of a text; a leading ` date 2025-05-11 ` is its date and not its text."""
    header = _HEADER.match(text)
    published = parsed_date(header[1]) if header else None
    body = text[header.end() :] if header and published else text
    return Draft(text=paragraphs_of_lines(body), key=name, published=published)


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
