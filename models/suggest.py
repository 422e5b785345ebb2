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

from corpus import store as db
from corpus.language import checked
from corpus.study import Study

from .baseline import Probabilities
from .calibrate import Calibration
from .checkpoint import Checkpoint, current
from .dataset import named, uncoded
from .distance import Coded

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
    far: Mapping[str, float] = field(default_factory=dict)  # outlets far from everything coded, with their distance
    usual: float | None = None  # the largest distance of a coded outlet from the others
    doubtful: int = 0  # spans whose focus variable stays below its threshold: no suggestion is shown for them
    foreign: Mapping[str, int] = field(default_factory=dict)  # by language: spans in one that the codebook is not for

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
    found: Probabilities = {}
    focus = study.codebook.focus_variable.name
    far: dict[str, float] = {}
    coded = Coded.load(checkpoint.folder)
    if len(fresh):
        scored = _score(study, checkpoint, checkpoint.load(), fresh, progress or silent)
        found, seconds = scored.probabilities, scored.seconds
        far = coded.far(scored.features, list(fresh["outlet"])) if coded else {}
    return Suggested(
        len(fresh),
        len(spans) - len(fresh),
        checkpoint.version,
        "torch",
        seconds,
        far,
        coded.usual if far and coded else None,
        _doubtful(found.get(focus), checkpoint.calibration, focus),
        _foreign(study, fresh),
    )


def _doubtful(rows: npt.NDArray[np.float64] | None, calibration: Calibration | None, variable: str) -> int:
    """Count the spans whose most probable code stays below the variable's threshold."""
    threshold = calibration.thresholds.get(variable, 0.0) if calibration else 0.0
    return 0 if rows is None else int((rows.max(axis=1) < threshold).sum())


def _foreign(study: Study, spans: Dataset) -> dict[str, int]:
    """Return by language how many spans stand in articles that are surely in another one than the codebook's."""
    own = study.codebook.language
    articles = study.articles().set_index("article")
    wanted = articles.loc[sorted(set(spans["article"]))]
    languages = {
        id: checked(text, declared if isinstance(declared, str) else own)
        for id, text, declared in zip(wanted.index, wanted["text"], wanted["language"], strict=True)
    }
    found = Counter(language for id in spans["article"] if (language := languages[id]) not in (None, own))
    return {str(language): n for language, n in found.most_common()}


def scorer(study: Study) -> Callable[[Sequence[str]], float]:
    """Return a function that has the current model score spans, stores its suggestions and returns the model's seconds.

    The model is loaded once, and again when another is trained. Raises NoModel.
    """
    from .training import silent

    checkpoint = current(study)
    loaded = {checkpoint.folder: checkpoint.load()}

    def score(spans: Sequence[str]) -> float:
        now = current(study)
        if now.folder not in loaded:
            loaded.clear()
            loaded[now.folder] = now.load()
        return _score(study, now, loaded[now.folder], named(study, spans), silent).seconds

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
    found, features = classifier.read(spans, progress)
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
