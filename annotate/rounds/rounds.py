"""Rounds: what the store holds of them."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from sqlalchemy import func, select

from corpus.annotation import Assignment, Design, Draw, Round
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")  # stands in titles, file names and commands
WITHOUT_TERMS = ".no-term"  # what an audit of the terms has behind the name of its round


def check_name(study: Study, name: str) -> None:
    """Raise BadRound where a round cannot have this name, or one has it."""
    if not NAME.fullmatch(name):
        raise BadRound(f"{name!r} cannot name a round; use up to 60 letters, digits, - and _, such as pilot-1")
    if name in {row["round"] for row in list_rounds(study)}:
        raise BadRound(
            f"the round {name} is drawn already, and drawing it again would void its probabilities; choose another name"
        )


def get_round(study: Study, name: str) -> Round:
    """Return a round by its name. Raises BadRound, which names those there are."""
    with study.store.reading() as connection:
        row = connection.execute(select(db.rounds).where(db.rounds.c.name == name)).one_or_none()
    if row is None:
        known = ", ".join(str(one["round"]) for one in list_rounds(study)) or "none yet"
        raise BadRound(f"there is no round {name!r} (drawn: {known}); draw one: slantwise round draw NAME --coders A,B")
    return Round(**{**row._mapping, "frame": len(json.loads(row.frame))})


def design(study: Study, name: str) -> Design:
    """Return how a round was drawn."""
    with study.store.reading() as connection:
        row = connection.execute(select(db.round_designs.c.design).where(db.round_designs.c.round == name)).scalar()
    said = json.loads(row or "{}")
    return Design(**{**said, "by": tuple(said.get("by", ()))})


def draws(study: Study, name: str) -> list[Draw]:
    """Return what a round drew, in the order of drawing."""
    query = select(db.draws).where(db.draws.c.round == name).order_by(db.draws.c.position)
    with study.store.reading() as connection:
        return [Draw(**row._mapping) for row in connection.execute(query)]


def check_codebook_version(study: Study, round: Round) -> None:
    """Raise BadRound where the study's codebook has another version than the one the round was drawn for."""
    if round.codebook_version != study.codebook.version:
        raise BadRound(
            f"{round.name} was drawn for codebook version {round.codebook_version} and the study has "
            f"{study.codebook.version} now; draw a new round, or set the version back"
        )


def assignments(study: Study, round: str, coder: str | None = None) -> list[Assignment]:
    """Return a round's assignments by coder, in the order of each one's queue: shuffled for everybody differently."""
    a = db.assignments
    query = select(a).where(a.c.round == round)
    if coder is not None:
        query = query.where(a.c.coder == coder)
    with study.store.reading() as connection:
        found = [Assignment(**row._mapping) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.coder, _queue_order(one)))


def _queue_order(one: Assignment) -> bytes:
    return hashlib.sha256(f"{one.round}\n{one.coder}\n{one.span}".encode()).digest()


def coders(study: Study, round: str | None = None) -> list[str]:
    """Return who codes a round; without one, who codes any."""
    query = select(db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
    if round is not None:
        query = query.where(db.assignments.c.round == round)
    with study.store.reading() as connection:
        return list(connection.execute(query).scalars())


def list_rounds(study: Study) -> list[dict[str, Any]]:
    """Return one row for each round, the oldest first.

    `{"round", "purpose", "layout", "made_at", "spans", "coders", "assigned", "pushed", "answered", "skipped", "open"}`;
    from `assigned` on these are counts of assignments.
    """
    r = db.rounds.c
    with study.store.reading() as connection:

        def counts(table: Any, *conditions: Any) -> dict[str, int]:
            query = select(table.c.round, func.count()).where(*conditions).group_by(table.c.round)
            return {str(name): int(n) for name, n in connection.execute(query)}

        spans, assigned = counts(db.draws), counts(db.assignments)
        pushed = counts(db.studio_tasks, db.studio_tasks.c.task.is_not(None))
        answered = counts(db.outcomes, db.outcomes.c.state == "answered")
        skipped = counts(db.outcomes, db.outcomes.c.state == "skipped")
        who: dict[str, list[str]] = {}
        for round, coder in connection.execute(
            select(db.assignments.c.round, db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
        ):
            who.setdefault(round, []).append(coder)
        rows = connection.execute(select(r.name, r.purpose, r.layout, r.made_at).order_by(r.made_at, r.name)).all()
    return [
        {
            "round": row.name, "purpose": row.purpose, "layout": row.layout, "made_at": row.made_at,
            "spans": spans.get(row.name, 0), "coders": who.get(row.name, []),
            "assigned": assigned.get(row.name, 0), "pushed": pushed.get(row.name, 0),
            "answered": answered.get(row.name, 0), "skipped": skipped.get(row.name, 0),
            "open": assigned.get(row.name, 0) - answered.get(row.name, 0) - skipped.get(row.name, 0),
        }
        for row in rows
    ]  # fmt: skip
