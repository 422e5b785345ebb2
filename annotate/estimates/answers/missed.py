"""Mentions that the codebook's terms miss, by outlet, and the shares with them, from audits of other passages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from annotate.estimates.columns import Columns
from annotate.estimates.conditions import is_met
from annotate.estimates.groups import asked_and_given
from annotate.estimators.draws import coded_weights
from annotate.estimators.missed import FEWEST_FOUND, AuditedGroup, bounds_with_missed, share_with_missed
from annotate.estimators.regression import Floats
from annotate.estimators.shares import Share, Target
from annotate.rounds.term_recall import AuditedPassages, audit_rounds, audited_passages, rate_per_1000
from corpus.annotations.cross_fitted import copy_groups_of
from corpus.codebook import Variable
from corpus.study import Study
from corpus.study import database as db


@dataclass(frozen=True)
class ShareWithMissed:
    """A code's share among all mentions of an outlet, found by terms and missed, with its 95 % interval.

    With few missed mentions found, or few codes, there is none: then it is `if_none` or `if_all`, if none or all of
    them had the code, where their number is the upper end of its interval.
    """

    code: str
    share: float | None
    low: float | None
    high: float | None
    if_none: float | None
    if_all: float | None


@dataclass(frozen=True)
class MissedOfOutlet:
    """The mentions that terms miss in an outlet.

    `found` is their number in the `passages` without terms that were audited, of `frame` such passages. `per_1000`
    passages is their rate, with its 95 % interval. `shares` are those with them, if the groups of the estimate are
    outlets.
    """

    outlet: str
    passages: int
    frame: int
    found: float
    per_1000: float
    low: float
    high: float
    shares: tuple[ShareWithMissed, ...]


def missed_by_outlet(
    study: Study, columns: Columns, variable: Variable, target: Target, shares: Mapping[str, Mapping[str, Share]]
) -> tuple[MissedOfOutlet, ...]:
    """Return what the term audits found in each outlet; `shares` are by code and outlet, empty for other groups."""
    audits = [audited_passages(study, name, version=study.codebook.version) for name in audit_rounds(study)]
    answered = {span: coders for one in audits for span, coders in one.answered.items()}
    if not answered:
        return ()
    framed = list(dict.fromkeys(span for one in audits for span in one.frame))
    outlets = _outlets(study, framed)
    whole = AuditedPassages(framed, [span for one in audits for span in one.drawn], answered)
    return tuple(
        _of_outlet(study, (outlet, [span for span in framed if outlets.get(span) == outlet]), whole, columns,
                   (variable, target), {code: of[outlet] for code, of in shares.items() if outlet in of})
        for outlet in sorted({outlets[span] for span in answered if span in outlets})
    )  # fmt: skip


def _of_outlet(
    study: Study,
    named: tuple[str, list[str]],
    audited: AuditedPassages,
    columns: Columns,
    asked: tuple[Variable, Target],
    shares: Mapping[str, Share],
) -> MissedOfOutlet:
    (outlet, framed), (variable, target) = named, asked
    passages = [span for span in framed if span in audited.answered]
    found = np.array([np.mean([len(marks) for marks in audited.answered[span]]) for span in passages])
    rate, low, high = rate_per_1000(found.tolist(), [span.partition(":")[0] for span in passages])
    sample = columns.sample
    rows = (sample.spans["outlet"] == outlet).to_numpy()
    index = {name: int(number) for name, number in zip(sample.spans["copy_group"], sample.cluster, strict=True)}
    groups = copy_groups_of(study, passages)
    cluster = np.array([index.setdefault(groups[span], len(index)) for span in passages], dtype=np.int64)
    weight = coded_weights(sample.rounds)[rows]

    def of_code(code: str, share: Share) -> ShareWithMissed:
        eligible_when, given_when = asked_and_given(study.codebook, variable, (code,), {})

        def numbers(conditions: Mapping[str, tuple[str, ...]]) -> Floats:
            per_coder = (
                [sum(is_met(conditions, mark) for mark in marks) for marks in audited.answered[span]]
                for span in passages
            )
            return np.array([np.mean(of) for of in per_coder], dtype=float)

        eligible = weight * np.nan_to_num(columns.coded(eligible_when)[rows])
        if share.estimate.share is None:
            return ShareWithMissed(code, None, None, None, None, None)
        figure = None
        if found.sum() >= FEWEST_FOUND:
            of_passages = AuditedGroup(len(framed), numbers(given_when), numbers(eligible_when), cluster)
            figure = share_with_missed(share, of_passages, (eligible, sample.cluster[rows]), target)
        if figure is None or figure.interval is None:
            most = high * len(framed) / 1000
            none, every = bounds_with_missed(share.estimate.share, float(eligible.sum()), most)
            return ShareWithMissed(code, None, None, None, none, every)
        return ShareWithMissed(code, figure.share, *figure.interval, None, None)

    return MissedOfOutlet(
        outlet, len(passages), len(framed), float(found.sum()), rate, low, high,
        tuple(of_code(code, share) for code, share in shares.items()),
    )  # fmt: skip


def _outlets(study: Study, spans: list[str]) -> dict[str, str]:
    """Return the outlet of each span that is still in the study."""
    a, r = db.articles.c, db.revisions.c
    with study.store.reading() as connection:
        outlet = dict(connection.execute(select(r.id, a.outlet).join(db.articles, a.id == r.article)).tuples().all())
    return {span: outlet[revision] for span in spans if (revision := span.partition(":")[0]) in outlet}
