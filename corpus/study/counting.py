"""Answers that count: which of a study's answers enter a figure or train a classifier, and why others do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Select, select, union_all

from corpus.annotation import Arm, Purpose
from corpus.codebook import Codebook
from corpus.errors import BadRound

from . import database as db

if TYPE_CHECKING:
    from .study import Study

COUNTED_PURPOSES: tuple[Purpose, ...] = ("reliability", "main")  # purposes of rounds whose blind answers count
NOT_COUNTED = "pilot, training or audit"
PURPOSES = get_args(Purpose)


@dataclass(frozen=True)
class Answers:
    """The answers that count, one row each, and how many others there are, by the reason why they do not.

    `frame` has the columns `span, variable, code, coder, round, codebook_version, made_at, seconds, simulated, article,
    outlet`. `rounds` counts the answers in it by round ("" are those of no round), `practice` the answers left out for
    their round's purpose alone, by round. `versions` are those of the codebook that there are answers under.
    """

    frame: pd.DataFrame
    version: str
    left_out: Mapping[str, int]
    practice: Mapping[str, int]
    versions: tuple[str, ...]
    round: str | None = None
    purpose: str | None = None  # of the round, where one is named and was drawn here

    @property
    def counts(self) -> bool:
        """Whether reliability may be claimed from it: a pilot, a training round or an audit says how that one went."""
        return self.purpose is None or self.purpose in COUNTED_PURPOSES

    @cached_property
    def simulated(self) -> tuple[str, ...]:
        """The coders who are no persons."""
        return tuple(sorted(set(self.frame["coder"][self.frame["simulated"].astype(bool)])))

    @cached_property
    def per_coder(self) -> dict[str, int]:
        """How many of the answers each coder gave."""
        return _numbers(self.frame["coder"])

    @cached_property
    def rounds(self) -> dict[str, int]:
        """How many of the answers each round has."""
        return _numbers(self.frame["round"])

    @property
    def why(self) -> str:
        """Why there is no answer that counts, in plain words."""
        if not self.left_out:
            return f"nobody has answered {self.round} yet" if self.round else "nobody has coded anything yet"
        if self.versions and self.version not in self.versions:
            return (
                f"no answer was given under version {self.version} of the codebook; there are answers under "
                f"{', '.join(self.versions)}"
            )
        if self.left_out.keys() <= {"assisted", NOT_COUNTED}:
            return "all answers are assisted or from pilots, training and audits"
        return "no answer counts: " + ", ".join(f"{n} {reason}" for reason, n in self.left_out.items())


def select_answers(
    study: Study,
    round: str | None = None,
    *,
    arm: Arm = "blind",
    version: str | None = None,
    purposes: Collection[str] = COUNTED_PURPOSES,
    rounds: Collection[str] = (),
    not_rounds: Collection[str] | None = None,
    simulated: bool = True,
) -> Answers:
    """Select the answers that count: of one arm, under one version of the codebook, each coder's first to a span.

    `round` names one round, whatever its purpose; else answers of rounds with one of these `purposes` count, those of
    the `rounds` named besides (or all of a purpose that is named so), and those outside any round that was drawn here,
    such as public ones. `not_rounds` names the rounds that do not count instead of those whose purpose is another.
    `version` is the current one unless another is named: answers are never silently read under another version. A coder
    who answers a span again, in a later round, has answered it once: the first answer counts, and the first answers
    alone say what else was asked. Without `simulated` only people's answers count.

    Raises BadRound where a round is named that is neither drawn nor has answers.
    """
    book = study.codebook_under(version)
    version = version or study.codebook.version
    with study.store.reading() as connection:
        r = db.rounds.c
        drawn = dict(connection.execute(select(r.name, r.purpose)).tuples().all())
        result = connection.execute(_every(study))
        rows = [tuple(row) for row in result]  # of SQLAlchemy's own rows pandas makes a frame ten times as slowly
        frame = pd.DataFrame(rows, columns=list(result.keys()))
    named = {name for name in rounds if name in drawn or name not in PURPOSES}
    _check(named if round is None else {round}, frame, drawn)
    if round is not None:
        frame = frame[frame["round"] == round]
    out: Counter[str] = Counter()

    def less(frame: pd.DataFrame, reason: str, gone: npt.NDArray[np.bool_] | pd.Series[bool]) -> pd.DataFrame:
        out[reason] += int(gone.sum())
        return frame[~gone]

    frame = less(frame, "assisted" if arm == "blind" else "blind", frame["arm"] != arm)
    if not_rounds is None:
        taken = {*purposes, *rounds}
        not_rounds = [name for name, purpose in drawn.items() if not {name, purpose} & taken] if round is None else []
    apart = frame["round"].isin(list(not_rounds))
    practice = _numbers(frame["round"][apart & (frame["codebook_version"] == version)])
    frame = less(frame, NOT_COUNTED, apart)
    versions = tuple(sorted(set(frame["codebook_version"])))
    frame = less(frame, "other version", frame["codebook_version"] != version)
    frame = less(frame, "not in the codebook", ~_known(book, frame))
    if not simulated:
        frame = less(frame, "simulated", frame["simulated"].astype(bool))
    frame = frame.sort_values(["made_at", "round"], na_position="last", kind="stable")
    frame = less(frame, "coded again", frame.duplicated(["span", "variable", "coder"]))
    frame = less(frame, "not asked", ~_asked(book, frame))
    left_out = {reason: n for reason, n in out.items() if n}
    return Answers(frame.drop(columns="arm"), version, left_out, practice, versions, round, drawn.get(round or ""))


def training_answers(study: Study, *, simulated: bool = True) -> Answers:
    """Return the answers that train the study's classifier: those that count, and of `rounds` in its settings.

    Pilots and coder training train a classifier only where study.toml names them (`slantwise train --rounds pilot`).
    """
    return select_answers(study, rounds=study.settings.model.rounds, simulated=simulated)


def answered_spans(study: Study) -> set[str]:
    """Return the spans that anybody has answered, whether the answer counts or not."""
    with study.store.reading() as connection:
        return set(connection.execute(select(db.annotations.c.span).distinct()).scalars())


def _every(study: Study) -> Select[tuple[object, ...]]:
    """Return the query of all answers, those that were re-read also as they were given, with their article."""
    t: Any = db.annotations.c
    names = ("span", "variable", "code", "coder", "round", "codebook_version", "made_at", "seconds", "simulated", "arm")
    columns = [t[name] for name in names]
    with study.store.reading() as connection:
        reread = connection.execute(select(db.raw_annotations.c.span).limit(1)).first() is not None
    if reread:  # so that an earlier version's agreement stays what it was
        raw = db.raw_annotations.c
        t = union_all(select(*columns), select(*[raw[name] for name in names])).subquery().c
        columns = [t[name] for name in names]
    return (
        select(*columns, db.revisions.c.article, db.articles.c.outlet)
        .join(db.spans, db.spans.c.id == t.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
    )


def _check(named: Collection[str], frame: pd.DataFrame, drawn: Mapping[str, str]) -> None:
    there = set(frame["round"])
    if unknown := sorted(set(named) - there - set(drawn)):
        known = ", ".join(name or '""' for name in sorted(there)) or "none yet"
        raise BadRound(f"no answer belongs to a round {unknown[0]!r}; rounds with answers: {known}")


def _numbers(column: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(n) for name, n in column.value_counts(sort=False).sort_index().items()}


def _known(book: Codebook, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return for each answer whether the codebook has its variable and all its codes (rows)."""
    kinds = frame[["variable", "code"]]
    good = [
        (variable, code)
        for variable, code in kinds.drop_duplicates().itertuples(index=False, name=None)
        if variable in book.by_name and set(code.split("|")) <= set(book.by_name[variable].code_names)
    ]
    known: npt.NDArray[np.bool_] = pd.MultiIndex.from_frame(kinds).isin(good)
    return known


def _asked(book: Codebook, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return for each answer whether its coder's own answers to the span let it be asked (rows).

    A coder who has not answered the earlier variable at all was asked all the same: public rows have one variable only.
    """
    span, coder = (pd.factorize(frame[name])[0].astype(np.int64) for name in ("span", "coder"))
    key = span * (coder.max(initial=0) + 1) + coder
    asked = np.ones(len(frame), dtype=bool)
    where = {v.name: np.flatnonzero(frame["variable"] == v.name) for v in book.variables}
    codes = frame["code"].to_numpy()
    for variable in book.variables:
        mine = where[variable.name]
        for earlier, waited in variable.asked_when.items():
            rows = where[earlier]
            leads = pd.Series(codes[rows]).map(lambda code, waited=waited: bool(set(code.split("|")) & set(waited)))
            stop = rows[~(leads.to_numpy(dtype=bool) & asked[rows])]
            asked[mine] &= ~np.isin(key[mine], key[stop])
    return asked
