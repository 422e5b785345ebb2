"""Read articles in XML: NITF, NewsML-G2, TEI, output of trafilatura, and feeds with whole texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html.entities import name2codepoint
from typing import Any

from corpus.draft import ReadResult, Refusal, short_message
from corpus.errors import BadFile
from corpus.readers.json_rows import read_one
from corpus.readers.other_files import NotAnArticle
from corpus.readers.table import read_rows
from corpus.text.decoding import decode_declared
from corpus.text.markup import text_of_html

MAX_BYTES = 100_000_000
MAX_TAGS = 3_000_000
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,10});")
_ENCODING = re.compile(rb"""\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,300}\?>")
_KEPT = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_BLOCKS = frozenset(
    (
        *(
            "p",
            "head",
            "hl1",
            "hl2",
            "ab",
            "l",
            "lg",
            "item",
            "list",
            "div",
            "div1",
            "div2",
            "div3",
            "quote",
            "cit",
            "sp",
        ),
        *("speaker", "block", "bq", "fn", "li", "ul", "ol", "dl", "dt", "dd", "table", "row", "cell", "tr", "td", "th"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "caption", "media-caption", "body", "text", "front", "back", "main"),
        *(
            "section",
            "article",
            "blockquote",
            "lead",
            "dateline",
            "byline",
            "note",
            "figure",
            "body.head",
            "body.content",
        ),
        *(
            "body.end",
            "hedline",
            "abstract",
            "tagline",
            "postscript",
            "opener",
            "closer",
            "salute",
            "signed",
            "trailer",
        ),
        *("cit", "trailer", "body.head", "hr", "doc", "pre", "figcaption"),
    )
)
_HIDDEN = frozenset(
    ("script", "style", "fw", "media-reference", "media-metadata", "graphic", "teiHeader", "comments", "template")
)
_BREAKS = frozenset(("br", "lb", "cb", "pb", "tab"))
_NO_ARTICLES = frozenset(
    ("svg", "plist", "opml", "urlset", "sitemapindex", "project", "configuration", "stylesheet", "schema", "settings")
)
_SUMMARY = "the entry has only a summary; subscribe to the feed (slantwise feeds add ADDRESS), or add the saved page"


def read_xml(data: bytes, name: str, where: str) -> ReadResult:
    """Read the articles of an XML file; unknown formats are refused by their first element. Raises BadFile."""
    data, doubt = _as_utf8(data)
    result = _read(parse_xml(data, "XML file"), name, where)
    return replace(result, warnings=[*result.warnings, Refusal(where, doubt)]) if doubt else result


def _as_utf8(data: bytes) -> tuple[bytes, str | None]:
    """Return an XML file in UTF-8, decoded as browsers do it, with a warning if its letters decided."""
    declared = _ENCODING.match(data)
    found = decode_declared(data, declared[1].decode("ascii", "replace") if declared else None)
    if found is None:
        return data, None  # its parser says why
    return _DECLARATION.sub("", found.text, count=1).encode("utf-8", "surrogatepass"), found.warning


def _read(root: Any, name: str, where: str) -> ReadResult:
    kind = _local(root)
    if kind in _NO_ARTICLES:
        raise NotAnArticle(f"this is XML of a program (<{kind}>)")
    rows = _rows(root, kind)
    if rows is None:
        raise BadFile(
            f"this is XML of an unknown format (<{kind}>), which is not read; expected NITF, NewsML, TEI or a feed; "
            "save its texts as a table (CSV) or as text"
        )
    if len(rows) == 1 and isinstance(rows[0], Mapping):
        return read_one(rows[0], name, where)
    if not rows:
        raise BadFile(f"the XML file (<{kind}>) has no articles; download it again")
    return read_rows(enumerate(rows, 1), name, where)


