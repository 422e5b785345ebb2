"""Find the day on which a saved page says that it appeared, before its extractor guesses one."""

from __future__ import annotations

import html as entities
import re
from datetime import date
from typing import NamedTuple

from corpus.text.dates import DateColumn, DateReading, parse_date

# names of <meta> elements, in the order of how well they are kept
_PUBLISHED = (
    "article:published_time", "datepublished", "og:published_time", "og:article:published_time", "parsely-pub-date",
    "article.published", "publication_date", "publish_date", "publishdate", "pubdate", "publish-date", "published",
    "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created", "dc.date.created", "dc.created",
    "citation_publication_date", "citation_date", "sailthru.date", "cxenseparse:recs:publishtime", "date",
    "datecreated",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "datemodified", "og:updated_time", "dcterms.modified", "last-modified")

_META = re.compile(r"<(?:meta|time|span|abbr)\b[^>]{0,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_JSON = re.compile(r'"(datePublished|dateCreated|dateModified)"\s*:\s*"([^"]{4,60})"')
_EMPTY = re.compile(r"0000|0001-01-01|1970-01-01T00:00:00(?:\.0+)?Z")  # what programs write where they know no date
_SLASHED = re.compile(r"(?<![\d/])\d{1,2}/\d{1,2}/\d{4}(?![\d/])")
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class PageDate(NamedTuple):
    """The day of a page, or else a warning why there is none; neither where nothing is known.

    `stated` says that the page states the day, which is else the extractor's guess.
    """

    day: date | None = None
    problem: str | None = None
    stated: bool = False


def date_of_page(html: str, guess: str | None) -> PageDate:
    """Return a page's day: the one that it states, else the extractor's `guess`, unless that is one of two readings.

    The time of the last change counts where there is no other. A day like 5/3/2024 is never guessed.

    >>> date_of_page('<meta name="date" content="1987-05-13T10:00:00Z">', None).day
    datetime.date(1987, 5, 13)
    >>> date_of_page("<p>Velo, 5/3/2024</p>", "2024-03-05").day is None
    True
    """
    stated = _stated(html)
    readings = [stated[name] for name in _PUBLISHED if name in stated]
    published = next((found for found in readings if found.day), readings[0] if readings else None)
    if published is not None:
        return PageDate(*published, stated=True)
    day = parse_date(guess)
    if day is not None:
        ambiguous = _only_ambiguous(html, day)
        return PageDate(None, ambiguous) if ambiguous else PageDate(day)
    modified = next((found for name in _MODIFIED if (found := stated.get(name)) and found.day), None)
    return PageDate(modified.day) if modified else PageDate()


def _stated(html: str) -> dict[str, DateReading]:
    """Return the dates in a page's metadata by their names, the first of each; empty ones are left out."""
    found: list[tuple[str, str]] = []
    for element in _META.findall(html):
        values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(element)}
        name = (values.get("property") or values.get("name") or values.get("itemprop") or "").strip().lower()
        if "pubdate" in element.lower() and "datetime" in values:
            name = name or "pubdate"
        written = values.get("content") or values.get("datetime") or values.get("title") or ""
        if name in _PUBLISHED or name in _MODIFIED:
            found.append((name, entities.unescape(written).strip()))
    found += [(name.lower(), written) for name, written in _JSON.findall(html)]
    first = {name: written for name, written in reversed(found) if written and not _EMPTY.match(written)}
    column = DateColumn(first.values())
    return {name: column.read(written) for name, written in first.items()}


def _only_ambiguous(html: str, guess: date) -> str | None:
    """Return a warning if a guess is one of two readings of a date in digits, and the page has it in no other form."""
    readings = {written: DateColumn().read(written) for written in _SLASHED.findall(_TAG.sub(" ", html))[:50]}
    problem = next((one.problem for one in readings.values() if one.problem and str(guess) in one.problem), None)
    if problem is None or _is_written_out(html, guess):
        return None
    return problem


def _is_written_out(html: str, day: date) -> bool:
    forms = (day.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"/{day.year}/{day.month}/{day.day}/")
    if any(form in html for form in forms):
        return True
    words = re.findall(rf".{{0,30}}\b{day.year}\b", _SLASHED.sub(" ", _TAG.sub(" ", html)))
    return any(parse_date(line.strip()) == day for line in words[:50])
