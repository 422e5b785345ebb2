"""Agreement on each variable: alpha with its interval, which coders deviate, and whether the variable is reliable."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from corpus.codebook import Level
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study.counting import Answers

from .alpha import (
    RELIED_ON,
    RESAMPLES,
    TENTATIVE,
    Floats,
    Ints,
    alpha,
    bootstrap_interval,
    coincidences,
    one_against_rest,
    resample_tables,
)
from .coders import CoderAgreement, PairAgreement, coder_agreements, none_if_nan, pair_agreements
from .marked_spans import marked_passages
from .reliability_data import ReliabilityData, data_by_variable, reliability_answers

MOST_PAIRS = 200  # of coders in the JSON, those who share the most spans; a crowd has tens of thousands of pairs


@dataclass(frozen=True)
class CodeAgreement:
    """Agreement on one code against all others combined; `n` is how often it was given to shared spans."""

    code: str
    n: int
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""

    def json(self) -> dict[str, object]:
        """Return the code as `agree --json` prints it."""
        return {"alpha": self.alpha, "interval": self.interval, "n": self.n, "why": self.why or None}


@dataclass(frozen=True)
class VariableAgreement:
    """Agreement on one variable; a figure that cannot be computed is None, and `why` gives the reason.

    Only spans with at least two answers count (`n_units`). `percent` is the share, from 0 to 1, of equal answers among
    all pairs of answers to one span, each answer weighted equally; `q` is the probability that alpha is below .667.
    `coincidences` (codes, codes) is the coincidence matrix, in the order of `codes`.
    """

    variable: str
    level: Level
    n_units: int
    n_coders: int
    n_articles: int
    n_single: int
    coincidences: Floats
    data: ReliabilityData
    codes: Mapping[str, CodeAgreement]
    percent: float | None = None
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    q: float | None = None
    pairs: tuple[PairAgreement, ...] = ()
    coders: Mapping[str, CoderAgreement] = field(default_factory=dict)
    why: str = ""

    @property
    def gate(self) -> str:
        """`relied on` from .800, `tentative` from .667, else `fails`: by the estimate; q tells how certain it is."""
        if self.alpha is None or self.alpha < TENTATIVE:
            return "fails"
        return "relied on" if self.alpha >= RELIED_ON else "tentative"

    @property
    def weakest_code(self) -> CodeAgreement | None:
        """The code on which coders agree least."""
        computed = [code for code in self.codes.values() if code.alpha is not None]
        return min(computed, key=lambda code: code.alpha or 0.0, default=None)

    @property
    def departing(self) -> list[str]:
        """The coders who agree with the others far less than the others do among themselves, worst first."""
        departing = [coder for coder in self.coders.values() if coder.departs]
        return [coder.coder for coder in sorted(departing, key=lambda coder: -(coder.without or 0.0))]

    @property
    def confusions(self) -> list[tuple[str, str, float]]:
        """The pairs of codes given to the same span and their number of answer pairs, most frequent first."""
        cells = [(a, b, float(self.coincidences[i, j])) for (i, a), (j, b) in combinations(enumerate(self.codes), 2)]
        return sorted((cell for cell in cells if cell[2] > 0), key=lambda cell: -cell[2])

    def json(self) -> dict[str, object]:
        """Return the variable as `agree --json` prints it."""
        names = ("alpha", "interval", "q", "percent", "n_units", "n_coders", "n_articles", "n_single", "level")
        return {
            **{name: getattr(self, name) for name in names},
            "codes": {name: code.json() for name, code in self.codes.items()},
            "n_pairs": len(self.pairs),
            "pairs": [pair.json() for pair in self.pairs[:MOST_PAIRS]],
            "departing": self.departing,
            "why": self.why or None,
        }


@dataclass(frozen=True)
class Agreement:
    """Agreement on all variables, in a study or in one round."""

    variables: Mapping[str, VariableAgreement]
    answers: Answers
    round: str | None
    version: str
    focus: str

    @property
    def gate(self) -> dict[str, str]:
        """Each variable's verdict: `relied on`, `tentative` or `fails`."""
        return {name: variable.gate for name, variable in self.variables.items()}

    @property
    def failing(self) -> list[str]:
        """The variables that fail."""
        return [name for name, gate in self.gate.items() if gate == "fails"]

    def json(self) -> dict[str, object]:
        """Return what `agree --json` prints; a coder's `alpha` is the one on the codebook's focus variable."""
        coders: dict[str, object] = {}
        for name, n in self.answers.per_coder.items():
            by_variable = {
                v: variable.coders[name] for v, variable in self.variables.items() if name in variable.coders
            }
            coders[name] = {
                "alpha": by_variable[self.focus].alpha if self.focus in by_variable else None,
                "answers": n,
                "simulated": name in self.answers.simulated,
                "departs": [variable for variable, coder in by_variable.items() if coder.departs],
                "variables": {variable: coder.json() for variable, coder in by_variable.items()},
            }
        return {
            "variables": {name: variable.json() for name, variable in self.variables.items()},
            "coders": coders,
            "gate": self.gate,
            "round": self.round,
            "purpose": self.answers.purpose,
            "counts": self.answers.claim_reliability,
            "codebook_version": self.version,
            "answers": len(self.answers.frame),
            "left_out": dict(self.answers.left_out),
            "simulated_coders": list(self.answers.simulated),
        }


