"""Read a codebook's YAML as it is written: yes, no, 1.10 and 2024-05-01 are words.

YAML takes such words for truth values, numbers and dates. Here the codebook's fields decide: names, labels and versions
are text, a code's value is a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

NULL_WORDS = ("null", "Null", "NULL", "~")
NOT_WORDS = ("value", "version", "hotkey")  # fields in which 1 needs no quotes
_TYPOGRAPHIC = {"“": "”", "„": "“", "«": "»", "‘": "’", "‚": "‘", "”": "”", "’": "’", "»": "«", "‹": "›"}
_ODD_BLANK = re.compile("[\u00a0\u2000-\u200b\u202f\u2060\u3000\ufeff]")


class NullWord(str):
    """An unquoted `null` or `~`: no value where a field may be left out, and this word where it may not."""

    __slots__ = ()


class WordLoader(yaml.SafeLoader):
    """YAML in which every unquoted word is text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - so that no word is a truth value, number or date


WordLoader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
WordLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
WordLoader.add_implicit_resolver("!null-word", re.compile(r"^(?:~|null|Null|NULL)$"), ["~", "n", "N"])
WordLoader.add_constructor("!null-word", lambda _, node: NullWord(node.value))


def read_words(text: str) -> tuple[yaml.Node | None, Any]:
    r"""Return the tree and the content of a YAML text. Raises yaml.YAMLError, ValueError and RecursionError.

    >>> read_words("version: 1.10\ncodes: [yes, NO, 01, 1:30, 2024-05-01]")[1]
    {'version': '1.10', 'codes': ['yes', 'NO', '01', '1:30', '2024-05-01']}
    """
    try:
        return yaml.compose(text, Loader=WordLoader), yaml.load(text, Loader=WordLoader)  # noqa: S506 - a safe loader
    except (KeyError, AttributeError, TypeError, IndexError):  # as for `!!bool maybe`
        raise yaml.YAMLError("a value does not fit its tag, which begins with !; delete the tag") from None


def without_null_words(fields: Any, required: frozenset[str]) -> Any:
    """Return a codebook's fields without those that are an unquoted null; a required one has the word itself."""
    if not isinstance(fields, dict):
        return fields
    return {name: value for name, value in fields.items() if not isinstance(value, NullWord) or name in required}


def words_to_quote(tree: yaml.Node | None) -> list[tuple[int, str]]:
    r"""Return (line, advice) for the unquoted words that other programs read as something else, and for odd quotes.

    >>> for line, advice in words_to_quote(read_words("- name: yes\n- version: 1.0\n- label: “Yes”")[0]):
    ...     print(line, advice)
    1 yes is read as the text 'yes', as it is written; put it in quotes, since other programs read it as true
    3 “Yes” is in typographic quotation marks, which are read as part of the text; write "Yes"
    """
    plain = [(field, node) for field, node in _scalars(tree) if node.style is None]
    advice = [(node.start_mark.line + 1, why) for field, node in plain for why in _advice(field, node.value)]
    return sorted(advice)


def _advice(field: str, value: str) -> Iterator[str]:
    in_quotes = "put it in quotes, since other programs read it as"
    if field == "version" and _loses_digits(value):
        yield f"{value} is read as version {value!r}; {in_quotes} {float(value)}"
    elif field not in NOT_WORDS and (other := _otherwise(value)) is not None:
        own = "no value, except in a name" if value in NULL_WORDS else f"the text {value!r}, as it is written"
        yield f"{value} is read as {own}; {in_quotes} {other}"
    if len(value) > 1 and _TYPOGRAPHIC.get(value[0]) == value[-1]:
        inside = value[1:-1]
        yield f'{value} is in typographic quotation marks, which are read as part of the text; write "{inside}"'


def _loses_digits(version: str) -> bool:
    return bool(re.fullmatch(r"\d+\.\d+", version)) and str(float(version)) != version


def _otherwise(value: str) -> str | None:
    """Return what YAML 1.1, which most programs read, makes of an unquoted word; None if it stays the word."""
    try:
        read = yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):
        return "a date" if re.match(r"\d{4}-\d", value) else None
    if read is None:
        return "no value" if value in NULL_WORDS else None
    if isinstance(read, bool):
        return str(read).lower()
    if isinstance(read, int | float):
        return f"the number {read}"
    return None if isinstance(read, str | dict | list) else f"the date {read}"


def _scalars(tree: yaml.Node | None) -> Iterator[tuple[str, yaml.ScalarNode]]:
    """Yield each scalar with the field that it belongs to; of a mapping also the keys."""
    queue: list[tuple[str, yaml.Node | None]] = [("", tree)]
    seen: set[int] = set()
    while queue:
        field, node = queue.pop()
        if node is None or id(node) in seen:  # an alias can refer to a node that contains it
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                queue += [("", key), (key.value if isinstance(key, yaml.ScalarNode) else "", value)]
        elif isinstance(node, yaml.SequenceNode):
            queue += [(field, item) for item in node.value]
        elif isinstance(node, yaml.ScalarNode):
            yield field, node


def odd_characters(text: str, line: int | None = None) -> str:
    r"""Return what a word processor may have put into YAML and makes it unreadable, with the line; "" if nothing.

    >>> odd_characters("name: x\n\u00a0\u00a0unit: y")
    '; line 2 has a non-breaking or other special blank: replace it by an ordinary one'
    >>> odd_characters("codes:\n\t- x", 2)
    '; line 2 begins with a tab: indent with blanks'
    """
    lines = text.split("\n")
    for number in [line] if line else range(1, len(lines) + 1):
        content = lines[number - 1] if number <= len(lines) else ""
        if "\t" in content[: len(content) - len(content.lstrip())]:
            return f"; line {number} begins with a tab: indent with blanks"
        if _ODD_BLANK.search(content):
            return f"; line {number} has a non-breaking or other special blank: replace it by an ordinary one"
    return ""
