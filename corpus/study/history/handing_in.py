"""Which coders' parts of rounds are handed in, and the answers that were changed before and after that.

The first answer counts. A coder's part of a round is handed in when it is closed, and otherwise 12 hours after all of
its spans were answered or skipped: until then a coder may correct slips, and nobody has discussed disagreements yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, func, select

from corpus.study import database as db

GRACE = timedelta(hours=12)  # after the last answer: long enough for an evening's corrections
CORRECTED, LATE = "corrected", "late"
WITHDRAWN = ""  # the code of a change that takes an answer back

Part = tuple[str, str]  # a round and a coder
Question = tuple[str, str, str, str]  # span, variable, coder and round of an answer


class HasStore(Protocol):
    """A study, as far as its store is needed."""

    @property
    def store(self) -> db.Store:
        """The study's store."""


def close_parts(connection: Connection, parts: Iterable[Part], at: datetime | None = None) -> list[Part]:
    """Hand these coders' parts of rounds in; return those that were not closed before."""
    wanted = list(dict.fromkeys(parts))
    c = db.closed_parts.c
    closed = set(connection.execute(select(c.round, c.coder)).tuples())
    new = [part for part in wanted if part not in closed]
    time = (at or datetime.now(UTC)).isoformat(timespec="seconds")
    db.put(connection, db.closed_parts, [{"round": round, "coder": coder, "at": time} for round, coder in new])
    return new


def handed_in(connection: Connection, parts: Iterable[Part], now: datetime | None = None) -> set[Part]:
    """Return those of coders' parts of rounds that are handed in."""
    c, a, o = db.closed_parts.c, db.assignments.c, db.outcomes.c
    at = now or datetime.now(UTC)
    found: set[Part] = set()
    for round, coder in set(parts):
        closed = select(c.at).where(c.round == round, c.coder == coder)
        if connection.execute(closed).first() is not None:
            found.add((round, coder))
            continue
        assigned = select(func.count()).where(a.round == round, a.coder == coder)
        dealt_with = select(func.count(), func.max(o.at)).where(
            o.round == round, o.coder == coder, o.state.in_(("answered", "skipped"))
        )
        n, last = connection.execute(dealt_with).one()
        if n and n >= connection.execute(assigned).scalar_one() and _is_over(last, at):
            found.add((round, coder))
    return found


def _is_over(last: str | None, now: datetime) -> bool:
    """Return whether the time for corrections is over; a part without times was handed in when it was stored.

    >>> _is_over("2026-03-02T20:00:00+00:00", datetime(2026, 3, 2, 23, tzinfo=UTC))
    False
    >>> _is_over("2026-03-02T20:00:00Z", datetime(2026, 3, 3, 9, tzinfo=UTC)), _is_over(None, datetime.now(UTC))
    (True, True)
    """
    try:
        time = datetime.fromisoformat(last or "")
    except ValueError:
        return True
    return now - (time if time.tzinfo else time.replace(tzinfo=UTC)) > GRACE


def late_codes(connection: Connection, spans: Iterable[str]) -> dict[Question, tuple[str, str, str]]:
    """Return the latest late answers to these spans: code, arm and memo, by question."""
    t = db.answer_changes.c
    query = select(t.span, t.variable, t.coder, t.round, t.code, t.arm, t.memo).where(t.state == LATE)
    found: dict[Question, tuple[str, str, str]] = {}
    for batch in db.batches(spans):
        for row in connection.execute(query.where(t.span.in_(batch)).order_by(t.number)):
            found[row.span, row.variable, row.coder, row.round] = (row.code, row.arm, row.memo)
    return found


def keep_changes(connection: Connection, state: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Store answers that do not count: those that were corrected before handing in, or those that came late."""
    changes = list(rows)
    if not changes:
        return
    t, numbers = db.answer_changes.c, dict[Question, int]()
    query = select(t.span, t.variable, t.coder, t.round, t.number)
    for batch in db.batches(dict.fromkeys(str(row["span"]) for row in changes)):
        for row in connection.execute(query.where(t.span.in_(batch))):
            key = (row.span, row.variable, row.coder, row.round)
            numbers[key] = max(row.number, numbers.get(key, 0))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    names = {column.name for column in db.answer_changes.columns} - {"digest"}
    stored = []
    for change in changes:
        key = (change["span"], change["variable"], change["coder"], change["round"])
        numbers[key] = numbers.get(key, 0) + 1
        answer = {name: value for name, value in change.items() if name in names}
        stored.append({**answer, "number": numbers[key], "state": state, "stored_at": now})
    db.put(connection, db.answer_changes, stored)


def late_answers(n: int) -> str:
    """Return the sentence on answers that were changed after handing in.

    >>> late_answers(3)
    '3 answers changed after handing in; the first ones count'
    """
    if n == 1:
        return "1 answer changed after handing in; the first one counts"
    return f"{n} answers changed after handing in; the first ones count"


def count_late(study: HasStore, version: str, rounds: Iterable[str] | None = None) -> int:
    """Return how many answers under a version of the codebook were changed after handing in, in all rounds or some."""
    t, a = db.answer_changes.c, db.annotations.c
    key = [t.span, t.variable, t.coder, t.round]
    query = (
        select(*key, t.code, a.code.label("first"))
        .join(
            db.annotations,
            (a.span == t.span) & (a.variable == t.variable) & (a.coder == t.coder) & (a.round == t.round),
        )
        .where(t.state == LATE, a.codebook_version == version, t.codebook_version == version)
        .order_by(t.number)
    )
    if rounds is not None:
        query = query.where(t.round.in_(sorted(set(rounds))))
    with study.store.reading() as connection:
        last = {tuple(row[:4]): row.code != row.first for row in connection.execute(query)}
    return sum(last.values())
