"""Faults: what does not hold together in a codebook's file, said with the line that it lies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml


class Fault(ValueError):
    """What does not hold together, and the path to the part of the file that it lies in."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def said(where: str, tree: yaml.Node | None, error: Mapping[str, Any]) -> str:
    """Say one of pydantic's errors in plain words: the file, the line, the field, what is wrong."""
    fault = error.get("ctx", {}).get("error")
    path = fault.path if isinstance(fault, Fault) else tuple(error["loc"])
    named = f", {'.'.join(map(str, path))}" if path else ""
    message = "there is no such field; check its spelling" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{where}, line {_line(tree, path)}{named}: {str(message).removeprefix('Value error, ')}"


def doubled(tree: yaml.Node | None) -> tuple[int, str] | None:
    r"""Return (line, key) of the first key that its mapping has already, of which YAML would keep the last only.

    >>> doubled(yaml.compose("a: 1\nb: {c: 2,\n c: 3}"))
    (3, 'c')
    """
    left, seen = [tree], set()
    found = []
    while left:
        node = left.pop()
        if node is None or id(node) in seen:  # an alias may stand for what it lies in
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    found.append((key.start_mark.line + 1, str(key.value)))
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))
                left += [key, value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value
    return min(found, default=None)


def _line(node: yaml.Node | None, path: Sequence[str | int]) -> int:
    """Return the line, from 1, of the deepest part of the path that the file has."""
    line = node.start_mark.line if node else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return line + 1
