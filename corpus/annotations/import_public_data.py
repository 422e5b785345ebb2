"""Make a study from a public annotated data set in JSON lines.

A row reads `{"id", "outlet", "text", "labels": {annotator: answer}, "gold"}` and where known `article_id`, `date`,
`title`, `url`, `position`, `story_id`, `context_before`, `context_after`. Each annotator's answers count as blind. The
content of `labels` and `gold` differs by data set: in BABE, MBIC and NUDA a code; in BASIL a list of the kinds of bias,
each kind a variable of its own; in UkraineNewsBias a point of a scale for each of seven variables; in SEESAW a list of
stances [who, POS or NEG, whom], reduced to whether a sentence has any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article, Revision, normalise
from corpus.articles.ingest import put_article
from corpus.articles.revision_order import put_first_revision
from corpus.articles.spans import respan, span_row
from corpus.codebook import read_yaml
from corpus.draft import Refusal
from corpus.errors import BadFile, BadText
from corpus.readers.table import rows_of
from corpus.result import printed_as
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, note_pending, recount
from corpus.study.files import being_made
from corpus.study.status import Status, status
from corpus.text.dates import parse_date

from .record import record
from .rows import annotations_in

CODEBOOKS = {  # data set: the codebook with its variables
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


@dataclass(frozen=True)
class CreatedStudy(Status):
    """A new study made from a data set, its counts, and the rows and answers that could not be used."""

    codebook: str
    folder: Path = printed_as("study")
    study: Study = printed_as(None)
    refusals: list[Refusal] = printed_as(None)


def create_from_data_set(folder: str | Path, data_set: str, file: str | Path) -> CreatedStudy:
    """Make a study from a public data set's rows: articles, one span a row, each annotator's blind answers.

    `data_set` is one of CODEBOOKS, `file` has its rows as JSON lines. Raises BadFile if the file cannot be read or
    has no usable row.
    """
    folder, file = Path(folder).expanduser(), Path(file)
    if data_set not in CODEBOOKS:
        raise BadFile(f"{data_set!r} is not a known data set; expected one of {', '.join(CODEBOOKS)}")
    numbered = read_lines(file)
    refusals: list[Refusal] = []
    articles = _articles(data_set, file, numbered, refusals)
    if not articles:
        raise BadFile(
            f"{file}: no row has outlet, text and labels or gold; {refusals[0].why if refusals else 'it is empty'}"
        )
    with being_made(folder, f"{data_set} from {file.resolve()}") as continues:
        new = not continues
        study = Study.create(folder, read_yaml(CODEBOOKS[data_set]), name=data_set) if new else Study.open(folder)
        with study.store.writing() as connection:
            answers: list[tuple[str, Mapping[str, Any] | str]] = []
            for article, article_rows in articles.items():
                text, places = _joined(article_rows)
                revision = Revision(article.id, text)
                put_article(connection, article)
                put_first_revision(connection, revision, article)
                spans = [Span(revision.id, start, end, study.codebook.unit) for start, end in places]
                db.put(connection, db.spans, [span_row(span, "imported") for span in spans])
                answers += [
                    (row.where, {"span": span.id, "variable": variable, "code": code, "coder": coder})
                    for row, span in zip(article_rows, spans, strict=True)
                    for variable, coder, code in row.answers
                ]
            note_pending(connection, "score", claim(connection, "split"))  # their spans are the rows
            recount(connection)
        recorded = record(study, annotations_in(study, answers))
        respan(study)
    return CreatedStudy(
        **vars(status(study)),
        folder=folder,
        codebook=study.codebook.name,
        study=study,
        refusals=refusals + recorded.refusals,
    )


def read_lines(file: Path) -> list[tuple[int, Mapping[str, Any] | str]]:
    """Return a file's rows with their line numbers; a str says why a line is not a row. Raises BadFile."""
    try:
        return list(rows_of(file))
    except BadFile as error:
        raise BadFile(f"{file}: {error}") from None
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); check the name") from None


