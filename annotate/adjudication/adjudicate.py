"""Adjudication: spans that coders answer differently, and the one code that each of them gets in the end.

The coders' own answers stay as they are, and they alone enter agreement. Only blind answers are adjudicated: a code
that a suggestion has coloured could not serve as the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select

from annotate.agreement.reliability_data import ReliabilityData, data_by_variable, reliability_answers
from corpus.annotation import AUTOMATIC, Adjudication
from corpus.codebook import Codebook, Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

from .aggregate import FEWEST, Codes, dawid_skene, majority

METHODS: Mapping[str, Callable[[ReliabilityData], Codes]] = dict(zip(AUTOMATIC, (majority, dawid_skene), strict=True))


@dataclass(frozen=True)
class Case:
    """What two coders or more answered about one span of a round.

    `answers` are variable → coder → code, `memos` what coders noted; `decided` the adjudicated codes by variable.
    """

    span: str
    answers: Mapping[str, Mapping[str, str]]
    memos: Mapping[str, str] = field(default_factory=dict)
    decided: Mapping[str, Adjudication] = field(default_factory=dict)

    @property
    def coders(self) -> list[str]:
        """Who answered, in alphabetical order."""
        return sorted({coder for given in self.answers.values() for coder in given})

    @property
    def disputed(self) -> list[str]:
        """The variables that were answered differently."""
        return [variable for variable, given in self.answers.items() if len(set(given.values())) > 1]

    @property
    def judge(self) -> str | None:
        """The person who has decided the span."""
        return next((one.by for one in self.decided.values() if one.by not in AUTOMATIC), None)

    def open(self, book: Codebook) -> list[str]:
        """Return the disputed variables that nobody and nothing has decided yet; those that wait for them not counted.

        >>> from corpus.codebook import load
        >>> two = {"mention": {"ada": "change", "ben": "none"}, "gainer": {"ada": "side-a"}}
        >>> Case("s", two).open(load("territorial-control"))
        ['mention']
        """
        return [] if self.judge else settle(book, self.answers, {v: one.code for v, one in self.decided.items()})[1]


def settle(
    book: Codebook, answers: Mapping[str, Mapping[str, str]], decided: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return a span's code for each variable that is asked after the codes before it, and the variables left open.

    A code is what was `decided`, else what all coders gave; a variable is open that they answered differently.
    """
    codes: dict[str, str] = {}
    left: list[str] = []
    for variable in book.variables:
        given = set(answers.get(variable.name, {}).values())
        if not given or not _asked(variable, answers, codes):
            continue
        code = decided.get(variable.name) or (given.pop() if len(given) == 1 else None)
        if code is None:
            left.append(variable.name)
        else:
            codes[variable.name] = code
    return codes, left


def _asked(variable: Variable, answers: Mapping[str, Any], codes: Mapping[str, str]) -> bool:
    """Say whether a variable is asked; one that waits for a question nobody answered here was asked all the same."""
    return all(
        name not in answers or set(codes.get(name, "").split("|")) & set(waited)
        for name, waited in variable.asked_when.items()
    )


def cases(study: Study, round: str) -> list[Case]:
    """Return the spans of a round that two coders or more have answered, in the order of their texts.

    Raises BadRound, and NothingToCompare where there is none.
    """
    frame = reliability_answers(study, round).frame
    found: dict[str, dict[str, dict[str, str]]] = {}
    for span, variable, coder, code in frame[["span", "variable", "coder", "code"]].itertuples(index=False, name=None):
        found.setdefault(span, {}).setdefault(variable, {})[coder] = code
    names = [variable.name for variable in study.codebook.variables]
    memos, decided = _memos(study, round), adjudications(study, round)
    made = [
        Case(
            span,
            {name: dict(sorted(answers[name].items())) for name in names if name in answers},
            memos.get(span, {}),
            {one.variable: one for one in decided.get(span, [])},
        )
        for span, answers in found.items()
    ]
    shared = [case for case in made if len(case.coders) > 1]
    if not shared:
        raise NothingToCompare(f"no span of {round or 'the answers without a round'} was answered by two coders")
    return sorted(shared, key=lambda case: Span.from_id(case.span))


