"""Answers that are missing: how many by outlet and reason, and what the shares would be if all or none had the code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select

from annotate.estimates.columns import Columns
from annotate.estimates.conditions import Conditions
from annotate.estimates.sample import Sample, certain
from annotate.estimators.draws import Mask, coded_weights
from annotate.estimators.overlap import chance_of_two
from annotate.estimators.regression import Floats
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from corpus.study import Study
from corpus.study import database as db

from .settled import read_arms

OPEN = "not answered yet"


@dataclass(frozen=True)
class MissingAnswers:
    """How often a coder of the spans of an outlet who was to code blind gave no answer, for a reason."""

    outlet: str
    reason: str
    answers: int


def missing_answers(study: Study, sample: Sample) -> tuple[MissingAnswers, ...]:
    """Count the skips of each outlet by their reason, and the assignments without an answer.

    Spans that a coder found not readable are among them; they count as not eligible, the others as missing.
    """
    read = sample.drawn
    assert read is not None  # as `read_sample` returns it
    names = [name for name, one in zip(read.names, read.rounds, strict=True) if one.counts]
    outlet = dict(zip(sample.spans["span"], sample.spans["outlet"], strict=True))
    a, o, t = db.assignments.c, db.outcomes.c, db.annotations.c
    given = select(t.span, t.coder).where(t.codebook_version == study.codebook.version, t.arm == "blind").distinct()
    query = (
        select(a.span, a.coder, o.state, o.reason)
        .outerjoin(db.outcomes, (o.round == a.round) & (o.span == a.span) & (o.coder == a.coder))
        .where(a.arm == "blind", a.round.in_(names))
    )
    counts: Counter[tuple[str, str]] = Counter()
    with study.store.reading() as connection:
        answered = {(row.span, row.coder) for row in connection.execute(given)}
        for row in connection.execute(query):
            if row.span not in outlet or (row.span, row.coder) in answered:
                continue
            skipped = row.state == "skipped"
            counts[outlet[row.span], (row.reason or "no reason") if skipped else OPEN] += 1
    return tuple(MissingAnswers(*key, n) for key, n in sorted(counts.items()))


def weights_as_asked(study: Study, sample: Sample) -> Floats:
    """Return the weight of each span as if every draw had been answered (spans): 1 on average, 0 where nobody is asked.

    With an adjudicated reference asked means given to two coders or more.
    """
    read = sample.drawn
    assert read is not None
    index = {span: i for i, span in enumerate(read.spans)}
    rounds = [
        _as_asked(study, (name, one), index, sample.single is not None) if one.counts else one
        for name, one in zip(read.names, read.rounds, strict=True)
    ]
    here = set(sample.spans["span"])
    kept = np.array([span in here for span in read.spans], dtype=bool)
    weights: Floats = coded_weights([*combine_rounds(rounds)[0], certain(read.never_drawn)])[kept]
    return weights


def _as_asked(study: Study, named: tuple[str, RoundAsDrawn], index: Mapping[str, int], several: bool) -> RoundAsDrawn:
    """Return a round as if all that was asked had been answered."""
    name, one = named
    teams, blind = read_arms(study, name, index)
    rows = np.flatnonzero(one.drawn)
    of_rows = [teams.get(int(row), []) for row in rows]
    chance: Floats = np.zeros(len(one.pi))
    if several:
        chance[rows] = chance_of_two(of_rows)
    else:
        chance[rows] = [1 - np.prod(team) if team and np.prod(team) < 1 else 1.0 for team in of_rows]
    asked: Mask = one.drawn & (blind > several) & (chance > 0)
    if several and not asked.any():
        return replace(one, counts=False, coded=asked)
    return replace(one, chance=chance, coded=asked | (one.coded if not several else False))


@dataclass(frozen=True)
class Bounds:
    """The number of spans of a group without an answer, and the share if none or all of them had the code."""

    missing: int
    if_none: float | None
    if_all: float | None


def bounds(
    columns: Columns, weight: Floats, conditions: tuple[Conditions, Conditions], rows: Mask, share: float | None
) -> Bounds:
    """Return what the missing answers of a group leave open, given its share (`None` where it has none).

    `weight` is that of spans as they were asked (spans), `conditions` are those under which the question is asked and
    those under which it is answered. All missing spans are taken to be asked: with none of them having the code the
    share is ρ e / (e + m), with all of them (ρ e + m) / (e + m), e and m the weighted numbers of spans with an answer
    and without.
    """
    asked, answered = (columns.coded(one)[rows] for one in conditions)
    known = ~np.isnan(answered)
    here = weight[rows]
    without = (here > 0) & ~known
    unanswered = np.where(known, np.nan_to_num(asked) - np.nan_to_num(answered), 0.0)
    missing = int(without.sum() + (unanswered > 0).sum())
    eligible = float((here * np.nan_to_num(answered))[known].sum())
    mass = float(here[without].sum() + (here * unanswered).sum())
    if not missing or share is None or eligible + mass <= 0:
        return Bounds(missing, None, None)
    whole = eligible + mass
    return Bounds(missing, share * eligible / whole, (share * eligible + mass) / whole)
