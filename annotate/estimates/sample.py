"""The sample of an estimate: the spans of the rounds' frames, their draws, and the blind answers that count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from annotate.estimators.draws import Mask, RoundOfSpans, chance_to_stay
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from corpus.annotation import codes_of
from corpus.annotations.cross_fitted import copy_groups_of
from corpus.errors import NoEstimate
from corpus.study import Study, dataframes
from corpus.study import database as db
from corpus.study.counting import COUNTED_PURPOSES, Answers, select_answers

LEAST_ANSWERED = 0.8  # of the blind draws of a stratum, below which there is no estimate
NOT_READABLE = "not-readable"  # such a span is not eligible; other skips are missing answers

CoderAnswers = Mapping[str, tuple[str, ...]]  # one coder's codes to one span, by variable


@dataclass(frozen=True)
class Drawn:
    """What a sample was read from: the rounds over all `spans` that any frame had, with their `names`.

    `answers` has by round the answers of each coder to each span, "" for those without a round; spans `never_drawn`
    have no others. `kept` are the spans that the rounds represent, `strata` the names of the strata by their indices.
    """

    names: Sequence[str]
    rounds: Sequence[RoundAsDrawn]
    spans: Sequence[str]
    kept: Mask
    never_drawn: Mask
    strata: Sequence[str]
    answers: Mapping[str, Mapping[str, Sequence[CoderAnswers]]]


@dataclass(frozen=True)
class SingleCoders:
    """The answers of one coder to each span that anybody coded, and the rounds in which they were coded.

    `aligned` are only those rounds from which settled spans come, for the variance of the draw.
    """

    answers: Mapping[str, CoderAnswers]
    rounds: Sequence[RoundOfSpans]
    aligned: Sequence[RoundOfSpans]


@dataclass(frozen=True)
class Sample:
    """The spans that an estimate covers, one row each: `span, outlet, date, article, copy_group`.

    `cluster` is the index of each span's copy group. `answers` has for each coded span the blind answers of each of
    its coders; those coders who are programs are `simulated`. `unfinished` are the strata of which too few draws are
    answered, with the shares; `balance` counts what is left out and why.

    With an adjudicated reference the answers are the settled ones, `settled` counts them by how they were settled,
    `unsettled` says where too few are, and `single` has the answers of one coder.
    """

    spans: pd.DataFrame
    cluster: Ints
    rounds: Sequence[RoundOfSpans]
    answers: Mapping[str, Sequence[CoderAnswers]]
    unfinished: Mapping[str, float]
    balance: Mapping[str, int]
    simulated: Sequence[str] = ()
    drawn: Drawn | None = field(default=None, repr=False)
    unsettled: Sequence[str] = ()
    settled: Mapping[str, int] = field(default_factory=dict)
    single: SingleCoders | None = field(default=None, repr=False)

    @property
    def period(self) -> tuple[str | None, str | None]:
        """The first and the last date of the spans (YYYY-MM-DD); None where no date is known."""
        dates = self.spans["date"].dropna()
        return (str(dates.min())[:10], str(dates.max())[:10]) if len(dates) else (None, None)


@dataclass(frozen=True)
class _Stored:
    """A round of spans as it is stored: its frame with π, and its draws with their strata."""

    name: str
    purpose: str
    frame: dict[str, float]
    drawn: dict[str, str]
    by: tuple[str, ...]
    sizes: dict[str, tuple[int, int]] | None


def read_sample(study: Study, *, without: str = "") -> Sample:
    """Read the sample of a study's reliability and main rounds. Raises NoEstimate if there is none, with what to do.

    `without` leaves a coder out: spans that nobody else was given are not coded, and those that remain weigh more.
    """
    answers = select_answers(study)
    stored, without_pi = _stored_rounds(study)
    coded_in = _coders_of_spans(study, answers, without)
    counting = [one for one in stored if one.purpose in COUNTED_PURPOSES and _is_coded(one, coded_in)]
    if without_pi and not counting:
        raise NoEstimate(
            f"the round {next(iter(without_pi))} was drawn without storing the inclusion probabilities of its frame, "
            "so its spans cannot be weighted; draw a new round: slantwise round draw"
        )
    if not counting:
        raise NoEstimate(
            "there is no random blind sample: no reliability or main round has blind answers under this version of "
            "the codebook. A count of suggestions would not be an estimate. Draw a round and have it coded: slantwise "
            "round draw main --coders A,B --spans 300"
        )
    spans, left_out = _spans(study, stored, counting, set(coded_in.get("", {})))
    every = tuple(spans["span"])
    index = {span: i for i, span in enumerate(every)}
    unfinished: dict[str, float] = {}
    strata = sorted({name for one in stored for name in (*one.drawn.values(), *(one.sizes or {}))})
    rounds = [_as_drawn(study, one, (index, strata), coded_in, unfinished, without) for one in stored]
    combined, covered = combine_rounds(rounds)
    framed: Mask = np.logical_or.reduce([one.drawn | ((one.pi > 0) & one.counts) for one in rounds])
    never_drawn = np.array([span in coded_in.get("", {}) for span in spans["span"]], dtype=bool) & ~framed
    combined.append(certain(never_drawn))
    kept = covered | never_drawn
    left_out["coded, and closed to every round that counts"] = int((framed & ~kept).sum())
    spans = spans[kept].reset_index(drop=True)
    combined = [one.of(kept) for one in combined]
    known = set(spans["span"])
    used = {
        span: of_round[span]
        for one in counting
        for of_round in [coded_in[one.name]]
        for span in one.drawn.keys() & of_round
    }
    used |= {
        span: coders for span, coders in coded_in.get("", {}).items() if span in index and never_drawn[index[span]]
    }
    left_out |= {f"drawn by {name}, which has no stored probabilities": n for name, n in without_pi.items()}
    return Sample(
        spans,
        np.unique(spans["copy_group"], return_inverse=True)[1].astype(np.int64),
        combined,
        {span: answers for span, answers in used.items() if span in known},
        unfinished,
        {"coded, never drawn": int(never_drawn.sum())} | {why: n for why, n in left_out.items() if n},
        answers.simulated,
        Drawn([one.name for one in stored], rounds, every, kept, never_drawn, strata, coded_in),
    )


def _is_coded(one: _Stored, coded_in: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(span in one.drawn for span in coded_in.get(one.name, {}))


def _stored_rounds(study: Study) -> tuple[list[_Stored], dict[str, int]]:
    """Return the rounds of spans in the order of drawing; those without stored π by name, with their numbers of draws.

    What the latter drew is in no later frame, so the others cover the rest.
    """
    r, d = db.rounds.c, db.round_designs.c
    query = (
        select(r.name, r.purpose, r.frame, d.pi, d.design, d.strata)
        .outerjoin(db.round_designs, d.round == r.name)
        .where(r.layout == "unit", r.purpose != "audit")
        .order_by(r.made_at, r.name)
    )
    with study.store.reading() as connection:
        drawn: dict[str, dict[str, str]] = {}
        for row in connection.execute(select(db.draws.c.round, db.draws.c.span, db.draws.c.stratum)):
            drawn.setdefault(row.round, {})[row.span] = row.stratum
        rows = connection.execute(query).all()
    without_pi = {row.name: len(drawn.get(row.name, {})) for row in rows if row.pi is None}
    return [_stored_round(row, drawn.get(row.name, {})) for row in rows if row.pi is not None], without_pi


def _stored_round(row: Any, drawn: dict[str, str]) -> _Stored:
    design = json.loads(row.design)
    simple = design.get("uniform") is None and not design.get("once_per_copy_group")
    sizes = {name: (int(size), int(taken)) for name, (size, taken) in json.loads(row.strata).items()}
    frame = dict(zip(json.loads(row.frame), json.loads(row.pi), strict=True))
    return _Stored(row.name, row.purpose, frame, drawn, tuple(design.get("by", ())), sizes if simple else None)


def _coders_of_spans(study: Study, answers: Answers, without: str) -> dict[str, dict[str, list[CoderAnswers]]]:
    """Return by round and span the answers of each coder that count, but one's; "" stands for answers without a round.

    An answer without a round, such as an imported copy, belongs to the round whose blind assignment it answers. A coder
    who skipped a span as not readable has answered that it is not eligible, in rounds with answers that count.
    """
    o, a, r = db.outcomes.c, db.assignments.c, db.rounds.c
    assigned = (
        select(a.round, a.span, a.coder)
        .join(db.rounds, r.name == a.round)
        .where(a.arm == "blind", r.layout == "unit", r.purpose.in_(COUNTED_PURPOSES))
    )
    skipped = (
        select(o.round, o.span, o.coder)
        .join(db.assignments, (a.round == o.round) & (a.span == o.span) & (a.coder == o.coder))
        .where(o.state == "skipped", o.reason == NOT_READABLE, a.arm == "blind")
    )
    with study.store.reading() as connection:
        drawn_here = set(connection.execute(select(r.name)).scalars())
        round_of = {(row.span, row.coder): row.round for row in connection.execute(assigned)}
        not_readable = [(row.round, row.span, row.coder) for row in connection.execute(skipped)]
    by_coder: dict[tuple[str, str, str], dict[str, tuple[str, ...]]] = {}
    rows = answers.frame[["round", "span", "coder", "variable", "code"]].itertuples(index=False, name=None)
    for round, span, coder, variable, code in rows:
        place = round if round in drawn_here else round_of.get((span, coder), "")
        by_coder.setdefault((place, span, coder), {})[variable] = codes_of(code)
    answered = {round for round, _, _ in by_coder}
    for round, span, coder in not_readable:
        if round in answered:
            by_coder.setdefault((round, span, coder), {})
    found: dict[str, dict[str, list[CoderAnswers]]] = {}
    for (round, span, coder), codes in sorted(by_coder.items()):
        if coder != without:
            found.setdefault(round, {}).setdefault(span, []).append(codes)
    return found


def _spans(
    study: Study, stored: Sequence[_Stored], counting: Sequence[_Stored], coded: Collection[str]
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return the spans of all frames, and those `coded` without a draw, that count in figures.

    Of the frames of rounds that do not count, only the spans that could be drawn today: a pilot may have had another
    unit.
    """
    left_out: Counter[str] = Counter()
    wanted = {span for one in counting for span in one.frame}
    closed = {span for one in stored for span in one.drawn} - wanted
    outside = set(coded) - wanted - closed
    drawn = {span for one in counting for span in one.drawn}
    spans = study.spans()
    left_out["drawn, and removed since"] = len(drawn - set(spans["span"]))
    counted = dataframes.counted(study.store, spans)
    left_out["drawn, and in a cut text or furniture now"] = len(drawn & (set(spans["span"]) - set(counted["span"])))
    book = study.codebook
    others = counted[~counted["span"].isin(wanted) & (counted["unit"] == book.unit)]
    others = others[others["text"].map(book.is_eligible).astype(bool)]
    of_unit = set(others["span"])
    left_out["coded without a draw, of another unit"] = len(outside & set(counted["span"]) - of_unit)
    wanted |= of_unit & (closed | set(coded))
    left_out["in no frame, such as those of articles added since, so without a figure"] = len(of_unit - wanted)
    counted = counted[counted["span"].isin(wanted)]
    groups = copy_groups_of(study, counted["span"])
    columns = counted[["span", "outlet", "date", "article"]]
    return columns.assign(copy_group=[groups[span] for span in columns["span"]]).reset_index(drop=True), left_out


