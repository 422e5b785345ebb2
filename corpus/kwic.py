"""Keywords in context: every place where articles use a term, with the words around it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pandas as pd

from . import terms
from .study import Study

WIDTH = 60  # characters on each side


@dataclass(frozen=True)
class Hit:
    """One match of a term, where it stands, and whose words it is in as far as people coded that."""

    outlet: str
    date: str | None
    article: str
    span: str | None
    left: str
    match: str
    right: str
    attribution: str | None


def keywords(study: Study, wanted: list[str], *, outlets: tuple[str, ...] = (), width: int = WIDTH) -> list[Hit]:
    """Return the matches of terms in the body and headlines of articles, by outlet, date and place.

    `span` is the mention that the match is, else the sentence or headline it stands in. Furniture and teasers, which
    are not the article's words, are passed over.
    """
    spans = study.spans()
    spans = spans[spans["unit"].isin(["mention", "sentence", "headline"])]
    inside: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for article, start, end, span, unit in spans[["article", "start", "end", "span", "unit"]].itertuples(index=False):
        inside[article].append((start, end, unit, span))
    coded = _attributions(study)
    hits = []
    articles = study.articles().sort_values(["outlet", "date"], na_position="last", kind="stable")
    for row in articles.astype(object).where(articles.notna(), None).to_dict("records"):
        if outlets and row["outlet"] not in outlets:
            continue
        text = row["text"]
        for start, end in terms.find(wanted, text):
            around = [s for s in inside[row["article"]] if s[0] <= start and end <= s[1]]
            if not around:
                continue
            _, _, _, span = min(around, key=lambda s: (s[2] != "mention", s[1] - s[0]))
            left = text[max(0, start - width) : start].rpartition("\n\n")[2]
            right = text[end : end + width].partition("\n\n")[0]
            hits.append(
                Hit(row["outlet"], row["date"], row["article"], span, left, text[start:end], right, coded.get(span))
            )
    return hits


def _attributions(study: Study) -> dict[str, str]:
    """Return the commonest blind answer to `attribution`, where the codebook asks for it, by span."""
    answers = study.annotations()
    answers = answers[(answers["variable"] == "attribution") & (answers["arm"] == "blind")]
    counted: pd.Series[int] = answers.groupby(["span", "code"]).size().sort_values(ascending=False, kind="stable")
    found: dict[str, str] = {}
    for key in counted.index:
        found.setdefault(str(key[0]), str(key[1]))
    return found
