"""With few annotations, choose between a head on the frozen encoder and fine-tuning by their held-out scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from models.data.classifier_protocol import Classifier, Probabilities, coder_shares
from models.data.folds import inner_folds

if TYPE_CHECKING:
    from datasets import Dataset

    from corpus.codebook import Codebook

    from .fine_tuning import Progress

FOLDS = 2  # of the cross-validation: each candidate is fitted that often, on half of the spans
SMALLEST_PROBABILITY = 1e-4  # limits the loss of a single span

Fit = Callable[["Dataset", "Progress"], Classifier]


def mean_cross_entropy(predictions: Probabilities, data: Dataset, book: Codebook) -> float:
    """Return the mean cross-entropy of the coders' shares, over the variables and the spans asked for each.

    >>> from corpus.codebook import load
    >>> from datasets import Dataset
    >>> data = Dataset.from_dict({"bias": [[1.0, 0.0], [0.0, 1.0]]})
    >>> round(mean_cross_entropy({"bias": np.array([[0.5, 0.5], [0.5, 0.5]])}, data, load("lexical-bias")), 3)
    0.693
    """
    losses = []
    for variable in book.variables:
        answers, probabilities = coder_shares(data, variable.name), predictions[variable.name]
        asked = answers.sum(axis=1) > 0
        if not asked.any():
            continue
        loss = -(answers * np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)))
        if variable.kind == "multiple":  # each code is answered by itself
            loss -= (1 - answers) * np.log(np.maximum(1 - probabilities, SMALLEST_PROBABILITY))
        losses.append(float(loss[asked].sum(axis=1).mean()))
    return float(np.mean(losses)) if losses else 0.0


def best_on_held_out(data: Dataset, book: Codebook, fits: Mapping[str, Fit], progress: Progress) -> str:
    """Return the name of the fit with the lowest cross-entropy on held-out outlets, or articles of a single outlet.

    The first of `fits` where there is nothing to hold out. `progress` receives the share that is done.
    """
    copies = list(data["copy_group"])
    splits = inner_folds(data["outlet"], copies, FOLDS) or inner_folds(data["article"], copies, FOLDS)
    if any(not len(train) for train, _ in splits) or not splits:
        return next(iter(fits))
    total, done = dict.fromkeys(fits, 0.0), 0
    for train, test in splits:
        training, tested = data.select(train), data.select(test)
        for name, fit in fits.items():

            def report(share: float, done: int = done) -> None:
                progress((done + share) / (FOLDS * len(fits)))

            total[name] += mean_cross_entropy(fit(training, report).predict_proba(tested), tested, book) * len(test)
            done += 1
    return min(total, key=lambda name: total[name])
