"""How often the 95 % interval of the anchoring effect covers the true effect, where the truth is known by construction.

A coder's own answer is the suggestion with a probability that differs between articles; in the assisted arm, which is
drawn for each coder, it is so with a probability that is greater by the effect. Run it as
`python benchmarks/anchoring_coverage.py [STUDIES]`: it appends a JSON line for each setting.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.anchoring.suggestion_effects import effect
from benchmarks.kept_lines import measure_settings

RESULTS = Path(__file__).parent / "results" / "anchoring_coverage.jsonl"


@dataclass(frozen=True)
class SimulatedRound:
    """How a round is simulated: every coder gets every span, a share of them with the suggestion."""

    effect: float
    articles: int
    spans: int  # of one article, on average
    coders: int
    base: float  # how often an answer equals a suggestion that is not shown
    alike: float  # the standard deviation of that between articles
    assisted: float = 0.5


SETTINGS = (
    SimulatedRound(0.15, 20, 3, 2, 0.6, 0.1),
    SimulatedRound(0.15, 60, 4, 3, 0.7, 0.1),
    SimulatedRound(0.15, 60, 4, 2, 0.5, 0.2),
    SimulatedRound(0.15, 100, 2, 3, 0.8, 0.05, 0.2),
    SimulatedRound(0.15, 150, 8, 3, 0.65, 0.1, 0.3),
    SimulatedRound(0.0, 20, 3, 2, 0.6, 0.1),
    SimulatedRound(0.0, 60, 4, 3, 0.9, 0.05),
    SimulatedRound(0.0, 60, 4, 2, 0.5, 0.2),
    SimulatedRound(0.0, 100, 2, 3, 0.8, 0.1, 0.2),
    SimulatedRound(0.0, 150, 8, 3, 0.65, 0.1, 0.3),
)


def simulate_round(setting: SimulatedRound, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the answers of one round: whether each is the suggestion, whether that was shown, its article."""
    article = np.repeat(np.arange(setting.articles), 1 + chance.poisson(setting.spans - 1, setting.articles))
    middle, room = setting.base, min(setting.base, 1 - setting.base - setting.effect)
    # two points, one standard deviation to each side, so the mean and thus the effect do not change
    often = middle + min(setting.alike, room) * chance.choice([-1, 1], setting.articles)[article]
    spans = len(article)
    shown = np.zeros((setting.coders, spans), dtype=bool)
    for row in shown:
        row[chance.permutation(spans)[: round(setting.assisted * spans)]] = True
    hard = chance.random(spans)  # spans that one coder finds easy, others mostly do too
    draw = np.where(chance.random(shown.shape) < 0.5, hard, chance.random(shown.shape))
    same = draw < often + setting.effect * shown
    return same.ravel(), shown.ravel(), np.tile(article, setting.coders)


def coverage(setting: SimulatedRound, studies: int) -> dict[str, object]:
    """Return the shares of simulated rounds whose intervals cover the true effect, and that detect an effect."""
    effects = [effect(*simulate_round(setting, np.random.default_rng(seed))) for seed in range(studies)]
    ends = np.array([one.interval for one in effects])
    share = float(np.mean((ends[:, 0] <= setting.effect) & (setting.effect <= ends[:, 1])))
    return {
        **asdict(setting),
        "studies": studies,
        "coverage": round(share, 4),
        "error": round(float(np.sqrt(share * (1 - share) / studies)), 4),
        "found": round(float(np.mean([one.found for one in effects])), 4),
        "mean": round(float(np.mean([one.effect for one in effects if one.effect is not None])), 4),
        "width": round(float(np.mean(ends[:, 1] - ends[:, 0])), 4),
    }


if __name__ == "__main__":
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    measure_settings(RESULTS, SETTINGS, lambda setting: coverage(setting, studies))
