"""The report: one page that opens offline and shows a study's corpus, counts, contested words and texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from annotate.report.parts import contested_terms, counts, reading_view
from annotate.report.parts.code_styles import DIVIDED, NOT_ASKED, Shown, attribution, shown, side_names
from annotate.report.parts.judged_spans import Judged, Judgements, judgements
from annotate.report.parts.scores import scores
from annotate.report.parts.templates import environment
from corpus.study import Study


def page(
    study: Study,
    *,
    shares: Callable[[list[str]], Mapping[str, list[tuple[int, int, float]]]] | None = None,
    evaluation: Mapping[str, Any] | None = None,
    terms: Sequence[str] = (),
    outlets: tuple[str, str] | None = None,
) -> str:
    """Return a study's report as one HTML page that needs nothing from outside itself.

    `shares` gives for spans (start, end, share) of each word of their paragraph, in the revision's offsets: the word's
    part in the span's score for its code. `evaluation` has the shape of `evaluate --json`. `terms` and `outlets` choose
    what stands side by side at first; by default the codebook's terms, most unequal first, in the two outlets whose
    wording differs most. The page holds whole articles: it is for the study's owner.

    >>> import tempfile
    >>> from corpus.codebook import read_yaml
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     html = page(Study.create(f"{folder}/marn", read_yaml("territorial-control"), name="Marn valley"))
    >>> html.count("<h1>Marn valley</h1>"), "src=" in html
    (1, False)
    """
    book, focus = study.codebook, study.codebook.focus_variable
    sides = side_names(study)
    articles = study.articles()
    names = sorted(set(articles["outlet"]))
    judged = judgements(study, articles)
    by_article = judged.by_article()
    codes = {variable.name: shown(variable, sides) for variable in book.variables}
    profiles = counts.profiles(book, focus, names, judged.spans)
    whose = attribution(book)
    special = reading_view.kinds(study)
    rows, read, details = reading_view.reading(study, articles, by_article, codes[focus.name], special, shares)
    found = _words(study, terms, articles, special)
    used = [term for term in found if term.total]
    pair = outlets or counts.most_different([p for p in profiles if p.coded or p.suggested])
    return environment().get_template("report.html.j2").render(
        name=study.settings.name,
        book=book,
        focus=focus,
        sides=sides,
        articles=len(articles),
        outlets=names,
        corpus=counts.corpus(study, articles),
        judged=judged,
        states=_states(study, judged),
        profiles=profiles,
        codes=codes[focus.name],
        whose=whose,
        crossed=counts.crossed(book, focus, whose, judged.spans) if whose else {},
        whose_codes=codes[whose.name] if whose else {},
        scores=scores(evaluation) if evaluation else [],
        evaluated=(evaluation or {}).get("variable", focus.name),
        terms=found,
        rare=contested_terms.RARE,
        read=read,
        shaded=shares is not None,
        most_articles=reading_view.MOST_ARTICLES,
        palette=_palette(codes),
        DIVIDED=DIVIDED,
        NOT_ASKED=NOT_ASKED,
        kwic={
            "terms": [[term.term, term.total] for term in used],
            "outlets": names,
            "pair": list(pair or names[:2]),
            **_kwic(used, names, articles, rows, by_article, study, codes[focus.name]),
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


def _words(
    study: Study, terms: Sequence[str], articles: pd.DataFrame, special: Mapping[str, Mapping[tuple[int, int], str]]
) -> list[contested_terms.Term]:
    """Return the terms to show in context: those asked for in their order, else the codebook's that occur."""
    revisions = zip(articles["article"], articles["revision"], strict=True)
    apart = {
        article: [place for place, kind in special.get(revision, {}).items() if kind != "headline"]
        for article, revision in revisions
    }
    wanted = list(dict.fromkeys(terms)) or contested_terms.default_terms(study.codebook)
    found = contested_terms.search(wanted, articles, apart)
    if terms:
        return sorted(found, key=lambda term: wanted.index(term.term))
    return [term for term in found if term.total][: contested_terms.MOST_TERMS]


def _kwic(
    terms: Sequence[contested_terms.Term],
    outlets: Sequence[str],
    articles: pd.DataFrame,
    rows: Sequence[int],
    by_article: Mapping[str, Sequence[Judged]],
    study: Study,
    codes: Mapping[str, Shown],
) -> dict[str, Any]:
    """Return the lines in context as the page's script reads them, and the articles that they point to."""
    book, focus = study.codebook, study.codebook.focus_variable
    view = {row: place for place, row in enumerate(rows)}
    heads: dict[int, int] = {}
    table: dict[str, dict[str, Any]] = {}
    for term, by in contested_terms.lines(terms, outlets, articles).items():
        for outlet, found in by.items():
            cut = []
            for row, start, end, left, match, right in found["rows"]:
                here = [
                    span
                    for span in by_article.get(articles["article"][row], ())
                    if span.start < end and start < span.end
                ]
                span = min(here, key=lambda span: span.end - span.start, default=None)
                code = codes.get(span.code(book, focus) or "") if span else None
                chip = [code.letter, code.css, code.label, span.state] if span and code else None
                cut.append([left, match, right, heads.setdefault(row, len(heads)), chip])
            table.setdefault(term, {})[outlet] = {"n": found["n"], "rows": cut}
    known = zip(heads, articles.loc[list(heads)].to_dict("records"), strict=True)
    titles = [
        [article["date"] if isinstance(article["date"], str) else "", reading_view.title(article), view.get(row, -1)]
        for row, article in known
    ]
    return {"lines": table, "articles": titles}


def _palette(codes: Mapping[str, Mapping[str, Shown]]) -> list[Shown]:
    """Return one code for each colour class that the page uses; the codes of all variables share the classes."""
    used = {code.css: code for by_name in codes.values() for code in by_name.values()}
    return [code for css, code in sorted(used.items()) if css not in ("cd", "cn")]


def _states(study: Study, judged: Judgements) -> dict[str, int]:
    """Return how many spans are coded, were coded with a suggestion in view only, or have a suggestion only."""
    focus = study.codebook.focus_variable
    found = {"coded": 0, "assisted": 0, "suggested": 0, "not asked": 0}
    for span in judged.spans:
        found[span.state] += 1
        found["not asked"] += span.state == "coded" and span.code(study.codebook, focus) == NOT_ASKED
    return found
