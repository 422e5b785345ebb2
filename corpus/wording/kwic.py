"""Keywords in context (KWIC): every occurrence of a term in the articles, with the words around it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from corpus.errors import BadStudy, BadText
from corpus.result import Result
from corpus.span import Enclosures
from corpus.study import Study, dataframes
from corpus.study.counting import span_codes
from corpus.text import terms

WIDTH = 60  # characters on each side


@dataclass(frozen=True)
class KeywordInContext:
    """One occurrence of a term with its context, and whose words it is in if coders coded that."""

    outlet: str
    date: str | None
    article: str
    span: str | None
    left: str
    match: str
    right: str
    attribution: str | None


@dataclass(frozen=True)
class Concordance(Result):
    """The occurrences of a term, by outlet, date and position; those in `cut_texts` texts are left out."""

    hits: tuple[KeywordInContext, ...]
    cut_texts: int = 0
    rows = "hits"


def kwic(study: Study, term: str, *, outlet: str | Sequence[str] = (), width: int = WIDTH) -> Concordance:
    """Return every occurrence of a term in context; `*` in it matches any letters, as in "liberat*".

    `outlet` names the outlets to search, one or several; by default all. `width` is the number of characters shown on
    each side. Headlines are searched too; furniture, teasers and cut texts are not, nor are lines dropped as furniture
    after a draw. Raises BadText if it is not a term, and BadStudy for an unknown outlet.
    """
    if not isinstance(term, str) or not term.strip():
        raise BadText(f"{term!r} is not a term; expected one such as liberat*")
    outlets = (outlet,) if isinstance(outlet, str) else tuple(outlet)
    articles = study.articles()
    if unknown := sorted(set(outlets).difference(articles["outlet"])):
        known = ", ".join(sorted(articles["outlet"].unique())) or "none yet"
        raise BadStudy(f"the study has no articles of this outlet; its outlets: {known}", outlet=unknown[0])
    if outlets:
        articles = articles[articles["outlet"].isin(outlets)]
    hits = _find_keywords(study, [term], articles[~articles["cut"]], width)
    return Concordance(tuple(hits), dataframes.count_cut(articles))


def _find_keywords(study: Study, search: list[str], articles: pd.DataFrame, width: int) -> list[KeywordInContext]:
    """Return the occurrences of terms in the body and headlines of articles, by outlet, date and position.

    `span` is the mention, or else the sentence or headline around it, or None if it crosses two of them. Furniture and
    teasers are skipped.
    """
    spans = study.spans()
    units: dict[str, list[tuple[int, int, tuple[str, str]]]] = defaultdict(list)
    skipped: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for article, start, end, span, unit in spans[["article", "start", "end", "span", "unit"]].itertuples(index=False):
        if unit in ("mention", "sentence", "headline"):
            units[article].append((start, end, (unit, span)))
        elif unit in ("furniture", "teaser"):
            skipped[article].append((start, end))
    excluded = dataframes.excluded(study.store)
    for article, revision in articles[["article", "revision"]].itertuples(index=False) if excluded else ():
        skipped[article] += [(start, end) for start, end, _ in excluded.get(revision, ())]
    attributions = span_codes(study, "attribution")
    keywords = []
    columns = articles[["outlet", "date", "article", "text"]].astype(object).where(articles.notna(), None)
    article_rows = columns.to_dict("index")
    row_before, places = None, Enclosures[tuple[str, str]](())
    for row, _, start, end in search_terms(search, articles, skipped):
        outlet, date, article, text = article_rows[row].values()
        if row != row_before:
            row_before, places = row, Enclosures(units[article])
        enclosing = places.around(start, end)
        span = min(enclosing, key=lambda s: (s[2][0] != "mention", s[1] - s[0]))[2][1] if enclosing else None
        left, match, right = split_context(text, start, end, width)
        keywords.append(KeywordInContext(outlet, date, article, span, left, match, right, attributions.get(span or "")))
    return keywords


def search_terms(
    wanted: Sequence[str], articles: pd.DataFrame, skipped: Mapping[str, Collection[tuple[int, int]]]
) -> Iterator[tuple[int, str, int, int]]:
    """Yield (the article's row in the frame, term, start, end) of each occurrence, by outlet, date and article.

    `skipped` has the paragraphs to skip, by article.
    """
    rows = articles.sort_values(["outlet", "date", "article"], na_position="last")
    for row, article, text in rows[["article", "text"]].itertuples(name=None):
        skipped_paragraphs = Enclosures((start, end, None) for start, end in skipped.get(article, ()))
        for term in wanted:
            for start, end in terms.find([term], text):
                if not skipped_paragraphs.around(start, start + 1):
                    yield row, term, start, end


def split_context(text: str, start: int, end: int, width: int = WIDTH) -> tuple[str, str, str]:
    r"""Return the words left of a match, the match, and the words right of it, within its paragraph.

    >>> split_context("One.\n\nNorthland took Velo.", 16, 20)
    ('Northland ', 'took', ' Velo.')
    """
    first, last = max(0, start - width - 1), end + width + 1  # a paragraph may be very long
    break_before, break_after = text.rfind("\n\n", max(0, first - 1), start), text.find("\n\n", end, last + 1)
    left = text[break_before + 2 if break_before >= 0 else first : start]
    right = text[end : break_after if break_after >= 0 else last]
    if len(left) > width:
        left = "… " + re.sub(r"^\S*\s", "", left[-width:])
    if len(right) > width:
        right = re.sub(r"\s\S*$", "", right[:width]) + " …"
    return left, text[start:end], right
