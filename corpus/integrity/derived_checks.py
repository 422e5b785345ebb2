"""Check what Slantwise computed from texts and answers: running counts, pending work, repeated paragraphs, shingles."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from sqlalchemy import Connection, func, select

from corpus.copies.near_duplicates import MAX_SHARING
from corpus.copies.shingles import RECIPE, sketch
from corpus.span import paragraphs
from corpus.study import database as db
from corpus.study.bookkeeping import pending
from corpus.study.paragraph_counts import digest

from .findings import REBUILT, Look


def check_derived(look: Look, connection: Connection) -> None:
    """Compute running counts, pending work, repeated paragraphs and shingles again, and compare."""
    with look.part("running counts"):
        _check_tallies(look, connection)
    with look.part("pending work"):
        _check_pending(look, connection)
    with look.part("repeated paragraphs and shingles"):
        _check_texts(look, connection)


def _check_tallies(look: Look, connection: Connection) -> None:
    counts = running_counts(connection)
    stored = {
        (row.what, row.name): row.n for row in connection.execute(select(db.tallies)) if row.what != "lock" and row.n
    }
    wrong = [
        f"{' '.join(key).strip()}: {stored.get(key, 0)} noted, {counts.get(key, 0)} found"
        for key in counts.keys() | stored.keys()
        if stored.get(key, 0) != counts.get(key, 0)
    ]
    look.count("running counts", len(counts), wrong, means="`status` shows a wrong number", todo=REBUILT)


def running_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Count what the tallies count, except zeros."""
    a, r, s, g = db.articles.c, db.revisions.c, db.spans.c, db.suggestions.c
    by_name = {
        "articles": select(a.outlet, func.count()).group_by(a.outlet),
        "spans": select(s.unit, func.count())
        .join(db.revisions, r.id == s.revision)
        .where(r.number == 0)
        .group_by(s.unit),
        "suggestions": select(g.model, func.count()).group_by(g.model),
    }
    counts = {(what, name): n for what, query in by_name.items() for name, n in connection.execute(query).tuples() if n}
    groups = connection.execute(select(func.count(a.copy_group.distinct()))).scalar_one()
    return {**counts, ("copy_groups", ""): groups} if groups else counts


def unsplit(connection: Connection) -> set[str]:
    """Return the revisions that have no spans from splitting and are not noted to be split."""
    split = select(db.spans.c.revision).where(db.spans.c.found_by == "split")
    found = set(connection.execute(select(db.revisions.c.id).where(db.revisions.c.id.not_in(split))).scalars())
    return found - set(pending(connection, "split"))


def _check_pending(look: Look, connection: Connection) -> None:
    n = connection.execute(select(func.count()).select_from(db.revisions)).scalar_one()
    means = "its spans are missing and nothing finds them"
    look.count("texts with spans, or noted to be split", n, unsplit(connection), means=means, todo=REBUILT)


def _check_texts(look: Look, connection: Connection) -> None:
    """Compare what is kept of the paragraphs and shingles of first texts."""
    a, r = db.articles.c, db.revisions.c
    waiting = set(pending(connection, "compare"))
    counts: Counter[tuple[str, int]] = Counter()
    signed = {
        row.article: row.signature
        for row in connection.execute(select(db.shingle_signatures).where(db.shingle_signatures.c.recipe == RECIPE))
    }
    is_current = db.get_meta(connection, db.COPIES) in (RECIPE, None)
    other: list[str] = []
    owners: dict[int, int] = defaultdict(int)
    texts = select(a.id, a.outlet, r.id.label("revision"), r.text).join(db.revisions, r.article == a.id)
    n = 0
    for row in connection.execute(texts.where(r.number == 0)):
        n += 1
        counts.update({(row.outlet, digest(row.text[start:end])) for start, end in paragraphs(row.text)})
        own = sketch(row.text)
        if row.revision not in waiting and is_current and signed.get(row.id) != own.tobytes():
            other.append(row.id)
        if row.id in signed:
            for shingle in own.tolist():
                owners[shingle] += 1
    means = "copies of it may not be found"
    look.count("shingles of articles", n, other, means=means, todo=REBUILT)
    _check_index(look, connection, signed, owners)
    c = db.paragraph_counts.c
    stored = {
        (outlet, paragraph): n
        for outlet, paragraph, n in connection.execute(select(c.outlet, c.digest, c.articles)).tuples()
        if n
    }
    wrong = {outlet for (outlet, _), _ in stored.items() ^ counts.items()}
    means = "text may be taken for page furniture, or furniture for text"
    look.count("paragraphs by outlet", len(counts), wrong, means=means, todo=REBUILT)


def _check_index(look: Look, connection: Connection, signed: dict[str, bytes], owners: dict[int, int]) -> None:
    """Check that each shingle leads to its articles, or to as many as are kept of a frequent one."""
    known = {article: set(np.frombuffer(data, dtype=np.uint32).tolist()) for article, data in signed.items()}
    found: Counter[int] = Counter()
    wrong = []
    for row in connection.execute(select(db.shingles)):
        found[row.hash] += 1
        if row.hash not in known.get(row.article, ()) or abs(row.size) != len(known[row.article]):
            wrong.append(row.article)
    wrong += [str(shingle) for shingle, n in owners.items() if found[shingle] < min(n, MAX_SHARING)]
    means = "copies may not be found"
    look.count("shingles in the index", sum(found.values()), wrong, means=means, todo=REBUILT)
