"""How often the intervals of `estimate --compare` contain the difference of the means of two groups of outlets.

`python benchmarks/outlet_groups.py` measures the settings that are missing, 4,000 runs each, and appends a line for
each; `--table` prints the table of docs/checks.md. Outlets have shares that differ, estimated with an error of their
own; the interval with CR2 and Satterthwaite's degrees of freedom stands beside one with normal quantiles.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.estimators.cr2 import fit_cr2
from benchmarks.kept_lines import measure_settings, read_lines

RESULTS = Path(__file__).parent / "results" / "outlet_groups.jsonl"
SEED, ERROR = 1, 0.05  # ERROR: what estimated shares are off by
LEVEL = 0.95


@dataclass(frozen=True)
class Setting:
    """Two groups of so many outlets, the mean share of each, and how unlike the outlets of the second are."""

    first: int
    second: int
    means: tuple[float, float] = (0.4, 0.6)
    spread: float = 0.15
    times: float = 1.0  # the spread of the second group is so many times that of the first
    runs: int = 4000

    @property
    def name(self) -> str:
        """What the table calls the setting."""
        unlike = f", spread {self.times:g} times" if self.times != 1 else ""
        rare = f", shares near {self.means[0]:g}" if self.means[0] < 0.1 else ""
        return f"{self.first} and {self.second} outlets{unlike}{rare}"


def settings() -> Iterator[Setting]:
    """Yield every setting."""
    for first, second in ((4, 4), (4, 8), (5, 20), (10, 10)):
        yield Setting(first, second)
        yield Setting(first, second, times=2.0)
        yield Setting(first, second, means=(0.05, 0.05), spread=0.02)


def shares(rng: np.random.Generator, mean: float, spread: float, size: int) -> Any:
    """Return the shares of outlets, which are beta distributed around a mean, as they are estimated."""
    strength = mean * (1 - mean) / spread**2 - 1
    true = rng.beta(mean * strength, (1 - mean) * strength, size)
    error = ERROR * 2 * np.sqrt(true * (1 - true))  # of a share estimated from so many coded spans in each outlet
    return true + rng.normal(0, 1, size) * error


def measure(setting: Setting) -> dict[str, Any]:
    """Return how often the intervals of one setting contain the true difference of the means."""
    from scipy.special import ndtri, stdtrit

    rng = np.random.default_rng([SEED, setting.first, setting.second, round(100 * setting.spread * setting.times)])
    design = np.ones((setting.first + setting.second, 2))
    design[: setting.first, 1] = 0
    difference = setting.means[1] - setting.means[0]
    covered = {"cr2": 0, "normal": 0}
    widths = []
    for _ in range(setting.runs):
        outcome = np.concatenate(
            [
                shares(rng, setting.means[0], setting.spread, setting.first),
                shares(rng, setting.means[1], min(setting.spread * setting.times, 0.3), setting.second),
            ]
        )
        fitted = fit_cr2(design, outcome, np.arange(len(outcome)))
        off = abs(fitted.coefficients[1] - difference) / fitted.errors[1]
        quantile = float(stdtrit(fitted.df[1], (1 + LEVEL) / 2))
        covered["cr2"] += bool(off <= quantile)
        covered["normal"] += bool(off <= ndtri((1 + LEVEL) / 2))
        widths.append(2 * quantile * fitted.errors[1])
    return {
        "name": setting.name, **asdict(setting), "coverage": covered["cr2"] / setting.runs,
        "normal_coverage": covered["normal"] / setting.runs, "width": float(np.mean(widths)),
        "df": float(fitted.df[1]),
    }  # fmt: skip


def table(lines: list[dict[str, Any]]) -> str:
    """Return the table of docs/checks.md."""
    rows = ["| groups | covers | normal quantiles cover | df | mean width in points |", "|---|---|---|---|---|"]
    rows += [
        f"| {line['name']} | {line['coverage']:.1%} | {line['normal_coverage']:.1%} | {line['df']:.1f} | "
        f"{100 * line['width']:.0f} |"
        for line in lines
    ]
    return "\n".join(rows)


def main() -> None:
    """Measure what is missing, or print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--table", action="store_true", help="Print the table of what is kept.")
    if parser.parse_args().table:
        sys.stdout.write(table(read_lines(RESULTS)) + "\n")
    else:
        done = {line["name"] for line in read_lines(RESULTS)}
        measure_settings(RESULTS, (one for one in settings() if one.name not in done), measure)


if __name__ == "__main__":
    main()
