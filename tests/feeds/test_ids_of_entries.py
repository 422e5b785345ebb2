"""Ids of entries that cannot be ids: each entry is its own article, whatever its feed calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from newsroom import article, item, json_feed, rss
from servers import Site

from corpus.feeds.poll import PollResult, poll_feeds
from corpus.feeds.subscriptions import add_feed
from corpus.study import Study

CASE = Path(__file__).parents[1] / "data" / "cases" / "14-feed-one-guid"
BODIES = (
    "Northland captured the town of Velo on Monday after a siege of three weeks, its ministry said in the evening.",
    "A bakery has opened again in Karsk, where bread was rationed all winter, and people queued from six in the morning.",
    "Marines retook the port of Brenik overnight, officials told reporters, and a tanker is burning off the lighthouse.",
)


def balanced(done: PollResult) -> tuple[int, int, int, int]:
    """Return the numbers of a poll, whose balance must add up."""
    counts = len(done.new), len(done.changed), done.unchanged, len(done.refusals)
    assert done.read == sum(counts) + len(done.passed_over) and done.balance.startswith(f"{done.read} read: ")
    return counts


def pages(site: Site) -> list[str]:
    for n, body in enumerate(BODIES):
        site.put(f"/{n}", article(n, title=f"Story {n}", body=(body, body.replace("the", "this"))))
    return [site.url(f"/{n}") for n in range(len(BODIES))]


def test_a_guid_that_all_entries_have_is_none(newsroom: Study, site: Site) -> None:
    for name in ("feed.xml", "no-guid.xml"):
        text = (CASE / name).read_text(encoding="utf-8").replace("http://127.0.0.1:8765", site.url(""))
        site.put(f"/{name}", text)
        add_feed(newsroom, site.url(f"/{name}"), outlet="The Herald")
    for n in (1, 2, 3):
        site.put(f"/{n}.html", (CASE / f"{n}.html").read_text(encoding="utf-8"))
    assert balanced(poll_feeds(newsroom)) == (5, 0, 0, 0)
    assert balanced(poll_feeds(newsroom)) == (0, 0, 5, 0)


@pytest.mark.parametrize("kind", ["rss", "json"])
def test_a_constant_id_in_a_feed_of_one_entry_replaces_nothing(newsroom: Study, site: Site, kind: str) -> None:
    """The feed names only its latest article, always by the same id."""
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    for n, url in enumerate(pages(site)):
        entry = item(url, n).replace(f"<guid>{url}</guid>", "<guid>latest</guid>")
        site.put("/feed", rss([entry]) if kind == "rss" else json_feed({"id": "latest", "url": url, "title": f"{n}"}))
        assert balanced(poll_feeds(newsroom)) == (1, 0, 0, 0)
    assert sorted(newsroom.articles()["url"]) == [site.url(f"/{n}") for n in range(3)]


def test_an_id_that_becomes_constant_leaves_known_entries_alone(newsroom: Study, site: Site) -> None:
    urls = pages(site)
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    site.put("/feed", json_feed({"id": 1, "url": urls[0], "title": "a"}))
    assert balanced(poll_feeds(newsroom)) == (1, 0, 0, 0)
    site.put("/feed", json_feed(*({"id": 1, "url": url, "title": "a"} for url in urls)))
    assert balanced(poll_feeds(newsroom)) == (2, 0, 1, 0)


def test_an_entry_that_is_listed_twice_is_one(newsroom: Study, site: Site) -> None:
    urls = pages(site)
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    site.put("/feed", json_feed(*({"id": url, "url": url, "title": "a"} for url in [*urls, *urls])))
    assert balanced(poll_feeds(newsroom)) == (3, 0, 0, 0)


def test_entries_without_address_and_title_are_known_by_their_text(newsroom: Study, site: Site) -> None:
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    site.put("/feed", json_feed(*({"id": "", "content_text": body} for body in BODIES)))
    assert balanced(poll_feeds(newsroom)) == (3, 0, 0, 0)
    assert balanced(poll_feeds(newsroom)) == (0, 0, 3, 0)


def test_a_feed_that_cannot_be_read_is_one_refusal_in_the_balance(newsroom: Study, site: Site) -> None:
    pages(site)
    for name, answer in (("a", json.dumps({"version": "1"})), ("b", rss([item(site.url("/0"), 0)]))):
        site.put(f"/{name}", answer)
        add_feed(newsroom, site.url(f"/{name}"), outlet="The Herald")
    assert balanced(poll_feeds(newsroom)) == (1, 0, 0, 1)


def test_entries_without_an_address_keep_their_ids_apart(newsroom: Study, site: Site) -> None:
    """Also where a bulletin's frame makes them alike: their ids are in their keys."""
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    flash = "Flash: the bridge of {} is closed to all traffic until further notice, the town's council said."
    site.put("/feed", json_feed(*({"id": n, "title": "Flash", "content_text": flash.format(n)} for n in "abc")))
    done = poll_feeds(newsroom)
    assert balanced(done) == (3, 0, 0, 0) and done.own_keys == []
    assert balanced(poll_feeds(newsroom)) == (0, 0, 3, 0)


def test_a_time_of_change_that_moves_leaves_the_first_day(newsroom: Study, site: Site) -> None:
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    for day in ("02", "03", "04"):
        entry = {"id": "a", "title": "Velo", "content_text": BODIES[0], "date_modified": f"2025-01-{day}T10:00:00Z"}
        site.put("/feed", json_feed(entry))
        poll_feeds(newsroom)
    assert newsroom.articles()["date"].tolist() == ["2025-01-02"]


def test_the_day_that_a_page_states_comes_before_the_feeds_time_of_change(newsroom: Study, site: Site) -> None:
    head = '<meta property="article:published_time" content="2024-12-30T10:00:00Z">'
    site.put("/a", article(1, title="Velo", body=(BODIES[0], BODIES[1]), head=head))
    site.put("/feed", json_feed({"id": "a", "url": site.url("/a"), "date_modified": "2025-01-02T10:00:00Z"}))
    add_feed(newsroom, site.url("/feed"), outlet="The Herald")
    poll_feeds(newsroom)
    assert newsroom.articles()["date"].tolist() == ["2024-12-30"]
