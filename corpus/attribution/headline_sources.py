"""Labels: the "– Source" and "Source:" of headlines, told from topics and places."""

from __future__ import annotations

import re

from .languages import Lexicon
from .speakers import Offsets

_LABEL = re.compile(r"\s*([^:\x00]{2,60}):\s")
_TAIL = re.compile(r"\s[—–-]\s+([^—–:(|«\x00]{2,60}?)\s*(?:$|[.(|«])|[:—–-]\s+([^—–:(|«\x00]{2,40}?)\s*\.?$")
_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def headline_source(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return where a headline names the source of `text[start:end]`.

    >>> from .languages import load_lexicon
    >>> headline_source("Velo liberated – ministry", 5, 14, load_lexicon("en"))
    (17, 25)
    >>> headline_source("War in Velo: troops took the port", 20, 24, load_lexicon("en")) is None
    True
    """
    for tail in _TAIL.finditer(text, end):
        place = tail.span(1) if tail[1] else tail.span(2)
        if place[0] > end and is_source_name(text[slice(*place)], lexicon, sure=not tail[1]):
            return place
    label = _LABEL.match(text)
    if label and label.end() <= start and is_source_name(label[1], lexicon):
        return label.span(1)
    return None


def is_source_name(words: str, lexicon: Lexicon, sure: bool = False) -> bool:
    """Tell whether a headline's label is who says it, and neither its topic nor its place."""
    said = _WORD.findall(words)
    if not said or lexicon.topic_words.match(words.strip()):
        return False
    small = lexicon.prepositions | lexicon.determiners
    head = next((i for i, word in enumerate(said) if i and word.lower() in small), len(said))
    if lexicon.source_nouns.search(" ".join(said[:head])) or (lexicon.source_nouns.search(words) and len(said) <= 8):
        return True
    if sure or lexicon.topic_words.search(words) or any(w[0].isdigit() or w.lower() in small for w in said):
        return False
    return len(said) <= 3 and all(w[0].isupper() for w in said)
