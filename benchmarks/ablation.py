"""Which ingredients of the classifier help on outlets that it has not seen: each taken away or added, over seeds.

`python benchmarks/ablation.py --data ../shared/data/babe.jsonl --seeds 1 2 3` runs what is missing, so it can be
stopped at any time; `--table` prints the table of docs/classifier.md from the lines that were kept. Each outlet is held
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

from annotate.cli.learning.benchmark_data import cache_folder
from benchmarks.kept_lines import keep, latest, lines, made_from
from models.classifiers import fine_tuning, span_classifier
from models.classifiers.sequence_classifier import SequenceClassifier
from models.classifiers.span_classifier import SpanClassifier
from models.classifiers.tfidf import TfidfClassifier
from models.data.folds import Split, coded_outlets, split
from models.data.protocol import shares
from models.data.public_data import Rows, read
from models.evaluation.benchmark import FOLDS, OUTLETS, BenchmarkSettings, classifier_specs, protocol_splits
from models.evaluation.held_out import OURS, ClassifierSpec, HeldOutPredictions, train_and_test

RESULTS = Path(__file__).parent / "results" / "ablation.jsonl"
VARIABLE = "bias"
Fit = Callable[[Rows, Dataset, int], SpanClassifier | TfidfClassifier | SequenceClassifier]


@contextmanager
def changed(module: object, **values: object) -> Iterator[None]:
    """Give a module's constants other values for a while."""
    before = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


