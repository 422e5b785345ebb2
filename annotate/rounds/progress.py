"""Report each coder's progress in a round, and combine the inclusion probabilities of several rounds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median

import pandas as pd
from sqlalchemy import select

from corpus.annotation import Design, Layout, Purpose
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import is_removed, removed_revisions

from . import rounds
from .term_recall import MissedMentions, missed_mentions


@dataclass(frozen=True)
class CoderProgress:
    """A coder's assignments of a round, counted by arm and by state; those without an answer or a skip are open.

    `seconds` is the median time per answered span, `last` the time of the last answer.
    """

    assigned: int
    blind: int
    assisted: int
    answered: int
    skipped: int
    deleted: int
    empty: int
    open: int
    pushed: int
    seconds: float | None
    last: str | None


@dataclass(frozen=True)
class RoundSummary(Result):
    """A round with its design and its coders' progress.

    `frame` and `spans` are the numbers of spans in the sampling frame and drawn, `pi` the least and the greatest
    inclusion probability, `strata` the sizes of each stratum in the frame and in the draw, `model` the one whose doubt
    was used, and `beside` the round that this one audits. `removed` of the drawn spans are no longer in the
    study: their articles were removed.
    """

    name: str
    purpose: Purpose
    layout: Layout
    codebook_version: str
    assisted: float
    seed: int
    made_at: str
    frame: int
    spans: int
    pi: tuple[float, float]
    design: Design
    strata: Mapping[str, tuple[int, int]]
    model: str | None
    beside: str | None
    coders: Mapping[str, CoderProgress]
    removed: int
    rows = "coders"


@dataclass(frozen=True)
class DrawnRound(RoundSummary):
    """A round that was drawn just now, with its term audit, None if it has none."""

    no_term: RoundSummary | None


@dataclass(frozen=True)
class ShownRound(RoundSummary):
    """A round with what its term audit found, None if it has none."""

    missed: MissedMentions | None


def show_round(study: Study, round: str) -> ShownRound:
    """Return a round with its design, the coders' progress, and what the terms miss. Raises BadRound."""
    return ShownRound(**vars(summary(study, round)), missed=missed_mentions(study, round))


def summary(study: Study, name: str) -> RoundSummary:
    """Return a round with its design and the state of each coder's assignments. Raises BadRound."""
    drawn_round = rounds.get_round(study, name)
    draws = rounds.draws(study, name)
    d = db.round_designs.c
    with study.store.reading() as connection:
        gone = removed_revisions(connection)
        design_row = connection.execute(select(d.strata, d.model, d.beside).where(d.round == name)).one_or_none()
    strata = json.loads(design_row.strata) if design_row else {}
    pis = [draw.pi for draw in draws]
    return RoundSummary(
        **asdict(drawn_round),
        spans=len(draws),
        pi=(min(pis), max(pis)),
        design=rounds.design(study, name),
        strata={stratum: (size, drawn) for stratum, (size, drawn) in strata.items()},
        model=design_row.model if design_row else None,
        beside=(design_row.beside or None) if design_row else None,
        coders=progress_by_coder(study, name),
        removed=sum(is_removed(gone, draw.span) for draw in draws),
    )


def progress_by_coder(study: Study, name: str) -> dict[str, CoderProgress]:
    """Count each coder's assignments of a round by arm and state."""
    o, t = db.outcomes, db.studio_tasks.c
    counts: dict[str, Counter[str]] = {}
    for assignment in rounds.assignments(study, name):
        counts.setdefault(assignment.coder, Counter()).update(("assigned", assignment.arm))
    seconds: dict[str, list[float]] = {}
    last: dict[str, str] = {}
    with study.store.reading() as connection:
        for outcome in connection.execute(select(o).where(o.c.round == name)):
            counts[outcome.coder][outcome.state] += 1
            if outcome.state == "answered" and outcome.seconds is not None:
                seconds.setdefault(outcome.coder, []).append(outcome.seconds)
            if outcome.at:
                last[outcome.coder] = max(outcome.at, last.get(outcome.coder, ""))
        for (coder,) in connection.execute(select(t.coder).where(t.round == name, t.task.is_not(None))):
            counts[coder]["pushed"] += 1
    return {
        coder: CoderProgress(
            **{state: n[state] for state in _COUNTED},
            open=n["assigned"] - n["answered"] - n["skipped"],
            seconds=median(seconds[coder]) if coder in seconds else None,
            last=last.get(coder),
        )
        for coder, n in counts.items()
    }


def tasks_left_today(study: Study, name: str, coder: str, pushed: Collection[str]) -> int | None:
    """Return how many more tasks a coder may get today, given the spans already pushed; None if the round has no cap.

    Open tasks and those answered or skipped today (UTC, as far as pulled) count towards the cap.
    """
    cap = rounds.design(study, name).cap
    if cap is None:
        return None
    o = db.outcomes.c
    finished = select(o.span, o.at).where(o.round == name, o.coder == coder, o.state.in_(("answered", "skipped")))
    with study.store.reading() as connection:
        finished_at = {span: at or "" for span, at in connection.execute(finished)}
    today = datetime.now(UTC).date().isoformat()
    waiting = sum(span not in finished_at for span in pushed)
    return max(0, cap - waiting - sum(str(at).startswith(today) for at in finished_at.values()))


_COUNTED = ("assigned", "blind", "assisted", "answered", "skipped", "deleted", "empty", "pushed")


def combined_probabilities(study: Study, purposes: Collection[Purpose] = ("reliability", "main")) -> pd.DataFrame:
    """Return the probability that a span was drawn by any round of these purposes: `span, pi, rounds`.

    π = 1 - Π_r (1 - π_r) over the rounds that the span could be drawn by, in the layout `unit`; `rounds` names those
    that drew it. A round leaves out the spans that an earlier one drew, so the formula assumes that such a span would
    have had the π of comparable spans in the later round (the mean of its stratum; in a draw by doubt, the span with
    the nearest doubt), and that the later round's frame would otherwise have been the same. That is exact for random
    draws within the same strata, and close for draws by doubt. A span that was not in a frame (its article was added
    later) has no π in that round. Spans of articles that were removed are left out.
    """
    r, d = db.rounds.c, db.round_designs.c
    query = (
        select(r.name, r.frame, d.pi, d.closed)
        .join(db.round_designs, d.round == r.name)
        .where(r.layout == "unit", r.purpose.in_(list(purposes)))
        .order_by(r.made_at, r.name)
    )
    not_drawn: dict[str, float] = {}
    rounds_of: dict[str, list[str]] = {}
    with study.store.reading() as connection:
        gone = removed_revisions(connection)
        for row in connection.execute(query):
            chances = dict(zip(json.loads(row.frame), json.loads(row.pi), strict=True)) | json.loads(row.closed)
            for span, pi in chances.items():
                if is_removed(gone, span):
                    continue
                not_drawn[span] = not_drawn.get(span, 1.0) * (1 - pi)
            for (span,) in connection.execute(select(db.draws.c.span).where(db.draws.c.round == row.name)):
                rounds_of.setdefault(span, []).append(row.name)
    return pd.DataFrame(
        {
            "span": list(not_drawn),
            "pi": [1 - chance for chance in not_drawn.values()],
            "rounds": [" ".join(rounds_of.get(span, [])) for span in not_drawn],
        }
    )
