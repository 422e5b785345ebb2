"""The suggestions shown to assisted coders: the model's and, where it has none, the attribution by rule."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from corpus.annotation import Suggestion
from corpus.attribution.attribution import ATTRIBUTIONS, RULES, UNKNOWN, attribute_span
from corpus.codebook import Codebook
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import tallied
from corpus.study.history.removals import still_there
from corpus.study.passages import SpanInText, spans_in_text
from corpus.text.language import assumed_language

ATTRIBUTION = "attribution"  # the variable that the rules can answer

SPANS_PER_QUERY = 1000  # below the parameter limits of both databases


def model_version(study: Study) -> str:
    """Return the version of the study's current model, or RULES if it has no model yet."""
    return study.model or RULES


def suggestions(study: Study, spans: Sequence[str]) -> dict[str, dict[str, Suggestion]]:
    """Return suggestions by span and variable; spans that the current model has not scored are left out."""
    model = model_version(study)
    by_span: dict[str, dict[str, Suggestion]] = {}
    for first in range(0, len(spans), SPANS_PER_QUERY):
        part = spans[first : first + SPANS_PER_QUERY]
        by_span |= {span: {} for span in part} if model == RULES else suggestions_by_model(study, part, model)
        unattributed = [span for span in part if span in by_span and ATTRIBUTION not in by_span[span]]
        for span, suggestion in suggestions_by_rule(study, unattributed).items():
            by_span[span][ATTRIBUTION] = suggestion
    return {span: by_variable for span, by_variable in by_span.items() if by_variable}


def suggestions_by_model(study: Study, spans: Sequence[str], model: str) -> dict[str, dict[str, Suggestion]]:
    """Return a model's stored suggestions by span and variable."""
    t = db.suggestions.c
    with study.store.reading() as connection:
        rows = connection.execute(select(db.suggestions).where(t.span.in_(list(spans)), t.model == model)).all()
        return read_suggestions(connection, rows)


def read_suggestions(connection: Connection, rows: Iterable[Any]) -> dict[str, dict[str, Suggestion]]:
    """Return stored rows as suggestions by span and variable, marked as doubtful below their model's threshold."""
    by_span: dict[str, dict[str, Suggestion]] = {}
    thresholds: dict[str, Mapping[str, float]] = {}
    for row in rows:
        if row.model not in thresholds:
            thresholds[row.model] = json.loads(db.get_meta(connection, db.THRESHOLDS + row.model) or "{}")
        probabilities = json.loads(row.probabilities)
        doubtful = max(probabilities.values(), default=0.0) < thresholds[row.model].get(row.variable, 0.0)
        suggestion = Suggestion(row.span, row.variable, row.model, probabilities, row.fold, doubtful)
        by_span.setdefault(row.span, {})[row.variable] = suggestion
    return by_span


def suggestions_by_rule(study: Study, spans: Sequence[str]) -> dict[str, Suggestion]:
    """Return the attribution of each span by rule; it is stored as a record of what coders were shown.

    Spans whose attribution is unknown, since the rules do not read their language, are left out. Empty if the codebook
    has no variable `attribution`, or one with other codes.
    """
    if not rules_apply(study.codebook) or not spans:
        return {}
    by_span = suggestions_by_model(study, spans, RULES)
    stored = {span: by_variable[ATTRIBUTION] for span, by_variable in by_span.items() if ATTRIBUTION in by_variable}
    new = _attributions_by_rule(study, [span for span in spans if span not in stored])
    if new:
        with study.store.writing() as connection:
            has = still_there(connection, new)
            rows = [
                {"span": span, "variable": ATTRIBUTION, "model": RULES, "probabilities": json.dumps(one.probabilities)}
                for span, one in new.items()
                if span in has
            ]
            with tallied(connection, {Span.from_id(span).revision for span in new}):
                db.put(connection, db.suggestions, rows)
    return stored | new


def rules_apply(book: Codebook) -> bool:
    """Return whether the rules can answer the codebook's `attribution`.

    >>> from corpus.codebook import load
    >>> rules_apply(load("territorial-control")), rules_apply(load("lexical-bias"))
    (True, False)
    """
    variable = book.by_name.get(ATTRIBUTION)
    return variable is not None and variable.kind == "single" and set(ATTRIBUTIONS) <= set(variable.code_names)


def _attributions_by_rule(study: Study, spans: Sequence[str]) -> dict[str, Suggestion]:
    ordered = sorted(spans_in_text(study, spans).items(), key=lambda item: item[1].span)  # text by text
    kinds = {id: attribute_by_rule(study, located) for id, located in ordered}
    return {id: Suggestion(id, ATTRIBUTION, RULES, {kind: 1.0}) for id, kind in kinds.items() if kind != UNKNOWN}


def attribute_by_rule(study: Study, located: SpanInText) -> str:
    """Return the attribution of a span by rule; a headline is judged by itself, since it names its own source."""
    start, end = located.span.start, located.span.end
    language = located.language or assumed_language(located.text, study.codebook.language) or ""
    if located.headline and located.headline[0] <= start and end <= located.headline[1]:
        shift, last = located.headline
        return attribute_span(located.text[shift:last], start - shift, end - shift, language, headline=True).kind
    return attribute_span(located.text, start, end, language).kind
