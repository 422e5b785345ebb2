"""Read dates as archives write them, in the languages of their interfaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

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


@cache
def _weekdays() -> frozenset[str]:
    from babel import Locale

    widths = (Locale(name).days[form] for name in _INTERFACE_LANGUAGES for form in ("format", "stand-alone"))
    names = {day for by_width in widths for width in ("wide", "abbreviated") for day in by_width[width].values()}
    return frozenset(name.casefold().rstrip(".") for name in names)


def is_weekday(word: str) -> bool:
    """Return whether a word is a weekday's name in any language of the archives' interfaces.

    >>> is_weekday("mardi"), is_weekday("Tuesday,"), is_weekday("Karsk")
    (True, True, False)
    """
    return word.casefold().strip(" .,") in _weekdays()


def is_only_date(text: str) -> bool:
    """Return whether a text is a date and nothing else, but for its weekday and time.

    >>> is_only_date("March 5, 2024 Tuesday 9:30 AM GMT"), is_only_date("5. März 2024")
    (True, True)
    >>> is_only_date("On March 5, 2024 the port was retaken"), is_only_date("2024-03-05")
    (False, True)
    """
    if len(text) > _MAX_LINE or written_date(text) is None:
        return False
    words = re.findall(r"[^\W\d_]+", text)
    known = ("de", "del", "am", "pm", "uhr", "gmt", "utc", "t", "z", "er", "st", "nd", "rd", "th", "г")
    return all(
        word.casefold() in known
        or month_number(word) is not None
        or is_weekday(word)
        or (word.isupper() and len(word) < 5)
        for word in words
    )


def written_date(text: str) -> date | None:
    """Return the first date in a text, with the month as a number or a name; None if there is none.

    >>> written_date("Montag, 11. Januar 2010"), written_date("January 11, 2010 Monday 9:30 AM GMT")
    (datetime.date(2010, 1, 11), datetime.date(2010, 1, 11))
    >>> written_date("lundi 1er février 2010"), written_date("Monday")
    (datetime.date(2010, 2, 1), None)
    """
    if day := starting_date(text):
        return day
    return next((day for day, _ in worded_dates(text)), None)


def worded_dates(text: str) -> Iterator[tuple[date, int]]:
    """Yield each date of a text whose month is a name, and where it begins.

    >>> [start for _, start in worded_dates("8 mai 1945, lundi 8 mai 2023, p. 3")]
    [0, 18]
    """
    for match in _WORDED.finditer(text[:500]):
        month = month_number(match["month"] or match["first"])
        try:
            yield date(int(match["year"]), month or 0, int(match["day"] or match["after"])), match.start()
        except ValueError:
            continue


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
