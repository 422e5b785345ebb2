"""Estimate how many mentions the codebook's terms miss, from a coded sample of passages without terms."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from corpus.annotation import codes_of
from corpus.codebook import Codebook
from corpus.result import Result
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import is_removed, removed_revisions

from . import rounds


@dataclass(frozen=True)
class MissedMentions(Result):
    """Mentions in passages without terms, `per_1000` passages and in the whole frame, with 95 % intervals.

    `passages` of the `drawn` ones were answered; the marks of several coders in a passage are averaged. Passages of
    articles that were removed are left out of all numbers.
    """

    round: str
    drawn: int
    passages: int
    frame: int
    mentions: float
    per_1000: float | None
    interval: tuple[float, float] | None
    printed = ("in_all",)

    @property
    def in_all(self) -> tuple[float, float, float] | None:
        """The number of missed mentions in the frame, with the ends of its interval."""
        if self.per_1000 is None or self.interval is None:
            return None
        rate = self.frame / 1000
        return self.per_1000 * rate, self.interval[0] * rate, self.interval[1] * rate


@dataclass(frozen=True)
class AuditedPassages:
    """The passages of a term audit: its `frame`, those `drawn`, and in those `answered` each coder's mentions.

    A mention is given by its answers, by variable. Passages of articles that were removed are left out.
    """

    frame: Sequence[str]
    drawn: Sequence[str]
    answered: Mapping[str, Sequence[Sequence[Mapping[str, tuple[str, ...]]]]]


def audit_rounds(study: Study) -> list[str]:
    """Return the names of all term audits, in the order of drawing."""
    r, d = db.rounds.c, db.round_designs.c
    query = select(r.name).join(db.round_designs, d.round == r.name).where(d.beside != "").order_by(r.made_at, r.name)
    with study.store.reading() as connection:
        return list(connection.execute(query).scalars())


def audited_passages(study: Study, audit: str, *, version: str | None = None) -> AuditedPassages:
    """Return the passages of a term audit, with the answers under all versions of the codebook, or under one.

    An audit with marks under another version is not answered under this one: a passage without marks would look as if
    the terms missed nothing in it.
    """
    o, t = db.outcomes.c, db.annotations
    marked = select(t).where(t.c.round == audit)
    with study.store.reading() as connection:
        answered = connection.execute(
            select(o.span, o.coder).where(o.round == audit, o.state == "answered").order_by(o.span, o.coder)
        ).all()
        gone = removed_revisions(connection)
        frame = connection.execute(select(db.rounds.c.frame).where(db.rounds.c.name == audit)).scalar_one()
        mark_rows = connection.execute(marked).all()
    if version is not None and any(row.codebook_version != version for row in mark_rows):
        answered, mark_rows = [], []
    drawn = [one.span for one in rounds.draws(study, audit) if not is_removed(gone, one.span)]
    passages = [Span.from_id(span) for span in drawn]
    answers_by_mark: dict[tuple[str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in mark_rows:
        answers_by_mark[row.span, row.coder][row.variable] = codes_of(row.code)
    mentions: dict[tuple[str, str], list[Mapping[str, tuple[str, ...]]]] = defaultdict(list)
    for (span, coder), answers in answers_by_mark.items():
        mark = Span.from_id(span)
        around = [p for p in passages if p.revision == mark.revision and p.start <= mark.start and mark.end <= p.end]
        if around and is_mention(study.codebook, answers):
            mentions[around[0].id, coder].append(answers)
    by_passage: dict[str, list[Sequence[Mapping[str, tuple[str, ...]]]]] = defaultdict(list)
    for span, coder in answered:
        by_passage[span].append(mentions[span, coder])
    return AuditedPassages([span for span in json.loads(frame) if not is_removed(gone, span)], drawn, by_passage)


def missed_mentions(study: Study, name: str) -> MissedMentions | None:
    """Return the results of a round's term audit, given the name of either; None if there is no audit."""
    d = db.round_designs.c
    with study.store.reading() as connection:
        audit = connection.execute(select(d.round).where((d.beside == name) | ((d.round == name) & (d.beside != ""))))
        audit_round = audit.scalars().first()
    if audit_round is None:
        return None
    audited = audited_passages(study, audit_round)
    means = {span: sum(map(len, coders)) / len(coders) for span, coders in audited.answered.items()}
    articles = [Span.from_id(span).revision for span in means]
    rate = rate_per_1000(list(means.values()), articles) if means else None
    return MissedMentions(
        audit_round,
        len(audited.drawn),
        len(means),
        len(audited.frame),
        sum(means.values()),
        rate[0] if rate else None,
        rate[1:] if rate else None,
    )


def is_mention(book: Codebook, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a coder's mark is a relevant mention: if variables depend on the first one, one is asked.

    >>> from corpus.codebook import load
    >>> book = load("territorial-control")
    >>> is_mention(book, {"mention": ("change",)}), is_mention(book, {"mention": ("none",)})
    (True, False)
    """
    first = book.variables[0]
    waiting = [variable for variable in book.variables if first.name in variable.asked_when]
    return not waiting or any(variable.is_asked(answers) for variable in waiting)


def rate_per_1000(counts: Sequence[float], articles: Sequence[str]) -> tuple[float, float, float]:
    """Return events per 1,000 passages with a 95 % interval, for the count in each passage and its article.

    The exact Poisson interval (Garwood 1936, Fiducial limits for the Poisson distribution), which is also defined for a
    count of 0. If counts vary more between articles than a Poisson distribution allows, count and passages are divided
    by the dispersion (McCullagh and Nelder 1989, section 6.2).

    >>> [round(x, 1) for x in rate_per_1000([0] * 300, [str(i) for i in range(300)])]
    [0.0, 0.0, 12.3]
    """
    from scipy.stats import chi2

    n, total = len(counts), float(sum(counts))
    rate = total / n
    _, article = np.unique(np.array(articles, dtype=object), return_inverse=True)
    events, size = np.bincount(article, counts), np.bincount(article)
    spread = 1.0
    if total > 0 and len(size) > 1:
        spread = max(1.0, float(((events - rate * size) ** 2).sum() / total * len(size) / (len(size) - 1)))
    effective_events, effective_passages = total / spread, n / spread
    low = float(chi2.ppf(0.025, 2 * effective_events)) / 2 if effective_events > 0 else 0.0
    high = float(chi2.ppf(0.975, 2 * effective_events + 2)) / 2
    return 1000 * rate, 1000 * low / effective_passages, 1000 * high / effective_passages
