"""The adjudicator's bench: disputed spans in Label Studio with all answers and no names, and the decisions back."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any
from xml.etree import ElementTree as tree

from sqlalchemy import select

from annotate.studio.accounts import Desk
from annotate.studio.push import deliver, found_or_made, identity, present
from annotate.tasks import queue
from annotate.tasks.interface import configuration, instructions
from annotate.tasks.task import Read, Task, prediction, read, task
from corpus.annotation import AUTOMATIC, Adjudication, Assignment, Suggestion
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadRound, NoStudio, NothingToCompare, UnknownCode
from corpus.study import Study
from corpus.study import database as db

from .adjudicate import Case, Kept, adjudications, cases, keep

ADJUDICATOR = "adjudicator"  # who it is where nobody is named
ANSWERS = "sw_answers"
TASK = (
    "<p>Coders disagree on these spans. Their answers stand below the passage, in bold where they differ; who is Coder "
    "A changes from span to span. Decide, and say why.</p>"
)
STYLE = """
.sw-answers{margin-top:1.25rem;overflow-x:auto}
.sw-read .sw-answers .lsf-htx-richtext,.sw-read .sw-answers .lsf-htx-richtext *{font-family:inherit}
.sw-read .sw-answers .lsf-htx-richtext{font-size:.9rem;line-height:1.35;max-width:none;white-space:normal}
.sw-answers table{border-collapse:collapse;width:100%}
.sw-answers th,.sw-answers td{border-bottom:1px solid #8884;padding:.3rem .6rem .3rem 0;text-align:left;
  vertical-align:top}
.sw-answers th{font-weight:400;opacity:.75}
.sw-answers td strong{font-weight:650}
.sw-answers p{margin:.6rem 0 0}
"""


@dataclass
class Benched:
    """What pushing a round's disputes to an adjudicator did, and where they lie; counted in spans."""

    adjudicator: str
    url: str
    project: int
    new: int = 0
    known: int = 0
    changed: int = 0  # whose answers have changed since they were shown


@dataclass
class Decided(Kept):
    """What taking an adjudicator's decisions did; `undecided` spans were skipped, `waiting` ones not answered yet."""

    spans: int = 0
    undecided: int = 0
    waiting: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, other: Decided) -> None:
        """Add what was taken from another adjudicator."""
        for name, n in vars(other).items():
            setattr(self, name, getattr(self, name) + n)


def screen(book: Codebook, sides: Mapping[str, str] | None = None) -> str:
    """Return the adjudicator's screen: the coders' own, with their answers below the passage; the memo is the reason.

    >>> from corpus.codebook import load
    >>> xml = screen(load("lexical-bias"))
    >>> '<HyperText name="sw_answers" value="$sw_answers"' in xml, 'value="Reason"' in xml
    (True, True)
    """
    root = tree.fromstring(configuration(book, "unit", sides=sides))  # noqa: S314 - our own words
    views = {str(view.get("className")): view for view in root.iter("View")}
    below = tree.SubElement(views["sw-read"], "View", className="sw-answers")
    tree.SubElement(below, "HyperText", name=ANSWERS, value=f"${ANSWERS}", inline="true")
    header, reason = views["sw-more"].find("Header"), views["sw-more"].find("TextArea")
    style = root.find("Style")
    assert header is not None and reason is not None and style is not None
    header.set("value", "Reason")
    reason.set("placeholder", "Why this code? (Enter keeps it)")
    style.text = f"{style.text}{STYLE}"
    return tree.tostring(root, encoding="unicode")


def letters(case: Case, round: str) -> dict[str, str]:
    """Return what each coder is called on the screen: a letter, in an order of each span's own that tells nothing.

    >>> case = Case("s1", {"bias": {"ada": "biased", "ben": "non-biased"}})
    >>> sorted(letters(case, "main").values())
    ['Coder A', 'Coder B']
    """
    order = sorted(case.coders, key=lambda one: hashlib.sha256(f"{round}\n{case.span}\n{one}".encode()).digest())
    names = [*string.ascii_uppercase, *map(str, range(27, len(order) + 1))]
    return {coder: f"Coder {name}" for coder, name in zip(order, names, strict=False)}


