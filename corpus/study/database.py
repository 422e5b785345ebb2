"""Open, read and write a study's database: SQLite, or PostgreSQL for a team. Every write can be repeated."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError

from corpus.errors import BadStudy

from .tables import *  # noqa: F403 - the tables are `db.articles` and so on
from .tables import meta, metadata

SCHEMA = 4  # raised when tables change so that another version of the program cannot use them
UPGRADABLE = (2, 3)  # the versions whose stores `upgrade` brings up to date, with all that is in them

# keys in meta
MODEL = "model"  # the version of the model that the study uses
SPLITTER = "splitter"  # what decided the spans of all texts that are split
COPIES = "copies"  # the recipe of the signatures by which copies are found
EVENTS = "events"  # the digest of all that decided the events
SCORED = "scored"  # the model, codebook and terms under which spans were scored last
STUDIO = "studio"  # by which a Label Studio's projects are known to be the study's
WARNINGS = "warnings "  # before a model's version: outlets unlike the coded ones, spans in other languages
THRESHOLDS = "thresholds "  # before a model's version: the probability below which a suggestion is doubtful

_CHUNK = 2000  # rows a statement: far below the parameter limits of both databases


class Store:
    """One study's database; open it as a context or call `close`."""

    def __init__(self, url: str | URL) -> None:
        try:
            self.engine: Engine = create_engine(url)
        except (ArgumentError, ImportError) as error:
            raise BadStudy(
                f"the store cannot be opened ({error}); expected `store.url` in study.toml to be sqlite, or "
                "postgresql+psycopg://user@host/name, for which: pip install 'psycopg[binary]'"
            ) from None
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _sqlite_settings)
        try:
            self._prepare()
        except DBAPIError as error:
            raise BadStudy(
                f"the store cannot be opened ({error.orig}); check the folder, or `store` in study.toml"
            ) from None

    def _prepare(self) -> None:
        """Create the tables, also after creating them was interrupted."""
        with self.writing() as connection:
            tables = set(inspect(connection).get_table_names())
            schema = get_meta(connection, "schema") if "meta" in tables else None
            if schema is not None and int(schema) not in (SCHEMA, *UPGRADABLE):
                raise BadStudy(_other_schema(int(schema)))
            self.is_earlier = schema is not None and int(schema) in UPGRADABLE
            if not set(metadata.tables) <= tables:
                metadata.create_all(connection)
            if schema is None:
                put(connection, meta, [{"key": "schema", "value": str(SCHEMA)}])

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is stored, or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from."""
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close the connections to the database."""
        self.engine.dispose()


def _other_schema(schema: int) -> str:
    mismatch = f"this study's store has version {schema} and this Slantwise reads version {SCHEMA}; "
    if schema > SCHEMA:
        return mismatch + "it was made by a newer Slantwise: update this one, or open the study where it was made"
    return mismatch + (
        "it was made by an earlier Slantwise, and nothing in it was changed. With that one export its answers "
        "(slantwise export DIR --format jsonl); then make a new study with this one (slantwise init), add the same "
        "texts, and take the answers back: slantwise import DIR/annotations.jsonl"
    )


def _sqlite_settings(connection: Any, _record: Any) -> None:
    for setting in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {setting}")


def put(
    connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], *, replace: Sequence[str] = ()
) -> None:
    """Insert rows; of a row whose key exists already, only the columns named in `replace` are updated."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    pending = list(rows)
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
