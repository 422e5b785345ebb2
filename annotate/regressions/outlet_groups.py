"""Groups of outlets: the difference between the means of their corrected shares, with errors between outlets (CR2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.estimates.estimate import Estimate, check_sample, estimate
from annotate.estimators.cr2 import fit_cr2
from annotate.estimators.shares import LEVEL
from corpus.errors import UnknownCode
from corpus.result import Result
from corpus.study import Study

FEWEST_OUTLETS, LEAST_DF = 4, 4.0  # in either group; below them no interval is worth printing
EXAMPLE = "'Herald,Post,Globe,Echo vs Courier,Times,Star,Mail'"


@dataclass(frozen=True)
class GroupDifference:
    """The mean share of a code in the first group of outlets minus that in the second, each outlet counting once.

    `df` are Satterthwaite's degrees of freedom, `p` is two-sided.
    """

    code: str
    first_mean: float
    second_mean: float
    difference: float
    low: float
    high: float
    se: float
    df: float
    p: float


@dataclass(frozen=True)
class OutletGroups(Result):
    """Two groups of outlets with the differences between their means; none where `not_compared` gives a reason.

    `first` and `second` are the outlets that have a share. `estimate` has the outlets one by one.
    """

    variable: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    differences: tuple[GroupDifference, ...]
    not_compared: str
    notes: tuple[str, ...]
    estimate: Estimate
    rows = "differences"


def compare_outlets(
    study: Study, groups: str, variable: str | None = None, *, override: str | None = None
) -> OutletGroups:
    """Compare two groups of outlets, such as "Herald,Post,Globe,Echo vs Courier,Times,Star,Mail".

    The difference is that of these outlets' means; it says nothing of others. Errors are those between outlets, and
    hold for few of them (CR2). Where a group has fewer than four outlets with a share, or there are fewer than four
    degrees of freedom, there are the outlets' own shares only, with the reason. Raises UnknownCode for groups that
    cannot be read, and NoEstimate where `estimate` does.
    """
    sides = read_groups(study, groups, variable, override=override)
    shares = estimate(study, variable, override=override)
    known = {row.group for row in shares.shares if row.share is not None}
    first, second = (tuple(name for name in side if name in known) for side in sides)
    without = [name for side in sides for name in side if name not in known]
    notes = [f"without a share, so left out: {', '.join(without)}"] if without else []
    by_code: dict[str, dict[str, float]] = {row.code: {} for row in shares.shares}
    for row in shares.shares:
        if row.share is not None:
            by_code[row.code][row.group] = row.share
    reason, found = "", list[GroupDifference]()
    if min(len(first), len(second)) < FEWEST_OUTLETS:
        reason = f"{len(first)} and {len(second)} outlets with a share: groups are compared from {FEWEST_OUTLETS} each"
    else:
        for code, of in by_code.items():  # a verdict of reliability may withhold a code in some outlets
            if missing := [name for name in (*first, *second) if name not in of]:
                notes.append(f"{code} is not compared, since it has no figure in {', '.join(missing)}")
            else:
                found.append(_difference(code, [of[name] for name in first], [of[name] for name in second]))
        if df := [one.df for one in found if one.df < LEAST_DF]:
            reason, found = f"{df[0]:.1f} degrees of freedom, expected {LEAST_DF:.0f}: groups of such unlike size", []
        elif not found:
            reason = "no code has a figure in each of these outlets"
    return OutletGroups(shares.variable, first, second, tuple(found), reason, tuple(notes), shares)


def read_groups(
    study: Study, groups: str, variable: str | None = None, *, override: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the outlets of both groups. Raises UnknownCode for others, and NoEstimate where `estimate` does."""
    sample, _ = check_sample(study, variable, override=override)
    outlets = sorted(set(sample.spans["outlet"]))
    sides = [_outlets(side, outlets) for side in groups.split(" vs ")]
    if len(sides) != 2 or not all(sides):
        raise UnknownCode(f"{groups!r} has {len(sides)} groups of outlets; expected two, as in {EXAMPLE}")
    first, second = sides
    if both := sorted(set(first) & set(second)):
        raise UnknownCode(f"{', '.join(both)} cannot be in both groups; expected each outlet in one")
    return first, second


def _outlets(side: str, known: Collection[str]) -> tuple[str, ...]:
    names = [name.strip() for name in side.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise UnknownCode(f"{unknown[0]!r} is not an outlet of this estimate; expected some of {', '.join(known)}")
    return tuple(dict.fromkeys(names))


def _difference(code: str, first: Sequence[float], second: Sequence[float]) -> GroupDifference:
    """Return the difference between two groups of outlets' shares.

    >>> one = _difference("liberation", [0.6, 0.7, 0.5, 0.6], [0.2, 0.3, 0.1, 0.2])
    >>> round(one.difference, 3), round(one.se, 4), round(one.df, 3), round(one.low, 3), round(one.high, 3)
    (0.4, 0.0577, 6.0, 0.259, 0.541)
    """
    from scipy.special import stdtr, stdtrit  # distribution and quantiles of t

    shares = np.array([*first, *second])
    in_first = np.repeat([1.0, 0.0], [len(first), len(second)])
    fitted = fit_cr2(np.column_stack([np.ones(len(shares)), in_first]), shares, np.arange(len(shares)))
    difference, se, df = float(fitted.coefficients[1]), float(fitted.errors[1]), float(fitted.df[1])
    half = float(stdtrit(df, (1 + LEVEL) / 2)) * se
    p = 2 * float(stdtr(df, -abs(difference) / se)) if se > 0 else float(difference == 0)
    return GroupDifference(
        code, float(np.mean(first)), float(np.mean(second)), difference, difference - half, difference + half, se, df, p
    )
