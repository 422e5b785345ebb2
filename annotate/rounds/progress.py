"""Progress: how far the coders of a round are, and with which probabilities of several rounds a span was drawn."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from statistics import median
from typing import Any

import pandas as pd
from sqlalchemy import select

from corpus.annotation import Purpose
from corpus.study import Study
from corpus.study import database as db

from . import rounds


def summary(study: Study, name: str) -> dict[str, Any]:
    """Return a round with its design and what became of each coder's assignments. Raises BadRound.

    `{"name", "purpose", …, "spans", "pi": [least, most], "design", "strata": {NAME: [in the frame, drawn]}, "model",
    "beside", "coders": {NAME: {"assigned", "blind", "assisted", "answered", "skipped", "deleted", "empty", "open",
    "pushed", "seconds", "last"}}}`; `seconds` is the median of a coder's time per answered span.
    """
    found = rounds.get_round(study, name)
    drawn = rounds.draws(study, name)
    d = db.round_designs.c
    with study.store.reading() as connection:
        how = connection.execute(select(d.strata, d.model, d.beside).where(d.round == name)).one_or_none()
    pis = [one.pi for one in drawn]
    return {
        **asdict(found),
        "spans": len(drawn),
        "pi": [min(pis), max(pis)],
        "design": asdict(rounds.design(study, name)),
        "strata": json.loads(how.strata) if how else {},
        "model": how.model if how else None,
        "beside": (how.beside or None) if how else None,
        "coders": progress_by_coder(study, name),
    }


def progress_by_coder(study: Study, name: str) -> dict[str, dict[str, Any]]:
    """Return what became of each coder's assignments of a round; what has no answer, skip or deletion is open."""
    o, t = db.outcomes, db.studio_tasks.c
    rows: dict[str, dict[str, Any]] = {}
    for one in rounds.assignments(study, name):
        row = rows.setdefault(one.coder, dict.fromkeys(_COUNTS, 0))
        row["assigned"] += 1
        row[one.arm] += 1
    seconds: dict[str, list[float]] = {}
    last: dict[str, str] = {}
    with study.store.reading() as connection:
        for outcome in connection.execute(select(o).where(o.c.round == name)):
            rows[outcome.coder][outcome.state] += 1
            if outcome.state == "answered" and outcome.seconds is not None:
                seconds.setdefault(outcome.coder, []).append(outcome.seconds)
            if outcome.at:
                last[outcome.coder] = max(outcome.at, last.get(outcome.coder, ""))
        for (coder,) in connection.execute(select(t.coder).where(t.round == name, t.task.is_not(None))):
            rows[coder]["pushed"] += 1
    for coder, row in rows.items():
        row["open"] = row["assigned"] - row["answered"] - row["skipped"]
        row["seconds"] = median(seconds[coder]) if coder in seconds else None
        row["last"] = last.get(coder)
    return rows


def tasks_left_today(study: Study, name: str, coder: str, there: Collection[str]) -> int | None:
    """Return how many tasks a coder may get today, when these spans' tasks are there; None where nothing caps it.

    The open tasks and those answered or skipped today, in UTC and as far as they were pulled, make up the cap.
    """
    cap = rounds.design(study, name).cap
    if cap is None:
        return None
    o = db.outcomes.c
    done = select(o.span, o.at).where(o.round == name, o.coder == coder, o.state.in_(("answered", "skipped")))
    with study.store.reading() as connection:
        when = {span: at or "" for span, at in connection.execute(done)}
    today = datetime.now(UTC).date().isoformat()
    waiting = sum(span not in when for span in there)
    return max(0, cap - waiting - sum(str(at).startswith(today) for at in when.values()))


_COUNTS = ("assigned", "blind", "assisted", "answered", "skipped", "deleted", "empty", "open", "pushed")


def combined_probabilities(study: Study, purposes: Collection[Purpose] = ("reliability", "main")) -> pd.DataFrame:
    """Return the probability that a span was drawn by any round of these purposes: `span, pi, rounds`.

    π = 1 - Π_r (1 - π_r) over the rounds that the span could be drawn by, in the layout `unit`; `rounds` names those
    that drew it. A round leaves out what an earlier one drew, so the formula assumes that such a span would have been
    drawn with the π of its like in the later round (of its stratum, or by doubt of the span with the nearest doubt),
    and that the later round's frame would else have been the same. That is exact for draws at random within the same
    strata, and close under doubt. A span that was no part of a frame (its article came later) has no π there.
    """
    r, d = db.rounds.c, db.round_designs.c
    query = (
        select(r.name, r.frame, d.pi, d.closed)
        .join(db.round_designs, d.round == r.name)
        .where(r.layout == "unit", r.purpose.in_(list(purposes)))
        .order_by(r.made_at, r.name)
    )
    missed: dict[str, float] = {}
    drawn: dict[str, list[str]] = {}
    with study.store.reading() as connection:
        for row in connection.execute(query):
            chances = dict(zip(json.loads(row.frame), json.loads(row.pi), strict=True)) | json.loads(row.closed)
            for span, pi in chances.items():
                missed[span] = missed.get(span, 1.0) * (1 - pi)
            for (span,) in connection.execute(select(db.draws.c.span).where(db.draws.c.round == row.name)):
                drawn.setdefault(span, []).append(row.name)
    return pd.DataFrame(
        {
            "span": list(missed),
            "pi": [1 - chance for chance in missed.values()],
            "rounds": [" ".join(drawn.get(span, [])) for span in missed],
        }
    )
