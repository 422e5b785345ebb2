"""How near the learning curve's prediction for twice the data comes to what twice the data bring: one JSON line a run.

`python benchmarks/curve.py --data ../shared/data/babe.jsonl --classifier tfidf`
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models.classifiers.tfidf import TfidfClassifier
from models.data.folds import Split, coded_outlets, without
from models.data.public_data import read
from models.evaluation.held_out import OURS, ClassifierSpec, HeldOutPredictions, train_and_test
from models.evaluation.learning_curve import learning_curve, training_part
from models.measures.metrics import interval_of, mean_scores

RESULTS = Path(__file__).parent / "results" / "curve.jsonl"


def main() -> None:
    """Fit the curve to at most half of each outlet's training rows, predict all of them, and write the line."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, default=Path("../shared/data/babe.jsonl"))
    options.add_argument("--classifier", choices=("tfidf", "ours"), default="tfidf")
    options.add_argument("--cache", type=Path, default=Path(".cache-curve"))
    options.add_argument("--halves", type=int, default=3, help="which halves to begin with, each another prediction")
    chosen = options.parse_args()
    rows = read("babe", chosen.data, marks=False)
    whole = [without(rows.data, outlet) for outlet in coded_outlets(rows.data)]

    def fit(seed, data, told):  # type: ignore[no-untyped-def]
        if chosen.classifier == "tfidf":
            return TfidfClassifier(rows.book).fit(data)
        from models.classifiers.span_classifier import SpanClassifier

        return SpanClassifier(rows.book, seed=seed).fit(data, told)

    def train(split: Split) -> HeldOutPredictions:
        return train_and_test(
            split, rows.book, {OURS: ClassifierSpec(fit, {"classifier": chosen.classifier}, (1,))}, chosen.cache
        )

    focus = rows.book.focus_variable
    all_rows = mean_scores([one for split in whole if (one := train(split).scores(OURS, focus.name))])
    predictions = []
    for number in range(chosen.halves):
        halves = [training_part(split, 0.5, 100 + number) for split in whole]
        found = learning_curve(halves, train, focus, 1.0)
        predictions.append(found["doubled"])
    line = {
        "benchmark": "curve",
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "classifier": chosen.classifier,
        "n": round(sum(len(split.parts["train"]) for split in whole) / len(whole)),
        "came": round(all_rows.macro_f1, 4),
        "came_interval": interval_of(all_rows.draws),
        "predicted": [one["macro_f1"] for one in predictions],
        "predicted_intervals": [one["interval"] for one in predictions],
        "worst_gap": round(max(abs(one["macro_f1"] - all_rows.macro_f1) for one in predictions), 4),
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
