"""How often the intervals of corrected shares contain the truth: corpus, codes and draw are made anew in every run.

`python benchmarks/coverage.py --runs 1000` goes on where the last run ended and appends a JSON line for each setting:
coverage of the interval, mean width, mean standard error beside the empirical one, the same of the coded spans alone,
and the coverage of the count of the classifier's codes. `--processes 4` uses several cores; `--table` prints the table
of docs/checks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.estimators.overlap import chance_of_two
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.several_rounds import RoundAsDrawn, combine_rounds
from annotate.estimators.shares import Group, Share, SingleAnswers, estimate_share
from annotate.rounds.sampling import draw_units, probabilities
from benchmarks.kept_lines import append_line, read_lines

RESULTS = Path(__file__).parent / "results" / "coverage.jsonl"
OUTLETS = 3
FOLDS = 5
Z = 1.96


@dataclass(frozen=True)
class Setting:
    """A corpus, its classifier, and how it is drawn and coded; `coded` is the number drawn per outlet."""

    name: str
    design: str = "stratified"
    classifier: str = "biased"  # its errors differ by outlet
    share: float = 0.3
    coded: int = 100
    articles: int = 200  # per outlet
    correlation: float = 0.2  # of codes within an article
    copied: float = 0.0  # share of articles that are copies of texts that all outlets carry
    texts: int = 20  # how many such texts there are; few are a cascade
    overlap: float = 0.0
    slips: float = 0.0  # share of a coder's answers that are not the average coder's
    skipped: float = 0.0
    assisted: float = 0.0
    eligible: float = 0.9
    adjudicated: bool = False  # the codes are those of spans with two coders, whose disputes are settled rightly


@dataclass(frozen=True)
class World:
    """The spans of a corpus (spans): outlet, copy group, whether they are eligible and have the code, predictions."""

    outlet: Ints
    group: Ints
    eligible: Floats
    code: Floats
    predicted: Floats
    truth: float  # the share that the first outlet would write in the long run


def make_world(setting: Setting, rng: np.random.Generator) -> World:
    """Make the articles of three outlets, whose shares differ by .15, and the texts that all of them copy."""
    outlets, groups, chances = [], [], []
    number = OUTLETS * setting.articles
    wire = _chances(setting.share, setting.correlation, setting.texts, rng)
    sizes = 1 + rng.poisson(3, number + setting.texts)
    copied = setting.share
    for outlet in range(OUTLETS):
        own_share = _outlet_share(setting.share, outlet)
        own = _chances(own_share, setting.correlation, setting.articles, rng)
        for article in range(setting.articles):
            text = int(rng.integers(setting.texts)) if rng.random() < setting.copied else None
            outlets.append(outlet)
            groups.append(outlet * setting.articles + article if text is None else number + text)
            chances.append(own[article] if text is None else wire[text])
    size = sizes[groups]
    outlet_of, group_of = np.repeat(outlets, size), np.repeat(groups, size)
    place = np.concatenate([np.arange(n) for n in size])
    # the spans of copies are the same: what is drawn for a span depends on its text and place only
    draws = rng.random((2, number + setting.texts, size.max()))
    noise = rng.normal(0, 1, (number + setting.texts, size.max()))
    code = (draws[0, group_of, place] < np.repeat(chances, size)).astype(float)
    eligible = (draws[1, group_of, place] < setting.eligible).astype(float)
    predicted = _predictions(setting, code, outlet_of, noise[group_of, place])
    truth = (1 - setting.copied) * setting.share + setting.copied * copied
    average = truth * (1 - setting.slips) + (1 - truth) * setting.slips
    return World(outlet_of, group_of, eligible, code * eligible, predicted, average)


def _outlet_share(share: float, outlet: int) -> float:
    return min(max(share + 0.15 * outlet, 0.01), 0.95) if share < 0.6 else share - 0.15 * outlet


def _chances(share: float, correlation: float, n: int, rng: np.random.Generator) -> Floats:
    size = (1 - correlation) / correlation
    chances: Floats = rng.beta(share * size, (1 - share) * size, n)
    return chances


def _predictions(setting: Setting, code: Floats, outlet: Ints, noise: Floats) -> Floats:
    if setting.classifier == "useless":
        return 1 / (1 + np.exp(-noise))
    if setting.classifier == "perfect":
        return code.copy()
    shift = np.array([0.8, -0.6, 0.3])[outlet]  # its errors differ by outlet
    return 1 / (1 + np.exp(-(4 * (code - 0.5) + shift + noise)))


def draw_rounds(setting: Setting, world: World, rng: np.random.Generator) -> list[RoundAsDrawn]:
    """Draw one, two or three rounds by the functions that rounds are drawn by, and let them be coded."""
    n = setting.coded * OUTLETS
    steps = {
        "simple": [(None, None, n)],
        "stratified": [("outlet", None, n)],
        "doubt": [("outlet", 0.3, n)],
        "two": [("outlet", None, n // 2), ("outlet", 0.3, n - n // 2)],
        "three": [("outlet", None, n // 3), ("outlet", None, n // 3), ("outlet", 0.3, n - 2 * (n // 3))],
    }[setting.design]
    open_, rounds = np.ones(len(world.outlet), dtype=bool), []
    for by, uniform, size in steps:
        rows = np.flatnonzero(open_)
        stratum = world.outlet[rows] if by else np.zeros(len(rows), dtype=np.int64)
        p = world.predicted[rows]
        doubt = None if uniform is None else -(p * np.log(p) + (1 - p) * np.log(1 - p))
        if doubt is None:
            pi = probabilities(stratum, size, allocation="equal" if by else "proportional")
        else:
            pi = probabilities(stratum, size, allocation="equal", doubt=doubt, uniform=uniform or 1.0)
        chosen = draw_units(pi, stratum, rng)
        of_frame, drawn, strata = np.zeros(len(open_)), np.zeros(len(open_), dtype=bool), np.zeros(len(open_), int)
        of_frame[rows], drawn[rows[chosen]], strata[rows] = pi, True, stratum
        sizes = None
        if doubt is None:
            taken = stratum[chosen]
            sizes = {int(h): (int((stratum == h).sum()), int((taken == h).sum())) for h in set(stratum)}
        rounds.append(_coded(setting, of_frame, drawn, (strata, sizes, (by,) if by else ()), rng))
        open_ &= ~drawn
    return rounds


def _coded(
    setting: Setting,
    pi: Floats,
    drawn: Any,
    design: tuple[Ints, dict[int, tuple[int, int]] | None, tuple[str, ...]],
    rng: Any,
) -> RoundAsDrawn:
    """Deal arms to two coders (one, but for the overlap), and skip some spans; stratum by stratum the rate is known."""
    strata, sizes, by = design
    size = len(pi)
    double = rng.random(size) < setting.overlap
    all_assisted = np.where(double, setting.assisted**2, setting.assisted)
    blind = rng.random(size) >= all_assisted
    answered = rng.random(size) >= setting.skipped
    coded = drawn & blind & answered
    chance = 1 - all_assisted
    for h in np.unique(strata[drawn]):
        asked = drawn & blind & (strata == h)
        chance[strata == h] *= (coded & asked).sum() / max(asked.sum(), 1)
    return RoundAsDrawn(pi, drawn, strata.astype(np.int64), chance, coded, True, sizes, by)


def one_run(setting: Setting, rng: np.random.Generator) -> tuple[World, Share, Group]:
    """Make a corpus, draw and code it, and estimate the first outlet's share."""
    world = make_world(setting, rng)
    drawn = draw_rounds(setting, world, rng)
    rounds, covered = combine_rounds(drawn)
    assert covered.all()
    if setting.adjudicated:
        return settled_run(setting, world, drawn, rng)
    coders = 1 + (rng.random(len(world.code)) < setting.overlap)
    wrong = rng.binomial(coders, setting.slips) / coders
    answers = world.eligible * np.abs(world.code - wrong)
    fold = rng.permutation(int(world.group.max()) + 1)[world.group] % FOLDS
    predicted = world.predicted
    if setting.classifier == "memorising":
        known = np.any([one.coded for one in rounds], axis=0)
        predicted = np.where(known & (rng.random(len(known)) < 0.9), answers, predicted)
    rows = world.outlet == 0
    code, eligible = np.where(rows, answers, np.nan)[rows], world.eligible[rows]
    group = Group(
        code, eligible, predicted[rows], np.full(rows.sum(), setting.eligible), fold[rows], world.group[rows],
        int(world.group.max()) + 1,
        [one.of(rows) for one in rounds],
    )  # fmt: skip
    return world, estimate_share(group), group


