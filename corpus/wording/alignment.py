"""Alignment: which words one text has in place of another's, mentions above all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from corpus.text import terms

_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
FEW = 4  # words that may be matched at the wrong one of their places
_MANY = 4_000_000  # pairs of words; for longer texts common words are left out of the search, else it takes minutes


@dataclass(frozen=True)
class Change:
    """A stretch that a copy has in place of the earlier text's; one of the two may be empty.

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

    @property
    def of_mention(self) -> bool:
        """Whether contested terms came, went or were exchanged."""
        return self.mentions_before != self.mentions_after


def places(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of a text's words as `shingles.words` counts them."""
    return [match.span() for match in re.finditer(r"\w+", text)]


def changes(earlier: str, copy: str, mention_terms: Sequence[str] = ()) -> list[Change]:
    """Return what a copy changed, in its order; a difference of case or punctuation alone is none.

    >>> wire, copy = "Troops captured Velo at dawn.", "Troops liberated Velo, he said."
    >>> for change in changes(wire, copy, ["captur*", "liberat*"]):
    ...     print(change.kind, repr(change.before), repr(change.after), change.of_mention)
    replaced 'captured' 'liberated' True
    replaced 'at dawn' 'he said' False
    """
    old, new = list(_WORD.finditer(earlier)), list(_WORD.finditer(copy))
    mentions_old = terms.mention_candidates(mention_terms, earlier)
    mentions_new = terms.mention_candidates(mention_terms, copy)
    found = []
    for a, b, c, d in _gaps([m[0].lower() for m in old], [m[0].lower() for m in new]):
        before = (old[a].start(), old[b - 1].end()) if a < b else (0, 0)
        start = new[c].start() if c < d else (new[c - 1].end() if c else 0)
        after = (start, new[d - 1].end() if c < d else start)
        found.append(
            Change(
                "replaced" if a < b and c < d else "deleted" if a < b else "inserted",
                earlier[slice(*before)],
                copy[slice(*after)],
                *after,
                _inside(earlier, mentions_old, before),
                _inside(copy, mentions_new, after),
            )
        )
    return found


def _gaps(old: list[str], new: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (a, b, c, d) where `new[c:d]` stands in place of `old[a:b]`."""
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > _MANY)
    blocks = [[block.a, block.b, block.size] for block in matcher.get_matching_blocks()]
    for here, behind in pairwise(blocks):
        _moved(here, behind, old, new)
    a = c = 0
    for start_old, start_new, size in blocks:
        if a < start_old or c < start_new:
            yield a, start_old, c, start_new
        a, c = start_old + size, start_new + size


def _moved(here: list[int], behind: list[int], old: list[str], new: list[str]) -> None:
    """Move a few matched words to where they stand again, nearer to the next match.

    The matcher takes a phrase where it stands first, in the headline, though it is the sentence's beginning that was
    copied; "captured" and "liberated" would then not face each other.
    """
    a, c, size = here
    in_old, in_new = behind[0] - a - size, behind[1] - c - size
    if size > FEW or in_old == in_new:
        return
    if in_old > in_new and old[behind[0] - in_new - size : behind[0] - in_new] == old[a : a + size]:
        here[0] = behind[0] - in_new - size
    elif in_new > in_old and new[behind[1] - in_old - size : behind[1] - in_old] == new[c : c + size]:
        here[1] = behind[1] - in_old - size


def _inside(text: str, mentions: Sequence[tuple[int, int]], place: tuple[int, int]) -> tuple[str, ...]:
    """Return the mentions that a stretch touches: of "took control" a copy may have changed one word."""
    return tuple(text[a:b] for a, b in mentions if a < place[1] and place[0] < b)
