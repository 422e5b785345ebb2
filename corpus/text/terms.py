"""Find a codebook's terms in a text: with wildcards, at word boundaries, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

LONGEST = 80  # letters that `*` can match; longer strings are not words


@lru_cache(maxsize=256)
def compile_terms(terms: tuple[str, ...], letter: str = r"\w") -> re.Pattern[str]:
    """Compile terms to one pattern: `*` matches any letters, a blank any white space, case is ignored.

    >>> compile_terms(("liberat*", "tak* control")).findall("Liberated, then taking  control; deliberate")
    ['Liberated', 'taking  control']
    """
    any_letters = f"{letter}{{0,{LONGEST}}}"
    words = [
        r"\s+".join(any_letters.join(map(re.escape, word.split("*"))) for word in term.split())
        for term in sorted(map(_composed, terms), key=len, reverse=True)  # the longest first
    ]
    return re.compile(rf"(?<!{letter})(?:{'|'.join(words)})(?!{letter})", re.IGNORECASE)


def _composed(term: str) -> str:
    return unicodedata.normalize("NFC", term)  # as texts are


@lru_cache(maxsize=1)  # many terms are searched in the same text
def _letter(text: str) -> str:
    r"""Return a character class for letters of words: `\w`, and combining marks if the text has some, as in Hindi."""
    marked = not text.isascii() and any(unicodedata.category(c).startswith("M") for c in set(text))
    return _marked_letter() if marked else r"\w"


@lru_cache(maxsize=1)
def _marked_letter() -> str:
    marks = {chr(c) for c in range(0x300, 0x20000) if unicodedata.category(chr(c)).startswith("M")}
    pictures = {chr(c) for c in (*range(0x20D0, 0x2100), *range(0xFE00, 0xFE10))}  # used with emoji
    return rf"(?-i:[\w{''.join(sorted(marks - pictures))}])"


def find(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every match, in code points.

    >>> find(["took", "control of"], "Rebels took the bridge.")
    [(7, 11)]
    """
    if not terms:
        return []
    pattern = compile_terms(tuple(terms), _letter(text))
    head = re.split(r"[*\s]", _composed(terms[0]).lower(), maxsplit=1)[0] if len(terms) == 1 else ""
    if not head or _SPECIAL_CASE.search(head) or (lower := _lower_case(text)) is None:
        return [match.span() for match in pattern.finditer(text)]
    offsets = []  # ten times faster: search for the first letters of the term, and match the pattern there
    position = lower.find(head)
    while position >= 0:
        match = pattern.match(text, position)
        if match:
            offsets.append(match.span())
        position = lower.find(head, max(match.end(), position + 1) if match else position + 1)
    return offsets


# letters for which lower() and IGNORECASE disagree
_SPECIAL_CASE = re.compile("[\u0130\u0131\u017f\u0345\u03a3\u03c2\u03c3\u212a\u212b]")


@lru_cache(maxsize=1)  # many terms are searched in the same text
def _lower_case(text: str) -> str | None:
    """Return the text in lower case, None if offsets or case-insensitive matches would differ from the text's."""
    lower = text.lower()
    return lower if len(lower) == len(text) and (text.isascii() or not _SPECIAL_CASE.search(text)) else None


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
