"""Send a round's tasks to Label Studio, one project per coder; interruptions neither lose nor duplicate tasks."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select, update

from annotate.rounds import progress as progress_of
from annotate.rounds import rounds, shown_suggestions
from annotate.tasks import queue
from annotate.tasks.interface import configuration, instructions
from annotate.tasks.task import Task, make_prediction
from corpus.annotation import Assignment, Round
from corpus.errors import BadRound, NoStudio, StudioRefused, StudioUnsure
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import still_there

from .accounts import CoderSession

if TYPE_CHECKING:
    from .client import Studio

SETTLE_SECONDS = 10.0  # an import that was cut off has ended by then (500 tasks take 0.2 s)


@dataclass(frozen=True)
class CoderProject:
    """A coder's project, with the numbers of tasks sent and already there.

    `doubles` are there twice, `held` are held back today by the round's cap, `refreshed` got newer suggestions.
    """

    coder: str
    url: str
    project: int
    new: int
    known: int
    doubles: int
    held: int
    refreshed: int


def push_to_coder(
    study: Study,
    round: Round,
    coder: str,
    place: CoderSession,
    *,
    unmasked: bool = False,
    progress: Callable[[int], None] = lambda sent: None,
) -> CoderProject:
    """Send a coder's queue to Label Studio; tasks that exist there are kept and not sent again.

    If the round has a cap, tasks are sent until the coder's open tasks and today's answers reach it. The server is
    asked which tasks exist, so the next push completes one that was interrupted. Raises BadRound if the codebook has
    another version than the round's, StudioUnsure if it is unknown what the server did.
    """
    _check(study, round, coder, place.server)
    studio, assignments = place.studio, rounds.assignments(study, round.name, coder)
    project = _project(study, round, coder, place)
    present = tasks_by_span(studio, project)
    known, new, refreshed = sum(one.span in present for one in assignments), 0, 0
    _record_tasks(study, [one for one in assignments if one.span in present], present)
    missing = [one for one in assignments if one.span not in present]
    limit = progress_of.tasks_left_today(study, round.name, coder, present)
    to_send = missing if limit is None else missing[:limit]
    progress(known)
    for chunk in queue.chunks(to_send):
        chunk = _record_tasks(study, chunk, {})
        tasks = queue.make_tasks(study, round, chunk, unmasked=unmasked)
        if lacking := sum(_lacks_suggestion(one, task) for one, task in zip(chunk, tasks, strict=True)):
            raise BadRound(queue.NO_SUGGESTION.format(lacking))
        import_tasks_once(studio, project, tasks, partial(_record_arrived, study, chunk))
        new += len(chunk)
        progress(known + new)
    if any(one.arm == "assisted" for one in assignments):
        refreshed = _refresh_suggestions(study, studio, project, assignments)
    doubles = sum(len(ids) - 1 for ids in present.values())
    held = len(missing) - len(to_send)
    return CoderProject(coder, studio.url, project, new, known, doubles, held, refreshed)


def _refresh_suggestions(study: Study, studio: Studio, project: int, assignments: list[Assignment]) -> int:
    """Update the suggestions of unanswered tasks to the current model; return their number.

    A project shows one version (its `model_version`, seen on 1.23.2), so the others are removed: the store has a record
    of what answered tasks showed.
    """
    current, versions = shown_suggestions.model_version(study), studio.suggestion_versions(project)
    task_ids = _known_tasks(study, assignments)
    assisted = [one for one in assignments if one.arm == "assisted"]
    stale = [one for one in assisted if current not in versions.get(task_ids.get(one.span, 0), {current})]
    for chunk in queue.chunks(stale):
        suggestions = shown_suggestions.suggestions(study, [one.span for one in chunk])
        if len(suggestions) < len(chunk):
            raise BadRound(queue.NO_SUGGESTION.format(len(chunk) - len(suggestions)))
        predictions = {task_ids[one.span]: make_prediction(study.codebook, suggestions[one.span]) for one in chunk}
        studio.import_suggestions(project, [{"task": id, **prediction} for id, prediction in predictions.items()])
        record_shown_model(study, chunk, current)
    for version in studio.model_versions(project) - {current}:
        studio.drop_suggestions(project, version)
    studio.change_project(project, {"model_version": current})
    return len(stale)


def _known_tasks(study: Study, assignments: list[Assignment]) -> dict[str, int]:
    """Return the recorded task ids by span."""
    t = db.studio_tasks.c
    with study.store.reading() as connection:
        pushed = (t.round == assignments[0].round, t.coder == assignments[0].coder, t.task.is_not(None))
        return {span: task for span, task in connection.execute(select(t.span, t.task).where(*pushed))}


def record_shown_model(study: Study, assignments: Iterable[Assignment], version: str) -> None:
    """Record the model whose suggestions these assignments show, except for answered ones."""
    t, o = db.studio_tasks.c, db.outcomes.c
    answered = exists().where(o.round == t.round, o.span == t.span, o.coder == t.coder)
    this_task = (t.round == bindparam("in_round"), t.span == bindparam("of_span"), t.coder == bindparam("by_coder"))
    rows = [{"in_round": one.round, "of_span": one.span, "by_coder": one.coder} for one in assignments]
    if rows:
        with study.store.writing() as connection:
            connection.execute(update(db.studio_tasks).where(*this_task, ~answered).values(model=version), rows)


def _lacks_suggestion(assignment: Assignment, task: Mapping[str, Any]) -> bool:
    return assignment.arm == "assisted" and "predictions" not in task


def tasks_by_span(studio: Studio, project: int) -> dict[str, list[int]]:
    """Return the ids of a project's tasks, by span."""
    ids: dict[str, list[int]] = {}
    for task in studio.tasks(project):
        ids.setdefault(str(task.data.get("sw_span")), []).append(int(task.id or 0))
    return ids


