"""Planning: how many spans a round needs for the wanted intervals, per variable and for its rarest code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from corpus.errors import BadRound
from corpus.study import Study
from corpus.study.counting import COUNTED, counting

from .frame import frame

Z = NormalDist().inv_cdf(0.975)
ALPHA = 0.8  # what is expected of the coders: the gate from which a variable is relied on
CORRELATION = 0.1  # of the codes within an article where nothing is known: between .01 and .2 in cluster surveys
SOURCES = {
    "share": "Wilson (1927) interval of a share; design effect 1 + (m - 1) rho and finite population: "
    "Kish (1965), Survey Sampling, chapters 2 and 5",
    "alpha": "variance of the intraclass kappa of two coders: Bloch and Kraemer (1989), Biometrics 45, 269-287; "
    "alpha of two values and two coders is that kappa but for 1/n",
}


@dataclass(frozen=True)
class VariablePlan:
    """What one variable needs; `share` is that of its `rarest` code, among the spans where the variable is asked.

    `spans_share` are for the share ± `width`, `spans_alpha` for its alpha ± `width_alpha` with two coders; None where
    more would be needed than the frame has. `asked` is the part of all spans in which the variable is asked.
    """

    variable: str
    rarest: str | None
    share: float
    known_from: str
    asked: float
    effect: float
    spans_share: int | None
    spans_alpha: int | None

    @property
    def spans(self) -> int | None:
        """How many spans serve both."""
        if self.spans_share is None or self.spans_alpha is None:
            return None
        return max(self.spans_share, self.spans_alpha)


@dataclass(frozen=True)
class Plan:
    """What a round needs: by variable, and all together."""

    width: float
    alpha: float
    width_alpha: float
    frame: int
    spans_per_article: float
    variables: tuple[VariablePlan, ...]

    @property
    def spans(self) -> int | None:
        """How many spans serve every variable; None where the frame does not have as many."""
        wanted = [need.spans for need in self.variables]
        return None if None in wanted else max(n for n in wanted if n is not None)

    def json(self) -> dict[str, object]:
        """What `round plan --json` prints."""
        names = ("rarest", "share", "known_from", "asked", "effect", "spans_share", "spans_alpha", "spans")
        return {
            "spans": self.spans,
            "frame": self.frame,
            "spans_per_article": self.spans_per_article,
            "width": self.width,
            "alpha": self.alpha,
            "width_alpha": self.width_alpha,
            "variables": {need.variable: {name: getattr(need, name) for name in names} for need in self.variables},
            "sources": SOURCES,
        }


def plan(
    study: Study,
    *,
    width: float = 0.05,
    alpha: float = ALPHA,
    width_alpha: float = 0.1,
    rarest: float | None = None,
    correlation: float = CORRELATION,
) -> Plan:
    """Plan a round for 95 % intervals of half a `width` to each side of the rarest code's share, and of its alpha.

    The shares are those of the blind answers so far, else of the model's suggestions; `rarest` overrules both. Raises
    BadRound where nothing says how rare codes are, or a number is none.
    """
    for name, value in (("width", width), ("alpha", alpha), ("width-alpha", width_alpha), ("rarest", rarest)):
        if value is not None and not 0 < value < 1:
            raise BadRound(f"--{name} {value}: expected a number between 0 and 1")
    if not 0 <= correlation < 1:
        raise BadRound(f"--correlation {correlation}: expected a number from 0 to below 1")
    left, _ = frame(study, "main")
    each = len(left) / max(1, left["article"].nunique())
    known = code_shares(study)
    needs = []
    for variable in study.codebook.variables:
        found, asked, source = known.get(variable.name, ({}, 1.0, ""))
        if rarest is not None:
            code, share, source = None, rarest, "--rarest"
        elif found:
            code = min(found, key=found.__getitem__)
            share = found[code]
        else:
            raise BadRound(
                f"nothing says yet how rare the codes of {variable.name} are; say what you expect of the rarest, "
                "such as --rarest 0.05, or draw a pilot first"
            )
        effect = 1 + max(0.0, each * asked - 1) * correlation
        size = len(left) * asked
        needs.append(
            VariablePlan(
                variable.name,
                code,
                share,
                source,
                asked,
                effect,
                _of_all(spans_for_share(share, width, effect, size), asked),
                _of_all(spans_for_alpha(share, alpha, width_alpha, effect, size), asked),
            )
        )
    return Plan(width, alpha, width_alpha, len(left), each, tuple(needs))


def _of_all(asked_spans: int | None, asked: float) -> int | None:
    return None if asked_spans is None else math.ceil(asked_spans / asked - 1e-9)


def spans_for_share(share: float, width: float, effect: float = 1.0, frame: float = math.inf) -> int | None:
    """Return how many spans give a share a 95 % interval of ± `width`, by Wilson's interval.

    `effect` is the design effect, `frame` how many spans there are; None where not even all would do.

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
    """Return how many spans, coded by two, give the alpha of one code against the rest a 95 % interval of ± `width`.

    The variance for n spans is (1-α) ((1-α)(1-2α) + α(2-α) / (2p(1-p))) / n. It is the coders' reliability that is
    estimated, so a finite frame spares nothing; None where the frame has fewer spans.

    >>> spans_for_alpha(0.5, 0.8, 0.1), spans_for_alpha(0.05, 0.8, 0.1)
    (139, 768)
    """
    spread = (1 - alpha) * ((1 - alpha) * (1 - 2 * alpha) + alpha * (2 - alpha) / (2 * share * (1 - share)))
    wanted = math.ceil(Z**2 * spread / width**2 * effect)
    return wanted if wanted <= frame else None


def _adjusted(n: float, effect: float, frame: float) -> int | None:
    """Return n times the design effect, less what a finite frame spares; None where the frame is too small."""
    wanted = n * effect
    if frame < 2:
        return None
    found = math.ceil((wanted if math.isinf(frame) else wanted / (1 + (wanted - 1) / frame)) - 1e-9)
    return found if found < frame else None


def code_shares(study: Study) -> Mapping[str, tuple[dict[str, float], float, str]]:
    """Return for each variable the shares of its codes, the part of spans that it is asked of, and how that is known.

    Codes that nobody gave have the share of half an answer: that none was seen does not say that there is none.
    """
    answers = counting(study, purposes=(*COUNTED, "pilot")).frame  # a pilot is there to be planned by
    source = f"{len(answers['span'].unique())} coded spans"
    rows = answers[["span", "coder", "variable", "code"]]
    if not len(rows):
        found = study.suggestions()
        source = f"suggestions for {len(found['span'].unique())} spans"
        rows = found.assign(coder="model")[["span", "coder", "variable", "code"]]
    every = max(1, len(rows[["span", "coder"]].drop_duplicates()))
    known = {}
    for variable in study.codebook.variables:
        mine = rows[rows["variable"] == variable.name]
        if not len(mine):
            continue
        given = pd.Series([code for codes in mine["code"] for code in str(codes).split("|")]).value_counts()
        number = {code: float(given.get(code, 0)) for code in variable.code_names}
        total = max(sum(number.values()), 1.0) if variable.kind == "single" else float(len(mine))
        known[variable.name] = (
            {code: min(max(n, 0.5) / total, 1 - 0.5 / total) for code, n in number.items()},
            min(1.0, len(mine) / every),
            source,
        )
    return known
