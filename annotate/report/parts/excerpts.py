"""Excerpts: a span with a limited number of characters of its passage on either side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Excerpt:
    """A span's words and the text to their left and right."""

    left: str
    words: str
    right: str


def excerpt(text: str, start: int, end: int, most: int) -> Excerpt:
    """Return `text[start:end]` with at most `most` characters on either side, cut at word boundaries.

    >>> excerpt("Northland took Velo on Monday.", 15, 19, 8)
    Excerpt(left='… took ', words='Velo', right=' on …')
    """
    left, right = text[:start], text[end:]
    return Excerpt(
        "… " + left[-most:].partition(" ")[2] if len(left) > most else left,
        text[start:end],
        right[:most].rpartition(" ")[0] + " …" if len(right) > most else right,
    )
