"""How often the 95 % interval of the anchoring effect covers the true effect, where the truth is known by construction.

A coder's own answer is the suggestion with a probability that differs between articles; in the assisted arm, which is
drawn for each coder, it is so with a probability that is greater by the effect. Run it as
`python benchmarks/anchoring_coverage.py [STUDIES]`: it appends a JSON line for each setting.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from annotate.agreement.suggestion_effects import effect

RESULTS = Path(__file__).parent / "results" / "anchoring_coverage.jsonl"


@dataclass(frozen=True)
class Setting:
    """How a round is made: every coder gets every span, a share of them with the suggestion."""

    effect: float
    articles: int
    spans: int  # of one article, on average
    coders: int
    base: float  # how often an answer is the suggestion that is not shown
    alike: float  # the standard deviation of that between articles
    assisted: float = 0.5


SETTINGS = (
    Setting(0.15, 20, 3, 2, 0.6, 0.1),
    Setting(0.15, 60, 4, 3, 0.7, 0.1),
    Setting(0.15, 60, 4, 2, 0.5, 0.2),
    Setting(0.15, 100, 2, 3, 0.8, 0.05, 0.2),
    Setting(0.15, 150, 8, 3, 0.65, 0.1, 0.3),
    Setting(0.0, 20, 3, 2, 0.6, 0.1),
    Setting(0.0, 60, 4, 3, 0.9, 0.05),
    Setting(0.0, 60, 4, 2, 0.5, 0.2),
    Setting(0.0, 100, 2, 3, 0.8, 0.1, 0.2),
    Setting(0.0, 150, 8, 3, 0.65, 0.1, 0.3),
)


def simulated(setting: Setting, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the answers of one round: whether each is the suggestion, whether that was shown, its article."""
    article = np.repeat(np.arange(setting.articles), 1 + chance.poisson(setting.spans - 1, setting.articles))
    middle, room = setting.base, min(setting.base, 1 - setting.base - setting.effect)
    # two points, a standard deviation to each side, so that the mean and thus the effect stay what they are
    often = middle + min(setting.alike, room) * chance.choice([-1, 1], setting.articles)[article]
    spans = len(article)
    shown = np.zeros((setting.coders, spans), dtype=bool)
    for row in shown:
        row[chance.permutation(spans)[: round(setting.assisted * spans)]] = True
    hard = chance.random(spans)  # what one coder finds easy, the others mostly do too
    draw = np.where(chance.random(shown.shape) < 0.5, hard, chance.random(shown.shape))
    same = draw < often + setting.effect * shown
    return same.ravel(), shown.ravel(), np.tile(article, setting.coders)


def coverage(setting: Setting, studies: int) -> dict[str, object]:
    """Return how many of the simulated rounds' intervals cover the true effect, and how many say that there is one."""
    found = [effect(*simulated(setting, np.random.default_rng(seed))) for seed in range(studies)]
    ends = np.array([one.interval for one in found])
    share = float(np.mean((ends[:, 0] <= setting.effect) & (setting.effect <= ends[:, 1])))
    return {
        **asdict(setting),
        "studies": studies,
        "coverage": round(share, 4),
        "error": round(float(np.sqrt(share * (1 - share) / studies)), 4),
        "found": round(float(np.mean([one.excludes_zero for one in found])), 4),
        "mean": round(float(np.mean([one.effect for one in found if one.effect is not None])), 4),
        "width": round(float(np.mean(ends[:, 1] - ends[:, 0])), 4),
    }


if __name__ == "__main__":
    for each in SETTINGS:
        line = json.dumps(coverage(each, int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(line + "\n")
        sys.stderr.write(line + "\n")
