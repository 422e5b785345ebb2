"""Agreement of each pair of coders, and of each coder with all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.result import Result, printed_as

from .alpha import Floats, Ints, alpha, coincidences
from .reliability_data import ReliabilityData

DEPARTS_BELOW = 0.5  # of the others' alpha; of BABE's eight experts one has .08 of it, the next lowest .75


@dataclass(frozen=True)
class PairAgreement(Result):
    """Agreement of two coders on the spans that both answered; `confusion` is (first coder's, second coder's codes)."""

    coders: tuple[str, str]
    n_units: int
    percent: float
    alpha: float | None
    confusion: Ints = printed_as(None)


@dataclass(frozen=True)
class CoderAgreement(Result):
    """Agreement of one coder with the others on the spans that at least one other coder answered.

    `alpha` compares the coder with each of the others and ignores how they agree among themselves; `without` is the
    alpha of the others alone. `shares` are the codes' shares of the coder's answers, `others` their shares of the
    others' answers to the same spans. `drift` is the alpha of the earlier and of the later half of the coder's answers,
    where all times are known.
    """

    n_units: int
    percent: float
    alpha: float | None
    without: float | None
    shares: Mapping[str, float]
    coder: str = printed_as(None)
    others: Mapping[str, float] = printed_as(None)
    departs: bool = False
    drift: tuple[float | None, float | None] | None = None
    printed = ("bias",)

    @property
    def bias(self) -> dict[str, float]:
        """How much more often the coder gives each code than the others do, as a difference of shares."""
        return {code: share - self.others[code] for code, share in self.shares.items()}

    @property
    def favourite(self) -> str:
        """The code with the largest positive bias."""
        return max(self.bias, key=self.bias.__getitem__)


def pair_agreements(data: ReliabilityData) -> list[PairAgreement]:
    """Compare each pair of coders on the spans that both answered, the pair with the most spans first.

    >>> from .reliability_data import data_from_rows
    >>> ada = [("s1", "ada", "yes"), ("s2", "ada", "no"), ("s3", "ada", "no")]
    >>> [pair] = pair_agreements(data_from_rows([*ada, ("s1", "ben", "yes"), ("s2", "ben", "yes")]))
    >>> pair.coders, pair.n_units, pair.percent, pair.alpha
    (('ada', 'ben'), 2, 0.5, 0.0)
    """
    codes, coders = len(data.values), len(data.coders)
    order = np.lexsort((data.coder, data.span))
    span, coder, code = data.span[order], data.coder[order], data.code[order]
    cells = []
    for step in range(1, int(np.bincount(span).max(initial=0))):  # sorted: answers to one span are adjacent
        same_span = span[:-step] == span[step:]
        pair = coder[:-step][same_span] * coders + coder[step:][same_span]
        cells.append((pair * codes + code[:-step][same_span]) * codes + code[step:][same_span])
    if not cells:
        return []
    cell, frequencies = np.unique(np.concatenate(cells), return_counts=True)
    pair, row = np.unique(cell // codes**2, return_inverse=True)
    confusion = np.zeros((len(pair), codes, codes), dtype=np.int64)
    confusion[row, cell // codes % codes, cell % codes] = frequencies
    alphas = alpha(confusion + confusion.swapaxes(1, 2), data.variable.level, data.scale)
    n_units = confusion.sum(axis=(1, 2))
    percents = np.trace(confusion, axis1=1, axis2=2) / n_units
    agreements = [
        PairAgreement(
            (data.coders[p // coders], data.coders[p % coders]), int(n), float(percent), none_if_nan(a), table
        )
        for p, n, percent, a, table in zip(pair, n_units, percents, alphas, confusion, strict=True)
    ]
    return sorted(agreements, key=lambda one: (-one.n_units, one.coders))


def coder_agreements(data: ReliabilityData, above: float | None = None) -> dict[str, CoderAgreement]:
    """Compare each coder with the others.

    A coder departs if their alpha with the others is less than half of the alpha of the others alone, and the latter is
    greater than `above`, the upper end of the interval of all coders: more than the choice of articles explains.
    """
    counts, coders, codes = data.counts, len(data.coders), len(data.values)
    paired = counts.sum(axis=1)[data.span] >= 2
    coder, code = data.coder[paired], data.code[paired]
    span_counts = counts[data.span[paired]]  # (answers, codes): how often each code was given to the answer's span
    own = np.eye(codes)[code]
    rest = span_counts - own
    remaining = coincidences(counts) - coincidences(span_counts, coder, coders) + coincidences(rest, coder, coders)
    remaining[np.abs(remaining) < 1e-9] = 0  # rounding errors
    without = alpha(remaining, data.variable.level, data.scale)
    against = _against_others(coder, code, rest, coders)
    alphas = alpha(against, data.variable.level, data.scale)
    times = data.times[paired]
    halves = alpha(
        _against_others(coder * 2 + _in_later_half(coder, times), code, rest, coders * 2),
        data.variable.level,
        data.scale,
    ).reshape(coders, 2)
    timed = _has_times(coder, times, coders)
    n_units = np.bincount(coder, minlength=coders)
    shares = _sums(coder, own, coders) / np.maximum(n_units, 1)[:, None]
    others = _sums(coder, rest / rest.sum(axis=1, keepdims=True), coders) / np.maximum(n_units, 1)[:, None]
    percents = np.trace(against, axis1=1, axis2=2) / np.maximum(against.sum(axis=(1, 2)), 1)
    only_two = coders < 3  # then there are no others among themselves
    return {
        name: CoderAgreement(
            coder=name,
            n_units=int(n_units[c]),
            percent=float(percents[c]),
            alpha=none_if_nan(alphas[c]),
            without=None if only_two else none_if_nan(without[c]),
            shares=dict(zip(data.values, shares[c].tolist(), strict=True)),
            others=dict(zip(data.values, others[c].tolist(), strict=True)),
            drift=(none_if_nan(halves[c, 0]), none_if_nan(halves[c, 1])) if timed[c] else None,
            departs=not only_two
            and above is not None
            and bool(without[c] > above and alphas[c] < DEPARTS_BELOW * without[c]),
        )
        for c, name in enumerate(data.coders)
        if n_units[c]
    }


def _against_others(coder: Ints, code: Ints, rest: Floats, coders: int) -> Floats:
    """Return each coder's coincidence matrix with all others on the same spans (coders, codes, codes)."""
    codes = rest.shape[1]
    tables = _sums(coder * codes + code, rest, coders * codes).reshape(coders, codes, codes)
    return tables + tables.swapaxes(1, 2)


