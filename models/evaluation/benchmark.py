"""Benchmark the classifier and its baselines on public data, held out by outlet, by fold or as a second file."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import NothingToLearn
from models.classifiers.encoder import encoder_fingerprint
from models.classifiers.tfidf import CommonestCode, TfidfClassifier
from models.data.classifier_protocol import correct_codes
from models.data.folds import Split, coded_outlets, hold_out, make_split, published_folds, stratified_folds
from models.data.public_data import PublicRows, read_rows
from models.measures.human import human_f1

from .held_out import (
    OURS,
    ClassifierSpec,
    ReportProgress,
    calibration_summary,
    join_folds,
    no_report,
    score_differences,
    score_summary,
    train_and_test,
)

if TYPE_CHECKING:
    from corpus.codebook import Codebook

FEW_ROWS = 20  # of an outlet; with fewer, its macro-F1 is too uncertain: it is listed but not part of the mean
OUTLETS, FOLDS, TEST = "outlets", "folds", "test"
SECOND_FILE = "the second file"  # the name of its split


@dataclass(frozen=True)
class BenchmarkSettings:
    """The settings of a benchmark: the protocol, seeds, encoder, and where trained folds are kept."""

    cache: Path
    protocol: str = OUTLETS
    outlets: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (1,)
    encoder: str = "bundled"
    trainings: int = 1
    context: str = "0"
    marks: bool = True
    plain: bool = False


def benchmark(
    data_set: str, file: Path, test: Path | None, settings: BenchmarkSettings, report: ReportProgress = no_report
) -> dict[str, Any]:
    """Measure on a data set's rows and return what `benchmark … --json` prints.

    The protocol `outlets` holds out each outlet in turn; `folds` uses the rows' own folds or five stratified ones; with
    a `test` file, classifiers are trained on the first file and tested on the second. Trained folds are kept in
    `settings.cache` by their digest. Raises BadFile, and NothingToLearn where the protocol has nothing to hold out.
    """
    rows = read_rows(data_set, file, settings.context, settings.marks)
    second = read_rows(data_set, test, settings.context, settings.marks) if test else None
    book, measured = rows.book, second or rows
    held_out = _second_file_split(rows, second) if second else protocol_splits(rows, settings)
    predictions = join_folds(
        [train_and_test(fold, book, classifier_specs(book, settings), settings.cache, report) for fold in held_out]
    )
    sizes = {name: int(mask.sum()) for name, mask in predictions.rows_by("outlets").items()}
    counted = [name for name, n in sizes.items() if n >= FEW_ROWS] or list(sizes)
    if settings.protocol == OUTLETS and not second:
        counted = list(sizes)
    over = FOLDS if settings.protocol == FOLDS and not second else OUTLETS
    by_variable = {
        variable.name: {
            **score_summary(predictions, variable, OURS, over, counted),
            "baselines": {
                n: score_summary(predictions, variable, n, over, counted)
                for n in predictions.probabilities
                if n != OURS
            },
            "differences": score_differences(predictions, variable, over, counted),
            "human": human_f1(measured.answers, variable, counted),
        }
        for variable in book.variables
    }
    from .faithfulness import summarise_drops

    focus = book.focus_variable
    few_rows = {name: n for name, n in _rows_per_outlet(measured).items() if name not in counted}
    return {
        "benchmark": data_set,
        "protocol": TEST if second else settings.protocol,
        "variable": focus.name,
        **by_variable[focus.name],
        "variables": by_variable,
        "seeds": {
            str(seed): _seed_summary(score_summary(predictions.with_seed(number), focus, OURS, over, counted))
            for number, seed in enumerate(settings.seeds)
        },
        "faithful": summarise_drops(predictions.measurements),
        "calibration": calibration_summary(predictions, book) if settings.protocol == OUTLETS and not second else None,
        "encoder": settings.encoder,
        "trainings": settings.trainings,
        "context": settings.context,
        "marked_words": any(rows.data["marked"]),
        "trained_on": {fold.name: len(fold.parts["train"]) for fold in held_out},
        "dropped": {fold.name: fold.dropped for fold in held_out},
        "few_rows": {} if settings.outlets else few_rows,
        "no_outlet": sum(outlet is None for outlet in measured.data["outlet"]),
        "in_both": sorted(set(coded_outlets(rows.data)) & set(coded_outlets(second.data))) if second else [],
        "left_out": dict(Counter(rows.left_out) + Counter(second.left_out if second else {})),
        "refused": [refusal._asdict() for refusal in [*rows.refused, *(second.refused if second else [])]],
    }


def _rows_per_outlet(rows: PublicRows) -> dict[str, int]:
    return {name: list(rows.data["outlet"]).count(name) for name in coded_outlets(rows.data)}


def protocol_splits(rows: PublicRows, settings: BenchmarkSettings) -> list[Split]:
    """Return the folds of the protocol. Raises NothingToLearn where there is nothing to hold out."""
    if settings.protocol == FOLDS:
        if any(fold is not None for fold in rows.data["fold"]):
            return list(published_folds(rows.data))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # about codes with fewer rows than folds, which are listed
            return list(stratified_folds(rows.data, correct_codes(rows.data, rows.book.focus_variable.name)))
    sizes = _rows_per_outlet(rows)
    if unknown := [name for name in settings.outlets if name not in sizes]:
        raise NothingToLearn(f"no row is from the outlet {unknown[0]!r}; outlets: {', '.join(sizes) or 'none'}")
    held_out = list(settings.outlets) or [name for name, n in sizes.items() if n >= FEW_ROWS]
    if not held_out or len(sizes) < 2:
        listed = ", ".join(f"{name} {n}" for name, n in sizes.items()) or "none"
        raise NothingToLearn(
            f"holding an outlet out needs two outlets, one of {FEW_ROWS} rows or more; found: {listed}. "
            "Measure by random folds, --protocol folds, or on a second file, --test FILE"
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


def _seed_summary(summary: dict[str, Any]) -> dict[str, Any]:
    """Return the macro-F1 of one seed by outlet, and the mean macro-F1 and weighted F1."""
    mean = summary["mean"] or {}
    return {
        "outlets": {name: one["macro_f1"] for name, one in summary["outlets"].items()},
        "mean": mean.get("macro_f1"),
        "weighted_f1": mean.get("weighted_f1"),
    }


def describe_left_out(result: dict[str, Any]) -> list[str]:
    """Return sentences about the rows of a benchmark that were left out or need a caveat."""
    lines = [f"left out: {n} rows, {why}" for why, n in result["left_out"].items()]
    if result["few_rows"]:
        names = ", ".join(f"{name} {n}" for name, n in result["few_rows"].items())
        lines.append(f"outlets with fewer than {FEW_ROWS} rows, not held out or not in the mean: {names}")
    if result["no_outlet"]:
        use = "neither trained on nor tested" if result["protocol"] == OUTLETS else "in no outlet's figures"
        lines.append(f"{result['no_outlet']} rows name no outlet; they are {use}")
    if result["in_both"]:
        lines.append(f"outlets in both files, so not unseen: {', '.join(result['in_both'])}")
    for name, dropped in result["dropped"].items():
        if dropped.get("events_kept"):
            lines.append(
                f"{name}: {dropped['events_kept']} training rows report the same events; they stay, since fewer than "
                "half of the training rows would be left without them"
            )
        if dropped.get("copies") or dropped.get("events"):
            lines.append(
                f"{name}: left out of training: {dropped['copies']} rows with the same text, {dropped['events']} on "
                "the same events"
            )
    return lines
