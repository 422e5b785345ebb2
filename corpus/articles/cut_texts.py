"""List the articles of which only the beginning was read, and overrule it for single ones."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from corpus.errors import BadStudy
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from .spans import BY_HAND


@dataclass(frozen=True)
class CutText(Result):
    """An article that is "cut" and counts in no figure, that may be ("unsure"), or that is "whole" by hand.

    `drawn` is the number of its spans that a round has drawn: they keep their probability, and count in no figure.
    """

    article: str
    outlet: str
    title: str | None
    state: str
    why: str
    drawn: int


@dataclass(frozen=True)
class CutTexts(Result):
    """The articles that are cut, may be cut, or were decided by hand."""

    texts: tuple[CutText, ...]
    rows = "texts"


def list_cut_texts(study: Study) -> CutTexts:
    """Return the articles of which only the beginning was read, as behind a paywall, and those that are unsure."""
    a, t, s, r = db.articles.c, db.cut_texts.c, db.spans.c, db.revisions.c
    drawn = (
        select(func.count(db.draws.c.span.distinct()))
        .join(db.spans, s.id == db.draws.c.span)
        .join(db.revisions, r.id == s.revision)
        .where(r.article == a.id)
        .scalar_subquery()
    )
    query = select(a.id, a.outlet, a.title, t.state, t.why, drawn).join(db.cut_texts, t.article == a.id)
    with study.store.reading() as connection:
        rows = connection.execute(query.order_by(t.state, a.outlet, a.id)).tuples().all()
    return CutTexts(tuple(CutText(*row) for row in rows))


@logged("article cut")
def mark_cut(study: Study, article: str, *, whole: bool = False) -> CutText:
    """Mark an article as cut, so that it counts in no figure, or as whole. Raises BadStudy for an unknown article."""
    with study.store.writing() as connection:
        if connection.execute(select(db.articles.c.id).where(db.articles.c.id == article)).first() is None:
            raise BadStudy(f"the study has no article {article!r}; kwic and export print their ids")
        row = {"article": article, "state": "whole" if whole else "cut", "why": BY_HAND}
        db.put(connection, db.cut_texts, [row], replace=["state", "why"])
    return next(text for text in list_cut_texts(study).texts if text.article == article)
