"""Store the answers that coders sent back, from a server, an export or a spreadsheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import and_, delete, select

from corpus.annotation import Annotation, Assignment, Outcome, Round
from corpus.annotations.record import record
from corpus.draft import Refusal
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.history.removals import still_there

from .task import TaskAnswers


@dataclass
class ImportSummary:
    """The result of an import: `new` to `removed` count annotations, `answered` to `waiting` assignments."""

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
    warnings: list[Refusal] = field(default_factory=list)

    def add(self, other: ImportSummary) -> None:
        """Add the result of another import."""
        for name in ("new", "changed", "unchanged", "removed", "answered", "skipped", "empty", "deleted", "waiting"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.refusals += other.refusals
        self.warnings += [warning for warning in other.warnings if warning not in self.warnings]


def store_answers(
    study: Study, round: Round, coder: str, tasks: Iterable[tuple[Assignment, TaskAnswers]]
) -> ImportSummary:
    """Store a coder's answers to the tasks of a round; storing them twice changes nothing.

    Answers replace the coder's earlier answers in the same round. If an edit means that a question no longer applies,
    its answer is removed; a deleted answer is recorded as deleted.
    """
    name, summary = round.name, ImportSummary()
    by_span: dict[str, TaskAnswers] = {}
    current: dict[str, set[tuple[str, str]]] = defaultdict(set)

    def annotations() -> Iterator[tuple[str, Annotation]]:
        for assignment, answers in tasks:
            where = answers.where or f"{name}, {coder}, {assignment.span}"
            summary.refusals += [Refusal(where, fault) for fault in (*answers.faults, *answers.ignored)]
            for annotation in answers.given:
                current[assignment.span].add((annotation.span, annotation.variable))
                for _ in range(answers.times):
                    yield where, annotation
            answers.given = []  # they are stored; free the memory of long rounds
            by_span[assignment.span] = answers

    recorded = record(study, annotations())
    summary.new, summary.changed, summary.unchanged = recorded.new, recorded.changed, recorded.unchanged
    summary.refusals += recorded.refusals
    summary.warnings += recorded.warnings
    with study.store.writing() as connection:
        o = db.outcomes.c
        dealt_with = select(o.span).where(o.round == name, o.coder == coder)
        earlier = {
            span
            for batch in db.batches(by_span)
            for span in connection.execute(dealt_with.where(o.span.in_(batch))).scalars()
        }
        outcomes: list[Outcome] = []
        complete: list[str] = []
        has = still_there(connection, by_span)  # an article may have been removed since the assignments were read
        for span, answers in by_span.items():
            if not answers.trusted or span not in has:
                continue
            if answers.outcome is None and span not in earlier:
                summary.waiting += 1
                continue
            outcome = answers.outcome or Outcome(name, span, coder, "deleted")
            outcomes.append(outcome)
            setattr(summary, outcome.state, getattr(summary, outcome.state) + 1)
            if not answers.faults:
                complete.append(span)
        columns = [c.name for c in db.outcomes.columns if not c.primary_key]
        db.put(connection, db.outcomes, map(asdict, outcomes), replace=columns)
        summary.removed = _remove_withdrawn(connection, round, coder, complete, current)
    return summary


def _remove_withdrawn(
    connection: Any, round: Round, coder: str, draws: Iterable[str], current: dict[str, set[tuple[str, str]]]
) -> int:
    """Remove the coder's stored answers inside these draws that are not in `current`; return their number."""
    a, s = db.annotations.c, db.spans.c
    drawn_spans = {draw: Span.from_id(draw) for draw in draws}
    own = select(a.span, a.variable).join(db.spans, s.id == a.span).where(a.round == round.name, a.coder == coder)
    stored_spans: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for batch in db.batches({drawn.revision for drawn in drawn_spans.values()}):
        for span, variable in connection.execute(own.where(s.revision.in_(batch))):
            answered = Span.from_id(span)
            stored_spans[answered.revision].append((answered, variable))
    removed = 0
    for draw, drawn in drawn_spans.items():
        for answered, variable in stored_spans.get(drawn.revision, []):
            inside = drawn == answered
            if round.layout == "highlight":
                inside = drawn.start <= answered.start and answered.end <= drawn.end
            if inside and (answered.id, variable) not in current[draw]:
                key = and_(a.span == answered.id, a.variable == variable, a.round == round.name, a.coder == coder)
                removed += connection.execute(delete(db.annotations).where(key)).rowcount
                note_pending(connection, "score", [answered.revision])
    return removed
