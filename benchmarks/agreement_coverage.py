"""How often the 95 % interval of alpha covers the true alpha, where the truth is known by construction.

A coder reports the true code with probability r and otherwise draws one from the same shares, so that alpha is the mean
of r squared, on every level: python benchmarks/agreement_coverage.py [STUDIES] appends a JSON line for each setting.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.agreement.alpha import Floats, alpha, bootstrap_interval, coincidences, resample_tables
from benchmarks.kept_lines import measure_settings
from corpus.codebook import Level

RESULTS = Path(__file__).parent / "results" / "agreement_coverage.jsonl"


@dataclass(frozen=True)
class SimulatedStudy:
    """How a study is simulated; one of `reliabilities` is drawn for each article, so agreement is clustered too."""

    articles: int
    spans: int  # of one article, on average
    coders: int
    shares: tuple[float, ...]
    reliabilities: tuple[float, ...]
    level: Level = "nominal"
    missing: float = 0.15

    @property
    def alpha(self) -> float:
        """The true alpha."""
        return float(np.mean(np.square(self.reliabilities)))


SETTINGS = (
    SimulatedStudy(30, 8, 3, (0.5, 0.3, 0.2), (0.8,)),
    SimulatedStudy(60, 5, 3, (0.5, 0.3, 0.2), (0.6, 0.95)),
    SimulatedStudy(60, 5, 2, (0.9, 0.1), (0.9,)),
    SimulatedStudy(150, 8, 2, (0.5, 0.3, 0.2), (0.9,)),
    SimulatedStudy(200, 3, 5, (0.6, 0.4), (0.3, 0.5)),
    SimulatedStudy(60, 5, 3, (0.4, 0.3, 0.2, 0.1), (0.6, 0.95), "ordinal"),
    SimulatedStudy(60, 5, 3, (0.4, 0.3, 0.2, 0.1), (0.8,), "interval"),
)


def simulate_coincidences(setting: SimulatedStudy, chance: np.random.Generator) -> Floats:
    """Return the coincidences of one simulated study (articles, codes, codes)."""
    codes = len(setting.shares)
    article = np.repeat(np.arange(setting.articles), 1 + chance.poisson(setting.spans - 1, setting.articles))
    size = (len(article), setting.coders)
    topic = chance.choice(codes, setting.articles, p=setting.shares)[article]  # spans of an article are alike
    true_codes = np.where(
        chance.random(len(article)) < 0.4, topic, chance.choice(codes, len(article), p=setting.shares)
    )
    reliability = chance.choice(setting.reliabilities, setting.articles)[article]
    answers = np.where(
        chance.random(size) < reliability[:, None], true_codes[:, None], chance.choice(codes, size, p=setting.shares)
    )
    answered = chance.random(size) >= setting.missing
    counts = np.stack([((answers == code) & answered).sum(axis=1) for code in range(codes)], axis=1)
    return coincidences(counts, article)


def interval_covers(setting: SimulatedStudy, seed: int, rounds: int) -> tuple[bool, float]:
    """Say whether the interval of one simulated study covers the true alpha, and how wide it is."""
    coincidence_tables = simulate_coincidences(setting, np.random.default_rng(seed))
    summed = coincidence_tables.sum(axis=0)
    values = list(range(len(setting.shares)))
    draws = alpha(resample_tables(coincidence_tables, rounds, seed), setting.level, values)
    low, high = bootstrap_interval(
        draws, float(alpha(summed, setting.level, values)), alpha(summed - coincidence_tables, setting.level, values)
    ) or (1, 0)
    return low <= setting.alpha <= high, high - low


def coverage(setting: SimulatedStudy, studies: int, rounds: int = 1000) -> dict[str, object]:
    """Return the share of simulated studies whose interval covers the true alpha."""
    results = [interval_covers(setting, seed, rounds) for seed in range(studies)]
    share = float(np.mean([one[0] for one in results]))
    return {
        **asdict(setting),
        "alpha": round(setting.alpha, 4),
        "studies": studies,
        "rounds": rounds,
        "coverage": round(share, 4),
        "error": round(float(np.sqrt(share * (1 - share) / studies)), 4),
        "width": round(float(np.mean([one[1] for one in results])), 4),
    }


if __name__ == "__main__":
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    measure_settings(RESULTS, SETTINGS, lambda setting: coverage(setting, studies))
