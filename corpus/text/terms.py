"""Find a codebook's terms in a text: with wildcards, at word boundaries, by letters, in any script."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache

from corpus.span import Enclosures

from .folding import Folded, fold, fold_term, readings_of_wraps

LONGEST = 80  # letters that `*` can match; longer strings are not words

# letters of scripts that set no blanks between words: Thai, Lao, Burmese, Khmer, kana, bopomofo, Han. Only a dictionary
# knows where their words end, so they need no boundary, and `*` does not stand for them; a syllable keeps its marks
UNSPACED = (
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"
    "\u1000-\u102a\u103f\u1050-\u1055\u1780-\u17b3\u17d7\u17dc\u3005\u3007\u3021-\u3029\u3031-\u3035"
    "\u303b\u303c\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7a\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def compile_terms(terms: tuple[str, ...], letter: str = r"\w") -> re.Pattern[str]:
    """Compile terms to one pattern for folded texts: `*` matches any letters, a blank any white space.

    Matching takes time linear in the text, however many `*` a term has.

    >>> compile_terms(("liberat*", "tak* control")).findall("liberated, then taking  control; deliberate")
    ['liberated', 'taking  control']
    """
    bounded, others = [], []
    for term in sorted(map(fold_term, terms), key=len, reverse=True):  # the longest first
        words = r"\s++".join(_word_pattern(word, letter) for word in term.split())
        first, last = _UNSPACED.match(term), _UNSPACED.match(term[-1:])
        if first or last:
            after = f"(?![{_marks()}])" if last else f"(?!{letter})"
            others.append(f"{'' if first else f'(?<!{letter})'}{words}{after}")
        else:
            bounded.append(words)
    if bounded:
        others.insert(0, f"(?<!{letter})(?:{'|'.join(bounded)})(?!{letter})")
    return re.compile("|".join(others))


def _word_pattern(word: str, letter: str) -> str:
    """Return the pattern of one word of a term.

    Between two `*` the next occurrence of the letters is as good as any later one, so that none has to be tried again:
    with `*a*a*a*b` the attempts would multiply.
    """
    first, *rest = re.split(r"\*+", word)
    if not rest:
        return re.escape(first)
    between = "".join(f"(?>{letter}{{0,{LONGEST}}}?{re.escape(part)})" for part in rest[:-1])
    return f"{re.escape(first)}{between}{letter}{{0,{LONGEST}}}{re.escape(rest[-1])}"


def _letter(text: str) -> str:
    r"""Return a character class for letters of words that end at a boundary.

    It is `\w`; with combining marks if the text has some, as in Hindi; without letters of scripts without blanks.
    """
    if text.isascii():
        return r"\w"
    marked = _mark().search(text) is not None or any(
        unicodedata.category(c).startswith("M") for c in _ASTRAL.findall(text)
    )
    letters = rf"\w{_marks()}" if marked else r"\w"
    if _UNSPACED.search(text):
        return f"(?:(?![{UNSPACED}])[{letters}])"
    return f"[{letters}]" if marked else letters


@lru_cache(maxsize=1)
def _mark() -> re.Pattern[str]:
    # those of one plane, since a class of all is ten times slower
    return re.compile(f"[{_ASTRAL.sub('', _marks())}]")


@lru_cache(maxsize=1)
def _marks() -> str:
    marks = {chr(c) for c in range(0x300, 0x20000) if unicodedata.category(chr(c)).startswith("M")}
    pictures = {chr(c) for c in (*range(0x20D0, 0x2100), *range(0xFE00, 0xFE10))}  # used with emoji
    return "".join(sorted(marks - pictures))


def find(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every match, in code points.

    Terms match by letters: case, width, forms of apostrophes and hyphens, vowel signs and characters without width make
    no difference, nor does a hyphen at the end of a wrapped line.

    >>> find(["took", "control of"], "Rebels took the bridge.")
    [(7, 11)]
    >>> find(["liberat*"], "They libe\u00adrated Velo and liber- ated Karsk.")
    [(5, 15), (25, 36)]
    """
    if not terms:
        return []
    wanted, readings = tuple(terms), _readings(text)
    found = _find(wanted, *readings[0])
    for reading in readings[1:]:
        found = _with_wrapped(found, _find(wanted, *reading))
    return found


@lru_cache(maxsize=128)  # many terms are searched in the same sentences
def _readings(text: str) -> list[tuple[str, str, Folded | None]]:
    """Return a text as it is folded, with its letters; with its other readings if a line's end divides words.

    For a text whose offsets stay as they are there is None in the third place.
    """
    if text.isascii():
        folded = text.lower().replace("_", " ")
        if "- " not in folded:
            return [(folded, r"\w", None)]
    readings = [fold(text)]
    if "- " in readings[0].text:
        readings += readings_of_wraps(text)
    return [(one.text, _letter(one.text), one if one.folded else None) for one in readings]


def _with_wrapped(found: list[tuple[int, int]], joined: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return all matches; one inside a match that goes on in the next line is a part of that."""
    known = Enclosures((a, b, None) for a, b in found)
    joined = sorted((a, b) for a, b in joined if not known.around(a, b))
    ends = [b for _, b in joined]  # matches of one reading do not overlap: their ends are in order too

    def overlaps(a: int, b: int) -> bool:
        after = bisect_right(ends, a)
        return after < len(joined) and joined[after][0] < b

    return sorted([(a, b) for a, b in found if not overlaps(a, b)] + joined)


def _find(terms: tuple[str, ...], text: str, letter: str, folded: Folded | None) -> list[tuple[int, int]]:
    pattern, head = _search(terms, letter)
    if not head:
        offsets = [match.span() for match in pattern.finditer(text)]
    else:  # ten times faster: search for the first letters of the term, and match the pattern there
        offsets = []
        position = text.find(head)
        while position >= 0:
            match = pattern.match(text, position)
            if match:
                offsets.append(match.span())
            position = text.find(head, max(match.end(), position + 1) if match else position + 1)
    return offsets if folded is None else [folded.place(*span) for span in offsets]


@lru_cache(maxsize=2048)
def _search(terms: tuple[str, ...], letter: str) -> tuple[re.Pattern[str], str]:
    """Return the pattern of terms and, for a single one, the letters that it begins with before any wildcard."""
    head = re.split(r"[*\s]", fold_term(terms[0]).strip(), maxsplit=1)[0] if len(terms) == 1 else ""
    return compile_terms(terms, letter), head


def mention_candidates(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return (start, end) of the candidates for mentions: overlapping or adjacent matches are merged.

    >>> text = "Troops took control of Velo, held by militias."
    >>> [text[start:end] for start, end in mention_candidates(["took", "control*", "held by"], text)]
    ['took control', 'held by']
    """
    merged: list[tuple[int, int]] = []
    # term by term: an alternation would hide a match that begins inside another
    for start, end in sorted(span for term in terms for span in find([term], text)):
        if merged and (start <= merged[-1][1] or text[merged[-1][1] : start].isspace()):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def first_matching_code(terms_by_code: Iterable[tuple[str, Sequence[str]]], text: str) -> str | None:
    """Return the first code that has a term in the text (the codebook's term rule).

    >>> first_matching_code([("liberation", ["freed"]), ("plain", ["took"])], "took")
    'plain'
    """
    return next((code for code, terms in terms_by_code if find(terms, text)), None)
