"""Upgrade the store of an earlier version of Slantwise: add and fill what it did not have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, column, delete, inspect, or_, select, text, update
from sqlalchemy import table as lightweight
from sqlalchemy.exc import DBAPIError

from corpus.errors import BadStudy
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending, recount
from corpus.study.history.log import note
from corpus.study.paragraph_counts import count_paragraphs
from corpus.study.row_digests import is_sealed, values_of

from .backup import keep_earlier
from .states import renumber_states


@dataclass(frozen=True)
class Upgraded:
    """An upgrade of a store: from which version, where the store before is kept, articles with renumbered states."""

    earlier: int
    backup: Path | None
    renumbered: tuple[str, ...]

    def __str__(self) -> str:
        kept = f"as it was before, it is kept in {self.backup}" if self.backup else (
            "of a PostgreSQL database no copy was made here: the server's own backups (pg_dump) have what was before"
        )  # fmt: skip
        said = f"the study's store had version {self.earlier} and has now version {db.SCHEMA}; {kept}"
        if self.renumbered:
            named = ", ".join(self.renumbered[:5]) + (", …" if len(self.renumbered) > 5 else "")
            said += (
                f". In {len(self.renumbered)} of its articles two states of the text had one number, left by two "
                f"commands that added them at once; they are numbered by date now, so figures can change: {named}"
            )
        return said


def upgrade(store: db.Store) -> Upgraded | None:
    """Bring a store of an earlier version up to date, in one transaction; return None if another process has done so.

    Stopped anywhere, it leaves the store as it was. Raises BadStudy if the store or the copy of it cannot be written.
    """
    if why := store.why_not_writable:
        raise BadStudy(
            "the store was made by an earlier Slantwise and is brought up to date when it is opened, but can only be "
            f"read: {why}"
        )
    try:
        with store.writing() as connection:
            earlier = _claim(connection)
            if earlier is None:
                return None
            backup = keep_earlier(store, earlier)
            renumbered = _upgrade(connection, earlier)
            note(connection, "upgrade", [("version", earlier)], {"renumbered": len(renumbered)})
            return Upgraded(earlier, backup, renumbered)
    except DBAPIError as error:
        raise BadStudy(
            f"the store was made by an earlier Slantwise and cannot be brought up to date ({error.orig}); nothing was "
            "changed. Allow writing to the study's folder or database, and open the study again"
        ) from None


def _claim(connection: Connection) -> int | None:
    """Raise the stored version first, so that of several processes one upgrades; return the earlier version."""
    m = db.meta.c
    for version in db.UPGRADABLE:
        raised = update(db.meta).where(m.key == "schema", m.value == str(version)).values(value=str(db.SCHEMA))
        if connection.execute(raised).rowcount:
            return version
    return None


def _upgrade(connection: Connection, earlier: int) -> tuple[str, ...]:
    before = set(inspect(connection).get_table_names())
    db.metadata.create_all(connection)
    _add_columns(connection)
    if earlier == 5:
        _give_up_sums(connection)
    for table in db.metadata.sorted_tables:
        if earlier < 5 and is_sealed(table) and table.name in before:
            _add_digests(connection, table)
    renumbered = renumber_states(connection)
    connection.execute(text("DROP INDEX IF EXISTS ix_revisions_article"))  # the new one of articles and numbers does
    for table in db.metadata.tables.values():
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    _give_up_pages(connection)
    if earlier < 4:
        _date_first_states(connection)
    if renumbered or not {"paragraph_counts", "paragraph_owners"} <= before:
        _count_paragraphs(connection)
    if earlier < 3:
        _note_texts_without_spans(connection)
    if "size" not in _columns(connection, db.shingles):  # of the first stores of version 3; they are indexed again
        db.shingles.drop(connection)
        db.shingles.create(connection)
        connection.execute(delete(db.meta).where(db.meta.c.key == db.COPIES))
    if renumbered or earlier < 3:
        recount(connection)
        connection.execute(delete(db.meta).where(db.meta.c.key == db.EVENTS))  # they are found again
    return tuple(renumbered)


def _give_up_sums(connection: Connection) -> None:
    """Version 6 has tables more; the sums over all rows are made anew when the store is opened."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS slantwise_keep_sums() CASCADE"))
    else:
        connection.execute(text("PRAGMA user_version = 0"))


def _add_columns(connection: Connection) -> None:
    """Add the columns that an earlier version did not have and that may be empty."""
    for table, name in ((db.revisions, "published"), (db.feed_entries, "next_try")):
        if name not in _columns(connection, table):
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {name} VARCHAR"))


def _columns(connection: Connection, table: Table) -> set[str]:
    return {one["name"] for one in inspect(connection).get_columns(table.name)}


def _add_digests(connection: Connection, table: Table) -> None:
    """Version 5: a digest with each row. The table is made anew, since an added column would have a default."""
    earlier = f"earlier_{table.name}"
    connection.execute(text(f"ALTER TABLE {table.name} RENAME TO {earlier}"))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {earlier} RENAME CONSTRAINT {table.name}_pkey TO {earlier}_pkey"))
    table.create(connection)
    rows = select(lightweight(earlier, *(column(one.name, one.type) for one in values_of(table))))
    for part in connection.execute(rows).mappings().partitions(_ROWS):
        db.put(connection, table, [dict(row) for row in part])
    connection.execute(text(f"DROP TABLE {earlier}"))


_ROWS = 10_000  # in memory at once


def _give_up_pages(connection: Connection) -> None:
    """Version 5: pages that could not be fetched have a state of their own."""
    e = db.feed_entries.c
    failures = (
        "the server answers",
        "the response was",
        "the connection to",
        "the host ",
        "more than ",
        "its redirects",
    )
    failed = or_(*(e.why.like(f"{beginning}%") for beginning in failures))
    connection.execute(update(db.feed_entries).where(e.state == "refused", failed).values(state="given up"))


def _date_first_states(connection: Connection) -> None:
    """Version 4: the day of each state of a text; that of the first is its article's."""
    a, r = db.articles.c, db.revisions.c
    day = select(a.published).where(a.id == r.article).scalar_subquery()
    connection.execute(update(db.revisions).where(r.number == 0).values(published=day))


def _note_texts_without_spans(connection: Connection) -> None:
    """Version 3: pending work."""
    r, s = db.revisions.c, db.spans.c
    split = select(s.revision).where(s.found_by != "coder")
    note_pending(connection, "split", connection.execute(select(r.id).where(r.id.not_in(split))).scalars())


def _count_paragraphs(connection: Connection) -> None:
    """Version 4 also knows which articles have a paragraph that their outlet does not repeat yet."""
    a, r = db.articles.c, db.revisions.c
    connection.execute(delete(db.paragraph_counts))
    connection.execute(delete(db.paragraph_owners))
    texts = select(a.outlet, a.id, r.text).join(db.articles, a.id == r.article).where(r.number == 0)
    for outlet, article, words in connection.execute(texts).tuples().all():
        count_paragraphs(connection, outlet, article, words)
