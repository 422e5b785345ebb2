"""The outlet leak probe: can a span's outlet be predicted from its probabilities, within one code?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.evaluation.extra_measures import ClassifierLeak, MeanProbe, OutletLeak, OutletProbe
from models.measures.bootstrap import BOOTSTRAPS, Floats, percentile_interval

if TYPE_CHECKING:
    from corpus.codebook import Variable
    from models.data.classifier_protocol import Ints

    from .held_out import HeldOutResults

MINIMUM_SPANS = 10  # of an outlet with the code; outlets with fewer are left out
FOLDS = 5


def outlet_leak(predictions: HeldOutResults, variable: Variable) -> OutletLeak:
    """Return for each classifier and code how often a logistic regression predicts the outlet from the probabilities.

    Only spans whose right code is the one in question are used, so how often an outlet uses the code does not matter.
    `accuracy` is balanced (the mean over outlets of the share predicted correctly), so chance is one over the number of
    outlets. The regression is cross-validated by article, and the interval resamples articles. Ravfogel et al. (2020,
    Null it out) probe representations in the same way. The probabilities must come from a random split: with outlets
    held out, each outlet has a classifier of its own, which alone would reveal it.

    Outlets also differ in what they write within a code, so some leak is not an error; one near chance is good.
    """
    from .held_out import OURS

    by_classifier = {name: _code_probes(predictions, name, variable) for name in predictions.probabilities}
    ours = by_classifier.pop(OURS, {})
    why = None if ours else f"no code has {MINIMUM_SPANS} spans in each of two outlets, from enough articles"
    return OutletLeak(
        codes=ours,
        mean=_mean_probe(ours),
        baselines={name: ClassifierLeak(codes=codes, mean=_mean_probe(codes)) for name, codes in by_classifier.items()},
        why=why,
    )


def _mean_probe(codes: dict[str, OutletProbe]) -> MeanProbe | None:
    if not codes:
        return None
    weights = [probe.n for probe in codes.values()]
    return MeanProbe(
        accuracy=round(float(np.average([probe.accuracy for probe in codes.values()], weights=weights)), 4),
        chance=round(float(np.average([probe.chance for probe in codes.values()], weights=weights)), 4),
    )


def _code_probes(predictions: HeldOutResults, classifier: str, variable: Variable) -> dict[str, OutletProbe]:
    outlets = np.array(predictions.outlets, dtype=object)
    articles = np.array(predictions.articles, dtype=object)
    logs = [np.log(np.clip(part, 1e-4, 1)) for part in predictions.probabilities[classifier][0].values()]
    features = np.hstack([part - part.mean(axis=1, keepdims=True) for part in logs])
    codes = {}
    for number, code in enumerate(variable.code_names):
        rows = predictions.truth[variable.name] == number
        names = [n for n in sorted(set(outlets[rows])) if (rows & (outlets == n)).sum() >= MINIMUM_SPANS]
        rows &= np.isin(outlets, names)
        if len(names) > 1 and (probe := probe_outlets(features[rows], outlets[rows], articles[rows])):
            codes[code] = probe
    return codes


def probe_outlets(features: Floats, outlets: Any, articles: Any, seed: int = 0) -> OutletProbe | None:
    """Return how well outlets can be predicted from features (rows, F); None with too few articles.

    >>> chance = np.random.default_rng(0)
    >>> outlets = np.repeat(["A", "B"], 200)
    >>> probe = probe_outlets(chance.normal(size=(400, 2)), outlets, np.arange(400) // 2)
    >>> probe.chance, probe.interval[0] < 0.5 < probe.interval[1]
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
    predicted = cross_val_predict(regression, features, outlets.astype(str), groups=articles.astype(str), cv=folds)
    low, high = percentile_interval(_draws(predicted == outlets, outlets, articles, names, seed))
    by_outlet = [float((predicted == outlets)[outlets == name].mean()) for name in names]
    return OutletProbe(
        n=len(outlets),
        outlets=tuple(names),
        accuracy=round(float(np.mean(by_outlet)), 4),
        chance=round(1 / len(names), 4),
        interval=(round(low, 4), round(high, 4)),
        found={name: round(share, 4) for name, share in zip(names, by_outlet, strict=True)},
    )


def _draws(correct: Any, outlets: Any, articles: Any, names: list[str], seed: int) -> Floats:
    """Return the balanced accuracy in BOOTSTRAPS resamples of the articles within each outlet."""
    random = np.random.default_rng(seed)
    shares = []
    for name in names:
        of_outlet = outlets == name
        _, article = np.unique(articles[of_outlet].astype(str), return_inverse=True)
        n: Ints = np.bincount(article)
        hits = np.bincount(article, weights=correct[of_outlet].astype(float))
        weights = random.multinomial(len(n), np.full(len(n), 1 / len(n)), size=BOOTSTRAPS)
        shares.append((weights @ hits) / (weights @ n))
    return np.asarray(np.mean(shares, axis=0))
