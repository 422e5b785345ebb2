"""The sentence around a span and its clauses; full stops inside a quotation do not end a sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from corpus.span import paragraphs_around

from .languages import Lexicon
from .quotations import Quotation
from .speakers import Offsets

LONGEST_OPENING = 400  # characters that a conjunction and the few words before it have
LONGEST = 1500  # characters on each side of a span; longer strings are not sentences
_STOP = re.compile(r"[。！？]+[」』”]*|(?<![.!?…؟۔।])[.!?…؟۔।]++[\"”»“«’'‘›‹)\]]*\s+(?=[\"“„«»‘‚'(\[]?[\w—–-])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(.«„\"“])(?:\w|Mr|Mrs|Ms|Dr|Gen|Col|Lt|Maj|Sgt|Capt|Adm|St|Prof|Sen|Rep|Gov|Hon|No|vs|bzw|ca|Nr|sog|Abs|Mme|MM|av|dott|sig|on|гг|им|ул|св|обл|зв|см|тыс|тис|млн|млрд)$"
)
CLAUSE_EDGE = re.compile(r"[,;:()\x00]|(?<=\s)[—–-](?=\s)")
WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def count_words(text: str) -> int:
    """Return the number of words; two signs of Chinese or Japanese count as one."""
    words = WORD.findall(text)
    if not any("\u2e80" <= word[0] <= "\u9fff" for word in words):
        return len(words)
    return sum((len(word) + 1) // 2 if "\u2e80" <= word[0] <= "\u9fff" else 1 for word in words)


def lower_words(text: str) -> list[str]:
    """Return the words in lower case."""
    return [word.lower() for word in WORD.findall(text)]


def end_of_last(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Return the end of the last match in `text[start:end]`, or `start` if there is none."""
    return max((match.end() for match in pattern.finditer(text, start, end)), default=start)


def sentence_starts(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> list[int]:
    """Return where the sentences of `text[start:end]` begin; the first begins at `start`.

    >>> sentence_starts("Gen. Ilm spoke. “We won. We did,” he said.", 0, 42, [Quotation(16, 33, (17, 32))])
    [0, 16]
    """
    starts = [start]
    outer = [q for q in quoted if not q.depth]
    quotation_starts = [q.start for q in outer]
    for match in _STOP.finditer(text, start, end):
        after = match.end()
        if after >= end:
            continue
        first = text[after].lstrip("\"“„«»‘‚'([") or text[after + 1 : after + 2]
        preceding = bisect_left(quotation_starts, match.start()) - 1
        if first.islower() or (preceding >= 0 and after < outer[preceding].end):
            continue
        if match[0][0] == "." and _ABBREVIATION.search(text[max(start, match.start() - 8) : match.start()]):
            continue
        starts.append(after)
    return starts


def sentence_around(text: str, start: int, end: int, quoted: Sequence[Quotation]) -> Offsets:
    """Return (start, end) of the sentence that contains `text[start:end]`, within its paragraph."""
    first, last = paragraphs_around(text, start, end)
    # nothing further away can matter, and a paragraph may be very long
    first, last = max(first, start - 2 * LONGEST), min(last, end + 2 * LONGEST)
    bounds = [*sentence_starts(text, first, last, quoted), last]
    low = max(bound for bound in bounds if bound <= start)
    high = min((bound for bound in bounds if bound >= end and bound > low), default=last)
    return max(low, start - LONGEST), min(high, end + LONGEST)


def clause_around(text: str, match: re.Match[str]) -> Offsets:
    """Return (start, end) of the clause that contains a match."""
    edges = _clause_edges(text)
    before, after = bisect_left(edges, match.start()), bisect_left(edges, match.end())
    return edges[before - 1] + 1 if before else 0, edges[after] if after < len(edges) else len(text)


@lru_cache(maxsize=4)  # a string without full stops may have hundreds of verbs
def _clause_edges(text: str) -> list[int]:
    return [match.start() for match in CLAUSE_EDGE.finditer(text)]


def conjunction_after(text: str, start: int, lexicon: Lexicon, words: int = 3) -> re.Match[str] | None:
    """Return the conjunction that opens the reported clause, if at most `words` words precede it."""
    match = lexicon.conjunctions.search(text, start, start + LONGEST_OPENING)
    return match if match and count_words(text[start : match.start()]) <= words else None
