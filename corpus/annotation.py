"""Rounds, draws, assignments, annotations, adjudications and suggestions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Arm = Literal["blind", "assisted"]
Layout = Literal["unit", "highlight"]  # code one marked span, or mark spans in a passage
Purpose = Literal["pilot", "training", "reliability", "main", "audit"]
HAND_PICKED = "chosen"  # the stratum of spans picked by hand: they have no known probability, so no estimates
AUTOMATIC = ("majority", "dawid-skene")  # adjudication methods without a person


def codes_of(text: str) -> tuple[str, ...]:
    """Return the codes of an answer that is written as one text, as in the store and in exports.

    >>> codes_of("quote|number"), codes_of("plain"), codes_of("")
    (('quote', 'number'), ('plain',), ())
    """
    return tuple(text.split("|")) if text else ()


def code_text(codes: Iterable[str]) -> str:
    """Return an answer's codes as one text, as it is stored, exported and compared.

    >>> code_text(("quote", "number"))
    'quote|number'
    """
    return "|".join(codes)


@dataclass(frozen=True)
class Round:
    """Spans drawn to be coded, with a purpose; `frame` is the size of the sampling frame.

    `assisted` is the share of each coder's assignments that show a suggestion, `made_at` the time of drawing in UTC.
    """

    name: str
    purpose: Purpose
    layout: Layout
    codebook_version: str
    assisted: float
    seed: int
    made_at: str
    frame: int


@dataclass(frozen=True)
class Design:
    """The design of a round: strata, allocation, overlap between coders, and what coders are shown.

    `by` names the properties that define the strata. With `uniform` spans that the model is uncertain about are
    preferred, and this share τ of the sample is drawn uniformly at random; None draws at random only. `cap` is the
    maximum number of spans per coder per day. `assisted` is the share of each coder's spans that show a suggestion.
    `no_term` is the number of passages without any codebook term to draw as well, as a share of the spans; None is .1
    for main rounds of mentions and 0 for others. With `again` each coder codes own spans again that are at least this
    many days old.

    >>> Design(by="outlet, period", overlap=0.2).by
    ('outlet', 'period')
    """

    by: Sequence[str] = ()
    allocation: Literal["proportional", "equal"] = "proportional"
    least: int = 1  # minimum number of spans per stratum
    spread: bool = False  # spread the sample evenly over outlets and dates
    once_per_copy_group: bool = False
    uniform: float | None = None
    overlap: float = 1.0
    overlap_by: Literal["all", "two"] = "all"
    cap: int | None = None
    assisted: float = 0.0
    layout: Layout = "unit"
    no_term: float | None = None
    again: int | None = None

    def __post_init__(self) -> None:
        names = self.by.split(",") if isinstance(self.by, str) else self.by
        object.__setattr__(self, "by", tuple(dict.fromkeys(name.strip() for name in names if name.strip())))


@dataclass(frozen=True)
class Draw:
    """One span of a round, with its inclusion probability π > 0 and the stratum it was drawn in."""

    round: str
    span: str
    position: int  # in the coders' queues
    pi: float
    stratum: str = ""


@dataclass(frozen=True)
class Assignment:
    """A draw given to one coder in one arm, with the probability of that arm; fixed before coding starts."""

    round: str
    span: str
    coder: str
    arm: Arm
    probability: float

    @property
    def queue_order(self) -> bytes:
        """The key that a coder's assignments are sorted by: each coder sees the spans in a different order."""
        return hashlib.sha256(f"{self.round}\n{self.coder}\n{self.span}".encode()).digest()


@dataclass(frozen=True)
class Outcome:
    """How a coder dealt with an assignment; an open assignment has no outcome.

    `state` is "answered" (also if nothing was marked in a passage), "skipped" with a reason, "deleted" if the coder
    deleted the answer, or "empty" if it was submitted without any code.
    """

    round: str
    span: str
    coder: str
    state: Literal["answered", "skipped", "deleted", "empty"]
    reason: str = ""
    memo: str = ""
    seconds: float | None = None
    at: str | None = None


@dataclass(frozen=True)
class Annotation:
    """One coder's answer to one variable for one span.

    `codes` are the names of codes: one, or several for a multiple-choice variable. `arm` says whether a suggestion was
    shown.
    `seconds` is the coder's time for the span with all its variables. `simulated` annotations were made by a program,
    not by a person.
    """

    span: str
    variable: str
    codes: tuple[str, ...]
    coder: str
    codebook_version: str
    round: str = ""
    arm: Arm = "blind"
    made_at: str | None = None
    memo: str = ""
    seconds: float | None = None
    simulated: bool = False

    @property
    def code(self) -> str:
        """Its codes as one text."""
        return code_text(self.codes)


@dataclass(frozen=True)
class Adjudication:
    """The adjudicated codes of one variable for one span; the coders' annotations are kept as well.

    `by` is the person who decided, or one of AUTOMATIC. Only these methods give a `confidence` from 0 to 1: a majority
    the share of coders who agree, Dawid and Skene a probability.
    """

    round: str
    span: str
    variable: str
    codes: tuple[str, ...]
    by: str
    codebook_version: str
    reason: str = ""
    confidence: float | None = None
    made_at: str | None = None

    @property
    def code(self) -> str:
        """Its codes as one text."""
        return code_text(self.codes)


def stored_row(answer: Annotation | Adjudication) -> dict[str, Any]:
    """Return an answer as a row of its table, where its codes are one text."""
    row = {name: value for name, value in vars(answer).items() if name != "codes"}
    return row | {"code": answer.code}


@dataclass(frozen=True)
class Suggestion:
    """A model's probabilities for one variable of one span, by code.

    `fold` names the held-out fold; it is empty if the model was trained on all annotations. A `doubtful` suggestion is
    below the variable's threshold and is not shown to coders.
    """

    span: str
    variable: str
    model: str
    probabilities: Mapping[str, float]
    fold: str = ""
    doubtful: bool = False

    @property
    def code(self) -> str:
        """The code with the greatest probability.

        >>> Suggestion("s", "wording", "v1", {"plain": 0.3, "liberation": 0.7}).code
        'liberation'
        """
        return max(self.probabilities, key=self.probabilities.__getitem__)
