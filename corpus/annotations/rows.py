"""Add annotations from rows: JSON lines, data frames or dicts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from sqlalchemy import select

from corpus.annotation import Annotation, codes_of
from corpus.errors import BadFile, SlantwiseError, SpanOutOfText
from corpus.readers.table import frame_columns, whole
from corpus.span import UNITS, Span
from corpus.study import Study
from corpus.study import database as db
from corpus.text.decoding import read_text

from .record import BATCH, RecordResult, record

if TYPE_CHECKING:
    import pandas as pd

    Rows = str | Path | pd.DataFrame | Iterable[Mapping[str, Any]]

Row = Mapping[str, Any]
_ARTICLE_ID = re.compile(r"[0-9a-f]{12}")
_PLACE = ("article", "start", "end")


def add_annotations(study: Study, rows: Rows) -> RecordResult:
    """Add annotations: from a file of JSON lines, a data frame, or dicts.

    Every row has `span, variable, code, coder` and may have `round, arm, made_at, memo, seconds, simulated,
    codebook_version`; other columns are ignored, so a frame of `study.annotations()` can be added to another study. A
    span is given by its id, as `{"article": ID, "start": int, "end": int}`, or by columns `article, start, end` and
    possibly `unit`; offsets count characters of the normalised text. Several codes are a list, or one text, `a|b`. None
    and NaN mean that a value is absent.

    Unusable rows are refused with their place, the others are stored; a coder's earlier answer is replaced, and adding
    rows twice changes nothing. Raises BadFile if a file cannot be read as text.
    """
    return record(study, annotations_in(study, _numbered(rows)))


def annotations_in(study: Study, rows: Iterable[tuple[str, Row | str]]) -> Iterator[tuple[str, Annotation | str]]:
    """Yield the annotations of rows, each given with its place; a str says why a row is not an annotation."""
    first_revisions: dict[str, str] = {}
    remaining = iter(rows)
    while batch := [(where, row if isinstance(row, str) else _present(row)) for where, row in islice(remaining, BATCH)]:
        _read_first_revisions(study, (row for _, row in batch if not isinstance(row, str)), first_revisions)
        for where, row in batch:
            try:
                yield where, row if isinstance(row, str) else _annotation(study, row, first_revisions)
            except SlantwiseError as error:
                yield where, str(error)


def _numbered(rows: Rows) -> Iterator[tuple[str, Row | str]]:
    if isinstance(rows, str | Path):
        return _lines(Path(rows))
    frame: Any = rows  # dicts load no pandas
    dicts = _dicts(frame) if hasattr(rows, "columns") else rows
    if isinstance(dicts, Mapping | bytes) or not isinstance(dicts, Iterable):
        raise BadFile(f"expected a file, a data frame or a list of dicts, found one {type(rows).__name__}")
    return ((f"row {number}", _mapping(row)) for number, row in enumerate(dicts, 1))


def _lines(path: Path) -> Iterator[tuple[str, Row | str]]:
    """Yield the objects of JSON lines; a str says why a line is not one. Raises BadFile."""
    try:
        lines = read_text(path).split("\n")
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check the name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{path}, line {number}", _object(line)


def _object(line: str) -> Row | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"this is not JSON ({str(error)[:80]}); expected one object"
    return _mapping(row)


def _mapping(row: Any) -> Row | str:
    return row if isinstance(row, Mapping) else f"expected an object, found {str(row)[:40]}"


def _dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: Any = frame.astype(object).set_axis(frame_columns(frame), axis=1).to_dict("records")
    for row in rows:
        row |= {name: whole(row[name]) for name in ("start", "end", "coder", "round") if name in row}
    return list(rows)


def _present(row: Row) -> Row:
    """Return a row without absent values, NumPy's values as Python's, and times as text."""
    present: dict[str, Any] = {}
    for name, value in row.items():
        if type(value) not in (str, int, bool):
            if hasattr(value, "tolist"):
                value = value.tolist()
            if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
                continue
            if hasattr(value, "isoformat"):
                value = value.isoformat()
        present[name] = value
    return present


def _read_first_revisions(study: Study, rows: Iterable[Row], known: dict[str, str]) -> None:
    """Add the first revisions of the articles that rows name instead of spans."""
    places = (row.get("span", row) for row in rows)
    named = {str(place["article"]) for place in places if isinstance(place, dict) and "article" in place}
    r = db.revisions.c
    with study.store.reading() as connection:
        for part in db.batches(id for id in named - known.keys() if _ARTICLE_ID.fullmatch(id)):
            query = select(r.article, r.id).where(r.number == 0, r.article.in_(part))
            known |= dict(connection.execute(query).tuples().all())


def _annotation(study: Study, row: Row, first_revisions: Mapping[str, str]) -> Annotation:
    """Return the annotation of a row. Raises BadFile or SpanOutOfText."""
    if "span" not in row and row.keys() >= set(_PLACE):
        row = {**row, "span": {name: row[name] for name in (*_PLACE, "unit") if name in row}}
    if missing := [name for name in ("span", "variable", "code", "coder") if not str(row.get(name) or "").strip()]:
        raise BadFile(f"{missing[0]!r} is missing; expected span, variable, code and coder")
    code = row["code"]
    if not isinstance(code, str | list | tuple):
        raise BadFile(f"the code is {code!r}; expected its name")
    arm = row.get("arm", "blind")
    if arm not in ("blind", "assisted"):
        raise BadFile(f"the arm is {arm!r}; expected blind or assisted")
    seconds, simulated = row.get("seconds"), row.get("simulated", False)
    if seconds is not None and (type(seconds) not in (int, float) or not 0 <= seconds < float("inf")):
        raise BadFile(f"the seconds are {seconds!r}; expected a number, 0 or more")
    if type(simulated) is not bool:
        raise BadFile(f"simulated is {simulated!r}; expected true or false")
    return Annotation(
        span=_span_id(study, row["span"], first_revisions),
        variable=_words(row, "variable"),
        codes=codes_of(code) if isinstance(code, str) else tuple(code),
        coder=_words(row, "coder"),
        codebook_version=_words(row, "codebook_version") or study.codebook.version,
        round=_words(row, "round"),
        arm=arm,
        made_at=_words(row, "made_at") or None,
        memo=_words(row, "memo"),
        seconds=seconds,
        simulated=simulated,
    )


def _span_id(study: Study, place: object, first_revisions: Mapping[str, str]) -> str:
    if isinstance(place, str):
        return place
    if not isinstance(place, dict) or not place.keys() >= set(_PLACE):
        raise SpanOutOfText('expected "span" as an id, or as {"article": ID, "start": number, "end": number}')
    revision, unit = first_revisions.get(str(place["article"])), str(place.get("unit", study.codebook.unit))
    if revision is None:
        raise SpanOutOfText(f"the study has no article {place['article']!r}; `export` lists those it has")
    start, end = place["start"], place["end"]
    if not all(isinstance(offset, SupportsIndex) and not isinstance(offset, bool) for offset in (start, end)):
        raise SpanOutOfText("start and end must be whole numbers, counted in characters of the normalised text")
    if not 0 <= start < end < 10**9:
        raise SpanOutOfText(f"{start}-{end} is outside the text; start and end count its characters from 0")
    if unit not in UNITS:
        raise SpanOutOfText(f"{unit!r} is not a unit that can be coded; expected one of {', '.join(UNITS)}")
    return Span(revision, start, end, unit).id


def _words(row: Row, name: str) -> str:
    """Return a field as text; a coder may be a number."""
    value = row.get(name)
    if value is not None and type(value) not in (str, int):
        raise BadFile(f"{name} is {str(value)[:40]}; expected text")
    return "" if value is None else str(value)
