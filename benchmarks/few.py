"""How many annotations fine-tuning needs to outperform a head on the frozen encoder on held-out outlets.

`python benchmarks/few.py --data ../shared/data/babe.jsonl --seeds 1 2 3` draws 8 to 64 spans of each code from three
outlets, trains on them in each way and tests on the fourth; finished lines are kept, so runs can resume.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.kept_lines import append_line, comparable_lines, data_and_recipe, read_lines
from corpus.annotations.import_public_data import create_from_data_set
from models.classifiers.span_classifier import SpanClassifier
from models.classifiers.tfidf import TfidfClassifier
from models.data.classifier_protocol import coder_shares
from models.data.labelled import labelled_spans
from models.measures.metrics import score

RESULTS = Path(__file__).parent / "results" / "few.jsonl"
VARIABLE = "bias"
SIZES = (8, 16, 32, 64)  # spans of each code
WAYS = {
    "head alone": lambda book, data, seed: SpanClassifier(book, seed=seed).fit_head(data),
    "fine-tuned": lambda book, data, seed: SpanClassifier(book, seed=seed).fine_tune(data),
    "TF-IDF": lambda book, data, seed: TfidfClassifier(book).fit(data),
}


def run(file: Path, seeds: list[int]) -> None:
    """Train and test what has no line yet."""
    source = data_and_recipe(file)
    done_before = {
        (line["way"], line["seed"], line["spans_a_code"], line["outlet"])
        for line in read_lines(RESULTS)
        if source.items() <= line.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        study = create_from_data_set(Path(folder) / "study", "babe", file).study
        data = labelled_spans(study)
        outlets, answers = np.array(data["outlet"]), coder_shares(data, VARIABLE).argmax(axis=1)
        for seed in seeds:
            for outlet in sorted(set(outlets)):
                chance = np.random.default_rng(seed)
                order = [chance.permutation(np.flatnonzero((outlets != outlet) & (answers == code))) for code in (0, 1)]
                test = data.select(np.flatnonzero(outlets == outlet))
                truth = answers[outlets == outlet]
                for size in SIZES:
                    training = data.select(np.sort(np.concatenate([rows[:size] for rows in order])))
                    for way, fit in WAYS.items():
                        if (way, seed, size, outlet) in done_before:
                            continue
                        started = time.monotonic()
                        fitted = fit(study.codebook, training, seed)
                        seconds = round(time.monotonic() - started, 1)
                        scores = score(truth, fitted.predict_proba(test)[VARIABLE], list(test["article"]))
                        line = {"benchmark": "few", "way": way, "seed": seed, "spans_a_code": size, "outlet": outlet}
                        figures = scores.summary(study.codebook.by_name[VARIABLE].code_names).json()
                        append_line(RESULTS, {**line, **source, "seconds": seconds, **figures})
        study.store.close()


def table() -> str:
    """Return mean macro-F1 over outlets and seeds, by spans of each code, with the number of runs."""
    results = pd.DataFrame(comparable_lines(read_lines(RESULTS)))
    wide = results.pivot_table("macro_f1", "spans_a_code", "way").round(3)
    rows = ["| spans of each code | " + " | ".join(WAYS) + " | runs |", "|---|" + "---|" * (len(WAYS) + 1)]
    for size, row in wide.iterrows():
        runs = len(results[(results["spans_a_code"] == size) & (results["way"] == "fine-tuned")])
        rows.append(f"| {size} | " + " | ".join(f"{row.get(way, np.nan):.3f}" for way in WAYS) + f" | {runs} |")
    return "\n".join(rows)


def main() -> None:
    """Run or print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args()
    if arguments.table:
        sys.stdout.write(table() + "\n")
    else:
        run(arguments.data, arguments.seeds)


if __name__ == "__main__":
    main()
