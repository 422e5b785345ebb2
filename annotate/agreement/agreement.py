"""Agreement: how far coders agree on each variable, who departs, and whether a variable may be relied on."""

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
    ROUNDS,
    TENTATIVE,
    Floats,
    Ints,
    against_the_rest,
    alpha,
    coincidences,
    interval,
    resampled,
)
from .coders import CoderAgreement, PairAgreement, each, known, pairs
from .marked_spans import marked_passages
from .reliability_data import Coded, coded, counted

MOST_PAIRS = 200  # of coders in the JSON, those that share most spans; a crowd has tens of thousands


@dataclass(frozen=True)
class CodeAgreement:
    """Agreement on one code against all others together; `n` is how often it was given where spans were shared."""

    code: str
    n: int
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""

    def json(self) -> dict[str, object]:
        """The code as `agree --json` prints it."""
        return {"alpha": self.alpha, "interval": self.interval, "n": self.n, "why": self.why or None}


@dataclass(frozen=True)
class VariableAgreement:
    """Agreement on one variable; a figure that cannot be computed is None, and `why` says so.

    Only spans with two answers or more count (`n_units`). `percent` is the share, from 0 to 1, of equal answers among
    all pairs within spans, each answer counted once; `q` is the chance that alpha lies below .667. `table` (codes,
    codes) are the coincidences, in the order of `codes`.
    """

    variable: str
    level: Level
    n_units: int
    n_coders: int
    n_articles: int
    n_single: int
    table: Floats
    coded: Coded
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
        """`relied on` from .800, `tentative` from .667, else `fails`; by the estimate, q says how sure that is."""
        if self.alpha is None or self.alpha < TENTATIVE:
            return "fails"
        return "relied on" if self.alpha >= RELIED_ON else "tentative"

    @property
    def weakest_code(self) -> CodeAgreement | None:
        """The code that coders agree on least."""
        known = [code for code in self.codes.values() if code.alpha is not None]
        return min(known, key=lambda code: code.alpha or 0.0, default=None)

    @property
    def departing(self) -> list[str]:
        """The coders who agree with the others far less than these among themselves; the one that costs most first."""
        found = [coder for coder in self.coders.values() if coder.departs]
        return [coder.coder for coder in sorted(found, key=lambda coder: -(coder.without or 0.0))]

    @property
    def confused(self) -> list[tuple[str, str, float]]:
        """Each two codes that were given to one span, with the pairs of answers they make up; most first."""
        found = [(a, b, float(self.table[i, j])) for (i, a), (j, b) in combinations(enumerate(self.codes), 2)]
        return sorted((row for row in found if row[2] > 0), key=lambda row: -row[2])

    def json(self) -> dict[str, object]:
        """The variable as `agree --json` prints it."""
        plain = ("alpha", "interval", "q", "percent", "n_units", "n_coders", "n_articles", "n_single", "level")
        return {
            **{name: getattr(self, name) for name in plain},
            "codes": {name: code.json() for name, code in self.codes.items()},
            "n_pairs": len(self.pairs),
            "pairs": [pair.json() for pair in self.pairs[:MOST_PAIRS]],
            "departing": self.departing,
            "why": self.why or None,
        }


@dataclass(frozen=True)
class Agreement:
    """Agreement on all variables of a study or of one round."""

    variables: Mapping[str, VariableAgreement]
    answers: Answers
    round: str | None
    version: str
    focus: str

    @property
    def gate(self) -> dict[str, str]:
        """What may be done with each variable: `relied on`, `tentative` or `fails`."""
        return {name: variable.gate for name, variable in self.variables.items()}

    @property
    def failing(self) -> list[str]:
        """The variables that fail."""
        return [name for name, gate in self.gate.items() if gate == "fails"]

    def json(self) -> dict[str, object]:
        """What `agree --json` prints; a coder's `alpha` is that on the codebook's focus variable."""
        coders: dict[str, object] = {}
        for name, n in self.answers.per_coder.items():
            by = {v: one.coders[name] for v, one in self.variables.items() if name in one.coders}
            coders[name] = {
                "alpha": by[self.focus].alpha if self.focus in by else None,
                "answers": n,
                "simulated": name in self.answers.simulated,
                "departs": [variable for variable, one in by.items() if one.departs],
                "variables": {variable: one.json() for variable, one in by.items()},
            }
        return {
            "variables": {name: variable.json() for name, variable in self.variables.items()},
            "coders": coders,
            "gate": self.gate,
            "round": self.round,
            "purpose": self.answers.purpose,
            "counts": self.answers.counts,
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
    rounds: int = ROUNDS,
    seed: int = 0,
    brief: bool = False,
) -> Agreement:
    """Compute agreement on each variable of a study, or of one round of it, from blind answers.

    `training` names rounds that do not count, instead of those whose purpose is pilot, training or audit; `version` is
    another version of the codebook than the current one; `brief` leaves out the coders. Raises BadRound, and
    NothingToCompare where no answer counts.
    """
    answers = counted(study, round, version=version, training=training)
    book = study.codebook_under(version)
    found = {one.variable.name: on_variable(one, rounds, seed, brief) for one in coded(book, answers.frame)}
    if not any(one.n_units for one in found.values()) and not marked_passages(study, round, version=version):
        whys = "; ".join(f"{name}: {one.why}" for name, one in found.items())
        raise NothingToCompare(f"no span was answered by two coders, so there is no agreement ({whys})")
    return Agreement(found, answers, round, answers.version, book.focus_variable.name)


