"""What a check of a study has looked at, and what it has found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, PendingRollbackError, SQLAlchemyError

from corpus.errors import SlantwiseError
from corpus.result import Result

if TYPE_CHECKING:
    from corpus.study import Study

SHOWN = 5  # places that a finding names
RESTORE = "bring back a backup made before: slantwise study restore FILE DIR"
REBUILT = "it is found again from the texts and answers: slantwise study repair"


@dataclass(frozen=True)
class Finding:
    """Something that is not as Slantwise wrote it: where, what that means for figures, and what to do."""

    what: str
    where: str
    places: int
    means: str
    todo: str


@dataclass(frozen=True)
class CheckedStudy(Result):
    """What was checked, with how many of each, what could not be checked and why, and the findings."""

    checked: Mapping[str, int]
    unchecked: Mapping[str, str]
    findings: tuple[Finding, ...]
    printed = ("whole",)
    rows = "findings"

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass
class Look:
    """A check in progress."""

    study: Study
    checked: dict[str, int] = field(default_factory=dict)
    unchecked: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def count(self, what: str, n: int, wrong: Iterable[str] = (), *, means: str = "", todo: str = RESTORE) -> None:
        """Note that `n` of something were checked, and the places where it is wrong."""
        self.checked[what] = self.checked.get(what, 0) + n
        places = sorted(set(wrong))
        if places:
            more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
            self.findings.append(Finding(what, ", ".join(places[:SHOWN]) + more, len(places), means, todo))

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Check a part; values that cannot be read are a finding, and the other parts are checked all the same."""
        try:
            yield
        except (SlantwiseError, SQLAlchemyError, ValueError, KeyError, TypeError, AttributeError) as error:
            if not _is_of_values(error):
                raise
            self.findings.append(
                Finding(what, f"{type(error).__name__}: {error}"[:300], 1, "values here cannot be read", RESTORE)
            )


def _is_of_values(error: Exception) -> bool:
    """Return whether an error comes from what is stored, and not from the way there: a server that cannot be reached.

    PostgreSQL refuses what follows an error in a transaction, too, so a check of it ends with the first.
    """
    if isinstance(error, PendingRollbackError):
        return False
    of_server = isinstance(error, DBAPIError) and type(error.orig).__module__.startswith("psycopg")
    return not of_server or isinstance(error, DataError)
