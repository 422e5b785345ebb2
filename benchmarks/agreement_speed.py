"""Time agreement on 1,000,000 annotations with 2,000 bootstrap rounds, compared with the krippendorff package.

python benchmarks/agreement_speed.py appends a JSON line for each setting. The package computes one alpha, without an
interval; ours also has the interval, q, each code, each pair of coders and each coder.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import krippendorff
import numpy as np

from annotate.agreement.alpha import RESAMPLES
from annotate.agreement.reliability_data import ReliabilityData
from annotate.agreement.variable_agreement import variable_agreement
from corpus.codebook import Code, Level, Variable

RESULTS = Path(__file__).parent / "results" / "agreement_speed.jsonl"
SETTINGS: tuple[
    tuple[int, int, int, int, int, Level], ...
] = (  # spans, answers to each, coders, codes, articles, level
    (333_334, 3, 3, 6, 20_000, "nominal"),
    (333_334, 3, 3, 6, 333_334, "nominal"),
    (333_334, 3, 3, 6, 20_000, "ordinal"),
    (100_000, 10, 1000, 4, 10_000, "nominal"),
)


def simulate_answers(spans: int, each: int, coders: int, codes: int, articles: int, level: Level) -> ReliabilityData:
    """Make answers of coders who report the true code in 85 of 100 cases and guess otherwise."""
    chance = np.random.default_rng(0)
    span = np.repeat(np.arange(spans), each)
    coder = (
        (chance.integers(0, coders, spans) if coders > each else np.zeros(spans, int))[:, None] + np.arange(each)
    ).ravel()
    true = chance.integers(0, codes, spans)[span]
    code = np.where(chance.random(len(span)) < 0.85, true, chance.integers(0, codes, len(span)))
    names = tuple(Code(name=f"c{n}") for n in range(codes))
    variable = Variable(name="made", question="", level=level, codes=names)
    article = np.unique(np.sort(chance.integers(0, articles, spans)), return_inverse=True)[1]
    spans_, coders_ = tuple(map(str, range(spans))), tuple(map(str, range(coders)))
    return ReliabilityData(
        variable, variable.code_names, spans_, coders_, article, span, coder % coders, code, np.full(len(span), -1)
    )


if __name__ == "__main__":
    for setting in SETTINGS:
        answers = simulate_answers(*setting)
        started, used = time.perf_counter(), time.process_time()
        ours = variable_agreement(answers)
        seconds, cpu = time.perf_counter() - started, time.process_time() - used
        started = time.perf_counter()
        theirs = krippendorff.alpha(value_counts=answers.counts, level_of_measurement=setting[-1])
        line = {
            "annotations": len(answers.code),
            **dict(zip(("spans", "answers", "coders", "codes", "articles", "level"), setting, strict=True)),
            "rounds": RESAMPLES,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),  # wall-clock time depends on other programs
            "package_seconds": round(time.perf_counter() - started, 2),
            "difference": abs(float(theirs) - (ours.alpha or 0.0)),
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(line) + "\n")
        sys.stderr.write(json.dumps(line) + "\n")
