"""Bring objects within the objects of JSON, JSON lines and Parquet into columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .columns import FIELDS, folded_name

# where an object is used for one value of a field, the names of that value: NewsAPI, WordPress, MongoDB and others
_VALUES = ("name", "rendered", "main", "value", "#text", "title", "$date", "$oid", "$numberLong")
_HOLDERS = frozenset(("fields", "_source", "row"))  # of a row's columns: The Guardian, Elasticsearch, Hugging Face
_WHOLE = frozenset(("text", "title", "date", "outlet", "url", "language"))  # refused or reported where they are objects


def flat_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the values of objects in it as columns.

    >>> flat_row({"source": {"id": None, "name": "Herald"}, "fields": {"body": "Velo fell."}, "title": "Velo"})
    {'title': 'Velo', 'source.id': None, 'source': 'Herald', 'body': 'Velo fell.'}
    >>> flat_row({"title": {"rendered": "Velo"}, "desk": {"name": "war"}})
    {'title': 'Velo', 'desk.name': 'war'}
    >>> flat_row({"text": {"en": "Velo fell."}, "published": {"$date": {"$numberLong": "1709625600000"}}})
    {'text': {'en': 'Velo fell.'}, 'published': '1709625600000'}
    """
    flat: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name in _HOLDERS:
            nested |= flat_row(value)
            continue
        field = FIELDS.get(folded_name(name))
        inner_name = _value_name(value) if field else None
        if not isinstance(value, dict) or (field in _WHOLE and inner_name is None):
            flat[name] = value
            continue
        for inner, held in value.items():
            while inner == inner_name and (deeper := _value_name(held)):
                held = held[deeper]
            nested[name if inner == inner_name else f"{name}.{inner}"] = held
    return flat | {column: held for column, held in nested.items() if flat.get(column) in (None, "")}


def _value_name(value: Any) -> str | None:
    """Return the name of the value that an object is used for, None if it is used for several."""
    return next((name for name in _VALUES if name in value), None) if isinstance(value, dict) else None
