"""The report: one offline page with a study's corpus, counts, contested terms and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from annotate.report.parts import contested_terms, counts, reading_view
from annotate.report.parts.code_styles import (
    NOT_ASKED,
    CodeStyle,
    attribution,
    css_palette,
    side_names,
    style_codes,
)
from annotate.report.parts.judged_spans import JudgedSpan, JudgedSpans, collect_judged_spans
from annotate.report.parts.templates import render
from corpus.evaluation import Evaluation
from corpus.result import Result
from corpus.study import Study
from corpus.study.counting import DIVIDED
from corpus.study.files import write_whole
from corpus.study.status import status

WordShares = Callable[[list[str]], Mapping[str, list[tuple[int, int, float]]]]


@dataclass(frozen=True)
class ReportPage(Result):
    """The report that was written."""

    report: Path


def write(
    study: Study,
    *,
    evaluation: Evaluation | None = None,
    shares: WordShares | None = None,
    output: str | Path | None = None,
    terms: Sequence[str] = (),
    outlets: tuple[str, str] | None = None,
) -> ReportPage:
    """Write a study's report, one HTML page that opens offline, to `output` (default: reports/report.html).

    `evaluation` is the one kept last unless another one is given; `shares` are `models.word_shares(study)`; for the
    rest see `render_report`.
    """
    evaluation = evaluation or Evaluation.read(study.reports)
    file = Path(output).expanduser() if output else study.reports / "report.html"
    write_whole(file, render_report(study, shares=shares, evaluation=evaluation, terms=terms, outlets=outlets))
    return ReportPage(file)


def render_report(
    study: Study,
    *,
    shares: WordShares | None = None,
    evaluation: Evaluation | None = None,
    terms: Sequence[str] = (),
    outlets: tuple[str, str] | None = None,
) -> str:
    """Return a study's report as one self-contained HTML page.

    `shares` returns for spans the (start, end, share) of each word of their paragraph, in the revision's offsets: the
    word's share of the span's score for its code. `terms` and `outlets` are shown first; by default the codebook's
    terms, the most unequal first, in the two outlets whose wording differs most. The page contains whole articles, so
    it is for the study's owner.

    >>> import tempfile
    >>> from corpus.codebook import read_yaml
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     html = render_report(Study.create(f"{folder}/marn", read_yaml("territorial-control"), name="Marn valley"))
    >>> html.count("<h1>Marn valley</h1>"), "src=" in html
    (1, False)
    """
    book, focus = study.codebook, study.codebook.focus_variable
    sides = side_names(study)
    articles = study.articles()
    counted = articles[~articles["cut"]]
    names = sorted(set(articles["outlet"]))
    judged = collect_judged_spans(study, articles)
    by_article = judged.by_article()
    codes = {variable.name: style_codes(variable, sides) for variable in book.variables}
    profiles = counts.profiles(book, focus, names, judged.spans)
    attribution_variable = attribution(book)
    kinds = reading_view.paragraph_kinds(study)
    rows, views, details = reading_view.view_articles(study, articles, by_article, codes[focus.name], kinds, shares)
    contested = _contested(study, terms, counted, kinds)
    occurring = [term for term in contested if term.total]
    pair = outlets or counts.most_different([p for p in profiles if p.coded or p.suggested])
    return render(
        "report.html.j2",
        name=study.settings.name,
        book=book,
        focus=focus,
        sides=sides,
        articles=len(articles),
        cut_texts=len(articles) - len(counted),
        removed=status(study).removed_articles,
        outlets=names,
        corpus=counts.corpus_counts(study, counted),
        judged=judged,
        states=_states(study, judged),
        profiles=profiles,
        codes=codes[focus.name],
        attribution=attribution_variable,
        crossed=counts.cross_tabulate(book, focus, attribution_variable, judged.spans)
        if attribution_variable
        else {},
        attribution_codes=codes[attribution_variable.name] if attribution_variable else {},
        scores=evaluation.score_rows() if evaluation else [],
        evaluated=evaluation.variable if evaluation else focus.name,
        terms=contested,
        rare=contested_terms.RARE,
        views=views,
        shaded=shares is not None,
        most_articles=reading_view.MOST_ARTICLES,
        palette=css_palette(style for by_name in codes.values() for style in by_name.values()),
        DIVIDED=DIVIDED,
        NOT_ASKED=NOT_ASKED,
        kwic={
            "terms": [[term.term, term.total] for term in occurring],
            "outlets": names,
            "pair": list(pair or names[:2]),
            **_kwic(occurring, names, articles, rows, by_article, study, codes[focus.name]),
        },
        details={
            "variables": [
                {
                    "name": variable.name,
                    "question": variable.question,
                    "codes": [[code.name, code.label, code.css] for code in codes[variable.name].values()],
                }
                for variable in book.variables
            ],
            "focus": focus.name,
            "states": {
                "coded": "coded by people",
                "assisted": "coded with a suggestion in view",
                "suggested": "suggested by the classifier, coded by nobody",
            },
            "marks": details,
        },
    )  # fmt: skip


def _contested(
    study: Study, terms: Sequence[str], articles: pd.DataFrame, kinds: Mapping[str, Mapping[tuple[int, int], str]]
) -> list[contested_terms.ContestedTerm]:
    """Return the terms to show in context: the given terms in their order, else those of the codebook that occur."""
    revisions = zip(articles["article"], articles["revision"], strict=True)
    excluded = {
        article: [place for place, kind in kinds.get(revision, {}).items() if kind != "headline"]
        for article, revision in revisions
    }
    wanted = list(dict.fromkeys(terms)) or contested_terms.default_terms(study.codebook)
    contested = contested_terms.find_terms(wanted, articles, excluded)
    if terms:
        return sorted(contested, key=lambda term: wanted.index(term.term))
    return [term for term in contested if term.total][: contested_terms.MOST_TERMS]


def _kwic(
    terms: Sequence[contested_terms.ContestedTerm],
    outlets: Sequence[str],
    articles: pd.DataFrame,
    rows: Sequence[int],
    by_article: Mapping[str, Sequence[JudgedSpan]],
    study: Study,
    codes: Mapping[str, CodeStyle],
) -> dict[str, Any]:
    """Return the lines in context, and their articles, in the form that the page's script reads."""
    book, focus = study.codebook, study.codebook.focus_variable
    view_index = {row: index for index, row in enumerate(rows)}
    article_index: dict[int, int] = {}
    lines: dict[str, dict[str, Any]] = {}
    for term, by_outlet in contested_terms.context_lines(terms, outlets, articles).items():
        for outlet, hits in by_outlet.items():
            with_chips = []
            for row, start, end, left, match, right in hits["rows"]:
                touching = [
                    span
                    for span in by_article.get(articles["article"][row], ())
                    if span.start < end and start < span.end
                ]
                span = min(touching, key=lambda span: span.end - span.start, default=None)
                code = codes.get(span.code(book, focus) or "") if span else None
                chip = [code.letter, code.css, code.label, span.state] if span and code else None
                with_chips.append([left, match, right, article_index.setdefault(row, len(article_index)), chip])
            lines.setdefault(term, {})[outlet] = {"n": hits["n"], "rows": with_chips}
    records = articles.loc[list(article_index)].to_dict("records")
    titles = [
        [
            article["date"] if isinstance(article["date"], str) else "",
            reading_view.title(article),
            view_index.get(row, -1),
        ]
        for row, article in zip(article_index, records, strict=True)
    ]
    return {"lines": lines, "articles": titles}


def _states(study: Study, judged: JudgedSpans) -> dict[str, int]:
    """Count the spans that are coded blind, coded only with a suggestion in view, or only suggested."""
    focus = study.codebook.focus_variable
    numbers = {"coded": 0, "assisted": 0, "suggested": 0, "not asked": 0}
    for span in judged.spans:
        numbers[span.state] += 1
        numbers["not asked"] += span.state == "coded" and span.code(study.codebook, focus) == NOT_ASKED
    return numbers