def _memos(study: Study, round: str) -> dict[str, dict[str, str]]:
    t = db.annotations.c
    query = select(t.span, t.coder, t.memo).where(t.round == round, t.arm == "blind", t.memo != "").order_by(t.coder)
    found: dict[str, dict[str, str]] = {}
    with study.store.reading() as connection:
        for span, coder, memo in connection.execute(query):
            found.setdefault(span, {}).setdefault(coder, memo)
    return found


def adjudications(study: Study, round: str) -> dict[str, list[Adjudication]]:
    """Return a round's adjudicated codes by span."""
    t = db.adjudications
    found: dict[str, list[Adjudication]] = {}
    with study.store.reading() as connection:
        for row in connection.execute(select(t).where(t.c.round == round)):
            found.setdefault(row.span, []).append(Adjudication(**row._mapping))
    return found


@dataclass
class Kept:
    """What storing adjudicated codes did, counted in codes."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def keep(study: Study, round: str, found: Mapping[str, Sequence[Adjudication]]) -> Kept:
    """Store the codes of these spans in place of those that they had in the round; the same again changes nothing."""
    done, before, t = Kept(), adjudications(study, round), db.adjudications.c
    with study.store.writing() as connection:
        for span, rows in found.items():
            known = {one.variable: one for one in before.get(span, [])}
            for gone in known.keys() - {one.variable for one in rows}:
                key = (t.round == round) & (t.span == span) & (t.variable == gone)
                done.removed += connection.execute(delete(db.adjudications).where(key)).rowcount
            fresh = [one for one in rows if one.variable not in known]
            other = [one for one in rows if one.variable in known and not _same(one, known[one.variable])]
            done.new, done.changed = done.new + len(fresh), done.changed + len(other)
            done.unchanged += len(rows) - len(fresh) - len(other)
            columns = [c.name for c in db.adjudications.columns if not c.primary_key]
            db.put(connection, db.adjudications, map(asdict, [*fresh, *other]), replace=columns)
    return done


def _same(one: Adjudication, other: Adjudication) -> bool:
    return {**asdict(one), "made_at": None} == {**asdict(other), "made_at": None}


@dataclass
class Automatic(Kept):
    """What adjudicating without a person did; `left` are the variables by span that a person must decide."""

    confidence: dict[str, list[float]] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)


def automatic(study: Study, round: str, by: str) -> Automatic:
    """Adjudicate what needs no person, by one of METHODS, and store it; doing it again replaces what it did before.

    Every span with two coders gets its codes, those that all agree on too. What has no majority is left to a person, as
    is what hangs on it: whether a variable is asked follows the codes decided. What a person has decided stays.
    Raises BadRound, and NothingToCompare.
    """
    if by not in METHODS:
        raise BadRound(f"--by {by!r}: expected {' or '.join(METHODS)}")
    chosen = cases(study, round)
    answers = {
        one.variable.name: one for one in data_by_variable(study.codebook, reliability_answers(study, round).frame)
    }
    if by == "dawid-skene" and all(len(one.coders) < FEWEST for one in answers.values()):
        raise NothingToCompare(
            f"Dawid and Skene's model needs {FEWEST} coders, since of two who disagree nobody can know who errs; "
            f"found {', '.join(chosen[0].coders)}: use --by majority, or adjudicate push"
        )
    codes = {name: METHODS[by](one) for name, one in answers.items()}
    now, version = datetime.now(UTC).isoformat(timespec="seconds"), study.codebook.version
    done = Automatic()
    found: dict[str, list[Adjudication]] = {}
    for case in chosen:
        if case.judge:
            continue
        own = {name: codes[name][case.span] for name in case.answers if case.span in codes[name]}
        settled, left = settle(study.codebook, case.answers, {name: code for name, (code, _) in own.items()})
        if left:
            done.left[case.span] = left
        rows = found.setdefault(case.span, [])
        for name in settled.keys() & own.keys():
            code, confidence = own[name]
            given = list(case.answers[name].values())
            why = f"{given.count(code)} of {len(given)} coders"
            rows.append(Adjudication(round, case.span, name, code, by, version, why, confidence, now))
            done.confidence.setdefault(name, []).append(confidence)
    kept = keep(study, round, found)
    for name, n in asdict(kept).items():
        setattr(done, name, n)
    return done
