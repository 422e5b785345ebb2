"""What looks like several articles: entries with times; times in sentences, interviews and short timelines do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Study, add
from corpus.articles.article_boundaries import looks_like_several
from corpus.readers.html import draft_of_page

CASE = Path(__file__).parents[1] / "data" / "cases" / "25-live-blog-and-paywall"
ENTRY = "Northland’s army captured street {} of the old town, a witness said on Monday."


def test_a_live_blog_page_looks_like_several(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", "territorial-control")
    added = add(study, CASE / "live.html", outlet="X")
    assert [several.why for several in added.several] == ["6 entries, each with its own time"]
    assert add(study, CASE / "news.html", outlet="X").several == []


@pytest.mark.parametrize(
    "time",
    ["9:4{}", "9.4{} Uhr", "Posted at 9:4{} am", "9 h 4{}", "09h4{}", "09:4{} GMT", "о 9:4{}", "Actualizado a las 9:4{}",
     "[09:4{}]"],
)  # fmt: skip
def test_entries_under_their_times_look_like_several(time: str) -> None:
    text = "\n\n".join(f"{time.format(n)}\n\n{ENTRY.format(n)}" for n in range(4))
    assert looks_like_several(text) == "4 entries, each with its own time"


@pytest.mark.parametrize("between", [" – ", " Uhr: ", " | "])
def test_entries_that_begin_with_their_times_look_like_several(between: str) -> None:
    assert looks_like_several("\n\n".join(f"09:4{n}{between}{ENTRY.format(n)}" for n in range(5)))


@pytest.mark.parametrize(
    "paragraphs",
    [
        [f"At 9:4{n}, {ENTRY.format(n)}" for n in range(6)],
        ["9:41", ENTRY, ENTRY, "Published 10:12", ENTRY],
        [ENTRY] * 6 + [f"09:4{n} – {ENTRY.format(n)}" for n in range(4)],
        [
            f"Herald: What happened on day {n}?\n\nIlm: We took street {n} of the town, and nobody slept."
            for n in range(6)
        ],
        ["Velo 2:10 Karsk", "Marn 1:20 Tova", ENTRY, ENTRY],
    ],
)
def test_times_in_sentences_timelines_scores_and_interviews_do_not(paragraphs: list[str]) -> None:
    assert looks_like_several("\n\n".join(paragraphs)) is None


def test_cards_with_times_that_link_to_other_articles_are_no_entries() -> None:
    cards = "".join(
        f"<article><time>9:4{n}</time><h3><a href='/{n}'>Karsk {n}</a></h3><p>Another story of street {n} that is told "
        "on another page.</p></article>"
        for n in range(6)
    )
    body = "".join(f"<p>{ENTRY.format(n)} The ministry said that the old town was empty.</p>" for n in range(6))
    page = f"<html lang='en'><body><article><h1>Velo</h1>{body}</article><aside>{cards}</aside></body></html>"
    assert "entries" not in draft_of_page(page.encode(), "page").metadata


def test_no_article_of_the_example_looks_like_several(example_read_only: Study) -> None:
    articles = example_read_only.articles()
    assert not any(map(looks_like_several, articles["text"], articles["title"]))
