"""Suggest codes: the study's model scores every eligible span that nobody has coded."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from corpus.articles.spans import respan
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, note_done, note_pending, pending, tallied
from corpus.study.passages import spans_in_text
from corpus.text.language import choose_language
from models.data.classifier_protocol import Probabilities
from models.data.labelled import spans_by_id, uncoded_spans
from models.measures.calibration import calibrate

from .checkpoint import Checkpoint, current_checkpoint
from .outlet_distance import CodedSpans

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress
    from models.classifiers.span_classifier import SpanClassifier


@dataclass(frozen=True)
class SuggestResult(Result):
    """The result of `suggest`: the spans scored now, and those that the model had scored before."""

    scored: int
    cached: int
    model: str
    engine: str
    seconds: float = printed_as(None)
    doubtful: int = 0  # spans below the threshold of the focus variable: coders see no suggestion
    far: Mapping[str, float] = field(default_factory=dict)  # outlets unlike everything coded, with their distance
    usual: float | None = printed_as("usual_distance", default=None)  # the largest distance between coded outlets
    # spans in another language than the codebook's, by language
    foreign: Mapping[str, int] = printed_as("other_language", default_factory=dict)
    printed = ("spans_per_second",)

    @property
    def spans_per_second(self) -> float:
        """The speed of scoring, without loading the model."""
        return round(self.scored / self.seconds, 1) if self.scored else 0.0


def suggest(study: Study, progress: Progress | None = None) -> SuggestResult:
    """Score the spans that the current model has not scored yet and store their distributions. Raises NoModel.

    Only revisions whose spans or answers have changed since the last call are checked; all of them if the model, the
    codebook or the terms have changed.
    """
    respan(study)
    checkpoint = current_checkpoint(study)
    state = " ".join((checkpoint.version, study.codebook.digest, study.splitting_recipe))
    revisions = _changed_revisions(study, state)
    spans = uncoded_spans(study, revisions) if revisions is None or revisions else []
    scored_before = _scored_spans(study, checkpoint.version, None if revisions is None else spans)
    fresh = [span for span in spans if span not in scored_before]
    seconds, far, foreign = 0.0, {}, {}
    coded = CodedSpans.load(checkpoint.folder)
    if fresh:
        from models.classifiers.fine_tuning import no_progress

        data = spans_by_id(study, fresh)
        scored = _score(study, checkpoint, checkpoint.load(), data, progress or no_progress)
        seconds = scored.seconds
        far = coded.far_outlets(scored.features, list(data["outlet"])) if coded else {}
        foreign = _foreign(study, fresh)
    far, foreign = add_warnings(study, checkpoint.version, far, foreign)
    total, doubtful = _note_scored(study, checkpoint, state, revisions, spans)
    return SuggestResult(
        len(fresh),
        total - len(fresh),
        checkpoint.version,
        "torch",
        seconds,
        doubtful,
        far,
        coded.usual_distance if far and coded else None,
        foreign,
    )


def _changed_revisions(study: Study, state: str) -> list[str] | None:
    """Return the revisions to check; None for all, if nothing was scored yet in this state."""
    with study.store.writing() as connection:
        changed = claim(connection, "score")
        note_pending(connection, "scoring", changed)  # until they are scored, also if this is stopped
        if db.get_meta(connection, db.SCORED) != state:
            return None
        return pending(connection, "scoring")


def _scored_spans(study: Study, version: str, spans: Sequence[str] | None) -> set[str]:
    """Return the spans, or those of some spans, that a model has scored."""
    t = db.suggestions.c
    query = select(t.span).where(t.model == version)
    with study.store.reading() as connection:
        if spans is None:
            return set(connection.execute(query).scalars())
        found: set[str] = set()
        for batch in db.batches(spans):
            found.update(connection.execute(query.where(t.span.in_(batch))).scalars())
        return found


def _note_scored(
    study: Study, checkpoint: Checkpoint, state: str, revisions: Sequence[str] | None, spans: Sequence[str]
) -> tuple[int, int]:
    """Store how many spans of the revisions are scored; return how many are scored, and doubtful, in all.

    A span is doubtful if its most probable code of the focus variable is below the threshold.
    """
    t = db.scored_revisions.c
    if revisions is None or revisions:
        doubtful = _doubtful_spans(study, checkpoint, None if revisions is None else spans)
        counts: dict[str, list[int]] = {}
        for span in spans:
            of_revision = counts.setdefault(span.partition(":")[0], [0, 0])
            of_revision[0] += 1
            of_revision[1] += span in doubtful
        rows = [{"revision": revision, "spans": n, "doubtful": d} for revision, (n, d) in counts.items()]
        with study.store.writing() as connection:
            if revisions is None:
                connection.execute(delete(db.scored_revisions))
                db.set_meta(connection, db.SCORED, state)
            for batch in db.batches(revisions or ()):
                connection.execute(delete(db.scored_revisions).where(t.revision.in_(batch)))
            db.put(connection, db.scored_revisions, rows)
            note_done(connection, "scoring", pending(connection, "scoring") if revisions is None else revisions)
    with study.store.reading() as connection:
        total, uncertain = connection.execute(select(func.sum(t.spans), func.sum(t.doubtful))).one()
    return int(total or 0), int(uncertain or 0)


def _doubtful_spans(study: Study, checkpoint: Checkpoint, spans: Sequence[str] | None) -> set[str]:
    variable = study.codebook.focus_variable.name
    threshold = checkpoint.calibration.thresholds.get(variable, 0.0) if checkpoint.calibration else 0.0
    if not threshold:
        return set()
    t = db.suggestions.c
    query = select(t.span, t.probabilities).where(t.model == checkpoint.version, t.variable == variable)
    queries = [query] if spans is None else [query.where(t.span.in_(batch)) for batch in db.batches(spans)]
    with study.store.reading() as connection:
        return {
            span
            for each in queries
            for span, probabilities in connection.execute(each)
            if max(json.loads(probabilities).values()) < threshold
        }


def add_warnings(
    study: Study, version: str, far: Mapping[str, float], foreign: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, int]]:
    """Add far outlets and spans in other languages to those stored for the model; return all of them."""
    key = db.WARNINGS + version
    with study.store.reading() as connection:
        stored = json.loads(db.get_meta(connection, key) or "{}")
    all_far = {**stored.get("far", {}), **far}
    spans = Counter(stored.get("foreign", {}))
    spans.update(foreign)
    if far or foreign:
        with study.store.writing() as connection:
            db.set_meta(connection, key, json.dumps({"far": all_far, "foreign": spans}, ensure_ascii=False))
    return all_far, dict(spans.most_common())


def _foreign(study: Study, spans: Sequence[str]) -> dict[str, int]:
    """Return by language the number of spans in articles that are surely not in the codebook's language."""
    own = study.codebook.language
    languages: dict[str, str | None] = {}
    counts: Counter[str] = Counter()
    for span in spans_in_text(study, spans).values():
        if span.article not in languages:
            languages[span.article] = choose_language(span.text, span.language or own)
        if (language := languages[span.article]) not in (None, own):
            counts[str(language)] += 1
    return dict(counts.most_common())


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
    revisions = {span.partition(":")[0] for span in ids}
    with study.store.writing() as connection, tallied(connection, revisions):
        db.put(connection, db.suggestions, rows, replace=["fold", "probabilities"])
    return _Scored(probabilities, features, seconds)


def _short(probability: float) -> float:
    return round(probability, 6)
