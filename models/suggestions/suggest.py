"""Suggest codes: the study's model scores every eligible span that nobody has coded."""

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
from models.data.classifier_protocol import Probabilities
from models.data.labelled import spans_by_id, uncoded_spans
from models.measures.calibration import calibrate

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
    far: Mapping[str, float] = field(default_factory=dict)  # outlets unlike everything coded, with their distance
    usual: float | None = None  # the largest distance of a coded outlet from the others
    doubtful: int = 0  # spans below the threshold of the focus variable: coders see no suggestion
    foreign: Mapping[str, int] = field(
        default_factory=dict
    )  # by language: spans in another language than the codebook's

    @property
    def spans_per_second(self) -> float:
        """The speed of scoring, without loading the model."""
        return round(self.scored / self.seconds, 1) if self.scored else 0.0


def suggest(study: Study, progress: Progress | None = None) -> SuggestResult:
    """Score the spans that the current model has not scored yet and store their distributions. Raises NoModel."""
    from models.classifiers.fine_tuning import no_progress

    checkpoint = current_checkpoint(study)
    spans = uncoded_spans(study)
    t = db.suggestions.c
    with study.store.reading() as connection:
        scored_before = set(connection.execute(select(t.span).where(t.model == checkpoint.version)).scalars())
    fresh = spans.select(np.flatnonzero([span not in scored_before for span in spans["span"]]))
    seconds = 0.0
    coded = CodedSpans.load(checkpoint.folder)
    far: dict[str, float] = {}
    if len(fresh):
        scored = _score(study, checkpoint, checkpoint.load(), fresh, progress or no_progress)
        seconds = scored.seconds
        far = coded.far_outlets(scored.features, list(fresh["outlet"])) if coded else {}
    far, foreign = add_warnings(study, checkpoint.version, far, _foreign(study, fresh))
    return SuggestResult(
        len(fresh),
        len(spans) - len(fresh),
        checkpoint.version,
        "torch",
        seconds,
        far,
        coded.usual_distance if far and coded else None,
        _doubtful(study, checkpoint, set(spans["span"])),
        foreign,
    )


def _doubtful(study: Study, checkpoint: Checkpoint, spans: set[str]) -> int:
    """Count the spans whose most probable code of the focus variable is below the threshold."""
    variable = study.codebook.focus_variable.name
    threshold = checkpoint.calibration.thresholds.get(variable, 0.0) if checkpoint.calibration else 0.0
    if not threshold:
        return 0
    t = db.suggestions.c
    query = select(t.span, t.probabilities).where(t.model == checkpoint.version, t.variable == variable)
    with study.store.reading() as connection:
        return sum(
            span in spans and max(json.loads(probabilities).values()) < threshold
            for span, probabilities in connection.execute(query)
        )


def add_warnings(
    study: Study, version: str, far: Mapping[str, float], foreign: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, int]]:
    """Add far outlets and spans in other languages to those stored for the model; return all of them."""
    key = db.WARNINGS + version
    with study.store.writing() as connection:
        stored = json.loads(db.get_meta(connection, key) or "{}")
        all_far = {**stored.get("far", {}), **far}
        spans = Counter(stored.get("foreign", {}))
        spans.update(foreign)
        if far or foreign:
            db.set_meta(connection, key, json.dumps({"far": all_far, "foreign": spans}, ensure_ascii=False))
    return all_far, dict(spans.most_common())


def _foreign(study: Study, spans: Dataset) -> dict[str, int]:
    """Return by language the number of spans in articles that are surely not in the codebook's language."""
    own = study.codebook.language
    articles = study.articles().set_index("article")
    articles = articles.loc[sorted(set(spans["article"]))]
    languages = {
        id: choose_language(text, declared if isinstance(declared, str) else own)
        for id, text, declared in zip(articles.index, articles["text"], articles["language"], strict=True)
    }
    counts = Counter(language for id in spans["article"] if (language := languages[id]) not in (None, own))
    return {str(language): n for language, n in counts.most_common()}


def scorer(study: Study) -> Callable[[Sequence[str]], float]:
    """Return a function that scores spans with the current model, stores the suggestions and returns the seconds taken.

    The model is loaded once, and again after a new training. Raises NoModel.
    """
    from models.classifiers.fine_tuning import no_progress

    checkpoint = current_checkpoint(study)
    loaded = {checkpoint.folder: checkpoint.load()}

    def score(spans: Sequence[str]) -> float:
        checkpoint = current_checkpoint(study)
        if checkpoint.folder not in loaded:
            loaded.clear()
            loaded[checkpoint.folder] = checkpoint.load()
        return _score(study, checkpoint, loaded[checkpoint.folder], spans_by_id(study, spans), no_progress).seconds

    return score


class _Scored(NamedTuple):
    probabilities: Probabilities
    features: npt.NDArray[np.float64]
    seconds: float


def _score(
    study: Study, checkpoint: Checkpoint, classifier: SpanClassifier, spans: Dataset, progress: Progress
) -> _Scored:
    """Score spans and store their distributions, calibrated where the model is."""
    started = time.perf_counter()
    probabilities, features = classifier.predict_with_features(spans, progress)
    if checkpoint.calibration:
        probabilities = calibrate(probabilities, checkpoint.calibration)
    seconds = time.perf_counter() - started
    ids = list(spans["span"])  # once: each access reads a dataset's column again
    rows = [
        {
            "span": span,
            "variable": variable,
            "model": checkpoint.version,
            "fold": "",
            "probabilities": json.dumps(dict(zip(classifier.classes_[variable], map(_short, row), strict=True))),
        }
        for variable, of_variable in probabilities.items()
        for span, row in zip(ids, of_variable.tolist(), strict=True)
    ]
    with study.store.writing() as connection:
        db.put(connection, db.suggestions, rows, replace=["probabilities"])
    return _Scored(probabilities, features, seconds)


def _short(probability: float) -> float:
    return round(probability, 6)