def settled_run(
    setting: Setting, world: World, drawn: list[RoundAsDrawn], rng: np.random.Generator
) -> tuple[World, Share, Group]:
    """Give a share of the draws to two coders, settle their disputes rightly, and estimate the first outlet's share."""
    size, rows = len(world.code), world.outlet == 0
    answers = np.abs(world.code - (rng.random((2, size)) < setting.slips)) * world.eligible
    agreed = np.where(answers[0] == answers[1], answers[0], world.code)
    single = np.where(rng.random(size) < 0.5, *answers)
    settled = []
    for one in drawn:
        draws = np.flatnonzero(one.drawn)
        double = rng.permutation(draws)[: int(setting.overlap * len(draws) + 0.5)]
        chance = np.zeros(size)
        chance[draws] = chance_of_two([[0.0, 0.0] if draw in set(double) else [0.0] for draw in draws]).max()
        settled.append(replace(one, chance=chance, coded=np.isin(np.arange(size), double)))
    rounds, anybody = combine_rounds(settled)[0], combine_rounds(drawn)[0]
    fold = rng.permutation(int(world.group.max()) + 1)[world.group] % FOLDS
    group = Group(
        np.where(np.any([one.coded for one in rounds], axis=0), agreed, np.nan)[rows], world.eligible[rows],
        world.predicted[rows], np.full(rows.sum(), setting.eligible), fold[rows], world.group[rows],
        int(world.group.max()) + 1, [one.of(rows) for one in rounds],
        single=SingleAnswers(single[rows], world.eligible[rows], [one.of(rows) for one in anybody]),
    )  # fmt: skip
    both = setting.slips**2  # two coders who slip alike agree on a wrong code
    truth = setting.share * (1 - both) + (1 - setting.share) * both
    return replace(world, truth=truth), estimate_share(group), group


