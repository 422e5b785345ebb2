"""Compare the revisions of an article word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sqlalchemy import select

from corpus.errors import BadStudy
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db

_TOKEN = re.compile(r"\w+|[^\w\s]|\n\n")
_MAX_PAIRS = 4_000_000  # of equal words; long articles have some 100,000, and above it the search would take minutes
_MAX_BETWEEN = 3  # changes with fewer unchanged words between them are shown as one


@dataclass(frozen=True)
class RevisionChange:
    """Words that were replaced, inserted or deleted; offsets are code points, `before` in the older revision."""

    kind: str  # "replaced", "inserted" or "deleted"
    before: str
    after: str
    before_start: int
    after_start: int


@dataclass(frozen=True)
class ComparedRevision:
    """One revision of an article, why it arose, and its changes from the previous one."""

    revision: str
    number: int
    reason: str
    text: str
    changes: tuple[RevisionChange, ...]


@dataclass(frozen=True)
class RevisionHistory(Result):
    """An article's revisions, the oldest first."""

    article: str
    revisions: tuple[ComparedRevision, ...]
    rows = "revisions"


def revision_changes(before: str, after: str) -> list[RevisionChange]:
    """Return the changes from one text to another, in the order of the text.

    >>> before, after = "Northland liberated Velo on Monday.", "Northland occupied Velo on Monday, it said."
    >>> for change in revision_changes(before, after):
    ...     print(change.kind, repr(change.before), repr(change.after))
    replaced 'liberated' 'occupied'
    inserted '' ', it said'
    """
    old, new = _tokens(before), _tokens(after)
    olds, news = [word for word, _, _ in old], [word for word, _, _ in new]
    counts, others = Counter(olds), Counter(news)
    pairs = sum(count * others[word] for word, count in counts.items())  # what the search goes through
    matcher = SequenceMatcher(None, olds, news, autojunk=pairs > _MAX_PAIRS)
    changes = []
    for a, b, c, d in _join_changes([steps[1:] for steps in matcher.get_opcodes() if steps[0] != "equal"]):
        while a == b and d < len(news) and news[c] == news[d]:  # "[. It burned]." reads better as ". [It burned.]"
            a, b, c, d = a + 1, b + 1, c + 1, d + 1
        while c == d and b < len(olds) and olds[a] == olds[b]:
            a, b, c, d = a + 1, b + 1, c + 1, d + 1
        (start, end), (first, last) = _offsets(old, a, b, before), _offsets(new, c, d, after)
        kind = "inserted" if a == b else "deleted" if c == d else "replaced"
        changes.append(RevisionChange(kind, before[start:end], after[first:last], start, first))
    return changes


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _offsets(tokens: Sequence[tuple[str, int, int]], first: int, last: int, text: str) -> tuple[int, int]:
    """Return the offsets of a range of tokens; for an empty range, the place where it would be."""
    if first == last:
        place = tokens[first][1] if first < len(tokens) else len(text)
        return place, place
    return tokens[first][1], tokens[last - 1][2]


def _join_changes(steps: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Join replacements with at most two unchanged words between them."""
    joined: list[tuple[int, int, int, int]] = []
    for a, b, c, d in steps:
        last = joined[-1] if joined else None
        if last and a - last[1] < _MAX_BETWEEN and (last[1] > last[0] or b > a) and (last[3] > last[2] or d > c):
            joined[-1] = (last[0], b, last[2], d)
        else:
            joined.append((a, b, c, d))
    return joined


def revision_history(study: Study, article: str) -> RevisionHistory:
    """Return an article's revisions, each with its changes from the previous one.

    Raises BadStudy for an unknown article.
    """
    r = db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(r.id, r.number, r.reason, r.text).where(r.article == article).order_by(r.number)
        ).all()
    if not rows:
        raise BadStudy(f"the study has no article {article!r}; kwic and export show the articles' ids")
    texts = [rows[0].text, *(row.text for row in rows)]  # the first revision has no changes
    compared = (
        ComparedRevision(row.id, row.number, row.reason, row.text, tuple(revision_changes(before, row.text)))
        for before, row in zip(texts, rows, strict=False)
    )
    return RevisionHistory(article, tuple(compared))
