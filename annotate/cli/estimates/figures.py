"""Shares and intervals as they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.cli.shared.output import figure

if TYPE_CHECKING:
    from annotate.estimates.estimate import ShareOfGroup
    from annotate.estimators.shares import Target


def figures(row: ShareOfGroup) -> tuple[str, str, str]:
    """Return share, interval and coded-only share as printed; of a code never found only how much it can be."""
    if row.method == "exact" and row.high is not None and row.share == 0:
        return "–", f"at most {100 * row.high:.0f}", "–"
    if row.method == "exact" and row.low is not None and row.share == 1:
        return "–", f"at least {100 * row.low:.0f}", "–"
    return percent(row.share), interval(row.low, row.high), percent(row.coded_only)


def percent(share: float | None) -> str:
    """Return a share in percent, a dash where there is none."""
    return "–" if share is None else f"{100 * share:.0f}"


def interval(low: float | None, high: float | None) -> str:
    """Return an interval in percent, a dash where there is none."""
    return "–" if low is None or high is None else f"{100 * low:.0f} to {100 * high:.0f}"


def p_value(value: float) -> str:
    """Return a p value with three digits; a smaller one is named as smaller, never as 0.

    >>> p_value(0.0123), p_value(0.0001)
    ('.012', '<.001')
    """
    return "<.001" if value < 0.0005 else figure(value)


def target_named(target: Target) -> str:
    """Return in words what shares are of.

    >>> target_named("corpus")
    'target corpus: the collected articles alone'
    """
    if target == "corpus":
        return "target corpus: the collected articles alone"
    return "target process: what these outlets write in such a period"