def measure(setting: Setting, runs: int) -> dict[str, Any]:
    """Return the coverage of a setting over so many runs, with what it is compared to."""
    named = {name: value for name, value in asdict(setting).items() if value is not False}
    rng = np.random.default_rng(zlib.crc32(json.dumps(named).encode()))
    rows, methods = [], {"corrected": 0, "exact": 0, "none": 0}
    for _ in range(runs):
        world, share, group = one_run(setting, rng)
        methods[share.method] += 1
        if share.estimate.interval is None or share.estimate.share is None or share.coded_only.interval is None:
            continue
        (low, high), (low0, high0) = share.estimate.interval, share.coded_only.interval
        counted = float((group.predicted_code >= 0.5).mean())
        half = Z * np.sqrt(counted * (1 - counted) / len(group.code))
        rows.append(
            (
                low <= world.truth <= high, high - low, share.estimate.share - world.truth, share.estimate.se,
                low0 <= world.truth <= high0, high0 - low0, (share.coded_only.share or 0) - world.truth,
                abs(counted - world.truth) <= half, share.power,
            )
        )  # fmt: skip
    figures = np.array(rows, dtype=float)
    means = figures.mean(axis=0)
    return {
        **asdict(setting), "runs": runs, "methods": methods, "coverage": round(means[0], 4),
        "width": round(means[1], 4), "bias": round(means[2], 4), "sd": round(float(figures[:, 2].std()), 4),
        "mean_se": round(means[3], 4), "coded_only_coverage": round(means[4], 4),
        "width_ratio": round(means[1] / means[5], 4),
        "sd_ratio": round(float(figures[:, 2].std() / max(figures[:, 6].std(), 1e-9)), 4),
        "count_coverage": round(means[7], 4),
        "power": round(means[8], 3),
    }  # fmt: skip


def settings() -> Iterator[Setting]:
    """Yield all settings, each with its name."""
    for design in ("simple", "stratified", "doubt", "two", "three"):
        yield Setting(f"design {design}", design=design)
    for classifier in ("useless", "perfect", "memorising"):
        yield Setting(f"classifier {classifier}", classifier=classifier)
        yield Setting(f"classifier {classifier}, 300 coded", classifier=classifier, coded=300, articles=400)
    for correlation in (0.1, 0.3):
        yield Setting(f"correlation {correlation}", correlation=correlation)
    yield Setting("copies across outlets", copied=0.2, texts=60)
    yield Setting("a cascade: 3 texts", copied=0.1, texts=3)
    yield Setting("assisted arms, .3", assisted=0.3, overlap=0.2)
    yield Setting("overlap .2, slips .1", overlap=0.2, slips=0.1)
    yield Setting("skips .1", skipped=0.1)
    yield Setting(
        "everything, two rounds", design="two", copied=0.2, texts=60, assisted=0.2, overlap=0.2, slips=0.05, skipped=0.1
    )
    for slips in (0.05, 0.1):
        yield Setting(
            f"adjudicated, overlap .2, slips {slips}", coded=300, articles=400, overlap=0.2, slips=slips,
            adjudicated=True,
        )  # fmt: skip
    for coded in (10, 20, 50, 100):
        for share in (0.01, 0.05, 0.3, 0.7):
            yield Setting(f"{coded} coded, share {share}", coded=coded, share=share)


def table(lines: list[dict[str, Any]]) -> str:
    """Return the results as a table, in the order of the settings."""
    by_name = {line["name"]: line for line in lines}
    rows = [
        "| setting | covers | coded only | counting | width of coded only | mean SE / sd | exact intervals |",
        "|---|---|---|---|---|---|---|",
    ]
    for setting in settings():
        if line := by_name.get(setting.name):
            figures = sum(line["methods"][name] for name in ("corrected", "exact"))
            rows.append(
                f"| {setting.name} | {line['coverage']:.1%} | {line['coded_only_coverage']:.1%} | "
                f"{line['count_coverage']:.1%} | {line['width_ratio']:.2f} | {line['mean_se'] / line['sd']:.2f} | "
                f"{line['methods']['exact'] / figures:.0%} |"
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
        measure_one: Callable[[Setting], dict[str, Any]] = _Measure(options.runs)
        for line in pool.imap_unordered(measure_one, left):
            append_line(options.results, line)
            sys.stdout.write(f"{line['name']}: {line['coverage']:.3f}, width {line['width_ratio']} of coded only\n")
            sys.stdout.flush()


@dataclass(frozen=True)
class _Measure:
    runs: int

    def __call__(self, setting: Setting) -> dict[str, Any]:
        return measure(setting, self.runs)


if __name__ == "__main__":
    main()
