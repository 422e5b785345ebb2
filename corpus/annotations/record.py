"""Check annotations against the codebook and the text, and store them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from corpus.annotation import Annotation
from corpus.article import normalise
from corpus.articles.spans import link_coded_spans, span_row
from corpus.draft import Refusal, read_text
from corpus.errors import BadFile, SlantwiseError, SpanOutOfText
from corpus.span import UNITS, Span
from corpus.study import Study
from corpus.study import database as db

_BATCH = 1000  # rows whose spans are looked up at once
_ARTICLE_ID = re.compile(r"[0-9a-f]{12}")


@dataclass
class RecordResult:
    """What recording annotations did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def total(self) -> int:
        """The number of annotations that were accepted, new or known."""
        return self.new + self.changed + self.unchanged


def import_file(study: Study, path: Path) -> RecordResult:
    """Import annotations from JSON lines; unusable lines are refused with their number, the others are stored.

    A line reads `{"span": ID | {"article": ID, "start": int, "end": int}, "variable", "code", "coder", "round"?,
    "arm"?, "made_at"?, "memo"?}`. Raises BadFile where the file cannot be read as text.
    """
    try:
        lines = read_text(path).split("\n")
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check the name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    rows: list[tuple[str, Mapping[str, Any]]] = []
    refusals: list[Refusal] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            refusals.append(
                Refusal(f"{path}, line {number}", f"this is not JSON ({str(error)[:80]}); expected one object")
            )
            continue
        if isinstance(row, dict):
            rows.append((f"{path}, line {number}", row))
        else:
            refusals.append(Refusal(f"{path}, line {number}", f"expected an object, found {str(row)[:40]}"))
    result = record(study, rows)
    result.refusals = refusals + result.refusals
    return result


