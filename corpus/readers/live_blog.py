"""Recognise the entries of a live blog: each has its time and a text of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

ENTRIES = 4  # with a time each, from which on a text is a live blog
STARTED = 5  # paragraphs that begin with a time; lists of what happened when have fewer, or are a small part of a text
SHORTEST = 8  # words of an entry

_TIME = r"\d{1,2}\s?[:.h]\s?\d{2}(?:\s?(?:[ap]\.?m\.?|uhr|h|gmt|utc|[a-z]{2,4}t))?(?:\s(?:gmt|utc|uhr|[a-z]{2,4}t))?"
_BEFORE = (
    r"(?:posted|updated?|published|um|aktualisiert|publié|mis à jour|à|a las|actualizado|о|в)\W*(?:at|um|à|a las|о)?\s*"
)
_ALONE = re.compile(
    rf"(?:{_BEFORE})?[\[(]?{_TIME}[\])]?(?:\W+\d{{1,2}}\.? \w{{3,10}}(?: \d{{4}})?)?",
    re.IGNORECASE,
)
_BEGINS = re.compile(rf"[\[(]?{_TIME}[\])]?\s*(?:[|–—:-]\s|\s(?=[A-ZÄÖÜА-ЯІЇЄ]))", re.IGNORECASE)


def count_entries(lines: Sequence[str]) -> int:
    """Return the number of entries with a time of their own in a text's paragraphs, 0 if there are too few.

    >>> count_entries(["9:41", "Northland took the northern part of Velo, a witness said."] * 4)
    4
    >>> count_entries(["At 9:41 Northland took the northern part of Velo, a witness said."] * 4)
    0
    """
    times = [i for i, line in enumerate(lines) if len(line) < 50 and _ALONE.fullmatch(line.strip())]
    ends = [*times[1:], len(lines)]
    alone = sum(any(len(line.split()) >= SHORTEST for line in lines[i + 1 : end]) for i, end in zip(times, ends))  # noqa: B905
    begun = sum(bool(_BEGINS.match(line)) and len(line.split()) >= SHORTEST for line in lines)
    texts = sum(len(line.split()) >= SHORTEST for line in lines)
    started = begun if begun >= STARTED and 2 * begun >= texts else 0
    return max(alone if alone >= ENTRIES else 0, started)


def count_timed_blocks(root: Any, text: str) -> int:
    """Return the number of a page's blocks with a time and words of the article's text, 0 if there are too few.

    Cards that link to other articles have a time too, but their words are not in the text.
    """
    words = " ".join(text.split())
    found = set()
    for time in root.iter("time"):
        block = time.getparent()
        for _ in range(3):  # the time is in the entry, or in a header of it
            if block is None or block.tag in ("body", "main", "html"):
                break
            parts = [" ".join("".join(p.itertext()).split()) for p in block.iter("p")]
            own = [part for part in parts if len(part.split()) >= SHORTEST and part in words]
            if own:
                found.add(own[0])
                break
            block = block.getparent()
    return len(found) if len(found) >= ENTRIES else 0
