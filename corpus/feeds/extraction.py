"""Extract the article of a feed entry from its fetched page, or from the feed if the page has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from email.message import Message
from urllib.parse import urlsplit

from corpus.copies.address_forms import without_tracking
from corpus.draft import Draft
from corpus.errors import BadAddress, BadFile
from corpus.readers.html import draft_of_page, names_article
from corpus.text.dates import parse_date
from corpus.text.language import choose_language, language_of_page
from corpus.text.markup import text_of_html

from .addresses import parse_address
from .formats import FeedEntry

PAGE_TYPES = ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


def extract_article(entry: FeedEntry, outlet: str, body: bytes | None, url: str, headers: Mapping[str, str]) -> Draft:
    """Return the article of a feed entry, from its page or else from the feed's own text.

    `metadata["text_from"]` is "page" or "feed". Raises BadFile if neither has a text.
    """
    try:
        if body is None:
            raise BadFile("the entry has no page")
        kind, charset = _content_type(headers.get("content-type", ""))
        if kind not in PAGE_TYPES:
            raise BadFile(f"this is {kind}, not a web page")
        draft, text_from = draft_of_page(body, url, charset), "page"
    except BadFile as error:
        text = text_of_html(entry.text or "")
        if not text:
            raise BadFile(f"{str(error).partition(';')[0]}, and its feed has no text either") from None
        language, overruled = language_of_page(text, entry.language)
        draft, text_from = Draft(text, url, language=language, metadata=overruled), "feed"
    metadata = {**draft.metadata, "text_from": text_from}
    if entry.author:
        metadata.setdefault("author", entry.author)
    if entry.title and draft.title and entry.title != draft.title:
        metadata["feed_title"] = entry.title  # feeds often word the headline differently from the page
    address = canonical_url(draft.url, url)
    return replace(
        draft,
        key=address if body is not None else url,  # without a page the entry's id, after "#", is what identifies it
        url=address if urlsplit(address).scheme else None,
        outlet=outlet,
        title=draft.title or entry.title,
        published=_published(entry, draft),
        language=draft.language or choose_language("", entry.language),
        rights=entry.rights,
        metadata=metadata,
    )


def _published(entry: FeedEntry, draft: Draft) -> date | None:
    """Return the day of publication: the feed's, the page's, the feed's last change, the one found in the text."""
    day = parse_date(entry.day or entry.published)
    if entry.published is None and draft.date_stated:
        return draft.published or day
    return day or draft.published


def load_extractor() -> None:
    """Load the extraction libraries (some seconds), so that the first page does not have to wait for them."""
    import trafilatura  # noqa: F401

    choose_language(
        "Northland took the town of Velo at dawn on Monday, its ministry of defence said in the evening.", None
    )


def canonical_url(declared: str | None, url: str) -> str:
    """Return an article's address: the canonical one declared by its page, if that is plausible.

    A page may declare another address of its own site; many wrongly declare the front page or another site.

    >>> canonical_url("https://herald.example/velo", "https://www.herald.example/velo?utm_source=rss")
    'https://herald.example/velo'
    >>> canonical_url("https://herald.example/", "https://www.herald.example/velo?utm_source=rss")
    'https://www.herald.example/velo'
    """
    if declared:
        try:
            declared_address, page_address = parse_address(declared), parse_address(url)
        except BadAddress:
            pass
        else:
            if _site(declared_address.host) == _site(page_address.host) and names_article(declared_address.url):
                return declared_address.url
    return without_tracking(url)


def _site(host: str) -> str:
    return re.sub(r"^(?:www\d?|m|mobile|amp)\.", "", host)


def _content_type(header: str) -> tuple[str, str | None]:
    message = Message()
    message["content-type"] = header.encode("ascii", "replace").decode() or "text/html"
    return message.get_content_type(), message.get_content_charset()
