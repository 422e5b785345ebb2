"""Scare quotes: quoted words or phrases, and expressions introduced by "so-called" or "what they call"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .languages import NO_MATCH, Lexicon
from .quotations import Quotation
from .sentence import WORD, count_words, lower_words, sentence_around
from .speakers import Offsets, speaker_before

SHORT = 3  # words: a quotation up to this length without a verb is not a clause

_ENDS = re.compile(r"[.!?…]$")


def is_proper_name(text: str, quote: Quotation, lexicon: Lexicon) -> bool:
    """Return whether a quotation is the name of a work or an organisation: the film “Free Land”."""
    before = WORD.findall(text[max(0, quote.start - 40) : quote.start])[-1:]
    words = WORD.findall(text[slice(*quote.inner)])
    named = bool(before) and bool(lexicon.work_nouns.fullmatch(before[0]))
    return named and bool(words) and words[0][0].isupper() and len(words) <= 5


def is_clause(text: str, quote: Quotation, lexicon: Lexicon | None, unit: Offsets) -> bool:
    """Return whether a quotation is a clause or more, and not only a quoted word or phrase."""
    inner = text[slice(*quote.inner)]
    length = count_words(inner)
    if quote.continues_previous or quote.continues_next or length > 7:
        return True
    if length < 2:
        return False
    finite = bool(lexicon and lexicon.finite_verbs.search(inner))
    ends_inside = bool(_ENDS.search(inner))
    if length > SHORT:
        is_noun = bool(lexicon and lexicon.noun_form.fullmatch(text[slice(*unit)]))
        is_noun = is_noun and not text[: unit[0]].endswith(" to ")
        return finite or not is_noun or (inner[0].isupper() and ends_inside)
    ends = ends_inside or text[quote.end : quote.end + 1] in (".", "!", "?")
    before = text[: quote.start].rstrip()
    opens = inner[0].isupper() and (not before or before[-1] in ":.!?…" or text[: quote.start].endswith("\n\n"))
    return (finite and (length > 2 or ends or opens)) or (opens and ends_inside)


def find_so_called(text: str, start: int, end: int, quoted: Sequence[Quotation], lexicon: Lexicon) -> Offsets | None:
    """Return where "so-called" or "what they call" refers to a span."""
    low, high = sentence_around(text, start, end, quoted)
    for match in lexicon.so_called.finditer(text, low, start):
        between = text[match.end() : start]
        words = lower_words(between)
        if not match[0].endswith((".", "-")) and re.search(r"[,;:()]", between):
            continue
        adjacent = len(words) <= (2 if lexicon.noun_form.fullmatch(text[start:end]) else 0)
        prepositions = lexicon.prepositions - {"of", "de", "d", "di"}
        if adjacent and not prepositions.intersection(words) and not re.search("[.;:,]", between.lstrip(".")):
            return match.span()
    for match in lexicon.naming_verbs.finditer(text, low, high):
        if match.end() <= start and _names_object_after(text, low, match, start, end, lexicon):
            return match.span()
        if match.start() >= end and _names_object_before(text, low, match, start, end, lexicon):
            return match.span()
    return None


def _names_object_after(text: str, low: int, verb: re.Match[str], start: int, end: int, lexicon: Lexicon) -> bool:
    between = text[verb.end() : start]
    words = lower_words(between)
    if len(words) > 4 or re.search(r"[.;:()]", between):
        return False
    if len(words) <= 2 and _reflexive(text, low, verb.start(), start, lexicon):
        return True
    if lexicon.case_form.pattern != NO_MATCH:
        return bool(lexicon.case_form.fullmatch(text[start:end])) and len(words) <= 2
    relative = lexicon.free_relatives.search(text, low, verb.start())
    if relative and "," not in text[relative.end() : verb.start()] and len(words) <= 3:
        return True
    as_object = bool({"as", "als", "come", "comme", "de"} & set(words[-2:]) or {"a", "an"} & set(words[1:]))
    return as_object and lexicon.noun_form.fullmatch(text[start:end]) is not None


def _names_object_before(text: str, low: int, verb: re.Match[str], start: int, end: int, lexicon: Lexicon) -> bool:
    between = text[end : verb.start()]
    if lexicon.language != "de" or count_words(between) > 1 or re.search(r"[,.;:()]", between):
        return False
    before = text[low:start]
    return "als" in lower_words(before)[-2:] or bool(lexicon.free_relatives.search(before))


def _reflexive(text: str, low: int, verb_start: int, start: int, lexicon: Lexicon) -> re.Match[str] | None:
    return lexicon.reflexives.search(text, max(low, verb_start - 12), start)


def so_called_speaker(
    text: str, start: int, end: int, phrase: Offsets, quoted: Sequence[Quotation], lexicon: Lexicon
) -> Offsets | None:
    """Return who is named as calling `text[start:end]` so with the words at `phrase`."""
    low, _ = sentence_around(text, start, end, quoted)
    if lexicon.so_called.fullmatch(text[slice(*phrase)]):
        return None
    relatives = list(lexicon.free_relatives.finditer(text, low, min(phrase[0], start)))
    begin = relatives[-1].end() if relatives else low
    if phrase[0] < start:
        if _reflexive(text, low, phrase[0], start, lexicon):
            return None
        return speaker_before(text, begin, phrase[0], lexicon)
    words = [m for m in WORD.finditer(text, begin, start) if m[0].lower() != "als"]  # "was Generäle Befreiung nennen"
    if not words:
        return None
    name = (words[0].start(), words[-1].end())
    by = text.find(" von ", *name)  # "die von Nordland als Befreiung bezeichnete Operation"
    return (by + 5, name[1]) if by >= 0 and words[0][0].lower() in lexicon.determiners else name
