"""Agreement on one variable: alpha with its interval, agreement on each code, and whether the variable is reliable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations

import numpy as np
import pandas as pd

from corpus.codebook import Codebook, Level
from corpus.result import Result, printed_as
from corpus.text.folding import look_alikes

from .alpha import (
    RESAMPLES,
    TENTATIVE,
    Floats,
    Ints,
    alpha,
    bootstrap_interval,
    coincidences,
    gwet_ac1,
    one_against_rest,
    resample_tables,
)
from .coders import CoderAgreement, PairAgreement, coder_agreements, none_if_nan, pair_agreements
from .reliability_data import ReliabilityData, data_by_variable, with_not_asked
from .verdicts import FAILS, UNDEFINED, UNTOLD, Verdict, figure, judge

UNCLEAR = "coders unclear"
NOTHING = Verdict(UNTOLD, None, None, 0, 0)
DOMINANT = 0.9  # of the answers: from here on alpha is low although most answers are equal
MOST_ARTICLES = 20  # those in which coders agree least
LEAST_SPANS = 3  # of an article: with fewer, the share of equal pairs is that of single spans
MOST_PAIRS = 200  # of coders in the JSON, those who share the most spans; a crowd has tens of thousands of pairs


_look_alikes = lru_cache(maxsize=8)(look_alikes)  # variables and groups of spans mostly share their coders


@dataclass(frozen=True)
class CodeAgreement(Result):
    """Agreement on one code against all others combined; `n` is how often it was given to shared spans."""

    n: int
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    why: str | None = None
    code: str = printed_as(None, default="")
    verdict: Verdict | None = None


@dataclass(frozen=True)
class ArticleAgreement(Result):
    """Agreement within one article: the share of equal pairs of answers to its spans that two coders answered."""

    article: str
    n_units: int
    percent: float


@dataclass(frozen=True)
class VariableFigures:
    """The figures of agreement on one variable, as `VariableAgreement` describes them."""

    alpha: float | None
    interval: tuple[float, float] | None
    q: float | None
    percent: float | None
    n_units: int
    gate: str


@dataclass(frozen=True)
class VariableAgreement(Result):
    """Agreement on one variable; a figure that cannot be computed is None, and `why` gives the reason.

    Only spans with at least two answers count (`n_units`). `percent` is the share, from 0 to 1, of equal answers among
    all pairs of answers to one span, each answer weighted equally; `q` is the probability that alpha is below .667.
    `coincidences` (codes, codes) is the coincidence matrix, in the order of `codes`. Where spans were drawn with
    different probabilities π, a span counts with the weight 1 / π, and `unweighted` is alpha with equal weights.
    `ac1` is Gwet's AC1, `with_not_asked` are the figures with "not asked" as a further code of a variable that is asked
    after another one, `articles` the articles with three spans or more in which coders agree least.
    """

    level: Level
    n_units: int
    n_coders: int
    n_articles: int
    n_single: int
    codes: Mapping[str, CodeAgreement]
    variable: str = printed_as(None)
    coincidences: Floats = printed_as(None)
    data: ReliabilityData = printed_as(None)
    percent: float | None = None
    alpha: float | None = None
    interval: tuple[float, float] | None = None
    q: float | None = None
    all_pairs: tuple[PairAgreement, ...] = printed_as(None, default=())
    coders: Mapping[str, CoderAgreement] = printed_as(None, default_factory=dict)
    why: str | None = None
    verdict: Verdict = NOTHING
    ac1: float | None = None
    unweighted: float | None = None
    with_not_asked: VariableFigures | None = None
    articles: tuple[ArticleAgreement, ...] = ()
    printed = ("n_pairs", "pairs", "departing", "gate")

    @property
    def gate(self) -> str:
        """The word of the verdict: `relied on`, `tentative`, `fails`, `cannot be told yet` or `undefined`.

        It is `coders unclear` where names of coders differ in letters only: they may be one person, whose answers
        agree with themselves.
        """
        word = self.verdict.verdict
        return UNCLEAR if word not in (FAILS, UNDEFINED) and _look_alikes(self.data.coders) else word

    @property
    def dominant(self) -> tuple[str, float] | None:
        """The code that makes up 90 % or more of the answers, and its share; None if there is none."""
        shares = self.coincidences.sum(axis=1)
        code = int(shares.argmax()) if shares.sum() else 0
        share = float(shares[code] / shares.sum()) if shares.sum() else 0.0
        return (self.data.values[code], share) if share >= DOMINANT else None

    @property
    def figures(self) -> VariableFigures:
        """The figures in one row."""
        return VariableFigures(self.alpha, self.interval, self.q, self.percent, self.n_units, self.gate)

    @property
    def n_pairs(self) -> int:
        """The number of pairs of coders who share a span."""
        return len(self.all_pairs)

    @property
    def pairs(self) -> tuple[PairAgreement, ...]:
        """The pairs of coders who share the most spans."""
        return self.all_pairs[:MOST_PAIRS]

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


def paradox(variable: VariableAgreement) -> str:
    """Return a sentence on alpha and AC1 where one code makes up most answers, else nothing.

    >>> from .reliability_data import data_from_rows
    >>> rows = [(f"s{n}", coder, "plain") for n in range(48) for coder in ("ada", "ben")]
    >>> rows += [("x", "ada", "loaded"), ("x", "ben", "plain"), ("y", "ada", "plain"), ("y", "ben", "loaded")]
    >>> paradox(variable_agreement(data_from_rows(rows)))[:95]
    '98 % of the answers are plain: two coders who answered at random in these shares would agree on'
    """
    if not variable.dominant or variable.alpha is None or variable.ac1 is None or variable.percent is None:
        return ""
    code, share = variable.dominant
    shares = variable.coincidences.sum(axis=1) / variable.coincidences.sum()
    return (
        f"{share:.0%} of the answers are {code}: two coders who answered at random in these shares would agree on "
        f"{float((shares**2).sum()):.0%} of the spans, so alpha ({figure(variable.alpha)}) can be low although "
        f"{variable.percent:.0%} of the pairs are equal; AC1, {figure(variable.ac1)}, supposes that only unclear "
        "answers are guessed, and makes no verdict"
    ).replace("%", " %")


def variable_agreements(
    book: Codebook, frame: pd.DataFrame, resamples: int = RESAMPLES, seed: int = 0, brief: bool = False
) -> dict[str, VariableAgreement]:
    """Compute agreement on each variable of a codebook from answers, one row each; `brief` skips the coders."""
    found = {}
    for data in data_by_variable(book, frame):
        one = variable_agreement(data, resamples, seed, brief)
        if data.variable.asked_when and not brief:
            asked = variable_agreement(with_not_asked(book, frame, data.variable), resamples, seed, brief=True)
            one = replace(one, with_not_asked=asked.figures)
        found[data.variable.name] = one
    return found


def variable_agreement(
    data: ReliabilityData, resamples: int = RESAMPLES, seed: int = 0, brief: bool = False
) -> VariableAgreement:
    """Compute agreement on one variable; `brief` skips the coders.

    >>> from .reliability_data import data_from_rows
    >>> both = [("s1", "yes", "yes"), ("s2", "yes", "no"), ("s3", "no", "no"), ("s4", "no", "no"), ("s5", "yes", "yes")]
    >>> rows = [(span, coder, code) for span, *codes in both for coder, code in zip(("ada", "ben"), codes)]
    >>> wording = variable_agreement(data_from_rows(rows))
    >>> round(wording.alpha, 3), wording.percent, wording.gate, wording.confusions
    (0.64, 0.8, 'cannot be told yet', [('no', 'yes', 1.0)])
    """
    counts = data.counts
    paired = counts.sum(axis=1) >= 2
    tables, sizes, articles = data.by_article()
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
        codes=_codes(data, tables, draws, np.bincount(data.code[in_paired], minlength=len(data.values)), sizes),
        percent=float(np.trace(table) / total) if total else None,
        alpha=estimate,
        interval=interval,
        q=q,
        all_pairs=() if brief else tuple(pair_agreements(data)),
        coders={} if brief else coder_agreements(data, interval[1] if interval else None),
        why=_why_no_alpha(data, table),
        verdict=judge(tables, sizes, draws, data.variable.level, data.scale),
        ac1=gwet_ac1(counts, _number_of_codes(data), data.weights),
        unweighted=None if data.weights is None else _unweighted(data),
        articles=() if brief else _by_article(data, tables, sizes, articles),
    )


def _number_of_codes(data: ReliabilityData) -> int:
    """Return how many codes could be given; of a multiple-choice variable, the sets of codes that were given."""
    return len(data.values) if data.variable.kind == "multiple" else len(data.variable.codes)


def _unweighted(data: ReliabilityData) -> float | None:
    return none_if_nan(float(alpha(coincidences(data.counts), data.variable.level, data.scale)))


def _by_article(data: ReliabilityData, tables: Floats, sizes: Ints, articles: Ints) -> tuple[ArticleAgreement, ...]:
    percents = np.trace(tables, axis1=1, axis2=2) / np.maximum(tables.sum(axis=(1, 2)), 1e-12)
    lowest = [int(row) for row in np.lexsort((articles, -sizes, percents)) if sizes[row] >= LEAST_SPANS]
    names = data.article_names
    return tuple(
        ArticleAgreement(names[articles[row]] if names else str(articles[row]), int(sizes[row]), float(percents[row]))
        for row in lowest[:MOST_ARTICLES]
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
    data: ReliabilityData, tables: Floats, draws: Floats, frequencies: Ints, sizes: Ints
) -> dict[str, CodeAgreement]:
    codes = {}
    for c, code in enumerate(data.values):
        if not frequencies[c]:
            codes[code] = CodeAgreement(0, why="nobody gave it to a span that two coders answered", code=code)
            continue
        own_tables, own_draws = (one_against_rest(matrices, c) for matrices in (tables, draws))
        estimate, interval, _ = _figures(own_tables.sum(axis=0), own_tables, own_draws)
        why = None if estimate is not None else "every answer is this code"
        verdict = judge(own_tables, sizes, own_draws)
        codes[code] = CodeAgreement(int(frequencies[c]), estimate, interval, why, code, verdict)
    return codes


def _why_no_alpha(data: ReliabilityData, table: Floats) -> str | None:
    """Return the reason why a variable has no alpha; None if it has one."""
    if not len(data.span):
        return "no blind answer"
    if len(data.coders) < 2:
        return f"only one coder ({data.coders[0]}); agreement needs two"
    if not table.any():
        return "no span was answered by two coders; give them the same spans"
    used = table.sum(axis=1) > 0
    if used.sum() < 2:
        return f"every answer is {data.values[int(used.argmax())]!r}; without variation alpha is undefined"
    return None
