"""List an article's paragraphs with their kinds, and overrule a kind."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from corpus.errors import BadStudy
from corpus.result import Result
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from .spans import FIXED, split_again

PARAGRAPH_KINDS = ("paragraph", "headline", "teaser", "furniture")  # the kinds of a paragraph


@dataclass(frozen=True)
class Paragraph(Result):
    """A paragraph of a revision, with its offsets and its kind."""

    revision: str
    start: int
    end: int
    kind: str
    text: str


@dataclass(frozen=True)
class ArticleParagraphs(Result):
    """The paragraphs of an article's first revision, in their order."""

    article: str
    paragraphs: tuple[Paragraph, ...]
    rows = "paragraphs"


@dataclass(frozen=True)
class MarkedParagraph(Result):
    """A paragraph whose kind a person has overruled."""

    revision: str
    start: int
    end: int
    kind: str


def show_article(study: Study, article: str) -> ArticleParagraphs:
    """Return an article's paragraphs with their kinds. Raises BadStudy for an unknown article."""
    s, r = db.spans.c, db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(s.revision, s.start, s.end, s.unit, r.text)
            .join(db.revisions, r.id == s.revision)
            .where(r.article == article, r.number == 0, s.unit.in_(PARAGRAPH_KINDS), s.found_by == "split")
            .order_by(s.start)
        ).all()
    if not rows:
        raise BadStudy(why_missing(study, article))
    listed = (Paragraph(row.revision, row.start, row.end, row.unit, row.text[row.start : row.end]) for row in rows)
    return ArticleParagraphs(article, tuple(listed))


def why_missing(study: Study, article: str) -> str:
    """Return in words why a study lacks an article's paragraphs: it was split, has no spans yet, or is unknown."""
    with study.store.reading() as connection:
        parts = connection.execute(
            select(db.split_parts.c.article)
            .where(db.split_parts.c.split_article == article)
            .order_by(db.split_parts.c.number)
        ).scalars()
        if names := ", ".join(parts):
            return f"{article} was split into the articles {names}"
        if connection.execute(select(db.articles.c.id).where(db.articles.c.id == article)).first():
            return f"{article} has no spans yet; find them with: slantwise respan"
    return f"the study has no article {article!r}; kwic and export print their ids"


@logged("article mark")
def mark_paragraph(study: Study, revision: str, start: int, end: int, kind: str) -> MarkedParagraph:
    """Overrule the kind of a paragraph: "paragraph", "headline", "teaser" or "furniture".

    Raises BadStudy if no paragraph of the revision has these offsets, or where the revision is coded.
    """
    if kind not in PARAGRAPH_KINDS:
        raise BadStudy(f"{kind!r} is not a kind of paragraph; expected one of {', '.join(PARAGRAPH_KINDS)}")
    with study.store.writing() as connection:
        text = connection.execute(select(db.revisions.c.text).where(db.revisions.c.id == revision)).scalar()
        if text is None or (start, end) not in paragraphs(text):
            raise BadStudy(f"{revision} has no paragraph from {start} to {end}; `article show` lists them with offsets")
        if is_coded_or_drawn(connection, revision):
            raise BadStudy(
                f"{revision} is coded or drawn in a round and cannot be split again; mark pages before drawing them"
            )
        row = {"revision": revision, "start": start, "end": end, "kind": kind}
        db.put(connection, db.paragraph_overrides, [row], replace=["kind"])
        split_again(connection, study.codebook, [revision])
    return MarkedParagraph(revision, start, end, kind)


def is_coded_or_drawn(connection: Connection, *revisions: str) -> bool:
    """Return whether one of these revisions is coded or drawn in a round, so that its spans must stay."""
    r = db.revisions.c.id
    return connection.execute(select(r).where(r.in_(revisions), r.in_(FIXED)).limit(1)).first() is not None
