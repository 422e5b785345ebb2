"""Join table rows that are sentences or paragraphs into the articles they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_ROW_COLUMNS = ("position", "id", "text")  # they differ from row to row


@dataclass
class _RowsOfArticle:
    place: int
    rows: dict[float, Mapping[str, Any]] = field(default_factory=dict)


class ArticleRows:
    """Rows that name their article and their position in it, in any order.

    >>> rows = ArticleRows()
    >>> for position, text in ((2, "It burned."), (1, "Velo fell.")):
    ...     rows.add({"article_id": "a", "position": position, "text": text, "desk": "foreign"}, 0)
    >>> rows.articles()
    [(0, {'article_id': 'a', 'desk': 'foreign', 'text': 'Velo fell.\\n\\nIt burned.'})]
    """

    def __init__(self) -> None:
        self._articles: dict[tuple[str, str], _RowsOfArticle] = {}

    @staticmethod
    def is_part(row: Mapping[str, Any]) -> bool:
        """Return whether a row is part of an article: it has an `article_id` and a `position`."""
        return not _empty(row.get("article_id")) and not _empty(row.get("position"))

    def add(self, row: Mapping[str, Any], place: int) -> str | None:
        """Add a row, whose article comes after `place` others; return the reason if the row cannot be used."""
        position = _number(row["position"])
        if position is None:
            return f"the position is {str(row['position'])[:40]!r}; expected the row's number in its article"
        if not _text(row):
            return "the row has no text; expected a sentence or a paragraph of its article"
        key = (str(row.get("outlet") or "").strip(), str(row["article_id"]).strip())
        article = self._articles.setdefault(key, _RowsOfArticle(place))
        if position in article.rows:
            return f"the article {key[1]!r} already has a row with position {row['position']}; number its rows"
        article.rows[position] = row
        return None

    def articles(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Return (place, row) of each article: its text, and the columns that are equal in all of its rows."""
        return [
            (article.place, _join_rows([row for _, row in sorted(article.rows.items())]))
            for article in self._articles.values()
        ]


def _join_rows(rows: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    first = rows[0]
    shared = {
        name: value
        for name, value in first.items()
        if name not in _ROW_COLUMNS and all(row.get(name) == value for row in rows)
    }
    return {**shared, "text": "\n\n".join(map(_text, rows))}


def _text(row: Mapping[str, Any]) -> str:
    return str(row.get("text") or "").strip()


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
