"""Pieces: table rows that are sentences or paragraphs of articles, put together in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ROW_COLUMNS = ("position", "id", "text", "body", "content")  # what each row has of its own


@dataclass
class _RowsOfArticle:
    place: int
    rows: dict[float, Mapping[str, Any]] = field(default_factory=dict)


class ArticleRows:
    """The rows of a table that name their article and their place in it, in any order of the file.

    >>> pieces = ArticleRows()
    >>> for position, text in ((2, "It burned."), (1, "Velo fell.")):
    ...     pieces.add({"article_id": "a", "position": position, "text": text, "desk": "foreign"}, 0)
    >>> pieces.articles()
    [(0, {'article_id': 'a', 'desk': 'foreign', 'text': 'Velo fell.\\n\\nIt burned.'})]
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _RowsOfArticle] = {}

    @staticmethod
    def is_piece(row: Mapping[str, Any]) -> bool:
        """Say whether a row names its article and its place in it; without a place it is an article of its own."""
        return not _empty(row.get("article_id")) and not _empty(row.get("position"))

    def add(self, row: Mapping[str, Any], place: int) -> str | None:
        """Take a row, whose article is to stand behind `place` others; return in words why it cannot be taken."""
        position = _number(row["position"])
        if position is None:
            return f"the position is {str(row['position'])[:40]!r}; expected the row's number in its article"
        if not any(str(row.get(name) or "").strip() for name in ("text", "body", "content")):
            return "the row has no text; expected a sentence or a paragraph of its article"
        key = (str(row.get("outlet") or "").strip(), str(row["article_id"]).strip())
        article = self._found.setdefault(key, _RowsOfArticle(place))
        if position in article.rows:
            return f"the article {key[1]!r} has a row with the position {row['position']} already; number its rows"
        article.rows[position] = row
        return None

    def articles(self) -> list[tuple[int, dict[str, Any]]]:
        """Return (place, row) of each article: its text, and those columns that say the same in all of its rows."""
        return [
            (article.place, _join_rows([row for _, row in sorted(article.rows.items())]))
            for article in self._found.values()
        ]


def _join_rows(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    first = rows[0]
    whole = {
        name: value
        for name, value in first.items()
        if name not in _ROW_COLUMNS and all(row.get(name) == value for row in rows)
    }
    said = [
        next(str(row[n]).strip() for n in ("text", "body", "content") if str(row.get(n) or "").strip()) for row in rows
    ]
    return {**whole, "text": "\n\n".join(said)}


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number else None


def _empty(value: Any) -> bool:
    return (
        value is None or (isinstance(value, str) and not value.strip()) or (isinstance(value, float) and value != value)
    )
