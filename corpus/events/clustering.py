"""Group texts into events: texts of one event are close in time and share places, people and terms."""

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

MAX_DAYS_APART = 2  # texts of one event: a morning paper reports the day before, and a day later there is other news
CHANCE = 0.2  # expected unrelated texts ("strangers") that reach the needed likeness; see benchmarks/events.py
MIN_STRANGERS = 200  # pairs; with fewer, as in a study of one week, DEFAULT_LIKENESS is needed
DEFAULT_LIKENESS = 0.18  # unrelated texts seldom reach it
MIN_RATIO, MAX_RATIO = 0.3, 3.0  # likeness over needed likeness: lower ratios count as 0, higher ones as 3
LEAD_WORDS = 100  # of a text, in which it says what happened
_SAMPLE = 1500  # texts whose pairs show how alike unrelated texts are
_ROWS = 500  # texts compared at a time
_TOKEN = re.compile(r"\b\w[\w’'-]+\b")
_NAME = re.compile(r"(?<![.!?…:“\"«„] )(?<!^)\b[^\W\d_][\w’'-]+", re.MULTILINE)  # not at the beginning of a sentence


@dataclass(frozen=True)
class EventText:
    """The text of one copy group: the group's id, its earliest day, and its words, the headline first."""

    id: str
    day: date
    text: str


def assign_events(
    texts: Sequence[EventText], known: Mapping[str, str] | None = None, *, chance: float = CHANCE
) -> dict[str, str]:
    """Return the event of each text, by id; a new event has the id of its earliest text.

    Texts more than MAX_DAYS_APART days apart belong to different events, so they show how alike unrelated texts
    ("strangers") are. A pair needs the likeness that `chance` strangers are expected to reach among all
    texts as close in time: low on a day with little news, high among a war's daily reports. Two groups of texts are
    joined, the most alike first, while the mean ratio of likeness to needed likeness over their pairs of texts is at
    least 1 (average linkage). `known` events, by text, are fixed: new texts may join them, but they are never joined
    with each other.

    >>> may = date(2024, 5, 1)
    >>> words = {"a": "Army takes Velo at dawn", "b": "Velo: the army takes the town", "c": "Rain on the coast"}
    >>> texts = [EventText(id, may, text) for id, text in words.items()]
    >>> assign_events(texts)
    {'a': 'a', 'b': 'a', 'c': 'c'}
    >>> assign_events(texts, {"b": "fall-of-velo"})["a"]
    'fall-of-velo'
    """
    ordered = sorted(texts, key=lambda text: (text.day, text.id))
    if not ordered:
        return {}
    names = dict(known or {})
    initial: dict[str, list[int]] = {}
    for place, text in enumerate(ordered):
        initial.setdefault(names.get(text.id, f"\n{text.id}"), []).append(place)
    fixed = [not name.startswith("\n") for name in initial]
    owner = np.empty(len(ordered), dtype=np.int64)
    for number, places in enumerate(initial.values()):
        owner[places] = number
    is_new = ~np.array(fixed)[owner]
    members = _join_clusters(_pairs(ordered, is_new, chance), owner, list(map(len, initial.values())), fixed)
    events: dict[str, str] = {}
    initial_names = list(initial)
    names_in_use = set(names.values())
    for clusters in members:
        name = next((initial_names[number] for number in clusters if fixed[number]), None)
        places = sorted(place for number in clusters for place in initial[initial_names[number]])
        ids = [ordered[place].id for place in places]
        if name is None:  # an event keeps the id of a text that has left it, so that id may be in use
            name = next((id for id in ids if id not in names_in_use), f"{ids[0]}-2")
        events |= dict.fromkeys(ids, name)
    return {text.id: events[text.id] for text in texts}


def tfidf_vectors(texts: Sequence[str]) -> csr_matrix[Any]:
    """Return a unit row per text: TF-IDF of its words, of its lead and of its names, equally weighted.

    The product of two rows is the mean of three cosines; a text without names, as in scripts without capitals, has
    only the other two.
    """
    from scipy.sparse import hstack

    fields = (texts, [" ".join(text.split()[:LEAD_WORDS]) for text in texts], list(map(_names, texts)))
    rows = hstack([_tfidf(field) for field in fields]).tocsr()
    return _unit_rows(rows)


def _tfidf(texts: Sequence[str]) -> csr_matrix[Any]:
    """Return unit rows of TF-IDF: (1 + ln tf) (1 + ln((1 + n) / (1 + df))) (Salton, Buckley 1988)."""
    from scipy.sparse import csr_matrix

    columns: dict[str, int] = {}
    counts = [
        Counter(columns.setdefault(word, len(columns)) for word in _TOKEN.findall(text.lower())) for text in texts
    ]
    places = np.fromiter((column for row in counts for column in row), dtype=np.int32)
    frequencies = np.fromiter((n for row in counts for n in row.values()), dtype=np.float32)
    ends = np.cumsum([0, *map(len, counts)])
    document_frequencies = np.bincount(places, minlength=len(columns))
    weights = (1 + np.log(frequencies)) * (1 + np.log((1 + len(texts)) / (1 + document_frequencies)))[places].astype(
        np.float32
    )
    return _unit_rows(csr_matrix((weights, places, ends), shape=(len(texts), max(1, len(columns)))))


