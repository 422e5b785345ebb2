"""Attribution to unnamed sources ("reportedly") and by reporting nouns ("the claim that …")."""

from __future__ import annotations

import re

from .languages import Lexicon
from .sentence import clause_around, conjunction_after, end_of_last
from .speakers import Source, speaker_after, speaker_before

_EDGE = re.compile(r"[,;:\x00]|\s[—–]\s")
_OWNER = re.compile(r"(\w[\w\s]*?)['’]s\s+(?:\w+\s+)?$")


def reporting_noun_source(text: str, start: int, low: int, lexicon: Lexicon) -> Source | None:
    """Return the source named by a reporting noun whose clause contains `start`: "the claim that Velo fell"."""
    for noun in lexicon.reporting_nouns.finditer(text, low, start):
        conjunction = conjunction_after(text, noun.end(), lexicon, 6)
        if conjunction is None or conjunction.end() > start:
            continue
        clause_break = rf";|[,—–]\s+(?={lexicon.clause_breaks.pattern})"
        if not re.search(clause_break, text[conjunction.end() : start], re.I):
            owner = _OWNER.search(text, clause_around(text, noun)[0], noun.start())
            speaker = owner.span(1) if owner else speaker_after(text, noun.end(), conjunction.start(), lexicon)
            return Source(speaker, noun.span())
    return None


def hearsay_source(text: str, start: int, end: int, lexicon: Lexicon) -> Source | None:
    """Return the evidence of hearsay: words like "reportedly", and verb forms that mark reported speech."""
    left = end_of_last(_EDGE, text, 0, start)
    edge = _EDGE.search(text[end:])
    right = end + edge.start() if edge else len(text)
    for pattern in (lexicon.hearsay, lexicon.hearsay_forms):
        match = pattern.search(text, left, right)
        if match is None:
            continue
        if match[0].lower().startswith(("will ", "wollen ")):  # German "will … erobert haben": the subject claims it
            return Source(speaker_before(text, left, match.start(), lexicon), match.span())
        german_form = lexicon.language == "de" and pattern is lexicon.hearsay_forms
        verb = lexicon.reporting_verbs.search(text, 0, start) if german_form else None
        return Source(speaker_before(text, 0, verb.start() if verb else left, lexicon), match.span())
    return None
