"""How often the intervals of corrected models contain the true coefficients: all is made anew in every run.

`python benchmarks/model_coverage.py --runs 1000` goes on where the last run ended and appends a JSON line for each
setting; `--processes 2` uses several cores, `--table` prints the table of docs/checks.md. The model has an
intercept, two outlets and a covariate that is itself coded and predicted (whose words).
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.estimators.corrected_models import Coefficients, SpansOfModel, fit_corrected
from annotate.estimators.regression import Floats, Ints, Link, expected_mean
from annotate.estimators.several_rounds import combine_rounds
from benchmarks import coverage
from benchmarks.kept_lines import append_line, read_lines

RESULTS = Path(__file__).parent / "results" / "model_coverage.jsonl"
TRUE = {"linear": np.array([0.25, 0.15, 0.3, -0.1]), "logistic": np.array([-1.0, 0.7, 1.4, -0.6])}
QUOTED, ELIGIBLE = 0.4, 0.9


@dataclass(frozen=True)
class Setting:
    """A corpus, its classifier and draw, and the model; `coded` is the number drawn per outlet."""

    name: str
    link: Link = "linear"
    design: str = "stratified"
    classifier: str = "biased"  # its errors differ by outlet
    coded: int = 100
    articles: int = 200  # per outlet
    correlation: float = 0.2  # within articles
    copied: float = 0.0  # share of articles that are copies of texts that all outlets carry
    by_article: bool = False


def one_run(setting: Setting, rng: np.random.Generator) -> tuple[Coefficients, Coefficients]:
    """Make a corpus, draw and code it, and fit the model; return the corrected and the coded-only coefficients."""
    number = coverage.OUTLETS * setting.articles
    texts = 60
    outlet_of, group_of = [], []
    for article in range(number):
        copied = rng.random() < setting.copied
        outlet_of.append(article // setting.articles)
        group_of.append(number + int(rng.integers(texts)) if copied else article)
    size = (1 + rng.poisson(3, number + texts))[group_of]
    outlet, group, article = (np.repeat(values, size) for values in (outlet_of, group_of, np.arange(number)))
    place = np.concatenate([np.arange(n) for n in size])
    uniform = _alike(setting.correlation, number + texts, int(size.max()), rng)[:, group, place]  # the same in copies
    quoted = uniform[0] < QUOTED
    design = np.zeros((len(outlet), 2, 4))
    design[:, :, 0], design[:, 1, 3] = 1, 1
    for other in (1, 2):
        design[outlet == other, :, other] = 1
    chance = expected_mean(design[np.arange(len(outlet)), quoted.astype(int)] @ TRUE[setting.link], setting.link)
    code, eligible = uniform[1] < chance, rng.random(len(outlet)) < ELIGIBLE
    noise = rng.normal(0, 1, (2, number + texts, int(size.max())))[:, group, place]
    of_code = _predictions(setting, code, outlet, noise[0])
    of_quoted = _predictions(setting, quoted, outlet[::-1], noise[1])
    world = coverage.World(outlet, group, eligible.astype(float), code.astype(float), of_code, 0.0)
    drawn_as = coverage.Setting("", design=setting.design, coded=setting.coded)
    rounds, _ = combine_rounds(coverage.draw_rounds(drawn_as, world, rng))
    cell = np.column_stack([~quoted, quoted]) * eligible[:, None]
    in_cell = np.column_stack([1 - of_quoted, of_quoted]) * ELIGIBLE
    fold = rng.permutation(int(group.max()) + 1)[group] % coverage.FOLDS
    counting = 1 / np.bincount(article)[article] if setting.by_article else np.ones(len(outlet))
    spans = SpansOfModel(
        design, cell * code[:, None], cell.astype(float), in_cell * of_code[:, None], in_cell,
        fold.astype(np.int64), group.astype(np.int64), rounds, counting,
    )  # fmt: skip
    return fit_corrected(spans, setting.link)


def _alike(correlation: float, groups: int, most: int, rng: np.random.Generator) -> Floats:
    """Return uniform numbers (2, groups, places) that are alike within groups, for two codes."""
    shared, own = rng.normal(0, 1, (2, groups, 1)), rng.normal(0, 1, (2, groups, most))
    result: Floats = ndtr(np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
    return result


def _predictions(setting: Setting, code: Any, outlet: Ints, noise: Floats) -> Floats:
    if setting.classifier == "useless":
        return 1 / (1 + np.exp(-noise))
    if setting.classifier == "perfect":
        result: Floats = code.astype(float)
        return result
    shift = np.array([0.8, -0.6, 0.3])[outlet]
    return 1 / (1 + np.exp(-(4 * (code - 0.5) + shift + noise)))


def measure(setting: Setting, runs: int) -> dict[str, Any]:
    """Return coverage by coefficient, width beside that of the coded spans alone, and errors beside the true ones."""
    rng = np.random.default_rng(zlib.crc32(json.dumps(asdict(setting)).encode()))
    true, rows, failed = TRUE[setting.link], [], 0
    for _ in range(runs):
        try:
            corrected, alone = one_run(setting, rng)
        except ValueError:
            failed += 1
            continue
        ends, of_coded = corrected.intervals, alone.intervals
        covers = (ends[:, 0] <= true) & (true <= ends[:, 1])
        covers_alone = (of_coded[:, 0] <= true) & (true <= of_coded[:, 1])
        widths = (ends[:, 1] - ends[:, 0]), (of_coded[:, 1] - of_coded[:, 0])
        rows.append((covers, covers_alone, *widths, corrected.values - true, corrected.errors))
    figures = np.array(rows, dtype=float)
    covered, alone_covered, width, alone_width, error, se = figures.mean(axis=0)
    return {
        **asdict(setting), "runs": runs, "failed": failed,
        "coverage": covered.round(4).tolist(), "least_coverage": round(float(covered.min()), 4),
        "most_coverage": round(float(covered.max()), 4), "coded_only_coverage": alone_covered.round(4).tolist(),
        "width_ratio": round(float((width / alone_width).max()), 4), "bias": error.round(4).tolist(),
        "se_ratio": (se / figures[:, 4].std(axis=0)).round(3).tolist(),
    }  # fmt: skip


def settings() -> Iterator[Setting]:
    """Yield all settings, each with its name."""
    for link in ("linear", "logistic"):
        for design in ("simple", "stratified", "doubt", "two"):
            yield Setting(f"{link}, design {design}", link=link, design=design)
        for classifier in ("useless", "perfect"):
            yield Setting(f"{link}, classifier {classifier}", link=link, classifier=classifier)
        yield Setting(f"{link}, copies across outlets", link=link, copied=0.2)
        yield Setting(f"{link}, 40 coded per outlet", link=link, coded=40)
        yield Setting(f"{link}, each article counts once", link=link, by_article=True)


def table(lines: list[dict[str, Any]]) -> str:
    """Return the results as a table, in the order of the settings."""
    by_name = {line["name"]: line for line in lines}
    rows = [
        "| model | covers: intercept, two outlets, whose words | least coded only | widest of coded only | SE / sd |",
        "|---|---|---|---|---|",
    ]
    for setting in settings():
        if line := by_name.get(setting.name):
            covers = ", ".join(f"{100 * one:.1f}" for one in line["coverage"])
            ratios = line["se_ratio"]
            rows.append(
                f"| {setting.name} | {covers} % | {100 * min(line['coded_only_coverage']):.1f} % | "
                f"{line['width_ratio']:.2f} | {min(ratios):.2f} to {max(ratios):.2f} |"
            )
    return "\n".join(rows)


def main() -> None:
    """Measure every setting that is not measured yet with as many runs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="Print the table of what is kept.")
    options = parser.parse_args()
    if options.table:
        sys.stdout.write(table(read_lines(options.results)) + "\n")
        return
    done = {(line["name"], line["runs"]) for line in read_lines(options.results)}
    left = [setting for setting in settings() if (setting.name, options.runs) not in done]
    with Pool(options.processes) as pool:
        for line in pool.imap_unordered(partial(measure, runs=options.runs), left):
            append_line(options.results, line)
            sys.stdout.write(f"{line['name']}: {line['coverage']}, width {line['width_ratio']} of coded only\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
