"""Convert HTML to text with one paragraph per block element, without removing boilerplate."""

from __future__ import annotations

import re
from typing import Any

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


def parse_fragment(html: str) -> Any:
    """Return the root of an HTML fragment, even if it is malformed; None if it is empty."""
    import lxml.html

    try:
        return lxml.html.fragment_fromstring(html, create_parent="div", parser=lxml.html.HTMLParser(huge_tree=True))
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return None


def parse_page(html: str) -> Any:
    """Return the root of a whole page, None if it is empty. Raises BadFile if its elements are nested too deeply."""
    import lxml.html

    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        root = lxml.html.document_fromstring(_NEXT_PAGE.sub("\n", html).encode(), parser=parser)
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
