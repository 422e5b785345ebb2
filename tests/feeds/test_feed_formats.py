"""Feeds of every format become entries; what is no feed, or a trap, is one plain sentence."""

from __future__ import annotations

import contextlib

import pytest
from newsroom import item, json_feed, rss
from timing import growth, processor_time

from corpus.article import short_digest
from corpus.errors import BadFeed
from corpus.feeds.formats import FeedEntry, parse_feed

URL = "https://herald.example/feeds/all"

RSS_090 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>The Herald</title><link>https://herald.example/</link></channel>
 <item><title>Velo falls</title><link>https://herald.example/velo</link></item></rdf:RDF>"""
RSS_091 = """<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>The Herald</title>
 <item><title>Velo falls</title><link>https://herald.example/velo</link><description>At dawn.</description></item></channel></rss>"""
RSS_092 = RSS_091.replace("0.91", "0.92")
RSS_10 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://herald.example/"><title>The Herald</title></channel>
 <item rdf:about="https://herald.example/velo"><title>Velo falls</title><link>https://herald.example/velo</link>
 <dc:date>2025-03-05T09:30:00+01:00</dc:date><dc:creator>Mira Stahl</dc:creator></item></rdf:RDF>"""
RSS_20 = rss([item("https://herald.example/velo", 4, title="Velo falls")])
ATOM_10 = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>The Herald</title><id>x</id>
 <entry><id>tag:herald.example,2025:1</id><title type="html">Velo &amp;amp; Karsk</title><link rel="self" href="/atom"/>
 <link rel="alternate" href="/velo"/><published>2025-03-05T08:30:00Z</published><updated>2025-03-05T10:00:00Z</updated>
 <author><name>Mira Stahl</name></author><summary>At dawn.</summary>
 <content type="html">&lt;p&gt;Northland took Velo at dawn.&lt;/p&gt;</content></entry></feed>"""
