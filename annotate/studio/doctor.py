"""Doctor: what may be wrong with a pushed round, found on the server, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from sqlalchemy import select

from annotate.rounds import rounds, shown_suggestions
from annotate.tasks import queue
from annotate.tasks.interface import configuration
from annotate.tasks.task import passage_digest
from corpus.annotation import Round
from corpus.study import Study
from corpus.study import database as db

from .accounts import CoderSession
from .pull import sent_spans
from .push import tasks_by_span
from .server import VERSION

State = Literal["fine", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    coder: str
    state: State
    said: str


def examine(study: Study, round: Round, coder: str, desk: CoderSession) -> Iterator[Finding]:
    """Look at a coder's queue: version, project, configuration, tasks, texts, suggestions, who could open it."""
    studio = desk.studio
    found = studio.version()
    if found == VERSION:
        yield Finding(coder, "fine", f"Label Studio {found} at {studio.url}, signed in as {studio.whoami()['email']}")
    else:
        yield Finding(
            coder, "note", f"Label Studio {found} at {studio.url}; this was tried on {VERSION}, look at a task"
        )
    p = db.studio_projects.c
    with study.store.reading() as connection:
        number = connection.execute(select(p.project).where(p.round == round.name, p.coder == coder)).scalar()
    project = None if number is None else studio.project(number)
    if project is None:
        yield Finding(coder, "wrong", f"there is no project; send it: slantwise studio push {round.name}")
        return
    wanted = configuration(study.codebook, round.layout, sides=study.settings.sides)
    same = _canonical(str(project.get("label_config"))) == _canonical(wanted)
    yield (
        Finding(coder, "fine", "the screen is the codebook's")
        if same
        else Finding(
            coder, "wrong", f"the screen is not the codebook's; set it again: slantwise studio push {round.name}"
        )
    )
    yield from _check_tasks(study, round, coder, desk, int(project["id"]))
    others = len(studio.accounts()) - len(desk.accounts)
    if desk.server == f"local:{coder}":
        yield Finding(coder, "fine", "a server of this coder's own: no other coder can open it")
    else:
        yield Finding(
            coder, "note",
            f"{others} other accounts of this server can open this project and see its answers, as Community has no "
            "roles; ask coders not to, or begin anew with: slantwise studio start --isolate",
        )  # fmt: skip


def _check_tasks(study: Study, round: Round, coder: str, desk: CoderSession, project: int) -> Iterator[Finding]:
    assigned = {one.span: one for one in rounds.assignments(study, round.name, coder)}
    here = tasks_by_span(desk.studio, project)
    missing, foreign = set(assigned) - set(here), set(here) - set(assigned)
    if rounds.design(study, round.name).cap:  # what it keeps for later days is not missing
        missing &= sent_spans(study, round.name, coder)
    double = [span for span, ids in here.items() if len(ids) > 1]
    live = any(one["state"] == "CO" for one in desk.studio.connections("ml", project))  # then they come when opened
    changed, bare, leaked = 0, 0, 0
    for chunk in queue.chunks([one for one in assigned.values() if one.span in here]):
        seen = queue.show_passages(study, [one.span for one in chunk], round.layout)
        for task in desk.studio.export(project, [here[one.span][0] for one in chunk]):
            one = assigned[task["data"]["sw_span"]]
            shown = seen[one.span]
            changed += passage_digest(one.span, str(task["data"].get(shown.field))) != shown.digest
            bare += one.arm == "assisted" and not (task["predictions"] or task["annotations"] or live)
            leaked += one.arm == "blind" and bool(task["predictions"])
    again = f"slantwise studio push {round.name}"
    checks = (
        (len(missing), f"tasks are missing; send them: {again}"),
        (
            len(double),
            "spans have two tasks; delete the one without an answer in Label Studio (pull takes the last answer)",
        ),
        (len(foreign), "tasks are none of this round's; they are not pulled"),
        (changed, f"texts or offsets are not what was sent; delete these tasks in Label Studio, then: {again}"),
        (bare, f"assisted tasks show no suggestion; delete them in Label Studio, then: {again}"),
        (leaked, "blind tasks show a suggestion; do not use their answers as blind"),
    )
    for count, said in checks:
        if count:
            yield Finding(coder, "wrong", f"{count} {said}")
    if not any(count for count, _ in checks):
        yield Finding(coder, "fine", f"{len(here)} tasks, each once, texts and offsets as sent")
    if any(one.arm == "assisted" for one in assigned.values()):
        yield _check_suggestions_shown(study, coder, desk, project, again)


def _check_suggestions_shown(study: Study, coder: str, desk: CoderSession, project: int, again: str) -> Finding:
    """Say whether suggestions reach the screen: Label Studio shows those of one version, or asks one backend."""
    settings = desk.studio.project(project) or {}
    version, lying = str(settings.get("model_version") or ""), desk.studio.model_versions(project)
    backends = [one for one in desk.studio.connections("ml", project) if one["title"] == version]
    if not settings.get("show_collab_predictions") or not (version in lying or backends):
        return Finding(coder, "wrong", f"suggestions do not reach the screen; set the project up again: {again}")
    if any(one["state"] != "CO" for one in backends):
        return Finding(
            coder, "wrong", "the backend does not answer, so that assisted tasks show nothing; slantwise studio serve"
        )
    if version != shown_suggestions.model_version(study):
        return Finding(coder, "wrong", f"the suggestions are those of {version}; show the current ones: {again}")
    return Finding(
        coder, "fine", f"suggestions of {version} reach the screen" + (", asked of the backend" * bool(backends))
    )


def _canonical(xml: str) -> str:
    try:
        return ElementTree.canonicalize(xml, strip_text=True)
    except ElementTree.ParseError:
        return xml
