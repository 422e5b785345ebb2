"""Find columns of a table of answers that look like a question of the codebook and are not read as one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from corpus.codebook import Codebook
from corpus.codebook.spelling import folded

# columns of exports and of coders' tables, which mean no question even where a question has such a name
_OTHERS = frozenset(("text", "outlet", "date", "title", "headline", "passage", "url", "pi", "purpose", "found_by"))
_WORDS = re.compile(r"[^\W_]+")


def unread_columns(book: Codebook, columns: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """Yield for each column that looks like a question, but is not read as one, why and what to do.

    >>> from corpus.codebook import load
    >>> list(unread_columns(load("lexical-bias"), ["span", "coder", "Bias?", "notes"], {"span", "coder"}))
    ["the column 'Bias?' was not read; if it has the answers to bias, name it bias"]
    """
    names = {folded(name): name for name in book.by_name}
    long = "variable" in columns or "code" in columns
    for column in columns:
        plain = folded(column)
        if plain in known or plain in _OTHERS:
            continue
        if plain in names:
            if long:
                yield f"the column {column!r} was not read, since the table names the variable and code of each answer"
            continue
        words = _WORDS.findall(plain)
        for name, variable in names.items():
            question = _WORDS.findall(folded(book.by_name[variable].question))
            if _has(words, _WORDS.findall(name)) or (words == question and words):
                yield f"the column {column!r} was not read; if it has the answers to {variable}, name it {variable}"


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether words begin with the wanted ones: "scale (1-5)", "tone?"."""
    return bool(wanted) and list(words[: len(wanted)]) == list(wanted)
