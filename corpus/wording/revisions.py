"""Revisions: what changed from one state of an article's text to the next, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select

from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db

_TOKEN = re.compile(r"\w+|[^\w\s]|\n\n")
_NEAR = 3  # unchanged words between two changes that are shown as one: shorter stretches are seldom worth reading


@dataclass(frozen=True)
class Change:
    """Words that were replaced, inserted or deleted; offsets are code points, `before` in the older revision."""

    kind: str  # "replaced", "inserted" or "deleted"
    before: str
    after: str
    before_start: int
    after_start: int


def changes(before: str, after: str) -> list[Change]:
    """Return what was changed from one text to another, in the order of the text.

    >>> for change in changes("Northland liberated Velo on Monday.", "Northland occupied Velo on Monday, it said."):
    ...     print(change.kind, repr(change.before), repr(change.after))
    replaced 'liberated' 'occupied'
    inserted '' ', it said'
    """
    old, new = _tokens(before), _tokens(after)
    olds, news = [word for word, _, _ in old], [word for word, _, _ in new]
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    found = []
    for a, b, c, d in _joined([steps[1:] for steps in matcher.get_opcodes() if steps[0] != "equal"]):
        while a == b and d < len(news) and news[c] == news[d]:  # "[. It burned]." reads better as ". [It burned.]"
            a, b, c, d = a + 1, b + 1, c + 1, d + 1
        while c == d and b < len(olds) and olds[a] == olds[b]:
            a, b, c, d = a + 1, b + 1, c + 1, d + 1
        (start, end), (first, last) = _stretch(old, a, b, before), _stretch(new, c, d, after)
        kind = "inserted" if a == b else "deleted" if c == d else "replaced"
        found.append(Change(kind, before[start:end], after[first:last], start, first))
    return found


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _stretch(tokens: Sequence[tuple[str, int, int]], first: int, last: int, text: str) -> tuple[int, int]:
    """Return the offsets of some tokens; those of none are the place where they would stand."""
    if first == last:
        place = tokens[first][1] if first < len(tokens) else len(text)
        return place, place
    return tokens[first][1], tokens[last - 1][2]


def _joined(steps: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Join replacements that only a word or two keeps apart."""
    found: list[tuple[int, int, int, int]] = []
    for a, b, c, d in steps:
        last = found[-1] if found else None
        if last and a - last[1] < _NEAR and (last[1] > last[0] or b > a) and (last[3] > last[2] or d > c):
            found[-1] = (last[0], b, last[2], d)
        else:
            found.append((a, b, c, d))
    return found


def history(study: Study, article: str) -> list[dict[str, Any]]:
    """Return an article's revisions, oldest first: `revision, number, reason, text` and `changes` from the one before.

    Raises BadStudy for an unknown article.
    """
    r = db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(r.id, r.number, r.reason, r.text).where(r.article == article).order_by(r.number)
        ).all()
    if not rows:
        raise BadStudy(f"the study has no article {article!r}; kwic and export print their ids")
    before = [None, *rows[:-1]]
    return [
        {
            "revision": row.id,
            "number": row.number,
            "reason": row.reason,
            "text": row.text,
            "changes": changes(last.text, row.text) if last is not None else [],
        }
        for last, row in zip(before, rows, strict=True)
    ]
