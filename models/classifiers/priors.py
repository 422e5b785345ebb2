"""Label priors: how strongly to correct for the code frequencies of the training outlets.

An unseen outlet uses codes with frequencies of its own. A classifier that has learned those of its training outlets
applies them to it, which is most wrong where the most partisan outlet is not among the training outlets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.data.folds import inner_folds

from .linear_head import fit_regression

Floats = npt.NDArray[np.float64]

CORRECTION_STRENGTHS = (0.0, 0.5, 1.0)  # that are tried: none, half in log-odds, full
FOLDS = 5  # of the cross-validation over outlets
MOST_SPANS = 3000  # used for choosing the strength, which takes some seconds
REGULARISATION = 0.03  # scikit-learn's C, on features of unit spread: small, since outlets differ


def bias_correction(shares: Floats, strength: float) -> Floats:
    """Return what to add to the codes' biases (C,), from coders' shares (S, C): −strength · log of the code's share.

    Menon et al. (2021), Long-tail learning via logit adjustment. Codes that nobody gave are not changed, and the
    mean over the others is 0.

    >>> bias_correction(np.array([[0.8, 0.2, 0.0]]), 1.0).round(3).tolist()
    [-0.693, 0.693, 0.0]
    """
    total = shares.sum(axis=0)
    seen = total > 0
    correction = np.zeros(len(total))
    if seen.any():
        logs = np.log(total[seen])
        correction[seen] = -strength * (logs - logs.mean())
    return correction


def correction_strength(
    features: Floats, shares: Floats, outlets: Sequence[str | None], copies: Sequence[str], seed: int = 0
) -> float:
    """Return the strength of the correction with the lowest cross-entropy on held-out training outlets.

    A linear head on the frozen encoder's features (S, H) replaces the classifier, since it is fitted quickly; `shares`
    (S, C) are the coders', `copies` the copy groups, which are kept apart too. Outlets count the same; the only outlet
    with a code is not held out. 0 where no outlet can be.

    >>> chance = np.random.default_rng(0)
    >>> answers = np.repeat([0, 1, 0, 1], [90, 10, 10, 90])
    >>> seen = np.eye(2)[answers] + chance.normal(size=(200, 2))
    >>> correction_strength(seen, np.eye(2)[answers], ["Herald"] * 100 + ["Courier"] * 100, list(map(str, range(200))))
    1.0
    """
    rows = np.flatnonzero(shares.sum(axis=1) > 0)
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:MOST_SPANS])
    names = np.array([outlet or "" for outlet in outlets])[rows]
    scaled, answers = features[rows] / (float(features.std()) or 1.0), shares[rows]
    is_used = answers.sum(axis=0) > 0
    answers = answers[:, is_used]
    cross_entropy: dict[str, list[float]] = {}
    for train, test in inner_folds(names.tolist(), [copies[row] for row in rows], FOLDS):
        if (answers[train].sum(axis=0) == 0).any() or is_used.sum() < 2:
            continue
        logs = fit_regression(scaled[train], answers[train], REGULARISATION).predict_log_proba(scaled[test])
        for strength in CORRECTION_STRENGTHS:
            corrected = logs + bias_correction(answers[train], strength)
            corrected -= np.logaddexp.reduce(corrected, axis=1, keepdims=True)
            for name in set(names[test]):
                of_outlet = names[test] == name
                cross_entropy.setdefault(name, []).append(
                    -float((answers[test][of_outlet] * corrected[of_outlet]).sum(axis=1).mean())
                )
    if not cross_entropy:
        return CORRECTION_STRENGTHS[0]
    return CORRECTION_STRENGTHS[int(np.mean(list(cross_entropy.values()), axis=0).argmin())]
