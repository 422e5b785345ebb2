"""Adjudication in Label Studio: send disputed spans with anonymised answers, fetch the decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.rounds.rounds import coder_names
from annotate.studio.accounts import CoderSession
from annotate.studio.push import find_or_make_project, import_tasks_once, study_identity, tasks_by_span
from annotate.tasks import queue
from annotate.tasks.interface import instructions
from annotate.tasks.task import Task, TaskAnswers, make_prediction, make_task, read_task
from corpus.annotation import AUTOMATIC, Adjudication, Assignment, Suggestion, codes_of
from corpus.draft import Refusal
from corpus.errors import BadRound, NoStudio, NothingToCompare, UnknownCode
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db

from .adjudicate import CodeChanges, SharedSpan, adjudications, shared_spans, store_adjudications
from .adjudicator_screen import ANSWERS, answers_table, screen

TASK = (
    "<p>Coders disagree on these spans. Their answers are shown below the passage, in bold where they differ; Coder A "
    "is a different person from span to span. Decide, and give your reason.</p>"
)


@dataclass(frozen=True)
class PushedSpans(Result):
    """The adjudicator's project, and how many spans were pushed to it, were there already, or have changed answers."""

    adjudicator: str
    url: str
    project: int
    new: int
    known: int
    changed: int  # spans whose answers have changed since they were pushed


@dataclass(frozen=True)
class PulledDecisions(CodeChanges):
    """The result of pulling decisions; `undecided` spans were skipped, `waiting` spans are not answered yet."""

    spans: int = 0
    undecided: int = 0
    waiting: int = 0
    refusals: tuple[Refusal, ...] = printed_as("refused", default=())

    def __add__(self, other: PulledDecisions) -> PulledDecisions:
        """Return the decisions of two adjudicators as one result."""
        return PulledDecisions(**{name: value + getattr(other, name) for name, value in vars(self).items()})