def agreement(
    study: Study,
    round: str | None = None,
    *,
    version: str | None = None,
    training: Collection[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    brief: bool = False,
) -> Agreement:
    """Compute agreement on each variable from the blind answers of a study or of one round.

    `training` names the rounds to leave out instead of those with the purpose pilot, training or audit; `version` is
    a codebook version other than the current one; `brief` skips the coders. Raises BadRound, and NothingToCompare
    where no answer counts.
    """
    answers = reliability_answers(study, round, version=version, training=training)
    book = study.codebook_under(version)
    variables = {
        data.variable.name: variable_agreement(data, resamples, seed, brief)
        for data in data_by_variable(book, answers.frame)
    }
    if not any(one.n_units for one in variables.values()) and not marked_passages(study, round, version=version):
        reasons = "; ".join(f"{name}: {one.why}" for name, one in variables.items())
        raise NothingToCompare(f"no span was answered by two coders, so agreement cannot be computed ({reasons})")
    return Agreement(variables, answers, round, answers.version, book.focus_variable.name)


def variable_agreement(
    data: ReliabilityData, resamples: int = RESAMPLES, seed: int = 0, brief: bool = False
) -> VariableAgreement:
    """Compute agreement on one variable; `brief` skips the coders.

    >>> from .reliability_data import data_from_rows
    >>> both = [("s1", "yes", "yes"), ("s2", "yes", "no"), ("s3", "no", "no"), ("s4", "no", "no"), ("s5", "yes", "yes")]
    >>> rows = [(span, coder, code) for span, *codes in both for coder, code in zip(("ada", "ben"), codes)]
    >>> wording = variable_agreement(data_from_rows(rows))
    >>> round(wording.alpha, 3), wording.percent, wording.gate, wording.confusions
    (0.64, 0.8, 'fails', [('no', 'yes', 1.0)])
    """
    counts = data.counts
    paired = counts.sum(axis=1) >= 2
    articles, article = np.unique(data.articles[paired], return_inverse=True)
    tables = coincidences(counts[paired], article, len(articles))
    table: Floats = tables.sum(axis=0)
    draws = resample_tables(tables, resamples, seed) if len(articles) > 1 else np.empty((0, *table.shape))
    estimate, interval, q = _figures(table, tables, draws, data)
    in_paired = paired[data.span]
    total = table.sum()
    return VariableAgreement(
        variable=data.variable.name,
        level=data.variable.level,
        n_units=int(paired.sum()),
        n_coders=len(set(data.coder[in_paired].tolist())),
        n_articles=len(articles),
        n_single=int((counts.sum(axis=1) == 1).sum()),
        coincidences=table,
        data=data,
        codes=_codes(data, table, tables, draws, np.bincount(data.code[in_paired], minlength=len(data.values))),
        percent=float(np.trace(table) / total) if total else None,
        alpha=estimate,
        interval=interval,
        q=q,
        pairs=() if brief else tuple(pair_agreements(data)),
        coders={} if brief else coder_agreements(data, interval[1] if interval else None),
        why=_why_no_alpha(data, table),
    )


def _figures(
    table: Floats, tables: Floats, draws: Floats, data: ReliabilityData | None = None
) -> tuple[float | None, tuple[float, float] | None, float | None]:
    """Return alpha, its interval and q."""
    level, scale = (data.variable.level, data.scale) if data else ("nominal", None)
    estimate = none_if_nan(float(alpha(table, level, scale)))
    if estimate is None or not len(draws):
        return estimate, None, None
    alphas = alpha(draws, level, scale)
    alphas = alphas[~np.isnan(alphas)]  # draws without variation have no alpha
    interval = bootstrap_interval(alphas, estimate, alpha(table - tables, level, scale))
    return estimate, interval, float(np.mean(alphas < TENTATIVE)) if interval else None


def _codes(
    data: ReliabilityData, table: Floats, tables: Floats, draws: Floats, frequencies: Ints
) -> dict[str, CodeAgreement]:
    codes = {}
    for c, code in enumerate(data.values):
        if not frequencies[c]:
            codes[code] = CodeAgreement(code, 0, why="nobody gave it to a span that two coders answered")
            continue
        own_table, own_tables, own_draws = (one_against_rest(matrices, c) for matrices in (table, tables, draws))
        estimate, interval, _ = _figures(own_table, own_tables, own_draws)
        why = "" if estimate is not None else "every answer is this code"
        codes[code] = CodeAgreement(code, int(frequencies[c]), estimate, interval, why)
    return codes


def _why_no_alpha(data: ReliabilityData, table: Floats) -> str:
    """Return the reason why a variable has no alpha; the empty string where it has one."""
    if not len(data.span):
        return "no blind answer"
    if len(data.coders) < 2:
        return f"only one coder ({data.coders[0]}); agreement needs two"
    if not table.any():
        return "no span was answered by two coders; give them the same spans"
    used = table.sum(axis=1) > 0
    if used.sum() < 2:
        return f"every answer is {data.values[int(used.argmax())]!r}; without variation alpha is undefined"
    return ""