def _in_later_half(coder: Ints, times: Ints) -> Ints:
    """Return 0 for each answer in the earlier half of its coder's answers, 1 for those in the later half."""
    order = np.lexsort((times, coder))
    answers = np.bincount(coder)
    rank = np.empty(len(coder), dtype=np.int64)
    rank[order] = np.arange(len(coder)) - (np.cumsum(answers) - answers)[coder[order]]
    return (2 * rank >= answers[coder]).astype(np.int64)


def _has_times(coder: Ints, times: Ints, coders: int) -> npt.NDArray[np.bool_]:
    """Return for each coder whether the time of every answer is known and the times are not all equal."""
    unknown = np.bincount(coder[times < 0], minlength=coders)
    first, last = np.full(coders, np.iinfo(np.int64).max), np.full(coders, -1)
    np.minimum.at(first, coder, times)
    np.maximum.at(last, coder, times)
    usable: npt.NDArray[np.bool_] = (unknown == 0) & (first < last)
    return usable


def _sums(group: Ints, rows: Floats, groups: int) -> Floats:
    """Return the sums of rows by group (groups, columns)."""
    return np.stack([np.bincount(group, weights=column, minlength=groups) for column in rows.T], axis=1)


def none_if_nan(value: float) -> float | None:
    """Return a figure, or None for NaN."""
    return None if np.isnan(value) else float(value)
