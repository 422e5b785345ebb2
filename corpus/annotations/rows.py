"""Add annotations from rows: JSON lines, data frames or dicts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from sqlalchemy import select

from corpus.annotation import Annotation, codes_of
from corpus.codebook.spelling import MISSING_WORDS, Spelling
from corpus.draft import Refusal
from corpus.errors import BadFile, SlantwiseError, SpanOutOfText
from corpus.readers.table import frame_columns, whole
from corpus.span import UNITS, Span
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged

from .answer_tables import answer_rows, typed
from .closing import close_assignments
from .record import BATCH, Doubt, NoAnswer, RecordResult, record
from .unread_columns import unread_columns

if TYPE_CHECKING:
    import pandas as pd

    Rows = str | Path | pd.DataFrame | Iterable[Mapping[str, Any]]

Row = Mapping[str, Any]
_ARTICLE_ID = re.compile(r"[0-9a-f]{12}")
_PLACE = ("article", "start", "end")
FIELDS = frozenset(
    (*_PLACE, "span", "unit", "variable", "coder", "codebook_version", "round", "arm", "made_at", "memo", "seconds")
) | {"simulated"}  # fmt: skip
KNOWN = FIELDS | {"code"}


@logged("import")
def add_annotations(study: Study, rows: Rows) -> RecordResult:
    """Add annotations: from a file, a data frame, or dicts.

    A file holds JSON lines or a JSON list of objects, or is a table: CSV, Parquet, or a spreadsheet (.xlsx).

    Every row has `span, variable, code, coder` and may have `round, arm, made_at, memo, seconds, simulated,
    codebook_version`; other columns are ignored, so a frame of `study.annotations()` can be added to another study.
    Instead of `variable` and `code` a row may have a column for each variable, named as it is. A span is given by its
    id, as `{"article": ID, "start": int, "end": int}`, or by columns `article, start, end` and possibly `unit`; offsets
    count characters of the normalised text. Several codes are a list, or one text, `a|b`. None, NaN, NA and an empty
    cell mean that a value is absent. A code may be written in other case, with blanks, or 1.0 for 1, if it can only
    mean one.

    Unusable rows are refused with their place, the others are stored; a coder's earlier answer is replaced, and adding
    rows twice changes nothing. Blind assignments of which every question is answered now are closed. Answers of one
    coder to one question that contradict each other are all refused. Raises BadFile if a file cannot be read.
    """
    notes: list[str] = []
    coded: set[tuple[str, str]] = set()
    done = record(study, _noting(annotations_in(study, _numbered(rows, notes.append)), coded))
    done = replace(done, closed=close_assignments(study, coded))
    if isinstance(rows, str | Path) and not done.read:
        raise BadFile(f"{rows} has headings and no answers; expected one answer or more")
    return replace(done, warnings=[*(Refusal(str(rows), why) for why in notes), *done.warnings]) if notes else done


def _noting(
    annotations: Iterable[tuple[str, Annotation | str]], coded: set[tuple[str, str]]
) -> Iterator[tuple[str, Annotation | str]]:
    """Yield the annotations; `coded` receives their spans and coders."""
    for where, one in annotations:
        if isinstance(one, Annotation):
            coded.add((one.span, one.coder))
        yield where, one


def annotations_in(study: Study, rows: Iterable[tuple[str, Row | str]]) -> Iterator[tuple[str, Annotation | str]]:
    """Yield the annotations of rows, each given with its place; a str says why a row is not an annotation."""
    first_revisions: dict[str, str] = {}
    spelling = Spelling(study.codebook)
    remaining = iter(rows)
    named = _Columns()
    while batch := [
        (where, row if isinstance(row, str) else named.present(row)) for where, row in islice(remaining, BATCH)
    ]:
        _read_first_revisions(study, (row for _, row in batch if not isinstance(row, str)), first_revisions)
        for where, names in named.not_checked(batch):
            yield from ((where, Doubt(why)) for why in unread_columns(study.codebook, names, KNOWN))
        for where, row in batch:
            for one in [row] if isinstance(row, str) else _answers(spelling, row):
                try:
                    yield where, one if isinstance(one, str) else _annotation(study, spelling, one, first_revisions)
                except SlantwiseError as error:
                    yield where, str(error)


def _numbered(rows: Rows, warn: Callable[[str], None]) -> Iterator[tuple[str, Row | str]]:
    if isinstance(rows, str | Path):
        return answer_rows(Path(rows).expanduser(), warn)
    frame: Any = rows  # dicts load no pandas
    dicts = _dicts(frame) if hasattr(rows, "columns") else rows
    if isinstance(dicts, Mapping | bytes) or not isinstance(dicts, Iterable):
        raise BadFile(f"expected a file, a data frame or a list of dicts, found one {type(rows).__name__}")
    return (
        (f"row {number}", row if isinstance(row, Mapping) else f"expected an object, found {str(row)[:40]}")
        for number, row in enumerate(dicts, 1)
    )


def _dicts(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: Any = frame.astype(object).set_axis(frame_columns(frame), axis=1).to_dict("records")
    return [typed({**row, **{name: whole(row[name]) for name in ("round",) if name in row}}) for row in rows]


class _Columns:
    """The columns of rows by the names that a file has for them, in any case and with any blanks."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], dict[Any, str]] = {}  # the names of a row → as we write them
        self._checked: set[tuple[str, ...]] = set()

    def not_checked(self, batch: Sequence[tuple[str, Row | str]]) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the columns of rows that have others than the rows before, with the place of the first such row."""
        for where, row in batch:
            if not isinstance(row, str) and (names := tuple(map(str, row))) not in self._checked:
                self._checked.add(names)
                yield where, names

    def present(self, row: Row) -> Row | str:
        """Return a row without absent values, NumPy's values as Python's, and times as text; a str says why not."""
        names = tuple(row)
        if (known := self._known.get(names)) is None:
            known = {name: _column(name, names) for name in names}
            if twice := [name for name in known.values() if list(known.values()).count(name) > 1]:
                return f"two of its columns are named {twice[0]!r}; rename or delete one of them"
            self._known[names] = known
        present: dict[str, Any] = {}
        for name, value in row.items():
            if type(value) is str:
                if value.strip() in MISSING_WORDS and known[name] in FIELDS:
                    continue
            elif type(value) not in (int, bool):
                if hasattr(value, "tolist"):
                    value = value.tolist()
                if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
                    if known[name] in KNOWN:
                        continue
                    value = None  # a column of a variable, in which this row has no code
                if hasattr(value, "isoformat"):
                    value = value.isoformat()
            present[known[name]] = value
        return present


def _column(name: Any, names: Sequence[Any]) -> str:
    plain = str(name).strip().casefold()
    return plain if plain in KNOWN and plain not in names else str(name)


def _answers(spelling: Spelling, row: Row) -> Iterator[Row | str]:
    """Yield a row's answers as rows with `variable` and `code`: one, or one for each column of a variable."""
    if "variable" in row or "code" in row:
        yield row
        return
    try:
        asked = {name: spelling.variable(name) for name in row if name not in KNOWN}
        columns = {name: variable for name, variable in asked.items() if variable is not None}
        if len(set(columns.values())) < len(columns):
            raise BadFile(f"several of its columns mean one variable: {', '.join(columns)}; keep one of them")
        codes = {
            variable: row[name] for name, variable in columns.items() if not spelling.is_missing(variable, row[name])
        }
    except SlantwiseError as error:
        yield str(error)
        return
    if not codes:
        yield NoAnswer("no variable has a code here") if columns else row
    others = {name: value for name, value in row.items() if name not in columns}
    for variable, code in codes.items():
        yield {**others, "variable": variable, "code": code}
        others.pop("memo", None)  # it belongs to the whole row


