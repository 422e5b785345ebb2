"""Check that a codebook's terms find the mentions that its examples mark."""

from __future__ import annotations

from corpus.text import terms

from .codebook import Codebook
from .variables import Example


def examples_missed_by_terms(book: Codebook) -> list[tuple[Example, str]]:
    """Return the examples whose unit the codebook's terms do not match exactly, with what they match instead.

    >>> from .codebook import load
    >>> book = load("territorial-control")
    >>> examples_missed_by_terms(book)
    []
    >>> rushed = Example(text="They *rushed* to Velo.", codes={})
    >>> examples_missed_by_terms(book.model_copy(update={"examples": (rushed,)}))
    [(Example(text='They *rushed* to Velo.', codes={}), '')]
    """
    if book.unit != "mention":
        return []
    missed = []
    for example in book.examples:
        start = example.text.index("*")
        text = example.text.replace("*", "")
        matches = [
            text[a:b]
            for a, b in terms.mention_candidates(book.mention_terms, text)
            if a < start + len(example.unit) and b > start
        ]
        if matches != [example.unit]:
            missed.append((example, ", ".join(matches)))
    return missed