def _as_drawn(
    study: Study,
    one: _Stored,
    places: tuple[Mapping[str, int], Sequence[str]],
    coded_in: Mapping[str, Mapping[str, object]],
    unfinished: dict[str, float],
    without: str,
) -> RoundAsDrawn:
    """Return a round over the spans of the sample; `unfinished` receives its strata with too few answers.

    `places` are the index of each span and the names of the strata of all rounds.
    """
    index, names = places
    pi, drawn, coded = np.zeros(len(index)), np.zeros(len(index), dtype=bool), np.zeros(len(index), dtype=bool)
    for span, probability in one.frame.items():
        if span in index:
            pi[index[span]] = probability
    counts = one.purpose in COUNTED_PURPOSES and _is_coded(one, coded_in)
    numbers = {name: number for number, name in enumerate(names)}
    stratum = np.zeros(len(index), dtype=np.int64)
    blind, chance, (given, still_given) = _blind(study, one.name, index, without)
    for span, name in one.drawn.items():
        if span in index:
            drawn[index[span]], stratum[index[span]] = True, numbers[name]
            coded[index[span]] = span in coded_in.get(one.name, {})
    if counts:
        kept = chance_to_stay(given & drawn, still_given & drawn, stratum)
        chance *= kept
        for name, number in numbers.items():
            if (drawn & (stratum == number) & (kept == 0)).any():
                unfinished[f"{one.name}, {name}" if name else one.name] = 0.0
            asked = drawn & blind & (stratum == number)
            if not asked.any():
                continue
            rate = float((coded & asked).sum() / asked.sum())
            chance[stratum == number] *= rate
            if rate < LEAST_ANSWERED:
                unfinished[f"{one.name}, {name}" if name else one.name] = rate
    sizes = None if one.sizes is None else {numbers[name]: size for name, size in one.sizes.items()}
    return RoundAsDrawn(pi, drawn, stratum, chance, coded & counts, counts, sizes, one.by)


