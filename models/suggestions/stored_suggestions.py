"""Suggestions as rows of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from corpus.study import database as db
from corpus.study.bookkeeping import tallied
from corpus.study.history.removals import still_there
from models.data.classifier_protocol import Probabilities

DIGITS = 6  # of a stored probability


def suggestion_rows(
    classes: Mapping[str, Sequence[str]], probabilities: Probabilities, spans: Sequence[str], model: str, fold: str = ""
) -> list[dict[str, str]]:
    """Return the distributions of spans as rows, one for each variable and span.

    >>> import numpy as np
    >>> suggestion_rows({"bias": ("no", "yes")}, {"bias": np.array([[0.25, 0.75]])}, ["s"], "v1")[0]["probabilities"]
    '{"no": 0.25, "yes": 0.75}'
    """
    return [
        {
            "span": span,
            "variable": variable,
            "model": model,
            "fold": fold,
            "probabilities": json.dumps(dict(zip(classes[variable], map(_short, row), strict=True))),
        }
        for variable, of_variable in probabilities.items()
        for span, row in zip(spans, of_variable.tolist(), strict=True)
    ]


def _short(probability: float) -> float:
    return round(probability, DIGITS)


def store_new(connection: Connection, rows: Sequence[Mapping[str, str]]) -> set[str]:
    """Store the distributions of spans that still exist and have none of the model; return these spans."""
    t, models = db.suggestions.c, {row["model"] for row in rows}
    new = still_there(connection, (row["span"] for row in rows))
    for batch in db.batches(sorted(new)):
        scored_before = select(t.span).where(t.span.in_(batch), t.model.in_(models))
        new.difference_update(connection.execute(scored_before).scalars())
    with tallied(connection, {span.partition(":")[0] for span in new}):
        db.put(connection, db.suggestions, [row for row in rows if row["span"] in new])
    return new
