"""The result of adding articles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from corpus.draft import Refusal
from corpus.result import Result, balance

if TYPE_CHECKING:
    import pandas as pd


class MultiArticleText(NamedTuple):
    """A text that looks like several articles, and why: `article split` proposes where they begin."""

    article: str
    where: str
    why: str


@dataclass
class AddResult(Result):
    """The result of adding articles: the ids of new, changed and unchanged articles, and all that is not among them.

    The balance adds up: `read` is the sum of new, changed, unchanged, passed over and refused. `passed_over` are files
    that are not articles; `warnings` concern articles that were stored all the same. `own_keys` are articles whose key
    (file name, id, address) another article has already; they were stored under keys of their own. `notes` say
    in sentences what of the texts is not counted, such as page furniture.
    """

    read: int = 0
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    own_keys: list[Refusal] = field(default_factory=list)
    several: list[MultiArticleText] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of articles that were stored or known."""
        return len(self.new) + len(self.changed) + len(self.unchanged)

    @property
    def balance(self) -> str:
        """What became of everything that was read, in a line that adds up."""
        outcomes = len(self.new), len(self.changed), len(self.unchanged)
        return balance(self.read, *outcomes, len(self.passed_over), len(self.refusals))

    def json(self) -> dict[str, Any]:
        """Return what `add --json` prints: numbers in place of ids."""
        numbers = {name: len(getattr(self, name)) for name in ("new", "changed", "unchanged")}
        listed = {
            "refused": self.refusals, "passed_over": self.passed_over, "warnings": self.warnings,
            "own_keys": self.own_keys,
        }  # fmt: skip
        several = [each._asdict() for each in self.several]
        rows = {name: [each._asdict() for each in refusals] for name, refusals in listed.items()}
        return {"read": self.read, **numbers, **rows, "several": several, "notes": self.notes}

    def table(self) -> pd.DataFrame:
        """Return `outcome, article, where, why`: a row per article, and per text refused, passed over or doubtful."""
        import pandas as pd

        rows = [(name, article, "", "") for name in ("new", "changed", "unchanged") for article in getattr(self, name)]
        rows += [("refused", "", *refusal) for refusal in self.refusals]
        rows += [("passed over", "", *passed) for passed in self.passed_over]
        rows += [("warning", "", *warning) for warning in self.warnings]
        rows += [("own key", "", *own_key) for own_key in self.own_keys]
        rows += [("several", *several) for several in self.several]
        return pd.DataFrame(rows, columns=["outcome", "article", "where", "why"])

    def note(self, stored: StoredDraft, where: str) -> None:
        """Record the outcome of a draft."""
        if stored.outcome == "refused":
            self.refusals.append(Refusal(where, stored.why))
            return
        {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}[stored.outcome].append(stored.article)
        if stored.doubt:
            self.warnings.append(Refusal(where, stored.doubt))
        if stored.other and stored.outcome == "new":
            why = f"article {stored.other} has the same key and another text; this one is article {stored.article}"
            self.own_keys.append(Refusal(where, why))
        if stored.several:
            self.several.append(MultiArticleText(stored.article, where, stored.several))


class StoredDraft(NamedTuple):
    """The outcome of a draft: its article's id, or why it was refused; `several` is why it looks like several.

    The warning `doubt` concerns an article that the study has all the same.

    `other` is the id of an article that has the same key and another text.
    """

    outcome: Literal["new", "changed", "unchanged", "refused"]
    article: str = ""
    why: str = ""
    several: str = ""
    doubt: str = ""
    other: str | None = None
