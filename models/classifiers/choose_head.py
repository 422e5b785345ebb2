"""Few annotations: whether a head on the frozen encoder or fine-tuning holds better on outlets held out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from models.data.folds import inside
from models.data.protocol import Classifier, Probabilities, shares

if TYPE_CHECKING:
    from datasets import Dataset

    from corpus.codebook import Codebook

    from .fine_tuning import Progress

FOLDS = 2  # of the cross-validation: each way is fitted that often on half of the spans
SMALLEST_PROBABILITY = 1e-4  # a probability below it surprises no more

Fit = Callable[["Dataset", "Progress"], Classifier]


def mean_cross_entropy(found: Probabilities, data: Dataset, book: Codebook) -> float:
    """Return the mean cross-entropy of the coders' shares, over the variables and the spans that were asked each.

    >>> from corpus.codebook import load
    >>> from datasets import Dataset
    >>> told = Dataset.from_dict({"bias": [[1.0, 0.0], [0.0, 1.0]]})
    >>> round(mean_cross_entropy({"bias": np.array([[0.5, 0.5], [0.5, 0.5]])}, told, load("lexical-bias")), 3)
    0.693
    """
    losses = []
    for variable in book.variables:
        given, rows = shares(data, variable.name), found[variable.name]
        asked = given.sum(axis=1) > 0
        if not asked.any():
            continue
        loss = -(given * np.log(np.maximum(rows, SMALLEST_PROBABILITY)))
        if variable.kind == "multiple":  # each code is answered by itself
            loss -= (1 - given) * np.log(np.maximum(1 - rows, SMALLEST_PROBABILITY))
        losses.append(float(loss[asked].sum(axis=1).mean()))
    return float(np.mean(losses)) if losses else 0.0


def best_on_held_out(data: Dataset, book: Codebook, ways: Mapping[str, Fit], progress: Progress) -> str:
    """Return the way of fitting that surprises least on held-out outlets, or held-out articles where one outlet is all.

    The first of `ways` where there is nothing to hold out. `progress` hears the share that is done.
    """
    copies = list(data["copy_group"])
    parts = inside(data["outlet"], copies, FOLDS) or inside(data["article"], copies, FOLDS)
    if any(not len(train) for train, _ in parts) or not parts:
        return next(iter(ways))
    total, done = dict.fromkeys(ways, 0.0), 0
    for train, test in parts:
        learned, held_out = data.select(train), data.select(test)
        for name, fit in ways.items():

            def told(share: float, done: int = done) -> None:
                progress((done + share) / (FOLDS * len(ways)))

            total[name] += mean_cross_entropy(fit(learned, told).predict_proba(held_out), held_out, book) * len(test)
            done += 1
    return min(total, key=lambda name: total[name])
