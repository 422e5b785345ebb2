"""Convert HTML to text with one paragraph per block element, without removing boilerplate."""

from __future__ import annotations

import re
from typing import Any, AnyStr

from corpus.errors import BadFile

_BLOCKS = re.compile(
    r"address|article|blockquote|br|d[dlt]|div|fig(caption|ure)|h[1-6r]|li|[ou]l|p|pre|table|t[dr]"
)  # elements that end a paragraph
_HIDDEN = frozenset(("script", "style", "template", "noscript", "iframe", "svg", "head"))
_NEXT_PAGE = re.compile(  # between pages that were joined into one file; parsers would drop all that follows
    r"(?:</body\s*>\s*)?</html\s*>\s*(?:<!doctype[^>]{0,500}>\s*)?<html\b.{0,20000}?<body\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_MOST_ATTRIBUTES = 500  # of one tag; parsers compare each with all others
_MANY_ATTRIBUTES = re.compile(
    r"""<([A-Za-z][^\s<>/"'=]*+)(?:[\s/]++[^\s=<>"'/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++))?+)"""
    rf"{{{_MOST_ATTRIBUTES},}}+[^<>]*+>"
)


def without_scripts(text: AnyStr) -> AnyStr:
    """Return a page, as text or as bytes, without its scripts and styles; one that is never closed stays.

    >>> without_scripts("Velo <script>fell()</script> fell.<style>"), without_scripts(b"Velo<style>a</STYLE >.")
    ('Velo  fell.<style>', b'Velo.')
    """
    opening, closing = _SCRIPTS[type(text)]
    parts: list[AnyStr] = []
    position, unclosed = 0, set()
    for match in opening.finditer(text):
        name = match[1].lower()
        if match.start() < position or name in unclosed:
            continue
        end = closing[name].search(text, match.end())
        if end is None:
            unclosed.add(name)  # and not searched for again: the time stays in proportion to the text
        else:
            parts.append(text[position : match.start()])
            position = end.end()
    nothing: Any = text[:0]
    return nothing.join([*parts, text[position:]])  # type: ignore[no-any-return]


def without_attributes(html: str) -> str:
    """Return a page in which tags with hundreds of attributes have none.

    >>> without_attributes("<p " + " ".join(f"a{n}=1" for n in range(1000)) + ">Velo <b id='x'>fell</b>.</p>")
    "<p>Velo <b id='x'>fell</b>.</p>"
    """
    if all(len(part) < 2 * _MOST_ATTRIBUTES for part in html.split("<")):  # shorter than such a tag, as nearly always
        return html
    return _MANY_ATTRIBUTES.sub(r"<\1>", html)


_SCRIPTS: dict[type, tuple[re.Pattern[Any], dict[Any, re.Pattern[Any]]]] = {
    str: (
        re.compile(r"<(script|style)\b[^<>]*+>", re.IGNORECASE),
        {name: re.compile(rf"</{name}\s*+>", re.IGNORECASE) for name in ("script", "style")},
    ),
    bytes: (
        re.compile(rb"<(script|style)\b[^<>]*+>", re.IGNORECASE),
        {name: re.compile(b"</" + name + rb"\s*+>", re.IGNORECASE) for name in (b"script", b"style")},
    ),
}


def parse_fragment(html: str) -> Any:
    """Return the root of an HTML fragment, even if it is malformed; None if it is empty."""
    import lxml.html

    try:
        return lxml.html.fragment_fromstring(
            without_attributes(html), create_parent="div", parser=lxml.html.HTMLParser(huge_tree=True)
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return None


def parse_page(html: str) -> Any:
    """Return the root of a whole page, None if it is empty. Raises BadFile if its elements are nested too deeply."""
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = lxml.html.document_fromstring(_NEXT_PAGE.sub("\n", without_attributes(html)).encode(), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return None
    if any("depth" in error.message for error in parser.error_log):  # deeper elements would be dropped silently
        raise BadFile("the page's elements are nested too deeply; export it again, or save its text as .txt")
    return root


def text_of_element(root: Any) -> str:
    """Return an element's text, with empty lines between its blocks."""
    from lxml.etree import iterwalk

    parts: list[str] = []
    hidden = None  # the element whose text is skipped
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if event in ("start", "end") else ""
        if _BLOCKS.fullmatch(tag):
            parts.append("\n\n")
        if event == "start":
            if hidden is None and tag in _HIDDEN:
                hidden = element
            parts.append("" if hidden is not None else element.text or "")
            continue
        if element is hidden:
            hidden = None
        if element is not root and hidden is None:
            parts.append(element.tail or "")  # also the text after a comment
    return re.sub(r"\s*\n\n\s*", "\n\n", "".join(parts)).strip()


def text_of_html(html: str) -> str:
    r"""Return the text of an HTML fragment, with empty lines between its blocks.

    >>> text_of_html("<p>Velo <b>fell</b><!-- at dawn -->.</p><script>x()</script><p>Karsk &amp; Marn held.</p>")
    'Velo fell.\n\nKarsk & Marn held.'
    """
    if not _TAG.search(html):
        from html import unescape

        return unescape(html).strip()
    root = parse_fragment(html)
    return " ".join(_TAG.sub(" ", html).split()) if root is None else text_of_element(root)
