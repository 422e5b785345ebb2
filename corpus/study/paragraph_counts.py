"""Count in how many articles an outlet prints a paragraph: repeated ones are treated as page furniture."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, select

from corpus.span import paragraphs

from . import database as db
from .bookkeeping import note_pending

REPEATED = 3  # articles of an outlet with the same paragraph, from which on it is taken for page furniture


def count_paragraphs(connection: Connection, outlet: str, article: str, text: str) -> None:
    """Count the paragraphs of an article's first text.

    Earlier articles with a paragraph that the outlet now repeats are noted to be split again, so that the order of
    adding articles makes no difference.
    """
    digests, o = sorted(set(_digests(text))), db.paragraph_owners.c
    counts = _add(connection, outlet, digests, 1)
    owners = [{"outlet": outlet, "digest": one, "article": article} for one in digests if counts[one] < REPEATED]
    db.put(connection, db.paragraph_owners, owners)
    _split_owners_again(connection, (o.outlet == outlet), [one for one in digests if counts[one] == REPEATED])


def subtract_paragraphs(connection: Connection, outlet: str, article: str, text: str) -> list[int]:
    """Subtract the paragraphs of a text that was an article's first one; return those that no other article has."""
    lines, o = {digest(text[start:end]): text[start:end] for start, end in paragraphs(text)}, db.paragraph_owners.c
    counts = _add(connection, outlet, sorted(lines), -1)
    connection.execute(delete(db.paragraph_owners).where(o.outlet == outlet, o.article == article))
    no_longer_repeated = [one for one in sorted(lines) if counts[one] == REPEATED - 1]
    for one in no_longer_repeated:
        _own_again(connection, outlet, article, lines[one])
    _split_owners_again(connection, (o.outlet == outlet), no_longer_repeated)
    gone, c = [one for one in sorted(lines) if counts[one] <= 0], db.paragraph_counts.c
    for batch in db.batches(gone):
        connection.execute(delete(db.paragraph_counts).where(c.outlet == outlet, c.digest.in_(batch)))
    return gone


def _own_again(connection: Connection, outlet: str, article: str, line: str) -> None:
    """Note who still prints a line that is repeated no longer: of articles after the first ones it was not noted."""
    a, r = db.articles.c, db.revisions.c
    place = func.strpos if connection.dialect.name == "postgresql" else func.instr
    query = select(r.article, r.text).join(db.articles, a.id == r.article)
    rows = connection.execute(query.where(a.outlet == outlet, r.number == 0, a.id != article, place(r.text, line) > 0))
    one = digest(line)
    owners = [row.article for row in rows if one in _digests(row.text)]
    db.put(connection, db.paragraph_owners, [{"outlet": outlet, "digest": one, "article": owner} for owner in owners])


def _add(connection: Connection, outlet: str, digests: Sequence[int], articles: int) -> dict[int, int]:
    """Add to the counts of paragraphs; return the new counts."""
    rows = [{"outlet": outlet, "digest": one, "articles": articles} for one in digests]
    db.add_counts(connection, db.paragraph_counts, "articles", rows)
    c = db.paragraph_counts.c
    counts: dict[int, int] = {}
    for batch in db.batches(digests):
        found = select(c.digest, c.articles).where(c.outlet == outlet, c.digest.in_(batch))
        counts |= dict(connection.execute(found).tuples().all())
    return counts


def _split_owners_again(connection: Connection, of_outlet: ColumnElement[bool], digests: Sequence[int]) -> None:
    o = db.paragraph_owners.c
    revisions = (
        select(db.revisions.c.id).join(db.paragraph_owners, o.article == db.revisions.c.article).where(of_outlet)
    )
    for batch in db.batches(digests):
        note_pending(connection, "split", connection.execute(revisions.where(o.digest.in_(batch))).scalars().all())


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
    return lambda outlet, paragraph: digest(paragraph) in repeated[outlet]


def _digests(text: str) -> list[int]:
    return [digest(text[start:end]) for start, end in paragraphs(text)]


def digest(paragraph: str) -> int:
    """Return the first 64 bits of the paragraph's sha256, as a number that both databases store."""
    return int.from_bytes(hashlib.sha256(paragraph.encode()).digest()[:8], signed=True)
