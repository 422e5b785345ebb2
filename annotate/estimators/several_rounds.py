"""Several rounds as one design: what each span's codes count when rounds were drawn one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .draws import Mask, RoundOfSpans
from .regression import Floats, Ints


@dataclass(frozen=True)
class RoundAsDrawn:
    """A round over all spans of the study that any frame had (spans).

    `pi` is the inclusion probability in its draw, 0 outside its frame; `drawn` marks its draws and `stratum` is the
    index of their stratum. `chance` is the probability that a drawn span is coded blind, and `coded` marks those that
    were. The codes of a round that does not count (a pilot, or one that nobody has coded) are not read, but what it
    drew may be closed to later rounds. `sizes` are the numbers of spans by stratum in the frame and in the draw of a
    simple draw, as they were then; None of one with unequal probabilities within a stratum. `by` names the properties
    that define the strata.
    """

    pi: Floats
    drawn: Mask
    stratum: Ints
    chance: Floats
    coded: Mask
    counts: bool
    sizes: Mapping[int, tuple[int, int]] | None
    by: tuple[str, ...] = ()


def combine_rounds(rounds: Sequence[RoundAsDrawn]) -> tuple[list[RoundOfSpans], Mask]:
    """Return the rounds that count, as parts of one estimate, and the spans that they cover.

    Simple draws one after the other from the same strata are one draw of n_h,all of N_h spans. Otherwise the total of
    each round r is unbiased given the past, Σ over spans drawn before of Y + Σ over its frame of R_r/π_r Y, and the
    estimate is their mean, weighted by the numbers drawn, which were fixed before coding. A span that a later frame
    does not contain because an earlier round that does not count drew it is represented by those it did not draw: π is
    multiplied by 1 - π of that round, and so is what such spans count in later rounds once they are known.

    >>> ones, no = np.ones(4), np.zeros(4, dtype=np.int64)
    >>> def drawn(*rows): return np.isin(np.arange(4), rows)
    >>> first = RoundAsDrawn(np.full(4, 0.25), drawn(0), no, ones, drawn(0), True, {0: (4, 1)})
    >>> second = RoundAsDrawn(np.where(drawn(0), 0, 1 / 3), drawn(2), no, ones, drawn(2), True, {0: (3, 1)})
    >>> ((one,), covered) = combine_rounds([first, second])
    >>> one.pi.tolist(), one.coded.tolist()
    ([0.5, 0.5, 0.5, 0.5], [True, False, True, False])
    """
    merged = _merge_simple(rounds)
    counting = [n for n, one in enumerate(merged) if one.counts]
    open_to, closed = [], []
    for n in counting:
        not_closed: Floats = np.ones(len(merged[n].pi))
        ever_closed: Mask = np.zeros(len(merged[n].pi), dtype=bool)
        for earlier in (one for one in merged[:n] if not one.counts):
            gone: Mask = earlier.drawn & (merged[n].pi == 0)
            chance = earlier.pi * (gone.sum() / max(earlier.drawn.sum(), 1))
            not_closed *= 1 - chance
            ever_closed |= gone & (chance < 1)
        open_to.append(not_closed)
        closed.append(ever_closed)
    before = np.zeros(len(rounds[0].pi))
    known: Mask = np.zeros(len(before), dtype=bool)  # drawn by an earlier round that counts
    reach, parts = [], []
    for place, n in enumerate(counting):
        one = merged[n]
        chance = open_to[place] * one.chance
        pi = one.pi * chance
        reach.append((one.pi > 0) | known | closed[place])
        parts.append(RoundOfSpans(pi, one.coded, one.stratum, np.zeros(len(pi)), before))
        inverse = np.divide(1.0, chance, out=np.zeros_like(chance), where=one.coded)
        before, known = before + inverse, known | one.drawn
    size = np.array([float(merged[n].drawn.sum()) for n in counting])
    total = sum((reached * n for reached, n in zip(reach, size, strict=True)), np.zeros(len(before)))
    shares = [
        np.divide(reached * n, total, out=np.zeros(len(before)), where=total > 0)
        for reached, n in zip(reach, size, strict=True)
    ]
    combined = [
        RoundOfSpans(one.pi, one.coded, one.stratum, share, one.before)
        for one, share in zip(parts, shares, strict=True)
    ]
    return combined, total > 0


def _merge_simple(rounds: Sequence[RoundAsDrawn]) -> list[RoundAsDrawn]:
    """Merge consecutive simple rounds of the same strata into one, where each frame is what the one before left."""
    merged: list[RoundAsDrawn] = []
    for one in rounds:
        last = merged[-1] if merged else None
        left = None if last is None else (last.pi > 0) & ~last.drawn
        if last is None or left is None or not _continues(last, one, left):
            merged.append(one)
            continue
        assert last.sizes is not None and one.sizes is not None
        drawn = last.drawn | one.drawn
        stratum = np.where(one.drawn, one.stratum, last.stratum)
        sizes = {h: (size, taken + one.sizes.get(h, (0, 0))[1]) for h, (size, taken) in last.sizes.items()}
        pi = np.where(last.pi > 0, last.pi + (1 - last.pi) * one.pi, 0.0)  # of spans not drawn; exact for the drawn:
        for h, (size, taken) in sizes.items():  # of the draws as they were: spans removed since change no π
            pi[drawn & (stratum == h)] = taken / size
        chance = np.where(one.drawn, one.chance, last.chance)
        merged[-1] = RoundAsDrawn(pi, drawn, stratum, chance, last.coded | one.coded, True, sizes, last.by)
    return merged


def _continues(last: RoundAsDrawn, one: RoundAsDrawn, left: Mask) -> bool:
    """Return whether a round drew from just what the last one left of each stratum, so that both are one draw."""
    if last.sizes is None or one.sizes is None or not (last.counts and one.counts) or last.by != one.by:
        return False
    rest = {h: size - taken for h, (size, taken) in last.sizes.items() if size > taken}
    return rest == {h: size for h, (size, _) in one.sizes.items()} and bool(((one.pi > 0) == left).all())
