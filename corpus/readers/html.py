"""Saved web pages: the article's text and what the page says about it, by trafilatura."""

from __future__ import annotations

import re
from pathlib import Path

from corpus.draft import Draft, parse_date
from corpus.errors import BadFile
from corpus.text.markup import parse_page

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w.:-]+)""", re.IGNORECASE)
_LANGUAGE = re.compile(r"""<html\b[^>]{0,500}\blang=["']?([\w-]{2,20})""", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_MIN_LINES, _LINK_SHARE = 4, 0.8  # lines of a list of links, and how much of its text they are
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»“)\]]*$")
UNCLOSED_COMMENT = "a comment in the page is never closed, so what follows it is lost; save the page again"
MAX_BYTES = 20_000_000  # no article's page is that long; a longer file is something else


def read_page(path: Path) -> bytes:
    """Return the bytes of a saved page. Raises BadFile where it is empty or too long to be one."""
    data = path.read_bytes()
    if not data.strip():
        raise BadFile("the file is empty; expected a saved web page")
    if len(data) > MAX_BYTES:
        raise BadFile(f"the page has {len(data):,} bytes; expected at most {MAX_BYTES:,}")
    return data


def draft_of_page(data: bytes, key: str, charset: str | None = None) -> Draft:
    """Return the article of a page's bytes; `charset` is the one that its server declared.

    Raises BadFile where no article is found in it.
    """
    html = decode_page(data, charset)
    if has_unclosed_comment(html):
        raise BadFile(UNCLOSED_COMMENT)
    import logging

    import trafilatura
    from trafilatura.settings import Document

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it would log, the refusal below says
    try:
        page = trafilatura.bare_extraction(html, with_metadata=True, include_comments=False, include_tables=False)
    except Exception as error:  # it reads what strangers wrote, and its faults are not its callers'
        raise BadFile(f"the page cannot be read ({type(error).__name__}); save its text as a .txt file") from None
    if not isinstance(page, Document) or not page.text:
        raise BadFile("no article was found in the page; if it has one, save its text as a .txt file")
    if _only_links(page.text, html):
        raise BadFile("the page has no article, only links to others; save the pages that it leads to")
    from corpus.text.language import choose_language

    declared = _LANGUAGE.search(html[:8192])
    return Draft(
        text=page.text.replace("\n", "\n\n"),
        key=page.url or key,
        title=page.title,
        published=parse_date(page.date),
        language=choose_language(page.text, declared[1] if declared else None),
        url=page.url,
        metadata={name: value for name, value in {"sitename": page.sitename, "author": page.author}.items() if value},
    )


def has_unclosed_comment(html: str) -> bool:
    """Say whether a comment is opened and never closed; one that hides a script's text from old browsers is none.

    >>> has_unclosed_comment("<p>Velo fell.<!-- <p>Karsk held."), has_unclosed_comment("<p>Velo <!-- at dawn --> fell.")
    (True, False)
    """
    if html.rfind("<!--") <= html.rfind("-->"):
        return False
    visible = _SCRIPT.sub("", html)
    return visible.rfind("<!--") > visible.rfind("-->")


def _only_links(text: str, html: str) -> bool:
    """Say whether a page's text is a list of links: no line of it ends as a sentence does, and nearly all are links."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < _MIN_LINES or any(_SENTENCE_END.search(line[-5:]) for line in lines):
        return False
    root = parse_page(html)
    links = {"".join("".join(a.itertext()).split()) for a in root.iter("a")} if root is not None else set()
    linked = sum(len(line) for line in lines if "".join(line.lstrip("-•").split()) in links)
    return linked > _LINK_SHARE * sum(map(len, lines))


def decode_page(data: bytes, charset: str | None = None) -> str:
    """Return a page's text: UTF-8, or what server or head declare; guessing makes other letters of a wrong byte."""
    declared = _CHARSET.search(data[:4096])
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    said = [charset, declared[1].decode("ascii", "replace") if declared else None]
    names = ["utf-16"] if marked else ["utf-8-sig", *(name for name in said if name)]
    for name in names:
        try:
            text = data.decode(name)
        except (UnicodeError, LookupError):  # a page may declare an encoding that there is not
            continue
        if "\x00" in text:
            raise BadFile("this is a binary file, no web page; save the page as HTML")
        return text
    tried = " nor ".join(dict.fromkeys(name.removesuffix("-sig").upper() for name in names))
    raise BadFile(f"the page is not {tried}; open it in a browser and save it as UTF-8")
