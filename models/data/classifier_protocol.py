"""The classifier protocol, and the answers in a dataset of coded spans as arrays."""

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
    """A classifier that learns from coded spans and predicts probabilities, with scikit-learn's method names.

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
    """Return the correct code (rows): the published one, else the commonest.

    It is -1 where most coders were not asked, or two codes are equally common.
    """
    if variable + GOLD in data.column_names:
        return np.array(data[variable + GOLD], dtype=np.int64)
    share = coder_shares(data, variable)
    return np.where((share.sum(axis=1) >= 0.5) & ~is_tied(share), share.argmax(axis=1), -1)


def is_tied(share: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return for each row of coders' shares (rows, codes) whether several codes are tied for first place.

    >>> is_tied(np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]])).tolist()
    [True, False, False]
    """
    best = share.max(axis=1, keepdims=True)
    tied: npt.NDArray[np.bool_] = ((share == best) & (best > 0)).sum(axis=1) > 1
    return tied
