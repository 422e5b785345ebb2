"""Extract the article and its metadata from a saved web page, with trafilatura."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corpus.draft import FOR_SUBSCRIBERS, Draft
from corpus.errors import BadFile
from corpus.text.decoding import Decoded, decode_declared
from corpus.text.markup import parse_page, without_attributes, without_scripts

from .deadline import in_time, may_be_slow
from .live_blog import ENTRIES, count_timed_blocks
from .pages.page_dates import date_of_page

_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?\s*([\w.:-]+)""", re.IGNORECASE)
_PROLOG = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_LANGUAGE = re.compile(r"""<html\b[^>]{0,500}\blang=["']?([\w-]{2,20})""", re.IGNORECASE)
_FRONT_PAGE = re.compile(r"/?(?:index|home|default|start)?(?:\.\w{3,5})?/?", re.IGNORECASE)
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_MIN_LINES, _LINK_SHARE = 4, 0.8  # a page of at least 4 lines that are links by 80 % is a list of links
_SHORT = 600  # characters of what servers send instead of an article
_NO_ARTICLE = re.compile(
    r"\b(?:enable|activate|turn on|requires?|aktivieren|activez|activer|habilite|attivare|włącz|включите)"
    r" (?:\w+ ){0,2}javascript|javascript (?:\w+ ){0,3}(?:disabled|deaktiviert|désactivé|desactivado|отключен)"
    r"|\bverify(?:ing)? (?:that )?you are (?:a )?human|\bnot a robot\b|\bkein roboter\b|\bchecking your browser\b"
    r"|^(?:\W*(?:error )?404\b.{0,20}|page not found|seite nicht gefunden|page introuvable|página no encontrada"
    r"|страница не найдена)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»“)\]]*$")
UNCLOSED_COMMENT = "a comment in the page is never closed, so the text after it is lost; save the page again"
MAX_BYTES = 20_000_000  # article pages are shorter


def read_page(path: Path) -> bytes:
    """Return the bytes of a saved page. Raises BadFile if it is empty or longer than MAX_BYTES."""
    data = path.read_bytes()
    if not data.strip():
        raise BadFile("the file is empty; expected a saved web page")
    if len(data) > MAX_BYTES:
        raise BadFile(f"the page has {len(data):,} bytes; expected at most {MAX_BYTES:,}")
    return data


def draft_of_page(data: bytes, key: str, charset: str | None = None) -> Draft:
    """Return the article of a page; `charset` is the encoding declared by its server.

    Raises BadFile if the page has no article, or if it is not read in time.
    """
    if may_be_slow(data):
        return Draft.of_row(in_time(f"{__name__}:row_of_page", data, {"key": key, "charset": charset}))
    html, doubt = decode_page(data, charset)
    if has_unclosed_comment(html):
        raise BadFile(UNCLOSED_COMMENT)
    import logging

    import trafilatura
    from trafilatura.settings import Document

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # the refusals below report it
    try:
        page = trafilatura.bare_extraction(
            without_attributes(html), with_metadata=True, include_comments=False, include_tables=False
        )
    except Exception as error:  # unpredictable input: any fault of the library is a refusal
        raise BadFile(f"the page cannot be read ({type(error).__name__}); save its text as a .txt file") from None
    if not isinstance(page, Document) or not page.text:
        raise BadFile("no article was found in the page; if it has one, save its text as a .txt file")
    if len(page.text) < _SHORT and _NO_ARTICLE.search(f"{page.title}\n{page.text}"):
        raise BadFile(
            "this is not an article: the page was not found, or needs JavaScript or a check; save it in a browser"
        )
    if _only_links(page.text, html):
        raise BadFile("the page has no article, only links to others; save the linked pages instead")
    from corpus.text.language import language_of_page

    declared = _LANGUAGE.search(html[:8192])
    language, overruled = language_of_page(page.text, declared[1] if declared else None)
    for_subscribers = "yes" if _NOT_FREE.search(html) else None
    metadata = {"sitename": page.sitename, "author": page.author, FOR_SUBSCRIBERS: for_subscribers} | overruled
    url = page.url if page.url and names_article(page.url) else None
    day, date_doubt, date_stated = date_of_page(html, page.date)
    return Draft(
        text=page.text.replace("\n", "\n\n"),
        key=url or key,
        title=page.title,
        published=day,
        language=language,
        url=url,
        metadata={name: value for name, value in metadata.items() if value},
        doubt=doubt,
        date_stated=date_stated,
        date_doubt=date_doubt,
        entries=_entries(html, page.text),
    )


def row_of_page(data: bytes, key: str, charset: str | None) -> dict[str, Any]:
    """Return the article of a page as JSON can hold it. Raises BadFile."""
    return draft_of_page(data, key, charset).row()


def names_article(url: str) -> bool:
    """Return whether an address can be an article's: the front page, which many pages declare as theirs, cannot.

    >>> names_article("https://herald.example/velo"), names_article("https://herald.example/?p=17")
    (True, True)
    >>> names_article("https://herald.example/"), names_article("https://herald.example/index.html")
    (False, False)
    """
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return bool(address.query) or _FRONT_PAGE.fullmatch(address.path) is None


def _entries(html: str, text: str) -> int:
    """Return the number of a live blog's entries; the extracted text has lost their times."""
    if html.count("<time") < ENTRIES or (root := parse_page(html)) is None:
        return 0
    return count_timed_blocks(root, text)


def has_unclosed_comment(html: str) -> bool:
    """Return whether a comment is opened and never closed; those that hide a script from old browsers do not count.

    >>> has_unclosed_comment("<p>Velo fell.<!-- <p>Karsk held."), has_unclosed_comment("<p>Velo <!-- at dawn --> fell.")
    (True, False)
    """
    if html.rfind("<!--") <= html.rfind("-->"):
        return False
    visible = without_scripts(html)
    return visible.rfind("<!--") > visible.rfind("-->")


def _only_links(text: str, html: str) -> bool:
    """Return whether a page's text is a list of links: no line ends like a sentence, and nearly all are links."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < _MIN_LINES or any(_SENTENCE_END.search(line[-5:]) for line in lines):
        return False
    root = parse_page(html)
    links = {"".join("".join(a.itertext()).split()) for a in root.iter("a")} if root is not None else set()
    link_length = sum(len(line) for line in lines if "".join(line.lstrip("-•").split()) in links)
    return link_length > _LINK_SHARE * sum(map(len, lines))


def decode_page(data: bytes, charset: str | None = None) -> Decoded:
    """Return a page's text as browsers decode it, by its mark, its server or its head, with a warning if all are wrong.

    Where declarations contradict each other or the letters, the letters decide. Raises BadFile if they are not certain.
    """
    has_utf16_mark = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    found = _CHARSET.search(data[:4096]) or _PROLOG.search(data[:400])
    in_page = found[1].decode("ascii", "replace") if found else None
    binary = b"\x00" in data and not has_utf16_mark and not _is_utf8(data)
    language = _LANGUAGE.search(data[:8192].decode("latin-1"))
    decoded = None if binary else decode_declared(data, charset, in_page, language=language[1] if language else None)
    if decoded is None:
        names = ["UTF-16"] if has_utf16_mark else ["UTF-8", *(name.upper() for name in (charset, in_page) if name)]
        encodings = " nor ".join(dict.fromkeys(names))
        raise BadFile(f"the page is not {encodings}; open it in a browser and save it as UTF-8")
    if "\x00" in decoded.text:
        raise BadFile("this is a binary file, not a web page; save the page as HTML")
    return decoded


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
