"""Store pending work and running counts, so that small changes cost little in a large corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import Connection, delete, func, select, update

from . import database as db

# split into spans; compare first revisions with other articles; score spans by the model, and those now being scored
Work = Literal["split", "compare", "score", "scoring"]
# articles by outlet; all copy groups; spans of first revisions by unit; suggestions by model
Tally = Literal["articles", "copy_groups", "spans", "suggestions"]

_A, _P, _S, _R, _G = db.articles.c, db.pending_revisions.c, db.spans.c, db.revisions.c, db.suggestions.c
_SPANS = select(_S.unit, func.count()).join(db.revisions, _R.id == _S.revision).where(_R.number == 0).group_by(_S.unit)
_SUGGESTIONS = select(_G.model, func.count()).group_by(_G.model)


def note_pending(connection: Connection, work: Work, revisions: Iterable[str]) -> None:
    """Put revisions on the list of pending work."""
    rows = [{"work": work, "revision": revision} for revision in dict.fromkeys(revisions)]
    db.put(connection, db.pending_revisions, rows)


def pending(connection: Connection, work: Work, limit: int | None = None) -> list[str]:
    """Return the revisions on the list of pending work, or the first of them."""
    query = select(_P.revision).where(_P.work == work).order_by(_P.revision).limit(limit)
    return list(connection.execute(query).scalars())


def claim(connection: Connection, work: Work, limit: int | None = None) -> list[str]:
    """Take revisions off the list of pending work and return them."""
    first = select(_P.revision).where(_P.work == work).order_by(_P.revision).limit(limit)
    taken = delete(db.pending_revisions).where(_P.work == work, _P.revision.in_(first)).returning(_P.revision)
    return sorted(connection.execute(taken).scalars())


def note_done(connection: Connection, work: Work, revisions: Iterable[str]) -> None:
    """Take revisions whose work is done off the list."""
    for batch in db.batches(revisions):
        connection.execute(delete(db.pending_revisions).where(_P.work == work, _P.revision.in_(batch)))


def has_revisions(connection: Connection) -> bool:
    """Return whether the study has any text."""
    return connection.execute(select(_R.id).limit(1)).first() is not None


@contextmanager
def tallied(connection: Connection, revisions: Collection[str]) -> Iterator[None]:
    """Update the tallies while spans of these revisions, or suggestions for them, are added and deleted."""
    before = _counts(connection, revisions)
    yield
    for what, counts in _counts(connection, revisions).items():
        counts.subtract(before[what])
        count(connection, what, counts)


def recount(connection: Connection) -> None:
    """Count everything again."""
    connection.execute(delete(db.tallies))
    outlets = connection.execute(select(_A.outlet, func.count()).group_by(_A.outlet))
    count(connection, "articles", dict(outlets.tuples().all()))
    groups = connection.execute(select(func.count(_A.copy_group.distinct()))).scalar_one()
    count(connection, "copy_groups", {"": groups})
    count(connection, "spans", dict(connection.execute(_SPANS).tuples().all()))
    count(connection, "suggestions", dict(connection.execute(_SUGGESTIONS).tuples().all()))


def tally(connection: Connection, what: Tally) -> dict[str, int]:
    """Return the numbers by name; zeros are left out."""
    t = db.tallies.c
    query = select(t.name, t.n).where(t.what == what, t.n > 0).order_by(t.name)
    return dict(connection.execute(query).tuples().all())


def _counts(connection: Connection, revisions: Collection[str]) -> dict[Tally, Counter[str]]:
    spans: Counter[str] = Counter()
    suggestions: Counter[str] = Counter()
    of_spans = _SUGGESTIONS.join(db.spans, _S.id == _G.span)
    for batch in db.batches(sorted(revisions)):
        spans.update(dict(connection.execute(_SPANS.where(_R.id.in_(batch))).tuples().all()))
        suggestions.update(dict(connection.execute(of_spans.where(_S.revision.in_(batch))).tuples().all()))
    return {"spans": spans, "suggestions": suggestions}


def count(connection: Connection, what: Tally, counts: Mapping[str, int]) -> None:
    """Add to the numbers by name."""
    rows = [{"what": what, "name": name, "n": n} for name, n in sorted(counts.items()) if n]
    db.add_counts(connection, db.tallies, "n", rows)


def leave_copy_group(connection: Connection, article: str) -> None:
    """Make an article its own copy group, as one is that has not been compared."""
    group = select(_A.copy_group).where(_A.id == article).scalar_subquery()
    in_group = select(_A.id).where(_A.copy_group == group, _A.id != article).order_by(_A.id)
    others = connection.execute(in_group).scalars().all()
    if others:
        connection.execute(update(db.articles).where(_A.id.in_(others)).values(copy_group=others[0]))
    else:
        count(connection, "copy_groups", {"": -1})
    connection.execute(update(db.articles).where(_A.id == article).values(copy_group=article))
