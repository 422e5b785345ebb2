"""Store the answers that coders sent back, from a server, an export or a spreadsheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, select, tuple_

from corpus.annotation import Annotation, Assignment, Outcome, Round
from corpus.annotations.record import record
from corpus.draft import Refusal
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.history.handing_in import CORRECTED, LATE, WITHDRAWN, handed_in, keep_changes, late_codes
from corpus.study.history.removals import still_there
from corpus.study.row_digests import values_of

from .task import TaskAnswers


@dataclass
class ImportSummary:
    """The result of an import: `new` to `removed` count annotations, `answered` to `waiting` assignments.

    `late` annotations were changed or withdrawn after the coder had handed the round in.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    late: int = 0
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
        for name, value in vars(other).items():
            if isinstance(value, int):
                setattr(self, name, getattr(self, name) + value)
        self.refusals += other.refusals
        self.warnings += [warning for warning in other.warnings if warning not in self.warnings]


def store_answers(
    study: Study, round: Round, coder: str, tasks: Iterable[tuple[Assignment, TaskAnswers]]
) -> ImportSummary:
    """Store a coder's answers to the tasks of a round; storing them twice changes nothing.

    Answers replace the coder's earlier answers in the same round. If an edit means that a question no longer applies,
    its answer is removed; a deleted answer is recorded as deleted. Once the coder has handed the round in, an answer
    that was given stays, and the change is kept as well.
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

    with study.store.reading() as connection:
        is_handed_in = bool(handed_in(connection, [(name, coder)]))
    recorded = record(study, annotations())
    summary.new, summary.changed, summary.unchanged = recorded.new, recorded.changed, recorded.unchanged
    summary.late = recorded.late
    summary.refusals += recorded.refusals
    summary.warnings += recorded.warnings
    with study.store.writing() as connection:
        o = db.outcomes.c
        dealt_with = select(o.span, o.state).where(o.round == name, o.coder == coder)
        earlier: dict[str, str] = {}
        for batch in db.batches(by_span):
            earlier |= dict(connection.execute(dealt_with.where(o.span.in_(batch))).tuples().all())
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
            setattr(summary, outcome.state, getattr(summary, outcome.state) + 1)
            if not (is_handed_in and earlier.get(span) == "answered"):
                outcomes.append(outcome)
            if not answers.faults:
                complete.append(span)
        columns = [c.name for c in db.outcomes.columns if not c.primary_key]
        db.put(connection, db.outcomes, map(asdict, outcomes), replace=columns)
        withdrawn = _withdrawn(connection, round, coder, complete, current)
        if is_handed_in:
            summary.late += _keep_withdrawn(connection, withdrawn)
        else:
            keep_changes(connection, CORRECTED, withdrawn)
            summary.removed = _remove(connection, withdrawn)
    return summary


def _withdrawn(
    connection: Connection, round: Round, coder: str, draws: Iterable[str], current: dict[str, set[tuple[str, str]]]
) -> list[dict[str, Any]]:
    """Return the coder's stored answers inside these draws that are not in `current`."""
    a, s = db.annotations.c, db.spans.c
    drawn_spans = {draw: Span.from_id(draw) for draw in draws}
    own = select(a.span, a.variable).join(db.spans, s.id == a.span).where(a.round == round.name, a.coder == coder)
    stored_spans: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for batch in db.batches({drawn.revision for drawn in drawn_spans.values()}):
        for span, variable in connection.execute(own.where(s.revision.in_(batch))):
            answered = Span.from_id(span)
            stored_spans[answered.revision].append((answered, variable))
    gone: list[tuple[str, str]] = []
    for draw, drawn in drawn_spans.items():
        for answered, variable in stored_spans.get(drawn.revision, []):
            inside = drawn == answered
            if round.layout == "highlight":
                inside = drawn.start <= answered.start and answered.end <= drawn.end
            if inside and (answered.id, variable) not in current[draw]:
                gone.append((answered.id, variable))
    stored = select(*values_of(db.annotations)).where(a.round == round.name, a.coder == coder)
    return [
        dict(row)
        for batch in db.batches(gone)
        for row in connection.execute(stored.where(tuple_(a.span, a.variable).in_(batch))).mappings()
    ]


def _remove(connection: Connection, answers: Sequence[Mapping[str, Any]]) -> int:
    """Remove stored answers; return their number."""
    for answer in answers:
        key = and_(*(column == answer[column.name] for column in db.annotations.primary_key.columns))
        connection.execute(delete(db.annotations).where(key))
        note_pending(connection, "score", [str(answer["span"]).partition(":")[0]])
    return len(answers)


def _keep_withdrawn(connection: Connection, answers: Sequence[Mapping[str, Any]]) -> int:
    """Keep the change that answers were withdrawn after the round was handed in; return how many had not been."""
    later = late_codes(connection, {answer["span"] for answer in answers})
    new = [
        {**answer, "code": WITHDRAWN, "made_at": None, "memo": ""}
        for answer in answers
        if later.get((answer["span"], answer["variable"], answer["coder"], answer["round"]), ("-",))[0] != WITHDRAWN
    ]
    keep_changes(connection, LATE, new)
    return len(new)
