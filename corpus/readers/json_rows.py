"""Read JSON files: a list of objects, an object that holds one, a data frame as JSON, JSON lines, or one article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from corpus.draft import ReadResult, Refusal, short_message
from corpus.errors import BadFile

from .table import check_columns, json_lines, read_rows
from .tables.nested import flat_row

MAX_BYTES = 300_000_000  # objects in memory take several times as much
_DEEPEST = 3  # levels at which a list of articles is searched for

_BLANKS = re.compile(r"\s*")

Row = Mapping[str, Any] | str


def read_json(text: str, name: str, source: str) -> ReadResult:
    """Read the articles of a JSON file as rows of a table; `source` names the file in refusals. Raises BadFile."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise BadFile("the JSON is nested too deeply; expected a list of articles") from None
    except ValueError as error:
        if _has_object_in_first_line(text):
            return read_rows(json_lines(text), name, source)
        value = _objects_in_sequence(text)
        if value is None:
            raise BadFile(
                f"this is not JSON ({short_message(error)}); expected a list of objects with the texts of articles, or "
                "one object per line; export it again"
            ) from None
    if not isinstance(value, list | dict):
        raise BadFile("the JSON has no objects; expected a list of objects with the texts of articles")
    rows = [flat_row(_unboxed(row)) if isinstance(row, dict) else row for row in _rows(value)]
    check_columns(list(dict.fromkeys(column for row in rows if isinstance(row, dict) for column in row)))
    if len(rows) == 1 and isinstance(rows[0], dict):
        return read_one(rows[0], name, source)
    result = read_rows(_numbered(rows), name, source)
    result.warnings.extend(_cut(rows, source))
    return result


def read_one(row: Mapping[str, Any], name: str, source: str) -> ReadResult:
    """Read one article as a row of a table; without an address or an id, `name` is its key. Raises BadFile."""
    result = read_rows([(1, row)], name, source)
    own = f"{name}:1"
    return ReadResult(
        [replace(draft, key=name) if draft.key == own else draft for draft in result.drafts],
        *([Refusal(source, why) for _, why in each] for each in (result.refusals, result.passed_over, result.warnings)),
    )


def _has_object_in_first_line(text: str) -> bool:
    try:
        return isinstance(json.loads(text.strip().split("\n", 1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def _objects_in_sequence(text: str) -> list[Any] | None:
    """Return objects that follow each other without commas, each over several lines; None if the text is damaged."""
    decoder, place, found = json.JSONDecoder(), 0, []
    try:
        while (place := _gap(text, place)) < len(text):
            value, place = decoder.raw_decode(text, place)
            found.append(value)
    except (ValueError, RecursionError):
        return None
    return found


def _gap(text: str, place: int) -> int:
    """Return the place of the next character that is not blank."""
    match = _BLANKS.match(text, place)
    return match.end() if match else place


def _rows(value: list[Any] | dict[str, Any]) -> list[Any]:
    """Return the objects that are articles. Raises BadFile if none are found, or several lists of them."""
    if isinstance(value, list):
        if not any(isinstance(row, dict) for row in value):
            raise BadFile(f"the JSON is a list of {len(value):,} values without objects; expected objects with a text")
        return value
    if frame := _rows_of_frame(value):
        return frame
    if _has_text(value):
        return [value]
    level: list[tuple[str, Any]] = list(value.items())
    for _ in range(_DEEPEST):
        lists = [(key, rows) for key, rows in level if _is_list_of_objects(rows)]
        found = [rows for _, rows in lists if any(_has_text(row) for row in rows)] or [rows for _, rows in lists]
        if len(found) == 1:
            return list(found[0])
        if found:
            names = ", ".join(key for key, _ in lists)
            raise BadFile(f"the JSON has several lists of objects ({names:.80}); put each into a file of its own")
        level = [
            (f"{key}.{inner}", below) for key, held in level if isinstance(held, dict) for inner, below in held.items()
        ]
    columns = ", ".join(list(value)[:8])
    raise BadFile(f"the JSON is one object without a text (it has {columns:.120}); expected a list of articles")


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, dict) for row in value)


def _has_text(row: Any) -> bool:
    try:
        check_columns(list(flat_row(row)) if isinstance(row, dict) else [])
    except BadFile:
        return False
    return True


def _rows_of_frame(value: dict[str, Any]) -> list[Any] | None:
    """Return the rows of a data frame that pandas wrote by column, by row or with its columns apart; else None."""
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return [dict(zip(map(str, columns), row, strict=False)) for row in data]
    parts, names = list(value.values()), dict.fromkeys(value)
    if not parts or not all(isinstance(part, dict) for part in parts):
        if len(parts) > 1 and all(isinstance(part, list) for part in parts) and _has_text(names):
            if len({len(part) for part in parts}) > 1:
                raise BadFile("the lists of the JSON are of different lengths; expected one value per article in each")
            if len(parts[0]) > 1:
                return [dict(zip(value, row, strict=True)) for row in zip(*parts, strict=True)]
        return None
    if all(_has_text(part) for part in parts):
        return parts
    if _has_text(names):
        numbers = dict.fromkeys(number for part in parts for number in part)
        return [{column: value[column].get(number) for column in value} for number in numbers]
    return None


def _numbered(rows: list[Any]) -> Iterator[tuple[int, Row]]:
    for number, row in enumerate(rows, 1):
        yield number, row if isinstance(row, dict) else "the row is not an object; expected an object with a text"


def _unboxed(row: dict[str, Any]) -> dict[str, Any]:
    """Return an object in which a list of one value, as R writes it, is the value."""
    return {
        name: value[0]
        if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list | dict)
        else value
        for name, value in row.items()
    }


def _cut(rows: list[Any], source: str) -> Iterator[Refusal]:
    """Yield a warning for each text that ends with the number of characters that were left out, as NewsAPI does it."""
    for number, row in enumerate(rows, 1):
        content = row.get("content") if isinstance(row, dict) else None
        if isinstance(content, str) and content.rstrip().endswith(" chars]"):
            left_out = content.rstrip()[-40:].rpartition("[")[2].rstrip("]")
            why = f"the text is only its beginning ({left_out} are missing); save the page and add it"
            yield Refusal(f"{source}, row {number}", why)
