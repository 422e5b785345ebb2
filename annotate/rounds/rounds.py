"""Read rounds, draws and assignments from the store."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from corpus.annotation import Assignment, Design, Draw, Layout, Purpose, Round
from corpus.annotations.coder_names import clean_coder
from corpus.errors import BadRound, BadText
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.row_digests import values_of
from corpus.text.folding import look_alikes, named

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")  # used in titles, file names and commands
WITHOUT_TERMS = ".no-term"  # the suffix of the term audit of a round


@dataclass(frozen=True)
class RoundCounts:
    """A round with its coders and its numbers of spans and of assignments; from `assigned` on assignments are counted.

    An assignment is open until it is answered or skipped. `removed` of the spans were drawn, and then removed from the
    study with their articles.
    """

    round: str
    purpose: Purpose
    layout: Layout
    made_at: str
    spans: int
    coders: tuple[str, ...]
    assigned: int
    pushed: int
    answered: int
    skipped: int
    open: int
    removed: int = 0


@dataclass(frozen=True)
class Rounds(Result):
    """The rounds of a study, the oldest first."""

    rounds: tuple[RoundCounts, ...]
    rows = "rounds"

    @property
    def names(self) -> list[str]:
        """The rounds' names."""
        return [one.round for one in self.rounds]

    @property
    def pushed(self) -> list[str]:
        """The names of the rounds with tasks in Label Studio."""
        return [one.round for one in self.rounds if one.pushed]


