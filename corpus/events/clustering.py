"""Events: texts of one event stand near each other in time and share places, people and terms."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_DAYS_APART = 2  # days; a morning paper tells of the day before, and a day later it is another story
CHANCE = 0.2  # strangers that would be alike enough among all texts as near in time, expected; see benchmarks/events.py
MIN_STRANGERS = 200  # pairs of strangers; from fewer nothing is learned, as in a study of one week
DEFAULT_LIKENESS = 0.18  # likeness that strangers seldom have, where nothing is learned
MIN_RATIO, MAX_RATIO = 0.3, 3.0  # of the likeness that is needed: less counts as none, and one pair counts for no more
LEAD_WORDS = 100  # words with which a text says what happened
_SAMPLE = 1500  # texts whose pairs show how alike strangers are
_ROWS = 500  # texts that are compared with their days at a time
_TOKEN = re.compile(r"\b\w[\w’'-]+\b")
_NAME = re.compile(r"(?<![.!?…:“\"«„] )(?<!^)\b[^\W\d_][\w’'-]+", re.MULTILINE)  # not where everything is written large


@dataclass(frozen=True)
class EventText:
    """One text that tells of something: the name of its copy group, the day it came, its words, the headline first."""

    id: str
    day: date
    text: str


def assign_events(
    tellings: Sequence[EventText], known: Mapping[str, str] | None = None, *, chance: float = CHANCE
) -> dict[str, str]:
    """Return for each telling's id its event; a new event has the id of its earliest telling.

    Texts that came more than WINDOW days apart tell of different events, so they show how alike strangers are. A pair
    needs such a likeness that among all texts as near in time `chance` strangers are expected to have it: on a day with
    one story little is enough, in a war's daily reports much is needed. Two groups of tellings become one event, the
    most alike first, while the mean of likeness over what is needed, text by text, is at least 1 (average linkage).
    `known` events, by telling, stay as they are: new tellings may join them, and no two of them are joined.

    >>> may = date(2024, 5, 1)
    >>> said = {"a": "Army takes Velo at dawn", "b": "Velo: the army takes the town", "c": "Rain on the coast of Ardun"}
    >>> assign_events([EventText(id, may, text) for id, text in said.items()])
    {'a': 'a', 'b': 'a', 'c': 'c'}
    >>> assign_events([EventText(id, may, text) for id, text in said.items()], {"b": "fall-of-velo"})["a"]
    'fall-of-velo'
    """
    ordered = sorted(tellings, key=lambda one: (one.day, one.id))
    if not ordered:
        return {}
    names = dict(known or {})
    starts: dict[str, list[int]] = {}
    for place, one in enumerate(ordered):
        starts.setdefault(names.get(one.id, f"\n{one.id}"), []).append(place)
    fixed = [not name.startswith("\n") for name in starts]
    owner = np.empty(len(ordered), dtype=np.int64)
    for number, places in enumerate(starts.values()):
        owner[places] = number
    free = ~np.array(fixed)[owner]
    members = _join_clusters(_pairs(ordered, free, chance), owner, list(map(len, starts.values())), fixed)
    found: dict[str, str] = {}
    titles = list(starts)
    taken = set(names.values())
    for clusters in members:
        name = next((titles[number] for number in clusters if fixed[number]), None)
        inside = sorted(place for number in clusters for place in starts[titles[number]])
        if name is None:  # an event that was named after a text keeps that name when the text has left it
            name = next((ordered[p].id for p in inside if ordered[p].id not in taken), f"{ordered[inside[0]].id}-2")
        found |= {ordered[place].id: name for place in inside}
    return {one.id: found[one.id] for one in tellings}


def tfidf_vectors(texts: Sequence[str]) -> csr_matrix[Any]:
    """Return a row per text, of length 1: TF-IDF of its words, of its lead and of its names, each of the same weight.

    The product of two rows is the mean of three cosines; a text without names, as in scripts without capitals, has the
    other two.
    """
    from scipy.sparse import hstack

    fields = (texts, [" ".join(text.split()[:LEAD_WORDS]) for text in texts], list(map(_names, texts)))
    rows = hstack([_tfidf(field) for field in fields]).tocsr()
    return _unit_rows(rows)


def _tfidf(texts: Sequence[str]) -> csr_matrix[Any]:
    """Return TF-IDF of words: (1 + ln tf) (1 + ln((1 + n) / (1 + df))), rows of length 1 (Salton, Buckley 1988)."""
    from scipy.sparse import csr_matrix

    columns: dict[str, int] = {}
    counts = [
        Counter(columns.setdefault(word, len(columns)) for word in _TOKEN.findall(text.lower())) for text in texts
    ]
    places = np.fromiter((column for row in counts for column in row), dtype=np.int32)
    often = np.fromiter((n for row in counts for n in row.values()), dtype=np.float32)
    ends = np.cumsum([0, *map(len, counts)])
    texts_with = np.bincount(places, minlength=len(columns))
    weights = (1 + np.log(often)) * (1 + np.log((1 + len(texts)) / (1 + texts_with)))[places].astype(np.float32)
    return _unit_rows(csr_matrix((weights, places, ends), shape=(len(texts), max(1, len(columns)))))


def _unit_rows(rows: csr_matrix[Any]) -> csr_matrix[Any]:
    from scipy.sparse import diags

    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(lengths, 1e-9)).astype(np.float32) @ rows).tocsr()


def _names(text: str) -> str:
    return " ".join(match for match in _NAME.findall(text) if match[0].isupper())


def _pairs(ordered: Sequence[EventText], free: NDArray[np.bool_], chance: float) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, likeness over what is needed) with j before i, WINDOW days apart at most, one of them new."""
    rows = tfidf_vectors([one.text for one in ordered])
    days = np.array([one.day.toordinal() for one in ordered])
    needed = _needed_likeness(rows, days, chance)
    for first in range(0, len(ordered), _ROWS):
        last = min(first + _ROWS, len(ordered))
        begin = int(np.searchsorted(days, days[first] - MAX_DAYS_APART))
        like = (rows[first:last] @ rows[begin:last].T).tocoo()
        i, j = like.row.astype(np.int64) + first, like.col.astype(np.int64) + begin
        near = (j < i) & (days[i] - days[j] <= MAX_DAYS_APART) & (free[i] | free[j])
        i, j, share = i[near], j[near], like.data[near]
        gap = days[i] - days[j]
        share = share / np.maximum(needed[gap, i], needed[gap, j])
        kept = share >= MIN_RATIO
        yield from zip(i[kept].tolist(), j[kept].tolist(), np.minimum(share[kept], MAX_RATIO).tolist(), strict=True)


