"""Proposed: what assisted coders are shown, the model's suggestions and, where it has none, the attribution by rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from corpus.annotation import Suggestion
from corpus.attribution.attribution import ATTRIBUTIONS, RULES, attribute_span
from corpus.codebook import Codebook
from corpus.study import Study
from corpus.study import database as db
from corpus.study.passages import SpanInText, spans_in_text

ATTRIBUTION = "attribution"  # the variable that the rules answer, where its codes are theirs

SPANS_PER_QUERY = 1000  # spans a query: below the parameter limits of both databases


def model_version(study: Study) -> str:
    """Return what proposes: the study's current model, or the rules where there is none yet."""
    with study.store.reading() as connection:
        return db.get_meta(connection, "model") or RULES


def suggestions(study: Study, spans: Sequence[str]) -> dict[str, dict[str, Suggestion]]:
    """Return what is proposed, by span and variable; where the current model has not scored a span, nothing."""
    by = model_version(study)
    found: dict[str, dict[str, Suggestion]] = {}
    for first in range(0, len(spans), SPANS_PER_QUERY):
        part = spans[first : first + SPANS_PER_QUERY]
        found |= {span: {} for span in part} if by == RULES else suggestions_by_model(study, part, by)
        bare = [span for span in part if span in found and ATTRIBUTION not in found[span]]
        for span, ruling in suggestions_by_rule(study, bare).items():
            found[span][ATTRIBUTION] = ruling
    return {span: one for span, one in found.items() if one}


def suggestions_by_model(study: Study, spans: Sequence[str], model: str) -> dict[str, dict[str, Suggestion]]:
    """Return a model's stored suggestions by span and variable."""
    t = db.suggestions.c
    with study.store.reading() as connection:
        rows = connection.execute(select(db.suggestions).where(t.span.in_(list(spans)), t.model == model)).all()
        return read_suggestions(connection, rows)


def read_suggestions(connection: Connection, rows: Iterable[Any]) -> dict[str, dict[str, Suggestion]]:
    """Return stored rows as suggestions by span and variable, doubtful below the threshold of their model."""
    found: dict[str, dict[str, Suggestion]] = {}
    known: dict[str, Mapping[str, float]] = {}
    for row in rows:
        if row.model not in known:
            known[row.model] = json.loads(db.get_meta(connection, db.THRESHOLDS + row.model) or "{}")
        probabilities = json.loads(row.probabilities)
        doubtful = max(probabilities.values(), default=0.0) < known[row.model].get(row.variable, 0.0)
        one = Suggestion(row.span, row.variable, row.model, probabilities, row.fold, doubtful)
        found.setdefault(row.span, {})[row.variable] = one
    return found


def suggestions_by_rule(study: Study, spans: Sequence[str]) -> dict[str, Suggestion]:
    """Return the attribution of each span by rule; it is stored, so that what was shown stays known.

    Nothing where the codebook does not ask whose words a span is in, or asks it with other codes.
    """
    if not rules_apply(study.codebook) or not spans:
        return {}
    found = {
        span: one[ATTRIBUTION] for span, one in suggestions_by_model(study, spans, RULES).items() if ATTRIBUTION in one
    }
    fresh = _attributions_by_rule(study, [span for span in spans if span not in found])
    if fresh:
        with study.store.writing() as connection:
            rows = [
                {
                    "span": one.span,
                    "variable": one.variable,
                    "model": one.model,
                    "probabilities": json.dumps(one.probabilities),
                }
                for one in fresh
            ]
            db.put(connection, db.suggestions, rows)
    return found | {one.span: one for one in fresh}


def rules_apply(book: Codebook) -> bool:
    """Say whether the rules can answer the codebook's `attribution`.

    >>> from corpus.codebook import load
    >>> rules_apply(load("territorial-control")), rules_apply(load("lexical-bias"))
    (True, False)
    """
    asked = book.by_name.get(ATTRIBUTION)
    return asked is not None and asked.kind == "single" and set(ATTRIBUTIONS) <= set(asked.code_names)


def _attributions_by_rule(study: Study, spans: Sequence[str]) -> list[Suggestion]:
    rows = sorted(spans_in_text(study, spans).items(), key=lambda item: item[1].span)  # text by text
    return [Suggestion(id, ATTRIBUTION, RULES, {attribute_by_rule(study, one): 1.0}) for id, one in rows]


def attribute_by_rule(study: Study, one: SpanInText) -> str:
    """Return whose words a span is in, by rule; a headline is judged by itself, since its source stands in it."""
    start, end, language = one.span.start, one.span.end, one.language or study.codebook.language
    if one.headline and one.headline[0] <= start and end <= one.headline[1]:
        shift, last = one.headline
        return attribute_span(one.text[shift:last], start - shift, end - shift, language, headline=True).kind
    return attribute_span(one.text, start, end, language).kind
