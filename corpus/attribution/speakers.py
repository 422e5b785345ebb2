"""Speakers: the words beside a verb of saying that name who says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .languages import Lexicon

_WORD = re.compile(r"\w+(?:[’'\-.]\w+)*")
LONGEST = 9  # words; what is longer is a clause and no name
_AND = frozenset(("and", "und", "et", "e", "ed", "и", "і", "й", "та"))
Offsets = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """Who is said to say it, where the text names one, and the offsets of the words that say so."""

    speaker: Offsets | None
    evidence: Offsets


def speaker_before(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return where the subject stands in `text[start:end]`, which ends at the verb; None for a pronoun.

    >>> from .languages import load_lexicon
    >>> speaker_before("On Monday its ministry said", 0, 23, load_lexicon("en"))
    (10, 22)
    """
    words = list(_WORD.finditer(text, start, end))
    while words and (_idle(words[-1][0], lexicon) or words[-1][0].lower() in lexicon.auxiliaries):
        words.pop()
    while words and (_idle(words[0][0], lexicon) or lexicon.conjunctions.fullmatch(words[0][0])):
        words.pop(0)
    if words and words[-1][0].lower() in lexicon.pronouns:
        return None
    if (
        words
        and words[0][0].lower() in lexicon.prepositions
        and not lexicon.source_nouns.search(text, words[0].start(), end)
    ):
        return None  # "in her diary wrote"; but «в министерстве сказали» names who
    return _place(words[-LONGEST:], lexicon)


def speaker_after(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return where the name stands in `text[start:end]`, which begins behind the verb or "according to".

    >>> from .languages import load_lexicon
    >>> text = "according to a teacher, Mila Oren, and others"
    >>> text[slice(*speaker_after(text, 12, len(text), load_lexicon("en")))]
    'Mila Oren'
    """
    stop = re.search(r"[,;:()\"“”„«»]| [—–-] ", text[start:end])
    name_after = None
    if (
        stop
        and stop[0] == ","
        and (match := re.match(r",\s+((?:[^\W\d_a-zа-яіїєґ]\w+\s?){2,3})", text[start + stop.start() : end]))
    ):
        name_after = (start + stop.start() + match.start(1), start + stop.start() + len(match[0].rstrip()))
    end = start + stop.start() if stop else end
    words = list(_WORD.finditer(text, start, end))
    while words and (_idle(words[0][0], lexicon) or words[0][0].lower() in lexicon.prepositions):
        words.pop(0)
    for i, word in enumerate(words):
        later = [w[0].lower() for w in words[i + 1 : i + 2]]
        said = word[0].lower()
        if i and (
            (said in lexicon.time_words and not word[0][0].isupper())
            or _day(word[0], lexicon)
            or (
                said in lexicon.prepositions
                and later
                and (later[0] in lexicon.time_words or said in ("in", "im", "vor", "before"))
            )
        ):
            words = words[:i]
            break
    place = _place(words[:LONGEST], lexicon)
    return name_after if name_after and place else place


def _day(word: str, lexicon: Lexicon) -> bool:
    return word.lower() in lexicon.time_words


def _idle(word: str, lexicon: Lexicon) -> bool:
    return (
        word.lower() in lexicon.time_words
        or word.lower() in _AND
        or (lexicon.language == "en" and word.endswith("ly") and word.islower())
    )


def _place(words: list[re.Match[str]], lexicon: Lexicon) -> Offsets | None:
    if words and lexicon.relative_pronouns.fullmatch(words[0][0]) and lexicon.language != "de":
        return None
    if not words or all(
        w[0].lower() in lexicon.pronouns | lexicon.auxiliaries | lexicon.time_words | lexicon.determiners for w in words
    ):
        return None
    last = words[-1]
    return words[0].start(), last.end() + ("." in last[0] and last.string[last.end() : last.end() + 1] == ".")  # "U.S."
