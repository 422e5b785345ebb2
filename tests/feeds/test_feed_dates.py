"""Dates of feeds: the day that the outlet wrote, by one rule in every format; what is not read is listed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from newsroom import rss

from corpus.feeds.formats import FeedEntry, parse_feed

URL = "https://herald.example/feeds/all"
CASE = Path(__file__).parents[1] / "data/cases/15-feed-dates"


def entries(data: str | bytes) -> list[FeedEntry]:
    return parse_feed(data.encode() if isinstance(data, str) else data, URL).entries


def day(data: str) -> str | None:
    (entry,) = entries(data)
    return entry.day


def rss_item(date: str) -> str:
    return f"<item><title>Velo</title><link>https://herald.example/velo</link>{date}</item>"


def test_weekdays_and_months_in_other_languages_and_empty_dates() -> None:
    first, second, third = entries((CASE / "dates.xml").read_bytes())
    assert (first.day, first.date_problem) == ("2024-05-03", None)
    assert (second.day, second.date_problem) == ("2025-01-03", None)  # in the zone of the outlet, not the day after
    assert third.day is None and third.date_problem
    assert "programs write for an empty date" in third.date_problem


@pytest.mark.parametrize(
    ("name", "expected"),
    [("updated-only.atom", "2025-01-02"), ("local.json", "2025-01-03"), ("no-link.atom", "2025-01-02")],
)
def test_every_format_has_the_day_that_is_written(name: str, expected: str) -> None:
    (entry,) = entries((CASE / name).read_bytes())
    assert (entry.day, entry.date_problem) == (expected, None)


def test_an_entry_whose_link_is_its_id_has_no_address() -> None:
    (entry,) = entries((CASE / "no-link.atom").read_bytes())
    assert entry.url is None and entry.text and entry.text.startswith("Northland captured D")


LATE = "2025-01-03T23:30:00-05:00"
ATOM, JSON = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>{}</entry></feed>',
    "https://jsonfeed.org/version/1.1",
)


@pytest.mark.parametrize(
    "data",
    [
        rss([rss_item("<pubDate>Fri, 03 Jan 2025 23:30:00 -0500</pubDate>")]),
        rss([rss_item("<pubDate>3 Jan 25 23:30 EST</pubDate>")]),
        rss([rss_item("<pubDate>ven., 03 janv. 2025 23:30:00 -0500</pubDate>")]),
        rss([rss_item("<pubDate>пт, 03 січ. 2025 23:30:00 +0200</pubDate>")]),
        rss([rss_item(f'<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">{LATE}</dc:date>')]),
        ATOM.format(f"<published>{LATE}</published>"),
        ATOM.format(f"<updated>{LATE}</updated>"),
        json.dumps({"version": JSON, "items": [{"id": "1", "date_published": LATE}]}),
        json.dumps({"version": JSON, "items": [{"id": "1", "date_modified": LATE}]}),
        json.dumps({"version": JSON, "items": [{"id": "1", "date_published": 1735900200}]}),
    ],
)
def test_one_rule_for_time_zones_holds_in_every_format(data: str) -> None:
    assert day(data) == "2025-01-03"


def test_the_day_of_the_last_change_is_used_where_that_of_publication_cannot_be_read() -> None:
    (entry,) = entries(ATOM.format("<published>soon</published><updated>2025-01-03T10:00:00Z</updated>"))
    assert entry.day == "2025-01-03"
    assert entry.date_problem and entry.date_problem.startswith("the date 'soon' was ignored")


def test_days_in_digits_are_compared_within_the_feed() -> None:
    def feed(*dates: str) -> list[str | None]:
        items = [rss_item(f"<guid>{n}</guid><pubDate>{date}</pubDate>") for n, date in enumerate(dates)]
        return [entry.day for entry in entries(rss(items))]

    assert feed("05/03/2024 10:00", "25/03/2024 10:00") == ["2024-03-05", "2024-03-25"]
    assert feed("05/03/2024 10:00", "06/03/2024 10:00") == [None, None]


def test_an_entry_with_a_text_alone_is_known_by_its_text() -> None:
    (entry,) = entries(rss(["<item><description>Northland took Velo at dawn.</description></item>"]))
    assert (entry.url, entry.text, len(entry.id)) == (None, "Northland took Velo at dawn.", 12)
