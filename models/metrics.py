"""Metrics: how well probabilities agree with the coders' answers, each with an interval by bootstrap over articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BOOTSTRAPS = 1000
BINS = 10  # of the calibration error, equally wide


@dataclass(frozen=True)
class Scores:
    """What one set of predictions is worth; a figure that the data cannot give is None.

    `codes` has the F1 of each code that occurs, by its column; `weighted_f1` their mean weighted by how often.
    `draws` are the macro-F1 of BOOTSTRAPS resamples of the articles, from which intervals, those of means and
    differences too, are taken.
    """

    n: int
    macro_f1: float
    mcc: float
    average_precision: float | None
    brier: float
    calibration_error: float
    weighted_f1: float
    codes: dict[int, float]
    draws: Floats

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of macro-F1."""
        return interval(self.draws)

    def json(self, names: Sequence[str]) -> dict[str, object]:
        """The scores as `evaluate --json` prints them, with the names of the codes."""
        return {
            "n": self.n,
            **{name: _rounded(getattr(self, name)) for name in FIGURES},
            "codes": {names[code]: _rounded(f1) for code, f1 in self.codes.items()},
            "interval": [_rounded(end) for end in self.interval],
        }


FIGURES = ("macro_f1", "mcc", "average_precision", "brier", "calibration_error", "weighted_f1")


def mean(found: Sequence[Scores], n: int | None = None) -> Scores:
    """Return the mean of several scores, of outlets or of seeds, each counting the same; `n` is their sum if not given.

    Its draws are the means of theirs: of seeds on the same spans they are paired; of outlets they resample articles
    inside each outlet.
    """
    figures: dict[str, float | None] = {}
    for name in FIGURES:
        values = [value for one in found if (value := getattr(one, name)) is not None]
        figures[name] = float(np.mean(values)) if values else None
    codes = sorted({code for one in found for code in one.codes})
    return Scores(
        n=sum(one.n for one in found) if n is None else n,
        codes={code: float(np.mean([one.codes[code] for one in found if code in one.codes])) for code in codes},
        draws=np.mean([one.draws for one in found], axis=0),
        **figures,  # type: ignore[arg-type]
    )


def difference(one: Scores, other: Scores) -> dict[str, object]:
    """Return how much higher one macro-F1 is than another on the same spans, with its paired interval."""
    low, high = interval(one.draws - other.draws)
    return {"macro_f1": _rounded(one.macro_f1 - other.macro_f1), "interval": [_rounded(low), _rounded(high)]}


def _rounded(value: float | None) -> float | None:
    return None if value is None or np.isnan(value) else round(float(value), 4)


def interval(draws: Floats) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of bootstrap draws."""
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return float(low), float(high)


def scores(answers: Ints, probabilities: Floats, articles: Sequence[str], seed: int = 0) -> Scores:
    """Compare answers (rows), as columns of `probabilities` (rows, codes), with the most probable codes.

    Macro-F1 and average precision are means over the codes that occur among the answers.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    >>> found = scores(np.array([0, 1, 1]), sure, ["a", "a", "b"])
    >>> found.n, round(found.macro_f1, 3), round(found.brier, 3)
    (3, 0.667, 0.273)
    """
    from sklearn.metrics import average_precision_score, matthews_corrcoef

    predicted = probabilities.argmax(axis=1)
    codes = probabilities.shape[1]
    truth = np.eye(codes)[answers]
    present = np.flatnonzero(truth.any(axis=0))
    tables = _tables(answers, predicted, articles, codes)
    f1 = code_f1(tables.sum(axis=0))
    often = truth.mean(axis=0)
    varied = [code for code in present if not truth[:, code].all()]
    precision = [average_precision_score(truth[:, code], probabilities[:, code]) for code in varied]
    return Scores(
        n=len(answers),
        macro_f1=float(macro_f1(tables.sum(axis=0), present)),
        mcc=float(matthews_corrcoef(answers, predicted)) if len({*answers, *predicted}) > 1 else 0.0,
        average_precision=float(np.mean(precision)) if precision else None,
        brier=float(((probabilities - truth) ** 2).sum(axis=1).mean()),
        calibration_error=calibration_error(probabilities.max(axis=1), predicted == answers),
        weighted_f1=float(np.nansum(f1 * often)),
        codes={int(code): float(f1[code]) for code in present},
        draws=_draws(tables, present, seed),
    )


def macro_f1(table: Floats, codes: Ints) -> Floats:
    """Return the mean F1 over codes of confusion tables (..., answer, predicted).

    >>> macro_f1(np.array([[8.0, 2.0], [2.0, 8.0]]), np.array([0, 1])).round(6).item()
    0.8
    """
    f1 = code_f1(table)[..., codes]
    known = ~np.isnan(f1)
    mean: Floats = np.where(known, f1, 0).sum(axis=-1) / np.maximum(known.sum(axis=-1), 1)
    return mean


def code_f1(table: Floats) -> Floats:
    """Return the F1 of each code of confusion tables (..., answer, predicted), not a number where it does not occur."""
    hits = np.einsum("...cc->...c", table)
    given = table.sum(axis=-1) + table.sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1: Floats = np.where(given > 0, 2 * hits / given, np.nan)
    return f1


def calibration_error(confidence: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy over equally wide bins.

    Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.

    >>> calibration_error(np.array([0.8, 0.8, 0.8, 0.8]), np.array([True, True, True, False])).__round__(3)
    0.05
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [(bins == b).mean() * abs(right[bins == b].mean() - confidence[bins == b].mean()) for b in set(bins)]
    return float(sum(gaps))


def _tables(answers: Ints, predicted: Ints, articles: Sequence[str], codes: int) -> Floats:
    """Return one confusion table per article (articles, codes, codes)."""
    names, where = np.unique(np.asarray(articles), return_inverse=True)
    tables = np.zeros((len(names), codes, codes))
    np.add.at(tables, (where, answers, predicted), 1)
    return tables


def _draws(tables: Floats, present: Ints, seed: int) -> Floats:
    chance = np.random.default_rng(seed)
    times = chance.multinomial(len(tables), np.full(len(tables), 1 / len(tables)), size=BOOTSTRAPS)
    return macro_f1(np.tensordot(times.astype(float), tables, axes=1), present)
