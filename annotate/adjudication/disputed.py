"""List the spans of a round on which coders disagree, with the decisions so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.result import Result
from corpus.study import Study

from .adjudicate import shared_spans


@dataclass(frozen=True)
class Decision:
    """The adjudicated code of one variable: by whom or by which method, why, how sure, and when."""

    code: str
    by: str
    reason: str
    confidence: float | None
    made_at: str | None


@dataclass(frozen=True)
class DisputedSpan:
    """A span with its disputed variables and those still open, the answers (by variable and coder), and decisions."""

    span: str
    disputed: list[str]
    open: list[str]
    answers: Mapping[str, Mapping[str, str]]
    adjudicated: Mapping[str, Decision]


@dataclass(frozen=True)
class DisputedSpans(Result):
    """The disputed spans (`cases`) of a round.

    `spans` is the number of spans with at least two coders, `disputed`, `decided` and `open` the numbers of disputed
    spans, and `adjudicated_codes` that of all codes decided in the round.
    """

    round: str
    spans: int
    disputed: int
    decided: int
    open: int
    adjudicated_codes: int
    cases: tuple[DisputedSpan, ...]
    rows = "cases"


def list_disputed(study: Study, round: str) -> DisputedSpans:
    """List the spans on which coders disagree, in the order of the texts.

    Raises BadRound, and NothingToCompare if no span was answered by two coders.
    """
    shared = shared_spans(study, round)
    cases = tuple(
        DisputedSpan(
            span.span,
            span.disputed,
            span.open(study.codebook),
            span.answers,
            {
                name: Decision(one.code, one.by, one.reason, one.confidence, one.made_at)
                for name, one in span.decided.items()
            },
        )
        for span in shared
        if span.disputed
    )
    n_open = sum(bool(case.open) for case in cases)
    codes = sum(len(span.decided) for span in shared)
    return DisputedSpans(round, len(shared), len(cases), len(cases) - n_open, n_open, codes, cases)
