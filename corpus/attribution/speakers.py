"""Speakers: the words beside a verb of saying that name who says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .languages import Speech

_WORD = re.compile(r"\w+(?:[’'\-.]\w+)*")
LONGEST = 9  # words; what is longer is a clause and no name
_AND = frozenset(("and", "und", "et", "e", "ed", "и", "і", "й", "та"))
Place = tuple[int, int]


@dataclass(frozen=True)
class Source:
    """Who is said to say it, where the text names one, and the offsets of the words that say so."""

    speaker: Place | None
    evidence: Place


def speaker_before(text: str, start: int, end: int, speech: Speech) -> Place | None:
    """Return where the subject stands in `text[start:end]`, which ends at the verb; None for a pronoun.

    >>> from .languages import speech
    >>> speaker_before("On Monday its ministry said", 0, 23, speech("en"))
    (10, 22)
    """
    words = list(_WORD.finditer(text, start, end))
    while words and (_idle(words[-1][0], speech) or words[-1][0].lower() in speech.auxiliaries):
        words.pop()
    while words and (_idle(words[0][0], speech) or speech.that.fullmatch(words[0][0])):
        words.pop(0)
    if words and words[-1][0].lower() in speech.pronouns:
        return None
    if words and words[0][0].lower() in speech.prepositions and not speech.sources.search(text, words[0].start(), end):
        return None  # "in her diary wrote"; but «в министерстве сказали» names who
    return _place(words[-LONGEST:], speech)


def speaker_after(text: str, start: int, end: int, speech: Speech) -> Place | None:
    """Return where the name stands in `text[start:end]`, which begins behind the verb or "according to".

    >>> from .languages import speech
    >>> text = "according to a teacher, Mila Oren, and others"
    >>> text[slice(*speaker_after(text, 12, len(text), speech("en")))]
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
    while words and (_idle(words[0][0], speech) or words[0][0].lower() in speech.prepositions):
        words.pop(0)
    for i, word in enumerate(words):
        later = [w[0].lower() for w in words[i + 1 : i + 2]]
        said = word[0].lower()
        if i and (
            (said in speech.times and not word[0][0].isupper())
            or _day(word[0], speech)
            or (
                said in speech.prepositions
                and later
                and (later[0] in speech.times or said in ("in", "im", "vor", "before"))
            )
        ):
            words = words[:i]
            break
    place = _place(words[:LONGEST], speech)
    return name_after if name_after and place else place


def _day(word: str, speech: Speech) -> bool:
    return word.lower() in speech.times


def _idle(word: str, speech: Speech) -> bool:
    return (
        word.lower() in speech.times
        or word.lower() in _AND
        or (speech.language == "en" and word.endswith("ly") and word.islower())
    )


def _place(words: list[re.Match[str]], speech: Speech) -> Place | None:
    if words and speech.relatives.fullmatch(words[0][0]) and speech.language != "de":
        return None
    if not words or all(
        w[0].lower() in speech.pronouns | speech.auxiliaries | speech.times | speech.determiners for w in words
    ):
        return None
    last = words[-1]
    return words[0].start(), last.end() + ("." in last[0] and last.string[last.end() : last.end() + 1] == ".")  # "U.S."
