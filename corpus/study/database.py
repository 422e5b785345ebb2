"""Open, read and write a study's database: SQLite, or PostgreSQL for a team. Every write can be repeated."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from corpus.errors import BadStudy

from .files import why_not_writable
from .keeping import server_sums, sqlite_connections, table_sums
from .keeping.opening import check_file, explain_damage, lost_tables
from .keeping.sqlite_connections import LOOK, changes_in, driver
from .row_digests import all_but_keys, is_sealed, sealed
from .tables import *  # noqa: F403 - the tables are `db.articles` and so on
from .tables import MOVED, SCHEMA, UPGRADABLE, articles, meta, metadata, read_version

PATIENCE = 600.0  # seconds that a command waits while others write
WORD = 3.0  # seconds after which it says that it waits
ONE_WRITER = "advisory_xact_lock(8317, hashtext(coalesce(current_schema(), '')))"  # of who writes to this study

_logger = logging.getLogger(__name__)

_CHUNK = 2000  # rows a statement: far below the parameter limits of both databases


class Store:
    """One study's database; open it as a context or call `close`. One command at a time writes to it."""

    def __init__(self, url: str | URL, *, may_create: bool = True) -> None:
        self._may_create = may_create  # whether a store that is not there is a new one; else it was lost
        if not may_create:
            check_file(url)
        try:
            self.engine: Engine = create_engine(url)
        except (ArgumentError, ImportError, ValueError) as error:  # ValueError: a port that is no number
            raise BadStudy(
                f"the store cannot be opened ({error}); expected `store.url` in study.toml to be sqlite, or "
                "postgresql+psycopg://user@host/name, for which: pip install 'psycopg[binary]'"
            ) from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "do_connect", sqlite_connections.connect_read_only)
            event.listen(self.engine, "connect", sqlite_connections.set_up)
            event.listen(self.engine, "before_cursor_execute", sqlite_connections.stop_before_tables_change)
            event.listen(self.engine, "begin", sqlite_connections.begin)
        event.listen(self.engine, "handle_error", explain_damage)
        self._of_thread = threading.local()  # its `connection` is the transaction in which the thread writes
        self.writes = 0  # transactions that changed something
        self.patience: float = PATIENCE
        self._turn = threading.Lock()  # of this process's threads, which wait without a connection
        self._place: str | None = None
        self._stays = False  # whether it is written to though it was moved
        self._is_prepared, self._opened_file = False, None
        try:
            self._prepare()
            with self.reading() as connection:
                self._place = get_meta(connection, MOVED)
            self._is_prepared, self._opened_file = True, self._file_number()
        except DBAPIError as error:
            self.close()
            check = "the room on its disk and the folder" if "disk" in str(error.orig) else "the folder"
            raise BadStudy(
                f"the store cannot be opened ({error.orig}); check {check}, or `store` in study.toml"
            ) from None
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        """Create the tables, also after creating them was interrupted."""
        with self.reading() as connection:
            if self._is_whole(connection):
                return  # so that a store is opened, and read, while another command writes to it
        with self.writing() as connection:
            if not self._is_whole(connection):
                is_new = not inspect(connection).has_table("meta") or get_meta(connection, "schema") is None
                self._refuse_if_lost(connection, is_new)
                metadata.create_all(connection)
                if is_new:
                    put(connection, meta, [{"key": "schema", "value": str(SCHEMA)}])

    def _is_whole(self, connection: Connection) -> bool:
        """Return whether the store has its version and all tables. Raises BadStudy for a version we do not read."""
        tables = set(inspect(connection).get_table_names())
        schema = read_version(get_meta(connection, "schema")) if "meta" in tables else None
        self.is_earlier = schema in UPGRADABLE  # then `upgrade` creates what is missing, once a copy is kept
        return self.is_earlier or (schema is not None and set(metadata.tables) <= tables)

    @property
    def why_not_writable(self) -> str | None:
        """Why the store's file cannot be written; None if it can be, and for a database on a server, which decides."""
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        return why_not_writable(Path(file)) if file else None

    def check_writable(self) -> None:
        """Raise BadStudy if the store's file cannot be written, before long work whose result could not be stored."""
        if why := self.why_not_writable:
            raise BadStudy(f"this study can only be read: {why}")

    def _refuse_if_lost(self, connection: Connection, is_new: bool) -> None:
        """Raise BadStudy if tables are missing from a store that had them: they are not made again, empty."""
        tables = set(inspect(connection).get_table_names())
        missing = set(metadata.tables) - tables
        if is_new:
            has_rows = "articles" in tables and connection.execute(select(articles.c.id).limit(1)).first() is not None
            being_made = {"articles", "revisions", "spans"} <= tables  # else they are another program's
            lost = has_rows or not (self._may_create or being_made)
        else:
            has_sums = connection.dialect.name == "sqlite" and table_sums.are_kept(driver(connection))
            lost = not self.is_earlier and missing != (set() if has_sums else {"row_sums"})
        if lost:
            raise BadStudy(lost_tables(self.engine.url, sorted(missing)))

    def keep_sums(self) -> None:
        """From now on keep sums over all rows, by which a changed file is found; nothing if they are kept already."""
        if self._place is not None:
            return
        if self.engine.dialect.name == "postgresql":
            server_sums.keep(self.reading, self.writing)
            return
        if self.why_not_writable:
            return
        with self.reading() as connection:
            if table_sums.are_kept(driver(connection)):
                return
        with self.writing() as connection:
            if not table_sums.are_kept(driver(connection)):
                table_sums.sum_all(driver(connection))
        self.engine.dispose()  # connections look for sums when they are opened

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin one transaction, which stores all or nothing; others who write wait until it ends.

        Reads inside are current, also those of functions called inside that open a connection themselves: in one
        thread they all share the transaction. So read inside whatever decides what you write. Raises BadStudy where
        another command goes on writing for longer than PATIENCE.
        """
        outer: Connection | None = getattr(self._of_thread, "connection", None)
        if outer is not None:
            with outer.begin_nested():  # an error that the caller survives takes back what was written here
                yield outer
            return
        with self._beginning_to_write() as connection:
            self._of_thread.connection, before = connection, changes_in(connection)
            try:
                yield connection
                self.writes += changes_in(connection) > before
            finally:
                self._of_thread.connection = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, which sees the store as it is at the first query; inside `writing`, that one."""
        outer: Connection | None = getattr(self._of_thread, "connection", None)
        if outer is not None:
            yield outer
            return
        with self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
                connection.execute(text("SET TRANSACTION READ ONLY"))  # the option would make others read and write
            yield connection

    @contextmanager
    def _beginning_to_write(self) -> Iterator[Connection]:
        """Wait until nobody else writes, with a word if that takes longer than a moment, and begin a transaction."""
        self.check_writable()
        began, waiting = time.monotonic(), False
        while True:
            connection = None
            if self._turn.acquire(timeout=LOOK):
                try:
                    connection = self._try_to_begin()
                finally:
                    if connection is None:
                        self._turn.release()
            if connection is not None:
                break
            waited = time.monotonic() - began
            if waited >= self.patience:
                raise BadStudy(
                    f"another command has been writing to this study for {round(waited / 60)} minutes, so that this "
                    "one could not go on; what it stored before is kept: run it again when the other one has ended"
                )
            if waited >= WORD and not waiting:
                waiting = True
                _logger.warning("another command is writing to this study; waiting")
        try:
            with connection, _ending(connection):
                self._check_place(connection)
                yield connection
        finally:
            self._turn.release()

    def _file_number(self) -> int | None:
        """Return the number of a SQLite store's file on its disk; None for a database on a server."""
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        return Path(file).stat().st_ino if file and Path(file).exists() else None

    def _check_place(self, connection: Connection) -> None:
        """Raise BadStudy if the store was copied to another place, or repaired, while this command waited."""
        place = get_meta(connection, MOVED) if self._is_prepared else None
        if self._is_prepared and place != self._place:
            raise BadStudy(f"the study's store has just moved to {place}; give the command again")
        if place is not None and self._is_prepared and not self._stays:
            raise BadStudy(
                f"the study's store was moved to {place}, and what is written here would not be there: write that "
                "address under [store] in study.toml; or, to go on here with what was here then: slantwise study repair"
            )
        if self._is_prepared and self._file_number() != self._opened_file:
            raise BadStudy("the study's store was replaced meanwhile, as by a repair; give the command again")

    def _try_to_begin(self) -> Connection | None:
        """Begin a transaction that writes; None if another process is in one."""
        connection = self.engine.connect()
        try:
            connection.execution_options(slantwise_writes=True)
            connection.begin()
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{int(LOOK * 1000)}ms'"))
                connection.execute(text(f"SELECT pg_{ONE_WRITER}"))
                connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
                connection.execute(text(server_sums.SWITCH))
        except OperationalError as error:
            connection.close()
            if _is_busy(error):
                return None
            raise
        except BaseException:
            connection.close()
            raise
        return connection

    def stay(self) -> str | None:
        """Be written to again, though it was moved to another place; return that place."""
        if (place := self._place) is not None:
            self._stays = True
            with self.writing() as connection:
                connection.execute(meta.delete().where(meta.c.key == MOVED))
            self._place, self._stays = None, False
        return place

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


