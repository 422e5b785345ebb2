"""Results: what a verb returns, as JSON for machines and as a table for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import Field, field, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args, get_type_hints

if TYPE_CHECKING:
    import pandas as pd


class Result:
    """The base class of results, which are dataclasses: their fields are the keys that a command's --json prints.

    `printed` names properties that are printed as well, `rows` the field that the table shows, one row each.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Hits(Result):
    ...     term: str
    ...     outlets: tuple[str, ...]
    ...     refusals: tuple[str, ...] = printed_as("refused")
    ...     rows = "outlets"
    >>> Hits("took", ("Herald",), ()).json()
    {'term': 'took', 'outlets': ['Herald'], 'refused': []}
    >>> Hits("took", ("Herald", "Courier"), ()).table()
       outlets
    0   Herald
    1  Courier
    >>> Hits("took", (), ()).table().columns.tolist()
    ['outlets']
    """

    printed: ClassVar[tuple[str, ...]] = ()
    rows: ClassVar[str] = ""

    def json(self) -> dict[str, Any]:
        """Return what the command that calls this verb prints with --json."""
        return {**_fields(self), **{name: plain(getattr(self, name)) for name in self.printed}}

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Return the result that `json` gave this object. Raises ValueError if it has another form."""
        result: Self = _reader(cls).validate_python(stored)  # type: ignore[arg-type]  # a class is hashable
        return result

    def table(self) -> pd.DataFrame:
        """Return the result as a table: its rows, or its single figures."""
        import pandas as pd

        if not self.rows:
            figures = {name: value for name, value in self.json().items() if not isinstance(value, dict | list)}
            return pd.DataFrame({"": figures.keys(), "value": figures.values()}).set_index("")
        rows = getattr(self, self.rows)
        if isinstance(rows, Mapping):
            return pd.DataFrame.from_dict({name: plain(row) for name, row in rows.items()}, orient="index")
        listed = [plain(row) for row in rows]
        columns = (
            None if listed and isinstance(listed[0], dict) else row_columns(type(self))
        )  # also where there is none
        return pd.DataFrame(listed, columns=columns)

    def _repr_html_(self) -> str:
        """Show the table in a notebook; a long one is shortened, as pandas does it."""
        return str(self.table()._repr_html_())  # type: ignore[operator]


def row_columns(kind: type[Result]) -> list[str]:
    """Return the columns that a kind of result has in its table, from the type of its rows."""
    listed = getattr(kind, kind.rows, None)
    hint = get_type_hints(listed.fget)["return"] if isinstance(listed, property) else get_type_hints(kind)[kind.rows]
    row = next(one for one in get_args(hint) if one is not str)
    if is_dataclass(row):
        own = [one.metadata.get("key", one.name) for one in fields(row)]
        return [*(name for name in own if name is not None), *getattr(row, "printed", ())]
    return list(getattr(row, "_fields", [kind.rows]))


@cache
def _reader(kind: type[Any]) -> Any:
    """Return the adapter that reads results of a kind from JSON."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def balance(read: int, new: int, changed: int, unchanged: int, passed_over: int, refused: int) -> str:
    """Return what became of everything that was read, in a line that adds up.

    >>> balance(5, new=3, changed=0, unchanged=1, passed_over=0, refused=1)
    '5 read: 3 new, 0 changed, 1 unchanged, 1 refused'
    """
    passed = f", {passed_over} passed over" if passed_over else ""
    return f"{read} read: {new} new, {changed} changed, {unchanged} unchanged{passed}, {refused} refused"


def shown_codes(text: str) -> str:
    r"""Return a text as it is shown in terminals and on pages: characters that steer these become codes.

    >>> shown_codes("Velo \u202eollev\x1b[31m")
    'Velo ⟨U+202E⟩ollev⟨U+001B⟩[31m'
    """
    return _STEERING.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text) if _STEERING.search(text) else text


# control characters but tab and the end of a line, changes of direction that go on beyond their text, half characters
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printed_as(key: str | None, **options: Any) -> Any:
    """Return a dataclass field that JSON has under another key; None leaves it out."""
    return field(metadata={"key": key}, **options)


def if_known() -> Any:
    """Return a dataclass field that is None unless it is given, and that JSON then leaves out."""
    return field(default=None, metadata={"if_known": True})


def plain(value: Any) -> Any:
    """Return a value as JSON has it: dataclasses as objects, paths and dates as text, numpy's numbers as Python's.

    >>> plain({"day": date(2024, 5, 11), "files": (Path("a.txt"),)})
    {'day': '2024-05-11', 'files': ['a.txt']}
    """
    if isinstance(value, Result):
        return value.json()
    if is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if hasattr(value, "_asdict"):  # a named tuple
        return {name: plain(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Set):
        return sorted(plain(item) for item in value)
    if isinstance(value, Path | date):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass under the keys that JSON has for them."""

    def key(one: Field[Any]) -> str | None:
        name: str | None = one.metadata.get("key", one.name)
        return None if "if_known" in one.metadata and getattr(value, one.name) is None else name

    return {name: plain(getattr(value, one.name)) for one in fields(value) if (name := key(one)) is not None}
