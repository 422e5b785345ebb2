"""The reading view: whole articles, their spans marked, and what was said about each span."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Any

import pandas as pd
from sqlalchemy import select

from corpus.codebook import Codebook
from corpus.readers.archives.export import LICENSED
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db

from .code_styles import NOT_ASKED, Shown
from .judged_spans import Judged

MOST_ARTICLES = 200
MOST_LETTERS = 1_500_000  # of text, so that the page stays below 5 MB with its markup
MOST_MARKS = 8000

Share = tuple[int, int, float]


@dataclass(frozen=True)
class Part:
    """Some words of a piece; `strength` from 0 to 1 is their share in the span's score, `against` it where negative."""

    text: str
    strength: float | None = None
    against: bool = False


@dataclass(frozen=True)
class Piece:
    """A stretch of a paragraph inside one span (`mark` is its number) or inside none."""

    parts: list[Part]
    mark: int | None = None
    css: str = ""
    tag: str = ""  # after the span's last piece: its code's letter
    first: bool = False  # the span's first piece takes the keyboard's focus


@dataclass(frozen=True)
class Block:
    """A paragraph with its kind: paragraph, headline, teaser or furniture."""

    kind: str
    pieces: list[Piece]

    @property
    def quoted(self) -> bool:
        """Whether it is shown of an article whose text may not be passed on."""
        return self.kind == "headline" or any(piece.mark is not None for piece in self.pieces)


@dataclass(frozen=True)
class Read:
    """An article as the reading view shows it."""

    outlet: str
    date: str
    title: str
    url: str
    headed: bool  # the text has its headline, so that the title need not stand above it
    blocks: list[Block]
    marks: int
    licensed: bool = False  # its archive's text is not passed on: its headline and the passages of its spans only


def title(article: Mapping[Any, Any]) -> str:
    r"""Return an article's title, of one that has none the beginning of its text.

    >>> title({"title": None, "text": "Velo falls\n\nNorthland took Velo."})
    'Velo falls'
    """
    known = article["title"]
    return str(known if isinstance(known, str) else article["text"].partition("\n")[0][:80]) or "(no text)"


def kinds(study: Study) -> dict[str, dict[tuple[int, int], str]]:
    """Return for each first revision the paragraphs that are headline, teaser or furniture."""
    query = (
        select(db.spans.c.revision, db.spans.c.start, db.spans.c.end, db.spans.c.unit)
        .join(db.revisions)
        .where(db.revisions.c.number == 0, db.spans.c.unit.in_(("headline", "teaser", "furniture")))
        .order_by(db.spans.c.id)
    )
    found: dict[str, dict[tuple[int, int], str]] = {}
    with study.store.reading() as connection:
        for revision, start, end, unit in connection.execute(query):
            found.setdefault(revision, {})[start, end] = unit
    return found


def chosen(articles: pd.DataFrame, judged: Mapping[str, Sequence[Judged]]) -> list[int]:
    """Return the rows of the articles to read: all of a small study, else up to 200 coded or suggested ones.

    Each outlet gives in turn one article, those that people coded first, so that no outlet crowds out another.
    """
    frame = articles.astype({"date": object})
    if len(frame) > MOST_ARTICLES:
        frame = frame[[article in judged for article in frame["article"]]]

    def rank(row: tuple[Any, ...]) -> tuple[Any, ...]:
        spans = judged.get(row[1], ())
        return -sum(span.state == "coded" for span in spans), -len(spans), row[1]

    columns = frame[["article", "outlet", "text"]]
    queues = [sorted(rows.itertuples(name=None), key=rank) for _, rows in columns.groupby("outlet")]
    letters = marks = 0
    kept: list[int] = []
    for place, article, _, text in (row for turn in zip_longest(*queues) for row in turn if row is not None):
        letters, marks = letters + len(text), marks + len(judged.get(article, ()))
        if kept and (len(kept) == MOST_ARTICLES or letters > MOST_LETTERS or marks > MOST_MARKS):
            break
        kept.append(place)
    return list(frame.loc[kept].sort_values(["outlet", "date", "article"], na_position="last").index)


