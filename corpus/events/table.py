"""The event table: what happened, as people list it; an article is given to a row by rules, by place and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from corpus.article import normalise
from corpus.draft import Refusal, parse_date, read_text
from corpus.errors import BadFile
from corpus.readers.table import csv_rows
from corpus.text import terms

from .clustering import LEAD_WORDS

DAYS_BEFORE, DAYS_AFTER = 1, 3  # days around a row's day: before it is another time zone, later ones have other news
REQUIRED_COLUMNS = ("place", "day")


@dataclass(frozen=True)
class EventRow:
    """One event that people list; `place` is names with `|` between them and `*` for endings: `Kyiv|Kiev|Киев*`."""

    id: str
    place: str
    day: date
    gained: str | None = None
    title: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The place's names."""
        return tuple(name.strip() for name in self.place.split("|") if name.strip(" *"))


def read_event_table(path: Path) -> tuple[list[EventRow], list[Refusal]]:
    """Read a CSV with the columns `place, day` and, where known, `gained, id, title`; unusable rows are refused.

    Without an id a row's is made of place and day. Raises BadFile where it is no such table.
    """
    try:
        columns, rows = csv_rows(read_text(path))
    except OSError as error:
        raise BadFile(f"{path} cannot be opened ({error.strerror}); check its name") from None
    except BadFile as error:
        raise BadFile(f"{path}: {error}") from None
    if missing := [name for name in REQUIRED_COLUMNS if name not in columns]:
        raise BadFile(
            f"{path} has no column {missing[0]!r}; found {', '.join(columns) or 'none'}; "
            "an event table has place, day and, if you like, gained, id, title"
        )
    found: dict[str, EventRow] = {}
    refusals = []
    for number, said in rows:
        where = f"{path}, row {number}"
        if isinstance(said, str):
            refusals.append(Refusal(where, said))
            continue
        told = {name: " ".join(normalise(value or "").split()) for name, value in said.items()}
        day = parse_date(told["day"])
        row = EventRow(
            told.get("id") or f"{told['place'].partition('|')[0].strip(' *').replace(' ', '-')}-{day}",
            told["place"],
            day or date.min,
            told.get("gained") or None,
            told.get("title") or None,
        )
        if not row.names:
            refusals.append(Refusal(where, "the row names no place; expected one, such as Velo, or Kyiv|Kiev"))
        elif day is None:
            refusals.append(Refusal(where, f"{told['day']!r} is no day; expected one such as 2024-05-03"))
        elif row.id in found:
            refusals.append(
                Refusal(where, f"the event {row.id!r} stands in the table twice; keep one row, or give ids")
            )
        else:
            found[row.id] = row
    if not found and not refusals:
        raise BadFile(f"{path} has no rows; expected one event a row")
    return list(found.values()), refusals


def matching_row(rows: Sequence[EventRow], day: date, text: str) -> EventRow | None:
    """Return the row that an article tells, None where none fits.

    A row fits an article of BEFORE days before its day to AFTER days after it that names its place in its headline or
    among its first LEAD words, or twice. Of several the one whose place the headline names goes first, then the one
    whose day has come and is nearest, then the one named oftest. Who gained is not looked at: outlets may say it
    differently, and that is what is measured.

    >>> rows = [EventRow("velo", "Velo", date(2024, 5, 1)), EventRow("velo-2", "Velo", date(2024, 5, 3))]
    >>> text = "Velo changes hands again"
    >>> [row.id for day in (2, 3, 9) if (row := matching_row(rows, date(2024, 5, day), text))]
    ['velo', 'velo-2']
    """
    headline, lead = text.partition("\n\n")[0], " ".join(text.split()[:LEAD_WORDS])
    ranked = []
    for place, row in enumerate(rows):
        late = (day - row.day).days
        if not -DAYS_BEFORE <= late <= DAYS_AFTER:
            continue
        often = len(terms.find(row.names, text))
        if often > 1 or (often and terms.find(row.names, lead)):
            ranked.append((not terms.find(row.names, headline), late < 0, abs(late), -often, place))
    return rows[min(ranked)[-1]] if ranked else None
