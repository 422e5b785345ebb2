"""How well the learning curve predicts the score with twice the data: one JSON line a run.

`python benchmarks/curve.py --data ../shared/data/babe.jsonl --classifier tfidf`
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.kept_lines import append_line
from models.classifiers.tfidf import TfidfClassifier
from models.data.folds import Split, coded_outlets, hold_out
from models.data.public_data import read_rows
from models.evaluation.held_out import OURS, ClassifierSpec, HeldOutResults, train_and_test
from models.evaluation.learning_curve import learning_curve, training_part
from models.measures.metrics import interval_of, mean_scores

RESULTS = Path(__file__).parent / "results" / "curve.jsonl"


def main() -> None:
    """Fit the curve to at most half of each outlet's training rows, predict all of them, and write the line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    parser.add_argument("--classifier", choices=("tfidf", "ours"), default="tfidf")
    parser.add_argument("--cache", type=Path, default=Path(".cache-curve"))
    parser.add_argument("--halves", type=int, default=3, help="number of random halves to predict from")
    arguments = parser.parse_args()
    rows = read_rows("babe", arguments.data, marks=False)
    full_splits = [hold_out(rows.data, outlet) for outlet in coded_outlets(rows.data)]

    def fit(seed, data, progress):  # type: ignore[no-untyped-def]
        if arguments.classifier == "tfidf":
            return TfidfClassifier(rows.book).fit(data)
        from models.classifiers.span_classifier import SpanClassifier

        return SpanClassifier(rows.book, seed=seed).fit(data, progress)

    def train(split: Split) -> HeldOutResults:
        return train_and_test(
            split, rows.book, {OURS: ClassifierSpec(fit, {"classifier": arguments.classifier}, (1,))}, arguments.cache
        )

    focus = rows.book.focus_variable
    all_rows = mean_scores([one for split in full_splits if (one := train(split).scores(OURS, focus.name))])
    predictions = []
    for number in range(arguments.halves):
        halves = [training_part(split, 0.5, 100 + number) for split in full_splits]
        halved_curve = learning_curve(halves, train, focus, 1.0)
        assert halved_curve.doubled
        predictions.append(halved_curve.doubled)
    line = {
        "benchmark": "curve",
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "classifier": arguments.classifier,
        "n": round(sum(len(split.parts["train"]) for split in full_splits) / len(full_splits)),
        "came": round(all_rows.macro_f1, 4),
        "came_interval": interval_of(all_rows.draws),
        "predicted": [one.macro_f1 for one in predictions],
        "predicted_intervals": [one.interval for one in predictions],
        "worst_gap": round(max(abs(one.macro_f1 - all_rows.macro_f1) for one in predictions), 4),
    }
    append_line(RESULTS, line)
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
