"""Answers of a round are stored one by one as they are given, or all at once; what one costs is the same in any study."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from stores import MORE, VALLEY, valley_in
from timing import processor_time

from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.studio.client import Studio
from annotate.studio.ml_backend import predict
from annotate.studio.pull import pull_span, task_assignments
from annotate.tasks import queue
from annotate.tasks.interface import PASSAGE
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.study import Study
from corpus.study import database as db

ANSWERS = 20


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Study, Study]]:
    """Two studies with a round of the same size, one of 20 articles and one of 400."""
    folder = tmp_path_factory.mktemp("sizes")

    def study(articles: int) -> Study:
        texts = {f"{n}.txt": f"{VALLEY['c.txt']}\n\n{MORE}\n\nNo. {n}" for n in range(articles)}
        made = valley_in(folder / str(articles), texts=texts)
        suggestion = {"variable": "wording", "model": "v-1", "probabilities": '{"plain": 0.9, "liberation": 0.1}'}
        with made.store.writing() as connection:
            db.set_meta(connection, "model", "v-1")
            db.put(connection, db.suggestions, [suggestion | {"span": span} for span in mentions(made)])
        draw(made, "pilot", ["mira"], spans=ANSWERS, design=Design(assisted=0.5, no_term=0))
        return made

    few, many = study(20), study(400)
    yield few, many
    few.store.close()
    many.store.close()


def mentions(study: Study) -> list[str]:
    frame = study.spans()
    return frame[frame["unit"] == "mention"]["span"].tolist()


class StudioOfOne:
    """A Label Studio in which every task is answered as the test says."""

    def __init__(self, tasks: list[dict[str, Any]]) -> None:
        self.tasks = dict(enumerate(tasks))
        self.code = "plain"

    def export(self, _project: int, ids: list[int]) -> list[dict[str, Any]]:
        results = [
            {"id": "r1", "from_name": name, "to_name": PASSAGE, "type": "choices", "value": {"choices": [code]}}
            for name, code in {"wording": self.code, "seen": "irony"}.items()
        ]
        now = datetime.now(UTC).isoformat()  # so the round is not handed in yet
        answer = {"completed_by": 7, "updated_at": now, "result": results}
        return [{**self.tasks[id], "id": id, "annotations": [answer]} for id in ids]


def pushed(study: Study) -> tuple[StudioOfOne, list[str]]:
    """Write the ledger as a push does."""
    given = rounds.assignments(study, "pilot", "mira")
    ledger = {"round": "pilot", "coder": "mira"}
    with study.store.writing() as connection:
        db.put(connection, db.studio_projects, [ledger | {"server": "here", "project": 7, "configuration": ""}])
        db.put(connection, db.studio_tasks, [ledger | {"span": one.span, "task": n} for n, one in enumerate(given)])
    return StudioOfOne(queue.make_tasks(study, rounds.get_round(study, "pilot"), given)), [one.span for one in given]


def growth_between(work: Callable[[Study], object], few: Study, many: Study) -> float:
    """Say how many times as long the work takes in the greater study: of each the shortest of three tries."""

    def seconds(study: Study) -> float:
        with processor_time() as used:
            work(study)
        return used.seconds

    work(few), work(many)  # what is loaded at first use is loaded
    return min(seconds(many) for _ in range(3)) / min(seconds(few) for _ in range(3))


def test_an_answer_to_be_recorded_costs_the_same_in_20_articles_and_in_400(studies: tuple[Study, Study]) -> None:
    spans = {study: mentions(study)[:ANSWERS] for study in studies}

    def one_by_one(study: Study) -> None:
        for span in spans[study]:
            done = add_annotations(study, [{"span": span, "variable": "wording", "code": "plain", "coder": "jon"}])
            assert done.total == 1

    assert growth_between(one_by_one, *studies) <= 1.5


def test_an_answer_of_a_served_round_costs_the_same_in_20_articles_and_in_400(studies: tuple[Study, Study]) -> None:
    ledgers = {study: pushed(study) for study in studies}

    def serve(study: Study) -> None:
        studio, spans = ledgers[study]
        round = rounds.get_round(study, "pilot")
        studio.code = {"plain": "liberation", "liberation": "plain"}[studio.code]
        for n, span in enumerate(spans):
            predict(study, [{"id": n, "project": 7, "data": {"sw_span": span}}], None, "mira")
            (one,) = task_assignments(study, [(7, n)], "mira")
            done = pull_span(study, round, one.coder, one.span, cast(Studio, studio), [7])
            assert (done.answered, done.refusals) == (1, [])
            assert done.new + done.changed >= 1

    assert growth_between(serve, *studies) <= 1.5


@contextmanager
def statements(study: Study) -> Iterator[list[str]]:
    from sqlalchemy import event

    said: list[str] = []

    def note(*given: Any) -> None:
        if not given[2].startswith(("BEGIN", "PRAGMA")):
            said.append(given[2])

    event.listen(study.store.engine, "before_cursor_execute", note)
    yield said
    event.remove(study.store.engine, "before_cursor_execute", note)


def test_many_answers_need_few_queries(studies: tuple[Study, Study]) -> None:
    _, many = studies
    rows = [{"span": span, "variable": "seen", "code": "irony", "coder": "jon"} for span in mentions(many)]
    assert len(rows) > 1000
    with statements(many) as said:
        assert add_annotations(many, rows).new == len(rows)
    assert len(said) < 25  # by thousands of answers, not by each


def test_an_answer_withdrawn_in_one_revision_leaves_those_of_others(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    draw(study, "pilot", ["mira"])
    studio, spans = pushed(study)
    round = rounds.get_round(study, "pilot")
    for span in spans:
        pull_span(study, round, "mira", span, cast(Studio, studio), [7])
    assert sorted(set(study.annotations()["span"])) == sorted(spans)
    studio.export = lambda project, ids: [{**studio.tasks[id], "id": id, "annotations": []} for id in ids]  # type: ignore[method-assign]
    done = pull_span(study, round, "mira", spans[0], cast(Studio, studio), [7])
    assert (done.deleted, done.removed) == (1, 2)
    assert sorted(set(study.annotations()["span"])) == sorted(spans[1:])
