"""Suggestions: the study's model scores every eligible span that nobody has coded."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from corpus.study import Study
from corpus.study import database as db
from corpus.text.language import choose_language
from models.data.labelled import spans_by_id, uncoded_spans
from models.data.protocol import Probabilities

from .checkpoint import Checkpoint, current_checkpoint
from .outlet_distance import CodedSpans

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress
    from models.classifiers.span_classifier import SpanClassifier


@dataclass(frozen=True)
class SuggestResult:
    """What `suggest` did."""

    scored: int
    cached: int
    model: str
    engine: str
    seconds: float
    far: Mapping[str, float] = field(default_factory=dict)  # outlets far from everything coded, with their distance
    usual: float | None = None  # the largest distance of a coded outlet from the others
    doubtful: int = 0  # spans whose focus variable stays below its threshold: no suggestion is shown for them
    foreign: Mapping[str, int] = field(default_factory=dict)  # by language: spans in one that the codebook is not for

    @property
    def spans_per_second(self) -> float:
        """The pace of scoring, without loading the model."""
        return round(self.scored / self.seconds, 1) if self.scored else 0.0


def suggest(study: Study, progress: Progress | None = None) -> SuggestResult:
    """Score what the current model has not scored yet and store the full distributions. Raises NoModel."""
    from models.classifiers.fine_tuning import no_progress

    checkpoint = current_checkpoint(study)
    spans = uncoded_spans(study)
    t = db.suggestions.c
    with study.store.reading() as connection:
        known = set(connection.execute(select(t.span).where(t.model == checkpoint.version)).scalars())
    fresh = spans.select(np.flatnonzero([span not in known for span in spans["span"]]))
    seconds = 0.0
    coded = CodedSpans.load(checkpoint.folder)
    far: dict[str, float] = {}
    if len(fresh):
        scored = _score(study, checkpoint, checkpoint.load(), fresh, progress or no_progress)
        seconds = scored.seconds
        far = coded.far(scored.features, list(fresh["outlet"])) if coded else {}
    far, foreign = add_warnings(study, checkpoint.version, far, _foreign(study, fresh))
    return SuggestResult(
        len(fresh),
        len(spans) - len(fresh),
        checkpoint.version,
        "torch",
        seconds,
        far,
        coded.usual if far and coded else None,
        _doubtful(study, checkpoint, set(spans["span"])),
        foreign,
    )


def _doubtful(study: Study, checkpoint: Checkpoint, spans: set[str]) -> int:
    """Count the spans of which the focus variable's most probable code stays below its threshold."""
    variable = study.codebook.focus_variable.name
    threshold = checkpoint.calibration.thresholds.get(variable, 0.0) if checkpoint.calibration else 0.0
    if not threshold:
        return 0
    t = db.suggestions.c
    query = select(t.span, t.probabilities).where(t.model == checkpoint.version, t.variable == variable)
    with study.store.reading() as connection:
        return sum(
            span in spans and max(json.loads(kept).values()) < threshold for span, kept in connection.execute(query)
        )


def add_warnings(
    study: Study, version: str, far: Mapping[str, float], foreign: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, int]]:
    """Add far outlets and spans in other languages to those that the model met before; return all of them."""
    key = db.WARNINGS + version
    with study.store.writing() as connection:
        known = json.loads(db.get_meta(connection, key) or "{}")
        all_far = {**known.get("far", {}), **far}
        spans = Counter(known.get("foreign", {}))
        spans.update(foreign)
        if far or foreign:
            db.set_meta(connection, key, json.dumps({"far": all_far, "foreign": spans}, ensure_ascii=False))
    return all_far, dict(spans.most_common())


def _foreign(study: Study, spans: Dataset) -> dict[str, int]:
    """Return by language how many spans stand in articles that are surely in another one than the codebook's."""
    own = study.codebook.language
    articles = study.articles().set_index("article")
    wanted = articles.loc[sorted(set(spans["article"]))]
    languages = {
        id: choose_language(text, declared if isinstance(declared, str) else own)
        for id, text, declared in zip(wanted.index, wanted["text"], wanted["language"], strict=True)
    }
    found = Counter(language for id in spans["article"] if (language := languages[id]) not in (None, own))
    return {str(language): n for language, n in found.most_common()}


def scorer(study: Study) -> Callable[[Sequence[str]], float]:
    """Return a function that has the current model score spans, stores its suggestions and returns the model's seconds.

    The model is loaded once, and again when another is trained. Raises NoModel.
    """
    from models.classifiers.fine_tuning import no_progress

    checkpoint = current_checkpoint(study)
    loaded = {checkpoint.folder: checkpoint.load()}

    def score(spans: Sequence[str]) -> float:
        now = current_checkpoint(study)
        if now.folder not in loaded:
            loaded.clear()
            loaded[now.folder] = now.load()
        return _score(study, now, loaded[now.folder], spans_by_id(study, spans), no_progress).seconds

    return score


class _Scored(NamedTuple):
    probabilities: Probabilities
    features: npt.NDArray[np.float64]
    seconds: float


def _score(
    study: Study, checkpoint: Checkpoint, classifier: SpanClassifier, spans: Dataset, progress: Progress
) -> _Scored:
    """Store the full distributions of these spans, calibrated where the model is; say what the model's time was."""
    started = time.perf_counter()
    found, features = classifier.predict_with_features(spans, progress)
    if checkpoint.calibration:
        found = checkpoint.calibration.apply(found)
    seconds = time.perf_counter() - started
    ids = list(spans["span"])  # once: a dataset's column is read anew each time
    rows = [
        {
            "span": span,
            "variable": variable,
            "model": checkpoint.version,
            "fold": "",
            "probabilities": json.dumps(dict(zip(classifier.classes_[variable], map(_short, row), strict=True))),
        }
        for variable, probabilities in found.items()
        for span, row in zip(ids, probabilities.tolist(), strict=True)
    ]
    with study.store.writing() as connection:
        db.put(connection, db.suggestions, rows, replace=["probabilities"])
    return _Scored(found, features, seconds)


def _short(probability: float) -> float:
    return round(probability, 6)
