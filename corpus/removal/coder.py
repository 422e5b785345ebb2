"""Take a coder out of a study: answers, assignments with their outcomes, and decisions, in all rounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select, union

from corpus.annotations.coder_names import forget_names
from corpus.errors import BadRound
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.history.log import logged
from corpus.study.history.removals import CODER, is_coder_removed, note_removals

from .overwriting import delete_bytes_too, notes_on_bytes, overwrite_deleted

_TABLES: dict[str, tuple[Table, str]] = {  # what is deleted, and the column with the name
    "annotations": (db.annotations, "coder"),
    "originals": (db.raw_annotations, "coder"),
    "changes": (db.answer_changes, "coder"),
    "closed": (db.closed_parts, "coder"),
    "outcomes": (db.outcomes, "coder"),
    "assignments": (db.assignments, "coder"),
    "decisions": (db.adjudications, "by"),
    "tasks": (db.studio_tasks, "coder"),
    "projects": (db.studio_projects, "coder"),
    "adjudication_projects": (db.adjudication_projects, "adjudicator"),
}


@dataclass(frozen=True)
class RemovedCoder(Result):
    """A coder who was removed, or would be where nothing is `done`, and how much of each kind with the name.

    `originals` are answers as they were given before a migration of the codebook, `changes` answers that were changed,
    `closed` the rounds that the coder has handed in by `round close`, `tasks` and `projects` those that the
    study knows of in Label Studio. `rounds` had assignments or answers of the coder.
    """

    done: bool
    coder: str
    rounds: tuple[str, ...]
    annotations: int
    originals: int
    changes: int
    closed: int
    outcomes: int
    assignments: int
    decisions: int
    tasks: int
    projects: int
    adjudication_projects: int
    overwritten: bool = False
    notes: tuple[str, ...] = ()


@logged("round remove-coder")
def remove_coder(study: Study, name: str, *, yes: bool = False) -> RemovedCoder:
    """Count what removing a coder would delete in all rounds; with `yes` delete it.

    These are the coder's answers, assignments with their outcomes, and decisions as an adjudicator. Draws stay,
    with their probabilities, and so do other coders' assignments. Raises BadRound for an unknown coder.
    """
    with study.store.reading() as connection:
        numbers = _numbers(connection, name)
        if not any(numbers.values()) and not is_coder_removed(connection, name):
            columns = [select(table.c[column].label("name")) for table, column in _TABLES.values()]
            known = ", ".join(sorted(connection.execute(union(*columns)).scalars()))
            raise BadRound(f"the study has no coder {name!r}; it has: {known or 'nobody yet'}")
        rounds = tuple(sorted(_rounds(connection, name)))
    if not yes:
        return RemovedCoder(False, name, rounds, **numbers)
    with study.store.writing() as connection:
        delete_bytes_too(connection)
        numbers = _numbers(connection, name)
        if any(numbers.values()):
            note_removals(connection, CODER, [{"name": name, "removed": numbers}])
        a, s = db.annotations.c, db.spans.c
        coded = select(s.revision).join(db.annotations, a.span == s.id).where(a.coder == name).distinct()
        note_pending(connection, "score", connection.execute(coded).scalars().all())
        for table, column in _TABLES.values():
            connection.execute(delete(table).where(table.c[column] == name))
        forget_names(connection, {name})
    overwritten = overwrite_deleted(study)
    notes = list(notes_on_bytes(study, overwritten))
    if numbers["projects"] or numbers["adjudication_projects"]:
        notes.append(f"Label Studio still has projects of {name}; delete them there")
    if study.model and numbers["annotations"]:
        notes.append(f"the model {study.model} may have learned from these answers; train another: slantwise train")
    return RemovedCoder(True, name, rounds, **numbers, overwritten=overwritten, notes=tuple(notes))


def _numbers(connection: Connection, name: str) -> dict[str, Any]:
    return {
        what: connection.execute(select(func.count()).select_from(table).where(table.c[column] == name)).scalar_one()
        for what, (table, column) in _TABLES.items()
    }


def _rounds(connection: Connection, name: str) -> set[str]:
    a, s = db.annotations.c, db.assignments.c
    found = union(select(a.round).where(a.coder == name), select(s.round).where(s.coder == name))
    return set(connection.execute(found).scalars()) - {""}
