"""Push: a round's tasks into Label Studio, one project per coder, each task once, whatever breaks on the way."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

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

from .client import Studio

NO_SUGGESTION = "{} assisted spans have no suggestion of the current model; first: slantwise suggest"
SETTLE_SECONDS = (
    10.0  # seconds after which an import that was cut off has taken place or never will (500 tasks take 0.2)
)


@dataclass
class PushSummary:
    """What pushing one coder's queue did, and where it lies."""

    coder: str
    url: str
    project: int
    new: int = 0
    known: int = 0
    doubles: int = 0
    held: int = 0  # kept back today by the round's cap
    refreshed: int = 0


def push(
    study: Study,
    round: Round,
    coder: str,
    studio: Studio,
    server: str,
    *,
    unmasked: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> PushSummary:
    """Bring a coder's queue into Label Studio; what is there already stays and is not sent again.

    Where the round has a cap, so much is sent that the coder's open tasks and what was answered today make it up.
    What is there is asked of the server, not remembered: so a push that died anywhere is completed by the next.
    `server` names the server in the ledger. Raises BadRound where the codebook is another than the round's,
    StudioUnsure where the server cannot say what it did.
    """
    _check(study, round, coder, server)
    wanted = rounds.assignments(study, round.name, coder)
    project = _project(study, round, coder, studio, server)
    here = tasks_by_span(studio, project)
    done = PushSummary(coder, studio.url, project, known=sum(one.span in here for one in wanted))
    done.doubles = sum(len(ids) - 1 for ids in here.values())
    _record_tasks(study, [one for one in wanted if one.span in here], here)
    missing = [one for one in wanted if one.span not in here]
    room = progress_of.tasks_left_today(study, round.name, coder, here)
    if room is not None and len(missing) > room:
        done.held, missing = len(missing) - room, missing[:room]
    progress(done.known)
    for chunk in queue.chunks(missing):
        _record_tasks(study, chunk, {})
        tasks = queue.make_tasks(study, round, chunk, unmasked=unmasked)
        if bare := [one.span for one, task in zip(chunk, tasks, strict=True) if _lacks_suggestion(one, task)]:
            raise BadRound(NO_SUGGESTION.format(len(bare)))
        import_tasks_once(studio, project, tasks, partial(_record_arrived, study, chunk))
        done.new += len(chunk)
        progress(done.known + done.new)
    if any(one.arm == "assisted" for one in wanted):
        done.refreshed = _refresh_suggestions(study, studio, project, wanted)
    return done


def _refresh_suggestions(study: Study, studio: Studio, project: int, wanted: list[Assignment]) -> int:
    """Bring the suggestions that nobody has answered up to the current model; return how many.

    A project shows one version (its `model_version`, seen on 1.23.2), so the others are taken away: what an answered
    task has shown is known from the ledger.
    """
    current, lying, ids = (
        shown_suggestions.model_version(study),
        studio.suggestion_versions(project),
        _known_tasks(study, wanted),
    )
    stale = [
        one for one in wanted if one.arm == "assisted" and current not in lying.get(ids.get(one.span, 0), {current})
    ]
    for chunk in queue.chunks(stale):
        found = shown_suggestions.suggestions(study, [one.span for one in chunk])
        if len(found) < len(chunk):
            raise BadRound(NO_SUGGESTION.format(len(chunk) - len(found)))
        predictions = [{"task": ids[one.span], **make_prediction(study.codebook, found[one.span])} for one in chunk]
        studio.import_suggestions(project, predictions)
        record_shown_model(study, chunk, current)
    for version in studio.model_versions(project) - {current}:
        studio.drop_suggestions(project, version)
    studio.change_project(project, {"model_version": current})
    return len(stale)


def _known_tasks(study: Study, wanted: list[Assignment]) -> dict[str, int]:
    """Return the tasks by span, as far as they are known."""
    t = db.studio_tasks.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(t.span, t.task).where(t.round == wanted[0].round, t.coder == wanted[0].coder, t.task.is_not(None))
        )
        return {span: task for span, task in rows}


def record_shown_model(study: Study, given: Iterable[Assignment], version: str) -> None:
    """Note whose suggestions these assignments show, but for those that are answered."""
    t, o = db.studio_tasks.c, db.outcomes.c
    answered = exists().where(o.round == t.round, o.span == t.span, o.coder == t.coder)
    same = (t.round == bindparam("in_round"), t.span == bindparam("of_span"), t.coder == bindparam("by_coder"))
    rows = [{"in_round": one.round, "of_span": one.span, "by_coder": one.coder} for one in given]
    if rows:
        with study.store.writing() as connection:
            connection.execute(update(db.studio_tasks).where(*same, ~answered).values(model=version), rows)


def _lacks_suggestion(assignment: Assignment, task: Mapping[str, Any]) -> bool:
    return assignment.arm == "assisted" and "predictions" not in task