def _unit_rows(rows: csr_matrix[Any]) -> csr_matrix[Any]:
    from scipy.sparse import diags

    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (diags(1 / np.maximum(lengths, 1e-9)).astype(np.float32) @ rows).tocsr()


def _names(text: str) -> str:
    return " ".join(match for match in _NAME.findall(text) if match[0].isupper())


def _pairs(ordered: Sequence[EventText], is_new: NDArray[np.bool_], chance: float) -> Iterator[tuple[int, int, float]]:
    """Yield (i, j, ratio of likeness to needed likeness) with j before i, close in time, at least one of them new."""
    rows = tfidf_vectors([text.text for text in ordered])
    days = np.array([text.day.toordinal() for text in ordered])
    needed = _needed_likeness(rows, days, chance)
    for first in range(0, len(ordered), _ROWS):
        last = min(first + _ROWS, len(ordered))
        begin = int(np.searchsorted(days, days[first] - MAX_DAYS_APART))
        likeness = (rows[first:last] @ rows[begin:last].T).tocoo()
        i, j = likeness.row.astype(np.int64) + first, likeness.col.astype(np.int64) + begin
        near = (j < i) & (days[i] - days[j] <= MAX_DAYS_APART) & (is_new[i] | is_new[j])
        i, j, ratio = i[near], j[near], likeness.data[near]
        gap = days[i] - days[j]
        ratio = ratio / np.maximum(needed[gap, i], needed[gap, j])
        selected = ratio >= MIN_RATIO
        yield from zip(
            i[selected].tolist(), j[selected].tolist(), np.minimum(ratio[selected], MAX_RATIO).tolist(), strict=True
        )


def _needed_likeness(rows: csr_matrix[Any], days: NDArray[np.int64], chance: float) -> NDArray[np.float64]:
    """Return the likeness that two texts need, by the days between them (0 to MAX_DAYS_APART) and by text."""
    sample = np.unique(np.linspace(0, len(days) - 1, _SAMPLE).astype(int))
    likeness = (rows[sample] @ rows[sample].T).toarray()
    strangers = np.sort(likeness[np.triu(np.abs(days[sample][:, None] - days[sample]) > MAX_DAYS_APART)])
    if len(strangers) < MIN_STRANGERS:
        return np.full((MAX_DAYS_APART + 1, len(days)), DEFAULT_LIKENESS)
    needed = np.empty((MAX_DAYS_APART + 1, len(days)))
    for gap in range(MAX_DAYS_APART + 1):
        near_texts = np.searchsorted(days, days + gap, "right") - np.searchsorted(days, days - gap, "left") - 1
        needed[gap] = np.quantile(strangers, 1 - np.minimum(chance / np.maximum(near_texts, 1), 0.5))
    return np.maximum(needed, 0.01)  # if no two texts share a word


def _join_clusters(
    pairs: Iterator[tuple[int, int, float]], owner: NDArray[np.int64], sizes: list[int], fixed: Sequence[bool]
) -> list[list[int]]:
    """Join clusters, the most alike first, while they are alike enough; return the initial clusters of each result."""
    clusters: dict[int, list[int]] = {number: [number] for number in range(len(sizes))}
    is_fixed = dict(enumerate(fixed))
    size = dict(enumerate(sizes))
    sums: dict[int, dict[int, float]] = {number: {} for number in clusters}
    for i, j, likeness in pairs:
        a, b = int(owner[i]), int(owner[j])
        if a != b and not (is_fixed[a] and is_fixed[b]):
            sums[a][b] = sums[b][a] = sums[a].get(b, 0.0) + likeness

    def mean(a: int, b: int) -> float:
        return sums[a][b] / (size[a] * size[b])

    heap = [(-mean(a, b), a, b) for a in sums for b in sums[a] if a < b and mean(a, b) >= 1]
    heapq.heapify(heap)
    next_cluster = len(sizes)
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in clusters or b not in clusters:
            continue
        new, next_cluster = next_cluster, next_cluster + 1
        clusters[new] = clusters.pop(a) + clusters.pop(b)
        is_fixed[new], size[new] = is_fixed[a] or is_fixed[b], size[a] + size[b]
        sums[new] = {}
        for old in (a, b):
            for other, total in sums.pop(old).items():
                if other in clusters:
                    del sums[other][old]
                    if not (is_fixed[new] and is_fixed[other]):
                        sums[new][other] = sums[new].get(other, 0.0) + total
        for other, total in sums[new].items():
            sums[other][new] = total
            if mean(new, other) >= 1:
                heapq.heappush(heap, (-mean(new, other), other, new))
    return list(clusters.values())
