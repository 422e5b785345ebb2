"""Cross-fit: predict every span of the rounds' frames by a classifier that has seen no answer to it or to a copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import delete, select

from corpus.annotations.cross_fitted import (
    FOLDS,
    PREFIX,
    coded_without_draw,
    copy_groups_of,
    cross_fitted_version,
    fold_of,
    framed_spans,
)
from corpus.errors import NothingToLearn
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import tallied
from corpus.study.files import alone_in
from corpus.study.history.log import logged
from models.classifiers.encoder import encoder_fingerprint
from models.data.labelled import labelled_spans, spans_by_id

from .checkpoint import RECIPE, WAITING, rows_digest
from .stored_suggestions import store_new, suggestion_rows

if TYPE_CHECKING:
    from datasets import Dataset

PORTION = 2000  # spans that are scored and stored at a time

Report = Callable[[str, float], None]


@dataclass(frozen=True)
class CrossFitResult(Result):
    """Cross-fitted models: their version and folds, and the spans predicted now and before."""

    model: str
    folds: int
    scored: int
    cached: int


@logged("estimate")
def cross_fit(study: Study, *, progress: Report | None = None) -> CrossFitResult:
    """Predict every span that a round could draw or that was coded without a draw, each by the model of its fold.

    Whole copy groups are dealt into FOLDS folds by their names; the model of a fold learns from the coded spans of the
    others. Stored predictions are used as long as answers, codebook, encoder and settings are the same, and a stopped
    run goes on. `progress` receives each step and the share of it that is done. Raises NothingToLearn.
    """
    data = labelled_spans(study)
    spans = framed_spans(study)
    if not spans:
        raise NothingToLearn("no round was drawn, so there is no frame to predict; draw one: slantwise round draw")
    spans = list(dict.fromkeys([*spans, *coded_without_draw(study)]))
    version = _version(study, data)
    seed = study.settings.model.seed
    folds = {span: fold_of(group, seed) for span, group in copy_groups_of(study, spans).items()}
    if cross_fitted_version(study) == version and not _missing(study, version, folds):
        return CrossFitResult(version, FOLDS, 0, len(folds))  # nothing is written: the study may be read only
    with alone_in(study.checkpoints, WAITING):
        _forget_others(study, version, folds)
        missing = _missing(study, version, folds)
        for fold in sorted(set(missing.values())):
            _predict_fold(study, data, version, fold, [span for span in missing if missing[span] == fold], progress)
        with study.store.writing() as connection:
            db.set_meta(connection, db.CROSS_FITTED, version)
    return CrossFitResult(version, FOLDS, len(missing), len(folds) - len(missing))


def _version(study: Study, data: Dataset) -> str:
    settings = {**study.settings.model.recipe(), "encoder": encoder_fingerprint(study.settings.model.encoder)}
    return f"{PREFIX}{rows_digest(data, RECIPE, FOLDS, study.codebook.digest, settings)[:10]}"


def _forget_others(study: Study, version: str, folds: dict[str, str]) -> None:
    """Delete predictions of earlier cross-fitted models, and those of a fold that is not the span's any more."""
    t = db.suggestions.c
    stored = select(t.span, t.model, t.fold).where(t.model.startswith(PREFIX, autoescape=True)).distinct()
    with study.store.writing() as connection:
        old = [row for row in connection.execute(stored) if row.model != version or row.fold != folds.get(row.span)]
        with tallied(connection, {row.span.partition(":")[0] for row in old}):
            for batch in db.batches([row.span for row in old]):
                cross_fitted = t.model.startswith(PREFIX, autoescape=True)
                connection.execute(delete(db.suggestions).where(cross_fitted, t.span.in_(batch)))


def _missing(study: Study, version: str, folds: dict[str, str]) -> dict[str, str]:
    """Return the spans without predictions of their fold, with their folds."""
    with study.store.reading() as connection:
        query = select(db.suggestions.c.span, db.suggestions.c.fold).where(db.suggestions.c.model == version).distinct()
        stored = {(row.span, row.fold) for row in connection.execute(query)}
    return {span: fold for span, fold in folds.items() if (span, fold) not in stored}


def _predict_fold(
    study: Study, data: Dataset, version: str, fold: str, spans: Sequence[str], progress: Report | None
) -> None:
    """Train on the other folds, and predict and store the spans of this one portion by portion."""
    from models.classifiers.span_classifier import SpanClassifier

    groups, seed = copy_groups_of(study, data["span"]), study.settings.model.seed
    own = np.array([fold_of(groups[span], seed) == fold for span in data["span"]])
    train = data.select(np.flatnonzero(~own))
    if not len(train):
        raise NothingToLearn("all coded spans are copies of one text; code spans of other articles")
    step = f"fold {fold} of {FOLDS}"

    def report(share: float) -> None:
        if progress:
            progress(step, share)

    classifier = SpanClassifier.for_study(study).fit(train, lambda share: report(share / 2))
    done = 0
    for portion in db.batches(spans, PORTION):
        rows = spans_by_id(study, portion)
        probabilities = classifier.predict_proba(rows)
        with study.store.writing() as connection:
            store_new(
                connection, suggestion_rows(classifier.classes_, probabilities, list(rows["span"]), version, fold)
            )
        done += len(portion)
        report(0.5 + done / len(spans) / 2)
