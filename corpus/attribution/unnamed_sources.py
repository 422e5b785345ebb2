"""Hearsay: what is said by nobody in particular, and nouns of saying with their clause."""

from __future__ import annotations

import re

from .languages import Speech
from .sentence import edges, that_after
from .speakers import Source, speaker_after, speaker_before


def named(text: str, start: int, end: int, low: int, speech: Speech) -> Source | None:
    """Judge nouns of saying with their clause: "the claim that Velo fell"."""
    for match in speech.names.finditer(text, low, start):
        that = that_after(text, match.end(), speech, 6)
        if (
            that
            and that.end() <= start
            and not re.search(r";|[,—–]\s+(?=" + speech.cuts.pattern + ")", text[that.end() : start], re.I)
        ):
            left, _ = edges(text, match)
            owner = re.compile(r"(\w[\w\s]*?)['’]s\s+(?:\w+\s+)?$").search(text, left, match.start())
            speaker = owner.span(1) if owner else speaker_after(text, match.end(), that.start(), speech)
            return Source(speaker, match.span())
    return None


def hearsay(text: str, start: int, end: int, speech: Speech) -> Source | None:
    """Judge hearsay without a speaker: "reportedly", and the moods that mark reported speech."""
    left = max((m.end() for m in re.finditer(r"[,;:\x00]|\s[—–]\s", text[:start])), default=0)
    right = next((m.start() for m in re.finditer(r"[,;:\x00]|\s[—–]\s", text[end:])), len(text) - end) + end
    for pattern in (speech.hearsay, speech.hearsay_forms):
        match = pattern.search(text, left, right)
        if match:
            claims = match[0].lower().startswith(("will ", "wollen "))  # German: "will … erobert haben"
            verb = (
                speech.says.search(text, 0, start)
                if speech.language == "de" and pattern is speech.hearsay_forms
                else None
            )
            until = match.start() if claims else verb.start() if verb else left
            return Source(speaker_before(text, left if claims else 0, until, speech), match.span())
    return None
