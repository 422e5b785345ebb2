"""Chosen rounds: spans that somebody or something has picked are coded again; they are no sample of anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from corpus import store as db
from corpus.errors import BadRound
from corpus.judgement import CHOSEN, Assignment, Draw, Round
from corpus.study import Study

from .rounds import _check, _generator, _now


def choose(study: Study, name: str, spans: Sequence[str], coders: Sequence[str]) -> Round:
    """Make an audit round of exactly these spans, for all these coders, blind, and store it.

    Its draws are marked as CHOSEN: their π is 1 within the list and unknown outside it, so `export` leaves it empty,
    and no agreement and no estimate may use the answers. Raises BadRound.
    """
    _check(study, name, coders, 0.0, "audit", "unit")
    if not spans:
        raise BadRound("no span was chosen, so there is no round to make")
    seed = study.settings.model.seed
    made = Round(name, "audit", "unit", study.codebook.version, 0.0, seed, _now(), len(spans))
    order = _generator(name, seed).permutation(len(spans))
    draws = [Draw(name, spans[i], position, 1.0, CHOSEN) for position, i in enumerate(order)]
    given = [Assignment(name, span, coder, "blind", 1.0) for coder in coders for span in spans]
    with study.store.writing() as connection:
        db.put(connection, db.rounds, [asdict(made) | {"frame": json.dumps(list(spans))}])
        db.put(connection, db.draws, map(asdict, draws))
        db.put(connection, db.assignments, map(asdict, given))
    return made