def blocks(
    text: str,
    special: Mapping[tuple[int, int], str],
    marks: Sequence[tuple[int, Judged, str, str]],
    shares: Mapping[str, Sequence[Share]],
) -> list[Block]:
    """Cut a text into paragraphs and these into pieces; marks are (number, span, CSS classes, tag).

    Where spans overlap a piece belongs to the shortest one. Cut here and not in the page: JavaScript counts otherwise.

    >>> span = Judged("s", "a", "Herald", "mention", 10, 14)
    >>> [block] = blocks("Northland took Velo.", {}, [(7, span, "coded c0", "L")], {})
    >>> [(piece.mark, piece.parts[0].text) for piece in block.pieces]
    [(None, 'Northland '), (7, 'took'), (None, ' Velo.')]
    """
    found: list[Block] = []
    seen: set[int] = set()
    for start, end in paragraphs(text):
        here = [mark for mark in marks if mark[1].start < end and start < mark[1].end]
        ends = {min(max(edge, start), end) for mark in here for edge in (mark[1].start, mark[1].end)}
        pieces = []
        for a, b in pairwise(sorted({start, end} | ends)):
            over = [mark for mark in here if mark[1].start <= a and b <= mark[1].end]
            if not over:
                pieces.append(Piece([Part(text[a:b])]))
                continue
            number, span, css, tag = min(over, key=lambda mark: (mark[1].end - mark[1].start, mark[0]))
            parts = _parts(text, a, b, span, shares.get(span.span, ()))
            pieces.append(Piece(parts, number, css, tag if b == span.end else "", number not in seen))
            seen.add(number)
        found.append(Block(special.get((start, end), "paragraph"), pieces))
    return found


def _parts(text: str, start: int, end: int, span: Judged, shares: Sequence[Share]) -> list[Part]:
    """Split a piece of a span at the words that carry a share; the strongest word of the span has strength 1."""
    inside = sorted(share for share in shares if share[0] >= span.start and share[1] <= span.end)
    strongest = max((abs(share) for _, _, share in inside), default=0.0) or 1.0
    parts, at = [], start
    for a, b, share in inside:
        a, b = max(a, at), min(b, end)
        if a >= b:
            continue
        if at < a:
            parts.append(Part(text[at:a]))
        parts.append(Part(text[a:b], round(abs(share) / strongest, 2), share < 0))
        at = b
    return [*parts, Part(text[at:end])] if at < end else parts


def reading(
    study: Study,
    articles: pd.DataFrame,
    judged: Mapping[str, Sequence[Judged]],
    codes: Mapping[str, Shown],
    special: Mapping[str, Mapping[tuple[int, int], str]],
    shares: Callable[[list[str]], Mapping[str, list[Share]]] | None,
) -> tuple[list[int], list[Read], list[dict[str, Any]]]:
    """Return the rows of the chosen articles, the articles as they are shown, and what was said about each mark."""
    book = study.codebook
    rows = chosen(articles, judged)
    wanted = [s.span for row in rows for s in judged.get(articles["article"][row], ()) if s.state == "suggested"]
    weights = shares(wanted) if shares and wanted else {}
    read: list[Read] = []
    details: list[dict[str, Any]] = []
    for article in articles.loc[rows].to_dict("records"):
        marks = []
        for span in judged.get(article["article"], ()):
            marks.append((len(details), span, *_look(span, book, codes)))
            details.append(detail(span, book))
        url, paragraphs_of = article["url"], special.get(article["revision"], {})
        licensed = isinstance(article["rights"], str) and article["rights"].startswith(LICENSED)
        shown = blocks(article["text"], paragraphs_of, marks, weights)
        read.append(
            Read(
                outlet=article["outlet"],
                date=article["date"] if isinstance(article["date"], str) else "",
                title=title(article),
                url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else "",
                headed="headline" in paragraphs_of.values() or not isinstance(article["title"], str),
                blocks=[block for block in shown if block.quoted] if licensed else shown,
                marks=len(marks),
                licensed=licensed,
            )
        )
    return rows, read, details


def _look(span: Judged, book: Codebook, codes: Mapping[str, Shown]) -> tuple[str, str]:
    """Return a mark's CSS classes and its tag: the code's letter, with a question mark where it is suggested.

    A span that the question was not asked of has no tag: its dotted line alone sets it apart.
    """
    code = span.code(book, book.focus_variable)
    shown = [codes[name] for name in (code or "").split("|") if name in codes]
    letters = "".join(one.letter for one in shown) or "·"
    if code == NOT_ASKED:
        return f"{span.state} cn", ""
    return f"{span.state} {shown[0].css if shown else 'cn'}", letters + ("?" if span.state == "suggested" else "")


def detail(span: Judged, book: Codebook) -> dict[str, Any]:
    """Return what the panel says about a span: its place and, by variable, code, answers and probabilities."""
    said = []
    for variable in book.variables:
        answers = [
            [coder, given[variable.name], assisted]
            for assisted, arm in ((0, span.blind), (1, span.assisted))
            for coder, given in sorted(arm.items())
            if variable.name in given
        ]
        code = span.code(book, variable)
        odds = span.suggested.get(variable.name) if answers or code != NOT_ASKED else None
        said.append(
            {
                "code": code,
                "answers": answers,
                "odds": [round(odds.get(name, 0.0), 3) for name in variable.code_names] if odds else None,
            }
        )
    return {"span": span.span, "unit": span.unit, "from": span.start, "to": span.end, "state": span.state, "said": said}
