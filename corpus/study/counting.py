"""Select the answers that enter a figure or train a classifier, and say why others are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Select, select, union_all

from corpus.annotation import AUTOMATIC, Arm, Purpose, codes_of
from corpus.codebook import Codebook
from corpus.errors import BadRound

from . import database as db
from . import dataframes
from .history.handing_in import count_late

if TYPE_CHECKING:
    from .study import Study

COUNTED_PURPOSES: tuple[Purpose, ...] = ("reliability", "main")  # purposes of rounds whose blind answers count
NOT_COUNTED = "pilot, training or audit"
CHANGED_LATE = "changed after handing in"  # what a coder's answer was changed to; the first one counts
PURPOSES = get_args(Purpose)
DIVIDED = "(divided)"  # of a span: no code was given by more coders than any other, and none was decided on


@dataclass(frozen=True)
class Answers:
    """The answers that count, one row each, and the number of the others by the reason why they do not count.

    `frame` has the columns `span, variable, code, coder, round, codebook_version, made_at, seconds, simulated, article,
    outlet`. `rounds` counts the answers in it by round ("" for those of no round), `practice` the answers left out
    only because of their round's purpose, by round. `versions` are the codebook versions that have answers.
    """

    frame: pd.DataFrame
    version: str
    left_out: Mapping[str, int]
    practice: Mapping[str, int]
    versions: tuple[str, ...]
    round: str | None = None
    purpose: str | None = None  # of the round, where one is named and was drawn here

    @property
    def claim_reliability(self) -> bool:
        """Whether reliability may be claimed from these answers, which is not so for a pilot, training or an audit."""
        return self.purpose is None or self.purpose in COUNTED_PURPOSES

    @cached_property
    def simulated(self) -> tuple[str, ...]:
        """The simulated coders."""
        return tuple(sorted(set(self.frame["coder"][self.frame["simulated"].astype(bool)])))

    @cached_property
    def per_coder(self) -> dict[str, int]:
        """The number of answers of each coder."""
        return _numbers(self.frame["coder"])

    @cached_property
    def rounds(self) -> dict[str, int]:
        """The number of answers of each round."""
        return _numbers(self.frame["round"])

    @property
    def changed_late(self) -> int:
        """The number of answers that were changed after handing in; the first ones count."""
        return self.left_out.get(CHANGED_LATE, 0)

    @property
    def why_empty(self) -> str:
        """Why no answer counts, in plain words."""
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
    rounds: Collection[str] = (),
    not_rounds: Collection[str] | None = None,
    simulated: bool = True,
) -> Answers:
    """Select the answers that count: of one arm, under one version of the codebook, each coder's first to a span.

    With `round`, the answers of that round count, whatever its purpose. Otherwise those of reliability and main rounds
    count, those of the further `rounds` (names, or purposes), and those of no round drawn here, such as public ones.
    `not_rounds` excludes rounds by name instead of by purpose. `version` is the codebook version, by default the
    current one: answers are never silently read under another. Where a coder answers a span again in a later round,
    only the first answer counts, and only first answers decide which further variables were asked. Without `simulated`
    only people's answers count.

    Answers that a coder changed after handing a round in count as they were first given. Raises BadRound if a named
    round was not drawn and has no answers.
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
    left_out: Counter[str] = Counter()

    def leave_out(frame: pd.DataFrame, reason: str, rows: npt.NDArray[np.bool_] | pd.Series[bool]) -> pd.DataFrame:
        left_out[reason] += int(rows.sum())
        return frame[~rows]

    frame = leave_out(frame, "assisted" if arm == "blind" else "blind", frame["arm"] != arm)
    if not_rounds is None:
        wanted = {*COUNTED_PURPOSES, *rounds}
        not_rounds = [name for name, purpose in drawn.items() if not {name, purpose} & wanted] if round is None else []
    excluded = frame["round"].isin(list(not_rounds))
    practice = _numbers(frame["round"][excluded & (frame["codebook_version"] == version)])
    frame = leave_out(frame, NOT_COUNTED, excluded)
    versions = tuple(sorted(set(frame["codebook_version"])))
    frame = leave_out(frame, "other version", frame["codebook_version"] != version)
    frame = leave_out(frame, "not in the codebook", ~_in_codebook(book, frame))
    if passages := dataframes.excluded(study.store):  # spans leave the domain; no π changes
        reasons_by_row = frame["span"].map(lambda span: dataframes.why_excluded(passages, span))
        for reason in sorted({*reasons_by_row} - {""}):
            frame = leave_out(frame, reason, reasons_by_row.reindex(frame.index) == reason)
    if not simulated:
        frame = leave_out(frame, "simulated", frame["simulated"].astype(bool))
    frame = frame.sort_values(["made_at", "round"], na_position="last", kind="stable")
    frame = leave_out(frame, "coded again", frame.duplicated(["span", "variable", "coder"]))
    frame = leave_out(frame, "not asked", ~_asked(book, frame))
    left_out[CHANGED_LATE] = count_late(study, version, set(frame["round"]))
    reasons = {reason: n for reason, n in left_out.items() if n}
    return Answers(frame.drop(columns="arm"), version, reasons, practice, versions, round, drawn.get(round or ""))


