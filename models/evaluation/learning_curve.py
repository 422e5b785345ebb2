"""The learning curve: the score on held-out outlets with part of the annotations, extrapolated to more of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from corpus.evaluation.extra_measures import (
    ClassifierCurve,
    CurvePoint,
    LearningCurve,
    NextAnnotations,
    PredictedScore,
)
from models.data.folds import Split
from models.measures.bootstrap import Floats
from models.measures.metrics import Scores, interval_of, mean_scores

if TYPE_CHECKING:
    from corpus.codebook import Variable

    from .held_out import HeldOutResults

PARTS = {1 / 8: 3, 1 / 4: 2, 1 / 2: 2, 1.0: 1}  # share of the training rows: number of random parts of that size
NEXT_ANNOTATIONS = 200  # about a week of one coder's work
EXPONENTS = np.linspace(0.1, 1.5, 29)  # exponents c that are tried


def training_part(split: Split, share: float, number: int) -> Split:
    """Return a split with a random share of its training rows, by copy group; larger shares include smaller ones."""
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
    train: Callable[[Split], HeldOutResults],
    variable: Variable,
    per_span: float,
) -> LearningCurve:
    """Train on parts of the annotations, test on each held-out outlet, and predict the score with more of them.

    `train` trains and tests a split; `per_span` is how many annotations a span has. Each point has the number of spans
    trained on (the mean over outlets) and the mean macro-F1 over outlets. The points are fitted by a − b·n^−c, the
    power law of Figueroa et al. (2012, Predicting sample size required for classification performance); intervals of
    predictions come from refitting it to resampled articles and parts.
    """
    from .held_out import OURS

    sizes: dict[str, dict[float, list[tuple[float, Scores]]]] = {}
    for share, repeats in PARTS.items():
        for number in range(repeats):
            reduced = [training_part(split, share, number) for split in splits]
            predictions = [train(split) for split in reduced]
            n = float(np.mean([len(split.parts["train"]) for split in reduced]))
            for name in predictions[0].probabilities:
                scores = [scored for fold in predictions if (scored := fold.scores(name, variable.name))]
                if scores:
                    sizes.setdefault(name, {}).setdefault(share, []).append((n, mean_scores(scores)))
    curves = {name: _classifier_curve(points, per_span) for name, points in sizes.items()}
    ours = curves.pop(OURS, ClassifierCurve())
    return LearningCurve(**vars(ours), baselines=curves, why=None if ours.points else "no held-out span has an answer")


def _classifier_curve(points: dict[float, list[tuple[float, Scores]]], per_span: float) -> ClassifierCurve:
    n = np.array([np.mean([size for size, _ in runs]) for runs in points.values()])
    means = [mean_scores([scores for _, scores in runs], n=runs[0][1].n) for runs in points.values()]
    current, ahead = n[-1], n[-1] + NEXT_ANNOTATIONS / per_span
    sizes = np.array([current, ahead, 2 * current])
    f1 = np.array([scores.macro_f1 for scores in means])
    draws = np.stack([scores.draws for scores in means])  # (sizes, draws)
    error = _part_error(points)
    random = np.random.default_rng(0)
    draws = draws + random.normal(0, 1, draws.shape) * error[:, None]
    predicted = np.stack([fit_power_law(n, draw, sizes) for draw in draws.T])
    fitted = fit_power_law(n, f1, sizes)
    return ClassifierCurve(
        points=tuple(
            CurvePoint(
                n=round(size),
                parts=len(runs),
                macro_f1=round(scores.macro_f1, 4),
                interval=interval_of(scores.draws),
            )
            for size, scores, runs in zip(n.tolist(), means, points.values(), strict=True)
        ),
        annotations_per_span=round(per_span, 2),
        next=NextAnnotations(
            annotations=NEXT_ANNOTATIONS,
            macro_f1=round(float(f1[-1] + fitted[1] - fitted[0]), 4),
            gain=round(float(fitted[1] - fitted[0]), 4),
            interval=interval_of(predicted[:, 1] - predicted[:, 0]),
        ),
        doubled=PredictedScore(
            n=round(2 * current),
            macro_f1=round(float(fitted[2]), 4),
            interval=interval_of(predicted[:, 2]),
        ),
    )


def _part_error(points: dict[float, list[tuple[float, Scores]]]) -> Floats:
    """Return the standard error of each size's mean that is due to the choice of the part, pooled over sizes."""
    by_size = [[scores.macro_f1 for _, scores in runs] for runs in points.values()]
    freedom = sum(len(values) - 1 for values in by_size)
    if not freedom:
        return np.zeros(len(by_size))
    pooled = np.sqrt(sum((len(v) - 1) * np.var(v, ddof=1) for v in by_size if len(v) > 1) / freedom)
    return np.array([pooled / np.sqrt(len(values)) for values in by_size])


def fit_power_law(sizes: Floats, values: Floats, at: Floats) -> Floats:
    """Fit a − b·n^−c, which never falls and stays below 1, by least squares, and return its values at other sizes.

    >>> n = np.array([100.0, 200.0, 400.0, 800.0])
    >>> fit_power_law(n, 0.8 - 2 * n**-0.5, np.array([1600.0])).round(3).item()
    0.75
    """
    scaled = (np.asarray(sizes)[None, :] / sizes[-1]) ** -EXPONENTS[:, None]  # (exponents, sizes)
    middle, level = scaled.mean(axis=1, keepdims=True), values.mean()
    slope = ((scaled - middle) * (values - level)).sum(axis=1) / ((scaled - middle) ** 2).sum(axis=1)
    slope = np.minimum(slope, 0)
    asymptote = level - slope * middle[:, 0]
    error = ((asymptote[:, None] + slope[:, None] * scaled - values) ** 2).sum(axis=1) + np.where(asymptote > 1, 1e3, 0)
    best = int(error.argmin())
    values_at: Floats = asymptote[best] + slope[best] * (np.asarray(at) / sizes[-1]) ** -EXPONENTS[best]
    return values_at
