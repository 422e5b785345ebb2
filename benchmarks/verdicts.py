"""How often a verdict of reliability is wrong, and how often each comes, where the true alpha is known by construction.

Models of disagreement that have the same alpha. *Alone*: a coder reports the true code with probability r, otherwise
a code drawn from the same shares, so that alpha is r squared. *Articles*: r differs by article; in hard articles r
squared is .2, in the others 1, so disagreement comes in clusters. *Spans*: some spans are unclear to all coders, and
everybody guesses. *Neighbours*, for ordered codes: who errs takes the next code up or down, with probabilities that
leave the shares as they are. Spans of one article tend to have the same true code. A variable has two codes, four
nominal ones, or five ordered ones (SHARES).

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
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from annotate.agreement.alpha import RELIED_ON, TENTATIVE, Floats, alpha, code_distances
from annotate.agreement.verdicts import alpha_bounds
from benchmarks.kept_lines import append_line, read_lines
from corpus.codebook import Level

RESULTS = Path(__file__).parent / "results" / "verdicts.jsonl"
ALPHAS = (TENTATIVE, 0.75, RELIED_ON, 0.85, 0.9)
LIMITS = (TENTATIVE, RELIED_ON)  # the true alphas at which a verdict is just wrong
MODELS = ("alone", "articles", "spans")
NEIGHBOURS = "neighbours"
TWO, FOUR, FIVE = "two codes", "four nominal codes", "five ordered codes"
SHARES: dict[str, dict[float, tuple[float, ...]]] = {  # of the codes, by the one that names the setting
    TWO: {share: (share, 1 - share) for share in (0.05, 0.1, 0.5)},
    FOUR: {0.25: (0.25,) * 4, 0.55: (0.55, 0.25, 0.15, 0.05), 0.85: (0.85, 0.05, 0.05, 0.05)},
    FIVE: {0.2: (0.2,) * 5, 0.4: (0.1, 0.2, 0.4, 0.2, 0.1), 0.6: (0.6, 0.2, 0.1, 0.06, 0.04)},
}
LEVELS: dict[str, Level] = {TWO: "nominal", FOUR: "nominal", FIVE: "ordinal"}
SPANS = (50, 100, 200, 400)
CODERS = (2, 4)
PER_ARTICLE = 5
ALIKE = 0.4  # probability that a span has its article's code
HARD = 0.2  # r squared in hard articles
RESAMPLES = 400
CHUNK = 100  # runs computed at once


@dataclass(frozen=True)
class Cell:
    """A setting of the simulation: the true alpha, the share of a code, how much was coded by whom, and which codes."""

    alpha: float
    model: str
    share: float
    spans: int
    coders: int
    codes: str = TWO

    @property
    def shares(self) -> Floats:
        """The share of each code."""
        return np.array(SHARES[self.codes][self.share])


CELLS = tuple(Cell(*values) for values in product(ALPHAS, MODELS, SHARES[TWO], SPANS, CODERS)) + tuple(
    Cell(true, model, share, spans, coders, codes)
    for codes in (FOUR, FIVE)
    for true, model, share, spans, coders in product(
        LIMITS, (*MODELS, NEIGHBOURS) if codes == FIVE else MODELS, SHARES[codes], SPANS, CODERS
    )
)


def simulate_coincidences(cell: Cell, runs: int, chance: np.random.Generator) -> Floats:
    """Return the coincidences of simulated studies (runs, articles, codes, codes)."""
    size = (runs, cell.spans // PER_ARTICLE, PER_ARTICLE)
    upper = np.cumsum(cell.shares)[:-1]
    topic = _drawn(upper, chance.random((*size[:2], 1)))
    code = np.where(chance.random(size) < ALIKE, topic, _drawn(upper, chance.random(size)))[..., None]
    guesses = _drawn(upper, chance.random((*size, cell.coders)))
    if cell.model == NEIGHBOURS:
        steps = next_codes(cell.shares, cell.alpha).cumsum(axis=1)
        answers = (chance.random(guesses.shape)[..., None] >= steps[code, :-1]).sum(axis=-1)
    else:
        if cell.model == "spans":
            guessed = np.broadcast_to((chance.random(size) < 1 - cell.alpha)[..., None], guesses.shape)
        else:
            r = np.sqrt(cell.alpha)
            if cell.model == "articles":
                hard = chance.random((*size[:2], 1)) < (1 - cell.alpha) / (1 - HARD)
                r = np.where(hard, np.sqrt(HARD), 1.0)[..., None]
            guessed = chance.random(guesses.shape) >= r
        answers = np.where(guessed, guesses, code)
    number = len(cell.shares)
    counts = np.stack([(answers == k).sum(axis=-1) for k in range(number)], axis=-1).astype(float)
    pairs = np.einsum("...sc,...sk->...ck", counts, counts, optimize=True)
    diagonal = np.arange(number)
    pairs[..., diagonal, diagonal] -= counts.sum(axis=-2)
    return pairs / (cell.coders - 1)


def _drawn(upper: Floats, chances: Floats) -> npt.NDArray[np.int64]:
    return np.searchsorted(upper, chances, side="right")


def next_codes(shares: Floats, true: float) -> Floats:
    """Return the probability of each answer given the true code (codes, codes) with which ordinal alpha is `true`.

    An error takes a neighbouring code; that a and b are confused is as probable as that b and a are, so that the
    answers have the shares of the true codes.
    """
    number = len(shares)
    distance = code_distances(shares, "ordinal")
    by_chance = (np.outer(shares, shares) * distance).sum()
    moves = np.zeros((number, number))
    for code in range(number - 1):
        both = min(shares[code], shares[code + 1]) / 2
        moves[code, code + 1], moves[code + 1, code] = both / shares[code], both / shares[code + 1]

    def confusion(errors: float) -> Floats:
        found = errors * moves
        return found + np.diag(1 - found.sum(axis=1))

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        answered = confusion(middle)
        pairs = np.einsum("t,ta,tb->ab", shares, answered, answered)
        low, high = (middle, high) if 1 - (pairs * distance).sum() / by_chance > true else (low, middle)
    return confusion(low)


def measure(cell: Cell, runs: int) -> dict[str, Any]:
    """Return how often each verdict comes in a cell: shares of the runs, those without any verdict included."""
    seed = int.from_bytes(hashlib.sha256(repr(cell).encode()).digest()[:8])
    chance = np.random.default_rng(seed)
    articles, number, level = cell.spans // PER_ARTICLE, len(cell.shares), LEVELS[cell.codes]
    weights = chance.multinomial(articles, np.full(articles, 1 / articles), size=RESAMPLES).astype(float)
    sizes = np.full(articles, PER_ARTICLE)
    bounds = []
    for start in range(0, runs, CHUNK):
        tables = simulate_coincidences(cell, min(CHUNK, runs - start), chance)
        draws = (weights @ tables.reshape(len(tables), articles, -1)).reshape(-1, RESAMPLES, number, number)
        without = alpha(tables.sum(axis=1, keepdims=True) - tables, level)
        bounds.append(alpha_bounds(tables, sizes, alpha(draws, level), without, level))
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
    return Cell(**{name: line[name] for name in Cell.__dataclass_fields__ if name in line})


def wrong(line: dict[str, Any]) -> dict[str, float]:
    """Return the shares of wrong verdicts in a cell: better than its true alpha, or worse."""
    found = {}
    if line["alpha"] == RELIED_ON:
        found["relied on"] = line["relied on"]
    if line["alpha"] == TENTATIVE:
        found["tentative or better"] = line["relied on"] + line["tentative"]
        found["fails"] = line["fails"]
    return found


def table(lines: list[dict[str, Any]], codes: str = TWO) -> Iterator[str]:
    """Yield the lines of a table of the documentation: by true alpha and number of spans, over all other settings."""
    words = ("relied on", "tentative", "cannot be told yet", "fails")
    yield "| true alpha | spans coded twice | " + " | ".join(words) + " |"
    yield "|" + "---|" * 6
    for true, spans in product(ALPHAS, SPANS):
        rows = [line for line in lines if (line["alpha"], line["spans"], cell_of(line).codes) == (true, spans, codes)]
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
    for codes in SHARES:
        sys.stdout.write("\n".join((codes, *table(kept, codes), "")) + "\n")
    errors = [(share, kind, line) for line in kept for kind, share in wrong(line).items()]
    for share, kind, line in sorted(errors, key=lambda one: -one[0])[:12]:
        sys.stdout.write(f"{share:.4f} {kind}: {line}\n")
