"""Parse feeds in RSS 0.9 to 2.0, Atom and JSON Feed."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from corpus.article import short_digest
from corpus.errors import BadFeed
from corpus.text.dates import DateColumn
from corpus.text.decoding import Decoded, decode_declared

from .addresses import MAX_URL_BYTES

MAX_ENTRIES = 2000  # of one feed; longer ones are archives, with the newest entries first
MAX_FEED_BYTES = 5_000_000  # feeds have tens of entries; parsing this much takes up to a minute
_MAX_MENDED_BYTES = 500_000  # of malformed XML, which takes ten times as long to parse

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_PROLOG = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff￾￿]")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class FeedEntry:
    """A feed's entry about one article; `text` is the feed's own, mostly HTML and often only a summary."""

    id: str
    url: str | None
    title: str | None = None
    text: str | None = None
    published: str | None = None  # as the feed has it
    updated: str | None = None
    author: str | None = None
    language: str | None = None
    rights: str | None = None
    day: str | None = None  # of its publication or, where the feed does not state that, of its last change
    date_problem: str | None = None  # why a date was ignored

    @property
    def own_id(self) -> str:
        """An id made of the entry's title and text, for entries without one."""
        return short_digest(f"{self.title}\n{self.text}", 16)

    @property
    def stamp(self) -> str:
        """Twelve digits that change with the entry: with its time of change if it has one, else with its text."""
        return short_digest("\n".join((self.title or "", self.updated or f"{self.published}\n{self.text}")))


@dataclass(frozen=True)
class Feed:
    """A parsed feed; `omitted` is the number of its oldest entries that were not read, since it has too many.

    `doubt` says that its letters decided on its encoding.
    """

    kind: str
    title: str | None = None
    entries: list[FeedEntry] = field(default_factory=list)
    omitted: int = 0
    doubt: str | None = None


def parse_feed(data: bytes, url: str, content_type: str = "") -> Feed:
    """Parse a feed; `url` is its address, the base of its relative links. Raises BadFeed.

    >>> item = '{"id": "1", "url": "/velo", "title": "Velo falls", "content_text": "Northland took Velo."}'
    >>> feed = parse_feed(b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + item.encode() + b"]}", "https://h.example/")
    >>> feed.kind, feed.entries[0].url, feed.entries[0].text
    ('json', 'https://h.example/velo', 'Northland took Velo.')
    """
    if not data.strip():
        raise BadFeed("the feed is empty; expected RSS, Atom or JSON Feed")
    if len(data) > MAX_FEED_BYTES:
        raise BadFeed(f"the feed has {len(data):,} bytes; expected at most {MAX_FEED_BYTES:,}")
    decoded, doubt = _decode_feed(data, content_type)
    text = _CONTROL.sub("", decoded)
    feed = _json_feed(text, url) if text.lstrip().startswith("{") else _xml_feed(text, url)
    entries = _with_own_ids(_dated(feed.entries[:MAX_ENTRIES]))
    return Feed(feed.kind, feed.title, entries, max(0, len(feed.entries) - MAX_ENTRIES), doubt)