@contextmanager
def _ending(connection: Connection) -> Iterator[None]:
    """Commit the transaction that has begun, or take it back."""
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _is_busy(error: OperationalError) -> bool:
    """Return whether a database refuses to begin because another process writes (psycopg, and Python's sqlite3)."""
    return getattr(error.orig, "sqlstate", None) == "55P03" or "database is locked" in str(error.orig)


def put(
    connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], *, replace: Sequence[str] = ()
) -> None:
    """Insert rows; of a row whose key exists already, only the columns named in `replace` are updated.

    Rows of tables with a digest get it here; where rows are replaced, `replace` names all columns except the key.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    pending = sealed(table, rows)
    if replace and is_sealed(table):
        replace = all_but_keys(table, replace)
    keys = list(table.primary_key.columns)
    for first in range(0, len(pending), _CHUNK):
        statement = dialect.insert(table)
        if replace:
            statement = statement.on_conflict_do_update(
                index_elements=keys, set_={name: statement.excluded[name] for name in replace}
            )
        else:
            statement = statement.on_conflict_do_nothing(index_elements=keys)
        connection.execute(statement, pending[first : first + _CHUNK])


def add_counts(connection: Connection, table: Table, column: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows; of a row whose key exists already, `column` grows by the new value."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    pending = list(rows)
    for first in range(0, len(pending), _CHUNK):
        statement = dialect.insert(table)
        statement = statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={column: table.c[column] + statement.excluded[column]},
        )
        connection.execute(statement, pending[first : first + _CHUNK])


def batches(values: Iterable[Any], size: int = 1000) -> Iterator[list[Any]]:
    """Cut values into lists that fit the parameter limits of both databases.

    >>> [len(batch) for batch in batches(range(2500))]
    [1000, 1000, 500]
    """
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


def get_meta(connection: Connection, key: str) -> str | None:
    """Return the value stored under a key."""
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Store a value under a key."""
    put(connection, meta, [{"key": key, "value": value}], replace=["value"])
