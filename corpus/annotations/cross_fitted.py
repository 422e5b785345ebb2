"""Cross-fitted predictions: suggestions whose model has seen no answer to the span or to a copy of its article.

They are stored as suggestions of a model of their own, with the fold that made them. Estimates use no other ones: a
model that has seen the answers agrees with them more than with the truth.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import pandas as pd
from sqlalchemy import select

from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.removals import still_there

FOLDS = 5
PREFIX = "x-"  # of the version of cross-fitted models; a study's own model begins with v-


def fold_of(copy_group: str, seed: int) -> str:
    """Return the fold of a copy group, one of FOLDS; it stays the same when articles are added.

    >>> sorted({fold_of(f"article-{n}", seed=1) for n in range(100)})
    ['1', '2', '3', '4', '5']
    """
    return str(1 + int.from_bytes(hashlib.sha256(f"{seed}\n{copy_group}".encode()).digest()[:8]) % FOLDS)


def cross_fitted_version(study: Study) -> str | None:
    """Return the version of the study's cross-fitted models, None if there are none."""
    with study.store.reading() as connection:
        return db.get_meta(connection, db.CROSS_FITTED)


def copy_groups_of(study: Study, spans: Iterable[str]) -> dict[str, str]:
    """Return the copy group of each span's article; an article that was not compared yet is its own."""
    a, r = db.articles.c, db.revisions.c
    wanted = list(dict.fromkeys(spans))
    groups: dict[str, str] = {}
    with study.store.reading() as connection:
        for batch in db.batches(sorted({span.partition(":")[0] for span in wanted})):
            query = select(r.id, r.article, a.copy_group).join(db.articles, a.id == r.article).where(r.id.in_(batch))
            groups.update({row.id: row.copy_group or row.article for row in connection.execute(query)})
    return {span: group for span in wanted if (group := groups.get(span.partition(":")[0])) is not None}


def framed_spans(study: Study) -> list[str]:
    """Return the spans that rounds of spans could draw, each once, as far as they are still in the study."""
    query = select(db.rounds.c.frame).where(db.rounds.c.layout == "unit").order_by(db.rounds.c.made_at)
    with study.store.reading() as connection:
        framed = dict.fromkeys(span for frame in connection.execute(query).scalars() for span in json.loads(frame))
        present = still_there(connection, framed)
    return [span for span in framed if span in present]


def coded_without_draw(study: Study) -> list[str]:
    """Return the spans that were coded in no round that was drawn here, such as imported ones, each once."""
    t = db.annotations.c
    query = select(t.span).distinct().where(t.round.not_in(select(db.rounds.c.name))).order_by(t.span)
    with study.store.reading() as connection:
        return list(connection.execute(query).scalars())


def cross_fitted(study: Study, spans: Iterable[str]) -> pd.DataFrame:
    """Return the cross-fitted predictions of spans: `span, variable, probabilities, fold`.

    Those of a fold that is not the span's any more, since its article has become a copy of another, are left out.
    """
    version, t = cross_fitted_version(study), db.suggestions.c
    groups = copy_groups_of(study, spans)
    rows = []
    with study.store.reading() as connection:
        for batch in db.batches(groups):
            query = select(t.span, t.variable, t.probabilities, t.fold).where(t.model == version, t.span.in_(batch))
            rows += [
                (row.span, row.variable, json.loads(row.probabilities), row.fold)
                for row in connection.execute(query)
                if row.fold == fold_of(groups[row.span], study.settings.model.seed)
            ]
    return pd.DataFrame(rows, columns=["span", "variable", "probabilities", "fold"])