def as_it_is(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Train as the product does."""
    return SpanClassifier(rows.book, seed=seed).fit(data)


def without_averaging(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """End with the last weights, at a learning rate of zero."""
    with changed(fine_tuning, AVERAGED_FROM=2.0, MINIMUM_RATE=0.0):
        return as_it_is(rows, data, seed)


def without_marked_words(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Learn from the answers alone."""
    return as_it_is(rows, data.remove_columns("marked"), seed)


def majority_alone(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Learn the commonest answer to each span, not the shares of the coders."""
    found = shares(data, VARIABLE)
    return as_it_is(rows, with_shares(data, np.eye(found.shape[1])[found.argmax(axis=1)]), seed)


def by_coders_quality(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Each coder counts by the agreement with the majority of the others, corrected for chance."""
    answers = rows.answers[rows.answers["span"].isin(set(data["span"]))]
    table = answers.pivot_table("code", "span", "coder", aggfunc="first").reindex(list(data["span"]))
    codes = list(rows.book.by_name[VARIABLE].code_names)
    given = np.stack([(table == code).to_numpy() for code in codes], axis=-1).astype(float)  # spans, coders, codes
    weights = np.array([max(0.02, kappa(given, coder)) for coder in range(given.shape[1])])
    weighed = (given * weights[None, :, None]).sum(axis=1)
    return as_it_is(rows, with_shares(data, weighed / weighed.sum(axis=1, keepdims=True)), seed)


def kappa(given: np.ndarray, coder: int) -> float:
    """Return Cohen's kappa of a coder with the majority of the others."""
    own, others = given[:, coder], given.sum(axis=1) - given[:, coder]
    ordered = np.sort(others, axis=1)
    clear = (own.sum(axis=1) > 0) & (ordered[:, -1] > ordered[:, -2])
    mine, theirs = own[clear].argmax(axis=1), others[clear].argmax(axis=1)
    chance = sum((mine == code).mean() * (theirs == code).mean() for code in range(given.shape[2]))
    return float(((mine == theirs).mean() - chance) / (1 - chance))


def balanced(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Each outlet's codes weigh the same, by the square root: the loss is linear in the shares."""
    found, outlets = shares(data, VARIABLE), np.array(data["outlet"])
    best, weights = found.argmax(axis=1), np.ones(len(found))
    for outlet in set(outlets):
        for code in range(found.shape[1]):
            mine = (outlets == outlet) & (best == code)
            weights[mine] = np.sqrt(len(found) / (len(set(outlets)) * found.shape[1] * max(1, mine.sum())))
    return as_it_is(rows, with_shares(data, found * weights[:, None]), seed)


def faster(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Double both learning rates."""

    def pace(passages: int) -> fine_tuning.TrainingSettings:
        return fine_tuning.training_settings(passages)._replace(rate=2e-4, head_rate=2e-3)

    with changed(span_classifier, training_settings=pace):
        return as_it_is(rows, data, seed)


def shorter(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Go over the data three times."""
    return SpanClassifier(rows.book, seed=seed, epochs=3).fit(data)


def soup(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Average three trainings in other orders."""
    return SpanClassifier(rows.book, trainings=3, seed=seed).fit(data)


def head_alone(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Leave the encoder as it is."""
    return SpanClassifier(rows.book, seed=seed).fit_head(data)


def plain(rows: Rows, data: Dataset, seed: int) -> SequenceClassifier:
    """What anyone would do first: a sequence classifier by Trainer's defaults, on the published answers."""
    return SequenceClassifier(rows.book, seed=seed).fit(data)


def tfidf(rows: Rows, data: Dataset, seed: int) -> TfidfClassifier:
    """The floor of the published protocols."""
    return TfidfClassifier(rows.book).fit(data)


def with_shares(data: Dataset, found: np.ndarray) -> Dataset:
    """Return the dataset with other shares of the coders."""
    columns = data.remove_columns(VARIABLE)
    return columns.add_column(VARIABLE, found.tolist())


def remembered(rows: Rows, split: Split, found: HeldOutPredictions) -> HeldOutPredictions:
    """Undo what was forgotten of the training outlets' shares of codes; nothing is trained again for it."""
    if split.name not in FORGOTTEN:
        untrained = SpanClassifier(rows.book).fit_head(split.parts["train"])
        FORGOTTEN[split.name] = untrained.bias_corrections(
            split.parts["train"], untrained.predict_with_features(split.parts["train"])[1]
        )
    odds = found.probabilities[OURS][0][VARIABLE] * np.exp(-FORGOTTEN[split.name])
    return replace(found, probabilities={REMEMBERED: [{VARIABLE: odds / odds.sum(axis=1, keepdims=True)}]})


FORGOTTEN: dict[str, np.ndarray] = {}  # by fold, the same for every seed
REMEMBERED, PLAIN = "shares of codes remembered", "plain sequence classifier"
SHARED = {"as it is": OURS, REMEMBERED: OURS, PLAIN: "plain"}  # with `slantwise benchmark`, under its names
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


def pairs(data: Dataset) -> list[Split]:
    """Return two splits, each of two outlets against the other two, copies kept apart."""
    outlets = coded_outlets(data)
    middle = outlets[0], outlets[-1]  # of the alphabet: Alternet with Reuters, Breitbart with Fox News
    inside = np.isin(np.array(data["outlet"]), middle)
    return [split(data, ~inside, " and ".join(middle)), split(data, inside, "the others")]


def run(data_file: Path, protocol: str, configurations: list[str], seeds: list[int], cache: Path) -> None:
    """Train and test what has no line yet: a line for each outlet held out, or each fold."""
    rows = read("babe", data_file)
    source = made_from(data_file)
    known = {
        (line["protocol"], line["configuration"], line["seed"], line["part"])
        for line in lines(RESULTS)
        if source.items() <= line.items()
    }
    over = "outlets" if protocol == PAIRS else "folds"
    folds = pairs(rows.data) if protocol == PAIRS else protocol_splits(rows, BenchmarkSettings(cache, protocol))
    for seed in seeds:
        for one in folds:
            parts = coded_outlets(one.parts["test"]) if protocol == PAIRS else [one.name]
            for name in configurations:
                if all((protocol, name, seed, part) in known for part in parts):
                    continue
                began = time.monotonic()
                kept_as, how = maker(rows, name, seed)
                found = train_and_test(one, rows.book, {kept_as: how}, cache)
                if name == REMEMBERED:
                    found, kept_as = remembered(rows, one, found), REMEMBERED
                seconds = round(time.monotonic() - began, 1)
                for part, mask in found.rows_by(over).items():
                    worth = found.scores(kept_as, VARIABLE, mask)
                    line = {"benchmark": "ablation", "protocol": protocol, "configuration": name, "seed": seed}
                    said = worth.json(rows.book.by_name[VARIABLE].code_names) if worth else {}
                    keep(RESULTS, {**line, "part": part, **source, "seconds": seconds, **said})
                    sys.stderr.write(f"{name}, seed {seed}, {part}: {said.get(METRIC[protocol])}" + "\n")


def maker(rows: Rows, name: str, seed: int) -> tuple[str, ClassifierSpec]:
    """Return the name that a configuration's folds are kept under, and how it is trained: as `benchmark` does."""
    if name in SHARED:
        return SHARED[name], classifier_specs(rows.book, BenchmarkSettings(Path(), seeds=(seed,), plain=True))[
            SHARED[name]
        ]
    fit = CONFIGURATIONS[name]
    settings = {"how": hashlib.sha256(inspect.getsource(fit).encode()).hexdigest()}  # changed, it is trained again
    return name, ClassifierSpec(lambda seed, data, told: fit(rows, data, seed), settings, (seed,))


def table(protocol: str) -> str:
    """Return the kept lines as a table in Markdown: means over outlets or folds, spread over seeds, and difference.

    The difference is to the classifier as it is, with its 95 % interval over outlets or folds: Student's t of the means
    over the seeds that both have, since seeds of one outlet are not independent.
    """
    from scipy.stats import t

    kept = pd.DataFrame(latest(lines(RESULTS)))
    kept = kept[kept["protocol"] == protocol]
    wide = kept.pivot_table(METRIC[protocol], ["seed", "part"], "configuration")
    metric = METRIC[protocol].replace("_f1", "-F1").replace("weighted-", "weighted ")
    rows = [f"| configuration | {metric} | spread over seeds | seeds | difference |", "|---|---|---|---|---|"]
    parts = kept["part"].nunique()

    def whole(name: str) -> pd.Series:
        own = wide[name].dropna()
        return own[own.groupby("seed").transform("size") == parts]  # a seed counts once all its parts are there

    for name in [name for name in [*CONFIGURATIONS, REMEMBERED] if name in wide]:
        own = whole(name)
        if own.empty:
            continue
        by_seed = own.groupby("seed").mean()
        spread = f"{by_seed.std():.3f}" if len(by_seed) > 1 else "–"
        said = "–"
        gap = (own - whole("as it is")).dropna().groupby("part").mean() if "as it is" in wide else own[:0]
        if name != "as it is" and len(gap) > 1:
            half = t.ppf(0.975, len(gap) - 1) * gap.std() / np.sqrt(len(gap))
            said = f"{gap.mean():+.3f} [{gap.mean() - half:+.3f}, {gap.mean() + half:+.3f}]"
        rows.append(f"| {name} | {own.mean():.3f} | {spread} | {len(by_seed)} | {said} |")
    return "\n".join(rows)


def main() -> None:
    """Run or print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    options.add_argument("--protocol", choices=list(METRIC), default=OUTLETS)
    names = [*CONFIGURATIONS, REMEMBERED]
    options.add_argument("--configurations", nargs="+", choices=names, default=names)
    options.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    options.add_argument("--cache", type=Path, default=cache_folder(), help="where trained folds are kept")
    options.add_argument("--table", action="store_true")
    chosen = options.parse_args()
    if chosen.table:
        sys.stdout.write(table(chosen.protocol) + "\n")
    else:
        run(chosen.data, chosen.protocol, chosen.configurations, chosen.seeds, chosen.cache)


if __name__ == "__main__":
    main()
