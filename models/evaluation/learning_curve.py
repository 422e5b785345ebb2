"""The learning curve: how well a classifier does on held-out outlets with a part of the answers, and with more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models.data.folds import Split
from models.measures.bootstrap import Floats
from models.measures.metrics import Scores, interval_of, mean_scores

if TYPE_CHECKING:
    from corpus.codebook import Variable

    from .held_out import HeldOutPredictions

PARTS = {1 / 8: 3, 1 / 4: 2, 1 / 2: 2, 1.0: 1}  # shares of the training rows: how many random parts of that size
NEXT_ANNOTATIONS = 200  # annotations, about a week of one coder
EXPONENTS = np.linspace(0.1, 1.5, 29)  # exponents c that are tried


def training_part(split: Split, share: float, number: int) -> Split:
    """Return a split with a random part of its training rows, whole copy groups; a larger part holds the smaller."""
    from datasets import DatasetDict

    train = split.parts["train"]
    groups = np.array(train["copy_group"])
    order = np.random.default_rng(number).permutation(np.unique(groups))
    rank = {group: place for place, group in enumerate(order)}
    rows = sorted(range(len(train)), key=lambda row: (rank[groups[row]], row))[: max(2, round(share * len(train)))]
    name = f"{split.name}, {share:.0%} of the answers" if share < 1 else split.name
    part = train.select(sorted(rows)) if share < 1 else train
    return Split(name, DatasetDict(train=part, test=split.parts["test"]), split.dropped)


def learning_curve(
    splits: Sequence[Split],
    train: Callable[[Split], HeldOutPredictions],
    variable: Variable,
    per_span: float,
    parts: dict[float, int] | None = None,
) -> dict[str, Any]:
    """Train on parts of the answers, test on each held-out outlet, and say what more answers are likely to bring.

    `train` trains and tests a split; `per_span` is how many annotations a span has. Each point has the number of spans
    trained on (the mean over outlets) and the mean macro-F1 over outlets. Through the points goes a − b·n^−c, the
    power law that Figueroa et al. (2012, Predicting sample size required for classification performance) fit; the
    interval of what comes next refits it to resampled articles and parts.
    """
    from .held_out import OURS

    sizes: dict[str, dict[float, list[tuple[float, Scores]]]] = {}
    for share, times in (parts or PARTS).items():
        for number in range(times):
            cut = [training_part(split, share, number) for split in splits]
            each = [train(one) for one in cut]
            n = float(np.mean([len(one.parts["train"]) for one in cut]))
            for name in each[0].found:
                found = [one for e in each if (one := e.scores(name, variable.name))]
                if found:
                    sizes.setdefault(name, {}).setdefault(share, []).append((n, mean_scores(found)))
    by = {name: _classifier_curve(points, per_span) for name, points in sizes.items()}
    return {**by.pop(OURS, {"why": "no held-out span has an answer"}), "baselines": by}


def _classifier_curve(points: dict[float, list[tuple[float, Scores]]], per_span: float) -> dict[str, Any]:
    n = np.array([np.mean([size for size, _ in found]) for found in points.values()])
    means = [mean_scores([one for _, one in found], n=found[0][1].n) for found in points.values()]
    now, ahead = n[-1], n[-1] + NEXT_ANNOTATIONS / per_span
    asked = np.array([now, ahead, 2 * now])
    f1 = np.array([one.macro_f1 for one in means])
    drawn = np.stack([one.draws for one in means])  # (sizes, draws)
    spread = _part_error(points)
    chance = np.random.default_rng(0)
    drawn = drawn + chance.normal(0, 1, drawn.shape) * spread[:, None]
    guesses = np.stack([fit_power_law(n, one, asked) for one in drawn.T])
    best = fit_power_law(n, f1, asked)
    return {
        "points": [
            {
                "n": round(size),
                "parts": len(found),
                "macro_f1": round(one.macro_f1, 4),
                "interval": interval_of(one.draws),
            }
            for size, one, found in zip(n.tolist(), means, points.values(), strict=True)
        ],
        "annotations_per_span": round(per_span, 2),
        "next": {
            "annotations": NEXT_ANNOTATIONS,
            "macro_f1": round(float(f1[-1] + best[1] - best[0]), 4),
            "gain": round(float(best[1] - best[0]), 4),
            "interval": interval_of(guesses[:, 1] - guesses[:, 0]),
        },
        "doubled": {"n": round(2 * now), "macro_f1": round(float(best[2]), 4), "interval": interval_of(guesses[:, 2])},
    }


def _part_error(points: dict[float, list[tuple[float, Scores]]]) -> Floats:
    """Return the standard error of each size's mean that comes from the choice of the part, pooled over sizes."""
    several = [[one.macro_f1 for _, one in found] for found in points.values()]
    freedom = sum(len(values) - 1 for values in several)
    if not freedom:
        return np.zeros(len(several))
    pooled = np.sqrt(sum((len(v) - 1) * np.var(v, ddof=1) for v in several if len(v) > 1) / freedom)
    return np.array([pooled / np.sqrt(len(values)) for values in several])


def fit_power_law(sizes: Floats, values: Floats, at: Floats) -> Floats:
    """Fit a − b·n^−c, which never falls and stays below 1, by least squares, and return its values at other sizes.

    >>> n = np.array([100.0, 200.0, 400.0, 800.0])
    >>> fit_power_law(n, 0.8 - 2 * n**-0.5, np.array([1600.0])).round(3).item()
    0.75
    """
    scaled = (np.asarray(sizes)[None, :] / sizes[-1]) ** -EXPONENTS[:, None]  # (rates, sizes)
    middle, level = scaled.mean(axis=1, keepdims=True), values.mean()
    slope = ((scaled - middle) * (values - level)).sum(axis=1) / ((scaled - middle) ** 2).sum(axis=1)
    slope = np.minimum(slope, 0)
    top = level - slope * middle[:, 0]
    error = ((top[:, None] + slope[:, None] * scaled - values) ** 2).sum(axis=1) + np.where(top > 1, 1e3, 0)
    best = int(error.argmin())
    found: Floats = top[best] + slope[best] * (np.asarray(at) / sizes[-1]) ** -EXPONENTS[best]
    return found
