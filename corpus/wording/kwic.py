"""Keywords in context: every place where articles use a term, with the words around it; for commands and reports."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from corpus.study import Study
from corpus.study.counting import select_answers
from corpus.text import terms

WIDTH = 60  # characters on each side


@dataclass(frozen=True)
class KeywordInContext:
    """One match of a term, where it stands, and whose words it is in as far as people coded that."""

    outlet: str
    date: str | None
    article: str
    span: str | None
    left: str
    match: str
    right: str
    attribution: str | None


def find_keywords(
    study: Study, wanted: list[str], *, outlets: tuple[str, ...] = (), width: int = WIDTH
) -> list[KeywordInContext]:
    """Return the matches of terms in the body and headlines of articles, by outlet, date and place.

    `span` is the mention that the match is, else the sentence or headline it stands in, None where it reaches over
    two. Furniture and teasers, which are not the article's words, are passed over.
    """
    spans = study.spans()
    inside: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    apart: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for article, start, end, span, unit in spans[["article", "start", "end", "span", "unit"]].itertuples(index=False):
        if unit in ("mention", "sentence", "headline"):
            inside[article].append((start, end, unit, span))
        elif unit in ("furniture", "teaser"):
            apart[article].append((start, end))
    coded = commonest_codes(study, "attribution")
    hits = []
    articles = study.articles()
    if outlets:
        articles = articles[articles["outlet"].isin(outlets)]
    columns = articles[["outlet", "date", "article", "text"]].astype(object).where(articles.notna(), None)
    known = columns.to_dict("index")
    for row, _, start, end in search_terms(wanted, articles, apart):
        outlet, date, article, text = known[row].values()
        around = [s for s in inside[article] if s[0] <= start and end <= s[1]]
        span = min(around, key=lambda s: (s[2] != "mention", s[1] - s[0]))[3] if around else None
        left, match, right = split_context(text, start, end, width)
        hits.append(KeywordInContext(outlet, date, article, span, left, match, right, coded.get(span or "")))
    return hits


def search_terms(
    wanted: Sequence[str], articles: pd.DataFrame, apart: Mapping[str, Collection[tuple[int, int]]]
) -> Iterator[tuple[int, str, int, int]]:
    """Yield (the article's row in the frame, term, start, end) of each match, by outlet, date and article.

    `apart` has by article the paragraphs that are passed over.
    """
    rows = articles.sort_values(["outlet", "date", "article"], na_position="last")
    for row, article, text in rows[["article", "text"]].itertuples(name=None):
        skipped = apart.get(article, ())
        for term in wanted:
            for start, end in terms.find([term], text):
                if not any(a <= start < b for a, b in skipped):
                    yield row, term, start, end


def split_context(text: str, start: int, end: int, width: int = WIDTH) -> tuple[str, str, str]:
    r"""Return left, match and right, within the paragraph and cut at words.

    >>> split_context("One.\n\nNorthland took Velo.", 16, 20)
    ('Northland ', 'took', ' Velo.')
    """
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    left, right = text[first:start], text[end : last if last >= 0 else len(text)]
    if len(left) > width:
        left = "… " + re.sub(r"^\S*\s", "", left[-width:])
    if len(right) > width:
        right = re.sub(r"\s\S*$", "", right[:width]) + " …"
    return left, text[start:end], right


def commonest_codes(study: Study, variable: str) -> dict[str, str]:
    """Return the commonest answer that counts to a variable, by span; none where the codebook does not ask for it."""
    answers = select_answers(study).frame
    answers = answers[answers["variable"] == variable]
    counted: pd.Series[int] = answers.groupby(["span", "code"]).size().sort_values(ascending=False, kind="stable")
    found: dict[str, str] = {}
    for key in counted.index:
        found.setdefault(str(key[0]), str(key[1]))
    return found
