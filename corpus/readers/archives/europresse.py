"""Read Europresse exports (HTML): since 2014 each article is an `article` element, before that a cell of a table.

Classes are compared word by word, as words are added to them over the years. The print certificate, the notice about
copyright and the day of the export are not part of an article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from corpus.draft import ReadResult
from corpus.text.dates import starting_date
from corpus.text.markup import text_of_element, text_of_html

from .dates import is_weekday, worded_dates
from .export import ArchivedArticle, UnusableArticle, is_copyright, read_articles

ARCHIVE = "Europresse"
_DATE_EXAMPLE = "5 octobre 2013"

_NUMBER = re.compile(r"(?P<number>[a-z]{2,12}·(?P<day>\d{8})·[\w-]{1,20}·[\w.-]{1,60})", re.IGNORECASE)
_NUMBER_LINE = re.compile(rf"(?:[^\W\d_][^:·]{{0,40}}\s?:\s?)?{_NUMBER.pattern}", re.IGNORECASE)
_PAGE = re.compile(r",?\s*\bpp?\.\s*(?P<page>[^\s,][^,]*(?:,\s*[^,\s]+)*)\s*$")
_WORDS = re.compile(r"\(?(?P<words>\d[\d\s.,]*(?:mots?|words?|palabras?|wörter|parole))\b\)?", re.IGNORECASE)
_TIME = re.compile(r"\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s?(?:UTC|GMT)(?:\s?[+-]\d{1,2}:?\d{2})?)?")
_ISSUE = re.compile(r"(?P<name>.*?),\s+(?P<issue>(?:vol\.|no\.?|n°|#)\s.*)", re.IGNORECASE | re.DOTALL)
_APPEARED = re.compile(r"cet article est paru dans|this article appeared in", re.IGNORECASE)
_MARKUP = re.compile(r"</?(?:p|br|b|i|em|strong|a|div|span)\b[^<>]*>", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…][\"'”’»“)\]]*$")
_SPACES = re.compile(r"[ \t\r\n\f]+")  # not the non-breaking ones, which French sets before its punctuation
_NOT_TEXT = ("apd-wrapper", "rdp__newsdoc")
_MONTH = 31  # days between a header's date and its document number that are no mistake


def is_export(root: Any) -> bool:
    """Return whether a page is a Europresse export."""
    return next(_with_class(root, "DocPublicationName"), None) is not None or (
        next(_with_class(root, "titreArticleVisu"), None) is not None and bool(_NUMBER.search(text_of_element(root)))
    )


def read_europresse(root: Any, where: str) -> ReadResult:
    """Read the articles of an export; unusable ones become refusals, in which `where` names the file."""
    articles = [article for article in root.iter("article") if next(article.iterancestors("article"), None) is None]
    if articles:
        return read_articles((partial(_article, article) for article in articles), where, _DATE_EXAMPLE)
    cells = [next(name.iterancestors("td"), None) for name in _with_class(root, "DocPublicationName")]
    readings = (partial(_article_of_cell, cell) for cell in dict.fromkeys(cells) if cell is not None)
    return read_articles(readings, where, _DATE_EXAMPLE)


def _with_class(root: Any, name: str) -> Iterator[Any]:
    """Yield the elements that have a class, in any case of letters."""
    for element in root.iter():
        if isinstance(element.tag, str) and name.casefold() in (element.get("class") or "").casefold().split():
            yield element


def _words(element: Any) -> str:
    return _clean("" if element is None else text_of_element(element).replace("\n\n", " "))


def _clean(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" ")


def _paragraphs(root: Any) -> list[str]:
    return [line for part in text_of_element(root).split("\n\n") if (line := _clean(part))]


def _article(article: Any) -> ArchivedArticle:
    """Return the article of an `article` element. Raises UnusableArticle."""
    number = _document_number(article)
    notes = [_words(aside) for aside in article.iter("aside")]
    for element in [*article.iter("aside"), *(found for name in _NOT_TEXT for found in _with_class(article, name))]:
        if element.getparent() is not None:
            element.drop_tree()
    title = next(_with_class(article, "titreArticleVisu"), None)
    block = next(_with_class(article, "titreArticle"), title)
    subtitle = next(_with_class(article, "rdp__subtitle"), None)
    header = next(article.iter("header"), article)
    head = " ".join(_words(element) for element in _with_class(header, "DocHeader"))
    outlet = next(_with_class(header, "DocPublicationName"), None)
    named = list(_with_class(header, "sm-margin-bottom")) if outlet is None else []  # broadcasts, posts and reports
    name = _first_words(outlet) if outlet is not None else next((_words(element) for element in named), "")
    head = head or next((_words(element) for element in named[1:2]), "")
    body, url = _body(article)
    legal = next(_with_class(article, "Doc-LegalInfo"), next(article.iter("small"), None))
    return _drafted(
        body,
        number,
        outlet=name,
        head=head,
        title=_words(title),
        rights=_words(legal),
        url=url,
        metadata={
            "author": _author(article, block),
            "kicker": _kicker(block, title),
            "subtitle": _words(subtitle),
            "notes": " ".join(notes),
        },
    )


def _kicker(block: Any, title: Any) -> str:
    """Return the line above a title: in the title's block, or in the element before it."""
    if block is None:
        return ""
    inside = [p for name in ("sm-margin-bottomNews", "sm-margin-bottom") for p in _with_class(block, name)]
    if inside and inside[0] is not title:
        return _words(inside[0])
    above = block.getprevious()
    is_plain = above is not None and above.tag == "div" and not above.get("class") and above.find("p") is not None
    return _words(above) if is_plain and next(_with_class(above, "DocHeader"), None) is None else ""


