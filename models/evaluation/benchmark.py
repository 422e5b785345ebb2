"""Benchmarks: a public data set's rows, held out by outlet, by fold or as a second file, beside the baselines."""

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
from models.data.folds import Split, coded_outlets, published, split, stratified, without
from models.data.protocol import truth
from models.data.public_data import Rows, read
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

FEW_ROWS = 20  # rows of an outlet, below which its macro-F1 says nothing: listed, and not counted into the mean
OUTLETS, FOLDS, TEST = "outlets", "folds", "test"
SECOND_FILE = "the second file"  # the name of its split


@dataclass(frozen=True)
class BenchmarkSettings:
    """What is measured and how: the protocol, seeds, encoder, and where trained folds are kept."""

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
    data_set: str, file: Path, test: Path | None, setting: BenchmarkSettings, told: ReportProgress = no_report
) -> dict[str, Any]:
    """Measure on a data set's rows and return what `benchmark … --json` prints.

    By `outlets`, each outlet is held out in turn; by `folds`, the rows' own folds or else five stratified ones; with a
    `test` file all is trained on the first file and tested on the second. Trained folds are kept in `setting.cache` by
    their digest. Raises BadFile, and NothingToLearn where the protocol has nothing to hold out.
    """
    rows = read(data_set, file, setting.context, setting.marks)
    other = read(data_set, test, setting.context, setting.marks) if test else None
    book, measured = rows.book, other or rows
    held_out = _second_file_split(rows, other) if other else protocol_splits(rows, setting)
    found = join_folds(
        [train_and_test(one, book, classifier_specs(book, setting), setting.cache, told) for one in held_out]
    )
    sizes = {name: int(mask.sum()) for name, mask in found.rows("outlets").items()}
    enough = [name for name, n in sizes.items() if n >= FEW_ROWS] or list(sizes)
    if setting.protocol == OUTLETS and not other:
        enough = list(sizes)
    over = FOLDS if setting.protocol == FOLDS and not other else OUTLETS
    by_variable = {
        variable.name: {
            **score_summary(found, variable, OURS, over, enough),
            "baselines": {n: score_summary(found, variable, n, over, enough) for n in found.found if n != OURS},
            "differences": score_differences(found, variable, over, enough),
            "human": human_f1(measured.answers, variable, enough),
        }
        for variable in book.variables
    }
    from .faithfulness import summarise_drops

    focus = book.focus_variable
    tiny = {name: n for name, n in _rows_per_outlet(measured).items() if name not in enough}
    return {
        "benchmark": data_set,
        "protocol": TEST if other else setting.protocol,
        "variable": focus.name,
        **by_variable[focus.name],
        "variables": by_variable,
        "seeds": {
            str(seed): _seed_summary(score_summary(found.seed(number), focus, OURS, over, enough))
            for number, seed in enumerate(setting.seeds)
        },
        "faithful": summarise_drops(found.also),
        "calibration": calibration_summary(found, book) if setting.protocol == OUTLETS and not other else None,
        "encoder": setting.encoder,
        "trainings": setting.trainings,
        "context": setting.context,
        "marked_words": any(rows.data["marked"]),
        "trained_on": {one.name: len(one.parts["train"]) for one in held_out},
        "dropped": {one.name: one.dropped for one in held_out},
        "few_rows": {} if setting.outlets else tiny,
        "no_outlet": sum(outlet is None for outlet in measured.data["outlet"]),
        "in_both": sorted(set(coded_outlets(rows.data)) & set(coded_outlets(other.data))) if other else [],
        "left_out": dict(Counter(rows.left_out) + Counter(other.left_out if other else {})),
        "refused": [one._asdict() for one in [*rows.refused, *(other.refused if other else [])]],
    }


def _rows_per_outlet(rows: Rows) -> dict[str, int]:
    return {name: list(rows.data["outlet"]).count(name) for name in coded_outlets(rows.data)}


