"""The suggestions of a round with two arms, stored as they were at drawing and shown in the assisted arm only.

The model's suggestion for a span is thus known for both arms. If a later model's suggestions are sent to Label Studio
during coding, the store records it and the anchoring analysis leaves those answers out: that model may have been
trained on them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from corpus.annotation import Suggestion
from corpus.study import Study
from corpus.study import database as db

from .shown_suggestions import read_suggestions


def store(connection: Connection, round: str, suggestions: Mapping[str, Mapping[str, Suggestion]]) -> None:
    """Store the suggestions of a round, by span and variable."""
    rows = [
        {
            "round": round, "span": span, "variable": variable, "model": suggestion.model, "fold": suggestion.fold,
            "probabilities": json.dumps(suggestion.probabilities),
        }
        for span, by_variable in suggestions.items()
        for variable, suggestion in by_variable.items()
    ]  # fmt: skip
    db.put(connection, db.round_suggestions, rows)


def round_suggestions(study: Study, round: str, spans: Sequence[str] | None = None) -> dict[str, dict[str, Suggestion]]:
    """Return a round's stored suggestions by span and variable; only those of `spans` if given."""
    o = db.round_suggestions.c
    query = select(db.round_suggestions).where(o.round == round)
    if spans is not None:
        query = query.where(o.span.in_(list(spans)))
    with study.store.reading() as connection:
        return read_suggestions(connection, connection.execute(query))
