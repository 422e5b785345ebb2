"""Split a text that holds several articles. The original is kept but no longer counted.

The original moves from the table of articles to one of its own, so that nothing that counts articles or spans has to
know about it. Its parts are consecutive pieces of its first revision: together they are its text, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from corpus.article import Article, Revision
from corpus.copies.groups import take_from_copies
from corpus.errors import BadStudy
from corpus.result import Result, printed_as
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import count, tallied
from corpus.study.history.log import logged
from corpus.study.paragraph_counts import subtract_paragraphs
from corpus.text.dates import parse_date

from .article_boundaries import Boundary, propose_boundaries
from .ingest import put_article
from .paragraphs import is_coded_or_drawn, why_missing
from .revision_order import put_first_revision
from .spans import respan

_BATCH = 500  # rows a statement


@dataclass(frozen=True)
class SplitPart:
    """One of the articles that a text was split into, with its offsets in that text."""

    article: str
    title: str | None
    start: int
    end: int


@dataclass(frozen=True)
class ArticleSplit(Result):
    """Where the articles of a text begin, and why; `parts` are those it was split into, none if only proposed."""

    article: str
    several: bool
    why: str
    boundaries: tuple[Boundary, ...] = printed_as("borders")
    parts: tuple[SplitPart, ...] = ()
    rows = "boundaries"


@logged("article split")
def split_article(study: Study, article: str, *, at: Sequence[int] = (), yes: bool = False) -> ArticleSplit:
    """Propose where the articles of a text begin; with `yes` split it there, with `at` at these offsets.

    Raises BadStudy for an unknown article, for an offset at which no paragraph begins, and where an article that is to
    be split has no boundaries, is coded or is drawn in a round.
    """
    if at:
        boundaries, why, several = tuple(boundaries_at(study, article, at)), "boundaries given by hand", True
    else:
        row = _first(study, article)
        proposal = propose_boundaries(row.text, row.title)
        boundaries, why, several = proposal.boundaries, proposal.why, proposal.several
    parts = split_at(study, article, boundaries) if at or yes else ()
    return ArticleSplit(article, several, why, boundaries, parts)


def boundaries_at(study: Study, article: str, offsets: Sequence[int]) -> list[Boundary]:
    """Return boundaries at the given offsets, where paragraphs begin; the beginning of the text is always one.

    Raises BadStudy for an offset at which no paragraph begins.
    """
    row = _first(study, article)
    lines = {start: row.text[start:end] for start, end in paragraphs(row.text)}
    for offset in offsets:
        if offset not in lines:
            near = min(lines, key=lambda start: abs(start - offset))
            raise BadStudy(
                f"no paragraph of {article} begins at {offset} (the nearest: {near}, {lines[near][:40]!r}); "
                f"list them with: slantwise article show {article}"
            )
    starts = sorted({0, *offsets})
    if len(starts) < 2:
        raise BadStudy(
            f"the text begins at 0 anyway; choose another paragraph, listed by: slantwise article show {article}"
        )
    return [Boundary(start, _title(lines[start]), ("given by hand",)) for start in starts]


def split_at(study: Study, article: str, boundaries: Sequence[Boundary]) -> tuple[SplitPart, ...]:
    """Split an article at boundaries, in one transaction; return the resulting articles in their order.

    Each is known by the original's key and its number (`KEY#2`), and inherits the original's outlet, originator, date,
    address and rights. Raises BadStudy if there are no boundaries, or the article is coded or drawn in a round.
    """
    parts = []
    with study.store.writing() as connection:
        row = _first(study, article)  # fails if somebody else has just split it
        if len(boundaries) < 2:
            raise BadStudy(
                f"{article} seems to contain only one article; say where the others begin: slantwise article split "
                f"{article} --at OFFSET"
            )
        known = select(db.revisions.c.id).where(db.revisions.c.article == article)
        if is_coded_or_drawn(connection, *connection.execute(known).scalars()):
            raise BadStudy(f"{article} is coded or drawn in a round and cannot be split any more; split before drawing")
        if not {boundary.start for boundary in boundaries} <= {0, *(start for start, _ in paragraphs(row.text))}:
            raise BadStudy(f"{article} has just got another first text; give the same command again")
        original = _move_out(connection, article)
        starts = [boundary.start for boundary in boundaries]
        for number, (boundary, end) in enumerate(zip(boundaries, [*starts[1:], len(row.text)], strict=True), 1):
            text = row.text[boundary.start : end].strip()
            part = _article(original, number, len(boundaries), boundary.title)
            put_article(connection, part)
            put_first_revision(connection, Revision(part.id, text), part)
            place = {
                "article": part.id,
                "split_article": article,
                "number": number,
                "start": boundary.start,
                "end": end,
            }
            db.put(connection, db.split_parts, [place])
            parts.append(SplitPart(part.id, part.title, boundary.start, end))
    respan(study)
    return tuple(parts)


def _first(study: Study, article: str) -> Any:
    with study.store.reading() as connection:
        row = connection.execute(
            select(db.revisions.c.text, db.articles.c.title)
            .join(db.articles, db.articles.c.id == db.revisions.c.article)
            .where(db.articles.c.id == article, db.revisions.c.number == 0)
        ).one_or_none()
    if row is None:
        raise BadStudy(why_missing(study, article))
    return row


def _title(line: str) -> str | None:
    return line if len(line) < 300 and not line.endswith((".", "!", "?", "…", ":")) else None


def _article(original: dict[str, Any], number: int, of: int, title: str | None) -> Article:
    return Article(
        outlet=original["outlet"],
        key=f"{original['key']}#{number}",
        title=title,
        published=parse_date(original["published"]),
        language=original["language"],
        url=original["url"],
        rights=original["rights"],
        event=original["event"],
        originator=original["originator"],
        metadata={**json.loads(original["metadata"]), "whole": original["id"], "part": f"{number} of {of}"},
    )


def _move_out(connection: Connection, article: str) -> dict[str, Any]:
    """Move an article with all that refers to it from the articles to the split articles; return its row."""
    a, r = db.articles, db.revisions
    row = dict(connection.execute(select(a).where(a.c.id == article)).one()._mapping)
    states = connection.execute(select(r).where(r.c.article == article).order_by(r.c.number)).mappings().all()
    split_row = {
        "id": article,
        "article": json.dumps(row, ensure_ascii=False),
        "revisions": json.dumps([dict(state) for state in states], ensure_ascii=False),
    }
    db.put(connection, db.split_articles, [split_row])
    take_out(connection, article)
    return row


def take_out(connection: Connection, article: str) -> list[int]:
    """Delete an article with all that refers to it; return the digests of paragraphs that its outlet has no longer."""
    a, r = db.articles.c, db.revisions.c
    outlet = connection.execute(select(a.outlet).where(a.id == article)).scalar_one()
    states = connection.execute(select(r.id, r.text).where(r.article == article).order_by(r.number)).all()
    gone = subtract_paragraphs(connection, outlet, article, states[0].text)
    count(connection, "articles", {outlet: -1})
    take_from_copies(connection, article)
    with tallied(connection, [state.id for state in states]):
        delete_rows(connection, db.articles, [article])
    return gone


def delete_rows(connection: Connection, table: Table, ids: Sequence[str]) -> None:
    """Delete rows by their ids, with all rows that refer to them; nullable references are set to NULL."""
    for first in range(0, len(ids), _BATCH):
        batch = ids[first : first + _BATCH]
        for other in db.metadata.tables.values():
            for column in other.columns:
                if not any(key.column.table is table for key in column.foreign_keys):
                    continue
                references = column.in_(batch)
                if column.nullable:
                    connection.execute(update(other).where(references).values({column: None}))
                    continue
                if len(other.primary_key) == 1:
                    (key,) = other.primary_key
                    delete_rows(connection, other, connection.execute(select(key).where(references)).scalars().all())
                connection.execute(delete(other).where(references))
        (key,) = table.primary_key
        connection.execute(delete(table).where(key.in_(batch)))
