"""Fetch the coders' answers from Label Studio into the store, complete or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.store_answers import ImportSummary, store_answers
from annotate.tasks.task import TaskAnswers, read_task
from corpus.annotation import Assignment, Round
from corpus.draft import Refusal
from corpus.errors import NoStudio, SlantwiseError
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import is_removed, removed_revisions
from corpus.study.row_digests import values_of

from .accounts import CoderSession
from .push import project_id, tasks_by_span

if TYPE_CHECKING:
    from .client import Studio


class UnknownTask(SlantwiseError):
    """A request about a task that does not belong to the study."""


def pull_from_coder(
    study: Study,
    round: Round,
    coder: str,
    place: CoderSession,
    *,
    progress: Callable[[int], None] = lambda read: None,
) -> ImportSummary:
    """Import a coder's answers of a round; pulling twice changes nothing.

    Answers from other accounts than the coder's are refused. Raises NoStudio if the round was not pushed,
    StudioRefused if the server does not send every task.
    """
    studio, accounts = place.studio, place.accounts
    project = _project(study, round.name, coder)
    if studio.project(project) is None:
        raise NoStudio(
            f"the project of {coder} in {round.name} is no longer on {studio.url}; pulled answers are kept. "
            f"To code it again: slantwise studio push {round.name}"
        )
    present = tasks_by_span(studio, project)
    assignments = rounds.assignments(study, round.name, coder)
    summary = ImportSummary()
    sent = sent_spans(study, round.name, coder)
    missing = [one.span for one in assignments if one.span not in present and one.span in sent]
    summary.waiting = sum(one.span not in present and one.span not in sent for one in assignments)
    with study.store.reading() as connection:
        gone = removed_revisions(connection)
    foreign = set(present) - {one.span for one in assignments}
    summary.refusals += [Refusal(f"{round.name}, {coder}, {span}", "its task is not on the server") for span in missing]
    for span in sorted(foreign):
        why = "the task does not belong to this round; it was not imported"
        if is_removed(gone, span):
            why = "its article was removed from the study; delete the task in Label Studio"
        summary.refusals.append(Refusal(f"{round.name}, {coder}, task {present[span][0]}", why))

    def read_tasks() -> Iterator[tuple[Assignment, TaskAnswers]]:
        imported = 0
        for chunk in queue.chunks([one for one in assignments if one.span in present]):
            passages = queue.show_passages(study, [one.span for one in chunk], round.layout)
            exported = {t["id"]: t for t in studio.export(project, [id for one in chunk for id in present[one.span]])}
            for assignment in chunk:
                if assignment.span not in passages:
                    continue  # its article was removed meanwhile
                copies = [exported[id] for id in present[assignment.span]]
                merged = {**copies[0], "annotations": [a for copy in copies for a in copy["annotations"]]}
                yield assignment, read_task(merged, passages[assignment.span], assignment, study.codebook, accounts)
            imported += len(chunk)
            progress(imported)

    summary.add(store_answers(study, round, coder, read_tasks()))
    return summary


def sent_spans(study: Study, round: str, coder: str) -> set[str]:
    """Return the spans that were sent to the coder; a cap holds the others back for later days."""
    t = db.studio_tasks.c
    with study.store.reading() as connection:
        return set(connection.execute(select(t.span).where(t.round == round, t.coder == coder)).scalars())


def pull_span(
    study: Study, round: Round, coder: str, span: str, studio: Studio, accounts: Collection[int] | None = None
) -> ImportSummary:
    """Import a coder's answer to one span of a round; `pull` imports the others."""
    a, t = db.assignments.c, db.studio_tasks.c
    sent_task = (t.round == round.name, t.coder == coder, t.span == span)
    with study.store.reading() as connection:
        task = connection.execute(select(t.task).where(*sent_task)).scalar()
        row = connection.execute(
            select(*values_of(db.assignments)).where(a.round == round.name, a.coder == coder, a.span == span)
        ).one_or_none()
    if task is None or row is None:
        raise NoStudio(f"{span} was not pushed for {coder} in {round.name}")
    (exported,) = studio.export(_project(study, round.name, coder), [task])
    passage = queue.show_passages(study, [span], round.layout)[span]
    assignment = Assignment(**row._mapping)
    answers = read_task(exported, passage, assignment, study.codebook, accounts)
    return store_answers(study, round, coder, [(assignment, answers)])


def _project(study: Study, round: str, coder: str) -> int:
    project = project_id(study, round, coder)
    if project is None:
        raise NoStudio(f"{round} was not pushed for {coder}; first: slantwise studio push {round}")
    return project


def task_assignments(study: Study, places: Sequence[tuple[int, int]], coder: str | None = None) -> list[Assignment]:
    """Return the assignments of Label Studio tasks, each given as (project, task).

    Raises UnknownTask if one does not belong to the study, or to the coder.
    """
    a, t, p = db.assignments.c, db.studio_tasks.c, db.studio_projects.c
    query = (
        select(a.round, a.span, a.coder, a.arm, a.probability, p.project, t.task)
        .join(db.studio_tasks, (t.round == a.round) & (t.span == a.span) & (t.coder == a.coder))
        .join(db.studio_projects, (p.round == a.round) & (p.coder == a.coder))
        .where(t.task.in_({task for _, task in places}), p.project.in_({project for project, _ in places}))
    )
    if coder is not None:
        query = query.where(a.coder == coder)
    assignments: dict[tuple[int, int], list[Assignment]] = {}
    with study.store.reading() as connection:
        for *columns, project, task in connection.execute(query):
            assignments.setdefault((project, task), []).append(Assignment(*columns))
    for project, task in places:
        if len(assignments.get((project, task), [])) != 1:  # two: ids of separate servers, so the coder is needed
            raise UnknownTask(f"task {task} of project {project} is not one of this study; nothing was sent")
    return [assignments[place][0] for place in places]
