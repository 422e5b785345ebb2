"""Held-out predictions: train classifiers on each fold, test them on its held-out spans, and summarise their scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.codebook import Codebook, Variable
from corpus.evaluation.calibration import CalibrationReport
from corpus.evaluation.scores import ClassifierScores, ComparedScores, ScoreDifference
from corpus.study import Study
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import TermRule, TfidfClassifier
from models.data.classifier_protocol import Classifier, Ints, Probabilities, correct_codes
from models.data.folds import Mask, Split
from models.data.reference import reference_codes
from models.measures.calibration import HeldOutOutlet, calibration_report, fit_calibration
from models.measures.metrics import Scores, mean_scores, score, score_difference
from models.suggestions.checkpoint import RECIPE

from .cache import cached_probabilities, delete_probabilities, digest_of, load_or_make, split_digest

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress

OURS = "SpanClassifier"

ReportProgress = Callable[[str, float], None]


def no_report(step: str, share: float) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class ClassifierSpec:
    """How to make a classifier: `fit` trains it and reports its progress; `settings` are all that affects the result.

    One is trained for each of `seeds`, or a single one where training is deterministic (no seeds). `measure` computes
    further results of a trained one on its test rows, as a list that JSON can hold.
    """

    fit: Callable[[int, Any, Progress], Classifier]
    settings: Mapping[str, object]
    seeds: tuple[int, ...] = ()
    measure: Callable[[Any, Dataset], list[Any]] | None = None


@dataclass(frozen=True)
class HeldOutResults:
    """Held-out spans, each a row: their right codes by variable (-1 where it was not asked) and the predictions.

    `probabilities` has for each classifier one set for each seed. `folds` names the fold of each row. `measurements`
    are the results of `ClassifierSpec.measure`, of all folds and seeds.
    """

    spans: list[str]
    articles: list[str]
    outlets: list[str | None]
    folds: list[str]
    truth: Mapping[str, Ints]
    probabilities: Mapping[str, list[Probabilities]]
    measurements: list[Any]

    def rows_by(self, group: str) -> dict[str, Mask]:
        """Return the rows of each outlet (`outlets`) or fold (`folds`)."""
        values = np.array(getattr(self, group), dtype=object)
        return {name: values == name for name in dict.fromkeys(values) if name is not None}

    def unanswered(self, variable: str) -> list[str]:
        """Return the spans without a right code of a variable."""
        return [span for span, code in zip(self.spans, self.truth[variable], strict=True) if code < 0]

    def scores(self, classifier: str, variable: str, rows: Mask | None = None) -> Scores | None:
        """Return a classifier's scores, the mean over its seeds; None if no span has a right code."""
        scored = self.truth[variable] >= 0
        if rows is not None:
            scored &= rows
        if not scored.any():
            return None
        articles = [article for article, row in zip(self.articles, scored, strict=True) if row]
        right = self.truth[variable][scored]
        by_seed = [
            score(right, by_variable[variable][scored], articles) for by_variable in self.probabilities[classifier]
        ]
        return mean_scores(by_seed, n=by_seed[0].n)

    def scores_by(
        self, group: str, classifier: str, variable: str, names: Sequence[str] | None = None
    ) -> dict[str, Scores]:
        """Return the scores of each outlet (`outlets`) or fold (`folds`), or of those named."""
        scores = {
            name: self.scores(classifier, variable, rows)
            for name, rows in self.rows_by(group).items()
            if names is None or name in names
        }
        return {name: outlet_scores for name, outlet_scores in scores.items() if outlet_scores is not None}

    def select(self, rows: Ints) -> HeldOutResults:
        """Return some of the rows, in the order given."""
        return HeldOutResults(
            **{n: [getattr(self, n)[row] for row in rows] for n in ("spans", "articles", "outlets", "folds")},
            truth={variable: right[rows] for variable, right in self.truth.items()},
            probabilities={
                name: [{variable: table[rows] for variable, table in seed.items()} for seed in seeds]
                for name, seeds in self.probabilities.items()
            },
            measurements=[],
        )

    def with_seed(self, number: int) -> HeldOutResults:
        """Return the same with one seed only of each classifier that has several."""
        one_seed = {n: seeds[min(number, len(seeds) - 1) :][:1] for n, seeds in self.probabilities.items()}
        return replace(self, probabilities=one_seed)


def join_folds(folds: Sequence[HeldOutResults]) -> HeldOutResults:
    """Return the predictions of several folds as one."""
    first = folds[0]
    return HeldOutResults(
        spans=[span for fold in folds for span in fold.spans],
        articles=[article for fold in folds for article in fold.articles],
        outlets=[outlet for fold in folds for outlet in fold.outlets],
        folds=[name for fold in folds for name in fold.folds],
        truth={v: np.concatenate([fold.truth[v] for fold in folds]) for v in first.truth},
        probabilities={
            name: [
                {v: np.concatenate([fold.probabilities[name][seed][v] for fold in folds]) for v in first.truth}
                for seed in range(len(seeds))
            ]
            for name, seeds in first.probabilities.items()
        },
        measurements=[measurement for fold in folds for measurement in fold.measurements],
    )


