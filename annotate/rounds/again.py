"""Rounds in which coders code their own spans again, weeks later, to see whether they agree with themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from corpus.annotation import HAND_PICKED, Assignment, Draw
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study.counting import select_answers

from . import rounds

ENOUGH = 50  # spans per coder: with fewer, agreement with oneself says next to nothing


def draw_own_spans(
    study: Study, coders: Sequence[str], days: int, spans: int | None, chance: np.random.Generator
) -> dict[str, list[str]]:
    """Return for each coder the spans to code again: `spans` of those that the coder coded at least `days` ago.

    They are drawn at random from the coder's blind answers that count, without those that the coder has coded again
    already; by default 50. Raises BadRound for a coder who has fewer.
    """
    wanted = ENOUGH if spans is None else spans
    if wanted < 1:
        raise BadRound("expected 1 or more spans for each coder", spans=spans)
    own = own_spans(study, coders, days)
    for coder, available in own.items():
        if len(available) < wanted:
            many = f"{len(available)} span{'s' * (len(available) != 1)}"
            raise BadRound(
                f"{coder} has {many} coded blind at least {days} days ago and not coded again; expected {wanted}: "
                "wait, or draw fewer (with fewer than 50, agreement with oneself says little)"
            )
    return {
        coder: [available[i] for i in chance.permutation(len(available))[:wanted]] for coder, available in own.items()
    }


def own_spans(study: Study, coders: Sequence[str], days: int) -> dict[str, list[str]]:
    """Return for each coder the spans, in their order, that the coder coded blind at least `days` ago."""
    latest = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    frame = select_answers(study).frame
    again = {
        (assignment.coder, assignment.span)
        for name in rounds.list_rounds(study).names
        if rounds.design(study, name).again is not None
        for assignment in rounds.assignments(study, name)
    }
    found: dict[str, list[str]] = {}
    for coder in coders:
        own = frame[(frame["coder"] == coder) & frame["made_at"].notna()]
        times = own.groupby("span")["made_at"].max()
        early = {str(span) for span, time in times.items() if time and str(time) <= latest}
        found[coder] = sorted(span for span in early if (coder, span) not in again)
    return found


def draws_and_assignments(name: str, own: Mapping[str, Sequence[str]]) -> tuple[list[Draw], list[Assignment]]:
    """Return the draws and blind assignments of a round of coders' own spans; as draws they have no known π."""
    spans = list(dict.fromkeys(span for chosen in own.values() for span in chosen))
    drawn = [Draw(name, span, position, 1.0, HAND_PICKED) for position, span in enumerate(spans)]
    return drawn, [Assignment(name, span, coder, "blind", 1.0) for coder, chosen in own.items() for span in chosen]