def import_tasks_once(
    studio: Studio,
    project: int,
    tasks: Sequence[Task],
    record: Callable[[dict[str, list[int]]], None] = lambda ids: None,
) -> None:
    """Import tasks in one request, each once; `record` receives the ids, by span, of those that arrived.

    Raises StudioUnsure if some did not arrive.
    """
    for last in (False, True):
        spans = [str(task["data"]["sw_span"]) for task in tasks]
        try:
            ids = studio.import_tasks(project, tasks)
        except StudioUnsure as error:
            present = _wait_for_tasks(studio, project, spans)
            record({span: present[span] for span in spans if span in present})
            tasks = [task for span, task in zip(spans, tasks, strict=True) if span not in present]
            if not tasks:
                return
            if last:
                raise StudioUnsure(
                    f"{error}; {len(tasks)} tasks did not arrive; nothing is lost or duplicated: run the push again"
                ) from None
        else:
            record({span: [id] for span, id in zip(spans, ids, strict=True)})
            return


def _wait_for_tasks(studio: Studio, project: int, spans: Iterable[str]) -> dict[str, list[int]]:
    """Return the project's tasks once all of these spans are there, or an interrupted import has surely ended."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        present = tasks_by_span(studio, project)
        if all(span in present for span in spans) or time.monotonic() >= deadline:
            return present
        time.sleep(1.0)


def _check(study: Study, round: Round, coder: str, server: str) -> None:
    rounds.check_codebook_version(study, round)
    p = db.studio_projects.c
    with study.store.reading() as connection:
        pushed_to = connection.execute(select(p.server).where(p.round == round.name, p.coder == coder)).scalar()
    if pushed_to not in (None, server):
        raise NoStudio(
            f"{round.name} is on another server ({pushed_to}) for {coder}; push it there, or draw a new round"
        )


def _project(study: Study, round: Round, coder: str, place: CoderSession) -> int:
    """Return the coder's project, created if there is none."""
    studio = place.studio
    mark = f"slantwise:{study_identity(study)}:{round.name}:{coder}"
    settings = project_settings(study, round, coder, mark)
    digest = hashlib.sha256(str(sorted(settings.items())).encode()).hexdigest()
    p = db.studio_projects.c
    with study.store.reading() as connection:
        row = connection.execute(
            select(p.project, p.configuration).where(p.round == round.name, p.coder == coder)
        ).one_or_none()
    project = find_or_make_project(studio, row.project if row else None, mark, settings)
    if row is None or row.configuration != digest:
        studio.change_project(project, settings)
    ledger = {"round": round.name, "coder": coder, "server": place.server, "project": project, "configuration": digest}
    with study.store.writing() as connection:
        db.put(connection, db.studio_projects, [ledger], replace=["server", "project", "configuration"])
    return project