def _blind(study: Study, round: str, index: Mapping[str, int], without: str) -> tuple[Mask, Floats, tuple[Mask, Mask]]:
    """Return which spans of a round any coder was assigned blind, and with which probability: 1 - Π P(assisted).

    One coder is left out; last come the spans assigned to anybody, and those assigned to others than this coder.
    """
    blind, given, still_given = (np.zeros(len(index), dtype=bool) for _ in range(3))
    all_assisted: Floats = np.ones(len(index))
    a = db.assignments.c
    query = select(a.span, a.coder, a.arm, a.probability).where(a.round == round)
    with study.store.reading() as connection:
        for row in connection.execute(query):
            if (i := index.get(row.span)) is not None:
                given[i] = True
            if i is not None and row.coder != without:
                still_given[i] = True
                blind[i] |= row.arm == "blind"
                all_assisted[i] *= row.probability if row.arm == "assisted" else 1 - row.probability
    return blind, 1 - np.where(all_assisted < 1, all_assisted, 0.0), (given, still_given)


def certain(rows: Mask) -> RoundOfSpans:
    """Return a part of the estimate in which these spans are coded for sure."""
    size = len(rows)
    return RoundOfSpans(rows.astype(float), rows, np.zeros(size, dtype=np.int64), rows.astype(float), np.zeros(size))
