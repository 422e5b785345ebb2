"""Coded answers: which of a study's answers count towards agreement, and the same as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import func, select, union_all

from corpus import store as db
from corpus.codebook import Code, Codebook, Level, Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.rereading import book_under
from corpus.study import Study

from .alpha import Floats, Ints

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNTED = ("reliability", "main")  # purposes of rounds whose blind answers count
NOT_COUNTED = "pilot, training or audit"


@dataclass(frozen=True)
class Coded:
    """The answers to one variable as numbers: each has its span, its coder and its code, counted from 0.

    `values` are the codes in the codebook's order; of a multiple-choice variable the sets of codes that were given.
    `articles` (spans) is the number of each span's article, `made` (answers) when each was given, in order; -1 where
    that is not known.
    """

    variable: Variable
    values: tuple[str, ...]
    spans: tuple[str, ...]
    coders: tuple[str, ...]
    articles: Ints
    span: Ints
    coder: Ints
    code: Ints
    made: Ints

    @property
    def counts(self) -> Floats:
        """How many coders gave each code to each span (spans, codes)."""
        cells = np.bincount(self.span * len(self.values) + self.code, minlength=len(self.spans) * len(self.values))
        return cells.reshape(len(self.spans), len(self.values)).astype(float)

    @property
    def scale(self) -> list[float] | None:
        """Where the codes of an interval scale stand."""
        values = [code.value for code in self.variable.codes]
        return [float(v) for v in values if v is not None] if self.variable.level == "interval" else None

    def only(self, spans: npt.NDArray[np.bool_]) -> Coded:
        """Return the answers to some of the spans; the spans stay numbered as they are."""
        inside = spans[self.span]
        kept = {name: getattr(self, name)[inside] for name in ("span", "coder", "code", "made")}
        return replace(self, **kept)


@dataclass(frozen=True)
class Selection:
    """The answers that count, a row each (`span, article, variable, code, coder, …`), and why others do not."""

    frame: pd.DataFrame
    left_out: Mapping[str, int]
    simulated: tuple[str, ...]
    versions: tuple[str, ...]  # of the codebook, that there are answers under
    purpose: str | None = None  # of the round, where one is named and was drawn here

    @property
    def counts(self) -> bool:
        """Whether reliability may be claimed from it: a pilot, a training round or an audit says how that one went."""
        return self.purpose is None or self.purpose in COUNTED


def selection(
    study: Study, round: str | None = None, *, version: str | None = None, training: Collection[str] | None = None
) -> Selection:
    """Select a study's blind answers under one version of its codebook, each coder's first to a span.

    `round` names one round, whatever its purpose; else answers of reliability and main rounds count, and those without
    a round that was drawn here, such as public ones. `training` names others that do not count instead of those whose
    stored purpose is another. `version` is the current one unless another is named: answers are never silently read
    under another version. Where a variable waits for another, an answer counts only if its coder's own answers let it
    be asked.

    Raises BadRound, and NothingToCompare where no answer is left.
    """
    book = book_under(study, version)
    version = version or book.version
    t: Any = db.annotations.c
    columns = [t.span, t.variable, t.code, t.coder, t.round, t.codebook_version, t.made_at, t.simulated]
    with study.store.reading() as connection:
        reread = connection.execute(select(db.raw_annotations.c.span).limit(1)).first() is not None
    if reread:  # so that an earlier version's agreement stays what it was
        raw = db.raw_annotations.c
        t = union_all(select(*columns, t.arm), select(*[raw[one.name] for one in columns], raw.arm)).subquery().c
        columns = [t[one.name] for one in columns]
    query = (
        select(*columns, db.revisions.c.article)
        .join(db.spans, db.spans.c.id == t.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .where(t.arm == "blind", *([] if round is None else [t.round == round]))
    )
    with study.store.reading() as connection:
        rounds = list(connection.execute(select(t.round).distinct().order_by(t.round)).scalars())
        if round is not None and round not in rounds:
            known = ", ".join(name or '""' for name in rounds) or "none yet"
            raise BadRound(f"no answer belongs to a round {round!r}; rounds with answers: {known}")
        result = connection.execute(query)
        rows = [tuple(row) for row in result]  # of SQLAlchemy's own rows pandas makes a frame ten times as slowly
        frame = pd.DataFrame(rows, columns=list(result.keys()))
        assisted = select(func.count()).where(t.arm == "assisted", *([] if round is None else [t.round == round]))
        left_out = Counter(assisted=connection.execute(assisted).scalar_one())
        purposes = dict(connection.execute(select(db.rounds.c.name, db.rounds.c.purpose)).tuples().all())
    if training is None:
        training = [name for name, purpose in purposes.items() if purpose not in COUNTED] if round is None else []
    trained = frame["round"].isin(list(training))
    left_out[NOT_COUNTED], frame = int(trained.sum()), frame[~trained]
    versions = sorted(set(frame["codebook_version"]))
    other = frame["codebook_version"] != version
    left_out["other version"], frame = int(other.sum()), frame[~other]
    if not len(frame):
        raise NothingToCompare(_nothing(version, versions, left_out))
    kinds = frame[["variable", "code"]]
    good = [kind for kind in kinds.drop_duplicates().itertuples(index=False, name=None) if _known(book, *kind)]
    unknown = ~pd.MultiIndex.from_frame(kinds).isin(good)
    left_out["not in the codebook"], frame = int(unknown.sum()), frame[~unknown]
    asked = _asked(book, frame)
    left_out["not asked"], frame = int((~asked).sum()), frame[asked]
    frame = frame.sort_values(["made_at", "round"], na_position="last", kind="stable")
    again = frame.duplicated(["span", "variable", "coder"])
    left_out["coded again"], frame = int(again.sum()), frame[~again]
    simulated = tuple(sorted(set(frame["coder"][frame["simulated"].astype(bool)])))
    return Selection(
        frame, {reason: n for reason, n in left_out.items() if n}, simulated, tuple(versions), purposes.get(round or "")
    )


def _nothing(version: str, versions: list[str], left_out: Mapping[str, int]) -> str:
    if versions:
        return (
            f"no answer was given under version {version} of the codebook; there are answers under "
            f"{', '.join(versions)}: name one with --codebook-version"
        )
    if left_out["assisted"] or left_out[NOT_COUNTED]:
        return (
            "all answers are assisted or from pilots, training and audits; "
            "agreement needs blind answers of reliability or main rounds"
        )
    return "nobody has coded anything yet; import answers of at least two coders: slantwise import FILE"


def _known(book: Codebook, variable: str, code: str) -> bool:
    """Say whether the codebook has the variable and all codes of an answer."""
    return variable in book.by_name and set(code.split("|")) <= set(book.by_name[variable].code_names)


def _asked(book: Codebook, frame: pd.DataFrame) -> Ints:
    """Return for each answer whether its coder's own answers let it be asked (rows, of truth values).

    A coder who has not answered the earlier variable at all was asked all the same: public rows have one variable only.
    """
    numbers = [pd.factorize(frame[name])[0].astype(np.int64) for name in ("span", "coder", "round")]
    key = (numbers[0] * (numbers[1].max(initial=0) + 1) + numbers[1]) * (numbers[2].max(initial=0) + 1) + numbers[2]
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


def coded(book: Codebook, frame: pd.DataFrame) -> Iterator[Coded]:
    """Yield each variable's answers as numbers, in the codebook's order; of a variable without answers too."""
    for variable in book.variables:
        rows = frame[frame["variable"] == variable.name]
        columns = ("span", "coder", "code", "article", "made_at")
        yield numbered(variable, *(rows[name].tolist() for name in columns))


def numbered(
    variable: Variable,
    spans: Sequence[str],
    coders: Sequence[str],
    codes: Sequence[str],
    articles: Sequence[str],
    times: Sequence[str | None] = (),
) -> Coded:
    """Return answers to one variable, given as columns, as numbers."""
    sets = tuple(sorted(set(codes))) if variable.kind == "multiple" else ()
    values = sets or variable.code_names  # these too where nobody has answered
    place = {value: number for number, value in enumerate(values)}
    span, span_names = _factors(spans)
    coder, coder_names = _factors(coders)
    of_span = np.zeros(len(span_names), dtype=np.int64)
    of_span[span] = _factors(articles)[0]
    code = np.array([place[code] for code in codes], dtype=np.int64)
    made = _factors(times)[0] if times else np.full(len(span), -1)
    return Coded(variable, values, span_names, coder_names, of_span, span, coder, code, made)


def _factors(names: Sequence[str | None]) -> tuple[Ints, tuple[str, ...]]:
    numbers, known = pd.factorize(np.array(names, dtype=object), sort=True)
    return numbers.astype(np.int64), tuple(known)


def of_rows(rows: Sequence[tuple[str, str, str]], level: Level = "nominal") -> Coded:
    """Return answers given as (span, coder, code), each span an article of its own; codes are in alphabetical order.

    >>> answers = of_rows([("s1", "ada", "yes"), ("s1", "ben", "no"), ("s2", "ada", "no")])
    >>> answers.values, answers.counts.tolist()
    (('no', 'yes'), [[1.0, 1.0], [1.0, 0.0]])
    """
    spans, coders, codes = zip(*rows, strict=True)
    names = sorted(set(codes))
    scale = [Code.model_construct(name=name, value=float(n)) for n, name in enumerate(names)]
    variable = Variable.model_construct(name="answer", question="", level=level, codes=tuple(scale))
    return numbered(variable, spans, coders, codes, spans)