def find_or_make_project(studio: Studio, known: int | None, mark: str, settings: Mapping[str, Any]) -> int:
    """Return a project: the known one, or the one whose description has the mark, or a new one.

    Raises StudioUnsure if it is unknown whether it was created.
    """
    project = known if known is not None and studio.project(known) else _find_project(studio, mark)
    if project is not None:
        return project
    try:
        return studio.make_project(settings)
    except StudioUnsure as error:
        time.sleep(1.0)
        project = _find_project(studio, mark)
        if project is None:
            raise StudioUnsure(f"{error}; the project was not created: run the push again") from None
        return project


def project_id(study: Study, round: str, coder: str) -> int | None:
    """Return the id of the coder's project, or None if the round was not pushed."""
    p = db.studio_projects.c
    with study.store.reading() as connection:
        return connection.execute(select(p.project).where(p.round == round, p.coder == coder)).scalar()


def project_settings(study: Study, round: Round, coder: str, mark: str) -> dict[str, Any]:
    """Return the settings of a coder's project."""
    sides = study.settings.sides
    return {
        "title": f"{round.name} · {coder}"[:50],
        "description": f"{study.settings.name}. Please leave this line as it is: [{mark}]",
        "label_config": configuration(study.codebook, round.layout, sides=sides),
        "expert_instruction": instructions(study.codebook, sides),
        "show_instruction": True,
        "show_skip_button": False,  # our own skip question asks for the reason
        "show_annotation_history": False,
        "maximum_annotations": 1,
        "sampling": "Sequential sampling",
        "show_collab_predictions": round.assisted > 0,
    }


def _find_project(studio: Studio, mark: str) -> int | None:
    projects = [p.id for p in studio.projects() if f"[{mark}]" in str(p.description)]
    if len(projects) > 1:
        raise StudioRefused(f"{studio.url} has {len(projects)} projects for {mark}; delete those without answers")
    return int(projects[0]) if projects else None


def study_identity(study: Study) -> str:
    """Return the id that distinguishes this study's projects from those of others on the same server."""
    with study.store.writing() as connection:
        identity = db.get_meta(connection, db.STUDIO)
        if identity is None:
            identity = uuid.uuid4().hex[:12]
            db.set_meta(connection, db.STUDIO, identity)
    return identity


def _record_arrived(study: Study, chunk: Iterable[Assignment], ids: Mapping[str, list[int]]) -> None:
    _record_tasks(study, [one for one in chunk if one.span in ids], ids)


def _record_tasks(study: Study, chunk: Sequence[Assignment], ids: Mapping[str, list[int]]) -> list[Assignment]:
    """Record these assignments as sent, with their task ids as far as known; leave out what was removed meanwhile."""
    model = shown_suggestions.model_version(study)
    with study.store.writing() as connection:
        has = still_there(connection, (one.span for one in chunk))
        chunk = [one for one in chunk if one.span in has]
        rows = [
            {
                "round": one.round, "span": one.span, "coder": one.coder,
                "task": min(ids.get(one.span, []), default=None),
                "model": model if one.arm == "assisted" else None,
            }
            for one in chunk
        ]  # fmt: skip
        db.put(connection, db.studio_tasks, rows, replace=["task"])
    return chunk
