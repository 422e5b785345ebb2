"""Public rows: an annotated data set, as JSON lines, becomes a finished study.

A row reads `{"id", "outlet", "text", "labels": {annotator: answer}, "gold"}` and where known `article_id`, `date`,
`title`, `url`, `position`, `story_id`, `context_before`, `context_after`. Each annotator's answers count as blind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import store as db
from .answers import Recorded, record
from .article import Article, Revision, normalise
from .codebook import source
from .copygroups import regroup
from .errors import BadFile, BadText
from .intake import put_article, put_revision
from .readers.draft import Refusal, parsed_date
from .readers.table import rows_of
from .span import Span
from .splitting import resplit, span_row
from .study import Study

CODEBOOKS = {"babe": "lexical-bias", "mbic": "lexical-bias"}  # data set: the codebook that asks its question

_WORDS = ("outlet", "text", "title", "url", "date", "id", "article_id", "story_id", "context_before", "context_after")


@dataclass(frozen=True)
class _Row:
    """One row of an article: its own words between the words before and after them."""

    where: str
    before: str
    text: str
    after: str
    answers: Mapping[str, str]


def create(folder: Path, data_set: str, file: Path) -> tuple[Study, Recorded]:
    """Make a study from a public data set's rows: articles, one span a row, each annotator's blind answers.

    Raises BadFile where the file cannot be read or none of its rows is one.
    """
    if data_set not in CODEBOOKS:
        raise BadFile(f"{data_set!r} is no known data set; expected one of {', '.join(CODEBOOKS)}")
    try:
        rows = list(rows_of(file))
    except BadFile as error:
        raise BadFile(f"{file}: {error}") from None
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); check the name") from None
    refusals: list[Refusal] = []
    articles = _articles(file, rows, refusals)
    if not articles:
        raise BadFile(
            f"{file}: no row has outlet, text and labels or gold; {refusals[0].why if refusals else 'it is empty'}"
        )
    study = Study.create(folder, source(CODEBOOKS[data_set]), name=data_set)
    variable = study.codebook.focus_variable.name
    with study.store.writing() as connection:
        answers = []
        for article, parts in articles.items():
            text, places = _joined(parts)
            revision = Revision(article.id, text)
            put_article(connection, article)
            put_revision(connection, revision, number=0)
            spans = [Span(revision.id, start, end, study.codebook.unit) for start, end in places]
            db.put(connection, db.spans, [span_row(span, "imported") for span in spans])
            answers += [
                (part.where, {"span": span.id, "variable": variable, "code": code, "coder": coder})
                for part, span in zip(parts, spans, strict=True)
                for coder, code in part.answers.items()
            ]
    recorded = record(study, answers)
    recorded.refusals = refusals + recorded.refusals
    regroup(study)
    resplit(study)
    return study, recorded


def _articles(
    file: Path, rows: list[tuple[int, Mapping[str, Any] | str]], refusals: list[Refusal]
) -> dict[Article, list[_Row]]:
    found: dict[Article, list[tuple[int, _Row]]] = {}
    by_id: dict[str, Article] = {}
    for number, row in rows:
        where = f"{file}, line {number}"
        if isinstance(row, str):
            refusals.append(Refusal(where, row))
            continue
        try:
            said = {name: " ".join(normalise(str(row[name])).split()) for name in _WORDS if row.get(name) is not None}
        except BadText as error:
            refusals.append(Refusal(where, str(error)))
            continue
        labels = row.get("labels") or ({"published": row["gold"]} if row.get("gold") else {})
        position = row.get("position") or 0
        if not said.get("outlet") or not said.get("text") or not labels:
            refusals.append(Refusal(where, "the row needs an outlet, a text, and labels or gold"))
            continue
        if not isinstance(labels, dict) or type(position) not in (int, float):
            refusals.append(Refusal(where, "labels must be an object, annotator to answer, and position a number"))
            continue
        article = Article(
            outlet=said["outlet"],
            key=said.get("article_id") or said.get("url") or said.get("id") or str(number),
            title=said.get("title"),
            published=parsed_date(said.get("date")),
            language="en",
            url=said.get("url"),
            event=said.get("story_id"),
        )
        part = _Row(where, said.get("context_before", ""), said["text"], said.get("context_after", ""), labels)
        found.setdefault(by_id.setdefault(article.id, article), []).append((position, part))
    return {article: [part for _, part in sorted(parts, key=lambda p: p[0])] for article, parts in found.items()}


def _joined(parts: list[_Row]) -> tuple[str, list[tuple[int, int]]]:
    """Return an article's text, one paragraph a row, and where each row's own words stand in it."""
    text, places = "", []
    for part in parts:
        text += "\n\n" if text else ""
        text += f"{part.before} " if part.before else ""
        places.append((len(text), len(text) + len(part.text)))
        text += part.text + (f" {part.after}" if part.after else "")
    return text, places
