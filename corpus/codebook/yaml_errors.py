"""Errors in a codebook's YAML file, reported with their line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # used in columns (`wording=plain`) and file names, so no blanks, = or |
VERSION_PATTERN = r"^\d+(\.\d+)*$"


class FieldError(ValueError):
    """An error in one field of a codebook, with the path to the field."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def describe_error(where: str, tree: yaml.Node | None, error: Mapping[str, Any]) -> str:
    """Describe one of pydantic's errors: the file, the line, the field and the problem."""
    cause = error.get("ctx", {}).get("error")
    path = cause.path if isinstance(cause, FieldError) else tuple(error["loc"])
    field = f", {'.'.join(map(str, path))}" if path else ""
    message = _in_words(error) or error["msg"]
    return f"{where}, line {_line(tree, path)}{field}: {str(message).removeprefix('Value error, ')}"


def _in_words(error: Mapping[str, Any]) -> str | None:
    """Return what to do about an error that pydantic describes in its own words."""
    value, kind = error.get("input"), error["type"]
    if kind == "extra_forbidden":
        return "there is no such field; check its spelling"
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] == NAME_PATTERN:
        quotes = '; its quotation marks are typographic, write "' if str(value)[:1] in "“”„‘’‚«»" else ""
        return (
            f"{value!r} is not a name; expected letters from A to Z, digits, _ . - and no blanks{quotes}; "
            "longer words belong into `label:`"
        )
    if kind == "string_pattern_mismatch" and error["ctx"]["pattern"] == VERSION_PATTERN:
        return f"{value!r} is not a version; expected numbers with points between them, such as 1.0"
    if kind == "string_type" and value is None:
        return "it is empty; write it, in quotes if it is a word such as null"
    if kind == "string_type":
        return f"found {str(value)[:60]}; expected text"
    if kind == "too_short":
        least = error["ctx"]["min_length"]
        items = "item" if least == 1 else "items"
        return f"found {error['ctx']['actual_length'] or 'none'}; expected at least {least} {items}"
    if kind in ("model_type", "model_attributes_type") and isinstance(value, str):
        return f"found {value!r}; expected fields such as `name: {value}`"
    return None


def without_consequences(errors: Sequence[Any]) -> list[Any]:
    """Return pydantic's errors without those that only say that a list has too few items of which one is wrong."""
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(len(one["loc"]) > len(error["loc"]) and one["loc"][: len(error["loc"])] == error["loc"]
                   for one in errors)
    ]  # fmt: skip


def duplicate_key(tree: yaml.Node | None) -> tuple[int, str] | None:
    r"""Return (line, key) of the first key that occurs twice in its mapping; YAML would only keep the last one.

    >>> duplicate_key(yaml.compose("a: 1\nb: {c: 2,\n c: 3}"))
    (3, 'c')
    """
    queue, seen = [tree], set()
    duplicates = []
    while queue:
        node = queue.pop()
        if node is None or id(node) in seen:  # an alias can refer to a node that contains it
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    duplicates.append((key.start_mark.line + 1, str(key.value)))
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
                queue += [key, value]
        elif isinstance(node, yaml.SequenceNode):
            queue += node.value
    return min(duplicates, default=None)


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """Return the line, from 1, of the deepest part of the path that the file has."""
    line = node.start_mark.line if node else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if entry is None:
                break
            line, node = entry[0].start_mark.line, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1
