"""Plan a round: how many spans each variable needs for intervals of a given width."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from corpus.annotation import codes_of
from corpus.errors import BadRound
from corpus.result import Result
from corpus.study import Study
from corpus.study.counting import select_answers

from .frame import frame
from .sampling import Allocation, Ints, groups_drawn

LEAST = 1e-9  # of a share or a width: below it the formulas have no result that a computer can hold
Z = NormalDist().inv_cdf(0.975)
ALPHA = 0.8  # expected agreement: the usual threshold for reliable variables
CORRELATION = 0.1  # assumed correlation of codes within an article: .01 to .2 is usual in cluster surveys
SOURCES = {
    "share": "Wilson (1927) interval of a share; design effect 1 + (m - 1) rho: Kish (1965), Survey Sampling, "
    "chapter 5; m for a draw of so many spans: Cochran (1977), Sampling Techniques, chapter 2",
    "alpha": "variance of the intraclass kappa of two coders: Bloch and Kraemer (1989), Biometrics 45, 269-287; "
    "alpha of two values and two coders is that kappa but for 1/n",
}


@dataclass(frozen=True)
class Drawable:
    """The spans that can be drawn, as numbers by stratum and copy group (strata, copy groups), and how codes cluster.

    `asked` is the share of spans on which the question is asked, `correlation` that of codes within a copy group.
    """

    sizes: Ints
    asked: float = 1.0
    correlation: float = CORRELATION
    allocation: Allocation = "proportional"

    @property
    def spans(self) -> int:
        """How many spans there are."""
        return int(self.sizes.sum())

    def draw_of(self, n: int) -> PlannedDraw:
        """Return what a draw of `n` spans would have, and how many independent answers it would be worth."""
        drawn = groups_drawn(self.sizes, n, self.allocation)
        effect = 1 + self.asked * (drawn.together - 1) * self.correlation
        return PlannedDraw(n, drawn.clusters, drawn.together, effect, n * self.asked / effect)


@dataclass(frozen=True)
class PlannedDraw:
    """A draw that is planned, by expected numbers: its spans, copy groups, and design effect.

    `per_copy_group` is the number of drawn spans in the copy group of a drawn span, itself included. `worth` is the
    number of independent answers that give the same precision.
    """

    spans: int
    copy_groups: float
    per_copy_group: float
    effect: float
    worth: float


@dataclass(frozen=True)
class VariablePlan(Result):
    """The spans one variable needs; `share` is that of its `rarest` code among the spans where the variable is asked.

    `spans_share` gives the share ± `width`, `spans_alpha` its alpha ± `width_alpha` with two coders; None if the frame
    has too few spans. `asked` is the share of all spans in which the variable is asked. `effect` is the design effect
    of the spans for the share, or of all spans where they are too few: 1 + asked · (per_copy_group - 1) · correlation.
    """

    rarest: str | None
    share: float
    known_from: str
    asked: float
    effect: float
    spans_share: int | None
    spans_alpha: int | None
    per_copy_group: float
    printed = ("spans",)

    @property
    def spans(self) -> int | None:
        """The number of spans needed for both; None if the frame has too few."""
        if self.spans_share is None or self.spans_alpha is None:
            return None
        return max(self.spans_share, self.spans_alpha)


@dataclass(frozen=True)
class Plan(Result):
    """The number of spans a round needs, by variable and in total; `sources` are those of the formulas.

    Intervals are of what outlets write in such a period (the target `process` of `estimate`), so there is no correction
    for a small frame.
    """

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

    The shares are those of the blind answers so far, else of the model's suggestions; `rarest` overrules both. The
    design effect is that of the spans per copy group that a draw of that size has. Raises BadRound if there are
    neither answers nor suggestions nor `rarest`, or a number is out of range.
    """
    for name, value in (("width", width), ("alpha", alpha), ("width_alpha", width_alpha), ("rarest", rarest)):
        if value is not None and not 0 < value < 1:
            raise BadRound("expected a number between 0 and 1", **{name: value})
        if value is not None and value < LEAST:
            raise BadRound(f"expected a number of at least {LEAST:g}", **{name: value})
    if not 0 <= correlation < 1:
        raise BadRound("expected a number from 0 to below 1", correlation=correlation)
    open_spans, _ = frame(study, "main")
    sizes = np.array([open_spans["copy_group"].value_counts()], dtype=np.int64)
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
        drawable = Drawable(sizes, asked, correlation)
        needed = spans_for_share(share, width, drawable)
        drawn = drawable.draw_of(needed or drawable.spans) if drawable.spans else PlannedDraw(0, 0.0, 1.0, 1.0, 0.0)
        plans[variable.name] = VariablePlan(
            code,
            share,
            source,
            asked,
            drawn.effect,
            needed,
            spans_for_alpha(share, alpha, width_alpha, drawable),
            drawn.per_copy_group,
        )
    spans_per_article = len(open_spans) / max(1, open_spans["article"].nunique())
    return Plan(len(open_spans), spans_per_article, width, alpha, width_alpha, plans, SOURCES)


