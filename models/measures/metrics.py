"""Score probabilities against the coders' answers, with intervals by bootstrap over articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from corpus.evaluation.scores import CodeScores, Interval, ScoreDifference, ScoreSummary

from .bootstrap import Floats, Ints, ResampledScores, confidence_bins, mean_without_nan, percentile_interval

FIGURES = ("macro_f1", "mcc", "average_precision", "brier", "calibration_error", "weighted_f1")
CODE_FIGURES = FIGURES[1:5]  # in addition to its F1


@dataclass(frozen=True)
class Scores:
    """The scores of one set of predictions; a figure that the data do not determine is None.

    `codes` has the scores of each code that occurs, by its column: for the binary question whether a span has it, so
    `macro_f1` is the F1 of the code and `n` the number of spans that have it. `weighted_f1` weights the codes' F1 by
    how often they are right. `resampled` computes each figure's draws, its values on resamples of the articles:
    intervals, also those of means and differences, are taken from them.
    """

    n: int
    macro_f1: float
    mcc: float
    average_precision: float | None
    brier: float
    calibration_error: float
    weighted_f1: float
    codes: Mapping[int, Scores]
    resampled: Mapping[str, Callable[[], Floats]]

    @property
    def draws(self) -> Floats:
        """The macro-F1 of each resample."""
        return self.resampled["macro_f1"]()

    def summary(self, names: Sequence[str]) -> ScoreSummary:
        """Return the scores, rounded, with the names of the codes and with intervals."""
        intervals = self._intervals()
        return ScoreSummary(
            n=self.n,
            **{name: _rounded(getattr(self, name)) for name in FIGURES},
            codes={names[code]: _rounded(scores.macro_f1) for code, scores in self.codes.items()},
            interval=interval_of(self.draws),
            intervals=intervals,
            by_code={names[code]: scores._code_summary() for code, scores in self.codes.items()},
        )

    def _intervals(self) -> dict[str, Interval | None]:
        intervals = {n: interval_of(self.resampled[n]()) if getattr(self, n) is not None else None for n in FIGURES}
        return {**intervals, "calibration_error": interval_of(np.maximum(self.resampled["calibration_error"](), 0))}

    def _code_summary(self) -> CodeScores:
        intervals = self._intervals()
        return CodeScores(
            n=self.n,
            f1=_rounded(self.macro_f1),
            **{name: _rounded(getattr(self, name)) for name in CODE_FIGURES},
            intervals={"f1": intervals["macro_f1"], **{name: intervals[name] for name in CODE_FIGURES}},
        )


def mean_scores(scores: Sequence[Scores], n: int | None = None) -> Scores:
    """Return the mean of several scores, of outlets or of seeds, with equal weights; `n` is their sum if not given.

    Its draws are the means of theirs: paired for seeds on the same spans; for outlets they resample articles within
    each outlet.
    """
    figures: dict[str, float | None] = {}
    for name in FIGURES:
        values = [value for item in scores if (value := getattr(item, name)) is not None]
        figures[name] = float(np.mean(values)) if values else None
    codes = sorted({code for item in scores for code in item.codes})

    def code_mean(code: int) -> Scores:
        of_code = [item.codes[code] for item in scores if code in item.codes]
        return mean_scores(of_code, None if n is None else of_code[0].n)

    def mean_draws(name: str) -> Floats:
        return mean_without_nan(np.stack([item.resampled[name]() for item in scores if name in item.resampled]))

    return Scores(
        n=sum(item.n for item in scores) if n is None else n,
        codes={code: code_mean(code) for code in codes},
        resampled={name: cache(partial(mean_draws, name)) for item in scores for name in item.resampled},
        **figures,  # type: ignore[arg-type]
    )


def score_difference(ours: Scores, others: Scores) -> ScoreDifference:
    """Return the differences in macro-F1 and weighted F1 from others on the same spans, with paired intervals."""
    weighted = ours.resampled["weighted_f1"]() - others.resampled["weighted_f1"]()
    return ScoreDifference(
        macro_f1=_rounded(ours.macro_f1 - others.macro_f1),
        interval=interval_of(ours.draws - others.draws),
        weighted_f1=_rounded(ours.weighted_f1 - others.weighted_f1),
        weighted_interval=interval_of(weighted),
    )


def interval_of(draws: Floats) -> Interval:
    """Return the 95 % interval of draws, rounded.

    >>> interval_of(np.linspace(0, 1, 1001))
    (0.025, 0.975)
    """
    low, high = percentile_interval(draws)
    return _rounded(low), _rounded(high)


def _rounded(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 4)


def score(answers: Ints, probabilities: Floats, articles: Sequence[str], seed: int = 0) -> Scores:
    """Score the most probable codes against the answers (rows), which are columns of `probabilities` (rows, codes).

    Macro-F1 and average precision are means over the codes that occur among the answers, also in resamples.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> found = score(np.array([0, 1, 1]), sure, ["a", "a", "b"])
    >>> found.n, round(found.macro_f1, 3), round(found.brier, 3)
    (3, 0.667, 0.273)
    """
    sample = ResampledScores(answers, probabilities, probabilities.argmax(axis=1), articles, seed)
    present = np.unique(answers)
    by_code = {int(code): _score_sample(sample.for_code(code), np.array([1]), {}) for code in present}
    return _score_sample(sample, present, by_code)


def _score_sample(sample: ResampledScores, counted: Ints, codes: Mapping[int, Scores]) -> Scores:
    """Return the scores of a sample; F1 and average precision are means over the codes `counted`."""
    from sklearn.metrics import average_precision_score

    truth = np.eye(sample.probabilities.shape[1])[sample.answers]
    varied = np.array([code for code in counted if not truth[:, code].all()], dtype=int)
    precision = [average_precision_score(truth[:, code], sample.probabilities[:, code]) for code in varied]
    confidence, likely = sample.probabilities.max(axis=1), sample.probabilities.argmax(axis=1)
    error = calibration_error(confidence, likely == sample.answers)
    resampled: dict[str, Callable[[], Floats]] = {
        "macro_f1": lambda: macro_f1(sample.tables, counted),
        "mcc": lambda: np.where((sample.tables.sum(axis=-1) > 0).sum(axis=-1) > 1, mcc(sample.tables), np.nan),
        "brier": sample.brier,
        "calibration_error": lambda: centre_draws(sample.calibration_error(), error),
        "weighted_f1": lambda: weighted_f1(sample.tables),
    }
    if precision:
        resampled["average_precision"] = lambda: sample.average_precision(varied)
    return Scores(
        n=int(truth[:, counted].sum()),
        macro_f1=float(macro_f1(sample.table, counted)),
        mcc=float(mcc(sample.table)),
        average_precision=float(np.mean(precision)) if precision else None,
        brier=float(((sample.probabilities - truth) ** 2).sum(axis=1).mean()),
        calibration_error=error,
        weighted_f1=float(weighted_f1(sample.table)),
        codes=codes,
        resampled={name: cache(make) for name, make in resampled.items()},
    )


def macro_f1(table: Floats, codes: Ints) -> Floats:
    """Return the mean F1 over codes of confusion tables (..., answer, predicted).

    >>> macro_f1(np.array([[8.0, 2.0], [2.0, 8.0]]), np.array([0, 1])).round(6).item()
    0.8
    """
    f1 = code_f1(table)[..., codes]
    return mean_without_nan(np.moveaxis(f1, -1, 0))


def weighted_f1(table: Floats) -> Floats:
    """Return the mean F1 over codes of confusion tables, weighted by the codes' frequency among the answers.

    >>> weighted_f1(np.array([[8.0, 2.0], [0.0, 0.0]])).round(3).item()
    0.889
    """
    frequency = table.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1: Floats = np.nansum(code_f1(table) * frequency, axis=-1) / frequency.sum(axis=-1)
    return f1


def mcc(table: Floats) -> Floats:
    """Return Matthews' correlation of confusion tables (..., answer, predicted), 0 where either has one code only.

    Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient.

    >>> mcc(np.array([[8.0, 2.0], [2.0, 8.0]])).round(6).item()
    0.6
    """
    answered, predicted, n = table.sum(axis=-1), table.sum(axis=-2), table.sum(axis=(-1, -2))
    both = n * np.einsum("...cc->...", table) - (answered * predicted).sum(axis=-1)
    spread = np.sqrt(n**2 - (answered**2).sum(axis=-1)) * np.sqrt(n**2 - (predicted**2).sum(axis=-1))
    correlation: Floats = np.divide(both, spread, out=np.where(n > 0, 0.0, np.nan), where=spread > 0)
    return correlation


def code_f1(table: Floats) -> Floats:
    """Return the F1 of each code of confusion tables (..., answer, predicted), NaN where no answer has the code."""
    hits, answered = np.einsum("...cc->...c", table), table.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1: Floats = np.where(answered > 0, 2 * hits / (answered + table.sum(axis=-2)), np.nan)
    return f1


def centre_draws(draws: Floats, figure: float) -> Floats:
    """Return draws shifted so that their mean is the figure.

    A resample repeats spans, which widens the gaps in the bins, so its calibration error is biased upwards.

    >>> centre_draws(np.array([0.06, 0.08]), 0.05).round(2).tolist()
    [0.04, 0.06]
    """
    return draws + (figure - np.nanmean(draws))


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy over equally wide bins.

    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.

    >>> calibration_error(np.array([0.8, 0.8, 0.8, 0.8]), np.array([True, True, True, False])).__round__(3)
    0.05
    """
    bin_of = confidence_bins(confidence)
    gaps = [(bin_of == b).mean() * abs(right[bin_of == b].mean() - confidence[bin_of == b].mean()) for b in set(bin_of)]
    return float(sum(gaps))
