"""Pages that fail are asked for again over days, with tries that are real requests, and what is given up is listed."""

from __future__ import annotations

import json

import pytest
from command_line import slantwise
from newsroom import article, item, publish, rss
from servers import Answer, Site
from sqlalchemy import select, update

from corpus.errors import BadFeed
from corpus.feeds.poll import PollResult, poll_feeds, retry_pages
from corpus.feeds.subscriptions import add_feed, list_feeds
from corpus.study import Study
from corpus.study import database as db

HOUR, DAY = 3600.0, 86_400.0
PAGES = range(1, 31)


class Clock:
    """Seconds since 1970 that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_on(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def polled(study: Study, clock: Clock) -> PollResult:
    done = poll_feeds(study, clock=clock)
    outcomes = len(done.new) + len(done.changed) + done.unchanged + len(done.passed_over) + len(done.refusals)
    assert done.read == outcomes, done.balance
    return done


def tries(study: Study) -> dict[str, tuple[str, int]]:
    e = db.feed_entries.c
    with study.store.reading() as connection:
        rows = connection.execute(select(e.url, e.state, e.tries)).all()
    return {"/" + str(row.url).rpartition("/")[2]: (row.state, row.tries) for row in rows}


def break_down(site: Site, status: int, *paths: str, **headers: str) -> None:
    for path in paths:
        site.put(path, "", status=status, **headers)


@pytest.mark.parametrize("status", [500, 503, 522])
def test_pages_that_were_down_for_five_polls_come_when_they_are_well_again(
    newsroom: Study, site: Site, clock: Clock, status: int
) -> None:
    add_feed(newsroom, publish(site, PAGES), outlet="The Herald")
    break_down(site, status, *(f"/{n}" for n in PAGES))
    for _ in range(5):  # within minutes
        done = polled(newsroom, clock)
        assert not done.new and done.unchanged == 0 and len(done.refusals) + len(done.waiting) == len(PAGES)
        clock.pass_on(300)
    requests = {path: min(site.count(path), 1) for path in tries(newsroom)}
    assert all((state, number) == ("pending", requests[path]) for path, (state, number) in tries(newsroom).items())
    assert 0 in requests.values()  # the host rested: some pages were never asked for, and lost nothing
    publish(site, PAGES)
    clock.pass_on(HOUR)
    done = polled(newsroom, clock)
    assert len(done.new) == 30 and not done.waiting and not done.given_up


def test_a_page_that_never_comes_is_given_up_after_a_week_and_listed_from_then_on(
    newsroom: Study, site: Site, clock: Clock
) -> None:
    add_feed(newsroom, publish(site, [1, 2]), outlet="The Herald")
    break_down(site, 520, "/1")
    asked_on, began = [], clock.now
    for hour in (0, 0.5, 1, 1.5, 6, 7, 30, 31, 78, 79, 174, 175, 300, 900):
        clock.now = began + hour * HOUR
        before = site.count("/1")
        done = polled(newsroom, clock)
        if site.count("/1") > before:
            asked_on.append(hour)
    assert asked_on == [0, 1, 7, 31, 79, 175]  # hours: spread over a week
    assert tries(newsroom)["/1"] == ("given up", 6)
    why = "the server answers 520 3 times; given up after 6 tries"
    assert done.given_up == [(site.url("/1"), why)] and done.balance.endswith("1 unchanged, 0 refused; 1 given up")
    assert list_feeds(newsroom).given_up == ((site.url("/1"), why),) and list_feeds(newsroom).feeds[0].given_up == 1
    said = slantwise("feeds", "list", cwd=newsroom.folder).stderr
    assert f"given up: {site.url('/1')}: {why}" in said and "slantwise feeds retry" in said


@pytest.mark.parametrize("status", [401, 403, 404, 410, 451])
def test_an_answer_that_seldom_changes_is_asked_for_fewer_times_over_days(
    newsroom: Study, site: Site, clock: Clock, status: int
) -> None:
    add_feed(newsroom, publish(site, [1]), outlet="The Herald")
    break_down(site, status, "/1")
    for _ in range(10):
        polled(newsroom, clock)
        clock.pass_on(DAY)
    assert site.count("/1") == 3 and tries(newsroom)["/1"] == ("given up", 3)


def test_a_404_once_in_a_deployment_costs_no_article(newsroom: Study, site: Site, clock: Clock) -> None:
    add_feed(newsroom, publish(site, [1]), outlet="The Herald")
    for status in (503, 503, 503, 404):
        break_down(site, status, "/1")
        clock.pass_on(2 * DAY)
        polled(newsroom, clock)
    publish(site, [1])
    clock.pass_on(4 * DAY)
    assert len(polled(newsroom, clock).new) == 1


def test_a_server_that_asks_for_hours_gets_them_and_one_that_asks_for_years_does_not(
    newsroom: Study, site: Site, clock: Clock
) -> None:
    add_feed(newsroom, publish(site, [1]), outlet="The Herald")
    break_down(site, 503, "/1", Retry_After="14400")
    polled(newsroom, clock)
    clock.pass_on(3 * HOUR)
    asked = len(site.asked)
    polled(newsroom, clock)
    assert len(site.asked) == asked  # neither the page nor anything else of its host
    break_down(site, 503, "/1", Retry_After="99999999")
    clock.pass_on(2 * HOUR)
    polled(newsroom, clock)
    assert site.count("/1") == 2
    publish(site, [1])
    clock.pass_on(7 * DAY)
    assert len(polled(newsroom, clock).new) == 1


def test_what_was_never_asked_loses_no_try(newsroom: Study, site: Site, clock: Clock) -> None:
    """The host's name is not found, or its robots.txt does not come: weeks of that cost no page."""
    add_feed(newsroom, publish(site, [1]), outlet="The Herald")
    site.put("/rss", rss([item("http://elsewhere.invalid/2", 2), item(site.url("/1"), 1)]))
    break_down(site, 503, "/robots.txt", Retry_After="0")
    for _ in range(10):
        poll_feeds(newsroom, clock=clock)
        clock.pass_on(2 * DAY)
    assert tries(newsroom) == {}  # not even the feed
    site.put("/robots.txt", "", status=404)

    def resolve(host: str, port: int) -> list[str]:
        if host == "elsewhere.invalid":
            raise OSError
        return ["127.0.0.1"]

    for _ in range(10):
        done = poll_feeds(newsroom, clock=clock, resolve=resolve)
        clock.pass_on(2 * DAY)
    assert tries(newsroom) == {"/1": ("taken", 1), "/2": ("pending", 0)} and len(done.refusals) == 1


