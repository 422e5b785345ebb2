"""Plan a round: how many spans each variable needs for intervals of a given width."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from corpus.annotation import codes_of
from corpus.errors import BadRound
from corpus.result import Result
from corpus.study import Study
from corpus.study.counting import select_answers

from .frame import frame

LEAST = 1e-9  # of a share or a width: below it the formulas have no result that a computer can hold
Z = NormalDist().inv_cdf(0.975)
ALPHA = 0.8  # expected agreement: the usual threshold for reliable variables
CORRELATION = 0.1  # assumed correlation of codes within an article: .01 to .2 is usual in cluster surveys
SOURCES = {
    "share": "Wilson (1927) interval of a share; design effect 1 + (m - 1) rho and finite population: "
    "Kish (1965), Survey Sampling, chapters 2 and 5",
    "alpha": "variance of the intraclass kappa of two coders: Bloch and Kraemer (1989), Biometrics 45, 269-287; "
    "alpha of two values and two coders is that kappa but for 1/n",
}


@dataclass(frozen=True)
class VariablePlan(Result):
    """The spans one variable needs; `share` is that of its `rarest` code among the spans where the variable is asked.

    `spans_share` gives the share ± `width`, `spans_alpha` its alpha ± `width_alpha` with two coders; None if the frame
    has too few spans. `asked` is the share of all spans in which the variable is asked.
    """

    rarest: str | None
    share: float
    known_from: str
    asked: float
    effect: float
    spans_share: int | None
    spans_alpha: int | None
    printed = ("spans",)

    @property
    def spans(self) -> int | None:
        """The number of spans needed for both; None if the frame has too few."""
        if self.spans_share is None or self.spans_alpha is None:
            return None
        return max(self.spans_share, self.spans_alpha)


@dataclass(frozen=True)
class Plan(Result):
    """The number of spans a round needs, by variable and in total; `sources` are those of the formulas."""

    frame: int
    spans_per_article: float
    width: float
    alpha: float
    width_alpha: float
    variables: Mapping[str, VariablePlan]
    sources: Mapping[str, str]
    printed = ("spans",)
    rows = "variables"

    @property
    def spans(self) -> int | None:
        """The number of spans needed for every variable; None if the frame has too few."""
        wanted = [need.spans for need in self.variables.values()]
        return None if None in wanted else max(n for n in wanted if n is not None)


def plan_round(
    study: Study,
    *,
    width: float = 0.05,
    alpha: float = ALPHA,
    width_alpha: float = 0.1,
    rarest: float | None = None,
    correlation: float = CORRELATION,
) -> Plan:
    """Plan a round for 95 % intervals of ± `width` for the rarest code's share and ± `width_alpha` for its alpha.

    The shares are those of the blind answers so far, else of the model's suggestions; `rarest` overrules both. Raises
    BadRound if there are neither answers nor suggestions nor `rarest`, or a number is out of range.
    """
    for name, value in (("width", width), ("alpha", alpha), ("width_alpha", width_alpha), ("rarest", rarest)):
        if value is not None and not 0 < value < 1:
            raise BadRound("expected a number between 0 and 1", **{name: value})
        if value is not None and value < LEAST:
            raise BadRound(f"expected a number of at least {LEAST:g}", **{name: value})
    if not 0 <= correlation < 1:
        raise BadRound("expected a number from 0 to below 1", correlation=correlation)
    open_spans, _ = frame(study, "main")
    spans_per_article = len(open_spans) / max(1, open_spans["article"].nunique())
    known_shares = code_shares(study)
    plans: dict[str, VariablePlan] = {}
    for variable in study.codebook.variables:
        shares, asked, source = known_shares.get(variable.name, ({}, 1.0, ""))
        if rarest is not None:
            code, share, source = None, rarest, "--rarest"
        elif shares:
            code = min(shares, key=shares.__getitem__)
            share = shares[code]
        else:
            raise BadRound(
                f"there are no answers or suggestions for {variable.name} yet; give the share that you expect of its "
                "rarest code, as in: slantwise round plan --rarest 0.05, or draw a pilot first"
            )
        effect = 1 + max(0.0, spans_per_article * asked - 1) * correlation
        size = len(open_spans) * asked
        plans[variable.name] = VariablePlan(
            code,
            share,
            source,
            asked,
            effect,
            _of_all(spans_for_share(share, width, effect, size), asked),
            _of_all(spans_for_alpha(share, alpha, width_alpha, effect, size), asked),
        )
    return Plan(len(open_spans), spans_per_article, width, alpha, width_alpha, plans, SOURCES)


def _of_all(asked_spans: int | None, asked: float) -> int | None:
    return None if asked_spans is None else math.ceil(asked_spans / asked - 1e-9)


def spans_for_share(share: float, width: float, effect: float = 1.0, frame: float = math.inf) -> int | None:
    """Return the number of spans for a 95 % Wilson interval of ± `width` around a share.

    `effect` is the design effect, `frame` the number of available spans; None if that is too small.

    >>> spans_for_share(0.05, 0.05), spans_for_share(0.5, 0.05), spans_for_share(0.5, 0.05, effect=2, frame=1000)
    (83, 381, 433)
    """

    def half(n: float) -> float:
        return Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))

    low, high = 0.0, 1.0
    while half(high) > width:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if half(middle) > width else (low, middle)
    return _adjusted(high, effect, frame)


def spans_for_alpha(
    share: float, alpha: float, width: float, effect: float = 1.0, frame: float = math.inf
) -> int | None:
    """Return the number of spans, coded by two, for a 95 % interval of ± `width` around the alpha of one code.

    Alpha compares the code with the rest. Its variance for n spans is (1-α) ((1-α)(1-2α) + α(2-α) / (2p(1-p))) / n.
    There is no finite population correction, since alpha estimates the coders' reliability; None if the frame has
    fewer spans.

    >>> spans_for_alpha(0.5, 0.8, 0.1), spans_for_alpha(0.05, 0.8, 0.1)
    (139, 768)
    """
    spread = (1 - alpha) * ((1 - alpha) * (1 - 2 * alpha) + alpha * (2 - alpha) / (2 * share * (1 - share)))
    wanted = math.ceil(Z**2 * spread / width**2 * effect)
    return wanted if wanted <= frame else None


def _adjusted(n: float, effect: float, frame: float) -> int | None:
    """Return n times the design effect, with finite population correction; None if the frame is too small."""
    inflated = n * effect
    if frame < 2:
        return None
    corrected = math.ceil((inflated if math.isinf(frame) else inflated / (1 + (inflated - 1) / frame)) - 1e-9)
    return corrected if corrected < frame else None


def code_shares(study: Study) -> Mapping[str, tuple[dict[str, float], float, str]]:
    """Return for each variable the shares of its codes, the share of spans in which it is asked, and the data source.

    A code without answers gets the share of half an answer, since it may still occur.
    """
    answers = select_answers(study, rounds=["pilot"]).frame  # planning is what pilots are for
    source = f"{len(answers['span'].unique())} coded spans"
    rows = answers[["span", "coder", "variable", "code"]]
    if not len(rows):
        suggestions = study.suggestions()
        source = f"suggestions for {len(suggestions['span'].unique())} spans"
        rows = suggestions.assign(coder="model")[["span", "coder", "variable", "code"]]
    answer_count = max(1, len(rows[["span", "coder"]].drop_duplicates()))
    shares = {}
    for variable in study.codebook.variables:
        answers_of = rows[rows["variable"] == variable.name]
        if not len(answers_of):
            continue
        counted = pd.Series([code for codes in answers_of["code"] for code in codes_of(str(codes))]).value_counts()
        counts = {code: float(counted.get(code, 0)) for code in variable.code_names}
        total = max(sum(counts.values()), 1.0) if variable.kind == "single" else float(len(answers_of))
        shares[variable.name] = (
            {code: min(max(n, 0.5) / total, 1 - 0.5 / total) for code, n in counts.items()},
            min(1.0, len(answers_of) / answer_count),
            source,
        )
    return shares
