"""Upgrade the store of an earlier version of Slantwise: fill the tables that it did not have."""

from sqlalchemy import select, update

from . import database as db
from .bookkeeping import note_pending, recount
from .paragraph_counts import count_paragraphs


def upgrade(store: db.Store) -> None:
    """Fill the tables and make the indexes that store version 2 did not have, in one transaction.

    Existing data are not changed. If several processes open the store at once, only the first does this.
    """
    a, r, s = db.articles.c, db.revisions.c, db.spans.c
    m = db.meta.c
    raised = update(db.meta).where(m.key == "schema", m.value == str(db.UPGRADABLE)).values(value=str(db.SCHEMA))
    with store.writing() as connection:
        if not connection.execute(raised).rowcount:
            return
        for table in db.metadata.tables.values():
            for index in table.indexes:
                index.create(connection, checkfirst=True)
        split = select(s.revision).where(s.found_by != "coder")
        note_pending(connection, "split", connection.execute(select(r.id).where(r.id.not_in(split))).scalars())
        texts = select(a.outlet, r.text).join(db.articles, a.id == r.article).where(r.number == 0)
        for outlet, text in connection.execute(texts).tuples().all():
            count_paragraphs(connection, outlet, text)
        recount(connection)
