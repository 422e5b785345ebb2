"""Fetching: polite to every host, and safe from each of them; the servers are real and on loopback."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from itertools import pairwise

import pytest
from servers import LONGEST, Answer, Site, raw, trickle

from corpus.errors import BadAddress, NotFetched, SlantwiseError
from corpus.feeds import politeness as polite
from corpus.feeds.addresses import is_public, parse_address
from corpus.feeds.fetch import Fetcher, Page, run_async
from corpus.feeds.politeness import FetchLimits, OriginState

QUICK = FetchLimits(delay=0.01, seconds=5, allow=("127.0.0.1",))


def fetched(
    *urls: str,
    limits: FetchLimits = QUICK,
    known: Mapping[str, str] | None = None,
    origins: dict[str, OriginState] | None = None,
    resolve: Mapping[str, Sequence[str]] | None = None,
) -> list[Page | SlantwiseError]:
    """Fetch all at once; what was not fetched is its error."""

    def lookup(host: str, port: int) -> Sequence[str]:
        return resolve[host] if resolve is not None else [host]

    async def one(fetcher: Fetcher, url: str) -> Page | SlantwiseError:
        try:
            return await fetcher.get(url, known)
        except SlantwiseError as error:
            return error

    async def all_of_them() -> list[Page | SlantwiseError]:
        async with Fetcher(limits, origins=origins, resolve=lookup) as fetcher:
            return await asyncio.gather(*(one(fetcher, url) for url in urls))

    return run_async(all_of_them())


def page(url: str, **how: object) -> Page:
    (found,) = fetched(url, **how)  # type: ignore[arg-type]
    assert isinstance(found, Page), found
    return found


def why(url: str, **how: object) -> str:
    (found,) = fetched(url, **how)  # type: ignore[arg-type]
    assert isinstance(found, SlantwiseError), found
    return str(found)


# what goes right


def test_a_page_comes_with_its_headers_and_who_asks_says_so(site: Site) -> None:
    url = site.put("/velo", "Velo fell.", X_Desk="foreign")
    found = page(url, limits=FetchLimits(delay=0, allow=("127.0.0.1",), contact="mailto:desk@university.example"))
    assert (found.body, found.status, found.url, found.moved) == (b"Velo fell.", 200, url, None)
    assert found.headers["x-desk"] == "foreign"
    assert site.asked == [("127.0.0.1", "/robots.txt"), ("127.0.0.1", "/velo")]
    agent = site.headers[-1]["User-Agent"]
    assert agent.startswith("Slantwise/") and agent.endswith("mailto:desk@university.example)")


def test_an_unchanged_page_is_not_sent_twice(site: Site) -> None:
    url = site.put("/velo", "Velo fell.", validated=True)
    first = page(url)
    again = page(url, known=first.headers)
    assert again.unchanged and again.body == b"" and not first.unchanged


def test_a_304_that_nobody_asked_for_is_no_page(site: Site) -> None:
    assert why(site.put("/velo", status=304)) == "the server answers 304 Not Modified"


@pytest.mark.parametrize("pack", ["gzip", "deflate", "raw deflate", "two parts"])
def test_a_packed_page_is_unpacked(site: Site, pack: str) -> None:
    text = b"Velo fell. " * 5000
    raw_deflate = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(text),
        "deflate": zlib.compress(text),
        "raw deflate": raw_deflate.compress(text) + raw_deflate.flush(),
        "two parts": gzip.compress(text[:9000]) + gzip.compress(text[9000:]),
    }[pack]
    encoding = "deflate" if "deflate" in pack else "gzip"
    assert page(site.put("/velo", packed, Content_Encoding=encoding)).body == text


def test_redirects_are_followed_and_only_those_for_good_are_remembered(site: Site) -> None:
    site.put("/new", "Velo fell.")
    site.put("/newer", status=308, Location="/new")
    for_good = page(site.put("/old", status=301, Location="/newer"))
    assert (for_good.url, for_good.moved, for_good.requested) == (site.url("/new"), site.url("/new"), site.url("/old"))
    site.put("/today", status=302, Location="/newer")
    for_now = page(site.put("/oldest", status=301, Location="/today"))
    assert (for_now.url, for_now.moved) == (site.url("/new"), site.url("/today"))
    assert page(site.url("/today")).moved is None


# redirects that lead nowhere, or inside


def test_redirect_loops_and_long_chains_are_left(site: Site) -> None:
    site.put("/a", status=302, Location="/b")
    site.put("/b", status=302, Location="/a")
    assert why(site.url("/a")) == f"its redirects form a loop, back to {site.url('/a')}"
    for n in range(9):
        site.put(f"/{n}", status=301, Location=f"/{n + 1}")
    assert why(site.url("/0")) == f"more than 5 redirects, the last one to {site.url('/6')}"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("http://127.0.0.2/admin", "127.0.0.2 resolves to 127.0.0.2, an address of this machine"),
        ("http://localhost/", "localhost resolves to 127.0.0.1"),  # allowed as 127.0.0.1, and not by this name
        ("http://169.254.169.254/latest/meta-data", "resolves to 169.254.169.254"),
        ("http://[::1]/", "::1 resolves to ::1"),
        ("http://intranet.example/", "intranet.example resolves to 10.0.0.7"),
        ("http://both.example/", "both.example resolves to 192.168.0.1"),
        ("file:///etc/passwd", "is neither http nor https"),
        ("ftp://herald.example/", "is neither http nor https"),
        ("http://user:word@herald.example/", "contains a name or password"),
        ("http://herald.example:99999/", "is not an address"),
        ("http://herald.example/a b", "has blanks"),
        ("http://[::1", "'http://[::1' is not an address"),
        ("//[/velo", "'//[/velo' is not an address"),
    ],
)
def test_a_redirect_inside_or_to_another_scheme_is_refused(site: Site, to: str, said: str) -> None:
    url = site.put("/velo", status=302, Location=to)
    names = {
        "127.0.0.1": ["127.0.0.1"], "127.0.0.2": ["127.0.0.2"], "localhost": ["127.0.0.1"], "::1": ["::1"],
        "169.254.169.254": ["169.254.169.254"], "intranet.example": ["10.0.0.7"],
        "both.example": ["93.184.215.14", "192.168.0.1"],
    }  # fmt: skip
    assert said in why(url, resolve=names)
    assert [path for _, path in site.asked] == ["/robots.txt", "/velo"]


def test_a_private_address_is_refused_unless_the_study_names_it(site: Site) -> None:
    url = site.put("/velo", "Velo fell.")
    strict = FetchLimits(delay=0)
    assert 'write into study.toml: [feeds] allow = ["127.0.0.1"]' in why(url, limits=strict)
    assert site.asked == []
    assert page(url, limits=FetchLimits(delay=0, allow=(f"127.0.0.1:{site.port}",))).body == b"Velo fell."
    assert "resolves to" in why(url, limits=FetchLimits(delay=0, allow=("127.0.0.1:1",)))


def test_the_address_that_was_checked_is_the_one_connected_to(site: Site) -> None:
    url = site.put("/velo", "Velo fell.")
    named = url.replace("127.0.0.1", "herald.example")
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["93.184.215.14"] if len(asked) == 1 else ["127.0.0.1"]

    async def go() -> str:
        async with Fetcher(FetchLimits(delay=0, seconds=1), resolve=rebinding) as fetcher:
            with pytest.raises(SlantwiseError) as caught:  # the first look-up is public and is what is connected to
                await fetcher.get(named)
            with pytest.raises(BadAddress):  # the second one is private
                await fetcher.get(named)
        return str(caught.value)

    assert "resolves to" not in run_async(go()) and site.asked == []
    # and the name is still what the server hears
    assert page(
        named, limits=FetchLimits(delay=0, allow=("herald.example",)), resolve={"herald.example": ["127.0.0.1"]}
    )
    assert site.asked[-1] == ("herald.example", "/velo")


@pytest.mark.parametrize(
    "ip",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "127.8.8.8", "169.254.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00::1", "::127.0.0.1"],
)  # fmt: skip
def test_no_private_loopback_or_link_local_address_passes_as_public(ip: str) -> None:
    assert not is_public(ip)


def test_public_addresses_pass() -> None:
    assert all(is_public(ip) for ip in ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"))


def test_an_address_is_read_as_servers_and_name_servers_will() -> None:
    assert parse_address("http://HERALD.example.:80?q=1#x").url == "http://herald.example/?q=1"
    assert parse_address("https://z%C3%A9lo.example:8443/a").netloc == "z%c3%a9lo.example:8443"
    assert parse_address("http://zélo.example/é").host == "xn--zlo-bma.example"
    assert parse_address("http://[2001:db8::1]:81/").netloc == "[2001:db8::1]:81"
    for url in ("", "herald.example/velo", "http://", "http:///velo", "javascript:alert(1)", "http://h/" + "x" * 5000):
        with pytest.raises(BadAddress):
            parse_address(url)


# politeness


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (trickle(b"x" * 65536, 0), "the page has more than 200,000 bytes"),
        (trickle(b"x", 0.05), "the response was not complete within 0.6 s"),
        (trickle(b"X-More: yes\r\n", 0.05, b"HTTP/1.1 200 OK\r\n"), "the response was not complete within 0.6 s"),
        (trickle(b"X-More: yes\r\n", 0, b"HTTP/1.1 200 OK\r\n"), "the connection to 127.0.0.1 failed"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nVelo"), "the connection to 127.0.0.1 failed"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "the page has more than 200,000 bytes"),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "the connection to 127.0.0.1 failed"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "the connection to 127.0.0.1 failed"),
        (raw(b""), "the connection to 127.0.0.1 failed"),
        (raw(b"HTTP/1.1 200 OK\r\nX: \xff\x00\r\n\r\n"), "the connection to 127.0.0.1 failed"),
    ],
)  # fmt: skip
def test_endless_slow_and_broken_answers_are_cut_off_in_time(site: Site, body: object, said: str) -> None:
    url = site.put("/velo", body)  # type: ignore[arg-type]
    began = time.monotonic()
    limits = FetchLimits(delay=0, seconds=0.6, size=200_000, allow=("127.0.0.1",))
    assert why(url, limits=limits).startswith(said)
    assert time.monotonic() - began < LONGEST / 2  # which an endless answer would last


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_stays_packed(site: Site, encoding: str) -> None:
    import tracemalloc

    zeros = bytes(200_000_000)
    bomb = gzip.compress(zeros) if encoding == "gzip" else zlib.compress(zeros)
    del zeros
    url = site.put("/bomb", bomb, Content_Encoding=encoding)
    tracemalloc.start()
    try:
        assert why(url, limits=FetchLimits(delay=0, size=1_000_000, allow=("127.0.0.1",))) == (
            "the page has more than 1,000,000 bytes"
        )
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "body", "said"),
    [
        ("br", b"x", "compressed as 'br'; expected gzip or deflate"),
        ("gzip, gzip", b"x", "compressed as 'gzip, gzip'"),
        ("gzip", b"Velo fell.", "cannot be decompressed"),
        ("gzip", gzip.compress(b"Velo fell." * 99, mtime=0)[:-9], "the compressed page is incomplete"),
    ],
)
def test_what_is_packed_wrongly_is_said(site: Site, encoding: str, body: bytes, said: str) -> None:
    assert said in why(site.put("/velo", body, Content_Encoding=encoding))


# politeness


def test_a_host_has_one_connection_and_a_pause_between_two(site: Site) -> None:
    urls = [site.put(f"/{n}", "Velo fell.") for n in range(5)]
    assert all(isinstance(one, Page) for one in fetched(*urls, limits=FetchLimits(delay=0.1, allow=("127.0.0.1",))))
    pauses = [b - a for a, b in pairwise(site.times["127.0.0.1"])]
    assert 0.099 <= min(pauses) < 0.2 and len(pauses) >= 4  # a busy machine lengthens some of them and not all
    assert site.most_open["127.0.0.1"] == 1


def test_many_hosts_are_asked_at_once(site: Site) -> None:
    hosts = [f"outlet-{n}.example" for n in range(20)]
    lasted: list[float] = []

    def slowly(handler: BaseHTTPRequestHandler, number: int) -> Answer:
        began = time.monotonic()
        time.sleep(0.2)
        lasted.append(time.monotonic() - began)
        return Answer(b"Velo fell.")

    site.paths["/velo"] = slowly
    began = time.monotonic()
    found = fetched(
        *(site.url("/velo", host) for host in hosts),
        limits=FetchLimits(delay=0.05, allow=tuple(hosts)),
        resolve={host: ["127.0.0.1"] for host in hosts},
    )
    assert all(isinstance(one, Page) for one in found)
    assert time.monotonic() - began < 0.6 * sum(lasted)  # one by one it would be more than their sum
    assert set(site.most_open.values()) == {1}


ROBOTS = "User-agent: *\nDisallow: /\n\nUser-agent: Slantwise\nDisallow: /private/\n"


def test_robots_txt_is_obeyed_and_asked_for_once(site: Site) -> None:
    site.put("/robots.txt", ROBOTS)
    origins: dict[str, OriginState] = {}
    found = fetched(site.put("/a", "A."), site.put("/private/b", "B."), site.put("/c", "C."), origins=origins)
    assert [getattr(one, "body", None) for one in found] == [b"A.", None, b"C."]
    assert str(found[1]) == "the robots.txt of 127.0.0.1 disallows it" and site.count("/private/b") == 0
    page(site.url("/a"), origins=origins)
    assert site.count("/robots.txt") == 1
    origins[f"http://127.0.0.1:{site.port}"].robots_until = 0  # a day later
    page(site.url("/a"), origins=origins)
    assert site.count("/robots.txt") == 2


def test_the_pause_that_robots_txt_asks_for_is_kept(site: Site) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 1\n")
    fetched(site.put("/a", "A."), site.put("/b", "B."))
    assert site.times["127.0.0.1"][2] - site.times["127.0.0.1"][1] >= 0.99
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 3600\n")
    found = fetched(site.url("/a"), site.url("/b"))
    assert isinstance(found[0], Page) and "asks for 3600 s between two requests" in str(found[1])


@pytest.mark.parametrize(
    ("status", "allowed"), [(404, True), (410, True), (401, False), (403, False), (500, False), (503, False)]
)
def test_without_a_robots_txt_all_is_allowed_and_with_a_broken_one_nothing(
    site: Site, status: int, allowed: bool
) -> None:
    site.put("/robots.txt", ROBOTS, status=status)
    (found,) = fetched(site.put("/a", "A."))
    assert isinstance(found, Page) == allowed and site.count("/a") == allowed


def test_a_robots_txt_that_moved_to_another_host_is_followed_there(site: Site) -> None:
    site.put("/robots.txt", status=301, Location=site.url("/rules", "www.herald.example"))
    site.put("/rules", ROBOTS)
    url = site.put("/private/b", "B.").replace("127.0.0.1", "herald.example")
    names = {"herald.example": ["127.0.0.1"], "www.herald.example": ["127.0.0.1"]}
    assert why(url, limits=FetchLimits(delay=0, allow=tuple(names)), resolve=names) == (
        "the robots.txt of herald.example disallows it"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_who_is_busy_gets_the_pause_it_asks_for(site: Site, status: int) -> None:
    site.paths["/velo"] = lambda _, number: (
        Answer(b"", status, {"Retry-After": "1"}) if number == 1 else Answer(b"Velo fell.")
    )
    assert page(site.url("/velo")).body == b"Velo fell."
    assert site.times["127.0.0.1"][2] - site.times["127.0.0.1"][1] >= 1


def test_who_asks_for_a_long_pause_is_left_alone_also_by_the_next_poll(site: Site) -> None:
    origins: dict[str, OriginState] = {}
    url = site.put("/velo", "", status=429, Retry_After="3600")
    found = fetched(url, site.put("/other", "Velo fell."), origins=origins)
    assert "asks for a pause of 3600 s" in str(found[0]) and "asked for a pause of another" in str(found[1])
    assert isinstance(found[0], NotFetched) and found[0].retry
    assert "asked for a pause of another" in why(site.url("/other"), origins=origins)
    assert [path for _, path in site.asked] == ["/robots.txt", "/velo"]


def test_a_broken_server_is_asked_three_times_and_then_left_alone(site: Site) -> None:
    """The pauses grow."""
    urls = [site.put(f"/{n}", "", status=500) for n in range(6)]
    found = fetched(*urls, limits=FetchLimits(delay=0.02, allow=("127.0.0.1",)))
    assert [str(one) for one in found] == ["the server answers 500 3 times"] * 3 + [
        "127.0.0.1 failed 3 times in a row and is not asked for now"
    ] * 3
    times = site.times["127.0.0.1"]
    assert len(times) == 1 + 9 and times[3] - times[2] > 1.5 * (times[2] - times[1]) > 0


def test_a_dead_host_is_said_and_given_up(site: Site) -> None:
    site.put("/robots.txt", "")
    port = site.port
    urls = [f"http://dead.example:{port}/{n}" for n in range(5)]

    def nothing(host: str, at: int) -> Sequence[str]:
        raise OSError("name or service not known")

    async def go() -> list[str]:
        async with Fetcher(QUICK, resolve=nothing) as fetcher:
            done = await asyncio.gather(*(fetcher.get(url) for url in urls), return_exceptions=True)
            return [str(one) for one in done]

    said = run_async(go())
    assert "the host dead.example was not found" in said[0] and "not asked for now" in said[-1]


def test_pages_that_are_gone_are_said(site: Site) -> None:
    assert why(site.url("/nowhere")) == "the server answers 404 Not Found"
    assert why(site.put("/gone", status=410)) == "the server answers 410 Gone"


def test_cookies_are_not_kept(site: Site) -> None:
    url = site.put("/velo", "Velo fell.", Set_Cookie="who=me")
    fetched(url, url)
    assert not any("Cookie" in headers for headers in site.headers)


def test_the_pause_asked_for_is_read_in_both_of_its_forms() -> None:
    assert polite.retry_after(" 7 ", 0) == 7 and polite.retry_after("-7", 0) is None
    assert polite.retry_after("Thu, 01 Jan 1970 00:00:00 GMT", now=99) == 0


def test_a_notebook_whose_thread_has_a_running_loop_can_fetch(site: Site) -> None:
    site.put("/velo", "Velo fell.")

    async def cell() -> bytes:
        return page(site.url("/velo")).body

    found: list[bytes] = []  # in a thread: pytest's own may have a running loop, that of a browser
    notebook = threading.Thread(target=lambda: found.append(asyncio.run(cell())))
    notebook.start()
    notebook.join()
    assert found == [b"Velo fell."]
