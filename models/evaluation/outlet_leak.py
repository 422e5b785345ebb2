"""The leak probe: whether a classifier's probabilities tell which outlet a span is from, within one code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.measures.bootstrap import BOOTSTRAPS, Floats, percentile_interval

if TYPE_CHECKING:
    from corpus.codebook import Variable
    from models.data.protocol import Ints

    from .held_out import HeldOutPredictions

MINIMUM_SPANS = 10  # spans of an outlet with the code, below which the outlet is left out
FOLDS = 5


def outlet_leak(found: HeldOutPredictions, variable: Variable) -> dict[str, Any]:
    """Return for each classifier and code how often a logistic regression finds the outlet from the probabilities.

    Only spans count whose right code is the one in question, so that outlets which use it more often are not found by
    that. `accuracy` is balanced (the mean over outlets of the share found), so chance is one over the number of
    outlets; whole articles are kept apart in training the regression, and the interval resamples them. Ravfogel et al.
    (2020, Null it out) probe representations in the same way. The probabilities must come from a random split: with an
    outlet held out, each outlet has a classifier of its own, and that alone would give it away.

    Outlets also differ in what they write within a code, so some leak is no fault; one near chance is good news.
    """
    from .held_out import OURS

    by = {name: _code_probes(found, name, variable) for name in found.found}
    ours = by.pop(OURS, {})
    return {
        "codes": ours,
        "mean": _mean_accuracy(ours),
        "baselines": {name: {"codes": codes, "mean": _mean_accuracy(codes)} for name, codes in by.items()},
        **({} if ours else {"why": f"no code has {MINIMUM_SPANS} spans in each of two outlets, from enough articles"}),
    }


def _mean_accuracy(codes: dict[str, Any]) -> dict[str, float] | None:
    if not codes:
        return None
    weights = [one["n"] for one in codes.values()]
    return {
        name: round(float(np.average([one[name] for one in codes.values()], weights=weights)), 4)
        for name in ("accuracy", "chance")
    }


def _code_probes(found: HeldOutPredictions, classifier: str, variable: Variable) -> dict[str, Any]:
    outlets = np.array(found.outlets, dtype=object)
    articles = np.array(found.articles, dtype=object)
    logs = [np.log(np.clip(part, 1e-4, 1)) for part in found.found[classifier][0].values()]
    features = np.hstack([part - part.mean(axis=1, keepdims=True) for part in logs])
    codes = {}
    for number, code in enumerate(variable.code_names):
        rows = found.truth[variable.name] == number
        names = [n for n in sorted(set(outlets[rows])) if (rows & (outlets == n)).sum() >= MINIMUM_SPANS]
        rows &= np.isin(outlets, names)
        if len(names) > 1 and (probed := probe_outlets(features[rows], outlets[rows], articles[rows])):
            codes[code] = {"n": int(rows.sum()), "outlets": names, **probed}
    return codes


def probe_outlets(features: Floats, outlets: Any, articles: Any, seed: int = 0) -> dict[str, Any] | None:
    """Return balanced accuracy, chance and interval of finding outlets from features; None with too few articles.

    >>> chance = np.random.default_rng(0)
    >>> outlets = np.repeat(["A", "B"], 200)
    >>> found = probe_outlets(chance.normal(size=(400, 2)), outlets, np.arange(400) // 2)
    >>> found["chance"], found["interval"][0] < 0.5 < found["interval"][1]
    (0.5, True)
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names = sorted(set(outlets))
    if min(len(set(articles[outlets == name])) for name in names) < FOLDS:
        return None
    regression = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    said = cross_val_predict(regression, features, outlets.astype(str), groups=articles.astype(str), cv=folds)
    low, high = percentile_interval(_draws(said == outlets, outlets, articles, names, seed))
    right = [float((said == outlets)[outlets == name].mean()) for name in names]
    return {
        "accuracy": round(float(np.mean(right)), 4),
        "chance": round(1 / len(names), 4),
        "interval": [round(low, 4), round(high, 4)],
        "found": {name: round(share, 4) for name, share in zip(names, right, strict=True)},
    }


def _draws(right: Any, outlets: Any, articles: Any, names: list[str], seed: int) -> Floats:
    """Return the balanced accuracy of BOOTSTRAPS resamples of the articles, inside each outlet."""
    chance = np.random.default_rng(seed)
    shares = []
    for name in names:
        here = outlets == name
        _, where = np.unique(articles[here].astype(str), return_inverse=True)
        n: Ints = np.bincount(where)
        hits = np.bincount(where, weights=right[here].astype(float))
        times = chance.multinomial(len(n), np.full(len(n), 1 / len(n)), size=BOOTSTRAPS)
        shares.append((times @ hits) / (times @ n))
    return np.asarray(np.mean(shares, axis=0))