def training_answers(study: Study, *, simulated: bool = True) -> Answers:
    """Return the answers that train the study's classifier: those that count, and those of `rounds` in its settings.

    Pilots and coder training train a classifier only where study.toml names them (`slantwise train --rounds pilot`).
    """
    return select_answers(study, rounds=study.settings.model.rounds, simulated=simulated)


def decided_codes(study: Study, *, rounds: Collection[str] = ()) -> dict[str, dict[str, str]]:
    """Return the adjudicated codes that count, by span and variable: those of rounds whose answers count.

    They are decisions under the codebook's current version, in reliability and main rounds, in the further `rounds`
    (names, or purposes), and in rounds that were not drawn here. Of several rounds' codes a person's comes before a
    method's, then the latest.
    """
    t, r = db.adjudications.c, db.rounds.c
    query = select(t.span, t.variable, t.code, t.by, t.made_at, t.round, r.purpose).outerjoin(
        db.rounds, r.name == t.round
    )
    wanted = {*COUNTED_PURPOSES, *rounds}
    with study.store.reading() as connection:
        rows = connection.execute(query.where(t.codebook_version == study.codebook.version)).all()
    counted = [row for row in rows if row.purpose is None or {row.round, row.purpose} & wanted]
    codes: dict[str, dict[str, str]] = {}
    for row in sorted(counted, key=lambda row: (row.by not in AUTOMATIC, row.made_at or "", row.round)):
        codes.setdefault(row.span, {})[row.variable] = row.code
    return codes


def span_codes(study: Study, variable: str) -> dict[str, str]:
    """Return the code of each coded span on a variable: the adjudicated one, else that of most coders, else DIVIDED.

    Answers and decisions count as for all figures. Empty if the codebook has no such variable.
    """
    answers = select_answers(study).frame
    answers = answers[answers["variable"] == variable]
    given: dict[str, list[str]] = {}
    for span, code in answers[["span", "code"]].itertuples(index=False, name=None):
        given.setdefault(span, []).append(code)
    decided, found = decided_codes(study), dict[str, str]()
    asked_when = study.codebook.by_name[variable].asked_when if given else {}
    for span, each in given.items():
        codes = decided.get(span, {})
        if any(name in codes and not set(codes_of(codes[name])) & set(asked) for name, asked in asked_when.items()):
            continue  # by what was decided it was not asked
        if code := codes.get(variable) or majority(each):
            found[span] = code
    return found


def majority(answers: Iterable[str | None]) -> str | None:
    """Return the most frequent answer, DIVIDED where two are equally frequent, None without answers.

    >>> majority(["plain", "plain", "occupation", None]), majority(["plain", "occupation"])
    ('plain', '(divided)')
    """
    ranked = Counter(code for code in answers if code is not None).most_common(2)
    if not ranked:
        return None
    return DIVIDED if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else ranked[0][0]


def answered_spans(study: Study, spans: Iterable[str] | None = None) -> set[str]:
    """Return the spans, or those of some spans, that anybody has answered, whether the answer counts or not."""
    answered = select(db.annotations.c.span).distinct()
    with study.store.reading() as connection:
        if spans is None:
            return set(connection.execute(answered).scalars())
        found: set[str] = set()
        for batch in db.batches(spans):
            found.update(connection.execute(answered.where(db.annotations.c.span.in_(batch))).scalars())
        return found


def _every(study: Study) -> Select[tuple[object, ...]]:
    """Return the query of all answers with their article; migrated answers also appear as they were given."""
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
    with_answers = set(frame["round"])
    if unknown := sorted(set(named) - with_answers - set(drawn)):
        known = ", ".join(name or '""' for name in sorted(with_answers)) or "none yet"
        raise BadRound(f"no answer belongs to a round {unknown[0]!r}; rounds with answers: {known}")


def _numbers(column: pd.Series[Any]) -> dict[str, int]:
    return {str(name): int(n) for name, n in column.value_counts(sort=False).sort_index().items()}


def _in_codebook(book: Codebook, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return for each answer whether the codebook has its variable and all its codes (rows)."""
    kinds = frame[["variable", "code"]]
    good = [
        (variable, code)
        for variable, code in kinds.drop_duplicates().itertuples(index=False, name=None)
        if variable in book.by_name and set(codes_of(code)) <= set(book.by_name[variable].code_names)
    ]
    in_codebook: npt.NDArray[np.bool_] = pd.MultiIndex.from_frame(kinds).isin(good)
    return in_codebook


def _asked(book: Codebook, frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return for each answer whether its coder's own answers to the span allow its variable to be asked (rows).

    A coder without any answer to the earlier variable counts as asked: public rows have one variable only.
    """
    span, coder = (pd.factorize(frame[name])[0].astype(np.int64) for name in ("span", "coder"))
    key = span * (coder.max(initial=0) + 1) + coder
    asked = np.ones(len(frame), dtype=bool)
    rows_of = {v.name: np.flatnonzero(frame["variable"] == v.name) for v in book.variables}
    codes = frame["code"].to_numpy()
    for variable in book.variables:
        own = rows_of[variable.name]
        for earlier, wanted in variable.asked_when.items():
            rows = rows_of[earlier]
            leads = pd.Series(codes[rows]).map(lambda code, wanted=wanted: bool(set(codes_of(code)) & set(wanted)))
            stop = rows[~(leads.to_numpy(dtype=bool) & asked[rows])]
            asked[own] &= ~np.isin(key[own], key[stop])
    return asked
