"""Fold a text to its letters, without what only typography distinguishes, with offsets back to the text."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

# characters that separate no words: soft hyphen, zero-width characters, direction marks, variation selectors
_IGNORABLE = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
)
# vowel signs of Arabic (not its hamzas), points of Hebrew
_SIGNS = (
    "\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
)
_APOSTROPHES, _HYPHENS, _QUOTES = "’ʼʹ`´‘′ʻ՚׳＇ꞌ", "‐‑‒–—―−־﹣－", "“”„‟״″＂"
# forms of letters for which NFKC gives the letter: ligatures, Arabic presentation forms, half and full width
_FORMS = "\u0132\u0133\u01c4-\u01cc\u01f1-\u01f3\ufb00-\ufb4f\ufb50-\ufdfb\ufe70-\ufefc\uff01-\uffdc"
_FORMS += "\U0001d400-\U0001d7ff"  # bold and italic letters of mathematics, which people use in posts
_LONGER = "ßẞŉǰΐΰևẖ-ẚ\u1f50-\u1fff"  # letters with longer forms in lower case are among these
_ACCENT = "(?<=[\u0400-\u052f])[\u0300\u0301]|(?<=i)\u0307"  # stress as in a dictionary; İ in lower case

_ONE_FOR_ONE = {**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_HYPHENS, "-"), **dict.fromkeys(_QUOTES, '"')}
_ONE_FOR_ONE |= {"ё": "е", "Ё": "е", "İ": "i", "ı": "i", "_": " "}
_ONE_FOR_ONE |= {"ک": "ك", "ی": "ي", "ہ": "ه"}  # Persian and Urdu forms of Arabic letters
_ONE_FOR_ONE |= {"ş": "ș", "Ş": "ș", "ţ": "ț", "Ţ": "ț"}  # a cedilla in the place of Romanian's comma
# Greek writes capitals without accents, and may set a diaeresis in their place
_ONE_FOR_ONE |= {c: unicodedata.normalize("NFD", c)[0].lower() for c in "ΆΈΉΊΌΎΏΪΫΐΰάέήίόύώϊϋ"}
_ONE_FOR_ONE |= {  # as in older texts, with breathings
    c: unicodedata.normalize("NFD", c)[0].lower() for c in map(chr, range(0x1F00, 0x1FFD)) if c.isalpha()
}
_SAME_LENGTH = re.compile(f"[{''.join(_ONE_FOR_ONE)}]")
_OTHER_LENGTH = re.compile(
    rf"\u00ad (?=\w)|[{_IGNORABLE}{_SIGNS}]|{_ACCENT}|[\uff66-\uff9d][\uff9e\uff9f]|\u0e4d\u0e32|\u0ecd\u0eb2"
    rf"|[{_FORMS}{_LONGER}]"
)
_SIGNS_AFTER = re.compile(rf"(?:[{_SIGNS}]|{_ACCENT})*")
_DROPPED = re.compile(rf"[{_SIGNS} ]")

# Cyrillic and Greek letters that look like Latin ones, as they are or as capitals; letters with a stroke, as ø
_LATIN_TWINS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0432\u043a\u043c\u043d\u0442"
    "\u03bd\u03bf\u03b9\u03b1\u03b2\u03b5\u03ba\u03bc\u03c1\u03c4\u03c7"
    "\u00f8\u0142\u0111\u0131",
    "aeopcyxijsbkmhtvoiabekmptxoldi",
)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\W_]+(?=\d)")
_NUMBER = re.compile(r"0*(\d+)(?:\.0+)?")

# a hyphen at the end of a line that an editor wrapped; "pre- and post-war" is none
_WRAP = re.compile(r"(?<=[^\W\d_]{2})[-‐‑] (?=[^\W\d_]{2})")
_AND = re.compile(
    "and|or|nor|to|und|oder|bzw|bis|sowie|et|ou|ni|lub|oraz|czy|nebo|či|ali|ili|или|та|або|чи|да|en|of|og|eller|och|ja"
    "|tai|és|vagy|sau|și|ve|veya|και"
)
_WORD = re.compile(r"\w+")


class Folded(NamedTuple):
    """A folded text and the text itself, with the stretches of the one that begin in the other elsewhere.

    `folded[i]` is where stretch i begins in the folded text, `written[i]` where it begins in the text, and `widths[i]`
    is 0 if each of its characters is one of the text, else the length of what it stands for, such as 1 for ß.
    """

    text: str
    original: str
    folded: tuple[int, ...] = ()
    written: tuple[int, ...] = ()
    widths: tuple[int, ...] = ()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of a stretch of the folded text in the text itself, with its last letter's signs."""
        if not self.folded:
            return start, end
        i, j = bisect_right(self.folded, start) - 1, bisect_right(self.folded, end - 1) - 1
        first = self.written[i] + (0 if self.widths[i] else start - self.folded[i])
        last = self.written[j] + (self.widths[j] or end - self.folded[j])
        signs = _SIGNS_AFTER.match(self.original, last)
        return first, signs.end() if signs else last


