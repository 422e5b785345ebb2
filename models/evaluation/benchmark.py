"""Benchmark the classifier and its baselines on public data, held out by outlet, by fold or as a second file."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.draft import Refusal
from corpus.errors import BadFile, NothingToLearn
from corpus.evaluation.calibration import CalibrationReport
from corpus.evaluation.extra_measures import Faithfulness
from corpus.evaluation.scores import ClassifierScores, VariableScores
from corpus.result import Result, printed_as
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import CommonestCode, TfidfClassifier
from models.data.classifier_protocol import correct_codes
from models.data.folds import Split, coded_outlets, hold_out, make_split, published_folds, stratified_folds
from models.data.public_data import CONTEXTS, PublicRows, read_rows
from models.measures.human import human_f1

from .held_out import (
    OURS,
    ClassifierSpec,
    ReportProgress,
    calibration_summary,
    classifier_scores,
    compare_scores,
    join_folds,
    no_report,
    train_and_test,
)

if TYPE_CHECKING:
    from corpus.codebook import Codebook

FEW_ROWS = 20  # of an outlet; with fewer, its macro-F1 is too uncertain: it is listed but not part of the mean
OUTLETS, FOLDS, TEST = "outlets", "folds", "test"
SECOND_FILE = "the second file"  # the name of its split


def cache_folder() -> Path:
    """Return the default folder for trained folds of benchmarks."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slantwise" / "benchmarks"


@dataclass(frozen=True)
class BenchmarkSettings:
    """The settings of a benchmark, named as the command's options.

    Trained folds are kept in `cache`, by default in the user's cache folder. Raises NothingToLearn if settings
    exclude each other.
    """

    protocol: str = OUTLETS
    outlet: str | Sequence[str] = ()
    seed: int | Sequence[int] = (1,)
    encoder: str = "bundled"
    trainings: int = 1
    context: str = "0"
    text_only: bool = False
    plain: bool = False
    cache: str | Path | None = None

    def __post_init__(self) -> None:
        if self.protocol not in (OUTLETS, FOLDS):
            raise NothingToLearn(f"expected {OUTLETS} or {FOLDS}", protocol=self.protocol)
        if self.context not in CONTEXTS:
            raise NothingToLearn(f"expected {' or '.join(CONTEXTS)}", context=self.context)
        if self.protocol == FOLDS and self.outlet:
            raise NothingToLearn("it holds out no outlets; leave out the outlet or the protocol", protocol=FOLDS)
        if self.text_only and self.context != "0":
            raise NothingToLearn(
                "a text-only benchmark reads no context; leave out one of the two", context=self.context
            )

    @property
    def outlets(self) -> tuple[str, ...]:
        """The outlets that are held out, each once; all if there are none."""
        return tuple(dict.fromkeys([self.outlet] if isinstance(self.outlet, str) else self.outlet))

    @property
    def folder(self) -> Path:
        """The folder of trained folds."""
        return Path(self.cache) if self.cache else cache_folder()

    @property
    def seeds(self) -> tuple[int, ...]:
        """The random seeds, each once."""
        return tuple(dict.fromkeys([self.seed] if isinstance(self.seed, int) else self.seed))


@dataclass(frozen=True, kw_only=True)
class SeedScores(Result):
    """The macro-F1 of one seed by outlet, and the means."""

    outlets: Mapping[str, float | None]
    mean: float | None
    weighted_f1: float | None


@dataclass(frozen=True, kw_only=True)
class Benchmark(VariableScores):
    """The scores of a benchmark: its own fields are those on the focus `variable`, `variables` has those on each.

    `trained_on` and `dropped` count the training rows of each fold. The rows of the outlets in `few_rows` were not
    tested, or are not in the mean; `in_both` are outlets in both files, so not unseen.
    """

    benchmark: str
    protocol: str
    variable: str
    variables: Mapping[str, VariableScores]
    seeds: Mapping[str, SeedScores]
    faithful: Faithfulness
    calibration: CalibrationReport | None
    encoder: str
    trainings: int
    context: str
    marked_words: bool
    trained_on: Mapping[str, int]
    dropped: Mapping[str, Mapping[str, int]]
    few_rows: Mapping[str, int]
    no_outlet: int
    in_both: tuple[str, ...]
    left_out: Mapping[str, int]
    refusals: tuple[Refusal, ...] = printed_as("refused")

    def json(self) -> dict[str, Any]:
        """Return what `benchmark … --json` prints."""
        return {"benchmark": self.benchmark, "protocol": self.protocol, "variable": self.variable, **super().json()}


