"""Adjudication: decide on one code for each span, by a method or a person.

The coders' own answers stay unchanged, and agreement uses only these. Only blind answers are adjudicated: an answer
influenced by a suggestion cannot serve as the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from annotate.agreement.reliability_data import ReliabilityData, data_by_variable, reliability_answers
from corpus.annotation import AUTOMATIC, Adjudication, codes_of, stored_row
from corpus.annotations.coder_names import quoted
from corpus.codebook import Codebook, Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.result import Result
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged
from corpus.study.history.removals import still_there
from corpus.study.row_digests import values_of
from corpus.text.folding import look_alikes, named

from .aggregate import MIN_CODERS, CodesWithConfidence, dawid_skene, majority

METHODS: Mapping[str, Callable[[ReliabilityData], CodesWithConfidence]] = dict(
    zip(AUTOMATIC, (majority, dawid_skene), strict=True)
)


@dataclass(frozen=True)
class SharedSpan:
    """A span of a round that at least two coders answered.

    `answers` are variable → coder → code, `memos` the coders' notes by coder, `decided` the adjudications by variable.
    """

    span: str
    answers: Mapping[str, Mapping[str, str]]
    memos: Mapping[str, str] = field(default_factory=dict)
    decided: Mapping[str, Adjudication] = field(default_factory=dict)

    @property
    def coders(self) -> list[str]:
        """The coders who answered, in alphabetical order."""
        return sorted({coder for codes in self.answers.values() for coder in codes})

    @property
    def disputed(self) -> list[str]:
        """The variables with different answers."""
        return [variable for variable, codes in self.answers.items() if len(set(codes.values())) > 1]

    @property
    def adjudicator(self) -> str | None:
        """The person who decided the span, None where nobody has."""
        return next((one.by for one in self.decided.values() if one.by not in AUTOMATIC), None)

    def open(self, book: Codebook) -> list[str]:
        """Return the disputed variables without a decision, leaving out variables that depend on these.

        >>> from corpus.codebook import load
        >>> answers = {"mention": {"ada": "change", "ben": "none"}, "gainer": {"ada": "side-a"}}
        >>> SharedSpan("s", answers).open(load("territorial-control"))
        ['mention']
        """
        decided = {variable: adjudication.code for variable, adjudication in self.decided.items()}
        return [] if self.adjudicator else final_codes(book, self.answers, decided)[1]


def final_codes(
    book: Codebook, answers: Mapping[str, Mapping[str, str]], decided: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return a span's final code for each variable that applies given the codes before it, and the open variables.

    The final code is the one in `decided`, else the one that all coders gave; where they differ, the variable is open.
    """
    codes: dict[str, str] = {}
    open_variables: list[str] = []
    for variable in book.variables:
        distinct = set(answers.get(variable.name, {}).values())
        if not distinct or not _is_asked(variable, answers, codes):
            continue
        code = decided.get(variable.name) or (distinct.pop() if len(distinct) == 1 else None)
        if code is None:
            open_variables.append(variable.name)
        else:
            codes[variable.name] = code
    return codes, open_variables


def _is_asked(variable: Variable, answers: Mapping[str, Any], codes: Mapping[str, str]) -> bool:
    """Return whether the variable applies; conditions on variables that nobody answered are ignored."""
    return all(
        name not in answers or set(codes_of(codes.get(name, ""))) & set(required)
        for name, required in variable.asked_when.items()
    )


def shared_spans(study: Study, round: str) -> list[SharedSpan]:
    """Return the spans of a round that at least two coders answered, in the order of the texts.

    Raises BadRound, and NothingToCompare if there are none.
    """
    frame = reliability_answers(study, round).frame
    answers: dict[str, dict[str, dict[str, str]]] = {}
    for span, variable, coder, code in frame[["span", "variable", "coder", "code"]].itertuples(index=False, name=None):
        answers.setdefault(span, {}).setdefault(variable, {})[coder] = code
    names = [variable.name for variable in study.codebook.variables]
    memos, decided = _memos(study, round), adjudications(study, round)
    spans = [
        SharedSpan(
            span,
            {name: dict(sorted(by_variable[name].items())) for name in names if name in by_variable},
            memos.get(span, {}),
            {adjudication.variable: adjudication for adjudication in decided.get(span, [])},
        )
        for span, by_variable in answers.items()
    ]
    shared = [span for span in spans if len(span.coders) > 1]
    if not shared:
        raise NothingToCompare(f"no span of {round or 'the answers without a round'} was answered by two coders")
    return sorted(shared, key=lambda shared_span: Span.from_id(shared_span.span))


def _memos(study: Study, round: str) -> dict[str, dict[str, str]]:
    t = db.annotations.c
    query = select(t.span, t.coder, t.memo).where(t.round == round, t.arm == "blind", t.memo != "").order_by(t.coder)
    memos: dict[str, dict[str, str]] = {}
    with study.store.reading() as connection:
        for span, coder, memo in connection.execute(query):
            memos.setdefault(span, {}).setdefault(coder, memo)
    return memos


def adjudications(study: Study, round: str) -> dict[str, list[Adjudication]]:
    """Return a round's adjudicated codes by span."""
    t = db.adjudications
    by_span: dict[str, list[Adjudication]] = {}
    with study.store.reading() as connection:
        for row in connection.execute(select(*values_of(t)).where(t.c.round == round)):
            values = dict(row._mapping)
            by_span.setdefault(row.span, []).append(Adjudication(codes=codes_of(values.pop("code")), **values))
    return by_span


