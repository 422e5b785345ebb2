"""Parting: an article that is several becomes the articles that it is; the whole is kept and no longer counted.

The whole leaves the table of articles for one of its own, so that nothing that counts articles or spans has to know of
it. Its parts lie end to end over its first revision: together they are its text, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from corpus.article import Article, Revision
from corpus.copies.groups import regroup
from corpus.draft import parse_date
from corpus.errors import BadStudy
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db

from .boundaries import Boundary, Proposal, propose_boundaries
from .ingest import put_article, put_revision
from .spans import is_coded_or_drawn, resplit, why_missing

_BATCH = 500  # rows a statement


@dataclass(frozen=True)
class SplitPart:
    """One of the articles that a whole was split into, by its offsets in the whole."""

    article: str
    title: str | None
    start: int
    end: int


def propose_split(study: Study, article: str) -> tuple[str, Proposal]:
    """Return an article's text and where its articles probably begin. Raises BadStudy for an unknown article."""
    row = _first(study, article)
    return row.text, propose_boundaries(row.text, row.title)


def boundaries_at(study: Study, article: str, offsets: Sequence[int]) -> list[Boundary]:
    """Return the borders at some offsets, where paragraphs begin; the text's own beginning is always one.

    Raises BadStudy for an offset at which no paragraph begins.
    """
    row = _first(study, article)
    lines = {start: row.text[start:end] for start, end in paragraphs(row.text)}
    for offset in offsets:
        if offset not in lines:
            near = min(lines, key=lambda start: abs(start - offset))
            raise BadStudy(
                f"no paragraph of {article} begins at {offset} (the nearest: {near}, {lines[near][:40]!r}); "
                f"they are listed by: slantwise article show {article}"
            )
    starts = sorted({0, *offsets})
    if len(starts) < 2:
        raise BadStudy(
            f"a border at 0 parts nothing; name beginnings that are listed by: slantwise article show {article}"
        )
    return [Boundary(start, _title(lines[start]), ("given by hand",)) for start in starts]


def split_article(study: Study, article: str, borders: Sequence[Boundary]) -> list[SplitPart]:
    """Split an article at its borders, all of it or nothing; return the articles that it has become, in their order.

    Each is known by the whole's key and its number (`KEY#2`), and has what is known of the whole: outlet, originator,
    date, address, rights. Raises BadStudy where there are no borders, or the article is coded or drawn in a round.
    """
    row = _first(study, article)
    if len(borders) < 2:
        raise BadStudy(f"{article} has one article only, as far as can be told; name borders with --at OFFSET")
    found = []
    with study.store.writing() as connection:
        if is_coded_or_drawn(connection, article):
            raise BadStudy(f"{article} is coded or drawn in a round and is never split; split before drawing")
        whole = _take_out(connection, article)
        starts = [border.start for border in borders]
        for number, (border, end) in enumerate(zip(borders, [*starts[1:], len(row.text)], strict=True), 1):
            text = row.text[border.start : end].strip()
            one = _article(whole, number, len(borders), border.title)
            put_article(connection, one)
            put_revision(connection, Revision(one.id, text), number=0)
            place = {"article": one.id, "split_article": article, "number": number, "start": border.start, "end": end}
            db.put(connection, db.split_parts, [place])
            found.append(SplitPart(one.id, one.title, border.start, end))
    regroup(study)
    resplit(study)
    return found


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


def _article(whole: dict[str, Any], number: int, of: int, title: str | None) -> Article:
    return Article(
        whole["outlet"],
        f"{whole['key']}#{number}",
        title,
        parse_date(whole["published"]),
        whole["language"],
        whole["url"],
        whole["rights"],
        whole["event"],
        whole["originator"],
        {**json.loads(whole["metadata"]), "whole": whole["id"], "part": f"{number} of {of}"},
    )


def _take_out(connection: Connection, article: str) -> dict[str, Any]:
    """Move an article from those that count to the wholes, with what hangs on it; return its row."""
    a, r = db.articles, db.revisions
    row = dict(connection.execute(select(a).where(a.c.id == article)).one()._mapping)
    states = connection.execute(select(r).where(r.c.article == article).order_by(r.c.number)).mappings().all()
    kept = {
        "id": article,
        "article": json.dumps(row, ensure_ascii=False),
        "revisions": json.dumps([dict(state) for state in states], ensure_ascii=False),
    }
    db.put(connection, db.split_articles, [kept])
    _forget(connection, a, [article])
    return row


def _forget(connection: Connection, table: Table, ids: Sequence[str]) -> None:
    """Delete rows by their ids, with all that refers to them; where a reference may be empty, it is emptied."""
    for first in range(0, len(ids), _BATCH):
        some = ids[first : first + _BATCH]
        for other in db.metadata.tables.values():
            for column in other.columns:
                if not any(key.column.table is table for key in column.foreign_keys):
                    continue
                theirs = column.in_(some)
                if column.nullable:
                    connection.execute(update(other).where(theirs).values({column: None}))
                    continue
                if len(other.primary_key) == 1:
                    (key,) = other.primary_key
                    _forget(connection, other, connection.execute(select(key).where(theirs)).scalars().all())
                connection.execute(delete(other).where(theirs))
        (key,) = table.primary_key
        connection.execute(delete(table).where(key.in_(some)))
