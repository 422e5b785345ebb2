"""A digest with every row that figures rest on, so that a changed value is found and not only a broken page.

The digest is that of the JSON list of the table's name and the values of all other columns, by the columns' names in
alphabetical order. Both databases store the same values, so it is the same in both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Connection, Float, Integer, Table, bindparam, select, update

DIGEST = "digest"
_BYTES = 8  # 16 hexadecimal digits
_CHUNK = 2000  # rows a statement
_json = json.JSONEncoder(separators=(",", ":"), default=repr).encode

Row = Mapping[str, Any]


def is_sealed(table: Table) -> bool:
    """Return whether the table's rows bear a digest of their other values."""
    return DIGEST in table.c and table.c[DIGEST].info.get("of") == "row"  # a revision's is that of its text


def values_of(table: Table) -> list[Column[Any]]:
    """Return the columns of a table, without that of the row's digest."""
    return [column for column in table.columns if not (column.name == DIGEST and is_sealed(table))]


def digest_of(table: Table, row: Row) -> str:
    """Return the digest of a row by its other columns; a column that is missing has its default.

    >>> from corpus.study import database as db
    >>> row = {"round": "pilot", "span": "0feaaab8ee6d-02b22a5b:mention:0-6", "position": 0, "pi": 0.25}
    >>> digest_of(db.draws, row)
    'e27811e2b1e7d87d'
    >>> digest_of(db.draws, {**row, "stratum": "", "pi": 1 / 4}) == digest_of(db.draws, row)
    True
    >>> digest_of(db.draws, {**row, "pi": 0.250001}) == digest_of(db.draws, row)
    False
    """
    return _digester(table)(row)


def sealed(table: Table, rows: Iterable[Row]) -> list[Row]:
    """Return the rows, each with its digest if it is a table whose rows bear one."""
    if not is_sealed(table):
        return list(rows)
    digest = _digester(table)
    return [{**row, DIGEST: digest(row)} for row in rows]


def reseal(connection: Connection, table: Table, where: ColumnElement[bool]) -> None:
    """Renew the digests of the rows of which a value was updated, by a condition that holds after the update."""
    digest = _digester(table)
    keys = [column.name for column in table.primary_key]
    same_key = [table.c[name] == bindparam(f"key_{name}") for name in keys]
    renew = update(table).where(*same_key).values(digest=bindparam("renewed"))
    rows = iter([dict(row) for row in connection.execute(select(table).where(where)).mappings()])
    while chunk := list(islice(rows, _CHUNK)):
        changed = [
            {"renewed": new, **{f"key_{name}": row[name] for name in keys}}
            for row in chunk
            if (new := digest(row)) != row[DIGEST]
        ]
        if changed:
            connection.execute(renew, changed)


def all_but_keys(table: Table, replace: Sequence[str]) -> list[str]:
    """Return the columns to update in a row that is replaced: all except the key, or its digest would be wrong."""
    columns = [column.name for column in table.columns if not column.primary_key]
    if missing := set(columns) - {DIGEST, *replace}:
        raise ValueError(f"{table.name}: rows bear a digest; replace {sorted(missing)} too")
    return columns


@cache
def _digester(table: Table) -> Callable[[Row], str]:
    """Return a function from a row to its digest."""
    prefix = _json([table.name])[:-1]
    columns = sorted((column for column in table.columns if column.name != DIGEST), key=lambda column: column.name)
    fields = [(c.name, c.default.arg if c.default is not None else None, _form(c.type)) for c in columns]  # type: ignore[attr-defined]

    def digest(row: Row) -> str:
        values = []
        for name, default, form in fields:
            value = row.get(name, default)
            values.append(value if form is None or value is None else form(value))
        return hashlib.blake2b(f"{prefix},{_json(values)}]".encode(), digest_size=_BYTES).hexdigest()

    return digest


def _form(type: Any) -> Callable[[Any], Any] | None:
    """Return the function that gives a value of a column the one form that it has in the digest."""
    if isinstance(type, Float):
        return _float
    return bool if isinstance(type, Boolean) else _integer if isinstance(type, Integer) else None


def _float(value: Any) -> float | str | None:
    """Return a number as both databases return it: SQLite has no -0.0, and NULL in the place of NaN."""
    try:
        number = float(value)
    except (TypeError, ValueError):  # damaged
        return repr(value)
    return None if number != number else number + 0.0


def _integer(value: Any) -> int | str:
    try:
        return int(value)
    except (TypeError, ValueError):  # damaged
        return repr(value)
