"""Read the day on which a text appeared, from dates as outlets, feeds, archives and tables write them.

One rule for time zones: the day is the one that is written, in the time zone that is written with it. Nothing is
converted to another zone. Only seconds and milliseconds since 1970, which are written without a zone, are days of UTC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple

FIRST_YEAR = 1600  # the first newspapers; earlier years are errors
FUTURE_DAYS = 2  # time zones, and issues dated ahead
EMPTY_TIMESTAMPS = {date(1970, 1, 1), date(1969, 12, 31), date(1900, 1, 1), date(1899, 12, 30)}
_NEAR = timedelta(days=366)  # of another day of the column: then an empty timestamp's day is a day like others

_LONGEST = 200  # characters of a cell or field that holds a date
_SHOWN = 40
_LOCALES = (
    *("en", "de", "fr", "es", "it", "nl", "pt", "ru", "uk", "pl", "cs", "sk", "ar", "ar_LB", "sv", "da", "nb", "fi"),
    *("el", "ro", "hu", "bg", "sr", "sr_Latn", "tr", "be", "ca", "lt", "lv", "et", "id", "hr"),
)  # fmt: skip
_TWO_MONTHS = {"listopada", "listopad", "lip", "lis", "srp"}  # one month in Croatian, which dots days, one in Polish

_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})(?P<sep>[-/.])\s?(?P<month>\d{1,2})(?P=sep)\s?(?P<day>\d{1,2})(?!\d)")
_PLAIN_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d[^/]{0,30})?", re.ASCII)  # nearly all dates of tables
_DOTTED = re.compile(r"(?<![\d.])(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4}|\d\d(?![\d:.]))(?!\d)")
_CJK = re.compile(r"(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]?")
_COMPACT = re.compile(r"(?P<year>(?:1[6-9]|20)\d\d)(?P<month>\d\d)(?P<day>\d\d)(?:[T ]?\d{4}(?:\d\d)?Z?)?")
_SLASHED = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d\d)(?![\d/:-])")
_ORDINAL = r"(?P<ordinal>\.|st|nd|rd|th|er|º|ª)?"
_MONTH = r"(?P<month>[^\W\d_]{3,}(?:\s+ال[^\W\d_]{3,})?)"
_DAY_MONTH = re.compile(
    rf"(?<![\d:])(?P<day>\d{{1,2}}){_ORDINAL}[\s/-]*(?:de\s+|of\s+|d[’'])?{_MONTH}\.?,?[\s/-]+(?:del?\s+)?(?P<year>\d{{4}})(?![\d:])",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<![^\W\d_]){_MONTH}\.?\s+(?P<day>\d{{1,2}}){_ORDINAL},?\s+(?:\d\d?:\d\d(?::\d\d)?\s+(?:[A-Z]{{2,5}}\s+|[+-]\d{{4}}\s+)?)?"
    r"(?P<year>\d{4})(?![\d:])",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})\.?[\s-]+{_MONTH}\.?[\s-]+(?P<day>\d{{1,2}}){_ORDINAL}(?![\d:])", re.IGNORECASE
)
_SHORT_YEAR = re.compile(  # RFC 822
    rf"^(?:[^\W\d_]{{2,}}\.?,?\s+)?(?P<day>\d{{1,2}}){_ORDINAL}[\s-]+{_MONTH}\.?[\s-]+(?P<year>\d\d)(?:\s+\d\d?:\d\d\D?.*)?$"
)
_NUMBER = re.compile(r"(\d{1,19})(?:\.\d+)?", re.ASCII)

_ORDERS = ("day, month, year", "month, day, year", "year, month, day")
EXPECTED = "expected one like 2025-05-11"


class DateReading(NamedTuple):
    """A day, or else the reason why there is none; neither for a missing date."""

    day: date | None = None
    problem: str | None = None


class DateColumn:
    """Reads the dates of one column, feed or file; all its values are known when the first is read.

    Days like 5/3/2024 are read if the other values leave one order of day and month, and are never guessed.

    >>> DateColumn(["5/3/2024", "5/13/2024"]).read("5/3/2024").day
    datetime.date(2024, 5, 3)
    >>> DateColumn(["5/3/2024"]).read("5/3/2024").day is None
    True
    """

    def __init__(self, values: Iterable[object] = ()) -> None:
        texts = [value for value in values if isinstance(value, str)]
        self._orders = _possible_orders(texts)
        self._texts = texts
        self._latest = date.today() + timedelta(days=FUTURE_DAYS)
        self._near_empty: dict[date, bool] = {}

    def read(self, value: object) -> DateReading:
        """Return the day of a value (text, a number, a date), or why it is ignored."""
        if value is None or value == "" or value != value:
            return DateReading()
        if isinstance(value, str) and (match := _PLAIN_ISO.fullmatch(value)):
            day = _date(match[1], match[2], match[3])
            if day and not self._implausible(day):
                return DateReading(day)
        text = value.isoformat() if isinstance(value, date) else str(value)
        text = " ".join(text.split())[:_LONGEST]
        day, why = self._day(text) if isinstance(value, str | int | float | date) else (None, EXPECTED)
        if day is not None:
            why = self._implausible(day)
        if why is None:
            return DateReading(day)
        short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …"
        advice = "write it like one of them" if " or " in why else "correct it"
        return DateReading(None, f"the date {short!r} was ignored; {why}; {advice} and add the file again")

    def _day(self, text: str) -> tuple[date | None, str | None]:
        if not text:
            return None, None
        if (match := _COMPACT.fullmatch(text)) and (day := _day_of(match)):
            return day, None
        if match := _NUMBER.fullmatch(text):
            return _day_of_number(match[1])
        days = {day for pattern in (_ISO, _DOTTED, _CJK) for day in map(_day_of, pattern.finditer(text))}
        days |= {day for match in _SLASHED.finditer(text) for day in self._slashed(match)}
        if not days:
            days = _worded(text)
        found = sorted(day for day in days if day)
        if len(found) == 1 and None not in days:
            return found[0], None
        if len(found) > 1:
            return None, f"it may be {found[0]} or {found[1]}"
        if re.fullmatch(r"\d{4}|\d{4}-\d\d|[^\W\d_]+\.? \d{4}", text):
            return None, f"it names no day; {EXPECTED}"
        return None, EXPECTED

    def _slashed(self, match: re.Match[str]) -> set[date | None]:
        orders = self._orders.get(match[2]) or _ORDERS
        return {day for order in orders if (day := _in_order(match, order))} or {None}

    def _implausible(self, day: date) -> str | None:
        if day.year < FIRST_YEAR:
            return f"the year is before {FIRST_YEAR}"
        if day > self._latest:
            return "it is in the future"
        if day in EMPTY_TIMESTAMPS and not self._has_neighbours(day):
            return "this is what programs write for an empty date"
        return None

    def _has_neighbours(self, empty: date) -> bool:
        """Return whether another day of the column is near this one, which is then an ordinary day."""
        if empty not in self._near_empty:
            days = (day for text in dict.fromkeys(self._texts) if (day := self._day(text)[0]))
            self._near_empty[empty] = any(day not in EMPTY_TIMESTAMPS and abs(day - empty) < _NEAR for day in days)
        return self._near_empty[empty]


def parse_date(text: object) -> date | None:
    """Return the day of a date that is written alone, else None; see `DateColumn` for the dates of a column.

    >>> parse_date("2025-05-11T23:30:00-05:00"), parse_date("Fr, 09 Mai 2025 10:00:00 +0200"), parse_date("11.5.2025")
    (datetime.date(2025, 5, 11), datetime.date(2025, 5, 9), datetime.date(2025, 5, 11))
    >>> parse_date("5/11/2025"), parse_date("2025-13-01"), parse_date("1970-01-01")
    (None, None, None)
    """
    return DateColumn().read(text).day


def date_problem(text: object) -> str | None:
    """Return a warning about a date that cannot be used; None if it can, or if there is no date.

    >>> date_problem("11.5.2025"), date_problem(None), date_problem("yesterday")
    (None, None, "the date 'yesterday' was ignored; expected one like 2025-05-11; correct it and add the file again")
    """
    return DateColumn().read(text).problem


def starting_date(text: str) -> date | None:
    """Return the date in digits with which a text begins, else None.

    >>> starting_date("2024-05-03, page 2"), starting_date("3.5.2024"), starting_date("Velo, 3.5.2024")
    (datetime.date(2024, 5, 3), datetime.date(2024, 5, 3), None)
    """
    text = text.strip()
    match = _ISO.match(text) or _DOTTED.match(text)
    return _day_of(match) if match else None


def _possible_orders(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return by separator the orders in which all days in digits exist; none if there is no such order."""
    matches: dict[str, list[re.Match[str]]] = {}
    for text in texts:
        if "/" in text or ("-" in text and text[4:5] != "-"):
            for match in _SLASHED.finditer(text[:_LONGEST]):
                matches.setdefault(match[2], []).append(match)
    return {sep: tuple(o for o in _ORDERS if all(_in_order(m, o) for m in found)) for sep, found in matches.items()}


