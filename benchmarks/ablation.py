"""Which ingredients of the classifier help on outlets that it has not seen: each taken away or added, over seeds.

`python benchmarks/ablation.py --data ../shared/data/babe.jsonl --seeds 1 2 3` runs what is missing, so it can be
stopped at any time; `--table` prints the table of the documentation from the lines that were kept. To choose by, two
outlets are trained on and the other two tested (`pairs`); what is reported of the classifier is three trained on and
the fourth tested (`outlets`).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from datasets import Dataset

from models import classifier, training
from models.baseline import TfidfClassifier, shares, truth
from models.classifier import SpanClassifier
from models.metrics import scores
from models.plain import PlainClassifier
from models.rows import Rows, read

RESULTS = Path(__file__).parent / "results" / "ablation.jsonl"
VARIABLE = "bias"
Fit = Callable[[Rows, Dataset, int], SpanClassifier | TfidfClassifier | PlainClassifier]


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
    with changed(training, AVERAGED_FROM=2.0, FLOOR=0.0):
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

    def pace(passages: int) -> training.Pace:
        return training.pace_for(passages)._replace(rate=2e-4, head_rate=2e-3)

    with changed(classifier, pace_for=pace):
        return as_it_is(rows, data, seed)


def longer(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Go over the data five times."""
    return SpanClassifier(rows.book, seed=seed, epochs=5).fit(data)


def head_alone(rows: Rows, data: Dataset, seed: int) -> SpanClassifier:
    """Leave the encoder as it is."""
    return SpanClassifier(rows.book, seed=seed).fit_head(data)


def plain(rows: Rows, data: Dataset, seed: int) -> PlainClassifier:
    """What anyone would do first: a sequence classifier by Trainer's defaults, on the published answers."""
    return PlainClassifier(rows.book, seed=seed).fit(data)


def tfidf(rows: Rows, data: Dataset, seed: int) -> TfidfClassifier:
    """The floor of the published protocols."""
    return TfidfClassifier(rows.book).fit(data)


def with_shares(data: Dataset, found: np.ndarray) -> Dataset:
    """Return the dataset with other shares of the coders."""
    columns = data.remove_columns(VARIABLE)
    return columns.add_column(VARIABLE, found.tolist())


CONFIGURATIONS: dict[str, Fit] = {
    "as it is": as_it_is,
    "without averaging": without_averaging,
    "without marked words": without_marked_words,
    "majority instead of shares": majority_alone,
    "coders by their quality": by_coders_quality,
    "outlets and codes balanced": balanced,
    "twice the learning rate": faster,
    "five rounds instead of three": longer,
    "head alone": head_alone,
    "plain sequence classifier": plain,
    "TF-IDF": tfidf,
}


def parts(protocol: str, outlets: list[str]) -> list[tuple[str, ...]]:
    """Return the outlets that are trained on, fold by fold."""
    if protocol == "pairs":
        middle = outlets[0], outlets[-1]  # of the alphabet: Alternet with Reuters, Breitbart with Fox News
        return [middle, tuple(name for name in outlets if name not in middle)]
    return [tuple(other for other in outlets if other != name) for name in outlets]


def run(data_file: Path, protocol: str, configurations: list[str], seeds: list[int]) -> None:
    """Train and test what has no line yet."""
    known = {(line["protocol"], line["configuration"], line["seed"], tuple(line["trained_on"])) for line in lines()}
    rows = read("babe", data_file)
    outlets, groups = np.array(rows.data["outlet"]), np.array(rows.data["copy_group"])
    for seed in seeds:
        for name in configurations:
            for trained_on in parts(protocol, sorted(set(outlets))):
                if (protocol, name, seed, trained_on) in known:
                    continue
                began = time.monotonic()
                inside = np.isin(outlets, trained_on)
                learned = inside & ~np.isin(groups, groups[~inside])
                fitted = CONFIGURATIONS[name](rows, rows.data.select(np.flatnonzero(learned)), seed)
                seconds = round(time.monotonic() - began, 1)
                for outlet in sorted(set(outlets[~inside])):
                    test = rows.data.select(np.flatnonzero(outlets == outlet))
                    found = scores(truth(test, VARIABLE), fitted.predict_proba(test)[VARIABLE], list(test["article"]))
                    keep(
                        {
                            "benchmark": "ablation", "protocol": protocol, "configuration": name, "seed": seed,
                            "trained_on": trained_on, "outlet": outlet, "seconds": seconds,
                            **found.json(rows.book.by_name[VARIABLE].code_names),
                        }
                    )  # fmt: skip


def keep(line: dict[str, object]) -> None:
    """Append a line."""
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stderr.write(f"{line['configuration']}, seed {line['seed']}, {line['outlet']}: {line['macro_f1']}" + "\n")


def lines() -> list[dict[str, object]]:
    """Return the lines that were kept."""
    if not RESULTS.is_file():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def table(protocol: str) -> str:
    """Return the kept lines as a table in Markdown: means over outlets, their spread over seeds, and the difference.

    The difference is to the classifier as it is, paired by outlet and seed, with its 95 % interval (Student's t).
    """
    from scipy.stats import t

    kept = pd.DataFrame(lines())
    kept = kept[kept["protocol"] == protocol]
    wide = kept.pivot_table("macro_f1", ["seed", "outlet"], "configuration")
    rows = ["| configuration | macro-F1 | spread over seeds | seeds | difference |", "|---|---|---|---|---|"]
    for name in [name for name in CONFIGURATIONS if name in wide]:
        own = wide[name].dropna()
        by_seed = own.groupby("seed").mean()
        spread = f"{by_seed.std():.3f}" if len(by_seed) > 1 else "–"
        said = "–"
        gap = (wide[name] - wide["as it is"]).dropna() if "as it is" in wide else own[:0]
        if name != "as it is" and len(gap) > 1:
            half = t.ppf(0.975, len(gap) - 1) * gap.std() / np.sqrt(len(gap))
            said = f"{gap.mean():+.3f} [{gap.mean() - half:+.3f}, {gap.mean() + half:+.3f}]"
        rows.append(f"| {name} | {own.mean():.3f} | {spread} | {len(by_seed)} | {said} |")
    return "\n".join(rows)


def main() -> None:
    """Run or print."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    options.add_argument("--protocol", choices=["pairs", "outlets"], default="pairs")
    options.add_argument("--configurations", nargs="+", choices=list(CONFIGURATIONS), default=list(CONFIGURATIONS))
    options.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    options.add_argument("--table", action="store_true")
    chosen = options.parse_args()
    if chosen.table:
        sys.stdout.write(table(chosen.protocol) + "\n")
    else:
        run(chosen.data, chosen.protocol, chosen.configurations, chosen.seeds)


if __name__ == "__main__":
    main()
