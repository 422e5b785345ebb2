"""Bring the store of an earlier Slantwise up to date: fill the tables that it did not have."""

from sqlalchemy import select

from . import database as db
from .bookkeeping import note_pending, recount
from .paragraph_counts import count_paragraphs


def upgrade(store: db.Store) -> None:
    """Fill the tables that store version 2 did not have, in one transaction; nothing that was there is changed."""
    a, r, s = db.articles.c, db.revisions.c, db.spans.c
    with store.writing() as connection:
        split = select(s.revision).where(s.found_by != "coder")
        note_pending(connection, "split", connection.execute(select(r.id).where(r.id.not_in(split))).scalars())
        texts = select(a.outlet, r.text).join(db.articles, a.id == r.article).where(r.number == 0)
        for outlet, text in connection.execute(texts).tuples().all():
            count_paragraphs(connection, outlet, text)
        recount(connection)
        db.set_meta(connection, "schema", str(db.SCHEMA))
