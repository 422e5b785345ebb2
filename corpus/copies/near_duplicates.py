"""Copies: articles that carry one text, such as wire copy and reposts, form copy groups."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .shingles import Numbers, Sketch, sampled, shingles, sketch, words

COPY = 0.75  # of the shorter text that stands in the other, reworded or not; a passage that both quote is less
PAIRS, RUNS = 0.38, 0.12  # of its word pairs and runs of four words; a fifth reworded leaves .8 ** 2 = .64 and .41
FEW = 60  # words; a shorter text shares its template with others ("Losses of the army on 3 May: …"), so it has to
FEW_PAIRS, FEW_RUNS, FEW_SIZE = 0.6, 0.3, 0.5  # share more, and to be at least half as long as the other
CANDIDATE = 0.2  # of the shorter sketch found in the other, from which two articles are compared; copies: .51
CROWD = 1000  # articles that share one shingle; of more, as a page's furniture has, those nearest in order are met
_KEPT = 4000  # articles whose words are remembered between comparisons


def similarity(one: str, other: str) -> float:
    """Return which share of the shorter text stands in the other, reworded or not; 0 where too little of it does.

    If a share c of a text stands in the other, each word kept with probability q, then c q² of its word pairs are found
    there, and c q⁴ of its runs of four: c is the square of the one over the other. A text whose fifth is reworded
    throughout so differs from one that quotes a long passage, though both share as many runs. A text of less than
    FEW words is compared only with one that is not twice as long.

    >>> wire = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> similarity(wire, "Breaking: " + wire), similarity(wire, "Rain is expected in Velo on Monday.")
    (1.0, 0.0)
    """
    return _similarity(_Runs.of(one), _Runs.of(other))


@dataclass(frozen=True)
class _Runs:
    pairs: Numbers
    fours: Numbers

    @classmethod
    def of(cls, text: str) -> _Runs:
        numbers = words(text)
        return cls(shingles(numbers, 2), shingles(numbers, 4))


def _share(one: Numbers, other: Numbers) -> float:
    small, large = sorted((one, other), key=len)
    if not len(small):
        return 0.0
    places = np.minimum(np.searchsorted(large, small), len(large) - 1)
    return float(np.count_nonzero(large[places] == small)) / len(small)


def _similarity(one: _Runs, other: _Runs) -> float:
    small, large = sorted((len(one.pairs), len(other.pairs)))
    few = small < FEW
    if few and small < FEW_SIZE * large:
        return 0.0
    pairs, runs = _share(one.pairs, other.pairs), _share(one.fours, other.fours)
    if pairs < (FEW_PAIRS if few else PAIRS) or runs < (FEW_RUNS if few else RUNS):
        return 0.0
    return min(1.0, pairs * pairs / runs)


class Index:
    """Sketches of articles by shingle, so that an article meets those that share some with it and not all.

    Memory: 8 bytes a kept shingle, a quarter of a long text's words.
    """

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self.sizes = np.array([len(one) for one in sketches], dtype=np.int64)
        self.common = np.array([sampled(one) for one in sketches], dtype=np.int64)
        self.long = self.sizes == self.common  # nothing above the limit is kept, as of a long text
        hashes = np.concatenate(sketches) if len(sketches) else np.empty(0, np.uint32)
        owners = np.repeat(np.arange(len(sketches), dtype=np.int32), self.sizes)
        order = np.argsort(hashes, kind="stable")  # stable: the articles of one shingle stay in their order
        self.hashes, self.owners = hashes[order], owners[order]

    def candidates(self, place: int, one: Sketch) -> NDArray[np.int64]:
        """Return the places of the articles before `place` that share enough shingles with it, most alike first."""
        left = np.searchsorted(self.hashes, one, "left")
        right = np.searchsorted(self.hashes, one, "right")
        if (right - left).max(initial=0) > CROWD:
            left, right = self._nearest(place, left, right)
        lengths = right - left
        if not lengths.sum():
            return np.empty(0, np.int64)
        offsets = np.repeat(left - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        met = self.owners[offsets + np.arange(lengths.sum())]
        others, counts = np.unique(met[met < place], return_counts=True)
        both_short = ~self.long[others] & ~self.long[place]
        least = np.where(
            both_short,
            np.minimum(self.sizes[others], self.sizes[place]),
            np.minimum(self.common[others], self.common[place]),
        )
        share = counts / np.maximum(least, 1)
        enough = share >= CANDIDATE
        ordered: NDArray[np.int64] = others[enough][np.argsort(-share[enough], kind="stable")].astype(np.int64)
        return ordered

    def _nearest(
        self, place: int, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        for i in np.flatnonzero(right - left > CROWD):
            here = left[i] + np.searchsorted(self.owners[left[i] : right[i]], place)
            left[i], right[i] = max(left[i], here - CROWD), here
        return left, right


class Groups:
    """Who is a copy of whom, through any number of copies between; a group is named by its least member.

    >>> groups = Groups({"b": "b", "c": "b"})
    >>> groups.join("a", "c")
    >>> groups.of("b"), groups.of("a")
    ('a', 'a')
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._above = dict(known or {})

    def of(self, article: str) -> str:
        """Return an article's group."""
        above = self._above
        above.setdefault(article, article)
        above.setdefault(above[article], above[article])
        while above[article] != article:
            above[article] = above.setdefault(above[above[article]], above[above[article]])
            article = above[article]
        return article

    def join(self, one: str, other: str) -> None:
        """Make two articles members of one group."""
        first, second = sorted((self.of(one), self.of(other)))
        self._above[second] = first


