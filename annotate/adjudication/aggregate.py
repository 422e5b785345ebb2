"""Aggregate several coders' answers into one code, by majority or by the model of Dawid and Skene."""

from __future__ import annotations

import numpy as np
import pandas as pd

from annotate.agreement.reliability_data import ReliabilityData
from corpus.errors import NotInstalled

CodesWithConfidence = dict[str, tuple[str, float]]  # by span: the code and its confidence from 0 to 1

MIN_CODERS = 3  # with two who disagree no model can tell who is wrong


def majority(data: ReliabilityData) -> CodesWithConfidence:
    """Return, for spans with at least two answers, the code given by more than half of the coders, with their share.

    >>> from annotate.agreement.reliability_data import data_from_rows
    >>> yes = [("s1", "ada", "yes"), ("s1", "ben", "yes"), ("s1", "cem", "no")]
    >>> majority(data_from_rows([*yes, ("s2", "ada", "yes"), ("s2", "ben", "no"), ("s3", "ada", "no")]))
    {'s1': ('yes', 0.666667)}
    """
    counts = data.counts
    n_answers = counts.sum(axis=1)
    shares = counts / np.maximum(n_answers, 1)[:, None]
    has_majority = (n_answers >= 2) & (shares.max(axis=1, initial=0) > 0.5)
    return {
        data.spans[s]: (data.values[int(shares[s].argmax())], round(float(shares[s].max()), 6))
        for s in np.flatnonzero(has_majority)
    }


def dawid_skene(data: ReliabilityData) -> CodesWithConfidence:
    """Return, for spans with at least two answers, the code that is more probable than all others together.

    The model estimates the codes together with each coder's confusion matrix (Dawid and Skene 1979, Maximum likelihood
    estimation of observer error-rates); the implementation is crowd-kit's. A code that nobody gave to the span is never
    returned. With fewer than MIN_CODERS coders the result is empty. Raises NotInstalled.
    """
    counts = data.counts
    shared = counts.sum(axis=1) >= 2
    if len(data.coders) < MIN_CODERS or not shared.any():
        return {}
    try:
        from crowdkit.aggregation import DawidSkene
    except ImportError:
        raise NotInstalled(
            "Dawid and Skene's model comes from crowd-kit, which is not installed: pip install crowd-kit "
            "(or adjudicate by majority)"
        ) from None
    rows = pd.DataFrame({"task": data.span, "worker": data.coder, "label": data.code})
    fitted = DawidSkene(n_iter=100).fit_predict_proba(rows)
    probabilities = fitted.reindex(
        index=range(counts.shape[0]), columns=range(counts.shape[1]), fill_value=0.0
    ).to_numpy()
    best = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    was_given = counts[np.arange(len(best)), best] > 0
    return {
        data.spans[s]: (data.values[int(best[s])], round(min(float(confidence[s]), 1.0), 6))
        for s in np.flatnonzero(shared & was_given & (confidence > 0.5 + 1e-9))
    }
