"""Returns: what coders sent back, from a server, an export or a spreadsheet, into the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import and_, delete, select

from corpus.annotation import Assignment, Outcome, Round
from corpus.annotations.record import record
from corpus.draft import Refusal
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

from .task import TaskAnswers


@dataclass
class ImportSummary:
    """What taking a round's answers did; the counts but `removed` and `refusals` are of assignments."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    answered: int = 0
    skipped: int = 0
    empty: int = 0
    deleted: int = 0
    waiting: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, other: ImportSummary) -> None:
        """Add what was taken from another coder."""
        for name in ("new", "changed", "unchanged", "removed", "answered", "skipped", "empty", "deleted", "waiting"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.refusals += other.refusals


def store_answers(
    study: Study, drawn: Round, coder: str, reads: Iterable[tuple[Assignment, TaskAnswers]]
) -> ImportSummary:
    """Store what a coder's tasks of a round say; taking it twice changes nothing.

    Answers replace what the coder said before in the same round, and what is no longer said is removed: an edit that
    makes a question fall away takes its answer along, a deleted answer is noted as deleted.
    """
    round, done = drawn.name, ImportSummary()
    read: dict[str, TaskAnswers] = {}
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def rows() -> Iterator[tuple[str, dict[str, Any]]]:
        for assignment, one in reads:
            where = one.where or f"{round}, {coder}, {assignment.span}"
            done.refusals += [Refusal(where, fault) for fault in (*one.faults, *one.ignored)]
            for row in one.rows:
                said[assignment.span].add((row["span"], row["variable"]))
                yield where, row
            one.rows = []  # stored now; a long round need not stay in memory twice
            read[assignment.span] = one

    recorded = record(study, rows())
    done.new, done.changed, done.unchanged = recorded.new, recorded.changed, recorded.unchanged
    done.refusals += recorded.refusals
    with study.store.writing() as connection:
        o = db.outcomes.c
        known = dict(
            connection.execute(select(o.span, o.state).where(o.round == round, o.coder == coder)).tuples().all()
        )
        outcomes: list[Outcome] = []
        gone: list[str] = []
        for span, one in read.items():
            if not one.trusted:
                continue
            if one.outcome is None and span not in known:
                done.waiting += 1
                continue
            outcome = one.outcome or Outcome(round, span, coder, "deleted")
            outcomes.append(outcome)
            setattr(done, outcome.state, getattr(done, outcome.state) + 1)
            if not one.faults:
                gone.append(span)
        columns = [c.name for c in db.outcomes.columns if not c.primary_key]
        db.put(connection, db.outcomes, map(asdict, outcomes), replace=columns)
        done.removed = _remove_withdrawn(connection, drawn, coder, gone, said)
    return done


def _remove_withdrawn(
    connection: Any, round: Round, coder: str, draws: Iterable[str], said: dict[str, set[tuple[str, str]]]
) -> int:
    """Remove the coder's answers inside these draws that are not said any more; return how many."""
    a = db.annotations.c
    stored: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for span, variable in connection.execute(select(a.span, a.variable).where(a.round == round.name, a.coder == coder)):
        place = Span.from_id(span)
        stored[place.revision].append((place, variable))
    removed = 0
    for draw in draws:
        drawn = Span.from_id(draw)
        for place, variable in stored.get(drawn.revision, []):
            inside = drawn == place
            if round.layout == "highlight":
                inside = drawn.start <= place.start and place.end <= drawn.end
            if inside and (place.id, variable) not in said[draw]:
                key = and_(a.span == place.id, a.variable == variable, a.round == round.name, a.coder == coder)
                removed += connection.execute(delete(db.annotations).where(key)).rowcount
    return removed