def protocol_splits(rows: Rows, setting: BenchmarkSettings) -> list[Split]:
    """Return the folds of a setting's protocol. Raises NothingToLearn where there is nothing to hold out."""
    if setting.protocol == FOLDS:
        if any(fold is not None for fold in rows.data["fold"]):
            return list(published(rows.data))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of codes with fewer rows than folds, which are listed
            return list(stratified(rows.data, truth(rows.data, rows.book.focus_variable.name)))
    sizes = _rows_per_outlet(rows)
    if unknown := [name for name in setting.outlets if name not in sizes]:
        raise NothingToLearn(f"no row is of {unknown[0]!r}; outlets: {', '.join(sizes) or 'none'}")
    held_out = list(setting.outlets) or [name for name, n in sizes.items() if n >= FEW_ROWS]
    if not held_out or len(sizes) < 2:
        said = ", ".join(f"{name} {n}" for name, n in sizes.items()) or "none"
        raise NothingToLearn(
            f"holding an outlet out needs two outlets, one of {FEW_ROWS} rows or more; found: {said}. "
            "Measure by random folds, --protocol folds, or on a second file, --test FILE"
        )
    known = rows.data.select(np.flatnonzero([outlet is not None for outlet in rows.data["outlet"]]))
    return [without(known, outlet) for outlet in held_out]


def _second_file_split(rows: Rows, other: Rows) -> list[Split]:
    """Return the one split that trains on the first file, without what stands in the second too, and tests there."""
    from datasets import concatenate_datasets

    both = concatenate_datasets([rows.data, other.data])
    return [split(both, np.arange(len(both)) >= len(rows.data), SECOND_FILE)]


def classifier_specs(book: Codebook, setting: BenchmarkSettings) -> dict[str, ClassifierSpec]:
    """Return how the classifier and what it is compared with are made."""
    from models.classifiers.sequence_classifier import SequenceClassifier
    from models.classifiers.span_classifier import SpanClassifier

    from .faithfulness import deletion_drops

    encoder, seeds = setting.encoder, setting.seeds
    settings: dict[str, object] = {"encoder": encoder_fingerprint(encoder)}
    ours = settings if setting.trainings == 1 else {**settings, "trainings": setting.trainings}
    made = {
        OURS: ClassifierSpec(
            lambda seed, data, told: SpanClassifier(book, encoder=encoder, trainings=setting.trainings, seed=seed).fit(
                data, told
            ),
            ours,
            seeds,
            lambda classifier, test: deletion_drops(classifier, test, book.focus_variable.name),
        ),
        "TF-IDF": ClassifierSpec(lambda seed, data, told: TfidfClassifier(book).fit(data), {}),
        "commonest code": ClassifierSpec(lambda seed, data, told: CommonestCode(book).fit(data), {}),
    }
    if setting.plain:
        made["plain"] = ClassifierSpec(
            lambda seed, data, told: SequenceClassifier(book, encoder=encoder, seed=seed).fit(data, told),
            settings,
            seeds,
        )
    return made


def _seed_summary(found: dict[str, Any]) -> dict[str, Any]:
    """Return the macro-F1 of one seed: of each outlet and their mean; of folds the weighted F1 beside it."""
    mean = found["mean"] or {}
    return {
        "outlets": {name: one["macro_f1"] for name, one in found["outlets"].items()},
        "mean": mean.get("macro_f1"),
        "weighted_f1": mean.get("weighted_f1"),
    }


def describe_left_out(found: dict[str, Any]) -> list[str]:
    """Return what there is to say about the rows of a benchmark that were not measured, a sentence each."""
    lines = [f"left out: {n} rows, {why}" for why, n in found["left_out"].items()]
    if found["few_rows"]:
        names = ", ".join(f"{name} {n}" for name, n in found["few_rows"].items())
        lines.append(f"outlets with fewer than {FEW_ROWS} rows, not held out or not in the mean: {names}")
    if found["no_outlet"]:
        what = "neither trained on nor tested" if found["protocol"] == OUTLETS else "in no outlet's figures"
        lines.append(f"{found['no_outlet']} rows name no outlet; they are {what}")
    if found["in_both"]:
        lines.append(f"outlets of both files, so not unseen: {', '.join(found['in_both'])}")
    for name, dropped in found["dropped"].items():
        if dropped.get("events_kept"):
            lines.append(
                f"{name}: {dropped['events_kept']} training rows tell of the same events; without them less than half "
                "would be left to learn from, so they stay"
            )
        if dropped.get("copies") or dropped.get("events"):
            lines.append(
                f"{name}: left out of training: {dropped['copies']} rows of the same words, {dropped['events']} of the "
                "same events"
            )
    return lines
