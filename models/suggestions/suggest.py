"""Suggest codes: the study's model scores every eligible span that nobody has coded."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, func, select

from corpus.articles.spans import respan
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, note_done, note_pending, pending
from corpus.study.history.log import logged
from corpus.study.history.removals import still_there
from corpus.study.passages import spans_in_text
from corpus.text.language import choose_language
from models.data.labelled import spans_by_id, uncoded_spans
from models.measures.calibration import calibrate

from .checkpoint import Checkpoint, current_checkpoint
from .outlet_distance import CodedSpans, medians
from .stored_suggestions import store_new, suggestion_rows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress
    from models.classifiers.span_classifier import SpanClassifier


PORTION = 2000  # spans that are scored and stored at a time, which takes some seconds to a minute


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


@logged("suggest")
def suggest(study: Study, progress: Progress | None = None) -> SuggestResult:
    """Score the spans that the current model has not scored yet and store their distributions. Raises NoModel.

    Only revisions whose spans or answers have changed since the last call are checked; all of them if the model, the
    codebook or the terms have changed.
    """
    respan(study)
    checkpoint = current_checkpoint(study)
    checkpoint.verify()
    state = " ".join((checkpoint.version, study.codebook.digest, study.splitting_recipe))
    revisions = _changed_revisions(study, state)
    spans = uncoded_spans(study, revisions) if revisions is None or revisions else []
    scored_before = _scored_spans(study, checkpoint.version, None if revisions is None else spans)
    fresh = [span for span in spans if span not in scored_before]
    coded = CodedSpans.load(checkpoint.folder)
    seconds = _score_in_portions(study, checkpoint, coded, fresh, progress) if fresh else 0.0
    far, foreign = _add_facts(study, checkpoint.version, coded)
    total, doubtful = _note_scored(study, checkpoint, state, revisions, spans)
    return SuggestResult(
        len(fresh),
        total - len(fresh),
        checkpoint.version,
        "torch",
        seconds,
        doubtful,
        far,
        coded.usual_distance if far else None,
        foreign,
    )


def _score_in_portions(
    study: Study, checkpoint: Checkpoint, coded: CodedSpans | None, spans: Sequence[str], progress: Progress | None
) -> float:
    """Score spans and store each portion at once, with its distances and languages; return the seconds.

    Portions are always cut alike, so that a stopped run, continued, gives the same numbers as one that was not.
    """
    classifier, seconds, done = checkpoint.load(), 0.0, 0
    for portion in db.batches(spans, PORTION):
        share = len(portion) / len(spans)

        def report(part: float, before: float = done / len(spans), share: float = share) -> None:
            if progress:
                progress(before + part * share)

        data = spans_by_id(study, portion)
        if not len(data):
            continue  # their articles were removed meanwhile
        scored = _predict(checkpoint, classifier, data, report)
        ids, outlets = list(data["span"]), list(data["outlet"])
        with study.store.writing() as connection:
            new = store_new(connection, scored.rows)  # not those that another run has just scored
            rows = [row for row, span in enumerate(ids) if span in new]
            unlike = [row for row in rows if coded and outlets[row] not in coded.outlets]
            facts = {
                "foreign": _foreign(study, [ids[row] for row in rows]),
                "nearest": coded.nearest(scored.features[unlike], [outlets[row] for row in unlike]) if coded else {},
            }
            key = f"{db.SCORING}{checkpoint.version} {portion[0]}"
            if new:
                db.set_meta(connection, key, json.dumps(facts, ensure_ascii=False))
        seconds, done = seconds + scored.seconds, done + len(portion)
    return seconds


def _add_facts(study: Study, version: str, coded: CodedSpans | None) -> tuple[dict[str, float], dict[str, int]]:
    """Add the distances and languages of the scored portions to the model's warnings; return all of them."""
    m, prefix = db.meta.c, f"{db.SCORING}{version} "
    with study.store.writing() as connection:
        portions = select(m.key, m.value).where(m.key.startswith(prefix, autoescape=True)).order_by(m.key)
        rows = connection.execute(portions).tuples().all()
        nearest: defaultdict[str, list[float]] = defaultdict(list)
        foreign: Counter[str] = Counter()
        for _, value in rows:
            facts = json.loads(value)
            foreign.update(facts["foreign"])
            for outlet, distances in facts["nearest"].items():
                nearest[outlet] += distances
        connection.execute(delete(db.meta).where(m.key.in_([key for key, _ in rows])))
        return add_warnings(study, version, coded.far(medians(nearest)) if coded else {}, foreign)


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
        with study.store.writing() as connection:
            counts: dict[str, list[int]] = {}
            for span in still_there(connection, spans):
                of_revision = counts.setdefault(span.partition(":")[0], [0, 0])
                of_revision[0] += 1
                of_revision[1] += span in doubtful
            rows = [{"revision": revision, "spans": n, "doubtful": d} for revision, (n, d) in counts.items()]
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
    with study.store.writing() as connection:
        stored = json.loads(db.get_meta(connection, key) or "{}")
        all_far = {**stored.get("far", {}), **far}
        spans = Counter(stored.get("foreign", {}))
        spans.update(foreign)
        if far or foreign:
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
        scored = _predict(checkpoint, loaded[checkpoint.folder], spans_by_id(study, spans), no_progress)
        with study.store.writing() as connection:
            store_new(connection, scored.rows)
        return scored.seconds

    return score


class _Scored(NamedTuple):
    rows: list[dict[str, str]]
    features: npt.NDArray[np.float64]
    seconds: float


def _predict(checkpoint: Checkpoint, classifier: SpanClassifier, spans: Dataset, progress: Progress) -> _Scored:
    """Score spans; return the rows of their distributions, calibrated where the model is."""
    started = time.perf_counter()
    probabilities, features = classifier.predict_with_features(spans, progress)
    if checkpoint.calibration:
        probabilities = calibrate(probabilities, checkpoint.calibration)
    seconds = time.perf_counter() - started
    rows = suggestion_rows(classifier.classes_, probabilities, list(spans["span"]), checkpoint.version)
    return _Scored(rows, features, seconds)
