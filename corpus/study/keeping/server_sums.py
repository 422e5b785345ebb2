"""Sums over the rows of a store in PostgreSQL, so that a value that was changed or lost there is found.

A row has a number, the first digits of its md5, and belongs to the part that this says; the numbers of a part are
added up. Triggers keep the sums in transactions of Slantwise only, so a change that came another way is found.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from sqlalchemy import Connection, Table, select, text
from sqlalchemy.exc import DBAPIError

from ..tables import row_sums
from .table_sums import PARTS, summed_tables

SWITCH = "SET LOCAL slantwise.writes = 'on'"  # says to the triggers that a transaction is one of ours
_NUMBER = "('x' || left(md5({row}::text), 10))::bit(40)::bigint"  # 40 bits: millions of rows of a part can be added up
_PART = f"({_NUMBER} % {PARTS})"
_ADD = (
    'UPDATE row_sums AS r SET "rows" = r."rows" {sign} d.n, "sum" = r."sum" {sign} d.total FROM ('
    f"SELECT {_PART.format(row='t')} AS part, count(*) AS n, sum({_NUMBER.format(row='t')})::bigint AS total "
    'FROM {rows} AS t GROUP BY 1) AS d WHERE r."table" = TG_TABLE_NAME::text AND r.part = d.part;'
)
_FUNCTION = f"""
CREATE FUNCTION slantwise_keep_sums() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('slantwise.writes', true) = 'on' THEN
    IF TG_OP <> 'DELETE' THEN {_ADD.format(sign="+", rows="new_rows")} END IF;
    IF TG_OP <> 'INSERT' THEN {_ADD.format(sign="-", rows="old_rows")} END IF;
  END IF;
  RETURN NULL;
END $$
"""
_TRANSITIONS = {"INSERT": "NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}
_TRANSITIONS["UPDATE"] = " ".join(_TRANSITIONS.values())


Opening = Callable[[], AbstractContextManager[Connection]]


def keep(reading: Opening, writing: Opening) -> None:
    """From now on keep sums, if they are not kept yet and the server's user may make triggers."""
    with reading() as connection:
        if are_kept(connection):
            return
    with suppress(DBAPIError), writing() as connection:
        if not are_kept(connection):
            begin_to_keep(connection)


def are_kept(connection: Connection) -> bool:
    """Return whether sums are kept in this store."""
    return connection.execute(text("SELECT to_regprocedure('slantwise_keep_sums()')")).scalar() is not None


def begin_to_keep(connection: Connection) -> None:
    """Make the triggers, and store the sums of all tables as they are now."""
    connection.execute(text(_FUNCTION))
    for table in summed_tables():
        for event, rows in _TRANSITIONS.items():
            connection.execute(
                text(
                    f"CREATE TRIGGER slantwise_{event.lower()} AFTER {event} ON {table.name} REFERENCING {rows} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION slantwise_keep_sums()"
                )
            )
    sum_all(connection)


def sum_all(connection: Connection) -> None:
    """Store the sums of all tables as they are now."""
    connection.execute(row_sums.delete())
    rows = [
        {"table": table.name, "part": part, "rows": n, "sum": total}
        for table in summed_tables()
        for part, (n, total) in sums_of(connection, table).items()
    ]
    connection.execute(row_sums.insert(), rows)


def sums_of(connection: Connection, table: Table) -> dict[int, tuple[int, int]]:
    """Return the number of rows and the sum of each part of a table, as its rows are now."""
    query = (
        f"SELECT {_PART.format(row='t')}, count(*), sum({_NUMBER.format(row='t')})::bigint FROM {table.name} AS t "
        "GROUP BY 1"
    )
    found = {int(part): (int(n), int(total)) for part, n, total in connection.execute(text(query)).tuples()}
    return {part: found.get(part, (0, 0)) for part in range(PARTS)}


def changed_parts(connection: Connection) -> dict[str, set[int]]:
    """Return the parts of tables whose rows are not those that Slantwise wrote, by table."""
    s = row_sums.c
    stored = {(row.table, row.part): (row.rows, row.sum) for row in connection.execute(select(row_sums))}
    found = {}
    for table in summed_tables():
        now = sums_of(connection, table)
        if wrong := {part for part, values in now.items() if stored.get((table.name, part)) != values}:
            found[table.name] = wrong
    unknown = set(connection.execute(select(s.table).distinct()).scalars()) - {table.name for table in summed_tables()}
    return found | {name: set() for name in unknown}


def rows_of(connection: Connection, table: Table, parts: set[int]) -> list[str]:
    """Return the keys of the rows in some parts of a table."""
    keys = ", ".join(f't."{column.name}"' for column in table.primary_key.columns)
    listed = ", ".join(map(str, sorted(parts))) or "-1"
    query = f"SELECT {keys} FROM {table.name} AS t WHERE {_PART.format(row='t')} IN ({listed})"
    return [" ".join(str(value) for value in row if value != "") for row in connection.execute(text(query)).tuples()]