def _author(article: Any, block: Any) -> str:
    """Return the author, whose place has changed: an element of its own, or the one that follows the title's block."""
    own = next(_with_class(article, "docAuthors"), None)
    if own is not None or block is None:
        return _words(own)
    follower = block.getnext()
    if follower is None or not isinstance(follower.tag, str) or follower.tag not in ("p", "div"):
        return ""
    classes = (follower.get("class") or "").split()
    return _words(follower) if "sm-margin-bottomNews" in classes or (follower.tag == "div" and not classes) else ""


def _first_words(element: Any) -> str:
    """Return an outlet's name: the words before a child element, search hits apart, which says what kind it is."""
    parts = [element.text or ""]
    for child in element:
        is_hit = "occur" in (child.get("class") or "") or "red" in (child.get("style") or "")
        if child.tag not in ("mark", "b", "i", "em") and not is_hit and "".join(parts).strip():
            break
        parts += ["".join(child.itertext()), child.tail or ""]
    return _clean("".join(parts))


def _body(article: Any) -> tuple[list[str], str | None]:
    """Return a text's paragraphs, and the address in the archive's line that says where it appeared."""
    texts = list(_with_class(article, "docOcurrContainer")) or list(_with_class(article, "DocText"))
    texts = texts or list(article.iter("section"))
    body = [line for text in texts for line in _paragraphs(text)]
    links = [link for text in texts for link in text.iter("a") if _APPEARED.match(_words(link))]
    url = next((link.get("href") for link in links if (link.get("href") or "").startswith("http")), None)
    if url and body and _APPEARED.match(body[-1]):
        body.pop()
    return body, url


def _document_number(article: Any) -> re.Match[str] | None:
    """Return the article's document number: in its own element, else in the foot, else anywhere below its text."""
    own = [_words(element) for name in ("publiC-lblNodoc", "PubliC_lblNodoc") for element in _with_class(article, name)]
    own += [_words(element) for element in article.iter("span") if element.get("id") == "PubliC_lblNodoc"]
    places = [*own, *(_words(foot) for foot in article.iter("footer")), *reversed(_paragraphs(article))]
    return next((match for place in places if (match := _NUMBER.search(place))), None)


