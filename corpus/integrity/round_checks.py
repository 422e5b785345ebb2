"""Check rounds: draws are in their frame with its π, assignments are of draws, and outcomes of assignments."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, select

from corpus.study import database as db
from corpus.study.history.removals import is_removed, removed_revisions

from .findings import RESTORE, Look

_WEIGHT = "estimates from this round weigh its spans wrongly"
_NEAR = 1e-12


def check_rounds(look: Look, connection: Connection) -> None:
    """Check rounds, their designs, draws, assignments and outcomes."""
    with look.part("rounds"):
        _check_draws(look, connection)
    with look.part("assignments"):
        _check_assignments(look, connection)


def _check_draws(look: Look, connection: Connection) -> None:
    drawn: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(db.draws)):
        drawn[row.round].append(row)
    rounds, d = connection.execute(select(db.rounds)).all(), db.draws.c
    designs = {row.round: row for row in connection.execute(select(db.round_designs))}
    outside, other, places, sizes = [], [], [], []
    for round in rounds:
        frame = json.loads(round.frame)
        design, own = designs.get(round.name), drawn.get(round.name, [])
        pi = json.loads(design.pi) if design is not None else []
        if design is None or len(pi) != len(frame) or len(set(frame)) != len(frame):
            sizes.append(round.name)
        of_span = dict(zip(frame, pi, strict=False))
        outside += [f"{round.name} {row.span}" for row in own if row.span not in of_span]
        other += [
            f"{round.name} {row.span}"
            for row in own
            if row.span in of_span and (abs(of_span[row.span] - row.pi) > _NEAR or not 0 < row.pi <= 1 + _NEAR)
        ]
        if sorted(row.position for row in own) != list(range(len(own))):
            places.append(round.name)
    n = sum(map(len, drawn.values()))
    look.count("rounds with their designs", len(rounds), sizes, means=f"frame and design do not fit: {_WEIGHT}")
    look.count("draws in their frames", n, outside, means=f"the span was never in the frame: {_WEIGHT}")
    look.count("π of draws against the design", n, other, means=f"π is not the design's: {_WEIGHT}")
    gone, without = removed_revisions(connection), select(d.round, d.span).where(d.span.not_in(select(db.spans.c.id)))
    lost = [f"{row.round} {row.span}" for row in connection.execute(without) if not is_removed(gone, row.span)]
    look.count("drawn spans", n, lost, means="the span is gone, though its article was not removed: nothing counts it")
    means = "draws are missing, or stand in another order"
    look.count("positions of draws", len(rounds), places, means=means)


def _check_assignments(look: Look, connection: Connection) -> None:
    draws = {tuple(row) for row in connection.execute(select(db.draws.c.round, db.draws.c.span))}
    assigned = connection.execute(select(db.assignments)).all()
    wrong = [f"{row.round} {row.span} {row.coder}" for row in assigned if (row.round, row.span) not in draws]
    look.count("assignments of draws", len(assigned), wrong, means="assigned without having been drawn")
    arms = [
        f"{row.round} {row.span} {row.coder}"
        for row in assigned
        if row.arm not in ("blind", "assisted") or not 0 < row.probability <= 1
    ]
    look.count("arms of assignments", len(assigned), arms, means="the arms' comparison weighs this span wrongly")
    known = {(row.round, row.span, row.coder) for row in assigned}
    outcomes = connection.execute(select(db.outcomes)).all()
    lost = [f"{o.round} {o.span} {o.coder}" for o in outcomes if (o.round, o.span, o.coder) not in known]
    look.count("outcomes of assignments", len(outcomes), lost, means="an outcome of nothing that was assigned")
    shown = connection.execute(select(db.round_suggestions.c.round, db.round_suggestions.c.span)).all()
    never = [f"{row.round} {row.span}" for row in shown if (row.round, row.span) not in draws]
    look.count(
        "suggestions of rounds", len(shown), never, means="a suggestion for a span that was not drawn", todo=RESTORE
    )
