"""The sentence around a span, for rules that read clauses: a quotation is never cut, whatever stops stand in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from .quotation import Quotation

LONGEST = 1500  # characters on each side of a span; no sentence has more, and a page's garbage does
_STOP = re.compile(r"[.!?…]+[\"”»“«’'‘›‹)\]]*\s+(?=[\"“„«»‘‚'(\[]?[\w—–-])")
_SHORT = re.compile(
    r"(?:^|[\s(.«„\"“])(?:\w|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Maj|Sgt|Capt|Adm|St|Prof|Sen|Rep|Gov|Hon|No|vs|bzw|ca|Nr|sog|Abs|Mme|MM|av|dott|sig|on|гг|им|ул|св|обл|зв|см|тыс|тис|млн|млрд)$"
)


def stops(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> list[int]:
    """Return where the sentences of `text[start:end]` begin, the first at `start`.

    >>> stops("Gen. Ilm spoke. “We won. We did,” he said.", 0, 42, [Quotation(16, 33, (17, 32))])
    [0, 16]
    """
    found = [start]
    outer = [q for q in quoted if not q.depth]
    begins = [q.start for q in outer]
    for match in _STOP.finditer(text, start, end):
        after = match.end()
        first = text[after].lstrip("\"“„«»‘‚'([") or text[after + 1 : after + 2]
        near = bisect_left(begins, match.start()) - 1
        if first.islower() or (near >= 0 and after < outer[near].end):
            continue
        if match[0][0] == "." and _SHORT.search(text[max(start, match.start() - 8) : match.start()]):
            continue
        found.append(after)
    return found


def around(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> tuple[int, int]:
    """Return (start, end) of the sentence that holds `text[start:end]`, inside its paragraph."""
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    last = len(text) if last < 0 else last
    begins = [*stops(text, first, last, quoted), last]
    low = max(b for b in begins if b <= start)
    high = min((b for b in begins if b >= end and b > low), default=last)
    return max(low, start - LONGEST), min(high, end + LONGEST)
