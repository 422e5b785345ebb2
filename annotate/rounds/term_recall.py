"""Missed: how many mentions the codebook's terms miss, from passages without any term in which coders mark mentions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from corpus.codebook import Codebook
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

from . import rounds


@dataclass(frozen=True)
class MissedMentions:
    """Mentions in passages without any term: `per_1000` passages and in all of the frame, each with its 95 % interval.

    `passages` counts those that were drawn and answered, of `drawn`; several coders' marks of a passage are averaged.
    """

    round: str
    drawn: int
    passages: int
    frame: int
    mentions: float
    per_1000: float | None
    interval: tuple[float, float] | None

    @property
    def in_all(self) -> tuple[float, float, float] | None:
        """How many the terms miss in the frame, with the ends of the interval."""
        if self.per_1000 is None or self.interval is None:
            return None
        rate = self.frame / 1000
        return self.per_1000 * rate, self.interval[0] * rate, self.interval[1] * rate

    def json(self) -> dict[str, object]:
        """What `round show --json` prints."""
        names = ("round", "drawn", "passages", "frame", "mentions", "per_1000", "interval", "in_all")
        return {name: getattr(self, name) for name in names}


def missed_mentions(study: Study, name: str) -> MissedMentions | None:
    """Return what the audit beside a round found, or the audit itself where it is named; None where there is none."""
    d = db.round_designs.c
    with study.store.reading() as connection:
        audit = connection.execute(select(d.round).where((d.beside == name) | ((d.round == name) & (d.beside != ""))))
        found = audit.scalars().first()
        if found is None:
            return None
        o, t = db.outcomes.c, db.annotations
        answered = connection.execute(
            select(o.span, o.coder).where(o.round == found, o.state == "answered").order_by(o.span, o.coder)
        ).all()
        marks = connection.execute(select(t).where(t.c.round == found)).all()
    drawn = rounds.draws(study, found)
    passages = [Span.from_id(one.span) for one in drawn]
    by_mark: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in marks:
        by_mark[row.span, row.coder][row.variable] = row.code
    number: Counter[tuple[str, str]] = Counter()
    for (span, coder), answers in by_mark.items():
        place = Span.from_id(span)
        around = [p for p in passages if p.revision == place.revision and p.start <= place.start and place.end <= p.end]
        if around and is_mention(study.codebook, answers):
            number[around[0].id, coder] += 1
    counts: dict[str, list[int]] = defaultdict(list)
    for span, coder in answered:
        counts[span].append(number[span, coder])
    means = {span: sum(found) / len(found) for span, found in counts.items()}
    articles = [Span.from_id(span).revision for span in means]
    rate = rate_per_1000(list(means.values()), articles) if means else None
    return MissedMentions(
        found,
        len(drawn),
        len(means),
        rounds.get_round(study, found).frame,
        sum(means.values()),
        rate[0] if rate else None,
        rate[1:] if rate else None,
    )


def is_mention(book: Codebook, answers: dict[str, str]) -> bool:
    """Say whether what a coder marked speaks of the question: further variables are asked of it, where any wait.

    >>> from corpus.codebook import load
    >>> book = load("territorial-control")
    >>> is_mention(book, {"mention": "change"}), is_mention(book, {"mention": "none"})
    (True, False)
    """
    first = book.variables[0]
    waiting = [variable for variable in book.variables if first.name in variable.asked_when]
    return not waiting or any(variable.is_asked(answers) for variable in waiting)


def rate_per_1000(counts: Sequence[float], articles: Sequence[str]) -> tuple[float, float, float]:
    """Return events per 1,000 passages with a 95 % interval, for the count in each passage and its article.

    The exact Poisson interval (Garwood 1936, Fiducial limits for the Poisson distribution), which says something where
    nothing was found too. Where counts vary more between articles than Poisson's would, both count and passages are
    divided by how much (McCullagh and Nelder 1989, section 6.2).

    >>> [round(x, 1) for x in rate_per_1000([0] * 300, [str(i) for i in range(300)])]
    [0.0, 0.0, 12.3]
    """
    from scipy.stats import chi2

    n, total = len(counts), float(sum(counts))
    rate = total / n
    _, article = np.unique(np.array(articles, dtype=object), return_inverse=True)
    seen, size = np.bincount(article, counts), np.bincount(article)
    spread = 1.0
    if total > 0 and len(size) > 1:
        spread = max(1.0, float(((seen - rate * size) ** 2).sum() / total * len(size) / (len(size) - 1)))
    found, read = total / spread, n / spread
    low = float(chi2.ppf(0.025, 2 * found)) / 2 if found > 0 else 0.0
    high = float(chi2.ppf(0.975, 2 * found + 2)) / 2
    return 1000 * rate, 1000 * low / read, 1000 * high / read
