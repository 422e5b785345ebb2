"""Read tables (CSV, JSON lines, Parquet) with one article per row, or one sentence or paragraph per row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.draft import Draft, ReadResult, Refusal, short_message
from corpus.errors import BadFile
from corpus.text.decoding import check_file, decode_file

from .sentence_rows import ArticleRows
from .tables.cells import is_missing
from .tables.columns import SYNONYMS, ColumnNames, column_list, doubled, fields_of, refuse_doubled
from .tables.csv_text import csv_table
from .tables.nested import flat_row
from .tables.rows import KEY_FIELDS, Notes, RowCleaner, is_second_header, rows_in_words

if TYPE_CHECKING:
    import pandas as pd

MEDIA_CLOUD = {"media_name", "publish_date", "url"}  # the columns of its lists of stories
ARTICLE_FIELDS = SYNONYMS.keys() - {"file", "place", "day", "gained"}
# fields that are not metadata of their own
_OF_DRAFTS = {*KEY_FIELDS, "outlet", "title", "text", "date", "language", "rights", "event", "story_id", "originator"}


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
    fields = fields_of(columns)
    if not fields.keys() & set(KEY_FIELDS):
        raise BadFile(
            f"the data frame has no column by which its articles are known: one of {', '.join(KEY_FIELDS)}; "
            f"found {column_list(columns)}"
        )
    rows: Any = frame.astype(object).where(frame.notna(), None).set_axis(columns, axis=1).to_dict("records")
    return read_rows(((number, _frame_row(row, fields)) for number, row in enumerate(rows, 1)), "", "the data frame")


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


def _frame_row(row: dict[str, Any], fields: Mapping[str, list[str]]) -> dict[str, Any] | str:
    """Return a row of a data frame with whole numbers as keys, or why it cannot be an article."""
    keys = [column for name in KEY_FIELDS for column in fields.get(name, ())]
    row |= {column: whole(row[column]) for column in (*keys, *fields.get("position", ()))}
    if all(is_missing(row[column]) for column in keys):
        return f"the row has no {' or '.join(KEY_FIELDS)}"
    for column in (*fields.get("title", ()), *fields.get("text", ())):
        if isinstance(value := row[column], bytes | list | tuple | dict | set):
            return f"its {column} is of the type {type(value).__name__}; expected text (str)"
    return row


def read_rows(rows: Iterable[tuple[int, Mapping[str, Any] | str]], name: str, source: str) -> ReadResult:
    """Read numbered rows, with the reason in place of those that cannot be used; `source` names them in refusals.

    `name` and the number are the key of an article without a better one. Raises BadFile if there are no rows.
    """
    result, notes, names = ReadResult(), Notes(source), ColumnNames(ARTICLE_FIELDS)
    drafts, refusals = result.drafts, result.refusals
    named = [(number, _renamed(row, number, names) if isinstance(row, Mapping) else str(row)) for number, row in rows]
    usable = [row for _, row in named if not isinstance(row, str)]
    cleaner, has_texts = RowCleaner(usable, notes), any("text" in row for row in usable)
    article_rows = ArticleRows()
    first: dict[tuple[tuple[str, str], ...], int] = {}  # the numbers of rows without a key, by their cells
    for place, (number, row) in enumerate(named):
        if place == 0 and not isinstance(row, str) and is_second_header(usable):
            row = "it seems to be a second row of names for the columns; if it is an article, add it in another file"
        clean = row if isinstance(row, str) else cleaner.clean(row, number)
        why: str | None = None
        if isinstance(clean, str):
            why = clean
        elif article_rows.is_part(clean):
            why = article_rows.add(clean, len(drafts))
        elif draft := draft_of_row(clean, key=f"{name}:{number}"):
            if not clean.keys() & set(KEY_FIELDS) and (same := first.setdefault(_cells(clean), number)) != number:
                result.passed_over.append(Refusal(f"{source}, row {number}", f"it repeats row {same} in every column"))
                continue
            drafts.append(draft)
            if has_texts and "text" not in clean:
                notes.add(number, "the row has no text, so its title is all that was stored")
        else:
            why = "the row has no text; expected text in its text or title column"
        if why is not None:
            refusals.append(Refusal(f"{source}, row {number}", why))
    for place, row in reversed(article_rows.articles()):
        if draft := draft_of_row(row, key=str(row["article_id"])):
            drafts.insert(place, draft)
    if not named:
        raise BadFile("the table has no rows; expected one article per row")
    cleaner.finish(max((len(draft.text) for draft in drafts), default=0))
    result.warnings.extend(notes.warnings())
    for numbers, difference in names.differences():
        result.warnings.append(Refusal(f"{source}, {rows_in_words(numbers)}", difference))
    return result


def _renamed(row: Mapping[str, Any], number: int, names: ColumnNames) -> Mapping[str, Any] | str:
    is_nested = any(isinstance(value, dict) for value in row.values())
    return names.renamed(flat_row(row) if is_nested else row, number)


def _cells(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in row.items()))


def rows_of(
    path: Path, kind: str | None = None, *, warn: Callable[[str], None] = lambda why: None
) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield (number, row) of a table; for a row that cannot be read, the reason instead of the row.

    Rows are counted from 1, JSON lines as in an editor. `warn` receives doubts about the whole file. Raises
    BadFile if the file is not a table.
    """
    suffix = kind or path.suffix.lower()
    check_file(path)
    if suffix == ".parquet":
        yield from _parquet(path)
        return
    text, doubt = decode_file(path.read_bytes())
    if doubt:
        warn(doubt)
    if suffix in (".jsonl", ".ndjson"):
        yield from json_lines(text)
        return
    table = csv_table(text)
    check_columns(table.columns)
    for note in table.notes:
        warn(note)
    yield from table.rows


