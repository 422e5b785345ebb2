"""Check a pushed round on its server, and report each problem with its solution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from annotate.rounds import rounds, shown_suggestions
from annotate.tasks import queue
from annotate.tasks.interface import configuration
from annotate.tasks.task import passage_digest
from corpus.annotation import Round
from corpus.study import Study
from corpus.study.history.removals import is_removed, removed_revisions

from .accounts import CoderSession
from .pull import sent_spans
from .push import project_id, tasks_by_span
from .server import VERSION

State = Literal["fine", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    coder: str
    state: State
    said: str


def examine(study: Study, round: Round, coder: str, session: CoderSession) -> Iterator[Finding]:
    """Check a coder's queue: version, project, configuration, tasks, texts, suggestions, access by others."""
    studio = session.studio
    version = studio.version()
    if version == VERSION:
        yield Finding(coder, "fine", f"Label Studio {version} at {studio.url}, signed in as {studio.whoami().email}")
    else:
        yield Finding(
            coder, "note", f"Label Studio {version} at {studio.url}; tested with {VERSION}; check a task by eye"
        )
    number = project_id(study, round.name, coder)
    project = None if number is None else studio.project(number)
    if number is None or project is None:
        yield Finding(coder, "wrong", f"the project does not exist; create it: slantwise studio push {round.name}")
        return
    expected = configuration(study.codebook, round.layout, sides=study.settings.sides)
    same = _canonical(str(project.label_config)) == _canonical(expected)
    yield (
        Finding(coder, "fine", "the screen matches the codebook")
        if same
        else Finding(
            coder, "wrong", f"the screen does not match the codebook; update it: slantwise studio push {round.name}"
        )
    )
    yield from _check_tasks(study, round, coder, session, number)
    others = len(studio.accounts()) - len(session.accounts)
    if session.server == f"local:{coder}":
        yield Finding(coder, "fine", "the coder has a server of their own, which no other coder can open")
    else:
        yield Finding(
            coder, "note",
            f"{others} other accounts of this server can open this project and see its answers, since the Community "
            "edition has no roles; ask coders not to, or start again with: slantwise studio start --isolate",
        )  # fmt: skip


def _check_tasks(study: Study, round: Round, coder: str, session: CoderSession, project: int) -> Iterator[Finding]:
    assigned = {one.span: one for one in rounds.assignments(study, round.name, coder)}
    present = tasks_by_span(session.studio, project)
    missing, foreign = set(assigned) - set(present), set(present) - set(assigned)
    with study.store.reading() as connection:
        gone = removed_revisions(connection)
    removed = {span for span in foreign if is_removed(gone, span)}
    if rounds.design(study, round.name).cap:  # tasks held back for later days are not missing
        missing &= sent_spans(study, round.name, coder)
    doubled = [span for span, ids in present.items() if len(ids) > 1]
    # with a connected backend, suggestions are fetched when a task is opened
    connected = any(backend.state == "CO" for backend in session.studio.backends(project))
    changed, bare, leaked = 0, 0, 0
    for chunk in queue.chunks([one for one in assigned.values() if one.span in present]):
        passages = queue.show_passages(study, [one.span for one in chunk], round.layout)
        for task in session.studio.export(project, [present[one.span][0] for one in chunk]):
            assignment = assigned[task["data"]["sw_span"]]
            passage = passages[assignment.span]
            changed += passage_digest(assignment.span, str(task["data"].get(passage.field))) != passage.digest
            bare += assignment.arm == "assisted" and not (task["predictions"] or task["annotations"] or connected)
            leaked += assignment.arm == "blind" and bool(task["predictions"])
    push_again = f"slantwise studio push {round.name}"
    checks = (
        (len(missing), f"tasks are missing; send them: {push_again}"),
        (
            len(doubled),
            "spans have two tasks; delete the one without an answer in Label Studio (the last one counts)",
        ),
        (len(removed), "tasks show articles that were removed from the study; delete them in Label Studio"),
        (len(foreign - removed), "tasks do not belong to this round; they are not pulled"),
        (changed, f"texts or offsets differ from those sent; delete these tasks in Label Studio, then: {push_again}"),
        (bare, f"assisted tasks show no suggestion; delete them in Label Studio, then: {push_again}"),
        (leaked, "blind tasks show a suggestion; do not use their answers as blind"),
    )
    for count, message in checks:
        if count:
            yield Finding(coder, "wrong", f"{count} {message}")
    if not any(count for count, _ in checks):
        yield Finding(coder, "fine", f"{len(present)} tasks, each once, texts and offsets as sent")
    if any(one.arm == "assisted" for one in assigned.values()):
        yield _check_suggestions_shown(study, coder, session, project, push_again)


def _check_suggestions_shown(study: Study, coder: str, session: CoderSession, project: int, push_again: str) -> Finding:
    """Check whether suggestions are shown: Label Studio shows those of one version, or asks one backend."""
    settings, versions = session.studio.project(project), session.studio.model_versions(project)
    version = str(settings.model_version or "") if settings else ""
    backends = [backend for backend in session.studio.backends(project) if backend.title == version]
    if settings is None or not settings.show_collab_predictions or not (version in versions or backends):
        return Finding(coder, "wrong", f"suggestions are not shown; set the project up again: {push_again}")
    if any(backend.state != "CO" for backend in backends):
        return Finding(
            coder, "wrong", "the backend does not answer: assisted tasks show nothing; start it: slantwise studio serve"
        )
    if version != shown_suggestions.model_version(study):
        return Finding(coder, "wrong", f"the suggestions are those of {version}; send the current ones: {push_again}")
    return Finding(
        coder, "fine", f"suggestions of {version} are shown" + (", fetched from the backend" * bool(backends))
    )


def _canonical(xml: str) -> str:
    try:
        return ElementTree.canonicalize(xml, strip_text=True)
    except ElementTree.ParseError:
        return xml
