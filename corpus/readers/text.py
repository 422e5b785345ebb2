"""Read plain text, one article per file."""

from __future__ import annotations

import re

from corpus.draft import Draft
from corpus.text.dates import parse_date
from corpus.text.wrapped_lines import paragraphs_of_lines

_HEADER = re.compile(r"\s*date (\d{4}-\d{2}-\d{2})\s+")


def draft_of_text(text: str, name: str) -> Draft:
    """Return the article of a text; a leading ` date 2025-05-11 ` is its date, not part of its text."""
    header = _HEADER.match(text)
    published = parse_date(header[1]) if header else None
    body = text[header.end() :] if header and published else text
    return Draft(text=paragraphs_of_lines(body), key=name, published=published)
