"""How often a verdict of reliability is wrong, and how often each comes, where the true alpha is known by construction.

Three models of disagreement have the same alpha. *Alone*: a coder reports the true code with probability r, otherwise
a code drawn from the same shares, so that alpha is r squared. *Articles*: r differs by article; in hard articles r
squared is .2, in the others 1, so disagreement comes in clusters. *Spans*: some spans are unclear to all coders, and
everybody guesses. Spans of one article tend to have the same true code.

python benchmarks/verdicts.py [RUNS] appends a JSON line for each cell that has none yet, and prints the table.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.agreement.alpha import RELIED_ON, TENTATIVE, Floats, alpha
from annotate.agreement.verdicts import alpha_bounds
from benchmarks.kept_lines import append_line, read_lines

RESULTS = Path(__file__).parent / "results" / "verdicts.jsonl"
ALPHAS = (TENTATIVE, 0.75, RELIED_ON, 0.85, 0.9)
MODELS = ("alone", "articles", "spans")
SHARES = (0.05, 0.1, 0.5)
SPANS = (50, 100, 200, 400)
CODERS = (2, 4)
PER_ARTICLE = 5
ALIKE = 0.4  # probability that a span has its article's code
HARD = 0.2  # r squared in hard articles
RESAMPLES = 400
CHUNK = 100  # runs computed at once


@dataclass(frozen=True)
class Cell:
    """A setting of the simulation: the true alpha, the share of the code, and how much was coded by whom."""

    alpha: float
    model: str
    share: float
    spans: int
    coders: int


CELLS = tuple(Cell(*values) for values in product(ALPHAS, MODELS, SHARES, SPANS, CODERS))


def simulate_coincidences(cell: Cell, runs: int, chance: np.random.Generator) -> Floats:
    """Return the coincidences of simulated studies (runs, articles, codes, codes)."""
    size = (runs, cell.spans // PER_ARTICLE, PER_ARTICLE)
    topic = chance.random((*size[:2], 1)) < cell.share
    code = np.where(chance.random(size) < ALIKE, topic, chance.random(size) < cell.share)
    guesses = chance.random((*size, cell.coders)) < cell.share
    if cell.model == "spans":
        guessed = np.broadcast_to((chance.random(size) < 1 - cell.alpha)[..., None], guesses.shape)
    else:
        r = np.sqrt(cell.alpha)
        if cell.model == "articles":
            hard = chance.random((*size[:2], 1)) < (1 - cell.alpha) / (1 - HARD)
            r = np.where(hard, np.sqrt(HARD), 1.0)[..., None]
        guessed = chance.random(guesses.shape) >= r
    yes = np.where(guessed, guesses, code[..., None]).sum(axis=-1).astype(float)
    no, pairs = cell.coders - yes, cell.coders - 1
    both, mixed, neither = ((x / pairs).sum(axis=-1) for x in (yes * (yes - 1), yes * no, no * (no - 1)))
    return np.stack([np.stack([both, mixed], axis=-1), np.stack([mixed, neither], axis=-1)], axis=-2)


def measure(cell: Cell, runs: int) -> dict[str, Any]:
    """Return how often each verdict comes in a cell: shares of the runs, those without any verdict included."""
    seed = int.from_bytes(hashlib.sha256(repr(cell).encode()).digest()[:8])
    chance = np.random.default_rng(seed)
    articles = cell.spans // PER_ARTICLE
    weights = chance.multinomial(articles, np.full(articles, 1 / articles), size=RESAMPLES).astype(float)
    sizes = np.full(articles, PER_ARTICLE)
    bounds = []
    for start in range(0, runs, CHUNK):
        tables = simulate_coincidences(cell, min(CHUNK, runs - start), chance)
        draws = (weights @ tables.reshape(len(tables), articles, 4)).reshape(-1, RESAMPLES, 2, 2)
        without = alpha(tables.sum(axis=1, keepdims=True) - tables)
        bounds.append(alpha_bounds(tables, sizes, alpha(draws), without))
    lower, upper = np.concatenate(bounds, axis=1)
    shares = {
        "relied on": lower >= RELIED_ON,
        "tentative": (lower >= TENTATIVE) & (lower < RELIED_ON),
        "fails": upper < TENTATIVE,
        "cannot be told yet": (lower < TENTATIVE) & (upper >= TENTATIVE),
        "undefined": np.isnan(lower),
    }
    return {**asdict(cell), "runs": runs, **{word: round(float(come.mean()), 4) for word, come in shares.items()}}


def cell_of(line: dict[str, Any]) -> Cell:
    """Return the cell of a kept line."""
    return Cell(**{name: line[name] for name in Cell.__dataclass_fields__})


def wrong(line: dict[str, Any]) -> dict[str, float]:
    """Return the shares of wrong verdicts in a cell: better than its true alpha, or worse."""
    found = {}
    if line["alpha"] == RELIED_ON:
        found["relied on"] = line["relied on"]
    if line["alpha"] == TENTATIVE:
        found["tentative or better"] = line["relied on"] + line["tentative"]
        found["fails"] = line["fails"]
    return found


def table(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the table of the documentation: by true alpha and number of spans, over all other settings."""
    words = ("relied on", "tentative", "cannot be told yet", "fails")
    yield "| true alpha | spans coded twice | " + " | ".join(words) + " |"
    yield "|" + "---|" * 6
    for true, spans in product(ALPHAS, SPANS):
        rows = [line for line in lines if (line["alpha"], line["spans"]) == (true, spans)]
        cells = [f"{100 * min(r[w] for r in rows):.0f}–{100 * max(r[w] for r in rows):.0f} %" for w in words if rows]
        if cells:
            yield f"| {true:.3f} | {spans} | ".replace("| 0", "| ") + " | ".join(cells) + " |"


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    done = {cell_of(line) for line in read_lines(RESULTS)}
    for cell in CELLS:
        if cell not in done:
            append_line(RESULTS, measure(cell, wanted))
    kept = read_lines(RESULTS)
    sys.stdout.write("\n".join(table(kept)) + "\n")
    errors = [(share, kind, line) for line in kept for kind, share in wrong(line).items()]
    for share, kind, line in sorted(errors, key=lambda one: -one[0])[:12]:
        sys.stdout.write(f"{share:.4f} {kind}: {line}\n")
