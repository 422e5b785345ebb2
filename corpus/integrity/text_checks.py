"""Check articles, their texts and spans: ids and digests are computed again, and spans are inside their texts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import Connection, select

from corpus.article import Article, Revision, short_digest
from corpus.span import KINDS, Span
from corpus.study import database as db

from .findings import REBUILT, RESTORE, Look

_OTHER = "the text is not the one that was added: what is counted and coded in it may be wrong"
_ID = "an id that does not fit what it is made of: the row was changed, and may be found by no command"


def check_texts(look: Look, connection: Connection) -> None:
    """Check articles, revisions, spans and the links between spans."""
    with look.part("articles"):
        _check_articles(look, connection)
    lengths: dict[str, int] = {}
    with look.part("texts"):
        lengths = _check_revisions(look, connection)
    with look.part("spans"):
        _check_spans(look, connection, lengths)
    with look.part("links between spans"):
        _check_links(look, connection)


def _check_articles(look: Look, connection: Connection) -> None:
    rows = connection.execute(select(db.articles)).all()
    wrong = [row.id for row in rows if Article(row.outlet, row.key).id != row.id]
    look.count("ids of articles", len(rows), wrong, means=_ID)
    unread = [row.id for row in rows if not _is_object(row.metadata) or not _is_day(row.published)]
    look.count("days and metadata of articles", len(rows), unread, means="a day or metadata that cannot be read")
    ids = {row.id for row in rows}
    groups = [row.id for row in rows if row.copy_group is not None and row.copy_group not in ids]
    look.count(
        "copy groups of articles", len(rows), groups, means="copies are counted as if they were none", todo=REBUILT
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_day(text: str | None) -> bool:
    try:
        return text is None or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _check_revisions(look: Look, connection: Connection) -> dict[str, int]:
    """Check the texts; return their lengths."""
    lengths: dict[str, int] = {}
    numbers: dict[str, list[int]] = defaultdict(list)
    other, ids = [], []
    for row in connection.execute(select(db.revisions)):  # one text at a time
        lengths[row.id] = len(row.text)
        numbers[row.article].append(row.number)
        revision = Revision(row.article, row.text, row.reason, normalised=True)
        if revision.digest != row.digest:
            other.append(row.id)
        if revision.id != row.id:
            ids.append(row.id)
    look.count("texts against their digests", len(lengths), other, means=_OTHER)
    look.count("ids of texts", len(lengths), ids, means=_ID)
    gaps = [article for article, found in numbers.items() if sorted(found) != list(range(len(found)))]
    means = "its texts are not numbered 0, 1, 2 …: no command knows which one is its first"
    look.count("numbers of an article's texts", len(numbers), gaps, means=means)
    known = set(connection.execute(select(db.articles.c.id)).scalars())
    look.count("articles with a text", len(known), known - numbers.keys(), means="the text of the article is gone")
    return lengths


def _check_spans(look: Look, connection: Connection, lengths: dict[str, int]) -> None:
    n, ids, outside = 0, [], []
    for row in connection.execute(select(db.spans)):
        n += 1
        if Span(row.revision, row.start, row.end, row.unit).id != row.id or row.unit not in KINDS:
            ids.append(row.id)
        if not 0 <= row.start < row.end <= lengths.get(row.revision, 0):
            outside.append(row.id)
    look.count("ids of spans", n, ids, means=_ID, todo=f"{REBUILT}; coded ones: {RESTORE}")
    look.count("spans inside their texts", n, outside, means="the span is not in its text", todo=REBUILT)


def _check_links(look: Look, connection: Connection) -> None:
    rows = connection.execute(select(db.span_links)).all()
    wrong = [
        f"{row.span} → {row.same_span}"
        for row in rows
        if row.span.partition("-")[0] != row.same_span.partition("-")[0] or row.span == row.same_span
    ]
    means = "an answer counts for words of another article"
    look.count("links between the same words in an article's texts", len(rows), wrong, means=means, todo=REBUILT)


def check_fetched(look: Look, connection: Connection) -> None:
    """Check what feeds brought: the ids of entries and pages, and that their content can be read."""
    entries = connection.execute(select(db.feed_entries.c.id, db.feed_entries.c.content)).all()
    unread = [row.id for row in entries if not _is_object(row.content)]
    look.count("entries of feeds", len(entries), unread, means="the entry cannot be read when it is fetched again")
    pages = connection.execute(select(db.pages)).all()
    wrong = [row.id for row in pages if short_digest(f"{row.url}\n{row.digest}", 20) != row.id]
    look.count("ids of fetched pages", len(pages), wrong, means=_ID)
    several = [id for id, n in Counter(row.id for row in pages).items() if n > 1]
    look.count("fetched pages", len(pages), several, means="stored twice")