def on_variable(answers: Coded, rounds: int = ROUNDS, seed: int = 0, brief: bool = False) -> VariableAgreement:
    """Compute agreement on one variable; `brief` leaves out its coders.

    >>> from .reliability_data import of_rows
    >>> both = [("s1", "yes", "yes"), ("s2", "yes", "no"), ("s3", "no", "no"), ("s4", "no", "no"), ("s5", "yes", "yes")]
    >>> found = on_variable(of_rows([(s, c, code) for s, *two in both for c, code in zip(("ada", "ben"), two)]))
    >>> round(found.alpha, 3), found.percent, found.gate, found.confused
    (0.64, 0.8, 'fails', [('no', 'yes', 1.0)])
    """
    counts = answers.counts
    paired = counts.sum(axis=1) >= 2
    article, where = np.unique(answers.articles[paired], return_inverse=True)
    tables = coincidences(counts[paired], where, len(article))
    table: Floats = tables.sum(axis=0)
    draws = resampled(tables, rounds, seed) if len(article) > 1 else np.empty((0, *table.shape))
    estimate, ends, low = _figures(table, tables, draws, answers)
    inside = paired[answers.span]
    number = table.sum()
    return VariableAgreement(
        variable=answers.variable.name,
        level=answers.variable.level,
        n_units=int(paired.sum()),
        n_coders=len(set(answers.coder[inside].tolist())),
        n_articles=len(article),
        n_single=int((counts.sum(axis=1) == 1).sum()),
        table=table,
        coded=answers,
        codes=_codes(answers, table, tables, draws, np.bincount(answers.code[inside], minlength=len(answers.values))),
        percent=float(np.trace(table) / number) if number else None,
        alpha=estimate,
        interval=ends,
        q=low,
        pairs=() if brief else tuple(pairs(answers)),
        coders={} if brief else each(answers, ends[1] if ends else None),
        why=_why(answers, table),
    )


def _figures(
    table: Floats, tables: Floats, draws: Floats, answers: Coded | None = None
) -> tuple[float | None, tuple[float, float] | None, float | None]:
    """Return alpha, its interval and q."""
    level, scale = (answers.variable.level, answers.scale) if answers else ("nominal", None)
    estimate = known(float(alpha(table, level, scale)))
    if estimate is None or not len(draws):
        return estimate, None, None
    drawn = alpha(draws, level, scale)
    drawn = drawn[~np.isnan(drawn)]  # draws without variation have no alpha
    ends = interval(drawn, estimate, alpha(table - tables, level, scale))
    return estimate, ends, float(np.mean(drawn < TENTATIVE)) if ends else None


def _codes(answers: Coded, table: Floats, tables: Floats, draws: Floats, given: Ints) -> dict[str, CodeAgreement]:
    found = {}
    for c, code in enumerate(answers.values):
        if not given[c]:
            found[code] = CodeAgreement(code, 0, why="nobody gave it to a span that two coders answered")
            continue
        own, each_article, drawn = (against_the_rest(one, c) for one in (table, tables, draws))
        estimate, ends, _ = _figures(own, each_article, drawn)
        why = "" if estimate is not None else "every answer is this code"
        found[code] = CodeAgreement(code, int(given[c]), estimate, ends, why)
    return found


def _why(answers: Coded, table: Floats) -> str:
    """Say why a variable has no alpha, in plain words; nothing where it has one."""
    if not len(answers.span):
        return "no blind answer"
    if len(answers.coders) < 2:
        return f"one coder only ({answers.coders[0]}); agreement needs two"
    if not table.any():
        return "no span was answered by two coders; give them the same spans"
    varied = table.sum(axis=1) > 0
    if varied.sum() < 2:
        return f"every answer is {answers.values[int(varied.argmax())]!r}; without variation nothing is beyond chance"
    return ""
