"""The sample of an adjudicated reference: spans that several coders coded blind, and of which all is settled."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select

from annotate.adjudication.adjudicate import adjudications, final_codes
from annotate.estimates.sample import LEAST_ANSWERED, CoderAnswers, Drawn, Sample, SingleCoders, certain
from annotate.estimators.draws import Mask
from annotate.estimators.overlap import chance_of_two, settled_chance
from annotate.estimators.regression import Floats
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from corpus.annotation import AUTOMATIC, Adjudication, code_text, codes_of
from corpus.codebook import Codebook
from corpus.errors import NoEstimate
from corpus.study import Study
from corpus.study import database as db

AGREED = "agreed by all coders"
NOT_SETTLED = "coded without a draw, and not settled"
NO_OVERLAP = "in no frame of a round with several coders, so in no adjudicated share"


@dataclass(frozen=True)
class Settlement:
    """What became of a span that two coders or more answered: its codes where all is settled, and how it was."""

    codes: CoderAnswers | None
    disputed: bool
    how: str = AGREED


def has_adjudications(study: Study) -> bool:
    """Return whether anything was adjudicated under this version of the codebook."""
    t = db.adjudications.c
    query = select(t.span).where(t.codebook_version == study.codebook.version).limit(1)
    with study.store.reading() as connection:
        return connection.execute(query).first() is not None


def settle(study: Study, sample: Sample) -> Sample:
    """Return the sample with the settled codes in place of the coders' answers, with the answers of one coder.

    A span that one coder coded alone, or of which a dispute is open, is not coded here; one coder's answer to it is a
    prediction. Raises NoEstimate if no round gave spans to two coders.
    """
    read = sample.drawn
    assert read is not None  # as `read_sample` returns it
    index = {span: i for i, span in enumerate(read.spans)}
    unsettled: list[str] = []
    settled: dict[str, Settlement] = {}
    rounds = []
    for name, one in zip(read.names, read.rounds, strict=True):
        found = settlements(study, name, read.answers.get(name, {})) if one.counts else {}
        rounds.append(_as_settled(study, (name, one), (index, read.strata), found, unsettled))
        settled |= {span: of for span, of in found.items() if span in index and rounds[-1].coded[index[span]]}
    if not any(one.counts for one in rounds):
        raise NoEstimate(
            "no drawn span was given to two coders to code blind, so none can be settled; draw a round with overlap: "
            "slantwise round draw reliability --purpose reliability"
        )
    imported = settlements(study, "", read.answers.get("", {}))
    known = np.zeros(len(index), dtype=bool)
    for span, of in imported.items():
        if span in index and of.codes is not None and read.never_drawn[index[span]]:
            known[index[span]], settled[span] = True, of
    left = read.never_drawn & ~known
    combined, covered = combine_rounds(rounds)
    beyond = read.kept & ~read.never_drawn & ~covered
    kept = read.kept & ~left & ~beyond
    inside = kept[read.kept]
    spans = sample.spans[inside].reset_index(drop=True)
    here = set(spans["span"])
    codes = {span: of.codes for span, of in settled.items() if of.codes is not None and span in here}
    balance = {
        **sample.balance,
        "coded, never drawn": int(known.sum()),
        NOT_SETTLED: int(left.sum()),
        NO_OVERLAP: int(beyond.sum()),
    }
    aligned = [replace(one, counts=two.counts) for one, two in zip(read.rounds, rounds, strict=True)]
    parts = [[one.of(kept) for one in (*of, certain(known))] for of in (combined, combine_rounds(aligned)[0])]
    return replace(
        sample,
        spans=spans,
        cluster=np.unique(spans["copy_group"], return_inverse=True)[1].astype(np.int64),
        rounds=parts[0],
        answers={span: [of] for span, of in codes.items()},
        balance={why: n for why, n in balance.items() if n or why == "coded, never drawn"},
        unsettled=unsettled,
        settled=Counter(settled[span].how for span in codes),
        single=SingleCoders(_one_each(read, here), [one.of(inside) for one in sample.rounds], parts[1]),
    )


def settlements(study: Study, round: str, answers: Mapping[str, Sequence[CoderAnswers]]) -> dict[str, Settlement]:
    """Return the settlement of every span of a round that two coders or more answered, or found not readable.

    `round` is "" for answers without a round that was drawn here; then the decisions of all other rounds are read.
    """
    names = [round]
    if not round:
        with study.store.reading() as connection:
            drawn = set(connection.execute(select(db.rounds.c.name)).scalars())
            decided_in = connection.execute(select(db.adjudications.c.round).distinct()).scalars()
            names = sorted(set(decided_in) - drawn)
    decided: dict[str, list[Adjudication]] = {}
    for name in names:
        for span, rows in adjudications(study, name).items():
            decided.setdefault(span, []).extend(one for one in rows if one.codebook_version == study.codebook.version)
    found = {span: _settlement(study.codebook, given, decided.get(span, [])) for span, given in answers.items()}
    return {span: of for span, of in found.items() if of is not None}


def _settlement(book: Codebook, given: Sequence[CoderAnswers], decided: Sequence[Adjudication]) -> Settlement | None:
    answered = [codes for codes in given if codes]
    if len(given) > 1 and not answered:  # not readable to all
        return Settlement({}, disputed=False)
    if len(answered) < 2:
        return None
    by_variable: dict[str, dict[str, str]] = {}
    for number, codes in enumerate(answered):
        for name, one in codes.items():
            by_variable.setdefault(name, {})[str(number)] = code_text(one)
    disputed = any(len(set(of.values())) > 1 for of in by_variable.values())
    by = [one.by for one in decided]
    person = any(one not in AUTOMATIC for one in by)
    final, open_ = final_codes(book, by_variable, {one.variable: one.code for one in decided})
    settled = None if open_ and not person else {name: codes_of(code) for name, code in final.items()}
    how = AGREED if not disputed else "a person" if person else by[0] if by else ""
    return Settlement(settled, disputed, how)


def _as_settled(
    study: Study,
    named: tuple[str, RoundAsDrawn],
    places: tuple[Mapping[str, int], Sequence[str]],
    found: Mapping[str, Settlement],
    unsettled: list[str],
) -> RoundAsDrawn:
    """Return a round with the settled spans as the coded ones; one without overlap is like a pilot, and counts not.

    `places` are the index of each span and the names of the strata; `unsettled` receives why a stratum is refused.
    """
    (name, one), (index, strata) = named, places
    if not one.counts:
        return one
    rows = np.flatnonzero(one.drawn)
    teams, blind = read_arms(study, name, index)
    chance: Floats = np.zeros(len(one.pi))
    chance[rows] = chance_of_two([teams.get(int(row), []) for row in rows])
    if not chance.any():
        return replace(one, counts=False, coded=np.zeros_like(one.coded))
    asked: Mask = one.drawn & (blind > 1)
    answered, disputed, settled = (np.zeros(len(one.pi), dtype=bool) for _ in range(3))
    for span, of in found.items():
        if (i := index.get(span)) is not None and asked[i] and chance[i] > 0:
            answered[i], disputed[i], settled[i] = True, of.disputed, of.codes is not None
    chance, rates = settled_chance(chance, one.stratum, asked, answered, disputed, settled)
    for number, (rate, decided) in rates.items():
        where = f"{name}, {strata[number]}" if strata[number] else name
        if rate < LEAST_ANSWERED:
            unsettled.append(
                f"only {rate:.0%} of the spans of {where} that several coders were given are answered by two; have "
                "the others coded (slantwise round show)"
            )
        if decided < LEAST_ANSWERED:
            unsettled.append(
                f"only {decided:.0%} of the disputed spans of {where} are settled; settle the others (slantwise "
                f"adjudicate list {name})"
            )
    return replace(one, chance=chance, coded=settled)


def read_arms(study: Study, round: str, index: Mapping[str, int]) -> tuple[dict[int, list[float]], Floats]:
    """Return each span's coders by their probability to see a suggestion, and the numbers of blind ones (spans)."""
    teams: dict[int, list[float]] = {}
    blind = np.zeros(len(index))
    a = db.assignments.c
    with study.store.reading() as connection:
        for row in connection.execute(select(a.span, a.arm, a.probability).where(a.round == round)):
            if (i := index.get(row.span)) is not None:
                teams.setdefault(i, []).append(row.probability if row.arm == "assisted" else 1 - row.probability)
                blind[i] += row.arm == "blind"
    return teams, blind


def _one_each(read: Drawn, here: set[str]) -> dict[str, CoderAnswers]:
    """Return for each coded span the answers of one of its coders, chosen at random by the names of round and span."""
    chosen: dict[str, CoderAnswers] = {}
    for name, by_span in read.answers.items():
        for span, given in by_span.items():
            if span in here:
                chosen[span] = given[zlib.crc32(f"{name}\n{span}".encode()) % len(given)]
    return chosen