def regrouped(
    known: Mapping[str, Sketch],
    new: Mapping[str, Sketch],
    groups: Mapping[str, str],
    texts: Callable[[str], str],
) -> dict[str, str]:
    """Return every article's group after new articles came: each meets the candidates before it, and no others.

    `known` and `new` are sketches by article, `groups` the known articles' groups; `texts` gives an article's text, and
    is asked for candidates only.
    """
    order = [*known, *new]
    index = Index([*known.values(), *new.values()])
    found = Groups({article: groups.get(article, article) for article in known})
    runs: OrderedDict[str, _Runs] = OrderedDict()

    def runs_of(article: str) -> _Runs:
        if article not in runs:
            runs[article] = _Runs.of(texts(article))
            if len(runs) > _KEPT:
                runs.popitem(last=False)
        return runs[article]

    for place, (article, one) in enumerate(new.items(), len(known)):
        for other in (order[i] for i in index.candidates(place, one)):
            if found.of(article) != found.of(other) and _similarity(runs_of(article), runs_of(other)) >= COPY:
                found.join(article, other)
    return {article: found.of(article) for article in order}


def copy_groups(texts: Mapping[str, str]) -> dict[str, str]:
    """Return for each article's id its copy group: the least id among the articles that are its copies.

    >>> wire = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> copy_groups({"b": wire, "a": "Breaking: " + wire, "c": "Rain is expected in the south until the weekend."})
    {'b': 'a', 'a': 'a', 'c': 'c'}
    """
    return regrouped({}, {article: sketch(text) for article, text in texts.items()}, {}, texts.__getitem__)


def repeated(text: str, least: int = 12) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return passages that stand twice in one article: ((start, end), (start, end)) of the first and the later one.

    `least` is the words of the shortest passage that counts.

    >>> line = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> repeated(f"{line} Rain fell. {line}", least=8)
    [((0, 69), (81, 150))]
    """
    from corpus.wording.alignment import places

    where = places(text)
    numbers = words(text)
    first: dict[tuple[int, ...], int] = {}
    found: list[tuple[tuple[int, int], tuple[int, int]]] = []
    i = 0
    while i + least <= len(numbers):
        run = tuple(numbers[i : i + least].tolist())
        at = first.setdefault(run, i)
        length = least
        if at == i or at + length > i:
            i += 1
            continue
        while i + length < len(numbers) and at + length < i and numbers[at + length] == numbers[i + length]:
            length += 1
        found.append(((where[at][0], where[at + length - 1][1]), (where[i][0], where[i + length - 1][1])))
        i += length
    return [(_closed(text, one), _closed(text, other)) for one, other in found]


def _closed(text: str, place: tuple[int, int]) -> tuple[int, int]:
    start, end = place
    return start, end + (text[end : end + 1] in tuple(".!?"))