def record(study: Study, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> RecordResult:
    """Store annotations given as (position in the file, row); a coder's earlier answer is replaced.

    Only what the rows name is read, so that one answer costs the same in a study of any size.
    """
    result = RecordResult()
    remaining = iter(rows)
    with study.store.writing() as connection:
        lookup = _SpanLookup(connection, study.codebook.unit)
        accepted: dict[tuple[str, str, str, str], Annotation] = {}
        while batch := list(islice(remaining, _BATCH)):
            lookup.read([row.get("span") for _, row in batch])
            for where, row in batch:
                try:
                    annotation = _annotation(study, lookup, row)
                except SlantwiseError as error:
                    result.refusals.append(Refusal(where, str(error)))
                else:
                    accepted[annotation.span, annotation.variable, annotation.coder, annotation.round] = annotation
        coded = list(dict.fromkeys(annotation.span for annotation in accepted.values()))
        stored = _stored_answers(connection, coded)
        for key, annotation in accepted.items():
            before = stored.get(key)
            if before is None:
                result.new += 1
            elif before == (annotation.code, annotation.arm, annotation.memo):
                result.unchanged += 1
            else:
                result.changed += 1
        db.put(connection, db.spans, [span_row(span, "coder") for span in lookup.marked])
        columns = [c.name for c in db.annotations.columns if not c.primary_key]
        db.put(connection, db.annotations, map(vars, accepted.values()), replace=columns)
        link_coded_spans(connection, _articles(connection, coded))
    return result


def _stored_answers(
    connection: Connection, spans: Iterable[str]
) -> dict[tuple[str, str, str, str], tuple[str, str, str]]:
    t = db.annotations.c
    query = select(t.span, t.variable, t.coder, t.round, t.code, t.arm, t.memo)
    rows = (row for part in db.batches(spans) for row in connection.execute(query.where(t.span.in_(part))))
    return {(r.span, r.variable, r.coder, r.round): (r.code, r.arm, r.memo) for r in rows}


def _articles(connection: Connection, spans: Iterable[str]) -> set[str]:
    """Return the articles of these spans."""
    r = db.revisions.c
    revisions = {span.partition(":")[0] for span in spans}
    return {
        article
        for part in db.batches(revisions)
        for article in connection.execute(select(r.article).where(r.id.in_(part))).scalars()
    }


class _SpanLookup:
    """Find the spans of annotations: known ones by id, new ones by article and offsets."""

    def __init__(self, connection: Connection, unit: str) -> None:
        self.unit = unit
        self.marked: list[Span] = []
        self._connection = connection
        self._known: set[str] = set()
        self._length: dict[str, int] = {}  # of revisions
        self._first: dict[str, str] = {}  # articles' first revisions

    def read(self, places: Iterable[object]) -> None:
        """Read what the store has of these places."""
        r = db.revisions.c
        named = (str(place["article"]) for place in places if isinstance(place, dict) and "article" in place)
        articles = {id for id in named if _ARTICLE_ID.fullmatch(id)} - self._first.keys()
        for part in db.batches(articles):
            query = select(r.article, r.id).where(r.number == 0, r.article.in_(part))
            self._first |= dict(self._connection.execute(query).tuples().all())
        spans: dict[str, Span] = {}
        for place in places:
            if isinstance(place, str) and place in self._known:
                continue
            with suppress(SlantwiseError):
                span = self._span(place)
                spans[span.id] = span
        new = [id for id in spans if id not in self._known]
        for part in db.batches(new):
            self._known |= set(self._connection.execute(select(db.spans.c.id).where(db.spans.c.id.in_(part))).scalars())
        revisions = {spans[id].revision for id in new if id not in self._known} - self._length.keys()
        for part in db.batches(revisions):
            lengths = select(r.id, func.length(r.text)).where(r.id.in_(part))
            self._length |= dict(self._connection.execute(lengths).tuples().all())

    def span_id(self, place: object) -> str:
        """Return the id of a span that was read; a new one is noted as marked by a coder."""
        if isinstance(place, str) and place in self._known:
            return place
        span = self._span(place)
        if span.id not in self._known:
            length = self._length.get(span.revision)
            if length is None:
                raise SpanOutOfText(
                    f"the study has no revision {span.revision}; was the span exported from this study?"
                )
            if not 0 <= span.start < span.end <= length:
                raise SpanOutOfText(f"{span.start}-{span.end} is outside the text, which has {length} characters")
            self._known.add(span.id)
            self.marked.append(span)
        return span.id

    def _span(self, place: object) -> Span:
        if isinstance(place, str):
            span = Span.from_id(place)
        elif isinstance(place, dict) and {"article", "start", "end"} <= place.keys():
            revision = self._first.get(str(place["article"]))
            if revision is None:
                raise SpanOutOfText(f"the study has no article {place['article']!r}; `export` lists those it has")
            if not all(type(place[key]) is int for key in ("start", "end")):
                raise SpanOutOfText("start and end must be whole numbers, counted in characters of the normalised text")
            span = Span(revision, place["start"], place["end"], str(place.get("unit", self.unit)))
        else:
            raise SpanOutOfText('expected "span" as an id, or as {"article": ID, "start": number, "end": number}')
        if span.unit not in UNITS:
            raise SpanOutOfText(f"{span.unit!r} is not a unit that can be coded; expected one of {', '.join(UNITS)}")
        return span


def _annotation(study: Study, lookup: _SpanLookup, row: Mapping[str, Any]) -> Annotation:
    if missing := [name for name in ("span", "variable", "code", "coder") if not str(row.get(name) or "").strip()]:
        raise BadFile(f"{missing[0]!r} is missing; expected span, variable, code and coder")
    code = row["code"]
    if not isinstance(code, str | list):
        raise BadFile(f"the code is {code!r}; expected its name")
    arm = row.get("arm", "blind")
    if arm not in ("blind", "assisted"):
        raise BadFile(f"the arm is {arm!r}; expected blind or assisted")
    seconds, simulated = row.get("seconds"), row.get("simulated", False)
    if seconds is not None and type(seconds) not in (int, float):
        raise BadFile(f"the seconds are {seconds!r}; expected a number")
    if type(simulated) is not bool:
        raise BadFile(f"simulated is {simulated!r}; expected true or false")
    variable = _words(row, "variable")
    return Annotation(
        code=study.codebook.checked_code(variable, code),
        variable=variable,
        coder=_words(row, "coder"),
        codebook_version=_words(row, "codebook_version") or study.codebook.version,
        round=_words(row, "round"),
        arm=arm,
        made_at=_words(row, "made_at") or None,
        memo=_words(row, "memo"),
        seconds=seconds,
        simulated=simulated,
        span=lookup.span_id(row["span"]),  # last: a refused answer must not leave a new span
    )


def _words(row: Mapping[str, Any], name: str) -> str:
    """Return a field as normalised text; a coder may be a number."""
    value = row.get(name)
    if value is not None and type(value) not in (str, int):
        raise BadFile(f"{name} is {str(value)[:40]}; expected words")
    return "" if value is None else normalise(str(value))
