"""Detect copies and near-copies of articles, such as wire copy and reposts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .facts import facts
from .shingles import Hashes, Sketch, count_sampled, shingle_hashes, sketch, word_hashes

MIN_SIMILARITY = 0.75  # share of the shorter text found in the other; a quotation that both have is less
# shared word pairs and runs of four words; with a fifth of the words replaced, .8 ** 2 = .64 and .8 ** 4 = .41 remain
MIN_PAIRS, MIN_RUNS = 0.38, 0.12
# texts below 60 words may share a template ("Losses of the army on 3 May: …"): they have to share more,
# and to be at least half as long as the other
SHORT_TEXT = 60
SHORT_MIN_PAIRS, SHORT_MIN_RUNS, SHORT_MIN_RATIO = 0.6, 0.3, 0.5
# of the names, numbers and days of one text, the share that the other text has others for: from there on the two only
# share a frame, as bulletins do of another place and day
OTHER_FACTS, SHORT_OTHER_FACTS, ONE_OTHER_FACT = 0.5, 0.3, 0.5
FRAME_RUNS = (
    0.55  # shared runs of four words of a longer frame; of a copy with a fifth of its words replaced .41 remain
)
MIN_SKETCH_OVERLAP = 0.2  # share of the smaller sketch from which two articles are compared; copies have about .51
MAX_SHARING = 1000  # articles per shingle; if more share one, as page furniture, only the nearest in order are compared
_CACHE_SIZE = 4000  # articles whose words are remembered between comparisons


def similarity(text: str, other: str) -> float:
    """Estimate the share of the shorter text that is found in the other, reworded or not; 0 if it is too little.

    If a share c of a text is copied and each word kept with probability q, the copy shares c q² of its word pairs and
    c q⁴ of its runs of four words, so that c = pairs² / runs. This distinguishes a copy with a fifth of its words
    replaced throughout from a text that quotes a long stretch, even if both share equally many runs. A text with fewer
    than SHORT_TEXT words is compared only with texts up to twice as long. Texts with one frame and other facts, such as
    bulletins of another place and day, have none.

    >>> wire = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> similarity(wire, "Breaking: " + wire), similarity(wire, "Rain is expected in Velo on Monday.")
    (1.0, 0.0)
    >>> similarity(wire, "Northland took the town of Karsk at dawn on Friday, its ministry said.")
    0.0
    """
    return _similarity(_Runs.of(text), _Runs.of(other))


@dataclass(frozen=True)
class _Runs:
    text: str
    pairs: Hashes
    fours: Hashes

    @classmethod
    def of(cls, text: str) -> _Runs:
        hashes = word_hashes(text)
        return cls(text, shingle_hashes(hashes, 2), shingle_hashes(hashes, 4))

    @cached_property
    def facts(self) -> frozenset[str]:
        return facts(self.text)


def _share(hashes: Hashes, others: Hashes) -> float:
    small, large = sorted((hashes, others), key=len)
    if not len(small):
        return 0.0
    places = np.minimum(np.searchsorted(large, small), len(large) - 1)
    return float(np.count_nonzero(large[places] == small)) / len(small)


def _similarity(text: _Runs, other: _Runs, threshold: float = MIN_SIMILARITY) -> float:
    small, large = sorted((len(text.pairs), len(other.pairs)))
    is_short = small < SHORT_TEXT
    if is_short and small < SHORT_MIN_RATIO * large:
        return 0.0
    pairs, runs = _share(text.pairs, other.pairs), _share(text.fours, other.fours)
    if pairs < (SHORT_MIN_PAIRS if is_short else MIN_PAIRS) or runs < (SHORT_MIN_RUNS if is_short else MIN_RUNS):
        return 0.0
    share = min(1.0, pairs * pairs / runs)
    may_be_frame = share >= threshold and (is_short or runs >= FRAME_RUNS)
    return 0.0 if may_be_frame and _tell_of_others(text.facts, other.facts, is_short) else share


def _tell_of_others(own: frozenset[str], others: frozenset[str], is_short: bool) -> bool:
    """Return whether one text has other names, numbers and days where the other text has its own."""
    exchanged = min(len(own - others), len(others - own))
    fewest = min(len(own), len(others))
    if not exchanged:
        return False
    share = exchanged / fewest
    if not is_short:
        return exchanged > 1 and share >= OTHER_FACTS
    return share >= (SHORT_OTHER_FACTS if exchanged > 1 else ONE_OTHER_FACT)


class ShingleIndex:
    """Sketches of articles by shingle, to find the articles that share shingles with one without comparing all.

    Memory: 8 bytes per sampled shingle, which are about a quarter of a long text's words.
    """

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self.sizes = np.array([len(article_sketch) for article_sketch in sketches], dtype=np.int64)
        self.common = np.array([count_sampled(article_sketch) for article_sketch in sketches], dtype=np.int64)
        self.long = self.sizes == self.common  # long texts have no shingles above the limit
        hashes = np.concatenate(sketches) if len(sketches) else np.empty(0, np.uint32)
        owners = np.repeat(np.arange(len(sketches), dtype=np.int32), self.sizes)
        order = np.argsort(hashes, kind="stable")  # stable: articles with the same shingle stay in order
        self.hashes, self.owners = hashes[order], owners[order]

    def candidates(self, place: int, article_sketch: Sketch) -> NDArray[np.int64]:
        """Return the places of articles before `place` that share enough shingles with it, the most similar first."""
        left = np.searchsorted(self.hashes, article_sketch, "left")
        right = np.searchsorted(self.hashes, article_sketch, "right")
        if (right - left).max(initial=0) > MAX_SHARING:
            left, right = self._nearest(place, left, right)
        lengths = right - left
        if not lengths.sum():
            return np.empty(0, np.int64)
        offsets = np.repeat(left - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        sharing = self.owners[offsets + np.arange(lengths.sum())]
        others, counts = np.unique(sharing[sharing < place], return_counts=True)
        both_short = ~self.long[others] & ~self.long[place]
        least = np.where(
            both_short,
            np.minimum(self.sizes[others], self.sizes[place]),
            np.minimum(self.common[others], self.common[place]),
        )
        share = counts / np.maximum(least, 1)
        selected = share >= MIN_SKETCH_OVERLAP
        ordered: NDArray[np.int64] = others[selected][np.argsort(-share[selected], kind="stable")].astype(np.int64)
        return ordered

    def _nearest(
        self, place: int, left: NDArray[np.int64], right: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        for i in np.flatnonzero(right - left > MAX_SHARING):
            position = left[i] + np.searchsorted(self.owners[left[i] : right[i]], place)
            left[i], right[i] = max(left[i], position - MAX_SHARING), position
        return left, right


class DisjointSets:
    """Disjoint sets (union-find) of articles that are copies of each other; a set is named by its smallest id.

    >>> groups = DisjointSets({"b": "b", "c": "b"})
    >>> groups.join("a", "c")
    >>> groups.of("b"), groups.of("a")
    ('a', 'a')
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._parents = dict(known or {})

    def of(self, article: str) -> str:
        """Return the name of an article's set."""
        parents = self._parents
        parents.setdefault(article, article)
        parents.setdefault(parents[article], parents[article])
        while parents[article] != article:
            parents[article] = parents.setdefault(parents[parents[article]], parents[parents[article]])
            article = parents[article]
        return article

    def join(self, article: str, other: str) -> None:
        """Join the sets of two articles."""
        first, second = sorted((self.of(article), self.of(other)))
        self._parents[second] = first


