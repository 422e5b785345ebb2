"""Judgements: who said what about which span, why it was asked, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Arm = Literal["blind", "assisted"]
Layout = Literal["unit", "highlight"]  # one marked span to code, or a passage in which coders mark spans themselves
Purpose = Literal["pilot", "training", "reliability", "main", "audit"]
CHOSEN = "chosen"  # the stratum of draws that were picked and not drawn at random: nothing is estimated from them
AUTOMATIC = ("majority", "dawid-skene")  # what adjudicates without a person


@dataclass(frozen=True)
class Round:
    """Spans drawn to be coded, with a purpose; `frame` counts the spans that it was drawn from.

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
    """How a round is drawn: strata `by` which properties, which share several coders code, by chance or by doubt.

    `uniform` is the part τ of a draw by the model's doubt that does not look at the doubt; None draws at random. `cap`
    is how many spans a coder gets a day.
    """

    by: tuple[str, ...] = ()
    allocation: Literal["proportional", "equal"] = "proportional"
    least: int = 1  # spans of each stratum
    spread: bool = False  # evenly along outlets and dates
    once_per_copy_group: bool = False
    uniform: float | None = None
    overlap: float = 1.0
    overlap_by: Literal["all", "two"] = "all"
    cap: int | None = None


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
    """A draw given to one coder in one arm, with the probability of that arm; both by design, before anybody codes."""

    round: str
    span: str
    coder: str
    arm: Arm
    probability: float


@dataclass(frozen=True)
class Outcome:
    """What became of an assignment on the coder's side.

    `state` is "answered" (also with nothing marked in a passage), "skipped" with a reason, "deleted" where an answer
    was taken back, or "empty" where one was submitted without any code. Without an outcome nobody has answered.
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

    `code` is a code's name, for a multiple-choice variable several joined by `|`. `arm` says whether a suggestion was
    shown; answers given without one are blind. `seconds` counts the coder's time for the span with all its variables.
    `simulated` answers come from no person and are named so.
    """

    span: str
    variable: str
    code: str
    coder: str
    codebook_version: str
    round: str = ""
    arm: Arm = "blind"
    made_at: str | None = None
    memo: str = ""
    seconds: float | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Adjudication:
    """The answer to one variable for one span after adjudication; the coders' own answers stay beside it.

    `by` is who decided: a person, or one of AUTOMATIC. `confidence` is what such a method gives its code, from 0 to 1:
    for a majority its share of the coders, for Dawid and Skene a probability; a person's decision has none.
    """

    round: str
    span: str
    variable: str
    code: str
    by: str
    codebook_version: str
    reason: str = ""
    confidence: float | None = None
    made_at: str | None = None


@dataclass(frozen=True)
class Suggestion:
    """A model's probabilities for one variable of one span, by code; `fold` is empty where all answers trained it.

    A `doubtful` one stays below the variable's threshold and is shown to nobody.
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