def words_in(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row's text and metadata, normalised, without empty fields. Raises BadText.

    >>> words_in({"text": " Velo  fell. ", "title": "", "labels": {}})
    {'text': 'Velo fell.'}
    """
    fields = {name: " ".join(normalise(str(row[name])).split()) for name in _WORDS if row.get(name) is not None}
    return {name: value for name, value in fields.items() if value}


def answers_in(data_set: str, row: Mapping[str, Any]) -> RowAnswers | None:
    """Return a row's answers as (variable, annotator, code); None if its labels are not those of the data set.

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
        return [
            (name, coder, code) for coder, label in labels.items() for name, code in _codes(data_set, label).items()
        ]
    except (AttributeError, TypeError, ValueError, KeyError):
        return None


def gold_in(data_set: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the published code of each variable; empty if the row has no valid one.

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


def _codes(data_set: str, label: Any) -> Mapping[str, Any]:
    """Return one label's code for each variable. Raises TypeError, ValueError or KeyError if it is invalid."""
    if data_set == "seesaw":
        return {"stance": _stance(label)}
    if data_set == "basil":
        named = {label} if isinstance(label, str) else set(label)
        if named - {*_KINDS, "none"}:
            raise ValueError(label)
        return {kind: "present" if kind in named else "absent" for kind in _KINDS}
    return {"bias": label}


def _point(point: float, name: str) -> str:
    """Return the code of a scale point; scales from -2 to 2 spell the sign, since no code begins with a minus."""
    if point != int(point):
        raise ValueError(point)
    sign = ("minus-" if point < 0 else "plus-") if name.startswith("framing") and point else ""
    return f"{sign}{abs(int(point)) if sign else int(point)}"


def _stance(triples: list[list[str]]) -> str:
    """Return which stances are in a list of [who, POS or NEG, whom]."""
    stances = frozenset(stance for _, stance, _ in triples)
    kinds = {"": "none", "POS": "positive", "NEG": "negative", "NEG POS": "both"}
    return kinds[" ".join(sorted(stances))]


def _articles(
    data_set: str, file: Path, rows: list[tuple[int, Mapping[str, Any] | str]], refusals: list[Refusal]
) -> dict[Article, list[_PublicRow]]:
    by_article: dict[Article, list[tuple[int, _PublicRow]]] = {}
    by_id: dict[str, Article] = {}
    for number, row in rows:
        where = f"{file}, line {number}"
        if isinstance(row, str):
            refusals.append(Refusal(where, row))
            continue
        try:
            words = words_in(row)
        except BadText as error:
            refusals.append(Refusal(where, str(error)))
            continue
        if data_set in NOT_RELEASED:
            words.setdefault("outlet", NOT_RELEASED[data_set])
        answers = answers_in(data_set, row)
        position = row.get("position") or 0
        if not words.get("outlet") or not words.get("text") or answers == []:
            refusals.append(Refusal(where, "the row needs an outlet, a text, and labels or gold"))
            continue
        if answers is None or type(position) not in (int, float):
            usual = "labels must be an object, annotator to answer, and position a number"
            refusals.append(Refusal(where, _EXPECTED.get(data_set, usual)))
            continue
        article = Article(
            outlet=words["outlet"],
            key=words.get("article_id") or words.get("url") or words.get("id") or str(number),
            title=words.get("title"),
            published=parse_date(words.get("date")),
            language="en",
            url=words.get("url"),
            event=words.get("story_id"),
        )
        public_row = _PublicRow(
            where, words.get("context_before", ""), words["text"], words.get("context_after", ""), answers
        )
        by_article.setdefault(by_id.setdefault(article.id, article), []).append((position, public_row))
    return {article: [row for _, row in sorted(rows, key=lambda r: r[0])] for article, rows in by_article.items()}


def _joined(rows: list[_PublicRow]) -> tuple[str, list[tuple[int, int]]]:
    """Return an article's text, one paragraph per row, and the offsets of each row's own words."""
    text, places = "", []
    for row in rows:
        text += "\n\n" if text else ""
        text += f"{row.before} " if row.before else ""
        places.append((len(text), len(text) + len(row.text)))
        text += row.text + (f" {row.after}" if row.after else "")
    return text, places
