"""A share of all mentions: of those that terms find and those that they miss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .regression import Floats, Ints
from .shares import Figure, Share, Target, logit_interval

FEWEST_FOUND = 10  # missed mentions below which only bounds are given


@dataclass(frozen=True)
class AuditedGroup:
    """The audited passages without terms of one group, drawn at random from `frame` of them (passages).

    `code` is the number of mentions with the code that a passage has, `eligible` that of mentions to which the question
    applies, as a mean over its coders. `cluster` is the index of the passage's copy group, among the same as the
    group's spans or above them.
    """

    frame: int
    code: Floats
    eligible: Floats
    cluster: Ints


def share_with_missed(share: Share, audited: AuditedGroup, found: tuple[Floats, Ints], target: Target) -> Figure | None:
    """Return the share of a code among the mentions that terms find and those that they miss; None without a share.

    `found` are the weighted eligibility of the spans with terms, whose sum is T, and their clusters (spans). With
    passages that count F/n each, ρ' = (ρ T + Y) / (T + E), where Y and E are the totals of the missed mentions. Its
    error is, over T + E, the sum over copy groups of T (the error of ρ) + (ρ - ρ') (their part of T) + F/n (code - ρ'
    eligible). For the target corpus the draws of spans and of passages are independent.
    """
    if share.method not in ("corrected", "counted") or share.estimate.share is None or share.estimate.se is None:
        return None
    eligible, cluster = found
    rho, n = share.estimate.share, len(audited.code)
    each = audited.frame / n
    before, missed = float(eligible.sum()), each * float(audited.eligible.sum())
    total = before + missed
    together = (rho * before + each * float(audited.code.sum())) / total
    residual = each * (audited.code - together * audited.eligible) / total
    clusters = len(np.unique(np.concatenate([cluster[eligible > 0], audited.cluster])))
    if target == "corpus":
        spread = (1 - n / audited.frame) * n / max(n - 1, 1) * float(((residual - residual.mean()) ** 2).sum())
        se = float(np.sqrt((before / total * share.estimate.se) ** 2 + spread))
    else:
        size = int(max(len(share.influence), cluster.max(initial=-1) + 1, audited.cluster.max(initial=-1) + 1))
        influence = np.zeros(size)
        influence[: len(share.influence)] = before / total * share.influence
        rest = np.bincount(cluster, (rho - together) * eligible / total, size) + np.bincount(
            audited.cluster, residual, size
        )
        se = float(np.sqrt(((influence + np.sqrt(clusters / max(clusters - 1, 1)) * rest) ** 2).sum()))
    return Figure(together, logit_interval(together, se, share.clusters - 1), se)


def bounds_with_missed(share: float, eligible: float, missed: float) -> tuple[float, float]:
    """Return the share if none and if all of the missed mentions had the code, given their number and that of others.

    >>> [round(bound, 3) for bound in bounds_with_missed(0.4, 90.0, 10.0)]
    [0.36, 0.46]
    """
    whole = eligible + missed
    return share * eligible / whole, (share * eligible + missed) / whole
