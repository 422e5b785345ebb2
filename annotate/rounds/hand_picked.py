"""Chosen rounds: spans that somebody or something has picked are coded again; they are no sample of anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from corpus.annotation import HAND_PICKED, Assignment, Draw, Round
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

from . import rounds


def make_round(study: Study, name: str, spans: Sequence[str], coders: Sequence[str]) -> Round:
    """Make an audit round of exactly these spans, for all these coders, blind, and store it.

    Its draws are marked as CHOSEN: their π is 1 within the list and unknown outside it, so `export` leaves it empty,
    and no agreement and no estimate may use the answers. Raises BadRound.
    """
    if not rounds.NAME.fullmatch(name) or name in {one["round"] for one in rounds.list_rounds(study)}:
        raise BadRound(f"{name!r} is drawn already or cannot name a round; choose another name, such as recheck-1")
    if not coders or len(set(coders)) != len(coders) or not all(coder.strip() for coder in coders):
        raise BadRound(f"coders: found {', '.join(coders) or 'nobody'}; expected different names: --coders mira,jon")
    if not spans:
        raise BadRound("no span was chosen, so there is no round to make")
    seed = study.settings.model.seed
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = Round(name, "audit", "unit", study.codebook.version, 0.0, seed, now, len(spans))
    order = sorted(range(len(spans)), key=lambda i: hashlib.sha256(f"{seed}\n{name}\n{spans[i]}".encode()).digest())
    draws = [Draw(name, spans[i], position, 1.0, HAND_PICKED) for position, i in enumerate(order)]
    given = [Assignment(name, span, coder, "blind", 1.0) for coder in coders for span in spans]
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(made) | {"frame": json.dumps(list(spans))}])
        db.put(connection, db.draws, map(asdict, draws))
        db.put(connection, db.assignments, map(asdict, given))
    return made