def draft_of_row(row: Mapping[str, Any], key: str) -> Draft | None:
    """Return the article of a row without missing values, or None if it has neither text nor title.

    >>> draft_of_row({"text": "Velo fell.", "outlet": "Herald", "desk": "foreign"}, "a.csv:1").metadata
    {'desk': 'foreign'}
    """
    value = partial(_text, row)
    title, text = value("title"), value("text")
    if text is None and "desc" not in row and (title or "").isdecimal():  # of a row of totals
        return None
    if text is None:  # a table of headlines
        text = "\n\n".join(part for part in (title, value("desc")) if part)
    if not text:
        return None
    return Draft(
        text=text,
        key=value("url") or value("article_id") or value("id") or key,
        title=title,
        published=row.get("date"),
        outlet=value("outlet"),
        language=value("language"),
        url=value("url"),
        rights=value("rights"),
        event=value("event") or value("story_id"),
        originator=value("originator"),
        metadata={str(name): str(value) for name, value in row.items() if name not in _OF_DRAFTS},
    )


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return None if value is None else str(value).strip()


def json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Yield (number, object) of each line; for a line that is not an object, the reason."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_object)
        except _Doubled as error:
            yield number, f"two fields of the line are named {error}; rename one of them"
            continue
        except (ValueError, RecursionError) as error:
            yield number, f"the line is not JSON ({short_message(error)}); expected one object per line"
            continue
        if not isinstance(row, dict):
            yield number, f'the line is {_described(row)}; expected an object such as {{"text": …, "outlet": …}}'
        else:
            yield number, row


class _Doubled(ValueError):
    """An object has two fields of one name."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise _Doubled(doubled(name for name, _ in pairs))
    return row


def _described(value: Any) -> str:
    kinds = {list: "a list", str: "a string", int: "a number", float: "a number", bool: "true or false"}
    return kinds.get(type(value), "null")


def check_columns(columns: Sequence[str]) -> None:
    """Raise BadFile unless the columns hold articles."""
    fields = fields_of(columns)
    if set(columns) >= MEDIA_CLOUD and "text" not in fields:
        raise BadFile(
            "this is Media Cloud's list of stories, with titles and addresses but without texts; save the pages in its "
            "column url and add them, or put the texts into a column named text; to code headlines only, rename the "
            "column title to text"
        )
    if "text" not in fields and fields.keys() >= {"file", "outlet"}:
        raise BadFile(
            "this seems to be a manifest, which says which outlet each file belongs to; save it as manifest.csv in the "
            "folder of the texts, or name it: slantwise add PATH --manifest FILE"
        )
    if "text" not in fields and not fields.keys() >= {"title", "desc"}:
        raise BadFile(
            f"no column named text, body, content; found {column_list(columns)}; "
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
        refuse_doubled(table.schema_arrow.names)
        number = 0
        try:
            for batch in table.iter_batches(1000):
                for row in batch.to_pylist():
                    number += 1
                    yield number, row
        except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
            yield number + 1, f"the table is damaged here ({short_message(error)}); export it again"