@dataclass(frozen=True)
class CodeChanges(Result):
    """How many adjudicated codes were added, changed, left unchanged and removed."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def store_adjudications(study: Study, round: str, by_span: Mapping[str, Sequence[Adjudication]]) -> CodeChanges:
    """Replace the adjudicated codes of these spans in the round; storing the same codes again changes nothing."""
    t = db.adjudications.c
    columns = [c.name for c in db.adjudications.columns if not c.primary_key]
    n_new = n_changed = n_unchanged = n_removed = 0
    with study.store.writing() as connection:
        stored, has = adjudications(study, round), still_there(connection, by_span)
        for span, rows in by_span.items():
            if span not in has:
                continue  # its article was removed while the decisions were fetched
            before = {row.variable: row for row in stored.get(span, [])}
            for variable in before.keys() - {row.variable for row in rows}:
                key = (t.round == round) & (t.span == span) & (t.variable == variable)
                n_removed += connection.execute(delete(db.adjudications).where(key)).rowcount
            new = [row for row in rows if row.variable not in before]
            changed = [row for row in rows if row.variable in before and not _same(row, before[row.variable])]
            n_new, n_changed = n_new + len(new), n_changed + len(changed)
            n_unchanged += len(rows) - len(new) - len(changed)
            db.put(connection, db.adjudications, map(stored_row, [*new, *changed]), replace=columns)
    return CodeChanges(n_new, n_changed, n_unchanged, n_removed)


def _same(new: Adjudication, old: Adjudication) -> bool:
    """Return whether two adjudications are equal except for their time."""
    return replace(new, made_at=old.made_at) == old


@dataclass(frozen=True)
class AdjudicatedVariable:
    """The number of codes that a method decided on one variable, and their mean confidence from 0 to 1."""

    codes: int
    confidence: float


@dataclass(frozen=True)
class AutomaticAdjudication(CodeChanges):
    """The result of adjudicating by a method; `left` are the variables, by span, that a person must decide."""

    round: str = ""
    by: str = ""
    variables: Mapping[str, AdjudicatedVariable] = field(default_factory=dict)
    left: Mapping[str, list[str]] = field(default_factory=dict)
    rows = "variables"


@logged("adjudicate auto")
def adjudicate(study: Study, round: str, *, by: str = "majority") -> AutomaticAdjudication:
    """Adjudicate by one of METHODS, and store the codes in place of earlier automatic ones.

    Every span with two coders gets its codes, also where all coders agree. Variables without a majority, and variables
    that depend on them, are left to a person: whether a variable is asked follows from the codes decided. A person's
    decisions are kept. Raises BadRound, and NothingToCompare, also where coders' names differ in letters only.
    """
    if by not in METHODS:
        raise BadRound(f"expected {' or '.join(METHODS)}", by=by)
    if not isinstance(round, str):
        raise BadRound("expected the name of a round", round=round)
    with study.store.writing():  # a person's decision that is pulled meanwhile is kept
        return _adjudicate(study, round, by)


def _adjudicate(study: Study, round: str, by: str) -> AutomaticAdjudication:
    spans = shared_spans(study, round)
    if alike := look_alikes({coder for shared in spans for coder in shared.coders}):
        raise NothingToCompare(
            f"the coders {named(alike[0])} differ in letters only, and one person has one vote: if they are one, type "
            f"slantwise round rename-coder {quoted(alike[0][0])} {quoted(alike[0][-1])}; if not, give one of them a "
            "name that differs in more"
        )
    data = {one.variable.name: one for one in data_by_variable(study.codebook, reliability_answers(study, round).frame)}
    if by == "dawid-skene" and all(len(one.coders) < MIN_CODERS for one in data.values()):
        raise NothingToCompare(
            f"Dawid and Skene's model needs {MIN_CODERS} coders, since with two it cannot tell who is wrong; "
            f"found {', '.join(spans[0].coders)}: slantwise adjudicate auto {round} --by majority, "
            f"or slantwise adjudicate push {round}"
        )
    aggregated = {name: METHODS[by](one) for name, one in data.items()}
    now, version = datetime.now(UTC).isoformat(timespec="seconds"), study.codebook.version
    left_to_person: dict[str, list[str]] = {}
    confidences: dict[str, list[float]] = {}
    by_span: dict[str, list[Adjudication]] = {}
    for shared in spans:
        if shared.adjudicator:
            continue
        own = {name: aggregated[name][shared.span] for name in shared.answers if shared.span in aggregated[name]}
        codes, left = final_codes(study.codebook, shared.answers, {name: code for name, (code, _) in own.items()})
        if left:
            left_to_person[shared.span] = left
        rows = by_span.setdefault(shared.span, [])
        for name in codes.keys() & own.keys():
            code, confidence = own[name]
            answers = list(shared.answers[name].values())
            reason = f"{answers.count(code)} of {len(answers)} coders"
            rows.append(Adjudication(round, shared.span, name, codes_of(code), by, version, reason, confidence, now))
            confidences.setdefault(name, []).append(confidence)
    changes = store_adjudications(study, round, by_span)
    variables = {
        name: AdjudicatedVariable(len(values), sum(values) / len(values)) for name, values in confidences.items()
    }
    return AutomaticAdjudication(**vars(changes), round=round, by=by, variables=variables, left=left_to_person)
