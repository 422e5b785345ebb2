"""The study's log: what changed it, when, by which version of Slantwise, with which arguments and counts."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, func, select

from corpus.installed import installed_version
from corpus.result import Result, plain
from corpus.study import database as db

P = ParamSpec("P")
T = TypeVar("T")

MADE = "init"  # the entry of a new study
_is_inside: ContextVar[bool] = ContextVar("inside a function that is logged", default=False)
_MOMENT = 2.0  # seconds that the entry of a stopped call may wait for others who write
_LONGEST = 300  # characters of an argument
_MOST = 20  # values of an argument that are named one by one
_SECRET = re.compile(r"(?i)(token|password|passwd|secret|api_?key|credential)")
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]*@")
_SECRET_IN_URL = re.compile(r"(?i)([?&][^=&]*(?:token|password|secret|key|auth|sig)[^=&]*=)[^&#\s]*")


class HasStore(Protocol):
    """A study, as far as its log needs it."""

    @property
    def store(self) -> db.Store:
        """The study's store."""


@dataclass(frozen=True)
class LogEntry:
    """A command or function that changed the study: when it ended, its arguments as given, and counts of its result."""

    at: str
    version: str
    command: str
    arguments: Mapping[str, Any]
    outcome: Mapping[str, Any]


@dataclass(frozen=True)
class StudyLog(Result):
    """The study's log, the oldest entry first."""

    entries: tuple[LogEntry, ...]
    rows = "entries"


def read_log(study: HasStore) -> StudyLog:
    """Return what changed the study: each command and function that wrote to it, whether it ended or was stopped."""
    t = db.log.c
    with study.store.reading() as connection:
        rows = connection.execute(select(t.at, t.version, t.command, t.arguments, t.outcome).order_by(t.id)).all()
    return StudyLog(
        tuple(
            LogEntry(row.at, row.version, row.command, json.loads(row.arguments), json.loads(row.outcome))
            for row in rows
        )
    )


def study_id(connection: Connection) -> str | None:
    """Return the id that a study had when its store was made; None if an earlier version of Slantwise made it."""
    made = select(db.log.c.arguments).where(db.log.c.command == MADE).order_by(db.log.c.id).limit(1)
    arguments = connection.execute(made).scalar()
    try:
        return str(json.loads(arguments)["id"]) if arguments is not None else None
    except (ValueError, KeyError, TypeError):  # damaged
        return None


def logged(command: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator for a function that changes its first argument, a study: log its calls as this command.

    A call that writes nothing is not logged, nor is one inside another.
    """

    def decorate(verb: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(verb)

        @wraps(verb)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            if _is_inside.get():
                return verb(*args, **kwargs)
            given = signature.bind(*args, **kwargs).arguments
            study: Any = next(iter(given.values()))
            before = study.writes
            inside = _is_inside.set(True)
            try:
                result = verb(*args, **kwargs)
            except BaseException as error:
                if study.writes > before:
                    _log_stopped(study, command, given, type(error).__name__)
                raise
            finally:
                _is_inside.reset(inside)
            if study.writes > before:
                with study.store.writing() as connection:
                    note(connection, command, list(given.items())[1:], counts(result))
            return result

        return run

    return decorate


def note(connection: Connection, command: str, arguments: Any, outcome: Mapping[str, Any]) -> None:
    """Write an entry: arguments are pairs of name and value."""
    row = {
        # not the server's own next number, which a store that was copied from another database may have used already
        "id": (connection.execute(select(func.max(db.log.c.id))).scalar() or 0) + 1,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": installed_version() or "not installed",
        "command": command,
        # the name of a file need not be text: half pairs of characters become question marks
        "arguments": json.dumps(_arguments(dict(arguments)), ensure_ascii=False).encode("utf-8", "replace").decode(),
        "outcome": json.dumps(outcome, ensure_ascii=False),
    }
    connection.execute(db.log.insert(), [row])


def _log_stopped(study: HasStore, command: str, given: Mapping[str, Any], why: str) -> None:
    """Log a call that stored a part and was stopped; an error here never hides the one that stopped it."""
    note_if_possible(study, command, list(given.items())[1:], {"stopped": why})


def note_if_possible(study: HasStore, command: str, arguments: Any, outcome: Mapping[str, Any]) -> None:
    """Write an entry, unless the study may only be read or others go on writing: a note never stops anybody."""
    patience = study.store.patience
    study.store.patience = _MOMENT  # a call that was interrupted while it began to write may hold the lock still
    try:
        with study.store.writing() as connection:
            note(connection, command, arguments, outcome)
    except Exception:
        return
    finally:
        study.store.patience = patience


def counts(result: object) -> dict[str, Any]:
    """Return the numbers in a function's result; of a list its length.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Added(Result):
    ...     new: tuple[str, ...]
    ...     total: int
    ...     note: str
    >>> counts(Added(("a", "b"), 3, "x"))
    {'new': 2, 'total': 3}
    """
    if not isinstance(result, Result):
        return {}
    found: dict[str, Any] = {}
    for name, value in result.json().items():
        if isinstance(value, bool | int | float):
            found[name] = value
        elif isinstance(value, list | dict):
            found[name] = len(value)
    return found


def _arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that were given, without functions and secrets; of data their size."""
    return {
        name: "…" if _SECRET.search(name) else _argument(value)
        for name, value in given.items()
        if not callable(value) and value is not None
    }


def _argument(value: Any) -> Any:
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return f"a data frame of {len(value)} rows"
    if isinstance(value, list | tuple | set | frozenset):
        values = [_argument(one) for one in list(value)[:_MOST]]
        if len(value) > _MOST or any(isinstance(one, dict) for one in values):
            return f"{len(value)} given"
        return values
    made_plain = plain(value)
    if isinstance(made_plain, dict):
        return _arguments(made_plain)
    if isinstance(made_plain, bool | int | float):
        return made_plain
    words = _SECRET_IN_URL.sub(r"\1…", _USER_IN_URL.sub("", str(made_plain)))
    return words if len(words) <= _LONGEST else words[:_LONGEST] + "…"
