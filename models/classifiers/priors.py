"""Priors: how far a classifier is to forget how often its training outlets use a code.

An outlet that was never seen uses codes in shares of its own. A classifier that has learned its outlets' shares carries
them over, and those who train it without their most partisan outlet carry over the wrong ones above all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.data.folds import inside

from .linear_head import fit_regression

Floats = npt.NDArray[np.float64]

CORRECTION_STRENGTHS = (0.0, 0.5, 1.0)  # how much is tried: nothing, half in log-odds, all
FOLDS = 5  # of the cross-validation over outlets
MOST_SPANS = 3000  # spans that it is done on: some seconds
REGULARISATION = 0.03  # of scikit-learn's C, on features of unit spread: little, since outlets differ


def bias_correction(shares: Floats, forgotten: float) -> Floats:
    """Return what to add to the codes' biases (C,), from coders' shares (S, C): −forgotten · log of the code's share.

    Menon et al. (2021), Long-tail learning via logit adjustment. Codes that nobody gave stay as they are, and the mean
    over the others is 0.

    >>> bias_correction(np.array([[0.8, 0.2, 0.0]]), 1.0).round(3).tolist()
    [-0.693, 0.693, 0.0]
    """
    total = shares.sum(axis=0)
    seen = total > 0
    found = np.zeros(len(total))
    if seen.any():
        logs = np.log(total[seen])
        found[seen] = -forgotten * (logs - logs.mean())
    return found


def correction_strength(
    features: Floats, shares: Floats, outlets: Sequence[str | None], copies: Sequence[str], seed: int = 0
) -> float:
    """Return how much of a variable's shares to forget: what surprises least on outlets held out of the training data.

    A linear head on the frozen encoder's features (S, H) stands in for the classifier, since it is fitted in a moment;
    `shares` (S, C) are the coders', `copies` the copy groups, which are kept apart too. Outlets count the same; one
    that alone has a code is not held out. 0 where none can be.

    >>> chance = np.random.default_rng(0)
    >>> answers = np.repeat([0, 1, 0, 1], [90, 10, 10, 90])
    >>> seen = np.eye(2)[answers] + chance.normal(size=(200, 2))
    >>> correction_strength(seen, np.eye(2)[answers], ["Herald"] * 100 + ["Courier"] * 100, list(map(str, range(200))))
    1.0
    """
    rows = np.flatnonzero(shares.sum(axis=1) > 0)
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MOST_SPANS])
    names = np.array([outlet or "" for outlet in outlets])[rows]
    scaled, part = features[rows] / (float(features.std()) or 1.0), shares[rows]
    used = part.sum(axis=0) > 0
    part = part[:, used]
    surprise: dict[str, list[float]] = {}
    for train, test in inside(names.tolist(), [copies[row] for row in rows], FOLDS):
        if (part[train].sum(axis=0) == 0).any() or used.sum() < 2:
            continue
        logs = fit_regression(scaled[train], part[train], REGULARISATION).predict_log_proba(scaled[test])
        for much in CORRECTION_STRENGTHS:
            moved = logs + bias_correction(part[train], much)
            moved -= np.logaddexp.reduce(moved, axis=1, keepdims=True)
            for name in set(names[test]):
                here = names[test] == name
                surprise.setdefault(name, []).append(-float((part[test][here] * moved[here]).sum(axis=1).mean()))
    if not surprise:
        return CORRECTION_STRENGTHS[0]
    return CORRECTION_STRENGTHS[int(np.mean(list(surprise.values()), axis=0).argmin())]
