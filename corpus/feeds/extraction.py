"""Clippings: an article cut out of a fetched page, or out of its feed where the page gives none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message
from urllib.parse import urlsplit

from corpus.draft import Draft, parse_date
from corpus.errors import BadAddress, BadFile
from corpus.readers.html import draft_of_page
from corpus.text.language import choose_language
from corpus.text.markup import text_of_html

from .addresses import parse_address
from .formats import FeedEntry

PAGE_TYPES = ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


def extract_article(entry: FeedEntry, outlet: str, body: bytes | None, url: str, headers: Mapping[str, str]) -> Draft:
    """Return the article of a feed's entry: from its page, falling back on the feed's own text.

    `metadata` says with `text_from` which of the two it was. Raises BadFile where neither has one.
    """
    try:
        if body is None:
            raise BadFile("the entry has no page")
        kind, charset = _content_type(headers.get("content-type", ""))
        if kind not in PAGE_TYPES:
            raise BadFile(f"this is {kind}, and no web page")
        draft, source = draft_of_page(body, url, charset), "page"
    except BadFile as error:
        text = text_of_html(entry.text or "")
        if not text:
            raise BadFile(f"{str(error).partition(';')[0]}, and its feed has no text either") from None
        draft, source = Draft(text, url, language=choose_language(text, entry.language)), "feed"
    metadata = {**draft.metadata, "text_from": source}
    if entry.author:
        metadata.setdefault("author", entry.author)
    if entry.title and draft.title and entry.title != draft.title:
        metadata["feed_title"] = entry.title  # a feed often words its headline in another way than the page
    key = canonical_url(draft.url, url)
    return replace(
        draft,
        key=key,
        url=key if urlsplit(key).scheme else None,
        outlet=outlet,
        title=draft.title or entry.title,
        published=parse_date(entry.published) or draft.published,  # a page's date is a guess, a feed's is said
        language=draft.language or choose_language("", entry.language),
        rights=entry.rights,
        metadata=metadata,
    )


def load_extractor() -> None:
    """Load what cutting needs, some seconds of it, so that the first page does not wait for it."""
    import trafilatura  # noqa: F401

    choose_language(
        "Northland took the town of Velo at dawn on Monday, its ministry of defence said in the evening.", None
    )


def canonical_url(said: str | None, url: str) -> str:
    """Return the address that an article is known by: what its page calls canonical, where that can be true.

    A page may name another address of its own site. Many name their site's front page, or somebody else's.

    >>> canonical_url("https://herald.example/velo", "https://www.herald.example/velo?utm_source=rss")
    'https://herald.example/velo'
    >>> canonical_url("https://herald.example/", "https://www.herald.example/velo?utm_source=rss")
    'https://www.herald.example/velo'
    """
    if said:
        try:
            theirs, ours = parse_address(said), parse_address(url)
        except BadAddress:
            pass
        else:
            if _site(theirs.host) == _site(ours.host) and len(urlsplit(theirs.url).path) > 1:
                return theirs.url
    return without_tracking(url)


def without_tracking(url: str) -> str:
    """Return an address without what only says how somebody came to it.

    >>> without_tracking("https://herald.example/velo?utm_source=rss&id=7&fbclid=x#top")
    'https://herald.example/velo?id=7'
    """
    base, mark, query = url.partition("#")[0].partition("?")
    kept = [part for part in query.split("&") if part and not _TRACKING.match(part)]
    return base + (mark + "&".join(kept) if kept else "")


_TRACKING = re.compile(r"(?:utm_\w+|at_\w+|fbclid|gclid|dclid|mc_cid|mc_eid|cmpid)(?:=|$)", re.IGNORECASE)


def _site(host: str) -> str:
    return re.sub(r"^(?:www\d?|m|mobile|amp)\.", "", host)


def _content_type(header: str) -> tuple[str, str | None]:
    message = Message()
    message["content-type"] = header.encode("ascii", "replace").decode() or "text/html"
    return message.get_content_type(), message.get_content_charset()
