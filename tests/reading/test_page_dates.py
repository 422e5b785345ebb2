"""The day of a saved page: the one that it states, by the rules of all dates, and never one of two readings."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from stores import study_in, write

from corpus.articles.ingest import add
from corpus.readers.pages.page_dates import date_of_page

BODY = "<p>Northland’s army took the town of Velo at dawn, its ministry of defence said in the evening.</p>" * 2


def page(head: str, body: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><article><h1>Velo</h1>{body}{BODY}</article></body></html>"


@pytest.mark.parametrize(
    ("html", "day"),
    [
        ('<meta property="article:published_time" content="1987-05-13T10:00:00Z">', "1987-05-13"),  # an archive
        ("<meta content='1921-07-02' name='DC.date.issued'>", "1921-07-02"),
        ('<meta name="date" content="vendredi 3 janvier 2025">', "2025-01-03"),
        ('<meta itemprop="datePublished" content="2025-01-03T23:30:00-05:00">', "2025-01-03"),
        ('<time pubdate datetime="2025-01-03">yesterday</time>', "2025-01-03"),
        ('<script type="application/ld+json">{"datePublished": "2025-01-03T10:00:00+09:00"}</script>', "2025-01-03"),
        ('<meta property="article:modified_time" content="1990-01-05">'
         '<meta property="article:published_time" content="1990-01-03">', "1990-01-03"),
        ('<meta property="article:modified_time" content="1990-01-05">', "1990-01-05"),  # where there is no other
        ('<meta name="date" content="0001-01-01T00:00:00Z"><meta name="pubdate" content="1990-01-05">', "1990-01-05"),
        ('<meta name="date" content="0000-00-00"><meta name="date" content="1990-01-05">', "1990-01-05"),
        ('<meta name="date" content="5/3/2024"><meta name="dc.date" content="2024-03-05T10:00:00Z">', "2024-03-05"),
    ],
)  # fmt: skip
def test_a_page_states_its_day(html: str, day: str) -> None:
    assert str(date_of_page(html, None).day) == day


def test_a_date_that_programs_write_for_none_leaves_the_extractors() -> None:
    html = '<script type="application/ld+json">{"datePublished": "0001-01-01T00:00:00Z"}</script>'
    assert date_of_page(html, "2019-11-19") == (date(2019, 11, 19), None, False)


@pytest.mark.parametrize(
    ("html", "guess"),
    [('<meta name="date" content="5/3/2024">', "2024-03-05"), ("<p>Velo, 5/3/2024</p>", "2024-05-03")],
)
def test_one_of_two_readings_is_not_guessed(html: str, guess: str) -> None:
    day, problem, _ = date_of_page(html, guess)
    assert day is None and problem and "it may be 2024-03-05 or 2024-05-03" in problem


@pytest.mark.parametrize(
    "else_written", ["<p>5 March 2024</p>", '<a href="/2024/03/05/velo">', "<time datetime='2024-03-05'>"]
)
def test_what_is_written_out_elsewhere_decides(else_written: str) -> None:
    assert str(date_of_page(f"<p>Velo, 5/3/2024</p>{else_written}", "2024-03-05").day) == "2024-03-05"


def test_the_warning_is_one_of_add_and_a_manifest_settles_it(tmp_path: Path) -> None:
    study = study_in(tmp_path / "s")
    texts = write(tmp_path / "texts", {"a.html": page('<meta name="date" content="5/3/2024">')})
    added = add(study, texts, outlet="Herald")
    assert len(added.new) == 1 and "it may be 2024-03-05 or 2024-05-03" in added.warnings[0].why
    write(texts, {"manifest.csv": "file,outlet,published\na.html,Herald,2024-05-03\n"})
    again = add(study, texts)
    assert again.warnings == [] and study.articles()["date"].tolist() == ["2024-05-03"]
