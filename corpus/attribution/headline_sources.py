"""Sources in headlines ("… – ministry", "Ministry: …"), distinguished from topics and places."""

from __future__ import annotations

import re

from .languages import Lexicon
from .sentence import WORD
from .speakers import Offsets

_LABEL = re.compile(r"\s*([^:\x00]{2,60}):\s")
_TAIL = re.compile(r"\s[—–-]\s+([^—–:(|«\x00]{2,60}?)\s*(?:$|[.(|«])|[:—–-]\s+([^—–:(|«\x00]{2,40}?)\s*\.?$")


def headline_source(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return where a headline names the source of `text[start:end]`.

    >>> from .languages import load_lexicon
    >>> headline_source("Velo liberated – ministry", 5, 14, load_lexicon("en"))
    (17, 25)
    >>> headline_source("War in Velo: troops took the port", 20, 24, load_lexicon("en")) is None
    True
    """
    for tail in _TAIL.finditer(text, end):
        offsets = tail.span(1) if tail[1] else tail.span(2)
        if offsets[0] > end and is_source_name(text[slice(*offsets)], lexicon, strict=not tail[1]):
            return offsets
    label = _LABEL.match(text)
    if label and label.end() <= start and is_source_name(label[1], lexicon):
        return label.span(1)
    return None


def is_source_name(label: str, lexicon: Lexicon, strict: bool = False) -> bool:
    """Return whether a headline's label names a source and not a topic or a place; if strict, by a source noun."""
    words = WORD.findall(label)
    if not words or lexicon.topic_words.match(label.strip()):
        return False
    function_words = lexicon.prepositions | lexicon.determiners
    head = next((i for i, word in enumerate(words) if i and word.lower() in function_words), len(words))
    if lexicon.source_nouns.search(" ".join(words[:head])) or (lexicon.source_nouns.search(label) and len(words) <= 8):
        return True
    if strict or lexicon.topic_words.search(label):
        return False
    if any(word[0].isdigit() or word.lower() in function_words for word in words):
        return False
    return len(words) <= 3 and all(word[0].isupper() for word in words)
