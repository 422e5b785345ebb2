"""The sentence around a span, and the edges of its clauses: a quotation is never cut, whatever stops stand in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from .languages import Lexicon
from .quotations import Quotation
from .speakers import Offsets

LONGEST = 1500  # characters on each side of a span; no sentence has more, and a page's garbage does
_STOP = re.compile(r"[.!?…]+[\"”»“«’'‘›‹)\]]*\s+(?=[\"“„«»‘‚'(\[]?[\w—–-])")
_SHORT = re.compile(
    r"(?:^|[\s(.«„\"“])(?:\w|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Maj|Sgt|Capt|Adm|St|Prof|Sen|Rep|Gov|Hon|No|vs|bzw|ca|Nr|sog|Abs|Mme|MM|av|dott|sig|on|гг|им|ул|св|обл|зв|см|тыс|тис|млн|млрд)$"
)
EDGE = re.compile(r"[,;:()\x00]|(?<=\s)[—–-](?=\s)")
WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def sentence_starts(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> list[int]:
    """Return where the sentences of `text[start:end]` begin, the first at `start`.

    >>> sentence_starts("Gen. Ilm spoke. “We won. We did,” he said.", 0, 42, [Quotation(16, 33, (17, 32))])
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


def sentence_around(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> tuple[int, int]:
    """Return (start, end) of the sentence that holds `text[start:end]`, inside its paragraph."""
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    last = len(text) if last < 0 else last
    begins = [*sentence_starts(text, first, last, quoted), last]
    low = max(b for b in begins if b <= start)
    high = min((b for b in begins if b >= end and b > low), default=last)
    return max(low, start - LONGEST), min(high, end + LONGEST)


def clause_around(text: str, match: re.Match[str]) -> Offsets:
    """Return where the part of the sentence begins and ends in which a match stands."""
    left = max((m.end() for m in EDGE.finditer(text, 0, match.start())), default=0)
    right = next((m.start() for m in EDGE.finditer(text, match.end())), len(text))
    return left, right


def conjunction_after(text: str, place: int, lexicon: Lexicon, words: int = 3) -> re.Match[str] | None:
    """Return the conjunction that opens what is said, at most a few words behind the verb."""
    for match in lexicon.conjunctions.finditer(text, place):
        if len(WORD.findall(text[place : match.start()])) <= words:
            return match
        return None
    return None
