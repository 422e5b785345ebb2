"""Dates: the day that is written, in its own time zone; what is not read, or implausible, is a warning, never a guess."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from corpus.text.dates import DateColumn, date_problem, month_number, parse_date

DAY = date(2025, 5, 11)


@pytest.mark.parametrize(
    "written",
    [
        "2025-05-11", "2025-05-11T23:30:00-05:00", "2025-05-11T00:10:00+14:00", "2025-05-11 23:59:59 UTC", "2025/5/11",
        "2025.05.11", "2025. 05. 11.", "20250511", "20250511T093000Z", "20250511093000", "11.5.2025", "11. 5. 2025, 10:30 Uhr",
        "11.05.25", "09:30 11.05.2025", "Sun, 11 May 2025 23:30:00 -0500", "Sun, 11 May 25 09:30 EST", "11 May 25",
        "11 May 2025 09:30", "May 11, 2025", "Sunday, May 11th, 2025 at 9:30 am", "Sun May 11 23:30:00 +0000 2025",
        "2025-May-11", "11-May-2025", "So, 11 Mai 2025 10:00:00 +0200", "Sonntag, 11. Mai 2025", "dimanche 11 mai 2025 à 9h30",
        "11 de mayo de 2025", "11 травня 2025 р.", "11 мая 2025 г., 10:30", "11 maja 2025", "11. května 2025", "11 maggio 2025",
        "11 مايو 2025", "١١ أيار ٢٠٢٥", "11 Mayıs 2025", "11 Μαΐου 2025", "2025年5月11日", "2025년 5월 11일", "1746921600",
        "1746921600000", "1746921600.0",
    ],
)  # fmt: skip
def test_a_day_is_read_as_it_is_written(written: str) -> None:
    assert (parse_date(written), date_problem(written)) == (DAY, None)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (1746921600, DAY), (1746921600000, DAY), (1746921600.5, DAY), (DAY, DAY), (datetime(2025, 5, 11, 23, 30), DAY),
        (datetime(2025, 5, 11, 23, 30, tzinfo=UTC), DAY), (None, None), ("", None), ("  ", None), (float("nan"), None),
    ],
)  # fmt: skip
def test_numbers_and_days_of_data_frames_are_read(value: object, day: date | None) -> None:
    assert DateColumn().read(value) == (day, None)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("yesterday", "expected one like 2025-05-11"),
        ("30 Feb 2024", "expected one like"),
        ("2024-13-01", "expected one like"),
        ("31.4.2024", "expected one like"),
        ("2024", "it names no day"),
        ("May 2024", "it names no day"),
        ("5/3/2024", "it may be 2024-03-05 or 2024-05-03"),
        ("24/5/13", "it may be 2013-05-24 or 2024-05-13"),
        ("2024-05-03 - 2024-05-07", "it may be 2024-05-03 or 2024-05-07"),
        ("3 May 2024, updated 5 May 2024", "it may be 2024-05-03 or 2024-05-05"),
        ("3. listopada 2024", "expected one like"),  # October in Croatian, November in Polish
        ("45000", "a number by which spreadsheets store days"),
        ("45000.75", "a number by which spreadsheets store days"),
        ("0", "what programs write for an empty date"),
        ("1970-01-01", "what programs write for an empty date"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "what programs write for an empty date"),
        ("1969-12-31T19:00:00-05:00", "what programs write for an empty date"),
        ("1900-01-01", "what programs write for an empty date"),
        ("0001-01-01", "the year is before 1600"),
        ("1403-10-14", "the year is before 1600"),
        ("2567-05-11", "it is in the future"),
        ((date.today() + timedelta(days=3)).isoformat(), "it is in the future"),
    ],
)
def test_a_date_that_is_not_used_has_a_reason(written: str, why: str) -> None:
    said = date_problem(written)
    assert parse_date(written) is None
    assert said and f"was ignored; {why}" in said.replace("it is a number", "a number").replace("this is what", "what")


@pytest.mark.parametrize("value", [True, {"day": "2024-05-03"}, ["2024-05-03"], b"2024-05-03"])
def test_what_is_neither_text_nor_a_number_is_not_a_date(value: object) -> None:
    day, why = DateColumn().read(value)
    assert day is None and why and "expected one like" in why


def test_a_paper_dated_a_day_ahead_is_read() -> None:
    tomorrow = date.today() + timedelta(days=1)
    assert parse_date(tomorrow.isoformat()) == tomorrow


def days(*written: str) -> list[date | None]:
    column = DateColumn(written)
    return [column.read(one).day for one in written]


def test_the_order_of_day_and_month_is_known_from_the_whole_column() -> None:
    assert days("5/3/2024", "25/3/2024") == [date(2024, 3, 5), date(2024, 3, 25)]
    assert days("5/3/2024 10:00", "3/25/2024 11:00") == [date(2024, 5, 3), date(2024, 3, 25)]
    assert days("05-03-2024", "25-03-2024") == [date(2024, 3, 5), date(2024, 3, 25)]
    assert days("5/3/24", "5/25/24") == [date(2024, 5, 3), date(2024, 5, 25)]


def test_a_column_with_both_orders_or_none_is_not_guessed() -> None:
    assert days("5/3/2024", "25/3/2024", "3/25/2024") == [None, date(2024, 3, 25), date(2024, 3, 25)]
    assert days("5/3/2024", "7/7/2024", "2024-03-25") == [None, date(2024, 7, 7), date(2024, 3, 25)]
    assert days("5/3/2024", "25-03-2024") == [None, date(2024, 3, 25)]  # another notation says nothing


def test_the_first_day_of_1970_is_a_day_among_others_of_its_year() -> None:
    assert days("1970-01-01", "1970-01-03") == [date(1970, 1, 1), date(1970, 1, 3)]
    assert days("1970-01-01", "2024-01-03") == [None, date(2024, 1, 3)]


def test_months_are_known_in_many_languages() -> None:
    for name in ("Jänner", "janvier", "enero", "gennaio", "januari", "stycznia", "ledna", "січня", "января", "يناير",
                 "كانون الثاني", "tammikuuta", "Ocak", "gener", "siječnja"):  # fmt: skip
        assert month_number(name) == 1