def check_name(study: Study, name: str) -> None:
    """Raise BadRound if the name is not allowed for a round or is already taken."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BadRound(f"{name!r} cannot name a round; use up to 60 letters, digits, - and _, such as pilot-1")
    drawn = list_rounds(study).names
    if name in drawn:
        raise BadRound(
            f"a round {name} exists already, and drawing it again would void its probabilities; choose another name"
        )
    if alike := [group for group in look_alikes([*drawn, name]) if name in group]:
        raise BadRound(f"the rounds {named(alike[0])} would differ in letters only; choose another name")


def coder_names(coders: str | Iterable[str]) -> list[str]:
    """Return the coders of a list, or of names separated by commas.

    Raises BadRound if no coder is named, a name is empty or cannot name files, or two are the same or differ in
    letters only.

    >>> coder_names("mira, jon"), coder_names(["mira"])
    (['mira', 'jon'], ['mira'])
    """
    given = coders.split(",") if isinstance(coders, str) else coders
    try:
        names = [clean_coder(name) if isinstance(name, str) else "" for name in given]
    except BadText as error:
        raise BadRound(str(error), coders=coders) from None
    if not names or len(set(names)) != len(names) or not all(names):
        raise BadRound("expected different names, such as mira,jon", coders=coders)
    if alike := look_alikes(names):
        raise BadRound(f"{named(alike[0])} differ in letters only; give each coder a name of their own", coders=coders)
    return names


def utc_now(timespec: str = "seconds") -> str:
    """Return the current time in UTC, to the second or as `timespec` says."""
    return datetime.now(UTC).isoformat(timespec=timespec)


def get_round(study: Study, name: str) -> Round:
    """Return a round by its name. Raises BadRound, listing the existing rounds, if there is none."""
    with study.store.reading() as connection:
        row = connection.execute(select(db.rounds).where(db.rounds.c.name == name)).one_or_none()
    if row is None:
        known = ", ".join(list_rounds(study).names) or "none yet"
        raise BadRound(f"there is no round {name!r} (drawn: {known}); draw one: slantwise round draw NAME --coders A,B")
    return Round(**{**row._mapping, "frame": len(json.loads(row.frame))})


def design(study: Study, name: str) -> Design:
    """Return the design of a round; of a round drawn by an earlier version, as far as it was stored."""
    r, d = db.rounds.c, db.round_designs.c
    with study.store.reading() as connection:
        query = select(r.assisted, r.layout, d.design).outerjoin(db.round_designs, d.round == r.name)
        row = connection.execute(query.where(r.name == name)).one_or_none()
    if row is None:
        return Design()
    return Design(**{"assisted": row.assisted, "layout": row.layout, **json.loads(row.design or "{}")})


def draws(study: Study, name: str) -> list[Draw]:
    """Return the draws of a round, in the order of drawing."""
    query = select(*values_of(db.draws)).where(db.draws.c.round == name).order_by(db.draws.c.position)
    with study.store.reading() as connection:
        return [Draw(**row._mapping) for row in connection.execute(query)]


def count_removed(study: Study, round: str | None = None) -> int:
    """Return how many spans that a round, or any, has drawn were removed from the study with their articles."""
    d = db.draws.c
    query = select(func.count(d.span.distinct())).where(d.span.not_in(select(db.spans.c.id)))
    with study.store.reading() as connection:
        return int(connection.execute(query.where(d.round == round) if round else query).scalar_one())


def check_codebook_version(study: Study, round: Round) -> None:
    """Raise BadRound if the round was drawn for another version of the codebook."""
    if round.codebook_version != study.codebook.version:
        raise BadRound(
            f"{round.name} was drawn for codebook version {round.codebook_version}, but the study now has "
            f"{study.codebook.version}; draw a new round, or set the version back"
        )


def assignments(study: Study, round: str, coder: str | None = None) -> list[Assignment]:
    """Return a round's assignments by coder, each coder's in an individually shuffled order."""
    a = db.assignments
    query = select(*values_of(a)).where(a.c.round == round)
    if coder is not None:
        query = query.where(a.c.coder == coder)
    with study.store.reading() as connection:
        assigned = [Assignment(**row._mapping) for row in connection.execute(query)]
    return sorted(assigned, key=lambda assignment: (assignment.coder, assignment.queue_order))


def coders(study: Study, round: str | None = None) -> list[str]:
    """Return the coders of a round, or of all rounds."""
    query = select(db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
    if round is not None:
        query = query.where(db.assignments.c.round == round)
    with study.store.reading() as connection:
        return list(connection.execute(query).scalars())


def list_rounds(study: Study) -> Rounds:
    """List the rounds of a study with the progress of their coding."""
    r = db.rounds.c
    with study.store.reading() as connection:

        def counts(table: Any, *conditions: Any) -> dict[str, int]:
            query = select(table.c.round, func.count()).where(*conditions).group_by(table.c.round)
            return {str(name): int(n) for name, n in connection.execute(query)}

        spans, assigned = counts(db.draws), counts(db.assignments)
        removed = counts(db.draws, db.draws.c.span.not_in(select(db.spans.c.id)))
        pushed = counts(db.studio_tasks, db.studio_tasks.c.task.is_not(None))
        answered = counts(db.outcomes, db.outcomes.c.state == "answered")
        skipped = counts(db.outcomes, db.outcomes.c.state == "skipped")
        coders_of: dict[str, list[str]] = {}
        for round, coder in connection.execute(
            select(db.assignments.c.round, db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
        ):
            coders_of.setdefault(round, []).append(coder)
        rows = connection.execute(select(r.name, r.purpose, r.layout, r.made_at).order_by(r.made_at, r.name)).all()
    return Rounds(
        tuple(
            RoundCounts(
                round=row.name, purpose=row.purpose, layout=row.layout, made_at=row.made_at,
                spans=spans.get(row.name, 0), coders=tuple(coders_of.get(row.name, ())),
                assigned=assigned.get(row.name, 0), pushed=pushed.get(row.name, 0),
                answered=answered.get(row.name, 0), skipped=skipped.get(row.name, 0),
                open=assigned.get(row.name, 0) - answered.get(row.name, 0) - skipped.get(row.name, 0),
                removed=removed.get(row.name, 0),
            )
            for row in rows
        )
    )  # fmt: skip
