"""What a plan of an estimate says."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.estimators.shares import Target
from corpus.result import Result

MORE = (25, 50, 100, 200)  # coded spans more, for which a plan says what they would bring
APPROXIMATIONS = (
    "all coded spans of a group count as one simple draw, of several rounds too",
    "the classifier stays as it is; one that learns from more spans may do better",
    "where a code stays rare, the exact interval will be wider",
)


@dataclass(frozen=True)
class PlannedSize:
    """What a share's interval would be with `more` coded spans in its group: standard error and half the width."""

    more: int
    se: float
    half_width: float


@dataclass(frozen=True)
class PlannedShare:
    """The interval of a code's share in a group now (None: no figure yet), and with more coded spans.

    `basis` is "coded" where the variance is that of the coded spans, "few codes" where their share and an assumed
    design effect give it, and "assumed" where no span of the group is coded; then `assumed` is the share. `needed` is
    the number of spans to code for the wanted width: 0 if it is reached, None if all that are left do not reach it.
    """

    group: str
    code: str
    basis: str
    assumed: float | None
    se: float | None
    half_width: float | None
    sizes: tuple[PlannedSize, ...]
    needed: int | None


@dataclass(frozen=True)
class DrawnTogether:
    """What the coded spans of a group would be with `more`: how many copy groups, and the design effect.

    `per_copy_group` counts the coded spans in the copy group of a coded span, itself included, on average.
    """

    more: int
    copy_groups: float
    per_copy_group: float
    effect: float


@dataclass(frozen=True)
class GroupOfPlan:
    """A group of spans: how many there are, are coded, and are left to draw, and what draws of them would have."""

    group: str
    spans: int
    coded: int
    left: int
    draws: tuple[DrawnTogether, ...]


@dataclass(frozen=True)
class EstimatePlan(Result):
    """What more coded spans would bring to an estimate; no share that was found is in it.

    `correlation` is that of codes within a copy group. `until` is the wanted half width in percentage points.
    """

    variable: str
    by: tuple[str, ...]
    target: Target
    correlation: float
    until: float | None
    shares: tuple[PlannedShare, ...]
    groups: tuple[GroupOfPlan, ...]
    assumptions: tuple[str, ...]
    approximations: tuple[str, ...] = APPROXIMATIONS
    rows = "shares"
