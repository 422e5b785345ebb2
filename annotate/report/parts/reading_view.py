"""The reading view: whole articles with their spans marked, and the answers and suggestions for each span."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Any

import pandas as pd
from sqlalchemy import select

from corpus.annotation import codes_of
from corpus.codebook import Codebook
from corpus.readers.archives.export import LICENSED
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db

from .code_styles import NOT_ASKED, CodeStyle
from .judged_spans import JudgedSpan, answer

MOST_ARTICLES = 200
MOST_LETTERS = 1_500_000  # of text, so that the page is below 5 MB including markup
MOST_MARKS = 8000

Share = tuple[int, int, float]


@dataclass(frozen=True)
class ShadedWords:
    """Some words of a piece; `strength`, from 0 to 1, is their share of the score; `against` if it is negative."""

    text: str
    strength: float | None = None
    against: bool = False


@dataclass(frozen=True)
class Piece:
    """A part of a paragraph that is inside one span (`mark` is its number) or outside all spans."""

    parts: list[ShadedWords]
    mark: int | None = None
    css: str = ""
    tag: str = ""  # after the span's last piece: its code's letter
    first: bool = False  # the span's first piece takes the keyboard's focus


@dataclass(frozen=True)
class Paragraph:
    """A paragraph with its kind: paragraph, headline, teaser or furniture."""

    kind: str
    pieces: list[Piece]

    @property
    def quoted(self) -> bool:
        """Whether it is shown if the article's text may not be passed on."""
        return self.kind == "headline" or any(piece.mark is not None for piece in self.pieces)


@dataclass(frozen=True)
class ArticleView:
    """An article in the reading view."""

    outlet: str
    date: str
    title: str
    url: str
    headed: bool  # the text contains its headline, so the title is not shown above it
    paragraphs: list[Paragraph]
    marks: int
    licensed: bool = False  # from an archive whose text may not be passed on: headline and passages of spans only


def title(article: Mapping[Any, Any]) -> str:
    r"""Return an article's title, or the beginning of its text if it has none.

    >>> title({"title": None, "text": "Velo falls\n\nNorthland took Velo."})
    'Velo falls'
    """
    stored = article["title"]
    return str(stored if isinstance(stored, str) else article["text"].partition("\n")[0][:80]) or "(no text)"


def paragraph_kinds(study: Study) -> dict[str, dict[tuple[int, int], str]]:
    """Return for each first revision its headline, teaser and furniture, by their offsets."""
    query = (
        select(db.spans.c.revision, db.spans.c.start, db.spans.c.end, db.spans.c.unit)
        .join(db.revisions)
        .where(db.revisions.c.number == 0, db.spans.c.unit.in_(("headline", "teaser", "furniture")))
        .order_by(db.spans.c.id)
    )
    by_revision: dict[str, dict[tuple[int, int], str]] = {}
    with study.store.reading() as connection:
        for revision, start, end, unit in connection.execute(query):
            by_revision.setdefault(revision, {})[start, end] = unit
    return by_revision


