"""The report's counts: articles by outlet and month, codes by outlet, codes by whose words they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corpus.codebook import Codebook, Variable
from corpus.study import Study
from corpus.study.status import status

from .code_styles import DIVIDED, NOT_ASKED
from .judged_spans import Judged

MOST_MONTHS = 24  # a longer study is told in years, so that the table can be taken in
FEW = 10  # spans: below that an outlet's profile is no ground to choose it for a comparison


@dataclass(frozen=True)
class Timeline:
    """How many articles each outlet has in each period; periods without any stand in it as gaps."""

    periods: list[str]
    rows: dict[str, list[int]]
    most: int

    @property
    def gaps(self) -> int:
        """The number of cells without an article."""
        return sum(count == 0 for row in self.rows.values() for count in row)


def timeline(articles: Iterable[tuple[str, str | None]]) -> Timeline:
    """Count articles, given as (outlet, ISO date), by month, from the first month to the last without a hole.

    >>> found = timeline([("Herald", "2024-11-30"), ("Courier", "2025-01-02"), ("Courier", None)])
    >>> found.periods, found.rows["Courier"]
    (['2024-11', '2024-12', '2025-01', 'no date'], [0, 0, 1, 1])
    """
    known = [(outlet, date[:7] if isinstance(date, str) else "no date") for outlet, date in articles]
    months = _months(sorted({month for _, month in known if month != "no date"}))
    if len(months) > MOST_MONTHS:
        known = [(outlet, month if month == "no date" else month[:4]) for outlet, month in known]
        months = sorted({month[:4] for month in months})
    periods = months + (["no date"] if any(month == "no date" for _, month in known) else [])
    counts = Counter(known)
    rows = {outlet: [counts[outlet, period] for period in periods] for outlet in sorted({o for o, _ in known})}
    return Timeline(periods, rows, max(counts.values(), default=0))


def _months(found: Sequence[str]) -> list[str]:
    if not found:
        return []
    first, last = (12 * int(month[:4]) + int(month[5:7]) - 1 for month in (found[0], found[-1]))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def corpus(study: Study, articles: pd.DataFrame) -> dict[str, Any]:
    """Return what the corpus holds: articles over time, revisions, spans by unit, copy groups of several articles."""
    found = status(study)
    groups = [number for number in Counter(articles["copy_group"].dropna()).values() if number > 1]
    return {
        "timeline": timeline(zip(articles["outlet"], articles["date"], strict=True)),
        "revisions": found["revisions"],
        "spans": dict(sorted(found["spans"].items(), key=lambda item: (-item[1], item[0]))),
        "copy_groups": len(groups),
        "copies": sum(groups),
    }


@dataclass(frozen=True)
class Profile:
    """How often an outlet's spans have each code of a variable, coded by people and suggested for the rest."""

    outlet: str
    coded: Mapping[str, int]
    coded_spans: int
    suggested: Mapping[str, int]
    suggested_spans: int

    def shares(self) -> dict[str, float]:
        """The codes' shares among the coded spans, among the suggested ones where nothing is coded."""
        counts = {code: n for code, n in (self.coded or self.suggested).items() if code != DIVIDED}
        total = sum(counts.values())
        return {code: n / total for code, n in counts.items()}


def profiles(book: Codebook, variable: Variable, outlets: Sequence[str], spans: Iterable[Judged]) -> list[Profile]:
    """Count the codes of a variable by outlet. A span that it was not asked of is no part of the counts."""
    coded: dict[str, Counter[str]] = {outlet: Counter() for outlet in outlets}
    suggested: dict[str, Counter[str]] = {outlet: Counter() for outlet in outlets}
    sizes: Counter[tuple[str, str]] = Counter()
    for span in spans:
        code = span.code(book, variable)
        if span.state == "assisted" or code in (None, NOT_ASKED):
            continue
        sizes[span.outlet, span.state] += 1
        counts = coded if span.state == "coded" else suggested
        counts[span.outlet].update(str(code).split("|"))
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


def crossed(
    book: Codebook, down: Variable, across: Variable, spans: Iterable[Judged]
) -> dict[str, Counter[tuple[str, str, str]]]:
    """Count per outlet the triples (state, code of one variable, code of another), for spans that have both."""
    counts: dict[str, Counter[tuple[str, str, str]]] = {}
    for span in spans:
        one, other = span.code(book, down), span.code(book, across)
        if span.state == "assisted" or {one, other} & {None, NOT_ASKED, DIVIDED}:
            continue
        pairs = [(span.state, a, b) for a in str(one).split("|") for b in str(other).split("|")]
        counts.setdefault(span.outlet, Counter()).update(pairs)
    return counts


def most_different(found: Sequence[Profile]) -> tuple[str, str] | None:
    """Return the two outlets whose codes' shares lie furthest apart (total variation), None of fewer than two.

    >>> most_different([Profile("A", {"x": 20}, 20, {}, 0), Profile("B", {"x": 15, "y": 5}, 20, {}, 0),
    ...                 Profile("C", {"y": 20}, 20, {}, 0)])
    ('A', 'C')
    """
    big = [profile for profile in found if max(profile.coded_spans, profile.suggested_spans) >= FEW]
    kept = big if len(big) > 1 else list(found)
    pairs = [(one, other) for place, one in enumerate(kept) for other in kept[place + 1 :]]
    if not pairs:
        return None

    def distance(pair: tuple[Profile, Profile]) -> float:
        one, other = (profile.shares() for profile in pair)
        return sum(abs(one.get(code, 0) - other.get(code, 0)) for code in one.keys() | other.keys())

    one, other = max(pairs, key=distance)
    return one.outlet, other.outlet
