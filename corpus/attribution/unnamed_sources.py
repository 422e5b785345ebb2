"""Hearsay: what is said by nobody in particular, and nouns of saying with their clause."""

from __future__ import annotations

import re

from .languages import Lexicon
from .sentence import clause_around, conjunction_after
from .speakers import Source, speaker_after, speaker_before


def reporting_noun_source(text: str, start: int, end: int, low: int, lexicon: Lexicon) -> Source | None:
    """Judge nouns of saying with their clause: "the claim that Velo fell"."""
    for match in lexicon.reporting_nouns.finditer(text, low, start):
        that = conjunction_after(text, match.end(), lexicon, 6)
        if (
            that
            and that.end() <= start
            and not re.search(r";|[,—–]\s+(?=" + lexicon.clause_breaks.pattern + ")", text[that.end() : start], re.I)
        ):
            left, _ = clause_around(text, match)
            owner = re.compile(r"(\w[\w\s]*?)['’]s\s+(?:\w+\s+)?$").search(text, left, match.start())
            speaker = owner.span(1) if owner else speaker_after(text, match.end(), that.start(), lexicon)
            return Source(speaker, match.span())
    return None


def hearsay_source(text: str, start: int, end: int, lexicon: Lexicon) -> Source | None:
    """Judge hearsay without a speaker: "reportedly", and the moods that mark reported lexicon."""
    left = max((m.end() for m in re.finditer(r"[,;:\x00]|\s[—–]\s", text[:start])), default=0)
    right = next((m.start() for m in re.finditer(r"[,;:\x00]|\s[—–]\s", text[end:])), len(text) - end) + end
    for pattern in (lexicon.hearsay, lexicon.hearsay_forms):
        match = pattern.search(text, left, right)
        if match:
            claims = match[0].lower().startswith(("will ", "wollen "))  # German: "will … erobert haben"
            verb = (
                lexicon.reporting_verbs.search(text, 0, start)
                if lexicon.language == "de" and pattern is lexicon.hearsay_forms
                else None
            )
            until = match.start() if claims else verb.start() if verb else left
            return Source(speaker_before(text, left if claims else 0, until, lexicon), match.span())
    return None
