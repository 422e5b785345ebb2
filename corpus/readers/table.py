"""Read tables (CSV, JSON lines, Parquet) with one article per row, or one sentence or paragraph per row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.draft import Draft, ReadResult, Refusal, short_message
from corpus.errors import BadFile
from corpus.text.dates import date_problem, parse_date
from corpus.text.decoding import decode_file

from .sentence_rows import ArticleRows

if TYPE_CHECKING:
    import pandas as pd

MEDIA_CLOUD = {"media_name": "outlet", "publish_date": "published"}  # its column names and ours
TEXT_COLUMNS = ("text", "body", "content")
DATE_COLUMNS = ("date", "published")
KEY_COLUMNS = ("url", "article_id", "id")  # the first that is given is the article's key
SUMMARY_COLUMNS = ("desc", "description", "summary")  # the text of tables that list headlines
KNOWN_COLUMNS = {"outlet", "title", "url", "language", "rights", "event", "originator", "story_id", "id", "article_id"}
KNOWN_COLUMNS |= {*DATE_COLUMNS, *TEXT_COLUMNS}

_EXTRA_FIELDS = "\n"  # cannot be a column's name: names are stripped


def read_table(path: Path, name: str, kind: str | None = None) -> ReadResult:
    """Read a table's articles; unusable rows are refused by their number. Raises BadFile.

    `kind` is the file's kind by its content, such as .csv, where its extension is a different one.

    Rows with an `article_id` and a `position` are sentences or paragraphs of an article: rows of one outlet with the
    same `article_id` are joined in the order of their positions, one paragraph per row.
    """
    doubts: list[str] = []
    reading = read_rows(rows_of(path, kind, warn=doubts.append), name, str(path))
    reading.warnings.extend(Refusal(str(path), why) for why in doubts)
    return reading


def read_frame(frame: pd.DataFrame) -> ReadResult:
    """Read the articles in a data frame, as in a table; its rows are known by `url`, `article_id` or `id`.

    Raises BadFile if it has no such column, or no column of texts.
    """
    columns = frame_columns(frame)
    check_columns(columns)
    if not set(columns) & set(KEY_COLUMNS):
        raise BadFile(
            f"the data frame has no column by which its articles are known: one of {', '.join(KEY_COLUMNS)}; "
            f"found {column_list(columns)}"
        )
    rows: Any = frame.astype(object).where(frame.notna(), None).set_axis(columns, axis=1).to_dict("records")
    return read_rows(((number, _frame_row(row)) for number, row in enumerate(rows, 1)), "", "the data frame")


def frame_columns(frame: pd.DataFrame) -> list[str]:
    """Return the names of a data frame's columns. Raises BadFile if two have the same name."""
    columns = [str(name) for name in frame.columns]
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise BadFile(f"the data frame has several columns named {twice[0]!r}; rename or drop all but one")
    return columns


def whole(value: Any) -> Any:
    """Return a whole number that pandas made a float, because its column has gaps, as a whole number again.

    >>> whole(17.0), whole(1.5), whole("17.0")
    (17, 1.5, '17.0')
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _frame_row(row: dict[str, Any]) -> dict[str, Any] | str:
    """Return a row of a data frame with whole numbers as keys, or why it cannot be an article."""
    row |= {name: whole(row[name]) for name in (*KEY_COLUMNS, "position") if name in row}
    if not _first_value(row, *KEY_COLUMNS):
        return f"the row has no {' or '.join(KEY_COLUMNS)}"
    for name in ("title", *TEXT_COLUMNS):
        if isinstance(value := row.get(name), bytes | list | tuple | dict | set):
            return f"its {name} is of the type {type(value).__name__}; expected text (str)"
    return row


def read_rows(rows: Iterable[tuple[int, Mapping[str, Any] | str]], name: str, source: str) -> ReadResult:
    """Read numbered rows, with the reason in place of those that cannot be used; `source` names them in refusals.

    `name` and the number are the key of an article without a better one. Raises BadFile if there are no rows.
    """
    result = ReadResult()
    drafts, refusals = result.drafts, result.refusals
    article_rows = ArticleRows()
    for number, row in rows:
        where = f"{source}, row {number}"
        if isinstance(row, Mapping) and row.keys() >= MEDIA_CLOUD.keys():
            row = {MEDIA_CLOUD.get(name, name): value for name, value in row.items()}
        if not isinstance(row, Mapping):
            refusals.append(Refusal(where, str(row)))
        elif article_rows.is_part(row):
            if why := article_rows.add(row, len(drafts)):
                refusals.append(Refusal(where, why))
        elif draft := draft_of_row(row, key=f"{name}:{number}"):
            drafts.append(draft)
            if why := date_problem(_first_value(row, *DATE_COLUMNS)):
                result.warnings.append(Refusal(where, why))
        else:
            refusals.append(Refusal(where, "the row has no text; expected text in its text or title column"))
    for place, row in reversed(article_rows.articles()):
        if draft := draft_of_row(row, key=str(row["article_id"])):
            drafts.insert(place, draft)
    if not drafts and not refusals:
        raise BadFile("the table has no rows; expected one article per row")
    return result


def rows_of(
    path: Path, kind: str | None = None, *, warn: Callable[[str], None] = lambda why: None
) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield (number, row) of a table; for a row that cannot be read, the reason instead of the row.

    Rows are counted from 1, JSON lines as in an editor. `warn` receives a doubt about the file's encoding. Raises
    BadFile if the file is not a table.
    """
    suffix = kind or path.suffix.lower()
    if suffix == ".parquet":
        yield from _parquet(path)
        return
    text, doubt = decode_file(path.read_bytes())
    if doubt:
        warn(doubt)
    yield from json_lines(text) if suffix in (".jsonl", ".ndjson") else _csv(text)


