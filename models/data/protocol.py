"""The protocol of classifiers, and how they read the answers in a dataset of coded spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from datasets import Dataset

Probabilities = dict[str, npt.NDArray[np.float64]]
Ints = npt.NDArray[np.int64]
GOLD = ":gold"  # ends the name of a column with the published code; no variable's name has a colon


class Classifier(Protocol):
    """What learns from coded spans and gives probabilities for others, in scikit-learn's words.

    `classes_` maps each variable to its codes. `fit` takes a dataset as `models.data.labelled.labelled_spans` makes it;
    `predict_proba` gives for each variable an array (rows, codes) whose rows sum to 1, multiple choice excepted.
    """

    @property
    def classes_(self) -> Mapping[str, tuple[str, ...]]:
        """The codes of each variable."""

    def fit(self, data: Dataset) -> Any:
        """Learn from coded spans."""

    def predict_proba(self, data: Dataset) -> Probabilities:
        """Return for each variable the probabilities of its codes."""


def coder_shares(data: Dataset, variable: str) -> npt.NDArray[np.float64]:
    """Return the shares of coders as an array (rows, codes)."""
    return np.array(data[variable], dtype=np.float64)


def correct_codes(data: Dataset, variable: str) -> Ints:
    """Return the code (rows) that an answer is right by: the published one, else the commonest; -1 where most coders
    were not asked, or are evenly divided."""
    if variable + GOLD in data.column_names:
        return np.array(data[variable + GOLD], dtype=np.int64)
    share = coder_shares(data, variable)
    return np.where((share.sum(axis=1) >= 0.5) & ~is_tied(share), share.argmax(axis=1), -1)


def is_tied(share: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Say of each row of coders' shares (rows, codes) whether two codes or more share the first place.

    >>> is_tied(np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]])).tolist()
    [True, False, False]
    """
    best = share.max(axis=1, keepdims=True)
    found: npt.NDArray[np.bool_] = ((share == best) & (best > 0)).sum(axis=1) > 1
    return found
