"""Aggregation: one code out of several coders' answers, by their majority or by the model of Dawid and Skene."""

from __future__ import annotations

import numpy as np
import pandas as pd

from annotate.agreement.reliability_data import ReliabilityData
from corpus.errors import NotInstalled

Codes = dict[str, tuple[str, float]]  # by span: the code, and the confidence in it from 0 to 1

FEWEST = 3  # coders; of two who disagree no model can know who errs


def majority(answers: ReliabilityData) -> Codes:
    """Return, of spans with two answers or more, the code that more than half of the coders gave, with their share.

    >>> from annotate.agreement.reliability_data import data_from_rows
    >>> yes = [("s1", "ada", "yes"), ("s1", "ben", "yes"), ("s1", "cem", "no")]
    >>> majority(data_from_rows([*yes, ("s2", "ada", "yes"), ("s2", "ben", "no"), ("s3", "ada", "no")]))
    {'s1': ('yes', 0.666667)}
    """
    counts = answers.counts
    number = counts.sum(axis=1)
    shares = counts / np.maximum(number, 1)[:, None]
    taken = (number >= 2) & (shares.max(axis=1, initial=0) > 0.5)
    return {
        answers.spans[s]: (answers.values[int(shares[s].argmax())], round(float(shares[s].max()), 6))
        for s in np.flatnonzero(taken)
    }


def dawid_skene(answers: ReliabilityData) -> Codes:
    """Return, of spans with two answers or more, the code that is more likely than all others together.

    The model weighs each coder by how often they confuse which codes, which it estimates together with the codes (Dawid
    and Skene 1979, Maximum likelihood estimation of observer error-rates); by crowd-kit. A code that nobody gave to the
    span is never returned, and nothing where fewer than FEWEST coders answered. Raises NotInstalled.
    """
    counts = answers.counts
    shared = counts.sum(axis=1) >= 2
    if len(answers.coders) < FEWEST or not shared.any():
        return {}
    try:
        from crowdkit.aggregation import DawidSkene
    except ImportError:
        raise NotInstalled(
            "Dawid and Skene's model comes from crowd-kit, which is not installed: pip install crowd-kit "
            "(or adjudicate --by majority)"
        ) from None
    rows = pd.DataFrame({"task": answers.span, "worker": answers.coder, "label": answers.code})
    found = DawidSkene(n_iter=100).fit_predict_proba(rows)
    chances = found.reindex(index=range(counts.shape[0]), columns=range(counts.shape[1]), fill_value=0.0).to_numpy()
    best = chances.argmax(axis=1)
    likely = chances[np.arange(len(best)), best]
    given = counts[np.arange(len(best)), best] > 0
    return {
        answers.spans[s]: (answers.values[int(best[s])], round(min(float(likely[s]), 1.0), 6))
        for s in np.flatnonzero(shared & given & (likely > 0.5 + 1e-9))
    }
