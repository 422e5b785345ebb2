"""The result of adding articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from corpus.draft import Refusal
from corpus.result import Result

if TYPE_CHECKING:
    import pandas as pd


class MultiArticleText(NamedTuple):
    """A text that looks like several articles, and why: `article split` proposes where they begin."""

    article: str
    where: str
    why: str


@dataclass
class AddResult(Result):
    """The result of adding articles: the ids of new, changed and unchanged articles, and what was refused."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    several: list[MultiArticleText] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of articles that were read, new or known."""
        return len(self.new) + len(self.changed) + len(self.unchanged)

    def json(self) -> dict[str, Any]:
        """Return what `add --json` prints: numbers in place of ids."""
        numbers = {name: len(getattr(self, name)) for name in ("new", "changed", "unchanged")}
        refused = [refusal._asdict() for refusal in self.refusals]
        return {**numbers, "refused": refused, "several": [each._asdict() for each in self.several]}

    def table(self) -> pd.DataFrame:
        """Return `outcome, article, where, why`: a row per article, and per text refused or like several."""
        import pandas as pd

        rows = [(name, article, "", "") for name in ("new", "changed", "unchanged") for article in getattr(self, name)]
        rows += [("refused", "", *refusal) for refusal in self.refusals]
        rows += [("several", *several) for several in self.several]
        return pd.DataFrame(rows, columns=["outcome", "article", "where", "why"])

    def note(self, stored: StoredDraft, where: str) -> None:
        """Record the outcome of a draft."""
        if stored.outcome == "refused":
            self.refusals.append(Refusal(where, stored.why))
            return
        {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}[stored.outcome].append(stored.article)
        if stored.several:
            self.several.append(MultiArticleText(stored.article, where, stored.several))


class StoredDraft(NamedTuple):
    """The outcome of a draft: its article's id, or why it was refused; `several` is why it looks like several."""

    outcome: Literal["new", "changed", "unchanged", "refused"]
    article: str = ""
    why: str = ""
    several: str = ""