def choose_articles(articles: pd.DataFrame, judged: Mapping[str, Sequence[JudgedSpan]]) -> list[int]:
    """Return the rows of the articles to show: all in a small study, else up to 200 coded or suggested articles.

    The outlets take turns, each with the articles coded by people first, so that no outlet crowds out another.
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
    chosen: list[int] = []
    for index, article, _, text in (row for turn in zip_longest(*queues) for row in turn if row is not None):
        letters, marks = letters + len(text), marks + len(judged.get(article, ()))
        if chosen and (len(chosen) == MOST_ARTICLES or letters > MOST_LETTERS or marks > MOST_MARKS):
            break
        chosen.append(index)
    return list(frame.loc[chosen].sort_values(["outlet", "date", "article"], na_position="last").index)


def cut_paragraphs(
    text: str,
    kinds: Mapping[tuple[int, int], str],
    marks: Sequence[tuple[int, JudgedSpan, str, str]],
    shares: Mapping[str, Sequence[Share]],
) -> list[Paragraph]:
    """Cut a text into paragraphs and these into pieces; marks are (number, span, CSS classes, tag).

    Where spans overlap, a piece belongs to the shortest. This is done here because JavaScript has different offsets.

    >>> span = JudgedSpan("s", "a", "Herald", "mention", 10, 14)
    >>> [paragraph] = cut_paragraphs("Northland took Velo.", {}, [(7, span, "coded c0", "L")], {})
    >>> [(piece.mark, piece.parts[0].text) for piece in paragraph.pieces]
    [(None, 'Northland '), (7, 'took'), (None, ' Velo.')]
    """
    cut: list[Paragraph] = []
    seen: set[int] = set()
    for start, end in paragraphs(text):
        touching = [mark for mark in marks if mark[1].start < end and start < mark[1].end]
        ends = {min(max(edge, start), end) for mark in touching for edge in (mark[1].start, mark[1].end)}
        pieces = []
        for a, b in pairwise(sorted({start, end} | ends)):
            covering = [mark for mark in touching if mark[1].start <= a and b <= mark[1].end]
            if not covering:
                pieces.append(Piece([ShadedWords(text[a:b])]))
                continue
            number, span, css, tag = min(covering, key=lambda mark: (mark[1].end - mark[1].start, mark[0]))
            parts = _shade(text, a, b, span, shares.get(span.span, ()))
            pieces.append(Piece(parts, number, css, tag if b == span.end else "", number not in seen))
            seen.add(number)
        cut.append(Paragraph(kinds.get((start, end), "paragraph"), pieces))
    return cut


def _shade(text: str, start: int, end: int, span: JudgedSpan, shares: Sequence[Share]) -> list[ShadedWords]:
    """Split a piece of a span at the words that have a share; the strongest word of the span has strength 1."""
    inside = sorted(share for share in shares if share[0] >= span.start and share[1] <= span.end)
    strongest = max((abs(share) for _, _, share in inside), default=0.0) or 1.0
    parts, at = [], start
    for a, b, share in inside:
        a, b = max(a, at), min(b, end)
        if a >= b:
            continue
        if at < a:
            parts.append(ShadedWords(text[at:a]))
        parts.append(ShadedWords(text[a:b], round(abs(share) / strongest, 2), share < 0))
        at = b
    return [*parts, ShadedWords(text[at:end])] if at < end else parts


def view_articles(
    study: Study,
    articles: pd.DataFrame,
    judged: Mapping[str, Sequence[JudgedSpan]],
    styles: Mapping[str, CodeStyle],
    kinds: Mapping[str, Mapping[tuple[int, int], str]],
    shares: Callable[[list[str]], Mapping[str, list[Share]]] | None,
) -> tuple[list[int], list[ArticleView], list[dict[str, Any]]]:
    """Return the rows of the chosen articles, their views, and the details of each mark."""
    book = study.codebook
    rows = choose_articles(articles, judged)
    suggested = [s.span for row in rows for s in judged.get(articles["article"][row], ()) if s.state == "suggested"]
    weights = shares(suggested) if shares and suggested else {}
    views: list[ArticleView] = []
    details: list[dict[str, Any]] = []
    for article in articles.loc[rows].to_dict("records"):
        marks = []
        for span in judged.get(article["article"], ()):
            marks.append((len(details), span, *_mark_style(span, book, styles)))
            details.append(span_details(span, book))
        url, kinds_here = article["url"], kinds.get(article["revision"], {})
        licensed = isinstance(article["rights"], str) and article["rights"].startswith(LICENSED)
        cut = cut_paragraphs(article["text"], kinds_here, marks, weights)
        views.append(
            ArticleView(
                outlet=article["outlet"],
                date=article["date"] if isinstance(article["date"], str) else "",
                title=title(article),
                url=url if isinstance(url, str) and url.startswith(("https://", "http://")) else "",
                headed="headline" in kinds_here.values() or not isinstance(article["title"], str),
                paragraphs=[paragraph for paragraph in cut if paragraph.quoted] if licensed else cut,
                marks=len(marks),
                licensed=licensed,
            )
        )
    return rows, views, details


def _mark_style(span: JudgedSpan, book: Codebook, styles: Mapping[str, CodeStyle]) -> tuple[str, str]:
    """Return a mark's CSS classes and its tag: the code's letter, with a question mark if it is a suggestion.

    Where the question was not asked, the mark has a dotted line and no tag.
    """
    code = span.code(book, book.focus_variable)
    code_styles = [styles[name] for name in codes_of(code or "") if name in styles]
    letters = "".join(style.letter for style in code_styles) or "·"
    if code == NOT_ASKED:
        return f"{span.state} cn", ""
    return f"{span.state} {code_styles[0].css if code_styles else 'cn'}", letters + (
        "?" if span.state == "suggested" else ""
    )


def span_details(span: JudgedSpan, book: Codebook) -> dict[str, Any]:
    """Return the details that the panel shows: offsets and, by variable, code, answers and probabilities."""
    variables = []
    for variable in book.variables:
        answers = [
            [coder, codes[variable.name], assisted]
            for assisted, by_coder in ((0, span.blind), (1, span.assisted))
            for coder, codes in sorted(by_coder.items())
            if variable.name in codes
        ]
        code = span.code(book, variable)
        odds = span.suggested.get(variable.name) if answers or code != NOT_ASKED else None
        variables.append(
            {
                "code": code,
                "decided": bool(span.blind and answer(book, variable, span.decided)),
                "answers": answers,
                "odds": [round(odds.get(name, 0.0), 3) for name in variable.code_names] if odds else None,
            }
        )
    return {
        "span": span.span,
        "unit": span.unit,
        "from": span.start,
        "to": span.end,
        "state": span.state,
        "variables": variables,
    }
