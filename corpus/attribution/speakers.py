"""Find the speaker's name before or after a reporting verb."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .languages import Lexicon

LONGEST = 9  # words; a longer phrase is a clause, not a name
AND = frozenset(("and", "und", "et", "e", "ed", "и", "і", "й", "та"))
Offsets = tuple[int, int]

_WORD = re.compile(r"\w+(?:[’'\-.]\w+)*")
_NAME_AFTER_COMMA = re.compile(r",\s+((?:[^\W\d_a-zа-яіїєґ]\w+\s?){2,3})")


@dataclass(frozen=True)
class Source:
    """Where a text attributes words to someone: the speaker, if one is named, and the attributing words."""

    speaker: Offsets | None
    evidence: Offsets


def speaker_of_verb(text: str, start: int, verb: re.Match[str], end: int, lexicon: Lexicon) -> Offsets | None:
    """Return the speaker named before the verb in `text[start:end]`, or else after it."""
    before = speaker_before(text, start, verb.start(), lexicon)
    return before or speaker_after(text, verb.end(), end, lexicon)


def speaker_before(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return the subject in `text[start:end]`, which ends at the verb; None if it is a pronoun.

    >>> from .languages import load_lexicon
    >>> speaker_before("On Monday its ministry said", 0, 23, load_lexicon("en"))
    (10, 22)
    """
    words = list(_WORD.finditer(text, start, end))
    while words and (_is_filler(words[-1][0], lexicon) or words[-1][0].lower() in lexicon.auxiliaries):
        words.pop()
    while words and (_is_filler(words[0][0], lexicon) or lexicon.conjunctions.fullmatch(words[0][0])):
        words.pop(0)
    if words and words[-1][0].lower() in lexicon.pronouns:
        return None
    if (
        words
        and words[0][0].lower() in lexicon.prepositions
        and not lexicon.source_nouns.search(text, words[0].start(), end)
    ):
        return None  # "in her diary wrote"; but «в министерстве сказали» names the source
    return _name(words[-LONGEST:], lexicon)


def speaker_after(text: str, start: int, end: int, lexicon: Lexicon) -> Offsets | None:
    """Return the name in `text[start:end]`, which begins after the verb or "according to".

    >>> from .languages import load_lexicon
    >>> text = "according to a teacher, Mila Oren, and others"
    >>> text[slice(*speaker_after(text, 12, len(text), load_lexicon("en")))]
    'Mila Oren'
    """
    stop = re.search(r"[,;:()\"“”„«»]| [—–-] ", text[start:end])
    apposition = None
    if stop and stop[0] == "," and (match := _NAME_AFTER_COMMA.match(text[start + stop.start() : end])):
        comma = start + stop.start()
        apposition = (comma + match.start(1), comma + len(match[0].rstrip()))
    end = start + stop.start() if stop else end
    words = list(_WORD.finditer(text, start, end))
    while words and (_is_filler(words[0][0], lexicon) or words[0][0].lower() in lexicon.prepositions):
        words.pop(0)
    for i, match in enumerate(words):
        word, following = match[0].lower(), [w[0].lower() for w in words[i + 1 : i + 2]]
        time_phrase = bool(following) and (following[0] in lexicon.time_words or word in ("in", "im", "vor", "before"))
        if i and (word in lexicon.time_words or (word in lexicon.prepositions and time_phrase)):
            words = words[:i]
            break
    name = _name(words[:LONGEST], lexicon)
    return apposition if apposition and name else name


def _is_filler(word: str, lexicon: Lexicon) -> bool:
    return (
        word.lower() in lexicon.time_words
        or word.lower() in AND
        or (lexicon.language == "en" and word.endswith("ly") and word.islower())
    )


def _name(words: list[re.Match[str]], lexicon: Lexicon) -> Offsets | None:
    if words and lexicon.relative_pronouns.fullmatch(words[0][0]) and lexicon.language != "de":
        return None
    no_name = lexicon.pronouns | lexicon.auxiliaries | lexicon.time_words | lexicon.determiners
    if all(word[0].lower() in no_name for word in words):
        return None
    last = words[-1]
    return words[0].start(), last.end() + ("." in last[0] and last.string[last.end() : last.end() + 1] == ".")  # "U.S."
