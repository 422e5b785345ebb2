"""The result of adding articles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import Connection, func, select

from corpus.draft import Refusal
from corpus.result import Result, balance
from corpus.study import database as db
from corpus.text.folding import look_alikes, named

if TYPE_CHECKING:
    import pandas as pd


State = tuple[Any, ...]  # of an article with drawn spans


class MultiArticleText(NamedTuple):
    """A text that looks like several articles, and why: `article split` proposes where they begin."""

    article: str
    where: str
    why: str


@dataclass
class AddResult(Result):
    """The result of adding articles: the ids of new, changed and unchanged articles, and all that is not among them.

    The balance adds up: `read` is the sum of new, changed, unchanged, passed over and refused. `passed_over` are files
    that are not articles, and articles that were removed from the study; `warnings` concern articles that were stored
    all the same. `own_keys` are articles whose key (file name, id, address) another article has already; they were
    stored under keys of their own. `notes` say in sentences what of the texts is not counted, such as page furniture.
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
    undated: int = 0  # of the new articles

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

    @property
    def undated_note(self) -> list[str]:
        """How many of the new articles have no date, in a sentence; empty if all have one."""
        if not self.undated:
            return []
        which = (
            f"{self.undated:,} of {len(self.new):,} new articles have" if len(self.new) > 1 else "the new article has"
        )
        return [f"{which} no date; name it in a manifest or in a column published, and add the files again"]

    def note(self, stored: StoredDraft, where: str) -> None:
        """Record the outcome of a draft."""
        if stored.outcome == "refused":
            self.refusals.append(Refusal(where, stored.why))
            return
        if stored.outcome == "removed":
            self.passed_over.append(Refusal(where, stored.why))
            return
        {"new": self.new, "changed": self.changed, "unchanged": self.unchanged}[stored.outcome].append(stored.article)
        self.undated += stored.outcome == "new" and not stored.dated
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

    outcome: Literal["new", "changed", "unchanged", "refused", "removed"]
    article: str = ""
    why: str = ""
    several: str = ""
    doubt: str = ""
    other: str | None = None
    dated: bool = True


def state_of_drawn(connection: Connection) -> dict[str, State]:
    """Return for each article with drawn spans their number, and what decides on the figures that they are in.

    These are its day, event, copy group and language, and whether its text is cut.
    """
    a, r, s, c = db.articles.c, db.revisions.c, db.spans.c, db.cut_texts.c
    if connection.execute(select(db.draws.c.span).limit(1)).first() is None:
        return {}
    decisive = (a.published, a.event, a.copy_group, a.language, c.state)
    query = (
        select(a.id, func.count(db.draws.c.span.distinct()), *decisive)
        .join(db.revisions, r.article == a.id)
        .join(db.spans, s.revision == r.id)
        .join(db.draws, db.draws.c.span == s.id)
        .outerjoin(db.cut_texts, c.article == a.id)
        .group_by(a.id, *decisive)
    )
    return {row[0]: tuple(row[1:]) for row in connection.execute(query)}


def drawn_notes(before: Mapping[str, State], connection: Connection) -> list[str]:
    """Return the note on the drawn spans whose article has changed since `before`, if there are any."""
    note = drawn_note(before, state_of_drawn(connection)) if before else None
    return [note] if note else []


def drawn_note(before: Mapping[str, State], now: Mapping[str, State]) -> str | None:
    """Return a sentence on the drawn spans whose article has changed between two states; None if none has.

    >>> drawn_note({"a": (3, "2025-01-03", None, "a", "en", None)}, {"a": (3, "2025-01-03", None, "b", "en", None)})
    '3 drawn spans of 1 article have another copy group now; no probability of inclusion changes'
    """
    names = ("date", "event", "copy group", "language", "state as cut or whole")
    changed = [article for article, state in before.items() if now.get(article, state)[1:] != state[1:]]
    if not changed:
        return None
    which = [name for n, name in enumerate(names, 1) if any(now[one][n] != before[one][n] for one in changed)]
    spans, articles = sum(before[one][0] for one in changed), len(changed)
    of = "1 article" if articles == 1 else f"{articles} articles"
    what = which[0] if len(which) == 1 else f"{', '.join(which[:-1])} or {which[-1]}"
    has = "1 drawn span of 1 article has" if spans == 1 else f"{spans} drawn spans of {of} have"
    return f"{has} another {what} now; no probability of inclusion changes"


def known_outlets(connection: Connection) -> set[str]:
    """Return the outlets of the study."""
    return set(connection.execute(select(db.outlets.c.name)).scalars())


def outlet_warnings(before: Collection[str], now: Collection[str]) -> list[Refusal]:
    """Return a warning for each group of outlets whose names differ in letters only, if one of them is new.

    >>> outlet_warnings({"The Herald"}, {"The Herald", "the herald", "Courier"})[0].where
    'outlets The Herald and the herald'
    """
    why = (
        "these names differ in letters only and count as {} outlets; if one is meant, write it one way, and name your "
        "outlets in study.toml, so that other names are refused"
    )
    alike = [group for group in look_alikes(now) if not set(group) <= set(before)]
    return [Refusal(f"outlets {named(group)}", why.format(len(group))) for group in alike]
