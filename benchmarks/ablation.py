"""Ablation: the effect of each component of the classifier on unseen outlets, over several seeds.

`python benchmarks/ablation.py --data ../shared/data/babe.jsonl --seeds 1 2 3` runs what is missing, so it can be
stopped at any time; `--table` prints the table of docs/benchmarks.md from the lines that were kept. Each outlet is held
out in turn (`outlets`); `pairs` trains on two outlets and tests on the other two, which takes half as long; `folds` are
the five of the published recipe. Trained folds are kept beside those of `slantwise benchmark babe`: what both measure
is trained once.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from datasets import Dataset

from benchmarks.kept_lines import append_line, comparable_lines, data_and_recipe, read_lines
from models.classifiers import fine_tuning, span_classifier
from models.classifiers.sequence_classifier import SequenceClassifier
from models.classifiers.span_classifier import SpanClassifier
from models.classifiers.tfidf import TfidfClassifier
from models.data.classifier_protocol import coder_shares
from models.data.folds import Split, coded_outlets, make_split
from models.data.public_data import PublicRows, read_rows
from models.evaluation.benchmark import (
    FOLDS,
    OUTLETS,
    BenchmarkSettings,
    cache_folder,
    classifier_specs,
    protocol_splits,
)
from models.evaluation.held_out import OURS, ClassifierSpec, HeldOutResults, train_and_test

RESULTS = Path(__file__).parent / "results" / "ablation.jsonl"
VARIABLE = "bias"
Fit = Callable[[PublicRows, Dataset, int], SpanClassifier | TfidfClassifier | SequenceClassifier]


@contextmanager
def changed_constants(module: object, **values: object) -> Iterator[None]:
    """Temporarily change a module's constants."""
    before = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def as_it_is(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Train as the product does."""
    return SpanClassifier(rows.book, seed=seed).fit(data)


def without_averaging(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """End with the last weights, at a learning rate of zero."""
    with changed_constants(fine_tuning, AVERAGED_FROM=2.0, MINIMUM_RATE=0.0):
        return as_it_is(rows, data, seed)


def without_marked_words(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Learn from the answers alone."""
    return as_it_is(rows, data.remove_columns("marked"), seed)


def majority_alone(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Learn the commonest answer to each span, not the shares of the coders."""
    found = coder_shares(data, VARIABLE)
    return as_it_is(rows, with_shares(data, np.eye(found.shape[1])[found.argmax(axis=1)]), seed)


def by_coders_quality(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Each coder counts by the agreement with the majority of the others, corrected for chance."""
    answers = rows.answers[rows.answers["span"].isin(set(data["span"]))]
    table = answers.pivot_table("code", "span", "coder", aggfunc="first").reindex(list(data["span"]))
    codes = list(rows.book.by_name[VARIABLE].code_names)
    given = np.stack([(table == code).to_numpy() for code in codes], axis=-1).astype(float)  # spans, coders, codes
    weights = np.array([max(0.02, kappa(given, coder)) for coder in range(given.shape[1])])
    weighed = (given * weights[None, :, None]).sum(axis=1)
    return as_it_is(rows, with_shares(data, weighed / weighed.sum(axis=1, keepdims=True)), seed)


def kappa(answers: np.ndarray, coder: int) -> float:
    """Return Cohen's kappa of a coder with the majority of the others."""
    own_answers, others = answers[:, coder], answers.sum(axis=1) - answers[:, coder]
    ordered = np.sort(others, axis=1)
    has_majority = (own_answers.sum(axis=1) > 0) & (ordered[:, -1] > ordered[:, -2])
    own_codes, majority = own_answers[has_majority].argmax(axis=1), others[has_majority].argmax(axis=1)
    chance = sum((own_codes == code).mean() * (majority == code).mean() for code in range(answers.shape[2]))
    return float(((own_codes == majority).mean() - chance) / (1 - chance))


def balanced(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Each outlet's codes weigh the same, by the square root: the loss is linear in the shares."""
    found, outlets = coder_shares(data, VARIABLE), np.array(data["outlet"])
    best, weights = found.argmax(axis=1), np.ones(len(found))
    for outlet in set(outlets):
        for code in range(found.shape[1]):
            mine = (outlets == outlet) & (best == code)
            weights[mine] = np.sqrt(len(found) / (len(set(outlets)) * found.shape[1] * max(1, mine.sum())))
    return as_it_is(rows, with_shares(data, found * weights[:, None]), seed)


def faster(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Double both learning rates."""

    def pace(passages: int) -> fine_tuning.TrainingSettings:
        return fine_tuning.training_settings(passages)._replace(rate=2e-4, head_rate=2e-3)

    with changed_constants(span_classifier, training_settings=pace):
        return as_it_is(rows, data, seed)


def shorter(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Go over the data three times."""
    return SpanClassifier(rows.book, seed=seed, epochs=3).fit(data)


def soup(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Average three trainings in other orders."""
    return SpanClassifier(rows.book, trainings=3, seed=seed).fit(data)


def head_alone(rows: PublicRows, data: Dataset, seed: int) -> SpanClassifier:
    """Leave the encoder as it is."""
    return SpanClassifier(rows.book, seed=seed).fit_head(data)


def plain(rows: PublicRows, data: Dataset, seed: int) -> SequenceClassifier:
    """What anyone would do first: a sequence classifier by Trainer's defaults, on the published answers."""
    return SequenceClassifier(rows.book, seed=seed).fit(data)


def tfidf(rows: PublicRows, data: Dataset, seed: int) -> TfidfClassifier:
    """The floor of the published protocols."""
    return TfidfClassifier(rows.book).fit(data)


def with_shares(data: Dataset, found: np.ndarray) -> Dataset:
    """Return the dataset with other shares of coders."""
    columns = data.remove_columns(VARIABLE)
    return columns.add_column(VARIABLE, found.tolist())


def undo_bias_correction(rows: PublicRows, split: Split, predictions: HeldOutResults) -> HeldOutResults:
    """Undo the correction for the code frequencies of the training outlets, without training again."""
    if split.name not in CORRECTIONS:
        untrained = SpanClassifier(rows.book).fit_head(split.parts["train"])
        CORRECTIONS[split.name] = untrained.bias_corrections(
            split.parts["train"], untrained.predict_with_features(split.parts["train"])[1]
        )
    odds = predictions.probabilities[OURS][0][VARIABLE] * np.exp(-CORRECTIONS[split.name])
    return replace(predictions, probabilities={UNCORRECTED: [{VARIABLE: odds / odds.sum(axis=1, keepdims=True)}]})


CORRECTIONS: dict[str, np.ndarray] = {}  # by fold, the same for every seed
UNCORRECTED, PLAIN = "shares of codes remembered", "plain sequence classifier"
SHARED = {"as it is": OURS, UNCORRECTED: OURS, PLAIN: "plain"}  # with `slantwise benchmark`, under its names
PAIRS = "pairs"
METRIC = {OUTLETS: "macro_f1", PAIRS: "macro_f1", FOLDS: "weighted_f1"}  # as published
CONFIGURATIONS: dict[str, Fit] = {
    "as it is": as_it_is,
    "without averaging": without_averaging,
    "without marked words": without_marked_words,
    "majority instead of shares": majority_alone,
    "coders by their quality": by_coders_quality,
    "outlets and codes balanced": balanced,
    "twice the learning rate": faster,
    "three rounds instead of five": shorter,
    "three trainings averaged": soup,
    "head alone": head_alone,
    PLAIN: plain,
    "TF-IDF": tfidf,
}


def outlet_pairs(data: Dataset) -> list[Split]:
    """Return two splits, each of two outlets against the other two, copies kept apart."""
    outlets = coded_outlets(data)
    pair = outlets[0], outlets[-1]  # of the alphabet: Alternet with Reuters, Breitbart with Fox News
    inside = np.isin(np.array(data["outlet"]), pair)
    return [make_split(data, ~inside, " and ".join(pair)), make_split(data, inside, "the others")]


def run(data_file: Path, protocol: str, configurations: list[str], seeds: list[int], cache: Path) -> None:
    """Train and test what has no line yet: a line for each outlet held out, or each fold."""
    rows = read_rows("babe", data_file)
    source = data_and_recipe(data_file)
    done_before = {
        (line["protocol"], line["configuration"], line["seed"], line["part"])
        for line in read_lines(RESULTS)
        if source.items() <= line.items()
    }
    over = "outlets" if protocol == PAIRS else "folds"
    folds = (
        outlet_pairs(rows.data)
        if protocol == PAIRS
        else protocol_splits(rows, BenchmarkSettings(protocol, cache=cache))
    )
    for seed in seeds:
        for fold in folds:
            parts = coded_outlets(fold.parts["test"]) if protocol == PAIRS else [fold.name]
            for name in configurations:
                if all((protocol, name, seed, part) in done_before for part in parts):
                    continue
                started = time.monotonic()
                cached_as, spec = configuration_spec(rows, name, seed)
                predictions = train_and_test(fold, rows.book, {cached_as: spec}, cache)
                if name == UNCORRECTED:
                    predictions, cached_as = undo_bias_correction(rows, fold, predictions), UNCORRECTED
                seconds = round(time.monotonic() - started, 1)
                for part, mask in predictions.rows_by(over).items():
                    scores = predictions.scores(cached_as, VARIABLE, mask)
                    line = {"benchmark": "ablation", "protocol": protocol, "configuration": name, "seed": seed}
                    figures = scores.summary(rows.book.by_name[VARIABLE].code_names).json() if scores else {}
                    append_line(RESULTS, {**line, "part": part, **source, "seconds": seconds, **figures})
                    sys.stderr.write(f"{name}, seed {seed}, {part}: {figures.get(METRIC[protocol])}" + "\n")


def configuration_spec(rows: PublicRows, name: str, seed: int) -> tuple[str, ClassifierSpec]:
    """Return the name that a configuration's folds are cached under, and its specification."""
    if name in SHARED:
        return SHARED[name], classifier_specs(rows.book, BenchmarkSettings(seed=seed, plain=True))[SHARED[name]]
    fit = CONFIGURATIONS[name]
    settings = {
        "how": hashlib.sha256(inspect.getsource(fit).encode()).hexdigest()
    }  # a changed function is trained again
    return name, ClassifierSpec(lambda seed, data, progress: fit(rows, data, seed), settings, (seed,))


def table(protocol: str) -> str:
    """Return the kept lines as a table in Markdown: means over outlets or folds, spread over seeds, and difference.

    The difference is to the classifier as it is, with its 95 % interval over outlets or folds: Student's t of the means
    over the seeds that both have, since seeds of one outlet are not independent.
    """
    from scipy.stats import t

    results = pd.DataFrame(comparable_lines(read_lines(RESULTS)))
    results = results[results["protocol"] == protocol]
    wide = results.pivot_table(METRIC[protocol], ["seed", "part"], "configuration")
    metric = METRIC[protocol].replace("_f1", "-F1").replace("weighted-", "weighted ")
    rows = [f"| configuration | {metric} | spread over seeds | seeds | difference |", "|---|---|---|---|---|"]
    parts = results["part"].nunique()

    def complete(name: str) -> pd.Series:
        values = wide[name].dropna()
        return values[values.groupby("seed").transform("size") == parts]  # a seed counts once all its parts are there

    for name in [name for name in [*CONFIGURATIONS, UNCORRECTED] if name in wide]:
        values = complete(name)
        if values.empty:
            continue
        by_seed = values.groupby("seed").mean()
        spread = f"{by_seed.std():.3f}" if len(by_seed) > 1 else "–"
        difference = "–"
        gap = (values - complete("as it is")).dropna().groupby("part").mean() if "as it is" in wide else values[:0]
        if name != "as it is" and len(gap) > 1:
            half = t.ppf(0.975, len(gap) - 1) * gap.std() / np.sqrt(len(gap))
            difference = f"{gap.mean():+.3f} [{gap.mean() - half:+.3f}, {gap.mean() + half:+.3f}]"
        rows.append(f"| {name} | {values.mean():.3f} | {spread} | {len(by_seed)} | {difference} |")
    return "\n".join(rows)


def main() -> None:
    """Run or print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    parser.add_argument("--protocol", choices=list(METRIC), default=OUTLETS)
    names = [*CONFIGURATIONS, UNCORRECTED]
    parser.add_argument("--configurations", nargs="+", choices=names, default=names)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where trained folds are kept")
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if arguments.table:
        sys.stdout.write(table(arguments.protocol) + "\n")
    else:
        run(arguments.data, arguments.protocol, arguments.configurations, arguments.seeds, arguments.cache)


if __name__ == "__main__":
    main()
