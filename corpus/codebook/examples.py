"""Check a codebook, and that its terms find the mentions that its examples mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.result import Result, printed_as
from corpus.text import terms

from .codebook import Codebook, read_codebook
from .variables import Example


@dataclass(frozen=True)
class MissedExample:
    """An example whose marked words the codebook's terms do not find, with what they find instead."""

    text: str
    found: str


@dataclass(frozen=True)
class CheckedCodebook(Result):
    """A codebook without errors, and the examples that its terms miss."""

    name: str
    version: str
    digest: str
    codebook: Codebook = printed_as(None)
    missed: tuple[MissedExample, ...] = printed_as("unfound")
    printed = ("valid",)

    @property
    def valid(self) -> bool:
        """True: an invalid codebook cannot be loaded."""
        return True


def check_codebook(codebook: Codebook | str | Path) -> CheckedCodebook:
    """Check a codebook: a study's, a bundled one by its name, or a file. Raises BadCodebook, which names the line.

    >>> check_codebook("lexical-bias").json()["valid"]
    True
    """
    book = read_codebook(codebook)
    missed = tuple(MissedExample(example.text, words) for example, words in examples_missed_by_terms(book))
    return CheckedCodebook(book.name, book.version, book.digest, book, missed)


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
