"""Examples: whether a codebook's own terms find what its examples mark."""

from __future__ import annotations

from corpus.text import terms

from .codebook import Codebook
from .variables import Example


def unfound(book: Codebook) -> list[tuple[Example, str]]:
    """Return the examples whose unit the codebook's terms would not make a candidate, with what they find instead.

    >>> from .codebook import load
    >>> book = load("territorial-control")
    >>> unfound(book)
    []
    >>> unfound(book.model_copy(update={"examples": (Example(text="They *rushed* to Velo.", codes={}),)}))
    [(Example(text='They *rushed* to Velo.', codes={}), '')]
    """
    if book.unit != "mention":
        return []
    missed = []
    for example in book.examples:
        start = example.text.index("*")
        text = example.text.replace("*", "")
        found = [
            text[a:b]
            for a, b in terms.candidates(book.mention_terms, text)
            if a < start + len(example.unit) and b > start
        ]
        if found != [example.unit]:
            missed.append((example, ", ".join(found)))
    return missed