def _needed_likeness(rows: csr_matrix[Any], days: NDArray[np.int64], chance: float) -> NDArray[np.float64]:
    """Return how alike two texts have to be, by the days between them (0 to WINDOW) and by text."""
    some = np.unique(np.linspace(0, len(days) - 1, _SAMPLE).astype(int))
    like = (rows[some] @ rows[some].T).toarray()
    strangers = np.sort(like[np.triu(np.abs(days[some][:, None] - days[some]) > MAX_DAYS_APART)])
    if len(strangers) < MIN_STRANGERS:
        return np.full((MAX_DAYS_APART + 1, len(days)), DEFAULT_LIKENESS)
    needed = np.empty((MAX_DAYS_APART + 1, len(days)))
    for gap in range(MAX_DAYS_APART + 1):
        others = np.searchsorted(days, days + gap, "right") - np.searchsorted(days, days - gap, "left") - 1
        needed[gap] = np.quantile(strangers, 1 - np.minimum(chance / np.maximum(others, 1), 0.5))
    return np.maximum(needed, 0.01)  # texts of which no two share a word


def _join_clusters(
    pairs: Iterator[tuple[int, int, float]], owner: NDArray[np.int64], sizes: list[int], fixed: Sequence[bool]
) -> list[list[int]]:
    """Join clusters, the most alike first, while they are alike enough; return which became one."""
    clusters: dict[int, list[int]] = {number: [number] for number in range(len(sizes))}
    held = dict(enumerate(fixed))
    size = dict(enumerate(sizes))
    sums: dict[int, dict[int, float]] = {number: {} for number in clusters}
    for i, j, likeness in pairs:
        a, b = int(owner[i]), int(owner[j])
        if a != b and not (held[a] and held[b]):
            sums[a][b] = sums[b][a] = sums[a].get(b, 0.0) + likeness

    def mean(a: int, b: int) -> float:
        return sums[a][b] / (size[a] * size[b])

    heap = [(-mean(a, b), a, b) for a in sums for b in sums[a] if a < b and mean(a, b) >= 1]
    heapq.heapify(heap)
    following = len(sizes)
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in clusters or b not in clusters:
            continue
        new, following = following, following + 1
        clusters[new] = clusters.pop(a) + clusters.pop(b)
        held[new], size[new] = held[a] or held[b], size[a] + size[b]
        sums[new] = {}
        for old in (a, b):
            for other, total in sums.pop(old).items():
                if other in clusters:
                    del sums[other][old]
                    if not (held[new] and held[other]):
                        sums[new][other] = sums[new].get(other, 0.0) + total
        for other, total in sums[new].items():
            sums[other][new] = total
            if mean(new, other) >= 1:
                heapq.heappush(heap, (-mean(new, other), other, new))
    return list(clusters.values())
