"""Close the assignments that imported answers answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from corpus.annotation import Outcome, codes_of
from corpus.codebook import Codebook
from corpus.study import Study
from corpus.study import database as db

Coded = tuple[str, str]  # a span and a coder


def close_assignments(study: Study, coded: Collection[Coded]) -> int:
    """Close the open blind assignments of these spans and coders whose every question is answered; return how many.

    Answers belong to the round that they name; those without a round to the coder's only blind assignment of the span.
    Where the span is assigned to the coder in several rounds, or a question that is asked has no answer, nothing is
    closed: which round is meant, or what the coder would have answered, is not guessed.
    """
    with study.store.reading() as connection:
        if not coded or connection.execute(select(db.assignments.c.span).limit(1)).first() is None:
            return 0
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with study.store.writing() as connection:
        assigned = _assigned(connection, coded)
        answers = _answers(connection, {span for span, _ in assigned}, study.codebook.version)
        closed: list[Outcome] = []
        for (span, coder), rounds in assigned.items():
            for round, state in rounds.items():
                given = answers.get((span, coder, round), [])
                if not given and len(rounds) == 1:
                    given = answers.get((span, coder, ""), [])
                outcome = _outcome(study.codebook, round, given, now)
                if outcome is not None and state not in ("answered", "skipped"):
                    closed.append(outcome)
        columns = [column.name for column in db.outcomes.columns if not column.primary_key]
        db.put(connection, db.outcomes, map(asdict, closed), replace=columns)
    return len(closed)


def _assigned(connection: Connection, coded: Collection[Coded]) -> dict[Coded, dict[str, str | None]]:
    """Return the rounds in which a span is assigned blind to a coder, each with the state of the assignment."""
    a, o, r = db.assignments.c, db.outcomes.c, db.rounds.c
    query = (
        select(a.span, a.coder, a.round, o.state)
        .join(db.rounds, (r.name == a.round) & (r.layout == "unit"))
        .outerjoin(db.outcomes, (o.round == a.round) & (o.span == a.span) & (o.coder == a.coder))
        .where(a.arm == "blind")
    )
    found: dict[Coded, dict[str, str | None]] = {}
    for batch in db.batches({span for span, _ in coded}):
        for row in connection.execute(query.where(a.span.in_(batch))):
            if (row.span, row.coder) in coded:
                found.setdefault((row.span, row.coder), {})[row.round] = row.state
    return found


def _answers(connection: Connection, spans: Collection[str], version: str) -> dict[tuple[str, str, str], list[Any]]:
    """Return the blind answers to spans under a version of the codebook, by span, coder and round."""
    t = db.annotations.c
    query = select(db.annotations).where(t.arm == "blind", t.codebook_version == version)
    found: dict[tuple[str, str, str], list[Any]] = {}
    for batch in db.batches(spans):
        for row in connection.execute(query.where(t.span.in_(batch))):
            found.setdefault((row.span, row.coder, row.round), []).append(row)
    return found


def _outcome(book: Codebook, round: str, given: Collection[Any], now: str) -> Outcome | None:
    """Return the outcome of an assignment with these answers; None if a question that is asked has none."""
    codes = {row.variable: codes_of(row.code) for row in given}
    if not given or any(variable.is_asked(codes) and variable.name not in codes for variable in book.variables):
        return None
    first, times = next(iter(given)), [row.made_at for row in given if row.made_at]
    seconds = next((row.seconds for row in given if row.seconds is not None), None)
    return Outcome(round, first.span, first.coder, "answered", seconds=seconds, at=max(times, default=now))
