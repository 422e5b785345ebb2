"""The report's counts: articles by outlet and month, codes by outlet, codes by attribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from corpus.annotation import codes_of
from corpus.codebook import Codebook, Variable
from corpus.study import Study
from corpus.study.counting import DIVIDED
from corpus.study.status import status

from .code_styles import NOT_ASKED
from .judged_spans import JudgedSpan

MOST_MONTHS = 24  # longer studies are shown by year, to keep the table readable
MIN_SPANS = 10  # of an outlet, for its profile to be compared


@dataclass(frozen=True)
class Timeline:
    """The number of articles of each outlet in each period, including periods without any."""

    periods: list[str]
    rows: dict[str, list[int]]
    most: int

    @property
    def gaps(self) -> int:
        """The number of cells without an article."""
        return sum(count == 0 for row in self.rows.values() for count in row)


def timeline(articles: Iterable[tuple[str, str | None]]) -> Timeline:
    """Count articles, given as (outlet, ISO date), for every month from the first to the last.

    >>> by_month = timeline([("Herald", "2024-11-30"), ("Courier", "2025-01-02"), ("Courier", None)])
    >>> by_month.periods, by_month.rows["Courier"]
    (['2024-11', '2024-12', '2025-01', 'no date'], [0, 0, 1, 1])
    """
    cells = [(outlet, date[:7] if isinstance(date, str) else "no date") for outlet, date in articles]
    months = _months(sorted({month for _, month in cells if month != "no date"}))
    if len(months) > MOST_MONTHS:
        cells = [(outlet, month if month == "no date" else month[:4]) for outlet, month in cells]
        months = sorted({month[:4] for month in months})
    periods = months + (["no date"] if any(month == "no date" for _, month in cells) else [])
    counts = Counter(cells)
    rows = {outlet: [counts[outlet, period] for period in periods] for outlet in sorted({o for o, _ in cells})}
    return Timeline(periods, rows, max(counts.values(), default=0))


def _months(present: Sequence[str]) -> list[str]:
    if not present:
        return []
    first, last = (12 * int(month[:4]) + int(month[5:7]) - 1 for month in (present[0], present[-1]))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


@dataclass(frozen=True)
class CorpusCounts:
    """The corpus in counts: articles over time, revisions, spans by unit, copy groups of several articles."""

    timeline: Timeline
    revisions: int
    spans: Mapping[str, int]
    copy_groups: int
    copies: int


def corpus_counts(study: Study, articles: pd.DataFrame) -> CorpusCounts:
    """Return the corpus in counts: articles over time, revisions, spans by unit, copy groups of several articles."""
    totals = status(study)
    groups = [number for number in Counter(articles["copy_group"].dropna()).values() if number > 1]
    return CorpusCounts(
        timeline=timeline(zip(articles["outlet"], articles["date"], strict=True)),
        revisions=totals.revisions,
        spans=dict(sorted(totals.spans.items(), key=lambda item: (-item[1], item[0]))),
        copy_groups=len(groups),
        copies=sum(groups),
    )


@dataclass(frozen=True)
class Profile:
    """How often an outlet's spans have each code of a variable: coded by people, and suggested for the rest."""

    outlet: str
    coded: Mapping[str, int]
    coded_spans: int
    suggested: Mapping[str, int]
    suggested_spans: int

    def shares(self) -> dict[str, float]:
        """Return the codes' shares of the coded spans, or of the suggested spans if nothing is coded."""
        counts = {code: n for code, n in (self.coded or self.suggested).items() if code != DIVIDED}
        total = sum(counts.values())
        return {code: n / total for code, n in counts.items()}


def profiles(book: Codebook, variable: Variable, outlets: Sequence[str], spans: Iterable[JudgedSpan]) -> list[Profile]:
    """Count the codes of a variable by outlet, without the spans for which it was not asked."""
    coded: dict[str, Counter[str]] = {outlet: Counter() for outlet in outlets}
    suggested: dict[str, Counter[str]] = {outlet: Counter() for outlet in outlets}
    sizes: Counter[tuple[str, str]] = Counter()
    for span in spans:
        code = span.code(book, variable)
        if span.state == "assisted" or code in (None, NOT_ASKED):
            continue
        sizes[span.outlet, span.state] += 1
        counts = coded if span.state == "coded" else suggested
        counts[span.outlet].update(codes_of(str(code)))
    order = [*variable.code_names, DIVIDED]
    return [
        Profile(
            outlet,
            {code: coded[outlet][code] for code in order if coded[outlet][code]},
            sizes[outlet, "coded"],
            {code: suggested[outlet][code] for code in order if suggested[outlet][code]},
            sizes[outlet, "suggested"],
        )
        for outlet in outlets
    ]


def cross_tabulate(
    book: Codebook, down: Variable, across: Variable, spans: Iterable[JudgedSpan]
) -> dict[str, Counter[tuple[str, str, str]]]:
    """Count by outlet the triples (state, code of `down`, code of `across`), for spans that have both codes."""
    counts: dict[str, Counter[tuple[str, str, str]]] = {}
    for span in spans:
        rows, columns = span.code(book, down), span.code(book, across)
        if span.state == "assisted" or {rows, columns} & {None, NOT_ASKED, DIVIDED}:
            continue
        cells = [(span.state, row, column) for row in codes_of(str(rows)) for column in codes_of(str(columns))]
        counts.setdefault(span.outlet, Counter()).update(cells)
    return counts


def most_different(profiles: Sequence[Profile]) -> tuple[str, str] | None:
    """Return the two outlets whose codes' shares differ most (total variation), None for fewer than two outlets.

    >>> most_different([Profile("A", {"x": 20}, 20, {}, 0), Profile("B", {"x": 15, "y": 5}, 20, {}, 0),
    ...                 Profile("C", {"y": 20}, 20, {}, 0)])
    ('A', 'C')
    """
    large = [profile for profile in profiles if max(profile.coded_spans, profile.suggested_spans) >= MIN_SPANS]
    pairs = list(combinations(large if len(large) > 1 else profiles, 2))
    if not pairs:
        return None

    def distance(pair: tuple[Profile, Profile]) -> float:
        first, second = (profile.shares() for profile in pair)
        return sum(abs(first.get(code, 0) - second.get(code, 0)) for code in first.keys() | second.keys())

    first, second = max(pairs, key=distance)
    return first.outlet, second.outlet
