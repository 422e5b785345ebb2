"""Check a codebook, and that its terms find the mentions that its examples mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpus.result import Result, printed_as
from corpus.text import terms

from .codebook import Codebook, read_codebook, read_yaml
from .spelling import by_folded
from .variables import Example
from .yaml_text import read_words, words_to_quote


@dataclass(frozen=True)
class MissedExample:
    """An example whose marked words the codebook's terms do not find, with what they find instead."""

    text: str
    found: str


@dataclass(frozen=True)
class CodebookWarning:
    """What may not be read as it is meant, with its line where the codebook is a file."""

    line: int | None
    why: str


@dataclass(frozen=True)
class CheckedCodebook(Result):
    """A codebook without errors, and the examples that its terms miss."""

    name: str
    version: str
    digest: str
    codebook: Codebook = printed_as(None)
    missed: tuple[MissedExample, ...] = printed_as("unfound")
    warnings: tuple[CodebookWarning, ...] = ()
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
    text = None if isinstance(codebook, Codebook) else read_yaml(str(codebook))
    book = read_codebook(codebook)
    missed = tuple(MissedExample(example.text, words) for example, words in examples_missed_by_terms(book))
    lines = words_to_quote(read_words(text)[0]) if text is not None else []
    warnings = [CodebookWarning(line, why) for line, why in lines]
    warnings += [CodebookWarning(None, why) for why in names_alike(book)]
    return CheckedCodebook(book.name, book.version, book.digest, book, missed, tuple(warnings))


def names_alike(book: Codebook) -> list[str]:
    """Return which variables, and which codes of a variable, differ in letters only: coders will mix them up.

    >>> from .codebook import load
    >>> names_alike(load("territorial-control"))
    []
    """
    what = [("variables", list(book.by_name)), *((f"codes of {v.name}", list(v.code_names)) for v in book.variables)]
    return [
        f"the {kind} {' and '.join(group)} differ in letters only; rename one"
        for kind, names in what
        for group in by_folded(names).values()
        if len(group) > 1
    ]


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
