"""Read dates as archives write them, in the languages of their interfaces."""

from __future__ import annotations

import re
from datetime import date

from corpus.text.dates import month_number, starting_date

_INTERFACE_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "ru", "uk", "pl")

_ORDINAL = r"(?:\.|st|nd|rd|th|er|º|ª)?"
_WORDED = re.compile(
    rf"(?:(?P<day>\d{{1,2}}){_ORDINAL}\s+(?:de\s+)?(?P<month>[^\W\d_]{{3,}})\.?,?\s+(?:de\s+)?"
    rf"|(?P<first>[^\W\d_]{{3,}})\.?\s+(?P<after>\d{{1,2}}){_ORDINAL},?\s+)(?P<year>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTHLY = re.compile(r"(?P<month>[^\W\d_]{3,})\.?,?\s+(?P<year>\d{4})(?!\d)")
_WEEKDAY = re.compile(r"(?:[^\W\d_]{2,12}(?:-[^\W\d_]{3,6})?\.?,?\s+)?")
_MAX_LINE = 120  # characters: a date line may also have a weekday, a time and an edition


def written_date(text: str) -> date | None:
    """Return the first date in a text, with the month as a number or a name; None if there is none.

    >>> written_date("Montag, 11. Januar 2010"), written_date("January 11, 2010 Monday 9:30 AM GMT")
    (datetime.date(2010, 1, 11), datetime.date(2010, 1, 11))
    >>> written_date("lundi 1er février 2010"), written_date("Monday")
    (datetime.date(2010, 2, 1), None)
    """
    if day := starting_date(text):
        return day
    for match in _WORDED.finditer(text[:500]):
        month = month_number(match["month"] or match["first"])
        try:
            return date(int(match["year"]), month or 0, int(match["day"] or match["after"]))
        except ValueError:
            continue
    return None


def is_date_line(text: str) -> bool:
    """Return whether a line begins with a date, possibly after a weekday; month and year suffice (magazines).

    >>> is_date_line("Montag 11. Januar 2010"), is_date_line("März 2010"), is_date_line("On May 3, 2024 Velo fell.")
    (True, True, False)
    """
    text = text.strip()
    if len(text) > _MAX_LINE or text.removesuffix(" г.").endswith((".", "?", "!")):
        return False
    weekday = _WEEKDAY.match(text)
    for start in dict.fromkeys((0, weekday.end() if weekday else 0)):
        rest = text[start:]
        if starting_date(rest):
            return True
        if (match := _WORDED.match(rest)) and month_number(match["month"] or match["first"]):
            return True
        if (match := _MONTHLY.match(rest)) and month_number(match["month"]):
            return True
    return False