def shown_answers(case: Case, book: Codebook, round: str, sides: Mapping[str, str] | None = None) -> str:
    """Return all answers to a span as an HTML table without names, what is disputed in bold; memos stand below.

    >>> from corpus.codebook import load
    >>> case = Case("s1", {"bias": {"ada": "biased", "ben": "non-biased"}}, {"ada": "<loaded>"})
    >>> html = shown_answers(case, load("lexical-bias"), "main")
    >>> "ada" in html, html.count("<strong>"), "&lt;loaded&gt;" in html
    (False, 2, True)
    """
    called = letters(case, round)
    rows = ["<tr><th></th>" + "".join(f"<th>{name}</th>" for name in called.values()) + "</tr>"]
    for name, given in case.answers.items():
        labels = {
            code.name: code.label or (sides or {}).get(code.name) or code.name for code in book.by_name[name].codes
        }
        cells = []
        for coder in called:
            words = ", ".join(escape(labels[code]) for code in given[coder].split("|")) if coder in given else "–"
            cells.append(f"<td><strong>{words}</strong></td>" if name in case.disputed else f"<td>{words}</td>")
        rows.append(f"<tr><th>{escape(book.by_name[name].question)}</th>{''.join(cells)}</tr>")
    memos = [f"<p>{called[coder]} noted: {escape(memo)}</p>" for coder, memo in case.memos.items() if coder in called]
    return f"<table>{''.join(rows)}</table>{''.join(sorted(memos))}"


