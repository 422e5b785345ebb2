"""Epithets: participles that describe a noun, "occupied Ardun"; the codebook counts them as the outlet's word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import Lexicon
from .quotations import Quotation
from .sentence import sentence_around

_WORD = re.compile(r"\w+(?:[’'\-]\w+)*")


def is_attributive_participle(
    text: str, start: int, end: int, quoted: Sequence[Quotation], lexicon: Lexicon, headline: bool
) -> bool:
    """Tell whether a span is a participle that describes a noun, "occupied Ardun": that is the outlet's word."""
    unit = text[start:end]
    last = _WORD.findall(unit)[-1:]
    if not last or not lexicon.participle_form.fullmatch(last[0]):
        return False
    low, high = sentence_around(text, start, end, quoted)
    before = [w.lower() for w in _WORD.findall(text[low:start])]
    behind = _WORD.match(text[end:high].lstrip(" "))
    gap = text[end : end + 1]
    if lexicon.language in ("fr", "it"):
        return _after_noun(text, before, start, end, low, high, lexicon, headline)
    if behind is None or gap not in (" ", "-"):
        return False
    if behind[0].lower() in lexicon.determiners | lexicon.prepositions | lexicon.pronouns:
        return False
    if unit.endswith("ing") and behind[0][0].isupper():
        return False  # "by occupying Velo" is a verb, "by occupying forces" is none
    if lexicon.language in ("ru", "uk"):
        short = lexicon.language == "uk" and (unit[-1] in "ае" or unit.endswith("но"))
        return (
            not short
            and not set(before[-3:]) & lexicon.auxiliaries
            and not lexicon.reporting_verbs.fullmatch(behind[0])
        )
    if text[start - 1 : start] == "-":
        return True
    while before and before[-1].endswith("ly") and lexicon.language == "en":
        before.pop()
    if not before:
        return True
    previous = before[-1]
    if previous in lexicon.auxiliaries or (previous == "and"):
        return False
    if lexicon.language == "de":
        phrase = before[-4:]
        return (
            previous in lexicon.determiners | lexicon.prepositions
            or bool({"von", "durch"} & set(phrase[-3:]) and set(phrase) & lexicon.determiners)
            or _adjective(previous)
        )
    return (
        previous in lexicon.determiners | lexicon.prepositions
        or text[:start].rstrip().endswith(("’s", "'s"))
        or bool(lexicon.reporting_verbs.fullmatch(previous))
        or previous == "that"
    )


def _adjective(word: str) -> bool:
    return bool(re.fullmatch(r"[a-zäöüß]+(?:en|em|er|es|ige|iche)", word))


def _after_noun(
    text: str, before: list[str], start: int, end: int, low: int, high: int, lexicon: Lexicon, headline: bool
) -> bool:
    """Tell whether a French or Italian participle stands bare behind its noun: « la zone occupée »."""
    clause = re.split(r"[,;:]", text[low:start])[-1]
    words = [w.lower() for w in re.findall(r"\w+", clause)]
    if not words or set(words[-4:]) & lexicon.auxiliaries:
        return False
    if headline and not set(words) & lexicon.prepositions:
        return False  # a headline leaves the auxiliary out: « Brenik libérée, selon l'armée »
    behind = re.match(r"\s+(\w+)", text[end:high])
    agent = bool(behind and behind[1].lower() in ("par", "da", "dal", "dalla", "dai", "depuis", "dall", "dagli"))
    return not agent
