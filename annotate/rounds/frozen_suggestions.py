"""Offers: the suggestions of a round with two arms, kept as they were at drawing; one arm shows them, the other not.

What the model says of a span is thus known for both arms. Where a later model's suggestion is brought to Label Studio
while people code, the ledger says so, and anchoring leaves those answers out: that model may have learnt from it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from corpus.annotation import Suggestion
from corpus.study import Study
from corpus.study import database as db

from .shown_suggestions import read_suggestions


def current_model(study: Study) -> str | None:
    """Return the version of the study's current model."""
    with study.store.reading() as connection:
        return db.get_meta(connection, "model")


def as_rows(round: str, found: Mapping[str, Mapping[str, Suggestion]]) -> list[dict[str, Any]]:
    """Return suggestions, by span and variable, as the rows that keep them with a round."""
    return [
        {
            "round": round, "span": one.span, "variable": one.variable, "model": one.model, "fold": one.fold,
            "probabilities": json.dumps(one.probabilities),
        }
        for of_span in found.values()
        for one in of_span.values()
    ]  # fmt: skip


def round_suggestions(study: Study, round: str, spans: Sequence[str] | None = None) -> dict[str, dict[str, Suggestion]]:
    """Return a round's offers by span and variable; those of some spans where these are named."""
    o = db.round_suggestions.c
    query = select(db.round_suggestions).where(o.round == round)
    if spans is not None:
        query = query.where(o.span.in_(list(spans)))
    with study.store.reading() as connection:
        return read_suggestions(connection, connection.execute(query))
