"""Redraw a finite population: the published sentences of BABE, whose codes are hidden but for those that are drawn.

`python benchmarks/redraws.py BABE.jsonl --redraws 300` goes on where the last run ended. For every redraw spans are
drawn by outlet, five classifiers are trained on the drawn ones without a fifth of the texts each, and the corrected
share of biased sentences of each outlet is compared with its true share: one JSON line for each redraw and outlet.
With `--head` only heads are trained, on the encoder as it is, as of a study with few coded spans: its features are read
once, so a redraw takes seconds instead of minutes. `--table` prints the table of docs/checks.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from annotate.estimators.shares import Group, estimate_share
from annotate.rounds.sampling import draw_units, factorize, probabilities
from benchmarks.kept_lines import append_line, read_lines
from corpus.annotations.cross_fitted import FOLDS, fold_of

if TYPE_CHECKING:
    from models.classifiers.span_classifier import SpanClassifier
    from models.data.public_data import PublicRows

RESULTS = Path(__file__).parent / "results" / "redraws.jsonl"
CODE, VARIABLE = "biased", "bias"
SEED = 1


@dataclass(frozen=True)
class Redraw:
    """One redraw: its number, how many spans are drawn, and where data and encoder are."""

    number: int
    coded: int
    data: Path
    encoder: str
    head: bool

    def __call__(self) -> list[dict[str, Any]]:
        """Draw, train, predict and estimate; return a line for each outlet."""
        import torch

        from models.data.classifier_protocol import correct_codes

        torch.set_num_threads(1)
        rows = read(self.data)
        outlets, outlet = factorize(list(rows.data["outlet"]))
        groups = list(rows.data["copy_group"])
        fold = np.array([int(fold_of(group, SEED)) for group in groups])
        codes = rows.book.by_name[VARIABLE].code_names
        right = correct_codes(rows.data, VARIABLE)
        rng = np.random.default_rng([SEED, self.number])
        pi = probabilities(outlet, self.coded, allocation="equal")
        drawn = np.zeros(len(outlet), dtype=bool)
        drawn[draw_units(pi, outlet, rng)] = True
        shares = [[float(code == right[row]) for code in range(len(codes))] for row in range(len(right))]
        data = rows.data.remove_columns([VARIABLE]).add_column(VARIABLE, shares)
        predicted = np.zeros(len(outlet))
        for one in range(1, FOLDS + 1):
            train, test = np.flatnonzero(drawn & (fold != one)), np.flatnonzero(fold == one)
            classifier = untrained(self.data, self.encoder, self.head)
            (classifier.fit_head if self.head else classifier.fit)(data.select(train))
            predicted[test] = classifier.predict_proba(data.select(test))[VARIABLE][:, codes.index(CODE)]
        sizes = {h: (int((outlet == h).sum()), int((outlet[drawn] == h).sum())) for h in range(len(outlets))}
        design = RoundAsDrawn(pi, drawn, outlet, np.ones(len(pi)), drawn, True, sizes, ("outlet",))
        (of_all,), _ = combine_rounds([design])
        cluster = np.unique(groups, return_inverse=True)[1].astype(np.int64)
        truth = (right == codes.index(CODE)).astype(float)
        lines = []
        for number, name in enumerate(outlets):
            here = outlet == number
            part = of_all.of(here)
            seen = np.where(drawn, truth, np.nan)[here]
            group = Group(
                seen, np.where(np.isnan(seen), np.nan, 1.0), predicted[here], np.ones(here.sum()), fold[here],
                cluster[here], int(cluster.max()) + 1, [part],
            )  # fmt: skip
            share = estimate_share(group, "corpus")
            lines.append(
                {
                    "redraw": self.number, "coded": self.coded, "head": self.head, "outlet": name, "n": int(here.sum()),
                    "truth": float(truth[here].mean()), "counted": float((predicted[here] >= 0.5).mean()),
                    "share": share.estimate.share, "interval": share.estimate.interval, "se": share.estimate.se,
                    "coded_only": share.coded_only.share, "coded_only_interval": share.coded_only.interval,
                    "worth": share.effective, "power": share.power, "method": share.method,
                }
            )  # fmt: skip
        return lines


@cache
def read(data: Path) -> PublicRows:
    """Read the published sentences, once a process."""
    from models.data.public_data import read_rows

    return read_rows("babe", data, "0", marks=False)


def untrained(data: Path, encoder: str, head: bool) -> SpanClassifier:
    """Return an untrained classifier; one whose `head` alone is trained takes its features from those of all spans."""
    from models.classifiers.span_classifier import SpanClassifier

    if not head:
        return SpanClassifier(read(data).book, encoder=encoder, seed=SEED)

    class OnFrozenEncoder(SpanClassifier):
        def _features(self, data: Any, progress: Any = None) -> Any:
            return np.array([features[span] for span in data["span"]])

    features = frozen_features(data, encoder)
    return OnFrozenEncoder(read(data).book, encoder=encoder, seed=SEED)


@cache
def frozen_features(data: Path, encoder: str) -> dict[str, Any]:
    """Return the features of each span by the encoder as it is."""
    rows = read(data).data
    classifier = untrained(data, encoder, head=False)
    _, of_rows = classifier.fit_head(rows).predict_with_features(rows)
    return dict(zip(rows["span"], of_rows, strict=True))


def run(redraw: Redraw) -> list[dict[str, Any]]:
    """Run a redraw in a process of its own."""
    return redraw()


def table(lines: list[dict[str, Any]]) -> str:
    """Return the table of all redraws by outlet."""
    rows = [
        "| outlet | sentences | true share | coverage | width of coded only | worth | counted, mean (least, most) |",
        "|---|---|---|---|---|---|---|",
    ]
    for outlet in sorted({line["outlet"] for line in lines}):
        of = [line for line in lines if line["outlet"] == outlet]
        covered = np.mean([line["interval"][0] <= line["truth"] <= line["interval"][1] for line in of])
        width = np.mean([line["interval"][1] - line["interval"][0] for line in of])
        alone = np.mean([line["coded_only_interval"][1] - line["coded_only_interval"][0] for line in of])
        counted = np.array([line["counted"] for line in of])
        worth = np.mean([line["worth"] for line in of if line["worth"]])
        rows.append(
            f"| {outlet} | {of[0]['n']} | {of[0]['truth']:.2f} | {covered:.1%} of {len(of)} | {width / alone:.2f} | "
            f"{worth:.0f} for {of[0]['coded'] // 4} | {counted.mean():.2f} ({counted.min():.2f}, {counted.max():.2f}) |"
        )
    return "\n".join(rows)


def main() -> None:
    """Run the redraws that are missing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--redraws", type=int, default=300)
    parser.add_argument("--coded", type=int, default=400)
    parser.add_argument("--encoder", default="bundled")
    parser.add_argument("--head", action="store_true", help="Train heads only.")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="Print the table of what is kept.")
    options = parser.parse_args()
    lines = [
        line for line in read_lines(options.results) if line["coded"] == options.coded and line["head"] == options.head
    ]
    if options.table:
        sys.stdout.write(table(lines) + "\n")
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    done = {line["redraw"] for line in lines}
    left = [
        Redraw(n, options.coded, options.data, options.encoder, options.head)
        for n in range(options.redraws)
        if n not in done
    ]
    with get_context("spawn").Pool(options.processes) as pool:
        for of_redraw in pool.imap_unordered(run, left):
            for line in of_redraw:
                append_line(options.results, line)
            sys.stdout.write(f"redraw {of_redraw[0]['redraw']}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