def draft_of_row(row: Mapping[str, Any], key: str) -> Draft | None:
    """Return the row's article, or None if it has neither text nor title.

    >>> draft_of_row({"text": "Velo fell.", "outlet": "Herald", "desk": "foreign"}, "a.csv:1").metadata
    {'desk': 'foreign'}
    """

    value = partial(_first_value, row)
    title, text = value("title"), value(*TEXT_COLUMNS)
    if text is None:  # a table of headlines
        text = "\n\n".join(part for part in (title, value(*SUMMARY_COLUMNS)) if part)
    if not text:
        return None
    others = {name: value for name, value in row.items() if name not in KNOWN_COLUMNS and not _missing(value)}
    return Draft(
        text=text,
        key=value(*KEY_COLUMNS) or key,
        title=title,
        published=parse_date(value(*DATE_COLUMNS)),
        outlet=value("outlet"),
        language=value("language"),
        url=value("url"),
        rights=value("rights"),
        event=value("event", "story_id"),
        originator=value("originator"),
        metadata={str(name): str(value) for name, value in others.items()},
    )


def _first_value(row: Mapping[str, Any], *names: str) -> str | None:
    return next((str(row[name]).strip() for name in names if not _missing(row.get(name))), None)


def _missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield (number, object) of each line; for a line that is not an object, the reason."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"the line is not JSON ({short_message(error)}); expected one object per line"
            continue
        if not isinstance(row, dict):
            yield number, f'the line is {_described(row)}; expected an object such as {{"text": …, "outlet": …}}'
        else:
            yield number, row


def _described(value: Any) -> str:
    kinds = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "true or false"}
    return kinds.get(type(value), "null")


def csv_rows(text: str) -> tuple[list[str], Iterator[tuple[int, dict[str, str] | str]]]:
    """Return a CSV's columns and rows; its separator is the most frequent one of , ; and tab in its first line.

    Raises BadFile if its first row cannot be read.

    >>> columns, rows = csv_rows("file;outlet\\na.txt;Herald")
    >>> columns, list(rows)
    (['file', 'outlet'], [(1, {'file': 'a.txt', 'outlet': 'Herald'})])
    """
    csv.field_size_limit(2**31 - 1)  # a field may hold a whole article
    first_line = text.split("\n", 1)[0]
    reader = csv.DictReader(
        io.StringIO(text, newline=""),
        delimiter=max(",;\t", key=first_line.count),
        restkey=_EXTRA_FIELDS,
        restval="",
        strict=True,
    )
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
    except csv.Error as error:
        raise BadFile(
            f"its first row is incomplete ({short_message(error)}); a quotation mark is probably not closed"
        ) from None
    return list(reader.fieldnames), _csv_rows(reader)


def _csv_rows(reader: csv.DictReader[str]) -> Iterator[tuple[int, dict[str, str] | str]]:
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if any(row.pop(_EXTRA_FIELDS, ())):
                yield number, "the row has more fields than the first one; quote fields that contain the separator"
                continue
            row.pop("", None)  # the row numbers that pandas writes
            yield number, row
    except csv.Error as error:
        yield (
            number + 1,
            f"the table is damaged here ({short_message(error)}); a quotation mark is probably not closed",
        )


def _csv(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    columns, rows = csv_rows(text)
    check_columns(columns)
    yield from rows


def column_list(columns: Sequence[str]) -> str:
    r"""Return the names of a table's first columns in one line, long ones shortened.

    >>> column_list(["text", "Northland took Velo.\n\nIt burned, and nobody in the valley replied."])
    'text, Northland took Velo. It burned, and …'
    """
    flat = (" ".join(name.split()) for name in columns[:12])
    return ", ".join(name if len(name) <= 40 else name[:40].rpartition(" ")[0] + " …" for name in flat)


def check_columns(columns: Sequence[str]) -> None:
    """Raise BadFile unless the columns hold articles."""
    if set(columns) >= {*MEDIA_CLOUD, "url"} and not set(columns) & set(TEXT_COLUMNS):
        raise BadFile(
            "this is Media Cloud's list of stories, with titles and addresses but without texts; save the pages in its "
            "column url and add them, or put the texts into a column named text; to code headlines only, rename the "
            "column title to text"
        )
    if not set(columns) & set(TEXT_COLUMNS) and not ("title" in columns and set(columns) & set(SUMMARY_COLUMNS)):
        raise BadFile(
            f"no column named {', '.join(TEXT_COLUMNS)}; found {column_list(columns)}; "
            "rename the column with the articles to text"
        )


def _parquet(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    import pyarrow
    import pyarrow.parquet

    with path.open("rb") as file:
        try:
            table = pyarrow.parquet.ParquetFile(file)
        except (pyarrow.ArrowException, OSError) as error:
            raise BadFile(f"this is not a Parquet file ({short_message(error)}); export it again") from None
        check_columns(table.schema_arrow.names)
        number = 0
        try:
            for batch in table.iter_batches(1000):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            yield number + 1, f"the table is damaged here ({short_message(error)}); export it again"