def push(
    study: Study,
    round: str,
    adjudicator: str,
    place: Desk,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Benched:
    """Bring what is disputed and open in a round before an adjudicator; what is there stays and is not sent again.

    Where coders have changed their answers since, what is shown changes too. `progress` hears how many of how many
    spans are there. Raises BadRound, NothingToCompare where nothing is open, NoStudio, StudioUnsure.
    """
    if adjudicator in AUTOMATIC:
        raise BadRound(f"{adjudicator!r} is a method and cannot name a person; choose another name: --adjudicator NAME")
    every = {case.span: case for case in cases(study, round)}
    wanted = [case.span for case in every.values() if case.open(study.codebook)]
    known = _bench(study, round, adjudicator, place.server)
    if not wanted and known is None:
        raise NothingToCompare("nothing is open: the coders agree on every span, or what they disagree on is decided")
    project = _project(study, round, adjudicator, place, known)
    here = {str(one["data"].get("sw_span")): one for one in place.studio.tasks(project)}
    done = Benched(adjudicator, place.studio.url, project, known=sum(span in here for span in wanted))
    sides = study.settings.sides
    for span, one in here.items():
        now = shown_answers(every[span], study.codebook, round, sides) if span in every else None
        if now is not None and one["data"].get(ANSWERS) != now:
            place.studio.change_task(int(one["id"]), {**one["data"], ANSWERS: now})
            done.changed += 1
    progress(done.known, len(wanted))
    for chunk in queue.chunks([_assignment(round, span, adjudicator) for span in wanted if span not in here]):
        deliver(place.studio, project, list(_tasks(study, chunk, every)))
        done.new += len(chunk)
        progress(done.known + done.new, len(wanted))
    return done


def _tasks(study: Study, chunk: Sequence[Assignment], every: Mapping[str, Case]) -> Iterator[Task]:
    """Yield the tasks; what the coders agree on is filled in."""
    book, seen = study.codebook, queue.passages(study, [one.span for one in chunk], "unit")
    for one in chunk:
        case, made = every[one.span], task(seen[one.span], one, book)
        made["data"][ANSWERS] = shown_answers(case, book, one.round, study.settings.sides)
        agreed = {
            name: Suggestion(one.span, name, "coders", dict.fromkeys(next(iter(given.values())).split("|"), 1.0))
            for name, given in case.answers.items()
            if name not in case.disputed
        }
        filled = prediction(book, agreed)
        yield {**made, "predictions": [filled]} if filled["result"] else made


def _assignment(round: str, span: str, adjudicator: str) -> Assignment:
    return Assignment(round, span, adjudicator, "blind", 1.0)


def _project(study: Study, round: str, adjudicator: str, place: Desk, known: int | None) -> int:
    """Return the adjudicator's project, made where there is none, and set up as the codebook is now."""
    mark = f"slantwise-adjudication:{identity(study)}:{round}:{adjudicator}"
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
    project = found_or_made(place.studio, known, mark, settings)
    place.studio.change_project(project, settings)
    ledger = {"round": round, "adjudicator": adjudicator, "server": place.server, "project": project}
    with study.store.writing() as connection:
        db.put(connection, db.adjudication_projects, [ledger], replace=["server", "project"])
    return project


def _bench(study: Study, round: str, adjudicator: str, server: str) -> int | None:
    """Return the adjudicator's project as far as it is known. Raises NoStudio where it lies on another server."""
    b = db.adjudication_projects.c
    with study.store.reading() as connection:
        query = select(b.server, b.project).where(b.round == round, b.adjudicator == adjudicator)
        row = connection.execute(query).one_or_none()
    if row is not None and row.server != server:
        raise NoStudio(f"what {adjudicator} adjudicates of {round} lies on another server ({row.server}); go on there")
    return None if row is None else int(row.project)


def adjudicators(study: Study, round: str) -> list[str]:
    """Return to whom a round's disputes were pushed."""
    b = db.adjudication_projects.c
    with study.store.reading() as connection:
        return list(connection.execute(select(b.adjudicator).where(b.round == round).order_by(b.adjudicator)).scalars())


def pull(
    study: Study,
    round: str,
    adjudicator: str,
    place: Desk,
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Decided:
    """Take over an adjudicator's decisions; pulling twice changes nothing, an edit replaces what was decided before.

    A decision takes the place of what a method decided, not of another person's. One that was deleted or skipped is
    taken back. Raises NoStudio where the round was not pushed, StudioRefused where the server does not give all of it.
    """
    project = _bench(study, round, adjudicator, place.server)
    if project is None or place.studio.project(project) is None:
        raise NoStudio(
            f"{round} has no project for {adjudicator} on {place.studio.url}; first: slantwise adjudicate push {round}"
        )
    here, before = present(place.studio, project), adjudications(study, round)
    done, found = Decided(), {}
    for one, answer in _answers(study, round, adjudicator, place, project, here, progress):
        where = f"{round}, {adjudicator}, {one.span}"
        done.refusals += [Refusal(where, fault) for fault in answer.faults]
        if not answer.trusted:
            continue
        judges = {row.by for row in before.get(one.span, []) if row.by not in AUTOMATIC}
        try:
            rows = _decision(study, one, answer)
        except UnknownCode as error:
            done.refusals.append(Refusal(where, str(error)))
            continue
        if rows and judges - {adjudicator}:
            done.refusals.append(Refusal(where, f"{judges.pop()} has decided it already, which stays"))
        elif rows or adjudicator in judges:
            found[one.span] = rows
        done.spans += bool(rows)
        skipped = answer.outcome is not None and not rows
        done.undecided, done.waiting = done.undecided + skipped, done.waiting + (answer.outcome is None)
    for name, n in vars(keep(study, round, found)).items():
        setattr(done, name, n)
    return done


def _answers(
    study: Study,
    round: str,
    adjudicator: str,
    place: Desk,
    project: int,
    here: Mapping[str, list[int]],
    progress: Callable[[int, int], None],
) -> Iterator[tuple[Assignment, Read]]:
    """Yield what the adjudicator's tasks say."""
    known, taken = {case.span for case in cases(study, round)}, 0
    for chunk in queue.chunks([_assignment(round, span, adjudicator) for span in here if span in known]):
        seen = queue.passages(study, [one.span for one in chunk], "unit")
        exported = {t["id"]: t for t in place.studio.export(project, [id for one in chunk for id in here[one.span]])}
        for one in chunk:
            copies = [exported[id] for id in here[one.span]]
            whole = {**copies[0], "annotations": [a for copy in copies for a in copy["annotations"]]}
            yield one, read(whole, seen[one.span], one, study.codebook, place.accounts)
        taken += len(chunk)
        progress(taken, len(here))


def _decision(study: Study, one: Assignment, answer: Read) -> list[Adjudication]:
    """Return the codes of a decision with its reason. Raises UnknownCode."""
    if answer.outcome is None or answer.outcome.state != "answered":
        return []
    return [
        Adjudication(
            one.round, one.span, row["variable"], study.codebook.checked_code(row["variable"], row["code"]),
            one.coder, str(row["codebook_version"]), answer.outcome.memo, None, row["made_at"],
        )
        for row in answer.rows
    ]  # fmt: skip
