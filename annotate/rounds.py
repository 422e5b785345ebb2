"""Rounds: draw the spans that are to be coded, for whom, blind or assisted, each with its probability."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import func, select

from corpus import store as db
from corpus.errors import BadRound
from corpus.export import eligible
from corpus.judgement import Arm, Assignment, Draw, Layout, Purpose, Round
from corpus.study import Study

from . import proposed

if TYPE_CHECKING:
    import numpy as np

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")  # stands in titles, file names and commands
PASSAGES = ("headline", "paragraph")  # what coders read in the layout `highlight`


def draw(
    study: Study,
    name: str,
    coders: Sequence[str],
    *,
    spans: int | None = None,
    assisted: float = 0.0,
    purpose: Purpose = "main",
    layout: Layout = "unit",
    seed: int | None = None,
) -> Round:
    """Draw a round and store it with its frame, draws and assignments; every coder gets every span.

    The frame is every eligible span that nobody has coded; in the layout `highlight` it is every headline and paragraph
    that no earlier round had in that layout. All of it is drawn, or `spans` of it at random without replacement. The
    same study, name and seed draw the same round. Raises BadRound.
    """
    _check(study, name, coders, assisted, purpose, layout)
    frame = _passages(study) if layout == "highlight" else _uncoded(study)
    if not frame:
        raise BadRound("there is nothing left to draw: every eligible span is coded; add articles first")
    if spans is not None and not 0 < spans <= len(frame):
        raise BadRound(f"--spans {spans}: expected 1 to {len(frame)}, the number of spans that nobody has coded")
    seed = study.settings.model.seed if seed is None else seed
    made = Round(name, purpose, layout, study.codebook.version, assisted, seed, _now(), len(frame))
    rng = _generator(name, seed)
    n = spans or len(frame)
    chosen = [frame[i] for i in rng.permutation(len(frame))[:n]]
    draws = [Draw(name, span, position, n / len(frame)) for position, span in enumerate(chosen)]
    given = [a for coder in coders for a in arms(name, chosen, coder, assisted, rng)]
    if assisted:
        _with_suggestions(study, [a.span for a in given if a.arm == "assisted"])
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(made) | {"frame": json.dumps(frame)}])
        db.put(connection, db.draws, map(asdict, draws))
        db.put(connection, db.assignments, map(asdict, given))
    return made


def arms(round: str, spans: Sequence[str], coder: str, share: float, rng: np.random.Generator) -> list[Assignment]:
    """Give a coder the spans, a random `share` of them (rounded to whole spans) in the assisted arm.

    The probability of an arm is the share that it really has, so that weights by it are exact.

    >>> import numpy as np
    >>> given = arms("pilot", ["a", "b", "c", "d"], "mira", 0.25, np.random.default_rng(1))
    >>> sorted((assignment.arm, assignment.probability) for assignment in given)
    [('assisted', 0.25), ('blind', 0.75), ('blind', 0.75), ('blind', 0.75)]
    """
    helped = round_half_up(share * len(spans))
    chosen = set(rng.permutation(len(spans))[:helped].tolist())
    probability: dict[Arm, float] = {"assisted": helped / len(spans), "blind": 1 - helped / len(spans)}
    given: list[Arm] = ["assisted" if i in chosen else "blind" for i in range(len(spans))]
    return [Assignment(round, span, coder, arm, probability[arm]) for span, arm in zip(spans, given, strict=True)]


def round_half_up(number: float) -> int:
    """Round to the next whole number.

    >>> round_half_up(2.5), round_half_up(0.4)
    (3, 0)
    """
    return int(number + 0.5)


def _check(study: Study, name: str, coders: Sequence[str], assisted: float, purpose: str, layout: str) -> None:
    if not NAME.fullmatch(name):
        raise BadRound(f"{name!r} cannot name a round; use letters, digits, - and _, such as pilot-1")
    if name in {row["round"] for row in listing(study)}:
        raise BadRound(
            f"the round {name} is drawn already, and drawing it again would void its probabilities; choose another name"
        )
    if not coders or len(set(coders)) != len(coders) or not all(coder.strip() for coder in coders):
        raise BadRound(f"coders: found {', '.join(coders) or 'nobody'}; expected different names: --coders mira,jon")
    if not 0 <= assisted <= 1:
        raise BadRound(f"--assisted {assisted}: expected a share from 0 to 1, such as 0.2")
    if purpose not in get_args(Purpose):
        raise BadRound(f"{purpose!r} is no purpose of a round; expected one of {', '.join(get_args(Purpose))}")
    if layout not in get_args(Layout):
        raise BadRound(f"{layout!r} is no layout; expected one of {', '.join(get_args(Layout))}")
    if layout == "highlight" and assisted:
        raise BadRound("the layout highlight shows no suggestions; draw it without --assisted")


def _uncoded(study: Study) -> list[str]:
    spans = eligible(study)["span"]
    with study.store.reading() as connection:
        coded = set(connection.execute(select(db.annotations.c.span).distinct()).scalars())
    return [str(span) for span in spans if span not in coded]


def _passages(study: Study) -> list[str]:
    spans = study.spans()
    earlier = (
        select(db.draws.c.span)
        .join(db.rounds, db.rounds.c.name == db.draws.c.round)
        .where(db.rounds.c.layout == "highlight")
    )
    with study.store.reading() as connection:
        drawn = set(connection.execute(earlier).scalars())
    return [str(span) for span in spans[spans["unit"].isin(PASSAGES)]["span"] if span not in drawn]


def _with_suggestions(study: Study, spans: Sequence[str]) -> None:
    """Refuse an assisted arm whose spans have no suggestion to show."""
    known = proposed.suggestions(study, spans)
    if missing := set(spans) - set(known):
        raise BadRound(
            f"{len(missing)} spans of the assisted arm have no suggestion of the current model; "
            "make them first: slantwise suggest (without a model: slantwise train)"
        )


def named(study: Study, name: str) -> Round:
    """Return a round by its name. Raises BadRound, which names those there are."""
    with study.store.reading() as connection:
        row = connection.execute(select(db.rounds).where(db.rounds.c.name == name)).one_or_none()
    if row is None:
        known = ", ".join(str(one["round"]) for one in listing(study)) or "none yet"
        raise BadRound(f"there is no round {name!r} (drawn: {known}); draw one: slantwise round draw NAME --coders A,B")
    return Round(**{**row._mapping, "frame": len(json.loads(row.frame))})


def assignments(study: Study, round: str, coder: str | None = None) -> list[Assignment]:
    """Return a round's assignments by coder, in the order of the queue."""
    a, d = db.assignments, db.draws
    query = (
        select(a)
        .join(d, (d.c.round == a.c.round) & (d.c.span == a.c.span))
        .where(a.c.round == round)
        .order_by(a.c.coder, d.c.position)
    )
    if coder is not None:
        query = query.where(a.c.coder == coder)
    with study.store.reading() as connection:
        return [Assignment(**row._mapping) for row in connection.execute(query)]


