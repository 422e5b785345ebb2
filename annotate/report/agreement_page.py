"""The agreement page: alpha by variable and code, confused codes, coders, and the spans coders disagree on most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from annotate.agreement.agreement import Agreement
from annotate.agreement.alpha import RELIED_ON, TENTATIVE, Floats, Ints
from annotate.agreement.coders import CoderAgreement
from annotate.agreement.disagreements import Disagreement, disagreements
from annotate.agreement.pools import pool_sentence
from annotate.agreement.variable_agreement import VariableAgreement, paradox
from annotate.report.parts.code_styles import GREY, CodeStyle, side_names, style_codes
from annotate.report.parts.excerpts import Excerpt, excerpt
from annotate.report.parts.reading_view import paragraph_kinds, title
from annotate.report.parts.templates import render
from corpus.annotation import codes_of
from corpus.span import Span, passage
from corpus.study import Study
from corpus.study.files import write_whole
from corpus.study.history.handing_in import late_answers

MOST_SPANS = 12  # of one variable: what a meeting about the codebook can discuss
MOST_PAIRS = 3
MOST_CODERS = 12
MOST_ARTICLES = 6
MOST_LETTERS = 500  # of a passage on either side of the span
LOWEST = -0.2  # alpha at the left end of the scale


@dataclass(frozen=True)
class ConfusionMatrix:
    """A confusion matrix: each cell of `rows` is a count and its share of the row, from 0 to 1."""

    across: str
    down: str
    rows: list[list[tuple[float, float]]]


@dataclass(frozen=True)
class SpanInPassage:
    """A span that coders disagree on, with an excerpt of its passage; `answers` are the coders by code."""

    excerpt: Excerpt
    outlet: str
    date: str
    title: str
    span: str
    answers: list[tuple[CodeStyle, list[str]]]


@dataclass(frozen=True)
class VariableSection:
    """The page's section on one variable."""

    question: str
    agreement: VariableAgreement
    codes: Mapping[str, CodeStyle]
    confusion: ConfusionMatrix | None
    pairs: list[ConfusionMatrix]
    coders: list[CoderAgreement]
    spans: list[SpanInPassage]
    articles: list[tuple[str, int, float]]  # title, spans, share of equal pairs; those with the lowest agreement


def write_agreement_page(study: Study, agreement: Agreement) -> Path:
    """Write reports/agreement.html and return its path; `agreement` is the result of `agree`."""
    file = study.reports / "agreement.html"
    write_whole(file, render_agreement(study, agreement))
    return file


def render_agreement(study: Study, agreement: Agreement) -> str:
    """Return agreement as one self-contained HTML page.

    The page shows the coders' names and passages of texts, so it is for the study's team.
    """
    sides = side_names(study)
    articles = study.articles().set_index("revision")
    kinds = paragraph_kinds(study)
    rows: list[dict[Any, Any]] = study.articles().to_dict("records")
    titles = {str(row["article"]): title(row) for row in rows}
    sections = []
    book = study.codebook_under(agreement.codebook_version)
    for variable in book.variables:
        result = agreement.variables[variable.name]
        styles = style_codes(variable, sides)
        codes = {value: _style(value, styles) for value in result.data.values}
        spans = [_span(span, articles, kinds, codes) for span in disagreements(result.data, MOST_SPANS)]
        sections.append(
            VariableSection(
                variable.question,
                result,
                codes,
                _matrix(result.coincidences, "the other", "one answer") if result.confusions else None,
                [_matrix(pair.confusion, pair.coders[1], pair.coders[0]) for pair in result.pairs[:MOST_PAIRS]],
                sorted(result.coders.values(), key=lambda coder: -(coder.without or 0.0))[:MOST_CODERS],
                [span for span in spans if span],
                _lowest(result, titles),
            )
        )
    palette = {code.css: code for section in sections for code in section.codes.values()}
    return render(
        "agreement.html.j2",
        name=study.settings.name,
        book=book,
        agreement=agreement,
        sections=sections,
        palette=[code for _, code in sorted(palette.items())],
        at=lambda value: round(100 * (min(max(value, LOWEST), 1) - LOWEST) / (1 - LOWEST), 2),
        TENTATIVE=TENTATIVE,
        RELIED_ON=RELIED_ON,
        LOWEST=LOWEST,
        figure=figure,
        late_answers=late_answers,
        paradox=paradox,
        pool_sentence=pool_sentence,
    )


def _lowest(result: VariableAgreement, titles: Mapping[str, str]) -> list[tuple[str, int, float]]:
    """Return the articles with several spans in which coders agree least, with the share of equal pairs."""
    lowest = [one for one in result.articles[:MOST_ARTICLES] if one.percent < 1]
    return [(titles.get(one.article, one.article), one.n_units, one.percent) for one in lowest]


def figure(value: float | None) -> str:
    """Write alpha or q with three digits and no zero before the point.

    >>> figure(0.68449), figure(-0.1), figure(1), figure(None)
    ('.684', '−.100', '1.000', '–')
    """
    if value is None:
        return "–"
    text = f"{abs(value):.3f}"
    return ("−" if value < 0 and float(text) else "") + (text[1:] if text.startswith("0") else text)


def _style(value: str, styles: Mapping[str, CodeStyle]) -> CodeStyle:
    """Return the style of a code; a set of several codes has no colour of its own."""
    label = ", ".join(styles[name].label for name in codes_of(value))
    return styles.get(value) or CodeStyle(value, label, "+", "", GREY, "cd")


def _matrix(table: Floats | Ints, across: str, down: str) -> ConfusionMatrix:
    sums = table.sum(axis=1)
    return ConfusionMatrix(
        across,
        down,
        [[(float(n), float(n / total) if total else 0.0) for n in row] for row, total in zip(table, sums, strict=True)],
    )


def _span(
    disagreement: Disagreement,
    articles: pd.DataFrame,
    kinds: Mapping[str, Mapping[tuple[int, int], str]],
    codes: Mapping[str, CodeStyle],
) -> SpanInPassage | None:
    """Return a span in its passage, None if it is in a later revision, whose text is not in the frame."""
    span = Span.from_id(disagreement.span)
    if span.revision not in articles.index:
        return None
    article: Any = articles.loc[span.revision]
    headline = next((place for place, kind in kinds.get(span.revision, {}).items() if kind == "headline"), None)
    around = passage(article["text"], span.start, span.end, headline=headline)
    by_code: dict[str, list[str]] = {}
    for coder, code in disagreement.answers.items():
        by_code.setdefault(code, []).append(coder)
    order = list(codes)
    answers = sorted(by_code.items(), key=lambda row: (-len(row[1]), order.index(row[0])))
    return SpanInPassage(
        excerpt=excerpt(around.text, around.start, around.end, MOST_LETTERS),
        outlet=article["outlet"],
        date=article["date"] if isinstance(article["date"], str) else "",
        title=title(article),
        span=disagreement.span,
        answers=[(codes[code], coders) for code, coders in answers],
    )