def tasks_by_span(studio: Studio, project: int) -> dict[str, list[int]]:
    """Return the ids of the tasks that lie in a project, by span."""
    found: dict[str, list[int]] = {}
    for task in studio.tasks(project):
        found.setdefault(str(task["data"].get("sw_span")), []).append(int(task["id"]))
    return found


def import_tasks_once(
    studio: Studio,
    project: int,
    tasks: Sequence[Task],
    note: Callable[[dict[str, list[int]]], None] = lambda ids: None,
) -> None:
    """Import tasks in one request, each once; `note` hears the ids, by span, of those that arrived.

    Raises StudioUnsure where some did not and the server cannot say why.
    """
    for last in (False, True):
        spans = [str(task["data"]["sw_span"]) for task in tasks]
        try:
            ids = studio.import_tasks(project, tasks)
        except StudioUnsure as error:
            here = _wait_for_tasks(studio, project, spans)
            note({span: here[span] for span in spans if span in here})
            tasks = [task for span, task in zip(spans, tasks, strict=True) if span not in here]
            if not tasks:
                return
            if last:
                raise StudioUnsure(
                    f"{error}; {len(tasks)} tasks did not arrive, nothing is lost or doubled: run the push again"
                ) from None
        else:
            note({span: [id] for span, id in zip(spans, ids, strict=True)})
            return


def _wait_for_tasks(studio: Studio, project: int, spans: Iterable[str]) -> dict[str, list[int]]:
    """Ask what is there until all of them are, or until what was cut off has surely ended."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        here = tasks_by_span(studio, project)
        if all(span in here for span in spans) or time.monotonic() >= until:
            return here
        time.sleep(1.0)


def _check(study: Study, round: Round, coder: str, server: str) -> None:
    rounds.check_codebook_version(study, round)
    p = db.studio_projects.c
    with study.store.reading() as connection:
        known = connection.execute(select(p.server).where(p.round == round.name, p.coder == coder)).scalar()
    if known not in (None, server):
        raise NoStudio(f"{round.name} lies on another server ({known}) for {coder}; push it there, or draw a new round")


def _project(study: Study, round: Round, coder: str, studio: Studio, server: str) -> int:
    """Return the coder's project, made where there is none."""
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
    ledger = {"round": round.name, "coder": coder, "server": server, "project": project, "configuration": digest}
    with study.store.writing() as connection:
        db.put(connection, db.studio_projects, [ledger], replace=["server", "project", "configuration"])
    return project


def find_or_make_project(studio: Studio, known: int | None, mark: str, settings: Mapping[str, Any]) -> int:
    """Return a project: the known one, or the one whose description has the mark, or a new one.

    Raises StudioUnsure where nobody knows whether it was made.
    """
    project = known if known is not None and studio.project(known) else _find_project(studio, mark)
    if project is not None:
        return project
    try:
        return int(studio.make_project(settings)["id"])
    except StudioUnsure as error:
        time.sleep(1.0)
        project = _find_project(studio, mark)
        if project is None:
            raise StudioUnsure(f"{error}; the project was not made: run the push again") from None
        return project


def project_settings(study: Study, round: Round, coder: str, mark: str) -> dict[str, Any]:
    """Return how a coder's project is set up."""
    sides = study.settings.sides
    return {
        "title": f"{round.name} · {coder}"[:50],
        "description": f"{study.settings.name}. Please leave this line as it is: [{mark}]",
        "label_config": configuration(study.codebook, round.layout, sides=sides),
        "expert_instruction": instructions(study.codebook, sides),
        "show_instruction": True,
        "show_skip_button": False,  # the screen's own skip asks for the reason
        "show_annotation_history": False,
        "maximum_annotations": 1,
        "sampling": "Sequential sampling",
        "show_collab_predictions": round.assisted > 0,
    }


def _find_project(studio: Studio, mark: str) -> int | None:
    found = [p["id"] for p in studio.projects() if f"[{mark}]" in str(p.get("description"))]
    if len(found) > 1:
        raise StudioRefused(f"{studio.url} has {len(found)} projects for {mark}; delete those without answers")
    return int(found[0]) if found else None


def study_identity(study: Study) -> str:
    """Return what tells this study's projects from another's on the same server."""
    with study.store.writing() as connection:
        known = db.get_meta(connection, "studio")
        if known is None:
            known = uuid.uuid4().hex[:12]
            db.set_meta(connection, "studio", known)
    return known


def _record_arrived(study: Study, chunk: Iterable[Assignment], ids: Mapping[str, list[int]]) -> None:
    _record_tasks(study, [one for one in chunk if one.span in ids], ids)


def _record_tasks(study: Study, chunk: Iterable[Assignment], ids: Mapping[str, list[int]]) -> None:
    """Write the ledger: sent, and where it is known the task."""
    model = shown_suggestions.model_version(study)
    with study.store.writing() as connection:
        rows = [
            {
                "round": one.round, "span": one.span, "coder": one.coder,
                "task": min(ids.get(one.span, []), default=None),
                "model": model if one.arm == "assisted" else None,
            }
            for one in chunk
        ]  # fmt: skip
        db.put(connection, db.studio_tasks, rows, replace=["task"])