def _article_of_cell(cell: Any) -> ArchivedArticle:
    """Return the article of a table's cell, the form up to 2014. Raises UnusableArticle."""
    for table in list(cell.iter("table")):
        if next(_with_class(table, "DocPublicationName"), None) is None:
            table.drop_tree()
    outlet = next(_with_class(cell, "DocPublicationName"), None)
    title = next(_with_class(cell, "TitreArticleVisu"), None)
    head = "".join(_clean(f"x{element.text_content()}x")[1:-1] for element in _with_class(cell, "DocHeader"))
    name, headline = _first_words(outlet), _words(title)
    for element in [outlet, *_with_class(cell, "DocHeader")]:
        element.drop_tree()
    if title is None:
        above, below = [], _paragraphs(cell)
    else:
        title.tag, title.text = "p", "\ue000"  # a mark that no text has
        for child in list(title):
            title.remove(child)
        lines = _paragraphs(cell)
        above, below = lines[: lines.index("\ue000")], lines[lines.index("\ue000") + 1 :]
    author = ""
    first = _first_line(title)
    if len(below) > 1 and below[0] == first and len(first) < 120 and not _SENTENCE.search(first):
        author, below = first, below[1:]
    end = len(below)
    number = _NUMBER_LINE.fullmatch(below[-1]) if below else None
    end -= number is not None
    rights = below[end - 1] if end and is_copyright(below[end - 1]) else ""
    end -= bool(rights)
    metadata = {"author": author, "kicker": " ".join(above)}
    return _drafted(
        below[:end], number, outlet=name, head=head, title=headline, rights=rights, url=None, metadata=metadata
    )


def _first_line(title: Any) -> str:
    """Return the first line below a title if a line break ends it, as one ends the author's but no paragraph."""
    from itertools import takewhile

    if title is None:
        return ""
    following = list(title.itersiblings())
    breaks = list(takewhile(lambda element: element.tag == "br", following))
    filled = next((i for i, element in enumerate(breaks) if (element.tail or "").strip()), None)
    if filled is None or filled + 1 >= len(breaks):
        return ""
    return _clean(breaks[filled].tail or "")


def _drafted(
    body: Sequence[str],
    number: re.Match[str] | None,
    *,
    metadata: dict[str, str],
    **words: str | None,
) -> ArchivedArticle:
    """Return the article of what was found. Raises UnusableArticle if it has no text."""
    warnings = []
    if any(_MARKUP.search(paragraph) for paragraph in body):
        body = [line for part in body for line in text_of_html(part).split("\n\n") if line.strip()]
        warnings.append("its text held HTML written as text, whose tags were removed; compare it with the archive's")
    if not body:
        raise UnusableArticle("it has no text; it may be a picture, or an article that the archive only lists")
    if not words["outlet"]:
        raise UnusableArticle("it has no outlet (DocPublicationName); export it again as HTML")
    header = _header(words["head"] or "")
    numbered = starting_date(re.sub(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", number["day"])) if number else None
    day = starting_date(header["day"])
    if day is None and numbered:
        warnings.append(f"its header has no date, so that of its document number was used: {numbered}")
    elif day and numbered and abs((day - numbered).days) > _MONTH:
        warnings.append(
            f"its header's date {day} was used; its document number says {numbered}; correct it if it is wrong"
        )
    issue = _ISSUE.fullmatch(words["outlet"])
    return ArchivedArticle(
        ARCHIVE,
        list(body),
        title=words["title"] or None,
        outlet=issue["name"] if issue else words["outlet"],
        day=(day or numbered or "") and str(day or numbered),
        language=None,
        copyright=words["rights"],
        key=f"europresse:{number['number']}" if number else None,
        metadata={
            **metadata,
            **{name: value for name, value in header.items() if name != "day"},
            "issue": issue["issue"] if issue else "",
        },
        url=words["url"],
        warnings=warnings,
    )


def _header(text: str) -> dict[str, str]:
    """Return section, day (ISO), time, length and pages of a header line.

    >>> list(_header("Dossier; Mer, mardi 2 août 2022 66 mots, p. 12,13").values())
    ['Dossier; Mer', '2022-08-02', '', '66 mots', '12,13']
    >>> list(_header("Thursday, December 22, 2022 13887 mots, p. 819(40)").values())
    ['', '2022-12-22', '', '13887 mots', '819(40)']
    """
    dates = list(worded_dates(text))
    day, start = dates[-1] if dates else (None, 0)
    below = re.sub(r"^.*?\d{4}", "", text[start:], count=1, flags=re.DOTALL) if dates else text
    time, page = _TIME.search(below), _PAGE.search(below)
    words = _WORDS.search(_TIME.sub(" ", below))
    before = text[:start].rstrip(" ,;-–").split()
    if before and len(before[-1]) > 4 and is_weekday(before[-1]):  # "Mer" is a section too
        before.pop()
    return {
        "section": " ".join(before).rstrip(" ,;-–"),
        "day": str(day) if day else "",
        "time": time[0] if time else "",
        "length": words["words"] if words else "",
        "pages": page["page"] if page else "",
    }
