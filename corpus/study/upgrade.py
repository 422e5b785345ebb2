"""Upgrade the store of an earlier version of Slantwise: add and fill what it did not have."""

from sqlalchemy import Connection, delete, inspect, select, text, update

from . import database as db
from .bookkeeping import note_pending, recount
from .paragraph_counts import count_paragraphs


def upgrade(store: db.Store) -> None:
    """Bring a store of version 2 or 3 up to date, in one transaction.

    Existing data are not changed. If several processes open the store at once, only the first does this.
    """
    m = db.meta.c
    with store.writing() as connection:
        for version in db.UPGRADABLE:
            raised = update(db.meta).where(m.key == "schema", m.value == str(version)).values(value=str(db.SCHEMA))
            if connection.execute(raised).rowcount:
                _add_dates_of_states(connection)
                _count_paragraphs(connection)
                if version == 2:
                    _fill_bookkeeping(connection)


def _add_dates_of_states(connection: Connection) -> None:
    """Version 4: the day of each state of a text; that of the first is its article's."""
    a, r = db.articles.c, db.revisions.c
    if "published" not in {column["name"] for column in inspect(connection).get_columns("revisions")}:
        connection.execute(text("ALTER TABLE revisions ADD COLUMN published VARCHAR"))
    day = select(a.published).where(a.id == r.article).scalar_subquery()
    connection.execute(update(db.revisions).where(r.number == 0).values(published=day))


def _fill_bookkeeping(connection: Connection) -> None:
    """Version 3: pending work, counts, and indexes."""
    r, s = db.revisions.c, db.spans.c
    for table in db.metadata.tables.values():
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    split = select(s.revision).where(s.found_by != "coder")
    note_pending(connection, "split", connection.execute(select(r.id).where(r.id.not_in(split))).scalars())
    recount(connection)


def _count_paragraphs(connection: Connection) -> None:
    """Version 4 also knows which articles have a paragraph that their outlet does not repeat yet."""
    a, r = db.articles.c, db.revisions.c
    connection.execute(delete(db.paragraph_counts))
    texts = select(a.outlet, a.id, r.text).join(db.articles, a.id == r.article).where(r.number == 0)
    for outlet, article, words in connection.execute(texts).tuples().all():
        count_paragraphs(connection, outlet, article, words)
