"""Rounds of hand-picked spans that are coded again; they are not a random sample."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from corpus.annotation import HAND_PICKED, Assignment, Draw, Round
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

from . import rounds


def make_round(study: Study, name: str, spans: Sequence[str], coders: str | Iterable[str]) -> Round:
    """Make an audit round of exactly these spans, blind for all these coders, and store it.

    Its draws are marked as HAND_PICKED: π is 1 within the list and unknown outside it. `export` therefore leaves π
    empty, and agreement and estimates do not use the answers. Raises BadRound.
    """
    names = rounds.coder_names(coders)
    if not spans:
        raise BadRound("the list of spans is empty; expected one or more spans to code again")
    seed = study.settings.model.seed
    drawn_round = Round(
        name, "audit", "unit", study.codebook.version, 0.0, seed, rounds.utc_now("milliseconds"), len(spans)
    )
    order = sorted(range(len(spans)), key=lambda i: hashlib.sha256(f"{seed}\n{name}\n{spans[i]}".encode()).digest())
    draws = [Draw(name, spans[i], position, 1.0, HAND_PICKED) for position, i in enumerate(order)]
    assigned = [Assignment(name, span, coder, "blind", 1.0) for coder in names for span in spans]
    with study.store.writing() as connection:
        rounds.check_name(study, name)
        db.put(connection, db.rounds, [asdict(drawn_round) | {"frame": json.dumps(list(spans))}])
        db.put(connection, db.draws, map(asdict, draws))
        db.put(connection, db.assignments, map(asdict, assigned))
    return drawn_round
