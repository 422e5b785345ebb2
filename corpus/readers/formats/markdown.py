"""Read Markdown, with the metadata that may precede it (front matter)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from typing import Any

from corpus.draft import ReadResult, Refusal, short_message
from corpus.readers.json_rows import read_one
from corpus.text.markup import text_of_html

_FRONT = re.compile(r"\s*---[ \t]*\r?\n(?P<fields>.*?\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_TOML_FRONT = re.compile(r"\s*\+\+\+[ \t]*\r?\n(?P<fields>.*?\n)\+\+\+[ \t]*(?:\r?\n|$)", re.DOTALL)
_HEADING = re.compile(r"\s*(?:#[ \t]+(?P<hash>[^\n]+?)[ \t#]*|(?P<line>[^\n]+)\n=+[ \t]*)(?:\n|$)")
_ITEM = re.compile(r"\s*(?:[-*+]|(?P<number>\d{1,3})[.)])\s+(?=\S)")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*")
_FOOTNOTE_MARK = re.compile(r"(?<=\S)\[\^[^\]\s]{1,20}\](?!:)")


def read_markdown(text: str, name: str, where: str) -> ReadResult:
    """Read the article of a text in Markdown; `name` is its key unless its metadata give an address or an id."""
    warnings: list[Refusal] = []
    row: dict[str, Any] = {}
    if match := _FRONT.match(text) or _TOML_FRONT.match(text):
        fields, why = _fields(match["fields"], is_toml=match.re is _TOML_FRONT)
        row |= fields
        warnings += [Refusal(where, why)] if why else []
        text = text[match.end() :]
    if (heading := _HEADING.match(text.replace("\r\n", "\n"))) and not row.get("title"):
        row["title"] = text_of_markdown((heading["hash"] or heading["line"]).strip())
    row["text"] = text_of_markdown(text)
    result = read_one(row, name, where)
    return replace(result, warnings=[*warnings, *result.warnings])


def text_of_markdown(text: str) -> str:
    r"""Return a text in Markdown as it is shown, without its marks.

    >>> text_of_markdown("# Velo falls\n\nTroops **took** [Velo](https://x.example) in\n1986. They_hold_it.")
    'Velo falls\n\nTroops took Velo in 1986. They_hold_it.'
    """
    from markdown_it import MarkdownIt

    # lists and indented lines stay as they are written: a rendered list would lose its numbers
    reader = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["list", "code"])
    html = reader.render(_FOOTNOTE_MARK.sub("", _items_apart(text)))
    return "\n\n".join(" ".join(part.split()) for part in text_of_html(html).split("\n\n"))


def _items_apart(text: str) -> str:
    r"""Return the text with each item of a list as a paragraph, without its bullet and with its number.

    >>> _items_apart("- Velo\n- Karsk\n* * *\nSince\n12. May:\n1. Velo\n2. Karsk")
    '\nVelo\n\nKarsk\n* * *\nSince\n12. May:\n\n1. Velo\n\n2. Karsk'
    """
    lines, in_list = [], True
    for line in text.splitlines():
        match = None if _RULE.fullmatch(line) else _ITEM.match(line)
        number = match["number"] if match else None
        if match and (number is None or number == "1" or in_list):
            lines += ["", (f"{number}. " if number else "") + line[match.end() :]]
            in_list = True
        else:
            lines.append(line)
            in_list = not line.strip() or (in_list and line[:1] in " \t")
    return "\n".join(lines)


_MOST_METADATA = 30_000  # characters


def _fields(text: str, *, is_toml: bool) -> tuple[dict[str, str], str | None]:
    """Return the metadata above a text, and why they cannot be used."""
    import tomllib

    import yaml

    if len(text) > _MOST_METADATA:
        return {}, f"the metadata above its text have {len(text):,} characters; expected at most {_MOST_METADATA:,}"
    try:
        # in YAML all values stay as they are written
        values = tomllib.loads(text) if is_toml else yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return {}, f"the metadata above its text cannot be read ({short_message(error)}); correct them and add it again"
    if not isinstance(values, dict):
        return {}, "the metadata above its text were ignored; expected lines such as outlet: Herald"
    named = {str(name).strip(): _written(value) for name, value in values.items()}
    return {name: value for name, value in named.items() if value is not None}, None


def _written(value: Any) -> str | None:
    """Return a value of TOML or YAML as a cell of a table; None for one with values of its own."""
    if isinstance(value, dict):
        return None
    if isinstance(value, list):
        parts = [str(part) for part in value if not isinstance(part, dict | list)]  # which may name each other
        return ", ".join(parts) if parts or not value else None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | time) else str(value)