def test_times_that_a_wrong_clock_wrote_are_not_believed(newsroom: Study, site: Site, clock: Clock) -> None:
    add_feed(newsroom, publish(site, [1, 2]), outlet="The Herald")
    break_down(site, 503, "/1", Retry_After="7200")
    clock.pass_on(365 * DAY)  # the clock was ahead for a while
    polled(newsroom, clock)
    clock.pass_on(-365 * DAY)
    publish(site, [1, 2])
    polled(newsroom, clock)
    assert len(newsroom.articles()) == 2 and site.count("/robots.txt") == 2


def test_a_retry_asks_again_for_all_for_some_or_says_that_an_address_is_unknown(
    newsroom: Study, site: Site, clock: Clock
) -> None:
    feed = publish(site, [1, 2, 3])
    add_feed(newsroom, feed, outlet="The Herald")
    break_down(site, 404, "/1", "/2")
    site.put("/3", "<html><body><script>load()</script></body></html>")
    for _ in range(3):
        polled(newsroom, clock)
        clock.pass_on(4 * DAY)
    assert sorted(state for state, _ in tries(newsroom).values()) == ["given up", "given up", "refused"]
    publish(site, [1, 2, 3])
    with pytest.raises(BadFeed, match="neither a feed of the study nor a page"):
        retry_pages(newsroom, site.url("/9"), clock=clock)
    assert len(retry_pages(newsroom, site.url("/1"), clock=clock).new) == 1
    assert len(retry_pages(newsroom, feed, clock=clock).new) == 1 and tries(newsroom)["/3"][0] == "refused"
    assert len(retry_pages(newsroom, site.url("/3"), clock=clock).new) == 1
    assert len(retry_pages(newsroom, clock=clock).new) == 0 and site.count("/1") == 4


def test_the_command_line_lists_what_waits_ends_with_3_and_asks_again(newsroom: Study, site: Site) -> None:
    add_feed(newsroom, publish(site, PAGES), outlet="The Herald")
    site.paths["/1"] = lambda handler, number: Answer(b"", 404) if number == 1 else Answer(article(1))
    first = slantwise("feeds", "poll", cwd=newsroom.folder)
    second = slantwise("feeds", "poll", "--json", cwd=newsroom.folder)
    assert (first.returncode, second.returncode) == (3, 3)
    assert "29 unchanged, 0 refused; 1 more wait for their next try" in second.stderr
    assert f"waits: {site.url('/1')}: the server answers 404 Not Found; tried 1 times, again from" in second.stderr
    assert json.loads(second.stdout)["waiting"][0]["where"] == site.url("/1")
    third = slantwise("feeds", "retry", cwd=newsroom.folder)
    assert third.returncode == 0 and "1 new" in third.stderr
    unknown = slantwise("feeds", "retry", "http://127.0.0.1/nothing", cwd=newsroom.folder)
    assert unknown.returncode == 2 and "neither a feed of the study nor a page" in " ".join(unknown.stderr.split())


def test_a_change_that_the_feed_reports_asks_for_a_page_that_was_given_up(
    newsroom: Study, site: Site, clock: Clock
) -> None:
    add_feed(newsroom, publish(site, [1]), outlet="The Herald")
    with newsroom.store.writing() as connection:
        break_down(site, 404, "/1")
    polled(newsroom, clock)
    with newsroom.store.writing() as connection:
        connection.execute(update(db.feed_entries).values(state="given up"))
    publish(site, [1])
    stamped = "<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>2025-04-01T00:00:00Z</atom:updated>"
    site.put("/rss", rss([item(site.url("/1"), 1, more=stamped)]))
    assert len(polled(newsroom, clock).new) == 1