ATOM_03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>The Herald</title><entry><id>1</id>
 <title>Velo falls</title><link rel="alternate" href="https://herald.example/velo"/><issued>2025-03-05T08:30:00Z</issued>
 </entry></feed>"""


@pytest.mark.parametrize("kind", ["RSS_090", "RSS_091", "RSS_092", "RSS_10", "RSS_20", "ATOM_10", "ATOM_03"])
def test_each_format_gives_the_title_and_the_link(kind: str) -> None:
    feed = parse_feed(globals()[kind].encode(), URL)
    assert feed.title == "The Herald"
    assert [entry.url for entry in feed.entries] == ["https://herald.example/velo"]
    assert feed.entries[0].title in ("Velo falls", "Velo & Karsk")


def test_an_atom_entry_says_all_it_can() -> None:
    (entry,) = parse_feed(ATOM_10.encode(), URL).entries
    assert entry == FeedEntry(
        id="tag:herald.example,2025:1",
        url="https://herald.example/velo",
        title="Velo & Karsk",
        text="<p>Northland took Velo at dawn.</p>",
        published="2025-03-05T08:30:00Z",
        updated="2025-03-05T10:00:00Z",
        author="Mira Stahl",
        language="en",
        day="2025-03-05",
    )
    assert parse_feed(RSS_10.encode(), URL).entries[0].author == "Mira Stahl"


def test_a_json_feed_says_all_it_can() -> None:
    first = {
        "id": 7, "url": "/velo", "title": "Velo falls", "content_html": "<p>At dawn.</p>", "language": "en-GB",
        "date_published": "2025-03-05T09:30:00+01:00", "date_modified": "2025-03-06T09:30:00Z",
        "authors": [{"name": "Mira Stahl"}, {"name": "Jon Okafor"}],
    }  # fmt: skip
    feed = parse_feed(
        json_feed(first, {"content_text": "no id"}, 3, {"id": "8", "content_text": "a < b"}).encode(), URL
    )
    assert feed.entries == [
        FeedEntry(
            "7", "https://herald.example/velo", "Velo falls", "<p>At dawn.</p>", "2025-03-05T09:30:00+01:00",
            "2025-03-06T09:30:00Z", "Mira Stahl, Jon Okafor", "en-GB", day="2025-03-05",
        ),
        FeedEntry(short_digest("no id"), None, text="no id"),
        FeedEntry("8", None, text="a &lt; b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "declared", "served"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "iso-8859-1", ""),  # declared wrongly: what is UTF-8 throughout is UTF-8
        ("windows-1251", "windows-1251", ""),
        ("koi8-r", "", "text/xml; charset=koi8-r"),
        ("utf-16", "utf-16", ""),
        ("utf-8-sig", "", "text/xml; charset=koi8-r"),
    ],
)
def test_letters_come_as_they_were_written(encoding: str, declared: str, served: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = head + rss([item("https://herald.example/velo", title="Ардун — освобождён")]).partition("?>")[2]
    text = text.replace("—", "-") if encoding in ("koi8-r",) else text
    (entry,) = parse_feed(text.encode(encoding), URL, served).entries
    assert entry.title and entry.title.startswith("Ардун")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the feed is empty"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "this is a web page, not a feed; look on it for a link"),
        (
            b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>',
            "the page names as its feed https://herald.example/rss",
        ),
        (b"Velo fell.", "neither RSS nor Atom nor JSON Feed"),
        (b"{", "the feed is not JSON"),
        (b'{"a": ' * 100_000, "the feed is not JSON"),
        (b'{"items": []}', "this is JSON but not a JSON Feed"),
        (rss([item("https://h.example/a", title="Zélo")]).encode("latin-1"), "the feed cannot be decoded as UTF-8"),
        (b'<?xml version="1.0" encoding="klingon"?><rss>\xff</rss>', "cannot be decoded as UTF-8 or KLINGON"),
        (b"\xff\xfeV\x00e", "cannot be decoded as UTF-16"),
    ],
)
def test_what_is_no_feed_is_said(data: bytes, said: str) -> None:
    with pytest.raises(BadFeed) as caught:
        parse_feed(data, URL)
    assert said in str(caught.value)


def bomb(encoding: str = "utf-8") -> bytes:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>'
    return rss([item("https://h.example/a", title="&l9;")], head).replace("utf-8", encoding).encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        bomb(),
        bomb("utf-16"),
        rss([item("https://h.example/a", title="&x;")], '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>').encode(),
        rss([], '<!DOCTYPE r [<!entity % x SYSTEM "http://127.0.0.1/x.dtd"> %x;]>').encode(),
    ],
    ids=["laughs", "laughs in UTF-16", "a file", "another server"],
)  # fmt: skip
@pytest.mark.perf
def test_an_entity_bomb_is_not_read(data: bytes) -> None:
    with processor_time() as used, pytest.raises(BadFeed, match="defines XML entities"):
        parse_feed(data, URL)
    assert used.seconds < 1


def test_control_characters_and_halves_of_pairs_are_dropped() -> None:
    (entry,) = parse_feed(rss([item("https://h.example/a", title="Ve\x00l\x07o")]).encode(), URL).entries
    assert entry.title == "Velo"
    (entry,) = parse_feed(
        json_feed({"id": "\ud800x\u0000", "title": "Ve\udc00lo", "url": "/\udfffa"}).encode(), URL
    ).entries
    assert (entry.id, entry.title, entry.url) == ("x", "Velo", "https://herald.example/a")


def test_megabyte_lines_and_deep_nesting_are_read_in_time() -> None:
    def read(letters: int) -> None:
        long = "x" * letters
        more = f"<description>{long}</description>"
        (entry,) = parse_feed(rss([item("https://h.example/a", more=more)]).encode(), URL).entries
        assert entry.text == long

    assert growth(read, 1_500_000) < 3  # the second time three megabytes
    with pytest.raises(BadFeed, match="not well-formed XML and, with 1,"):
        parse_feed(rss([item("https://h.example/a", more="<b>" * 500_000)]).encode(), URL)
    with pytest.raises(BadFeed, match="expected at most 5,000,000"):
        parse_feed(b" " * 5_000_000 + b"<rss/>", URL)


@pytest.mark.parametrize("piece", ["<", "<a ", "&", "<![CDATA[", "<!--", "&lt;", "<b>", "</item>", "]]>"])
def test_a_feed_of_rubbish_ends_in_time(piece: str) -> None:
    def read(pieces: int) -> None:
        for begin in ("", "<rss version='2.0'><channel><item><title>"):
            with contextlib.suppress(BadFeed):
                assert len(parse_feed((begin + piece * pieces).encode(), URL).entries) <= 1

    assert growth(read, 10_000) < 3


def test_a_link_longer_than_any_address_is_none() -> None:
    (entry,) = parse_feed(rss([item("https://h.example/" + "a" * 3000)]).encode(), URL).entries
    assert entry.url is None


def test_a_broken_feed_gives_what_can_be_read() -> None:
    broken = rss([item("https://h.example/a"), item("https://h.example/b")]).replace(
        "</channel></rss>", "<item><title>"
    )
    assert [entry.url for entry in parse_feed(broken.encode(), URL).entries][:2] == [
        "https://h.example/a",
        "https://h.example/b",
    ]


def test_the_stamp_changes_when_the_feed_says_that_the_entry_did() -> None:
    entry = FeedEntry("1", None, "Velo falls", "At dawn.", published="2025-03-05")
    assert entry.stamp != FeedEntry("1", None, "Velo falls", "At dusk.", published="2025-03-05").stamp
    dated = FeedEntry("1", None, "Velo falls", "5 comments", updated="2025-03-05")
    assert dated.stamp == FeedEntry("1", None, "Velo falls", "6 comments", updated="2025-03-05").stamp
    assert dated.stamp != FeedEntry("1", None, "Velo falls", "5 comments", updated="2025-03-06").stamp
    assert dated.stamp != FeedEntry("1", None, "Velo liberated", "5 comments", updated="2025-03-05").stamp