def push_to_adjudicator(
    study: Study,
    round: str,
    adjudicator: str,
    place: CoderSession,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PushedSpans:
    """Push the open disputed spans of a round to an adjudicator, without those that are in the project already.

    Where coders have changed their answers since, the answers shown are updated. `progress` is called with the number
    of spans in the project and their total. Raises BadRound, NothingToCompare where nothing is open, NoStudio,
    StudioUnsure.
    """
    if adjudicator in AUTOMATIC:
        raise BadRound("this is the name of a method, not of a person; choose another name", adjudicator=adjudicator)
    coder_names([adjudicator])
    shared = {one.span: one for one in shared_spans(study, round)}
    open_spans = [one.span for one in shared.values() if one.open(study.codebook)]
    known_project = _known_project(study, round, adjudicator, place.server)
    if not open_spans and known_project is None:
        raise NothingToCompare("no span is open: the coders agree on all spans, or their disagreements are decided")
    project = _project(study, round, adjudicator, place, known_project)
    tasks = {str(task.data.get("sw_span")): task for task in place.studio.tasks(project)}
    known, n_changed, n_new = sum(span in tasks for span in open_spans), 0, 0
    for span, known_task in tasks.items():
        if span not in shared:
            continue
        answers = answers_table(shared[span], study.codebook, round, study.settings.sides)
        if known_task.data.get(ANSWERS) != answers:
            place.studio.change_task(int(known_task.id or 0), {**known_task.data, ANSWERS: answers})
            n_changed += 1
    progress(known, len(open_spans))
    for assignments in queue.chunks(
        [_assignment(round, span, adjudicator) for span in open_spans if span not in tasks]
    ):
        import_tasks_once(place.studio, project, list(_tasks(study, assignments, shared)))
        n_new += len(assignments)
        progress(known + n_new, len(open_spans))
    return PushedSpans(adjudicator, place.studio.url, project, n_new, known, n_changed)


def _tasks(study: Study, assignments: Sequence[Assignment], shared: Mapping[str, SharedSpan]) -> Iterator[Task]:
    """Yield a task for each assignment, with the codes that all coders gave filled in."""
    book, passages = study.codebook, queue.show_passages(study, [one.span for one in assignments], "unit")
    for assignment in assignments:
        span, made = shared[assignment.span], make_task(passages[assignment.span], assignment, book)
        made["data"][ANSWERS] = answers_table(span, book, assignment.round, study.settings.sides)
        agreed = {
            name: Suggestion(span.span, name, "coders", dict.fromkeys(codes_of(next(iter(codes.values()))), 1.0))
            for name, codes in span.answers.items()
            if name not in span.disputed
        }
        prefilled = make_prediction(book, agreed)
        yield {**made, "predictions": [prefilled]} if prefilled["result"] else made


def _assignment(round: str, span: str, adjudicator: str) -> Assignment:
    return Assignment(round, span, adjudicator, "blind", 1.0)


def _project(study: Study, round: str, adjudicator: str, place: CoderSession, known: int | None) -> int:
    """Return the adjudicator's project, created if necessary and set up for the current codebook."""
    mark = f"slantwise-adjudication:{study_identity(study)}:{round}:{adjudicator}"
    sides = study.settings.sides
    settings: dict[str, Any] = {
        "title": f"adjudicate {round} · {adjudicator}"[:50],
        "description": f"{study.settings.name}. Please leave this line as it is: [{mark}]",
        "label_config": screen(study.codebook, sides),
        "expert_instruction": TASK + instructions(study.codebook, sides),
        "show_instruction": True,
        "show_skip_button": False,
        "show_annotation_history": False,
        "maximum_annotations": 1,
        "sampling": "Sequential sampling",
        "show_collab_predictions": True,
    }  # fmt: skip
    project = find_or_make_project(place.studio, known, mark, settings)
    place.studio.change_project(project, settings)
    row = {"round": round, "adjudicator": adjudicator, "server": place.server, "project": project}
    with study.store.writing() as connection:
        db.put(connection, db.adjudication_projects, [row], replace=["server", "project"])
    return project


def _known_project(study: Study, round: str, adjudicator: str, server: str) -> int | None:
    """Return the adjudicator's stored project, or None. Raises NoStudio if it is on another server."""
    b = db.adjudication_projects.c
    with study.store.reading() as connection:
        query = select(b.server, b.project).where(b.round == round, b.adjudicator == adjudicator)
        row = connection.execute(query).one_or_none()
    if row is not None and row.server != server:
        raise NoStudio(f"the project of {adjudicator} for {round} is on another server ({row.server}); continue there")
    return None if row is None else int(row.project)


def adjudicators(study: Study, round: str) -> list[str]:
    """Return the adjudicators to whom the round was pushed."""
    b = db.adjudication_projects.c
    with study.store.reading() as connection:
        return list(connection.execute(select(b.adjudicator).where(b.round == round).order_by(b.adjudicator)).scalars())


def pull_from_adjudicator(
    study: Study,
    round: str,
    adjudicator: str,
    place: CoderSession,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PulledDecisions:
    """Fetch and store an adjudicator's decisions; pulling twice changes nothing, edits replace earlier decisions.

    A decision replaces a method's decision, but not another person's. Decisions that were deleted or skipped are
    removed. Raises NoStudio if the round was not pushed, StudioRefused where the server does not return all of it.
    """
    project = _known_project(study, round, adjudicator, place.server)
    if project is None or place.studio.project(project) is None:
        raise NoStudio(
            f"{round} has no project for {adjudicator} on {place.studio.url}; first: slantwise adjudicate push {round}"
        )
    task_ids = tasks_by_span(place.studio, project)
    answers = list(_answers(study, round, adjudicator, place, project, task_ids, progress))
    decisions: dict[str, list[Adjudication]] = {}
    refusals: list[Refusal] = []
    spans = undecided = waiting = 0
    with study.store.writing():  # another person's decision that is pulled meanwhile is kept
        stored = adjudications(study, round)
        for assignment, answer in answers:
            where = f"{round}, {adjudicator}, {assignment.span}"
            refusals += [Refusal(where, fault) for fault in answer.faults]
            if not answer.trusted:
                continue
            persons = {row.by for row in stored.get(assignment.span, []) if row.by not in AUTOMATIC}
            try:
                rows = _decision(study, assignment, answer)
            except UnknownCode as error:
                refusals.append(Refusal(where, str(error)))
                continue
            if rows and persons - {adjudicator}:
                refusals.append(Refusal(where, f"{persons.pop()} has decided it already; that decision is kept"))
            elif rows or adjudicator in persons:
                decisions[assignment.span] = rows
            spans += bool(rows)
            undecided += answer.outcome is not None and not rows
            waiting += answer.outcome is None
        changes = store_adjudications(study, round, decisions)
    return PulledDecisions(**vars(changes), spans=spans, undecided=undecided, waiting=waiting, refusals=tuple(refusals))


def _answers(
    study: Study,
    round: str,
    adjudicator: str,
    place: CoderSession,
    project: int,
    task_ids: Mapping[str, list[int]],
    progress: Callable[[int, int], None],
) -> Iterator[tuple[Assignment, TaskAnswers]]:
    """Yield the answers to the adjudicator's tasks."""
    shared, n_read = {one.span for one in shared_spans(study, round)}, 0
    for assignments in queue.chunks([_assignment(round, span, adjudicator) for span in task_ids if span in shared]):
        passages = queue.show_passages(study, [one.span for one in assignments], "unit")
        ids = [id for one in assignments for id in task_ids[one.span]]
        exported = {task["id"]: task for task in place.studio.export(project, ids)}
        for assignment in assignments:
            if assignment.span not in passages:
                continue  # its article was removed meanwhile
            copies = [exported[id] for id in task_ids[assignment.span]]
            merged = {**copies[0], "annotations": [a for copy in copies for a in copy["annotations"]]}
            yield assignment, read_task(merged, passages[assignment.span], assignment, study.codebook, place.accounts)
        n_read += len(assignments)
        progress(n_read, len(task_ids))


def _decision(study: Study, assignment: Assignment, answer: TaskAnswers) -> list[Adjudication]:
    """Return the codes of a decision with its reason. Raises UnknownCode."""
    if answer.outcome is None or answer.outcome.state != "answered":
        return []
    round, span, coder = assignment.round, assignment.span, assignment.coder
    return [
        Adjudication(
            round, span, one.variable, study.codebook.checked_codes(one.variable, one.codes), coder,
            one.codebook_version, answer.outcome.memo, None, one.made_at,
        )
        for one in answer.given
    ]  # fmt: skip