def half_width(share: float, worth: float, copy_groups: float = math.inf) -> float:
    """Return half the width of a 95 % Wilson interval of a share, with t on the copy groups' degrees of freedom.

    `worth` is a number of independent answers. Where there are many of either code it is close to the interval by the
    logit that `estimate` gives.

    >>> round(half_width(0.5, 381), 4), round(half_width(0.5, 381, copy_groups=20), 4)
    (0.05, 0.0533)
    """
    from scipy.special import stdtrit  # quantiles of t

    z = Z if math.isinf(copy_groups) else float(stdtrit(max(copy_groups - 1, 1.0), 0.975))
    return z / (1 + z**2 / worth) * math.sqrt(share * (1 - share) / worth + z**2 / (4 * worth**2))


def fewest(most: int, enough: Callable[[int], bool]) -> int | None:
    """Return the smallest number from 1 to `most` that is enough, if more are always better; None if none is.

    >>> fewest(100, lambda n: n * n >= 50), fewest(7, lambda n: n * n >= 50)
    (8, None)
    """
    low, high = 0, 1
    while high < most and not enough(high):
        low, high = high, min(high * 2, most)
    if most < 1 or not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


INFINITE = 10**12  # spans of a frame without end


def spans_for_share(share: float, width: float, drawable: Drawable | None = None) -> int | None:
    """Return the number of spans to draw for a 95 % interval of ± `width` around a share (`half_width`).

    Without `drawable` spans are independent and there are enough; None if there are too few.

    >>> spans_for_share(0.05, 0.05), spans_for_share(0.5, 0.05)
    (83, 381)
    >>> spans_for_share(0.5, 0.05, Drawable(np.full((1, 1000), 4), correlation=0.2))
    407
    """
    if drawable is None:
        return fewest(INFINITE, lambda n: half_width(share, n) <= width)

    def enough(n: int) -> bool:
        drawn = drawable.draw_of(n)
        return half_width(share, drawn.worth, drawn.copy_groups) <= width

    return fewest(drawable.spans, enough)


def spans_for_alpha(share: float, alpha: float, width: float, drawable: Drawable | None = None) -> int | None:
    """Return the number of spans to draw, coded by two, for a 95 % interval of ± `width` around the alpha of one code.

    Alpha compares the code with the rest. Its variance for n spans is (1-α) ((1-α)(1-2α) + α(2-α) / (2p(1-p))) / n.
    None if there are too few spans.

    >>> spans_for_alpha(0.5, 0.8, 0.1), spans_for_alpha(0.05, 0.8, 0.1)
    (139, 768)
    """
    spread = (1 - alpha) * ((1 - alpha) * (1 - 2 * alpha) + alpha * (2 - alpha) / (2 * share * (1 - share)))
    wanted = Z**2 * spread / width**2
    if drawable is None:
        return math.ceil(wanted)
    return fewest(drawable.spans, lambda n: drawable.draw_of(n).worth >= wanted)


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
