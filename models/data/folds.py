"""Split datasets into training and test rows, by outlet, copy group and event, never by span."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corpus.errors import NothingToLearn

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict


LEAST = 0.5  # share of the training rows that must remain without the events of the test rows
EARLIER = 0.7  # share of the dated rows that trains a forward split

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """One split into `train` and `test`: its name, and the number of training rows left out, by reason."""

    name: str
    parts: DatasetDict
    dropped: dict[str, int]


def make_split(data: Dataset, test: Mask, name: str) -> Split:
    """Return a split whose training rows share no copy group and, where that leaves enough, no event with the test.

    `dropped` has the number of rows left out as `copies` and as `events`, or the number of rows of tested events that
    stay (`events_kept`) because otherwise less than LEAST of the training rows would remain. Raises NothingToLearn
    where no training row remains.
    """
    from datasets import DatasetDict

    groups, events = np.array(data["copy_group"]), np.array(data["event"], dtype=object)
    train = ~test & ~np.isin(groups, groups[test])
    tested = {event for event in events[test] if event is not None}
    shared = train & np.array([event in tested for event in events], dtype=bool)
    leaves_enough = (train & ~shared).sum() >= LEAST * train.sum()
    dropped = {
        "copies": int((~test & ~train).sum()),
        "events": int(shared.sum()) if leaves_enough else 0,
        "events_kept": 0 if leaves_enough else int(shared.sum()),
    }
    if leaves_enough:
        train &= ~shared
    if not train.any():
        raise NothingToLearn(f"no training data are left when {name!r} is held out; code spans of a second outlet")
    parts = DatasetDict(train=data.select(np.flatnonzero(train)), test=data.select(np.flatnonzero(test)))
    return Split(name, parts, dropped)


def hold_out(data: Dataset, outlet: str) -> Split:
    """Return the split that holds one outlet out.

    Raises NothingToLearn if this outlet, or all others, have no rows.
    """
    test = np.array(data["outlet"], dtype=object) == outlet
    if not test.any():
        raise NothingToLearn(f"it has no coded span; coded outlets: {', '.join(coded_outlets(data))}", outlet=outlet)
    return make_split(data, test, outlet)


def random_folds(data: Dataset, folds: int, seed: int = 0) -> Iterator[Split]:
    """Yield `folds` random splits, with the copies of one text always on the same side."""
    from sklearn.model_selection import GroupKFold

    groups = np.array(data["copy_group"])
    folds = min(folds, len(set(groups)))
    if folds < 2:
        raise NothingToLearn("a random split needs two articles that are not copies; code spans of a second article")
    for number, (_, test) in enumerate(GroupKFold(folds, shuffle=True, random_state=seed).split(groups, groups=groups)):
        yield _random(data, test, number)


def inner_folds(outlets: Sequence[str | None], copies: Sequence[str], parts: int) -> list[tuple[Ints, Ints]]:
    """Return (train, test) rows of a cross-validation within training data: no outlet and no copy on both sides.

    There are at most `parts` of them, and none where there is one outlet only.

    >>> [(a.tolist(), b.tolist()) for a, b in inner_folds(["H", "C", "C"], ["one", "one", "two"], 2)]
    [([], [1, 2]), ([2], [0])]
    """
    from sklearn.model_selection import GroupKFold

    _, names = np.unique([outlet or "" for outlet in outlets], return_inverse=True)
    groups, parts = np.array(copies, dtype=object), min(parts, len(set(names)))
    if parts < 2:
        return []
    folds = GroupKFold(parts).split(names, groups=names)
    return [(train[~np.isin(groups[train], groups[test])], test) for train, test in folds]


def _random(data: Dataset, test: npt.NDArray[Any], number: int) -> Split:
    from datasets import DatasetDict

    train = np.setdiff1d(np.arange(len(data)), test)
    return Split(f"fold {number + 1}", DatasetDict(train=data.select(train), test=data.select(test)), {})


def stratified_folds(data: Dataset, answers: npt.NDArray[np.int64], folds: int = 5, seed: int = 42) -> Iterator[Split]:
    """Yield random splits of rows with the same shares of answers, by the procedure published for BABE.

    Rows of one article are on both sides, so the scores are too high; they serve for comparison with published ones.
    Raises NothingToLearn if no code has two rows.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = min(folds, np.bincount(answers).max(initial=0))
    if folds < 2:
        raise NothingToLearn(f"random folds need two rows with the same code; found {len(answers)} rows")
    recipe = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(recipe.split(answers, answers)):
        yield _random(data, test, number)


def published_folds(data: Dataset) -> Iterator[Split]:
    """Yield a split for each fold that the rows name; rows without a fold are always in training."""
    folds = np.array(data["fold"], dtype=object)
    for name in sorted({fold for fold in folds if fold is not None}, key=lambda fold: (len(fold), fold)):
        test = folds == name
        train = data.select(np.flatnonzero(~test))
        if not len(train):
            raise NothingToLearn(f"all rows belong to the fold {name!r}; no training rows are left")
        from datasets import DatasetDict

        yield Split(f"fold {name}", DatasetDict(train=train, test=data.select(np.flatnonzero(test))), {})


def forward_split(data: Dataset) -> tuple[Split, str]:
    """Return a split that trains on the earliest EARLIER of the dated rows and tests on the rest; and the day between.

    Raises NothingToLearn if the rows have too few dates.
    """
    dates = np.array([day or "" for day in data["date"]])
    days = np.sort(dates[dates != ""])
    later = days[min(int(EARLIER * len(days)), len(days) - 1)] if len(days) else ""
    if not len(days) or later == days[0]:
        raise NothingToLearn("training on earlier and testing on later spans needs articles of two dates or more")
    dated = data.select(np.flatnonzero(dates != ""))
    return make_split(dated, np.array(dated["date"]) >= later, f"from {later}"), str(later)


def coded_outlets(data: Dataset) -> list[str]:
    """Return the outlets of the rows, in alphabetical order."""
    return sorted({outlet for outlet in data["outlet"] if outlet is not None})
