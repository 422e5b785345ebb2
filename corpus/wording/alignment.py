"""Align two texts word by word and list what a copy changed, above all mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from corpus.result import Result
from corpus.text import terms

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
MAX_MOVED = 4  # words of a match that may be moved to a later occurrence
_MAX_PAIRS = 4_000_000  # word pairs; above it, common words are left out of the search, which would take minutes


@dataclass(frozen=True)
class CopyChange(Result):
    """Words that a copy inserted, deleted or replaced.

    `kind` is "inserted", "deleted" or "replaced"; `before` and `after` are the words, `start` and `end` the offsets of
    `after` in the copy; `mentions_before` and `mentions_after` are the contested terms among them.
    """

    kind: str
    before: str
    after: str
    start: int
    end: int
    mentions_before: tuple[str, ...] = ()
    mentions_after: tuple[str, ...] = ()
    printed = ("of_mention",)

    @property
    def of_mention(self) -> bool:
        """Whether contested terms were added, removed or replaced."""
        return self.mentions_before != self.mentions_after


def word_offsets(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of a text's words, the same words as `shingles.word_hashes` has."""
    return [match.span() for match in re.finditer(r"\w+", text)]


def copy_changes(earlier: str, copy: str, mention_terms: Sequence[str] = ()) -> list[CopyChange]:
    """Return the changes of a copy, in its order; differences of case or punctuation only do not count.

    >>> wire, copy = "Troops captured Velo at dawn.", "Troops liberated Velo, he said."
    >>> for change in copy_changes(wire, copy, ["captur*", "liberat*"]):
    ...     print(change.kind, repr(change.before), repr(change.after), change.of_mention)
    replaced 'captured' 'liberated' True
    replaced 'at dawn' 'he said' False
    """
    old, new = list(_WORD.finditer(earlier)), list(_WORD.finditer(copy))
    mentions_old = terms.mention_candidates(mention_terms, earlier)
    mentions_new = terms.mention_candidates(mention_terms, copy)
    changes = []
    for a, b, c, d in _gaps([m[0].lower() for m in old], [m[0].lower() for m in new]):
        before = (old[a].start(), old[b - 1].end()) if a < b else (0, 0)
        start = new[c].start() if c < d else (new[c - 1].end() if c else 0)
        after = (start, new[d - 1].end() if c < d else start)
        changes.append(
            CopyChange(
                "replaced" if a < b and c < d else "deleted" if a < b else "inserted",
                earlier[slice(*before)],
                copy[slice(*after)],
                *after,
                _mentions_touched(earlier, mentions_old, before),
                _mentions_touched(copy, mentions_new, after),
            )
        )
    return changes


def _gaps(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (a, b, c, d) where `new[c:d]` replaces `old[a:b]`."""
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > _MAX_PAIRS)
    blocks = [[block.a, block.b, block.size] for block in matcher.get_matching_blocks()]
    for match, next_match in pairwise(blocks):
        _move_match(match, next_match, old, new)
    a = c = 0
    for start_old, start_new, size in blocks:
        if a < start_old or c < start_new:
            yield a, start_old, c, start_new
        a, c = start_old + size, start_new + size


def _move_match(match: list[int], next_match: list[int], old: list[str], new: list[str]) -> None:
    """Move a short match to a later occurrence of its words, adjacent to the next match.

    The matcher takes the first occurrence of a phrase, in the headline, although the beginning of a sentence was
    copied; "captured" and "liberated" would then not be aligned.
    """
    a, c, size = match
    in_old, in_new = next_match[0] - a - size, next_match[1] - c - size
    if size > MAX_MOVED or in_old == in_new:
        return
    if in_old > in_new and old[next_match[0] - in_new - size : next_match[0] - in_new] == old[a : a + size]:
        match[0] = next_match[0] - in_new - size
    elif in_new > in_old and new[next_match[1] - in_old - size : next_match[1] - in_old] == new[c : c + size]:
        match[1] = next_match[1] - in_old - size


def _mentions_touched(text: str, mentions: Sequence[tuple[int, int]], place: tuple[int, int]) -> tuple[str, ...]:
    """Return the mentions that overlap a stretch: a copy may have changed one word of "took control"."""
    return tuple(text[a:b] for a, b in mentions if a < place[1] and place[0] < b)
