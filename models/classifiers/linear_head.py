"""Fit a linear head on the frozen encoder, which takes a second and suits a study's first annotations.

The logits of a span are the mean of its tokens' logits, and a linear head of a mean is the mean of linear heads. So a
regression on the spans' mean hidden states gives the head of an ordinary token classifier, saved and loaded as usual.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.codebook import Variable
from models.data.folds import inner_folds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STRENGTHS = (0.003, 0.03, 0.3)  # of scikit-learn's C, on features of unit spread
FOLDS = 3  # of the cross-validation that chooses among them
UNSEEN_LOGIT = -8.0  # of a code that nobody has given yet, relative to the others


def fit_head(
    features: Floats,
    targets: Floats,
    outlets: Sequence[str | None],
    copies: Sequence[str],
    variables: Sequence[Variable],
) -> tuple[Floats, Floats]:
    """Return the weights (C, H) and biases (C,) of a head, from spans' features (S, H) and shares of coders (S, C).

    Each span counts for a code by the share of coders who gave it (soft labels). The strength of the regularisation is
    chosen by cross-validation that keeps outlets and copy groups apart, where there are two outlets or more.

    >>> from corpus.codebook import load
    >>> wording = load("territorial-control").by_name["wording"]
    >>> targets = np.eye(len(wording.codes))[[0, 1] * 10]
    >>> features = np.array([[1.0, 0.0], [0.0, 1.0]] * 10)
    >>> copies = [str(row) for row in range(20)]
    >>> weights, biases = fit_head(features, targets, ["Herald", "Courier"] * 10, copies, [wording])
    >>> (features @ weights.T + biases).argmax(axis=1).tolist() == [0, 1] * 10
    True
    """
    spread = float(features.std()) or 1.0
    scaled = features / spread
    weights, biases, first = [], [], 0
    for variable in variables:
        variable_targets = targets[:, first : first + len(variable.codes)]
        first += len(variable.codes)
        if variable.kind == "single":
            weight, bias = _fit_variable(scaled, variable_targets, outlets, copies)
        else:
            asked = np.flatnonzero(variable_targets.sum(axis=1) > 0)
            groups = [outlets[row] for row in asked], [copies[row] for row in asked]
            columns = [
                _fit_variable(scaled[asked], np.column_stack([1 - share, share]), *groups)
                for share in variable_targets[asked].T
            ]
            weight = np.array([w[1] - w[0] for w, _ in columns])
            bias = np.array([b[1] - b[0] for _, b in columns])
        weights.append(weight / spread)
        biases.append(bias)
    return np.vstack(weights), np.concatenate(biases)


def _fit_variable(
    features: Floats, shares: Floats, outlets: Sequence[str | None], copies: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return the weights and biases of one variable's codes."""
    seen = np.flatnonzero(shares.sum(axis=0) > 0)
    weight, bias = np.zeros((shares.shape[1], features.shape[1])), np.full(shares.shape[1], UNSEEN_LOGIT)
    bias[seen] = 0.0
    if len(seen) > 1:
        shares = shares[:, seen]
        strength = _choose_strength(features, shares, inner_folds(outlets, copies, FOLDS))
        model = fit_regression(features, shares, strength)
        if len(seen) == 2:  # one row separates the second code from the first
            weight[seen[1]], bias[seen[1]] = model.coef_[0], model.intercept_[0]
        else:
            weight[seen], bias[seen] = model.coef_, model.intercept_
        bias[np.setdiff1d(np.arange(len(bias)), seen)] += bias[seen].min()
    return weight, bias


def fit_regression(features: Floats, shares: Floats, strength: float) -> Any:
    """Fit a logistic regression in which each span counts for a code by the share of coders who gave it."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    rows, codes = np.nonzero(shares)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(C=strength, max_iter=500).fit(features[rows], codes, shares[rows, codes])


def _choose_strength(features: Floats, shares: Floats, splits: Sequence[tuple[Ints, Ints]]) -> float:
    """Return the regularisation strength with the lowest cross-entropy on held-out parts."""
    losses = np.zeros(len(STRENGTHS))
    for train, test in splits:
        if (shares[train].sum(axis=0) == 0).any():
            continue  # a code that occurs in the held-out part only cannot be learned
        for number, strength in enumerate(STRENGTHS):
            log_probabilities = fit_regression(features[train], shares[train], strength).predict_log_proba(
                features[test]
            )
            losses[number] -= (shares[test] * log_probabilities).sum()
    return STRENGTHS[int(losses.argmin()) if losses.any() else len(STRENGTHS) // 2]
