"""Public rows: an annotated data set, as JSON lines, becomes a finished study.

A row reads `{"id", "outlet", "text", "labels": {annotator: answer}, "gold"}` and where known `article_id`, `date`,
`title`, `url`, `position`, `story_id`, `context_before`, `context_after`. Each annotator's answers count as blind. What
stands in `labels` and `gold` differs by data set: in BABE, MBIC and NUDA a code; in BASIL a list of the kinds of bias,
each kind a variable of its own; in UkraineNewsBias a point of a scale for each of seven variables; in SEESAW a list of
stances [who, POS or NEG, whom], of which is kept whether a sentence has any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article, Revision, normalise
from corpus.articles.ingest import put_article, put_revision
from corpus.articles.spans import resplit, span_row
from corpus.codebook import read_yaml
from corpus.copies.groups import regroup
from corpus.draft import Refusal, parse_date
from corpus.errors import BadFile, BadText
from corpus.readers.table import rows_of
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

from .record import RecordResult, record

CODEBOOKS = {  # data set: the codebook that asks its questions
    "babe": "lexical-bias",
    "basil": "kinds-of-bias",
    "mbic": "lexical-bias",
    "nuda": "lexical-bias",
    "seesaw": "stance-present",
    "ukraine": "ukraine-crisis",
}
NOT_RELEASED = {"ukraine": "not released"}  # the outlet of rows whose data set names none
_EXPECTED = {
    "ukraine": 'labels must read {"variable": {annotator: point}} and position be a number',
    "seesaw": "labels must read {annotator: [[who, POS or NEG, whom]]} and position be a number",
    "basil": 'labels must read {annotator: ["informational", "lexical" or "none"]} and position be a number',
}
_KINDS = ("informational", "lexical")
RowAnswers = list[tuple[str, str, Any]]  # variable, annotator, code

_WORDS = ("outlet", "text", "title", "url", "date", "id", "article_id", "story_id", "context_before", "context_after")


@dataclass(frozen=True)
class _PublicRow:
    """One row of an article: its own words between the words before and after them."""

    where: str
    before: str
    text: str
    after: str
    answers: RowAnswers


def create(folder: Path, data_set: str, file: Path) -> tuple[Study, RecordResult]:
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
    articles = _articles(data_set, file, rows, refusals)
    if not articles:
        raise BadFile(
            f"{file}: no row has outlet, text and labels or gold; {refusals[0].why if refusals else 'it is empty'}"
        )
    study = Study.create(folder, read_yaml(CODEBOOKS[data_set]), name=data_set)
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
                for variable, coder, code in part.answers
            ]
    recorded = record(study, answers)
    recorded.refusals = refusals + recorded.refusals
    regroup(study)
    resplit(study)
    return study, recorded


def answers_in(data_set: str, row: Mapping[str, Any]) -> RowAnswers | None:
    """Return a row's answers as (variable, annotator, code); None where its labels are not those of the data set.

    >>> answers_in("ukraine", {"labels": {"framing/west": {"w1": -2.0}, "subjectivity": {"w2": 1.0}}})
    [('framing-west', 'w1', 'minus-2'), ('subjectivity', 'w2', '1')]
    >>> answers_in("seesaw", {"labels": {"A": [["Obama", "NEG", "Congress"], ["Obama", "POS", "a bill"]], "B": []}})
    [('stance', 'A', 'both'), ('stance', 'B', 'none')]
    """
    labels = row.get("labels")
    if not labels and data_set != "ukraine":  # its gold is of another scale than its labels
        labels = {"published": row["gold"]} if row.get("gold") else {}
    if not labels:
        return []
    try:
        if data_set == "ukraine":
            return [
                (name.replace("/", "-"), coder, _point(point, name))
                for name, by_coder in labels.items()
                for coder, point in by_coder.items()
            ]
        return [(name, coder, code) for coder, said in labels.items() for name, code in _codes(data_set, said).items()]
    except (AttributeError, TypeError, ValueError, KeyError):
        return None


def gold_in(data_set: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the published code of each variable; nothing where the row has none that can be read.

    >>> gold_in("basil", {"gold": ["informational"]})
    {'informational': 'present', 'lexical': 'absent'}
    >>> gold_in("nuda", {"gold": "biased"}), gold_in("nuda", {})
    ({'bias': 'biased'}, {})
    """
    if row.get("gold") is None or data_set == "ukraine":  # its gold is of another scale than its labels
        return {}
    try:
        return _codes(data_set, row["gold"])
    except (AttributeError, TypeError, ValueError, KeyError):
        return {}


def _codes(data_set: str, said: Any) -> dict[str, Any]:
    """Return what one answer says about each variable. Raises TypeError, ValueError or KeyError where it is none."""
    if data_set == "seesaw":
        return {"stance": _stance(said)}
    if data_set == "basil":
        found = {said} if isinstance(said, str) else set(said)
        if found - {*_KINDS, "none"}:
            raise ValueError(said)
        return {kind: "present" if kind in found else "absent" for kind in _KINDS}
    return {"bias": said}


def _point(point: float, name: str) -> str:
    """Return the code of a point: scales from -2 to 2 have signs in their names, since no name begins with a minus."""
    if point != int(point):
        raise ValueError(point)
    sign = ("minus-" if point < 0 else "plus-") if name.startswith("framing") and point else ""
    return f"{sign}{abs(int(point)) if sign else int(point)}"


def _stance(triples: list[list[str]]) -> str:
    """Return which stances there are in a list of [who, POS or NEG, whom]."""
    found = frozenset(stance for _, stance, _ in triples)
    kinds = {"": "none", "POS": "positive", "NEG": "negative", "NEG POS": "both"}
    return kinds[" ".join(sorted(found))]


def _articles(
    data_set: str, file: Path, rows: list[tuple[int, Mapping[str, Any] | str]], refusals: list[Refusal]
) -> dict[Article, list[_PublicRow]]:
    found: dict[Article, list[tuple[int, _PublicRow]]] = {}
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
        if data_set in NOT_RELEASED:
            said.setdefault("outlet", NOT_RELEASED[data_set])
        answers = answers_in(data_set, row)
        position = row.get("position") or 0
        if not said.get("outlet") or not said.get("text") or answers == []:
            refusals.append(Refusal(where, "the row needs an outlet, a text, and labels or gold"))
            continue
        if answers is None or type(position) not in (int, float):
            usual = "labels must be an object, annotator to answer, and position a number"
            refusals.append(Refusal(where, _EXPECTED.get(data_set, usual)))
            continue
        article = Article(
            outlet=said["outlet"],
            key=said.get("article_id") or said.get("url") or said.get("id") or str(number),
            title=said.get("title"),
            published=parse_date(said.get("date")),
            language="en",
            url=said.get("url"),
            event=said.get("story_id"),
        )
        part = _PublicRow(where, said.get("context_before", ""), said["text"], said.get("context_after", ""), answers)
        found.setdefault(by_id.setdefault(article.id, article), []).append((position, part))
    return {article: [part for _, part in sorted(parts, key=lambda p: p[0])] for article, parts in found.items()}


def _joined(parts: list[_PublicRow]) -> tuple[str, list[tuple[int, int]]]:
    """Return an article's text, one paragraph a row, and where each row's own words stand in it."""
    text, places = "", []
    for part in parts:
        text += "\n\n" if text else ""
        text += f"{part.before} " if part.before else ""
        places.append((len(text), len(text) + len(part.text)))
        text += part.text + (f" {part.after}" if part.after else "")
    return text, places
