"""Connections to a study's SQLite file: their settings, how they begin, and a file that may only be read."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ..files import connect_to_read, why_not_writable
from ..tables import SCHEMA
from . import table_sums

LOOK = 1.0  # seconds after which a command that waits looks whether to say so, and hears Ctrl-C
BUSY = 30_000  # milliseconds that SQLite waits for locks of a moment, as while a store is opened after a crash


def connect_read_only(_dialect: Any, _record: Any, places: Any, options: Any) -> Any:
    """Return a connection to a database that may only be read; None for SQLAlchemy's own to one that may be written."""
    file = Path(places[0]) if places and places[0] else None
    return connect_to_read(file, **options) if file and why_not_writable(file) else None


def set_up(connection: Any, _record: Any) -> None:
    """Give a new connection its settings; from then on it keeps the sums over rows."""
    connection.isolation_level = None  # Python's module begins no transactions: `begin` does
    connection.execute(f"PRAGMA busy_timeout={BUSY}")
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    if not file or why_not_writable(Path(file)):
        return  # opened by `connect_to_read`
    for setting in ("foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {setting}")
    deadline = time.monotonic() + BUSY / 1000
    while True:  # SQLite does not wait itself where two processes begin a store at once
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            break
    table_sums.watch(connection, SCHEMA)


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the connection of Python's sqlite3 module below a connection."""
    inner = connection.connection.driver_connection
    assert isinstance(inner, sqlite3.Connection)
    return inner


def changes_in(connection: Connection) -> int:
    """Return how many rows a connection has changed so far; of a server's, whether its transaction has changed any."""
    if connection.dialect.name == "sqlite":
        return driver(connection).total_changes
    return int(connection.exec_driver_sql("SELECT (txid_current_if_assigned() IS NOT NULL)::int").scalar_one())


def stop_before_tables_change(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    """SQLite changes no column that a trigger names."""
    if statement.startswith("ALTER"):
        table_sums.stop_watching(driver(connection))


def begin(connection: Connection) -> None:
    """Begin a transaction: who writes says so at once, since a reader cannot become a writer after others have."""
    if not connection.get_execution_options().get("slantwise_writes"):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(LOOK * 1000)}")  # so that Ctrl-C is heard while waiting
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY}")