def _with_own_ids(entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """Return the entries, each once; an id that entries with different addresses share identifies none of them.

    Such ids are a constant in place of a guid, or the title of entries that have neither guid nor address.
    """
    addresses: dict[str, set[str]] = {}
    for entry in entries:
        addresses.setdefault(entry.id, set()).add(entry.url or entry.own_id)
    own: dict[str, FeedEntry] = {}
    for entry in entries:
        id = entry.id if len(addresses[entry.id]) == 1 else entry.url or entry.own_id
        own.setdefault(id, replace(entry, id=id))
    return list(own.values())


def _dated(entries: list[FeedEntry]) -> list[FeedEntry]:
    """Return the entries with their days, as they are written; days like 5/3/2024 are compared within the feed."""
    column = DateColumn(date for entry in entries for date in (entry.published, entry.updated))
    dated = []
    for entry in entries:
        published, updated = column.read(entry.published), column.read(entry.updated)
        day, problem = published.day or updated.day, published.problem or updated.problem
        dated.append(replace(entry, day=day.isoformat() if day else None, date_problem=problem))
    return dated


def _decode_feed(data: bytes, content_type: str) -> Decoded:
    """Return a feed's text as its mark, its server or its head declares, or as its letters show. Raises BadFeed."""
    served = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    head = _DECLARED.search(data[:400])
    labels = [served[1] if served else None, head[1].decode("ascii") if head else None]
    decoded = decode_declared(data, *labels)
    if decoded is None:
        utf = "UTF-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "UTF-8"
        encodings = " or ".join(dict.fromkeys([utf, *(label.upper() for label in labels if label)]))
        raise BadFeed(f"the feed cannot be decoded as {encodings}; report it to its outlet")
    return decoded


def _xml_feed(text: str, url: str) -> Feed:
    if _ENTITY.search(text):  # they can expand to gigabytes, and no feed needs them
        raise BadFeed("the feed defines XML entities, which no feed needs and which can exhaust memory; it is not read")
    body = _PROLOG.sub("", text, count=1).encode()
    if len(body) > _MAX_MENDED_BYTES and not _well_formed(body):
        raise BadFeed(f"the feed is not well-formed XML and, with {len(body):,} bytes, too long to be repaired")
    import feedparser

    served = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        parsed = feedparser.parse(
            io.BytesIO(body), response_headers=served, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # unpredictable input: any fault of the library is an unreadable feed
        raise BadFeed(f"the feed cannot be read ({type(error).__name__}); report it to its outlet") from None
    if not parsed.version and not parsed.entries:
        raise BadFeed(_why_no_feed(text, url))
    entries = [entry for item in parsed.entries if (entry := _xml_entry(item, parsed.feed, url)) is not None]
    return Feed(parsed.version or "rss", _plain_text(parsed.feed.get("title")), entries)


def _well_formed(body: bytes) -> bool:
    from xml.parsers import expat  # safe: dangerous entities were refused before

    try:
        expat.ParserCreate("utf-8").Parse(body, True)
    except expat.ExpatError:
        return False
    return True


def _xml_entry(item: Mapping[str, Any], feed: Mapping[str, Any], url: str) -> FeedEntry | None:
    link = _string(item.get("link")) or next(
        (_string(one.get("href")) for one in item.get("links", []) if one.get("rel", "alternate") == "alternate"), None
    )
    texts = [_string(part.get("value")) for part in item.get("content", [])] + [_string(item.get("summary"))]
    text = max((one for one in texts if one), key=len, default=None)
    id = _string(item.get("id")) or link or _string(item.get("title")) or (short_digest(text) if text else None)
    if id is None:
        return None
    return FeedEntry(
        id=id,
        url=_absolute_url(url, link),
        title=_plain_text(item.get("title")),
        text=text,
        published=_string(item.get("published")) or _string(item.get("created")),
        updated=_string(item.get("updated")) if "updated" in item else None,
        author=_plain_text(item.get("author")),
        language=_string(feed.get("language")),
        rights=_plain_text(item.get("rights")) or _plain_text(feed.get("rights")),
    )


def _json_feed(text: str, url: str) -> Feed:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFeed(f"the feed is not JSON ({str(error)[:80]})") from None
    if not isinstance(document, dict) or "jsonfeed.org" not in str(document.get("version", "")):
        raise BadFeed("this is JSON but not a JSON Feed; expected jsonfeed.org in its version")
    items = document.get("items")
    entries = (
        [_json_entry(item, document, url) for item in items if isinstance(item, dict)]
        if isinstance(items, list)
        else []
    )
    return Feed("json", _plain_text(document.get("title")), [entry for entry in entries if entry is not None])


def _json_entry(item: Mapping[str, Any], feed: Mapping[str, Any], url: str) -> FeedEntry | None:
    link = _string(item.get("url")) or _string(item.get("external_url"))
    plain = _string(item.get("content_text"))
    number = item.get("id")
    text = (
        _string(item.get("content_html"))
        or (html.escape(plain, quote=False) if plain else None)
        or _string(item.get("summary"))
    )
    id = _written(number) or link or (short_digest(text) if text else None)
    if id is None:
        return None
    authors = item.get("authors") or feed.get("authors") or [item.get("author")]
    names = [_plain_text(one.get("name")) for one in _list(authors) if isinstance(one, dict)]
    return FeedEntry(
        id=id,
        url=_absolute_url(url, link),
        title=_plain_text(item.get("title")),
        text=text,
        published=_written(item.get("date_published")),
        updated=_written(item.get("date_modified")),
        author=", ".join(name for name in names if name) or None,
        language=_string(item.get("language")) or _string(feed.get("language")),
    )


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else []


def _string(value: Any) -> str | None:
    return _CONTROL.sub("", value).strip() or None if isinstance(value, str) else None  # JSON escapes may contain some


def _written(value: Any) -> str | None:
    """Return a text, or a number as text: ids and dates are either."""
    return _string(str(value)) if isinstance(value, str | int | float) else None


def _plain_text(value: Any) -> str | None:
    """Return a title or a name without tags and entities."""
    words = _string(value)
    return " ".join(html.unescape(re.sub(r"</?[A-Za-z][^<>]{0,200}>", " ", words)).split()) or None if words else None


def _absolute_url(base: str, link: str | None) -> str | None:
    """Return the address of a link; None for one that cannot be fetched, such as an id in the place of an address."""
    try:
        url = urljoin(base, link) if link else None
        scheme = urlsplit(url).scheme if url else ""
    except ValueError:
        url, scheme = link, ""
    return url if url and scheme in ("http", "https", "") and len(url.encode()) <= MAX_URL_BYTES else None


def _why_no_feed(text: str, url: str) -> str:
    """Return in words what a text is instead of a feed and, for a web page, which feed it links to."""
    if "<html" not in text[:5000].lower() and "<!doctype html" not in text[:5000].lower():
        return "this is neither RSS nor Atom nor JSON Feed"
    for link in _LINK.findall(text[:200_000]):
        if re.search(r"application/(?:rss|atom|feed)\+(?:xml|json)", link) and (href := _HREF.search(link)):
            return f"this is a web page, not a feed; the page names as its feed {_absolute_url(url, href[1])}"
    return "this is a web page, not a feed; look on it for a link named RSS or Atom"
