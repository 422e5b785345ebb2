"""The result of splitting texts into spans: what of them is not counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from corpus.draft import Refusal
from corpus.result import Result


@dataclass
class RespanResult(Result):
    """How many revisions were split into spans, and what of their articles' first texts is not counted.

    `furniture` is by outlet the number of paragraphs that were taken for page furniture, `furniture_terms` the number
    of those with a term of the codebook. `repeated_terms` are the lines that an outlet repeats and that stay text,
    because they have such a term. `cut` is the number of texts of which only the beginning was read, `unsure` of those
    that may be cut.
    """

    split: int = 0
    furniture: Counter[str] = field(default_factory=Counter)
    furniture_terms: int = 0
    cut: int = 0
    unsure: int = 0
    repeated_terms: set[tuple[str, str]] = field(default_factory=set)

    def json(self) -> dict[str, Any]:
        """Return what `respan --json` prints: numbers in place of lines."""
        furniture = dict(sorted(self.furniture.items()))
        repeated = len(self.repeated_terms)
        return {
            "split": self.split,
            "furniture": furniture,
            "furniture_terms": self.furniture_terms,
            "repeated_terms": repeated,
            "cut": self.cut,
            "unsure": self.unsure,
        }

    @property
    def notes(self) -> list[str]:
        """What a person should know of it, a sentence each."""
        notes, see = [], "see: slantwise article furniture"
        if n := self.furniture.total():
            outlets = numbered(len(self.furniture), "outlet")
            some = f", {self.furniture_terms} of them with a term of the codebook" if self.furniture_terms else ""
            notes.append(f"{numbered(n, 'paragraph')} of {outlets} {was(n)} taken for page furniture{some}; {see}")
        if n := len(self.repeated_terms):
            lines = numbered(n, "repeated paragraph")
            notes.append(f"{lines} with a term of the codebook {was(n)} kept as text and counted; {see}")
        if n := self.unsure:
            notes.append(f"{numbered(n, 'text')} may be cut, and {was(n)} counted; see: slantwise article cut")
        return notes

    @property
    def warnings(self) -> list[Refusal]:
        """What concerns texts that were stored all the same."""
        if not self.cut:
            return []
        they = "it ends before its end and counts" if self.cut == 1 else "they end before their end and count"
        why = f"{they} in no figure, as where a paywall is in the way; see: slantwise article cut"
        return [Refusal(numbered(self.cut, "cut text"), why)]


def numbered(n: int, noun: str) -> str:
    """Return a number with its noun: "1 paragraph", "2,000 paragraphs"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def was(n: int) -> str:
    """Return the verb after a number of things."""
    return "was" if n == 1 else "were"
