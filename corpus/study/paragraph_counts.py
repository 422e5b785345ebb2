"""Count in how many articles an outlet prints a paragraph: repeated ones are treated as page furniture."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, select

from corpus.span import paragraphs

from . import database as db

REPEATED = 3  # articles of an outlet with the same paragraph, from which on it is taken for page furniture


def count_paragraphs(connection: Connection, outlet: str, text: str, *, articles: int = 1) -> None:
    """Count the paragraphs of an article's first text; with `articles` -1 they are subtracted again."""
    rows = [{"outlet": outlet, "digest": number, "articles": articles} for number in sorted(set(_digests(text)))]
    db.add_counts(connection, db.paragraph_counts, "articles", rows)


def repeated_paragraphs(connection: Connection, texts: Iterable[tuple[str, str]]) -> Callable[[str, str], bool]:
    """Return a function for the paragraphs of these (outlet, text): whether the outlet repeats the paragraph."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for outlet, text in texts:
        wanted[outlet].update(_digests(text))
    c = db.paragraph_counts.c
    repeated: dict[str, set[int]] = {}
    for outlet, digests in wanted.items():
        repeated[outlet] = set()
        for batch in db.batches(sorted(digests)):
            query = select(c.digest).where(c.outlet == outlet, c.digest.in_(batch), c.articles >= REPEATED)
            repeated[outlet].update(connection.execute(query).scalars())
    return lambda outlet, paragraph: _digest(paragraph) in repeated[outlet]


def _digests(text: str) -> list[int]:
    return [_digest(text[start:end]) for start, end in paragraphs(text)]


def _digest(paragraph: str) -> int:
    """Return the first 64 bits of the paragraph's sha256, as a number that both databases store."""
    return int.from_bytes(hashlib.sha256(paragraph.encode()).digest()[:8], signed=True)
