"""Few annotations: whether a head on the frozen encoder or fine-tuning holds better on outlets held out of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from .baseline import Classifier, Probabilities, shares

if TYPE_CHECKING:
    from datasets import Dataset

    from .training import Progress

PARTS = 2  # of the cross-validation: each way is fitted that often on half of the spans
LEAST = 1e-4  # a probability below it surprises no more

Fit = Callable[["Dataset", "Progress"], Classifier]


def surprise(found: Probabilities, data: Dataset) -> float:
    """Return the mean cross-entropy of the coders' shares, over the variables and the spans that were asked each.

    >>> from datasets import Dataset
    >>> told = Dataset.from_dict({"bias": [[1.0, 0.0], [0.0, 1.0]]})
    >>> round(surprise({"bias": np.array([[0.5, 0.5], [0.5, 0.5]])}, told), 3)
    0.693
    """
    losses = []
    for variable, rows in found.items():
        given = shares(data, variable)
        asked = given.sum()
        if asked:
            losses.append(-float((given * np.log(np.maximum(rows, LEAST))).sum()) / asked)
    return float(np.mean(losses)) if losses else 0.0


def better(data: Dataset, ways: Mapping[str, Fit], progress: Progress) -> str:
    """Return the way of fitting that surprises least on held-out outlets, or held-out articles where one outlet is all.

    The first of `ways` where there is nothing to hold out. `progress` hears the share that is done.
    """
    from sklearn.model_selection import GroupKFold

    groups = list(data["outlet"])
    if len(set(groups)) < PARTS:
        groups = list(data["copy_group"])
    if len(set(groups)) < PARTS:
        return next(iter(ways))
    total, done = dict.fromkeys(ways, 0.0), 0
    names = np.unique([str(group) for group in groups], return_inverse=True)[1]
    for train, test in GroupKFold(PARTS).split(names, groups=names):
        learned, held_out = data.select(train), data.select(test)
        for name, fit in ways.items():

            def told(share: float, done: int = done) -> None:
                progress((done + share) / (PARTS * len(ways)))

            total[name] += surprise(fit(learned, told).predict_proba(held_out), held_out) * len(test)
            done += 1
    return min(total, key=lambda name: total[name])
