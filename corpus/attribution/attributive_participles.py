"""Attributive participles ("occupied Ardun"), which the codebook counts as the outlet's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import Lexicon
from .quotations import Quotation
from .sentence import WORD, lower_words, sentence_around

_GERMAN_ADJECTIVE = re.compile(r"[a-zäöüß]+(?:en|em|er|es|ige|iche)")
_AGENT = re.compile(r"\s+(?:par|da|dal|dalla|dai|depuis|dall|dagli)\b", re.I)


def is_attributive_participle(
    text: str, start: int, end: int, quoted: Sequence[Quotation], lexicon: Lexicon, headline: bool
) -> bool:
    """Return whether a span is a participle that modifies a noun, as in "occupied Ardun"."""
    unit = text[start:end]
    last_word = WORD.findall(unit)[-1:]
    if not last_word or not lexicon.participle_form.fullmatch(last_word[0]):
        return False
    low, high = sentence_around(text, start, end, quoted)
    if lexicon.language in ("fr", "it"):
        return _follows_noun(text, start, end, (low, high), lexicon, headline)
    noun = WORD.match(text[end:high].lstrip(" "))
    if noun is None or text[end : end + 1] not in (" ", "-"):
        return False
    if noun[0].lower() in lexicon.determiners | lexicon.prepositions | lexicon.pronouns:
        return False
    if unit.endswith("ing") and noun[0][0].isupper():
        return False  # a verb in "by occupying Velo", but not in "by occupying forces"
    before = lower_words(text[low:start])
    if lexicon.language in ("ru", "uk"):
        short_form = lexicon.language == "uk" and (unit[-1] in "ае" or unit.endswith("но"))
        passive = bool(set(before[-3:]) & lexicon.auxiliaries)
        return not short_form and not passive and not lexicon.reporting_verbs.fullmatch(noun[0])
    if text[start - 1 : start] == "-":
        return True
    while before and before[-1].endswith("ly") and lexicon.language == "en":
        before.pop()
    if not before:
        return True
    previous = before[-1]
    if previous in lexicon.auxiliaries or previous == "and":
        return False
    if previous in lexicon.determiners | lexicon.prepositions:
        return True
    if lexicon.language == "de":
        agent = bool({"von", "durch"} & set(before[-3:])) and bool(set(before[-4:]) & lexicon.determiners)
        return agent or bool(_GERMAN_ADJECTIVE.fullmatch(previous))
    possessive = text[:start].rstrip().endswith(("’s", "'s"))
    return possessive or bool(lexicon.reporting_verbs.fullmatch(previous)) or previous == "that"


def _follows_noun(text: str, start: int, end: int, sentence: tuple[int, int], lexicon: Lexicon, headline: bool) -> bool:
    """Return whether a French or Italian participle follows its noun without an agent: « la zone occupée »."""
    clause = re.split(r"[,;:]", text[sentence[0] : start])[-1]
    words = [word.lower() for word in re.findall(r"\w+", clause)]
    if not words or set(words[-4:]) & lexicon.auxiliaries:
        return False
    if headline and not set(words) & lexicon.prepositions:
        return False  # headlines omit the auxiliary: « Brenik libérée, selon l'armée »
    return not _AGENT.match(text[end : sentence[1]])
