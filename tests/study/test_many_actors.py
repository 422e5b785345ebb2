"""Actors who write, wait, read and give up in any order: each sees what it should, and nothing is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, select
from stores import postgres

from corpus.study import database as db

KEYS = ("a", "b")
NUMBER = st.integers(0, 9)
ACTORS = 3


class GaveUp(Exception):
    """What an actor raises inside a transaction."""


class Actor:
    """A thread with a store of its own, as another process has; it may be in a transaction, or waiting for one."""

    def __init__(self, url: str) -> None:
        self.thread = ThreadPoolExecutor(1)
        self.store = db.Store(url)
        self.connection: Any = None
        self.transaction = contextlib.ExitStack()
        self.waiting: Future[None] | None = None
        self.snapshot: dict[str, int] | None = None

    def do(self, work: Callable[..., Any], *arguments: object) -> Any:
        return self.thread.submit(work, *arguments).result(20)

    def begin(self) -> None:
        self.transaction = contextlib.ExitStack()
        self.connection = self.transaction.enter_context(self.store.writing())

    def begin_to_read(self) -> None:
        self.transaction = contextlib.ExitStack()
        self.connection = self.transaction.enter_context(self.store.reading())
        read(self.connection)

    def commit(self) -> None:
        self.transaction.close()

    def give_up(self) -> None:
        with contextlib.suppress(GaveUp), self.transaction:
            raise GaveUp

    def look(self) -> dict[str, int]:
        with self.store.reading() as connection:
            return read(connection)

    def put(self, key: str, number: int) -> None:
        with self.store.writing() as connection:  # inside its transaction, a part of it
            db.set_meta(connection, key, str(number))

    def add_one(self, key: str) -> None:
        with self.store.writing() as connection:
            db.set_meta(connection, key, str(int(db.get_meta(connection, key) or 0) + 1))

    def put_in_vain(self, key: str, number: int) -> None:
        with contextlib.suppress(GaveUp), self.store.writing() as connection:
            db.set_meta(connection, key, str(number))
            raise GaveUp


def read(connection: Any) -> dict[str, int]:
    m = db.meta.c
    return {row.key: int(row.value) for row in connection.execute(select(m.key, m.value).where(m.key.in_(KEYS)))}


class Actors(RuleBasedStateMachine):
    """Three actors; what a dictionary would hold is what the store holds."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.actors = [Actor(self.url) for _ in range(ACTORS)]
        self.stored: dict[str, int] = {}
        self.inside: dict[str, int] = {}
        self.writer: Actor | None = None
        with self.actors[0].store.writing() as connection:
            connection.execute(delete(db.meta).where(db.meta.c.key.in_(KEYS)))

    def idle(self, number: int) -> Actor | None:
        actor = self.actors[number]
        busy = actor is self.writer or actor.waiting is not None or actor.snapshot is not None
        return None if busy else actor

    @rule(number=st.integers(0, ACTORS - 1))
    def begin(self, number: int) -> None:
        if (actor := self.idle(number)) is None:
            return
        if self.writer is None:
            actor.do(actor.begin)
            self.enter(actor)
        else:
            actor.waiting = actor.thread.submit(actor.begin)
            with pytest.raises(NotYet):
                actor.waiting.result(0.02)

    def enter(self, actor: Actor) -> None:
        self.writer, self.inside = actor, dict(self.stored)
        assert actor.do(actor.look) == self.inside

    @precondition(lambda self: self.writer is not None)
    @rule(key=st.sampled_from(KEYS), number=NUMBER)
    def put(self, key: str, number: int) -> None:
        self.writer.do(self.writer.put, key, number)
        self.inside[key] = number

    @precondition(lambda self: self.writer is not None)
    @rule(key=st.sampled_from(KEYS))
    def add_one(self, key: str) -> None:
        self.writer.do(self.writer.add_one, key)
        self.inside[key] = self.inside.get(key, 0) + 1

    @precondition(lambda self: self.writer is not None)
    @rule(key=st.sampled_from(KEYS), number=NUMBER)
    def put_in_vain(self, key: str, number: int) -> None:
        self.writer.do(self.writer.put_in_vain, key, number)

    @precondition(lambda self: self.writer is not None)
    @rule(stores=st.booleans())
    def end(self, stores: bool) -> None:
        actor, self.writer = self.writer, None
        assert actor.do(actor.look) == self.inside
        actor.do(actor.commit if stores else actor.give_up)
        if stores:
            self.stored = self.inside
        if queue := {one.waiting: one for one in self.actors if one.waiting}:
            (begun,) = wait(queue, 20, FIRST_COMPLETED).done  # whose turn it is, of those who wait; no second one's
            begun.result()
            queue[begun].waiting = None
            self.enter(queue[begun])

    @rule(number=st.integers(0, ACTORS - 1), key=st.sampled_from(KEYS))
    def add_one_at_once(self, number: int, key: str) -> None:
        """A whole transaction, where nobody is in one."""
        if self.writer is None and (actor := self.idle(number)):
            actor.do(actor.add_one, key)
            self.stored = {**self.stored, key: self.stored.get(key, 0) + 1}

    @rule(number=st.integers(0, ACTORS - 1))
    def read_on(self, number: int) -> None:
        """Begin to read, or go on where it has begun and see the same, or end."""
        actor = self.actors[number]
        if actor.snapshot is None and self.idle(number):
            actor.do(actor.begin_to_read)
            actor.snapshot = dict(self.stored)
        elif actor.snapshot is not None:
            assert actor.do(read, actor.connection) == actor.snapshot
            if actor.snapshot != self.stored:
                actor.do(actor.commit)
                actor.snapshot = None

    @invariant()
    def others_see_what_is_stored(self) -> None:
        for number in range(ACTORS):
            if actor := self.idle(number):
                assert actor.do(actor.look) == self.stored

    def teardown(self) -> None:
        while self.writer:  # and who waited
            self.end(False)
        for actor in self.actors:
            if actor.snapshot is not None:
                actor.do(actor.commit)
            actor.store.close()
            actor.thread.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_actors_in_any_order(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    place = tmp_path / "study.db"
    sqlite = database == "sqlite"
    url = f"sqlite:///{place}" if sqlite else request.getfixturevalue("server").replace("NAME", "postgres")
    machine = type("ActorsOnDatabase", (Actors,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