def train_and_test(
    split: Split, book: Codebook, specs: Mapping[str, ClassifierSpec], cache: Path, report: ReportProgress = no_report
) -> HeldOutResults:
    """Train each classifier on a split's training rows and test it; results of earlier runs are taken from `cache`."""
    train, test = split.parts["train"], split.parts["test"]
    rows = split_digest(split.parts)
    shapes = {v.name: (len(test), len(v.codes)) for v in book.variables}
    predictions: dict[str, list[Probabilities]] = {}
    measurements: list[Any] = []
    for name, spec in specs.items():
        for seed in spec.seeds or (0,):
            key = digest_of(rows, name, RECIPE, book.digest, spec.settings, seed if spec.seeds else None)
            measured = f"also-{key[:16]}"

            def predict(
                name: str = name, spec: ClassifierSpec = spec, seed: int = seed, measured: str = measured
            ) -> Probabilities:
                step = f"{name} without {split.name}" + (f", seed {seed}" if len(spec.seeds) > 1 else "")
                report(step, 0.0)
                classifier = spec.fit(seed, train, lambda share: report(step, share))
                if measure := spec.measure:
                    load_or_make(cache, measured, lambda cached: False, lambda: measure(classifier, test))
                return classifier.predict_proba(test)

            if spec.measure and not (cache / f"{measured}.json").is_file():
                delete_probabilities(cache, key)  # measuring needs the classifier, so it is trained again
            predictions.setdefault(name, []).append(cached_probabilities(cache, key, shapes, predict))
            if spec.measure:  # measured when the classifier was trained
                measurements += load_or_make(cache, measured, lambda cached: isinstance(cached, list), list)
    return HeldOutResults(
        spans=list(test["span"]),
        articles=[article or span for article, span in zip(test["article"], test["span"], strict=True)],
        outlets=list(test["outlet"]),
        folds=[split.name] * len(test),
        truth={v.name: correct_codes(test, v.name) for v in book.variables},
        probabilities=predictions,
        measurements=measurements,
    )


def predict_held_out(study: Study, splits: Sequence[Split], report: ReportProgress = no_report) -> HeldOutResults:
    """Return the predictions of the classifier and its baselines for the test rows of splits, each trained once."""
    from models.classifiers.span_classifier import SpanClassifier

    from .faithfulness import deletion_drops

    book = study.codebook
    specs = {
        "term rule": ClassifierSpec(lambda seed, data, progress: TermRule(book).fit(data), {}),
        "TF-IDF": ClassifierSpec(lambda seed, data, progress: TfidfClassifier(book).fit(data), {}),
        OURS: ClassifierSpec(
            lambda seed, data, progress: SpanClassifier.for_study(study).fit(data, progress),
            {**study.settings.model.recipe(), "encoder": encoder_fingerprint(study.settings.model.encoder)},
            measure=lambda classifier, test: deletion_drops(classifier, test, book.focus_variable.name),
        ),
    }
    predictions = join_folds([train_and_test(split, book, specs, study.folder / "cache", report) for split in splits])
    # adjudicated codes count as right but train nothing
    references = [reference_codes(study, split.parts["test"]) for split in splits]
    return replace(
        predictions, truth={v.name: np.concatenate([codes[v.name] for codes in references]) for v in book.variables}
    )


def compare_scores(
    predictions: HeldOutResults, variable: Variable, over: str = "outlets", outlets: Sequence[str] | None = None
) -> ComparedScores:
    """Return the scores of our classifier on a variable, those of the others, and the differences.

    `over` names the groups that means are taken over; `outlets` limits it to some of them.
    """
    by_classifier = {
        name: classifier_scores(predictions, variable, name, over, outlets) for name in predictions.probabilities
    }
    ours = by_classifier.pop(OURS)
    differences = score_differences(predictions, variable, over, outlets)
    return ComparedScores(**vars(ours), baselines=by_classifier, differences=differences)


def classifier_scores(
    predictions: HeldOutResults,
    variable: Variable,
    classifier: str,
    over: str = "outlets",
    outlets: Sequence[str] | None = None,
) -> ClassifierScores:
    """Return a classifier's scores by outlet, their mean (or that of the folds), and those of all rows pooled."""
    codes = variable.code_names
    by_outlet = predictions.scores_by("outlets", classifier, variable.name, outlets)
    by_fold = predictions.scores_by("folds", classifier, variable.name) if over == "folds" else {}
    groups = by_fold if over == "folds" else by_outlet
    pooled = predictions.scores(classifier, variable.name)
    return ClassifierScores(
        outlets={name: scores.summary(codes) for name, scores in by_outlet.items()},
        folds={name: scores.summary(codes) for name, scores in by_fold.items()} or None,
        mean=mean_scores(list(groups.values())).summary(codes) if groups else None,
        pooled=pooled.summary(codes) if pooled else None,
    )


def score_differences(
    predictions: HeldOutResults, variable: Variable, over: str = "outlets", outlets: Sequence[str] | None = None
) -> dict[str, ScoreDifference]:
    """Return how much higher our classifier's mean macro-F1 is than each baseline's, with paired intervals."""
    names = outlets if over == "outlets" else None
    by_classifier = {
        classifier: list(predictions.scores_by(over, classifier, variable.name, names).values())
        for classifier in predictions.probabilities
    }
    ours = by_classifier.pop(OURS, [])
    if not ours:
        return {}
    return {name: score_difference(mean_scores(ours), mean_scores(theirs)) for name, theirs in by_classifier.items()}


def calibration_summary(predictions: HeldOutResults, book: Codebook) -> CalibrationReport | None:
    """Return the effects of calibrating and abstaining for the focus variable on held-out outlets (first seed).

    None where fewer than two outlets were asked.
    """
    outlets = []
    for name, rows in predictions.rows_by("outlets").items():
        right = {v.name: predictions.truth[v.name][rows] for v in book.variables}
        outlets.append(
            HeldOutOutlet(
                name,
                {v.name: np.eye(len(v.codes) + 1)[right[v.name]][:, : len(v.codes)] for v in book.variables},
                {variable: table[rows] for variable, table in predictions.probabilities[OURS][0].items()},
            )
        )
    return calibration_report(outlets, fit_calibration(outlets, book), book.focus_variable.name)
