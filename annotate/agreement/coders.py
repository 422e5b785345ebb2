"""Coders compared: each pair of them, and each one against the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .alpha import Floats, Ints, alpha, coincidences
from .reliability_data import Coded

DEPARTS = 0.5  # of BABE's eight experts one stands at .08 of the others' alpha, the next lowest at .75


@dataclass(frozen=True)
class PairAgreement:
    """How two coders agree on the spans that both answered; `confusion` (codes of the first, codes of the second)."""

    coders: tuple[str, str]
    n_units: int
    percent: float
    alpha: float | None
    confusion: Ints

    def json(self) -> dict[str, object]:
        """The pair as `agree --json` prints it."""
        return {"coders": list(self.coders), "n_units": self.n_units, "percent": self.percent, "alpha": self.alpha}


@dataclass(frozen=True)
class CoderAgreement:
    """How one coder agrees with the others on the spans that another has answered too.

    `alpha` pairs the coder with each of the others and leaves out how these agree among themselves; `without` is the
    alpha of the others alone. `shares` are the parts of each code in the coder's answers, `others` in those that the
    others gave to the same spans. `drift` is the alpha of the earlier and of the later half of the coder's answers,
    where the time of each is known.
    """

    coder: str
    n_units: int
    percent: float
    alpha: float | None
    without: float | None
    shares: Mapping[str, float]
    others: Mapping[str, float]
    departs: bool = False
    drift: tuple[float | None, float | None] | None = None

    @property
    def bias(self) -> dict[str, float]:
        """How much more often than the others the coder gives each code, as a difference of shares."""
        return {code: share - self.others[code] for code, share in self.shares.items()}

    @property
    def favourite(self) -> str:
        """The code that the coder gives more often than the others, by the most."""
        return max(self.bias, key=self.bias.__getitem__)

    def json(self) -> dict[str, object]:
        """The coder as `agree --json` prints it."""
        names = ("n_units", "percent", "alpha", "without", "departs", "drift", "shares", "bias")
        return {name: getattr(self, name) for name in names}


def pairs(answers: Coded) -> list[PairAgreement]:
    """Compare each two coders who have answered the same spans, most spans first.

    >>> from .reliability_data import of_rows
    >>> ada = [("s1", "ada", "yes"), ("s2", "ada", "no"), ("s3", "ada", "no")]
    >>> [pair] = pairs(of_rows([*ada, ("s1", "ben", "yes"), ("s2", "ben", "yes")]))
    >>> pair.coders, pair.n_units, pair.percent, pair.alpha
    (('ada', 'ben'), 2, 0.5, 0.0)
    """
    codes, number = len(answers.values), len(answers.coders)
    order = np.lexsort((answers.coder, answers.span))
    span, coder, code = answers.span[order], answers.coder[order], answers.code[order]
    cells = []
    for step in range(1, int(np.bincount(span).max(initial=0))):  # answers of one span lie beside each other
        both = span[:-step] == span[step:]
        pair = coder[:-step][both] * number + coder[step:][both]
        cells.append((pair * codes + code[:-step][both]) * codes + code[step:][both])
    if not cells:
        return []
    cell, times = np.unique(np.concatenate(cells), return_counts=True)
    pair, place = np.unique(cell // codes**2, return_inverse=True)
    confusion = np.zeros((len(pair), codes, codes), dtype=np.int64)
    confusion[place, cell // codes % codes, cell % codes] = times
    alphas = alpha(confusion + confusion.swapaxes(1, 2), answers.variable.level, answers.scale)
    shared = confusion.sum(axis=(1, 2))
    same = np.trace(confusion, axis1=1, axis2=2) / shared
    found = [
        PairAgreement(
            (answers.coders[both // number], answers.coders[both % number]), int(n), float(percent), known(a), table
        )
        for both, n, percent, a, table in zip(pair, shared, same, alphas, confusion, strict=True)
    ]
    return sorted(found, key=lambda one: (-one.n_units, one.coders))


def each(answers: Coded, above: float | None = None) -> dict[str, CoderAgreement]:
    """Compare each coder with the others.

    A coder departs who agrees with the others less than half as well as these among themselves, and so much so that
    their alpha alone lies above `above`, the upper end of the interval of all: more than the choice of articles
    explains.
    """
    counts, coders, codes = answers.counts, len(answers.coders), len(answers.values)
    paired = counts.sum(axis=1)[answers.span] >= 2
    coder, code = answers.coder[paired], answers.code[paired]
    given = counts[answers.span[paired]]  # (answers, codes): what the span of each answer got
    own = np.eye(codes)[code]
    rest = given - own
    total = coincidences(counts)
    tables = coincidences(given, coder, coders)
    left = total - tables + coincidences(rest, coder, coders)
    left[np.abs(left) < 1e-9] = 0  # what rounding leaves of nothing
    without = alpha(left, answers.variable.level, answers.scale)
    against = _against(coder, code, rest, coders)
    alphas = alpha(against, answers.variable.level, answers.scale)
    made = answers.made[paired]
    halves = alpha(
        _against(coder * 2 + _later(coder, made), code, rest, coders * 2), answers.variable.level, answers.scale
    ).reshape(coders, 2)
    timed = _timed(coder, made, coders)
    number = np.bincount(coder, minlength=coders)
    shares = _sums(coder, own, coders) / np.maximum(number, 1)[:, None]
    others = _sums(coder, rest / rest.sum(axis=1, keepdims=True), coders) / np.maximum(number, 1)[:, None]
    same = np.trace(against, axis1=1, axis2=2) / np.maximum(against.sum(axis=(1, 2)), 1)
    alone = len(answers.coders) < 3
    return {
        name: CoderAgreement(
            coder=name,
            n_units=int(number[c]),
            percent=float(same[c]),
            alpha=known(alphas[c]),
            without=None if alone else known(without[c]),
            shares=dict(zip(answers.values, shares[c].tolist(), strict=True)),
            others=dict(zip(answers.values, others[c].tolist(), strict=True)),
            drift=(known(halves[c, 0]), known(halves[c, 1])) if timed[c] else None,
            departs=not alone and above is not None and bool(without[c] > above and alphas[c] < DEPARTS * without[c]),
        )
        for c, name in enumerate(answers.coders)
        if number[c]
    }


def _against(coder: Ints, code: Ints, rest: Floats, coders: int) -> Floats:
    """Return coincidence matrices (coders, codes, codes) of each coder's answers with all others to the same spans."""
    codes = rest.shape[1]
    tables = _sums(coder * codes + code, rest, coders * codes).reshape(coders, codes, codes)
    return tables + tables.swapaxes(1, 2)


