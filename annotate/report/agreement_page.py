"""The agreement page: how far coders agree, whom they confuse what with, and the spans they disagree on most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from annotate.agreement.agreement import Agreement, VariableAgreement
from annotate.agreement.alpha import RELIED_ON, TENTATIVE, Floats, Ints
from annotate.agreement.coders import CoderAgreement
from annotate.agreement.disagreements import Disagreement, disagreements
from annotate.agreement.unitizing import UnitizingAgreement
from annotate.report.parts.code_styles import GREY, Shown, shown, side_names
from annotate.report.parts.reading_view import kinds, title
from annotate.report.parts.templates import environment
from corpus.span import Span, passage
from corpus.study import Study

MOST_SPANS = 12  # of one variable; more are more than a meeting about the codebook gets through
MOST_PAIRS = 3
MOST_CODERS = 12
MOST_LETTERS = 500  # of a passage on either side of the span
LOWEST = -0.2  # alpha at the left end of the scale


@dataclass(frozen=True)
class Matrix:
    """A confusion matrix: `rows` have for each code its count, and the share of its row from 0 to 1."""

    across: str
    down: str
    rows: list[list[tuple[float, float]]]


@dataclass(frozen=True)
class SpanInPassage:
    """A span that coders disagree on, in its passage; `answers` are the coders by code."""

    left: str
    words: str
    right: str
    outlet: str
    date: str
    title: str
    span: str
    answers: list[tuple[Shown, list[str]]]


@dataclass(frozen=True)
class Section:
    """What the page says about one variable."""

    question: str
    one: VariableAgreement
    codes: Mapping[str, Shown]
    confusion: Matrix | None
    pairs: list[Matrix]
    coders: list[CoderAgreement]
    spans: list[SpanInPassage]


def page(
    study: Study,
    found: Agreement,
    groups: Mapping[str, Mapping[str, Mapping[str, VariableAgreement]]],
    marked: UnitizingAgreement | None = None,
) -> str:
    """Return agreement as one HTML page that needs nothing from outside itself.

    `groups` are what `parts` returns, `marked` what `marking` does. The page shows coders by name and passages of
    texts: it is for the study's team.
    """
    sides = side_names(study)
    articles = study.articles().set_index("revision")
    special = kinds(study)
    sections = []
    book = study.codebook_under(found.version)
    for variable in book.variables:
        one = found.variables[variable.name]
        codes = {value: _code(value, shown(variable, sides)) for value in one.data.values}
        spans = [_span(each, articles, special, codes) for each in disagreements(one.data, MOST_SPANS)]
        sections.append(
            Section(
                variable.question,
                one,
                codes,
                _matrix(one.coincidences, "the other", "one answer") if one.confusions else None,
                [_matrix(pair.confusion, pair.coders[1], pair.coders[0]) for pair in one.pairs[:MOST_PAIRS]],
                sorted(one.coders.values(), key=lambda coder: -(coder.without or 0.0))[:MOST_CODERS],
                [span for span in spans if span],
            )
        )
    palette = {code.css: code for section in sections for code in section.codes.values()}
    return (
        environment()
        .get_template("agreement.html.j2")
        .render(
            name=study.settings.name,
            book=book,
            found=found,
            sections=sections,
            groups=groups,
            marked=marked,
            palette=[code for _, code in sorted(palette.items())],
            at=lambda value: round(100 * (min(max(value, LOWEST), 1) - LOWEST) / (1 - LOWEST), 2),
            TENTATIVE=TENTATIVE,
            RELIED_ON=RELIED_ON,
            LOWEST=LOWEST,
            figure=figure,
        )
    )


def figure(value: float | None) -> str:
    """Write alpha or q with three digits and no zero before the point.

    >>> figure(0.68449), figure(-0.1), figure(1), figure(None)
    ('.684', '−.100', '1.000', '–')
    """
    if value is None:
        return "–"
    text = f"{abs(value):.3f}"
    return ("−" if value < 0 and float(text) else "") + (text[1:] if text.startswith("0") else text)


def _code(value: str, codes: Mapping[str, Shown]) -> Shown:
    """Return a code as the page shows it; several codes together have no colour of their own."""
    label = ", ".join(codes[name].label for name in value.split("|"))
    return codes.get(value) or Shown(value, label, "+", "", GREY, "cd")


def _matrix(table: Floats | Ints, across: str, down: str) -> Matrix:
    sums = table.sum(axis=1)
    return Matrix(
        across,
        down,
        [[(float(n), float(n / total) if total else 0.0) for n in row] for row, total in zip(table, sums, strict=True)],
    )


def _span(
    one: Disagreement,
    articles: pd.DataFrame,
    special: Mapping[str, Mapping[tuple[int, int], str]],
    codes: Mapping[str, Shown],
) -> SpanInPassage | None:
    """Return a span in its passage; None where it lies in a later revision, whose text the frame has not."""
    span = Span.from_id(one.span)
    if span.revision not in articles.index:
        return None
    article: Any = articles.loc[span.revision]
    headline = next((at for at, kind in special.get(span.revision, {}).items() if kind == "headline"), None)
    around = passage(article["text"], span.start, span.end, headline=headline)
    left, right = around.text[: around.start], around.text[around.end :]
    by_code: dict[str, list[str]] = {}
    for coder, code in one.answers.items():
        by_code.setdefault(code, []).append(coder)
    order = list(codes)
    answers = sorted(by_code.items(), key=lambda row: (-len(row[1]), order.index(row[0])))
    return SpanInPassage(
        left="… " + left[-MOST_LETTERS:].partition(" ")[2] if len(left) > MOST_LETTERS else left,
        words=around.text[around.start : around.end],
        right=right[:MOST_LETTERS].rpartition(" ")[0] + " …" if len(right) > MOST_LETTERS else right,
        outlet=article["outlet"],
        date=article["date"] if isinstance(article["date"], str) else "",
        title=title(article),
        span=one.span,
        answers=[(codes[code], coders) for code, coders in answers],
    )
