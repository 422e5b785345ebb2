"""Pull: what coders answered in Label Studio, complete or an error, into the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from sqlalchemy import select

from annotate.rounds import rounds
from annotate.tasks import queue
from annotate.tasks.store_answers import ImportSummary, store_answers
from annotate.tasks.task import TaskAnswers, read_task
from corpus.annotation import Assignment, Round
from corpus.draft import Refusal
from corpus.errors import NoStudio
from corpus.study import Study
from corpus.study import database as db

from .client import Studio
from .push import tasks_by_span


def pull(
    study: Study,
    round: Round,
    coder: str,
    studio: Studio,
    *,
    accounts: Collection[int] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> ImportSummary:
    """Take over a coder's answers of a round; pulling twice changes nothing.

    Nothing is taken unless every task came. `accounts` are the ids of the coder's accounts on the server; what others
    answered in the project is refused. Raises NoStudio where the round was not pushed, StudioRefused where the server
    does not give all of it.
    """
    project = _project(study, round.name, coder)
    if studio.project(project) is None:
        raise NoStudio(
            f"the project of {coder} in {round.name} is no longer on {studio.url}; what was pulled is kept. "
            f"To code it anew: slantwise studio push {round.name}"
        )
    here = tasks_by_span(studio, project)
    wanted = rounds.assignments(study, round.name, coder)
    done = ImportSummary()
    known = sent_spans(study, round.name, coder)
    lost = [one.span for one in wanted if one.span not in here and one.span in known]
    done.waiting = sum(one.span not in here and one.span not in known for one in wanted)
    foreign = set(here) - {one.span for one in wanted}
    done.refusals += [Refusal(f"{round.name}, {coder}, {span}", "its task is not on the server") for span in lost]
    done.refusals += [
        Refusal(f"{round.name}, {coder}, task {here[span][0]}", "the task is none of this round's; it was not taken")
        for span in sorted(foreign)
    ]

    def reads() -> Iterator[tuple[Assignment, TaskAnswers]]:
        taken = 0
        for chunk in queue.chunks([one for one in wanted if one.span in here]):
            shown = queue.show_passages(study, [one.span for one in chunk], round.layout)
            exported = {t["id"]: t for t in studio.export(project, [id for one in chunk for id in here[one.span]])}
            for one in chunk:
                copies = [exported[id] for id in here[one.span]]
                whole = {**copies[0], "annotations": [a for copy in copies for a in copy["annotations"]]}
                yield one, read_task(whole, shown[one.span], one, study.codebook, accounts)
            taken += len(chunk)
            progress(taken)

    done.add(store_answers(study, round, coder, reads()))
    return done


def sent_spans(study: Study, round: str, coder: str) -> set[str]:
    """Return the spans that were sent to the coder; a cap keeps others for later days."""
    t = db.studio_tasks.c
    with study.store.reading() as connection:
        return set(connection.execute(select(t.span).where(t.round == round, t.coder == coder)).scalars())


def pull_span(
    study: Study, round: Round, coder: str, span: str, studio: Studio, accounts: Collection[int] | None = None
) -> ImportSummary:
    """Take over a coder's answer to one span of a round; what else was answered waits for `pull`."""
    a, t = db.assignments.c, db.studio_tasks.c
    mine = (t.round == round.name, t.coder == coder, t.span == span)
    with study.store.reading() as connection:
        task = connection.execute(select(t.task).where(*mine)).scalar()
        row = connection.execute(
            select(db.assignments).where(a.round == round.name, a.coder == coder, a.span == span)
        ).one_or_none()
    if task is None or row is None:
        raise NoStudio(f"{span} was not pushed for {coder} in {round.name}")
    (exported,) = studio.export(_project(study, round.name, coder), [task])
    seen = queue.show_passages(study, [span], round.layout)[span]
    one = Assignment(**row._mapping)
    return store_answers(study, round, coder, [(one, read_task(exported, seen, one, study.codebook, accounts))])


def _project(study: Study, round: str, coder: str) -> int:
    p = db.studio_projects.c
    with study.store.reading() as connection:
        found = connection.execute(select(p.project).where(p.round == round, p.coder == coder)).scalar()
    if found is None:
        raise NoStudio(f"{round} was not pushed for {coder}; first: slantwise studio push {round}")
    return int(found)
