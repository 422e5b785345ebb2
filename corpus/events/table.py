"""Read an event table (what happened where and when) and match articles to its rows by place and day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.article import normalise
from corpus.draft import Refusal
from corpus.errors import BadFile
from corpus.readers.table import frame_columns, whole
from corpus.readers.tables.cells import is_missing
from corpus.readers.tables.columns import ColumnNames, fields_of
from corpus.readers.tables.csv_text import csv_table
from corpus.text import terms
from corpus.text.dates import DateColumn
from corpus.text.decoding import check_file, decode_file

from .clustering import LEAD_WORDS

if TYPE_CHECKING:
    import pandas as pd

    EventTable = str | Path | pd.DataFrame  # a CSV file, or its rows

DAYS_BEFORE, DAYS_AFTER = 1, 3  # around a row's day: one before for time zones; later articles have other news
REQUIRED_COLUMNS = ("place", "day")
_FIELDS = ("place", "day", "gained", "id", "title")


@dataclass(frozen=True)
class EventRow:
    """One event of the table; `place` has names separated by `|`, with `*` for endings: `Kyiv|Kiev|Киев*`."""

    id: str
    place: str
    day: date
    gained: str | None = None
    title: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The place's names."""
        return tuple(name.strip() for name in self.place.split("|") if name.strip(" *"))


def read_event_table(
    table: EventTable, warn: Callable[[str], None] = lambda why: None
) -> tuple[list[EventRow], list[Refusal]]:
    """Read a table with the columns `place, day` and optionally `gained, id, title`; unusable rows are refused.

    The default id is made of place and day. `warn` receives doubts about the whole file, such as its encoding. Raises
    BadFile if the file or data frame is not such a table.
    """
    if isinstance(table, str | Path):
        source = str(table)
        columns, rows = _csv_rows(Path(table), warn)
    else:
        source = "the data frame"
        columns, rows = _frame_rows(table)
    names = ColumnNames(_FIELDS)
    if missing := [name for name in REQUIRED_COLUMNS if name not in fields_of(columns, _FIELDS)]:
        raise BadFile(
            f"{source} has no column {missing[0]!r}; found {', '.join(columns) or 'none'}; "
            "an event table needs place and day, and may have gained, id, title"
        )
    numbered = [(number, row if isinstance(row, str) else names.renamed(row, number)) for number, row in rows]
    days = DateColumn(row.get("day") for _, row in numbered if not isinstance(row, str))
    event_rows: dict[str, EventRow] = {}
    refusals = []
    for number, record in numbered:
        where = f"{source}, row {number}"
        if isinstance(record, str):
            refusals.append(Refusal(where, record))
            continue
        present = {name: value for name, value in record.items() if not is_missing(value)}
        day, why = days.read(present.get("day"))
        fields = {name: " ".join(normalise(str(present.get(name, ""))).split()) for name in _FIELDS}
        row = EventRow(
            fields.get("id") or f"{fields['place'].partition('|')[0].strip(' *').replace(' ', '-')}-{day}",
            fields["place"],
            day or date.min,
            fields.get("gained") or None,
            fields.get("title") or None,
        )
        if not row.names:
            refusals.append(Refusal(where, "the row has no place; expected one, such as Velo, or Kyiv|Kiev"))
        elif day is None:
            refusals.append(Refusal(where, f"{fields['day']!r} is not a date; {_reason(why)}"))
        elif row.id in event_rows:
            refusals.append(Refusal(where, f"the event {row.id!r} is in the table twice; keep one row, or give ids"))
        else:
            event_rows[row.id] = row
    if not event_rows and not refusals:
        raise BadFile(f"{source} has no rows; expected one event per row")
    return list(event_rows.values()), refusals


def _reason(why: str | None) -> str:
    """Return the reason for which a date is not used, without the date."""
    return why.split("; ", 1)[1].rpartition(";")[0] if why else "expected one such as 2024-05-03"


def _csv_rows(path: Path, warn: Callable[[str], None]) -> tuple[list[str], Iterable[tuple[int, dict[str, Any] | str]]]:
    try:
        check_file(path)
        text, doubt = decode_file(path.read_bytes())
        table = csv_table(text)
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check its name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    for why in [*([doubt] if doubt else []), *table.notes]:
        warn(why)
    return table.columns, table.rows


def _frame_rows(frame: pd.DataFrame) -> tuple[list[str], Iterable[tuple[int, dict[str, Any] | str]]]:
    """Return a data frame's columns and rows as a CSV has them: numbered, as text, absent values empty."""
    columns = frame_columns(frame)
    values = frame.astype(object).where(frame.notna(), "").map(whole).astype(str)
    records: Any = values.set_axis(columns, axis=1).to_dict("records")
    return columns, enumerate(records, 1)


def matching_row(rows: Sequence[EventRow], day: date, text: str) -> EventRow | None:
    """Return the row that an article matches, or None.

    An article matches a row if it was published from DAYS_BEFORE days before to DAYS_AFTER days after the event and
    names the place in its headline, in its first LEAD_WORDS words, or at least twice. Among several rows, one whose
    place is in the headline is preferred, then one whose day is past and nearest, then the one named most often. The
    column `gained` is not used: outlets may differ on it, and that difference is measured.

    >>> rows = [EventRow("velo", "Velo", date(2024, 5, 1)), EventRow("velo-2", "Velo", date(2024, 5, 3))]
    >>> text = "Velo changes hands again"
    >>> [row.id for day in (2, 3, 9) if (row := matching_row(rows, date(2024, 5, day), text))]
    ['velo', 'velo-2']
    """
    headline, lead = text.partition("\n\n")[0], " ".join(text.split()[:LEAD_WORDS])
    matches = []
    for place, row in enumerate(rows):
        days_after = (day - row.day).days
        if not -DAYS_BEFORE <= days_after <= DAYS_AFTER:
            continue
        occurrences = len(terms.find(row.names, text))
        if occurrences > 1 or (occurrences and terms.find(row.names, lead)):
            matches.append((not terms.find(row.names, headline), days_after < 0, abs(days_after), -occurrences, place))
    return rows[min(matches)[-1]] if matches else None