def fold_term(term: str) -> str:
    """Return a term as texts are folded.

    >>> fold_term("Об’єднан*"), fold_term("libe\u00adrat*"), fold_term("ﬁre")
    ("об'єднан*", 'liberat*', 'fire')
    """
    return fold(unicodedata.normalize("NFC", term)).text


def fold(text: str) -> Folded:
    r"""Return a text in lower case, by its letters only: one apostrophe, one hyphen, no joiners, no vowel signs.

    >>> fold("Re‑liberated").text, fold("libe\u00adrated.").place(0, 9), fold("Straße").place(0, 7)
    ('re-liberated', (0, 10), (0, 6))
    """
    return Folded(text.lower().replace("_", " "), text) if text.isascii() else _fold(text)


def readings_of_wraps(text: str) -> tuple[Folded, ...]:
    """Return a folded text with the words joined that a hyphen divides at a wrapped line's end; empty without any.

    In the second reading the hyphen is a part of the word, also before a capital, as in "Nord-Süd- Verbindung".

    >>> joined, hyphenated = readings_of_wraps("They had liber- ated Velo.")
    >>> joined.text, joined.place(9, 18), hyphenated.text
    ('they had liberated velo.', (9, 20), 'they had liber-ated velo.')
    >>> readings_of_wraps("pre- and post-war towns")
    ()
    """
    places = [match for match in _WRAP.finditer(text) if _divides_word(text, match)]
    joined = [match.start() for match in places if text[match.end()].islower()]
    hyphenated = [match.start() + 1 for match in places]
    readings = [(place, place + 2) for place in joined], [(place, place + 1) for place in hyphenated]
    return tuple(_fold(text, tuple(skipped)) for skipped in readings if skipped)


def _divides_word(text: str, match: re.Match[str]) -> bool:
    """Return whether the left side is in lower case, and the right one is not a word such as "and"."""
    following = _WORD.match(text, match.end())
    return text[match.start() - 1].islower() and following is not None and not _AND.fullmatch(following[0])


def _fold(text: str, skipped: tuple[tuple[int, int], ...] = ()) -> Folded:
    """Fold a text, without the stretches to be skipped."""
    pieces: list[str] = []
    folded, written, widths = [0], [0], [0]
    size = position = 0

    def keep(letters: str, start: int, end: int, width: int) -> None:
        nonlocal size
        if letters and (width or written[-1] - folded[-1] != start - size or widths[-1]):
            folded.append(size)
            written.append(start)
            widths.append(width)
        pieces.append(letters)
        size += len(letters)

    for first, last in zip(
        [0, *(end for _, end in skipped)], [*(start for start, _ in skipped), len(text)], strict=True
    ):
        position = first
        for match in _OTHER_LENGTH.finditer(text, first, last):
            keep(_same_length(text[position : match.start()]), position, match.start(), 0)
            position = match.end()
            keep(_letters(match[0]), match.start(), position, position - match.start())
        keep(_same_length(text[position:last]), position, last, 0)
    if len(folded) == 1:
        return Folded("".join(pieces), text)
    return Folded("".join(pieces), text, tuple(folded), tuple(written), tuple(widths))


def _same_length(piece: str) -> str:
    return _SAME_LENGTH.sub(lambda match: _ONE_FOR_ONE[match[0]], piece).casefold()


@lru_cache(maxsize=1024)
def _letters(characters: str) -> str:
    """Return the letters that one or two characters stand for; empty for those without a meaning of their own."""
    if _IGNORED.fullmatch(characters):
        return ""
    if characters in _AM:
        return _AM[characters]
    form = unicodedata.normalize("NFKC", characters) if _FORM.match(characters) else characters
    return _DROPPED.sub("", unicodedata.normalize("NFC", _same_length(form)))


_IGNORED = re.compile(rf"[{_IGNORABLE}{_SIGNS}]|\u00ad |{_ACCENT}|[\u0300\u0301\u0307]")
_AM = {"\u0e4d\u0e32": "\u0e33", "\u0ecd\u0eb2": "\u0eb3"}  # Thai and Lao am, written as two signs
_FORM = re.compile(f"[{_FORMS}]")


def look_alikes(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return groups of names that differ only in case, accents, punctuation, blanks or look-alike letters.

    >>> look_alikes(["Mara", "jon", "mara", "José", "Jose", "anna.b", "Anna B", "7", "07", "no-1-12", "no-11-2"])
    [('07', '7'), ('Anna B', 'anna.b'), ('Jose', 'José'), ('Mara', 'mara')]
    """
    groups: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        if name:
            groups.setdefault(_core(name), []).append(name)
    return sorted(tuple(group) for group in groups.values() if len(group) > 1)


def _core(name: str) -> str:
    if number := _NUMBER.fullmatch(name.strip()):
        return number[1]
    letters = _BETWEEN_DIGITS.sub("·", unicodedata.normalize("NFKD", name.casefold()))
    core = "".join(letter for letter in letters if letter.isalnum() or letter == "·").translate(_LATIN_TWINS)
    return core or name


def named(names: Iterable[str]) -> str:
    """Return names in a sentence.

    >>> named(["MARA", "Mara", "mara"])
    'MARA, Mara and mara'
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