def benchmark(
    data_set: str,
    file: str | Path,
    *,
    test: str | Path | None = None,
    settings: BenchmarkSettings | None = None,
    progress: ReportProgress | None = None,
) -> Benchmark:
    """Measure the classifier and its baselines on the rows of a public data set: babe, basil, mbic, nuda or seesaw.

    The protocol `outlets` holds out each outlet in turn; `folds` uses the rows' own folds or five stratified ones; with
    a `test` file, classifiers are trained on the first file and tested on the second. Trained folds are kept in
    `settings.folder` by their digest. `progress` receives each step and the share of it that is done. Raises BadFile,
    and NothingToLearn where the protocol has nothing to hold out.
    """
    settings, report = settings or BenchmarkSettings(), progress or no_report
    if test and (settings.protocol == FOLDS or settings.outlet):
        raise NothingToLearn("it sets the test data; leave out the outlet and the protocol folds", test=str(test))
    _make_folder(settings.folder)
    rows = read_rows(data_set, Path(file), settings.context, marks=not settings.text_only)
    second = read_rows(data_set, Path(test), settings.context, marks=not settings.text_only) if test else None
    book, measured = rows.book, second or rows
    by_outlet = settings.protocol == OUTLETS and not second
    held_out = _second_file_split(rows, second) if second else protocol_splits(rows, settings)
    predictions = join_folds(
        [train_and_test(fold, book, classifier_specs(book, settings), settings.folder, report) for fold in held_out]
    )
    sizes = {name: int(mask.sum()) for name, mask in predictions.rows_by("outlets").items()}
    counted = list(sizes) if by_outlet else [name for name, n in sizes.items() if n >= FEW_ROWS] or list(sizes)
    over = FOLDS if settings.protocol == FOLDS and not second else OUTLETS
    by_variable = {
        variable.name: VariableScores(
            **vars(compare_scores(predictions, variable, over, counted)),
            human=human_f1(measured.answers, variable, counted),
        )
        for variable in book.variables
    }
    from .faithfulness import summarise_drops

    focus = book.focus_variable
    few_rows = {name: n for name, n in _rows_per_outlet(measured).items() if name not in counted}
    return Benchmark(
        benchmark=data_set,
        protocol=TEST if second else settings.protocol,
        variable=focus.name,
        **vars(by_variable[focus.name]),
        variables=by_variable,
        seeds={
            str(seed): _seed_scores(classifier_scores(predictions.with_seed(number), focus, OURS, over, counted))
            for number, seed in enumerate(settings.seeds)
        },
        faithful=summarise_drops(predictions.measurements),
        calibration=calibration_summary(predictions, book) if by_outlet else None,
        encoder=settings.encoder,
        trainings=settings.trainings,
        context=settings.context,
        marked_words=any(rows.data["marked"]),
        trained_on={fold.name: len(fold.parts["train"]) for fold in held_out},
        dropped={fold.name: fold.dropped for fold in held_out},
        few_rows={} if settings.outlets else few_rows,
        no_outlet=sum(outlet is None for outlet in measured.data["outlet"]),
        in_both=tuple(sorted(set(coded_outlets(rows.data)) & set(coded_outlets(second.data)))) if second else (),
        left_out=dict(Counter(rows.left_out) + Counter(second.left_out if second else {})),
        refusals=(*rows.refusals, *(second.refusals if second else ())),
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadFile(
            f"it cannot be used as the folder of trained folds ({error.strerror}); choose another", cache=str(folder)
        ) from None


def _rows_per_outlet(rows: PublicRows) -> dict[str, int]:
    return {name: list(rows.data["outlet"]).count(name) for name in coded_outlets(rows.data)}


def protocol_splits(rows: PublicRows, settings: BenchmarkSettings) -> list[Split]:
    """Return the folds of the protocol. Raises NothingToLearn if there is nothing to hold out."""
    if settings.protocol == FOLDS:
        if any(fold is not None for fold in rows.data["fold"]):
            return list(published_folds(rows.data))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about codes with fewer rows than folds, which are listed
            return list(stratified_folds(rows.data, correct_codes(rows.data, rows.book.focus_variable.name)))
    sizes = _rows_per_outlet(rows)
    if unknown := [name for name in settings.outlets if name not in sizes]:
        raise NothingToLearn(f"no row is from this outlet; outlets: {', '.join(sizes) or 'none'}", outlet=unknown[0])
    held_out = list(settings.outlets) or [name for name, n in sizes.items() if n >= FEW_ROWS]
    if not held_out or len(sizes) < 2:
        listed = ", ".join(f"{name} {n}" for name, n in sizes.items()) or "none"
        raise NothingToLearn(
            f"holding an outlet out needs two outlets, one of {FEW_ROWS} rows or more; found: {listed}. "
            "Measure by random folds (the protocol folds) or on a second file (test)"
        )
    known = rows.data.select(np.flatnonzero([outlet is not None for outlet in rows.data["outlet"]]))
    return [hold_out(known, outlet) for outlet in held_out]


def _second_file_split(rows: PublicRows, second: PublicRows) -> list[Split]:
    """Return the split that trains on the first file, without texts of the second, and tests on the second."""
    from datasets import concatenate_datasets

    both = concatenate_datasets([rows.data, second.data])
    return [make_split(both, np.arange(len(both)) >= len(rows.data), SECOND_FILE)]


def classifier_specs(book: Codebook, settings: BenchmarkSettings) -> dict[str, ClassifierSpec]:
    """Return how to make the classifier and those it is compared with."""
    from models.classifiers.sequence_classifier import SequenceClassifier
    from models.classifiers.span_classifier import SpanClassifier

    from .faithfulness import deletion_drops

    encoder, trainings = settings.encoder, settings.trainings
    key: dict[str, object] = {"encoder": encoder_fingerprint(encoder)}
    specs = {
        OURS: ClassifierSpec(
            lambda seed, data, progress: SpanClassifier(book, encoder=encoder, trainings=trainings, seed=seed).fit(
                data, progress
            ),
            key if trainings == 1 else {**key, "trainings": trainings},
            settings.seeds,
            lambda classifier, test: deletion_drops(classifier, test, book.focus_variable.name),
        ),
        "TF-IDF": ClassifierSpec(lambda seed, data, progress: TfidfClassifier(book).fit(data), {}),
        "commonest code": ClassifierSpec(lambda seed, data, progress: CommonestCode(book).fit(data), {}),
    }
    if settings.plain:
        specs["plain"] = ClassifierSpec(
            lambda seed, data, progress: SequenceClassifier(book, encoder=encoder, seed=seed).fit(data, progress),
            key,
            settings.seeds,
        )
    return specs


def _seed_scores(scores: ClassifierScores) -> SeedScores:
    return SeedScores(
        outlets={name: outlet.macro_f1 for name, outlet in scores.outlets.items()},
        mean=scores.mean.macro_f1 if scores.mean else None,
        weighted_f1=scores.mean.weighted_f1 if scores.mean else None,
    )