def parse_xml(data: bytes, what: str) -> Any:
    """Return the root of an XML file; named characters of HTML are known. Raises BadFile, which names `what` it is."""
    from lxml import etree

    if len(data) > MAX_BYTES:
        raise BadFile(f"the {what} has more than {MAX_BYTES:,} bytes; divide it into several")
    if data.count(b"<") > MAX_TAGS:
        raise BadFile(f"the {what} has more than {MAX_TAGS:,} tags; divide it into several")
    if b"<!ENTITY" in data[:100_000]:
        raise BadFile(f"the {what} defines entities, which are not read; save it without them")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(_NAMED.sub(_character, data.lstrip()), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadFile(f"the {what} is damaged ({short_message(error)}); download or save it again") from None
    if next(root.iter(etree.Entity), None) is not None:
        raise BadFile(f"the {what} has characters of a definition in a different file; save it without entities")
    return root


def _character(match: re.Match[bytes]) -> bytes:
    code = None if match[1] in _KEPT else name2codepoint.get(match[1].decode("ascii"))
    return match[0] if code is None else f"&#{code};".encode()


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _all(root: Any, *names: str) -> Iterator[Any]:
    return (element for element in root.iter() if _local(element) in names)


def _first(root: Any, *names: str) -> Any:
    return next(_all(root, *names), None) if root is not None else None


def _flat(element: Any) -> str | None:
    """Return an element's words in one line."""
    return " ".join(text_of_xml(element).split()) or None if element is not None else None


def _get(element: Any, *attributes: str) -> str | None:
    return next((value for name in attributes if element is not None and (value := element.get(name))), None)


def _rows(root: Any, kind: str) -> list[Mapping[str, Any] | str] | None:
    """Return a row for each article, or why it cannot be used; None if the format is not known."""
    if kind == "nitf":
        return [_nitf(root)]
    if kind in ("newsItem", "newsMessage", "NewsML"):
        return [_news_item(item) for item in _all(root, "newsItem")] or [_nitf(item) for item in _all(root, "nitf")]
    if kind in ("TEI", "TEI.2"):
        return [_tei(root)]
    if kind in ("teiCorpus", "teiCorpus.2"):
        return [_tei(one) for one in _all(root, "TEI", "TEI.2")]
    if kind == "doc" and _first(root, "main") is not None:
        return [_extracted(root)]
    if kind in ("rss", "feed", "RDF"):
        return [_entry(entry) for entry in _all(root, "item", "entry")]
    return None


def _nitf(root: Any) -> dict[str, Any]:
    body = _first(root, "body")
    title = _first(_first(root, "hedline"), "hl1") if _first(root, "hedline") is not None else _first(root, "title")
    day = _get(_first(root, "date.issue"), "norm") or _get(_first(root, "date.release"), "norm")
    publication = _first(root, "pubdata")
    content = [part for part in (_first(body, "body.content"), _first(body, "body.end")) if part is not None]
    return {
        "title": _flat(title),
        "text": "\n\n".join(text for part in content or [body] if part is not None and (text := text_of_xml(part))),
        "date": _day(day or _get(publication, "date.publication")),
        "outlet": _get(publication, "name"),
        "id": _get(_first(root, "doc-id"), "id-string"),
        "author": _flat(_first(body, "byline")),
        "rights": _flat(_first(_first(root, "docdata"), "doc.copyright"))
        or _get(_first(root, "doc.copyright"), "holder"),
    }


def _news_item(item: Any) -> dict[str, Any] | str:
    inline = _first(item, "inlineXML")
    data = _first(item, "inlineData")
    nitf = _first(inline, "nitf")
    page = _first(inline, "body")
    shown = page if page is not None else inline
    row = _nitf(nitf) if nitf is not None else {"text": text_of_xml(shown) if shown is not None else _flat(data)}
    if not row["text"]:
        return "the news item has no text; it may be a picture, or its text may be in a different file"
    dates = (_first(item, name) for name in ("contentCreated", "firstCreated", "versionCreated"))
    own = {
        "title": _flat(_first(item, "headline")) or _flat(_first(inline, "title")),
        "date": next((day for element in dates if (day := _day(_flat(element)))), None),
        "id": item.get("guid"),
        "language": _get(_first(item, "language"), "tag"),
    }
    return row | {name: value for name, value in own.items() if value}


def _tei(root: Any) -> dict[str, Any]:
    header = _first(root, "teiHeader")
    source = _first(header, "sourceDesc")
    dates = [*_all(source, "date"), *_all(header, "date")] if header is not None and source is not None else []
    dates = dates or ([] if header is None else list(_all(header, "date")))
    text = next((part for part in _all(root, "text") if part is not header), None)
    language = root.get("{http://www.w3.org/XML/1998/namespace}lang") or _get(_first(header, "language"), "ident")
    return {
        "title": _flat(_first(_first(header, "titleStmt"), "title")),
        "text": text_of_xml(text) if text is not None else "",
        "date": next((_day(value) for one in dates if (value := _get(one, "when", "when-iso") or _flat(one))), None),
        "language": language,
        "author": _flat(_first(_first(header, "titleStmt"), "author")),
    }


def _extracted(root: Any) -> dict[str, Any]:
    """Return an article that trafilatura wrote; its metadata are attributes."""
    known = {"sitename": "outlet", "source": "url", "url": "url", "title": "title", "date": "date", "author": "author"}
    row = {known[name]: value for name, value in root.attrib.items() if name in known and value}
    return row | {"text": text_of_xml(_first(root, "main"))}


def _entry(entry: Any) -> dict[str, Any] | str:
    """Return an entry of a feed that has its whole text."""
    held = {name: one for one in reversed(entry) if (name := _local(one))}
    content = next((one for one in entry if _local(one) in ("encoded", "content") and (one.text or len(one))), None)
    if content is None:
        return _SUMMARY
    html = content.get("type") != "text"
    text = text_of_xml(content) if len(content) else text_of_html(content.text or "") if html else content.text
    link = held.get("link")
    return {
        "title": text_of_html(_flat(held.get("title")) or "") or None,
        "text": text,
        "date": _day(
            next((_flat(held[name]) for name in ("pubDate", "published", "date", "updated") if name in held), None)
        ),
        "url": (link.get("href") or _flat(link)) if link is not None else None,
        "id": _flat(held["guid"] if "guid" in held else held.get("id")),
        "author": _flat(held["creator"] if "creator" in held else held.get("author")),
    }


def _day(text: str | None) -> str | None:
    """Return a date as a table has it: 20250103T101500Z and Fri, 03 Jan 2025 become ISO dates, others stay.

    >>> _day("20250103T101500Z"), _day("Fri, 03 Jan 2025 10:15:00 GMT"), _day("3 January")
    ('2025-01-03', '2025-01-03', '3 January')
    """
    from email.utils import parsedate

    if match := re.match(r"(\d{4})(\d\d)(\d\d)(?:T|$)", text or ""):
        return "-".join(match.groups())
    if text and re.match(r"[A-Za-z]{3}, \d", text) and (parsed := parsedate(text)):
        return "{:04}-{:02}-{:02}".format(*parsed[:3])
    return text


def text_of_xml(root: Any) -> str:
    """Return an element's words, with empty lines between its paragraphs."""
    parts: list[str] = []
    _collect(root, parts)
    paragraphs = (" ".join(part.split()) for part in "".join(parts).split("\x00"))
    return "\n\n".join(part for part in paragraphs if part)


def _collect(root: Any, parts: list[str]) -> None:
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, is_end = stack.pop()
        name = _local(element)
        if is_end:
            parts.append("\x00" if name in _BLOCKS else "")
            parts.append((element.tail or "") if element is not root else "")
            continue
        parts.append("\x00" if name in _BLOCKS else " " if name in _BREAKS else "")
        stack.append((element, True))
        if name and name not in _HIDDEN:
            parts.append(element.text or "")
            stack.extend((below, False) for below in reversed(list(element)))