def _read_first_revisions(study: Study, rows: Iterable[Row], known: dict[str, str]) -> None:
    """Add the first revisions of the articles that rows name instead of spans."""
    places = (row.get("span", row) for row in rows)
    named = {str(place["article"]) for place in places if isinstance(place, dict) and "article" in place}
    r = db.revisions.c
    with study.store.reading() as connection:
        for part in db.batches(id for id in named - known.keys() if _ARTICLE_ID.fullmatch(id)):
            query = select(r.article, r.id).where(r.number == 0, r.article.in_(part))
            known |= dict(connection.execute(query).tuples().all())


def _annotation(study: Study, spelling: Spelling, row: Row, first_revisions: Mapping[str, str]) -> Annotation:
    """Return the annotation of a row. Raises BadFile, UnknownCode or SpanOutOfText."""
    if "span" not in row and row.keys() >= set(_PLACE):
        row = {**row, "span": {name: row[name] for name in (*_PLACE, "unit") if name in row}}
    variable = _words(row, "variable")
    variable = spelling.variable(variable) or variable
    if spelling.is_missing(variable, row.get("code")):
        row = {name: value for name, value in row.items() if name != "code"}
    if missing := [name for name in ("span", "variable", "code", "coder") if not _is_given(row.get(name))]:
        raise BadFile(f"{missing[0]!r} is missing; expected span, variable, code and coder")
    arm = row.get("arm", "blind")
    if arm not in ("blind", "assisted"):
        raise BadFile(f"the arm is {arm!r}; expected blind or assisted")
    return Annotation(
        span=_span_id(study, row["span"], first_revisions),
        variable=variable,
        codes=_codes(spelling, variable, row["code"]),
        coder=_words(row, "coder"),
        codebook_version=_words(row, "codebook_version") or study.codebook.version,
        round=_words(row, "round"),
        arm=arm,
        made_at=_words(row, "made_at") or None,
        memo=_words(row, "memo"),
        seconds=_seconds(row.get("seconds")),
        simulated=_truth(row.get("simulated", False)),
    )


def _is_given(value: object) -> bool:
    return value is not None and value != [] and value is not False and bool(str(value).strip())


def _codes(spelling: Spelling, variable: str, value: object) -> tuple[str, ...]:
    """Return the codes that a value means; one that the codebook does not have stays as it is."""
    parts: Iterable[Any] = codes_of(value) if isinstance(value, str) else [value]
    if isinstance(value, list | tuple):
        parts = value
    codes: list[Any] = []
    for part in parts:
        known = spelling.code(variable, part) if type(part) in (str, int, float) else None
        if known is None and not isinstance(value, str | list | tuple):
            raise BadFile(f"the code is {value!r}; expected its name")
        codes.append(part if known is None else known)
    return tuple(codes)


def _seconds(value: Any) -> float | None:
    if value is not None and (type(value) not in (int, float) or not 0 <= value < float("inf")):
        raise BadFile(f"the seconds are {value!r}; expected a number, 0 or more")
    seconds: float | None = value
    return seconds


def _truth(value: object) -> bool:
    if type(value) is not bool:
        raise BadFile(f"simulated is {value!r}; expected true or false")
    return value


def _span_id(study: Study, place: object, first_revisions: Mapping[str, str]) -> str:
    if isinstance(place, str):
        return place.strip()
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
    value = whole(row.get(name))
    if value is not None and type(value) not in (str, int):
        raise BadFile(f"{name} is {str(value)[:40]}; expected text")
    return "" if value is None else str(value)