def assign_copy_groups(
    known: Mapping[str, Sketch],
    new: Mapping[str, Sketch],
    groups: Mapping[str, str],
    texts: Callable[[str], str],
    threshold: float = MIN_SIMILARITY,
) -> dict[str, str]:
    """Return every article's copy group after new articles were added, each compared with its candidates only.

    `known` and `new` are sketches by article, `groups` the known articles' groups; `texts` returns an article's text
    and is called for candidates only. Articles are copies from a similarity of `threshold` on.
    """
    order = [*known, *new]
    index = ShingleIndex([*known.values(), *new.values()])
    sets = DisjointSets({article: groups.get(article, article) for article in known})
    runs: OrderedDict[str, _Runs] = OrderedDict()

    def runs_of(article: str) -> _Runs:
        if article not in runs:
            runs[article] = _Runs.of(texts(article))
            if len(runs) > _CACHE_SIZE:
                runs.popitem(last=False)
        return runs[article]

    for place, (article, article_sketch) in enumerate(new.items(), len(known)):
        for other in (order[i] for i in index.candidates(place, article_sketch)):
            if sets.of(article) == sets.of(other):
                continue
            if _similarity(runs_of(article), runs_of(other), threshold) >= threshold:
                sets.join(article, other)
    return {article: sets.of(article) for article in order}


def copy_groups(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the copy group of each article: the smallest id among its copies.

    >>> wire = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> copy_groups({"b": wire, "a": "Breaking: " + wire, "c": "Rain is expected in the south until the weekend."})
    {'b': 'a', 'a': 'a', 'c': 'c'}
    """
    return assign_copy_groups({}, {article: sketch(text) for article, text in texts.items()}, {}, texts.__getitem__)


def repeated_stretches(text: str, least: int = 12) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return stretches that occur twice in an article: ((start, end), (start, end)) of the first and the later one.

    `least` is the minimum length in words.

    >>> line = "Northland took the town of Velo at dawn on Monday, its ministry said."
    >>> repeated_stretches(f"{line} Rain fell. {line}", least=8)
    [((0, 69), (81, 150))]
    """
    from corpus.wording.alignment import word_offsets

    offsets = word_offsets(text)
    hashes = word_hashes(text)
    first: dict[tuple[int, ...], int] = {}
    repeats: list[tuple[tuple[int, int], tuple[int, int]]] = []
    i = 0
    while i + least <= len(hashes):
        run = tuple(hashes[i : i + least].tolist())
        at = first.setdefault(run, i)
        length = least
        if at == i or at + length > i:
            i += 1
            continue
        while i + length < len(hashes) and at + length < i and hashes[at + length] == hashes[i + length]:
            length += 1
        repeats.append(((offsets[at][0], offsets[at + length - 1][1]), (offsets[i][0], offsets[i + length - 1][1])))
        i += length
    return [(_with_full_stop(text, first), _with_full_stop(text, later)) for first, later in repeats]


def _with_full_stop(text: str, place: tuple[int, int]) -> tuple[int, int]:
    start, end = place
    return start, end + (text[end : end + 1] in tuple(".!?"))