def _in_order(match: re.Match[str], order: str) -> date | None:
    first, second, third = match[1], match[3], match[4]
    if order == "year, month, day":
        return _date(first, second, third) if len(first) == len(third) == 2 else None
    day, month = (first, second) if order.startswith("day") else (second, first)
    return _date(third, month, day)


def _date(year: str, month: str | int, day: str) -> date | None:
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= (date.today().year + 1) % 100 else 1900
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _day_of(match: re.Match[str]) -> date | None:
    return _date(match["year"], match["month"], match["day"])


def _day_of_number(digits: str) -> tuple[date | None, str | None]:
    number = int(digits)
    if len(digits) in (9, 10, 12, 13):
        return datetime.fromtimestamp(number / (1 if len(digits) < 12 else 1000), UTC).date(), None
    if number == 0:
        return None, "this is what programs write for an empty date"
    if len(digits) == 5:
        return None, "it is a number by which spreadsheets store days; format its column as dates like 2025-05-11"
    return None, f"it names no day; {EXPECTED}" if len(digits) == 4 else EXPECTED


def _worded(text: str) -> set[date | None]:
    """Return the days of a text whose months are names; None among them for a month that is not known."""
    days = set()
    for pattern in (_DAY_MONTH, _MONTH_DAY, _YEAR_FIRST, _SHORT_YEAR):
        for match in pattern.finditer(text):
            month = month_number(match["month"])
            if month and not (match["ordinal"] == "." and match["month"].casefold() in _TWO_MONTHS):
                days.add(_date(match["year"], month, match["day"]))
    return days


def month_number(name: str) -> int | None:
    """Return the number of a month from its name, in any of some thirty languages, or its abbreviation; else None.

    >>> month_number("Mai"), month_number("травня"), month_number("sept."), month_number("Monday")
    (5, 5, 9, None)
    """
    return _months().get(_month_key(name))


def _month_key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().rstrip(".").split())


@cache
def _months() -> dict[str, int]:
    from babel import Locale

    months: dict[str, int] = {"sept": 9, "jänner": 1, "feber": 2, "mär": 3, "mrz": 3, "янв": 1, "maja": 5}
    for name in _LOCALES:
        for by_width in Locale.parse(name).months.values():
            for width in ("wide", "abbreviated"):
                for number, month in by_width.get(width, {}).items():
                    months.setdefault(_month_key(month).removeprefix("de ").removeprefix("d’"), number)
    return months
