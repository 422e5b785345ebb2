"""Suggestions: the study's model scores every eligible span that nobody has coded."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from corpus import store as db
from corpus.study import Study

from .checkpoint import current
from .dataset import named, uncoded

if TYPE_CHECKING:
    from datasets import Dataset

    from .classifier import SpanClassifier
    from .training import Progress


@dataclass(frozen=True)
class Suggested:
    """What `suggest` did."""

    scored: int
    cached: int
    model: str
    engine: str
    seconds: float

    @property
    def spans_per_second(self) -> float:
        """The pace of scoring, without loading the model."""
        return round(self.scored / self.seconds, 1) if self.scored else 0.0


def suggest(study: Study, progress: Progress | None = None) -> Suggested:
    """Score what the current model has not scored yet and store the full distributions. Raises NoModel."""
    from .training import silent

    checkpoint = current(study)
    spans = uncoded(study)
    t = db.suggestions.c
    with study.store.reading() as connection:
        known = set(connection.execute(select(t.span).where(t.model == checkpoint.version)).scalars())
    fresh = spans.select(np.flatnonzero([span not in known for span in spans["span"]]))
    seconds = 0.0
    if len(fresh):
        seconds = _score(study, checkpoint.version, checkpoint.load(), fresh, progress or silent)
    return Suggested(len(fresh), len(spans) - len(fresh), checkpoint.version, "torch", seconds)


def scorer(study: Study) -> Callable[[Sequence[str]], float]:
    """Return a function that has the current model score spans, stores its suggestions and returns the model's seconds.

    The model is loaded once, and again when another is trained. Raises NoModel.
    """
    from .training import silent

    checkpoint = current(study)
    loaded = {checkpoint.version: checkpoint.load()}

    def score(spans: Sequence[str]) -> float:
        found = current(study)
        if found.version not in loaded:
            loaded.clear()
            loaded[found.version] = found.load()
        return _score(study, found.version, loaded[found.version], named(study, spans), silent)

    return score


def _score(study: Study, version: str, classifier: SpanClassifier, spans: Dataset, progress: Progress) -> float:
    """Store the full distributions of these spans; return the seconds that the model took."""
    started = time.perf_counter()
    found = classifier.predict_proba(spans, progress)
    seconds = time.perf_counter() - started
    rows = [
        {
            "span": span,
            "variable": variable,
            "model": version,
            "fold": "",
            "probabilities": json.dumps(dict(zip(classifier.classes_[variable], map(_short, row), strict=True))),
        }
        for variable, probabilities in found.items()
        for span, row in zip(spans["span"], probabilities.tolist(), strict=True)
    ]
    with study.store.writing() as connection:
        db.put(connection, db.suggestions, rows, replace=["probabilities"])
    return seconds


def _short(probability: float) -> float:
    return round(probability, 6)
