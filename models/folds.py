"""Folds: what is trained on and what is tested on, separated by outlet and copy group, never by span."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import NothingToLearn

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


def hold_out(data: Dataset, outlet: str) -> DatasetDict:
    """Return `test`, the rows of one outlet, and `train`, those of the others without any copy of a tested article.

    Raises NothingToLearn where either would be empty.
    """
    from datasets import DatasetDict

    outlets, groups = np.array(data["outlet"]), np.array(data["copy_group"])
    test = outlets == outlet
    if not test.any():
        known = ", ".join(sorted(set(outlets)))
        raise NothingToLearn(f"no coded span is of {outlet!r}; coded outlets: {known}")
    train = ~test & ~np.isin(groups, groups[test])
    if not train.any():
        raise NothingToLearn(
            f"nothing is left to learn from when {outlet!r} is held out; code spans of a second outlet"
        )
    return DatasetDict(train=data.select(np.flatnonzero(train)), test=data.select(np.flatnonzero(test)))


def coded_outlets(data: Dataset) -> list[str]:
    """Return the outlets of the rows, in alphabetical order."""
    return sorted(set(data["outlet"]))