def _later(coder: Ints, made: Ints) -> Ints:
    """Return 0 for answers of the earlier half of their coder's, 1 for the later half."""
    order = np.lexsort((made, coder))
    number = np.bincount(coder)
    rank = np.empty(len(coder), dtype=np.int64)
    rank[order] = np.arange(len(coder)) - (np.cumsum(number) - number)[coder[order]]
    return (2 * rank >= number[coder]).astype(np.int64)


def _timed(coder: Ints, made: Ints, coders: int) -> npt.NDArray[np.bool_]:
    """Say of each coder whether the time of every answer is known, and not all are from one moment."""
    unknown = np.bincount(coder[made < 0], minlength=coders)
    first, last = np.full(coders, np.iinfo(np.int64).max), np.full(coders, -1)
    np.minimum.at(first, coder, made)
    np.maximum.at(last, coder, made)
    timed: npt.NDArray[np.bool_] = (unknown == 0) & (first < last)
    return timed


def _sums(group: Ints, rows: Floats, groups: int) -> Floats:
    """Return the sums of rows by group (groups, columns)."""
    return np.stack([np.bincount(group, weights=column, minlength=groups) for column in rows.T], axis=1)


def known(value: float) -> float | None:
    """Return a figure, or None where it cannot be computed."""
    return None if np.isnan(value) else float(value)
