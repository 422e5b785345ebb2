"""Clauses: the edges of a part of a sentence, and what a rule finds about its source."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .speakers import Place
from .speech import Speech

EDGE = re.compile(r"[,;:()\x00]|(?<=\s)[—–-](?=\s)")
WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


@dataclass(frozen=True)
class Source:
    """Who is said to say it, where the text names one, and the offsets of the words that say so."""

    speaker: Place | None
    evidence: Place


def edges(text: str, match: re.Match[str]) -> Place:
    """Return where the part of the sentence begins and ends in which a match stands."""
    left = max((m.end() for m in EDGE.finditer(text, 0, match.start())), default=0)
    right = next((m.start() for m in EDGE.finditer(text, match.end())), len(text))
    return left, right


def that_after(text: str, place: int, speech: Speech, words: int = 3) -> re.Match[str] | None:
    """Return the conjunction that opens what is said, at most a few words behind the verb."""
    for match in speech.that.finditer(text, place):
        if len(WORD.findall(text[place : match.start()])) <= words:
            return match
        return None
    return None