def coders(study: Study, round: str | None = None) -> list[str]:
    """Return who codes a round; without one, who codes any."""
    query = select(db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
    if round is not None:
        query = query.where(db.assignments.c.round == round)
    with study.store.reading() as connection:
        return list(connection.execute(query).scalars())


def listing(study: Study) -> list[dict[str, Any]]:
    """Return for each round, the oldest first: `round, purpose, layout, spans, coders, pushed, answered, skipped`."""
    r = db.rounds.c
    with study.store.reading() as connection:

        def counts(table: Any, *conditions: Any) -> dict[str, int]:
            query = select(table.c.round, func.count()).where(*conditions).group_by(table.c.round)
            return {str(name): int(n) for name, n in connection.execute(query)}

        spans, pushed = counts(db.draws), counts(db.tasks, db.tasks.c.task.is_not(None))
        answered = counts(db.outcomes, db.outcomes.c.state == "answered")
        skipped = counts(db.outcomes, db.outcomes.c.state == "skipped")
        who: dict[str, list[str]] = {}
        for round, coder in connection.execute(
            select(db.assignments.c.round, db.assignments.c.coder).distinct().order_by(db.assignments.c.coder)
        ):
            who.setdefault(round, []).append(coder)
        rows = connection.execute(select(r.name, r.purpose, r.layout, r.made_at).order_by(r.made_at, r.name)).all()
    return [
        {
            "round": row.name, "purpose": row.purpose, "layout": row.layout, "made_at": row.made_at,
            "spans": spans.get(row.name, 0), "coders": who.get(row.name, []), "pushed": pushed.get(row.name, 0),
            "answered": answered.get(row.name, 0), "skipped": skipped.get(row.name, 0),
        }
        for row in rows
    ]  # fmt: skip


def summary(study: Study, name: str) -> dict[str, Any]:
    """Return a round with its probabilities and what became of each coder's assignments. Raises BadRound."""
    found = named(study, name)
    a, o, d = db.assignments.c, db.outcomes.c, db.draws.c
    with study.store.reading() as connection:
        pis = connection.execute(select(func.min(d.pi), func.max(d.pi), func.count()).where(d.round == name)).one()
        by_coder: dict[str, dict[str, Any]] = {
            coder: {"assigned": 0, "blind": 0, "assisted": 0, "answered": 0, "skipped": 0, "deleted": 0, "empty": 0}
            for coder in coders(study, name)
        }
        arms_of = select(a.coder, a.arm, func.count()).where(a.round == name).group_by(a.coder, a.arm)
        for coder, arm, n in connection.execute(arms_of):
            by_coder[coder][arm] = n
            by_coder[coder]["assigned"] += n
        states = select(o.coder, o.state, func.count()).where(o.round == name).group_by(o.coder, o.state)
        for coder, state, n in connection.execute(states):
            by_coder[coder][state] = n
    return {**asdict(found), "spans": pis[2], "pi": [pis[0], pis[1]], "coders": by_coder}


def _generator(name: str, seed: int) -> np.random.Generator:
    import numpy as np

    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}\n{name}".encode()).digest()[:8]))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
