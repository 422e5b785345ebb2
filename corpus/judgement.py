"""Judgements: who said what about which span, and under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Arm = Literal["blind", "assisted"]


@dataclass(frozen=True)
class Annotation:
    """One coder's answer to one variable for one span.

    `code` is a code's name, for a multiple-choice variable several joined by `|`. `arm` says whether a suggestion was
    shown; answers given without one are blind. `simulated` answers come from no person and are named so.
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
class Suggestion:
    """A model's probabilities for one variable of one span, by code; `fold` is empty where all answers trained it."""

    span: str
    variable: str
    model: str
    probabilities: Mapping[str, float]
    fold: str = ""

    @property
    def code(self) -> str:
        """The code with the greatest probability.

        >>> Suggestion("s", "wording", "v1", {"plain": 0.3, "liberation": 0.7}).code
        'liberation'
        """
        return max(self.probabilities, key=self.probabilities.__getitem__)
