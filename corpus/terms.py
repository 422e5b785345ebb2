"""Contested terms: the codebook's words with wildcards, found at word boundaries in any script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache


@lru_cache(maxsize=256)
def pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Compile terms to one pattern: `*` stands for any letters, a blank for any white space, case is ignored.

    >>> pattern(("liberat*", "tak* control")).findall("Liberated, then taking  control; deliberate")
    ['Liberated', 'taking  control']
    """
    longest_first = sorted(terms, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_one, longest_first))})(?!\w)", re.IGNORECASE)


def _one(term: str) -> str:
    return r"\s+".join(r"\w*".join(map(re.escape, word.split("*"))) for word in term.split())


def find(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return (start, end) of every match, in code points.

    >>> find(["took", "control of"], "Rebels took the bridge.")
    [(7, 11)]
    """
    if not terms:
        return []
    return [match.span() for match in pattern(tuple(terms)).finditer(text)]


def candidates(terms: Sequence[str], text: str) -> list[tuple[int, int]]:
    """Return the candidates for mentions: matches that overlap or follow each other at a blank are one.

    >>> text = "Troops took control of Velo, held by militias."
    >>> [text[start:end] for start, end in candidates(["took", "control*", "held by"], text)]
    ['took control', 'held by']
    """
    merged: list[tuple[int, int]] = []
    # every term by itself: an alternation would hide a match that begins inside another
    for start, end in sorted(span for term in terms for span in find([term], text)):
        if merged and (start <= merged[-1][1] or text[merged[-1][1] : start].isspace()):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def first_match(terms_by_code: Iterable[tuple[str, Sequence[str]]], text: str) -> str | None:
    """Return the first code with a term in the text: the codebook's term rule.

    >>> first_match([("liberation", ["freed"]), ("plain", ["took"])], "took")
    'plain'
    """
    return next((code for code, terms in terms_by_code if find(terms, text)), None)
