"""Read Factiva exports (HTML or text), with field codes (HD, SN, PD …) or without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

from corpus.draft import ReadResult
from corpus.text.language_names import language_code
from corpus.text.markup import text_of_element

from .dates import is_date_line
from .export import ArchivedArticle, UnusableArticle, is_copyright, read_articles

ARCHIVE = "Factiva"
_DATE_EXAMPLE = "5 March 2024"

_NAMES = {  # field codes stored in an article's metadata
    "BY": "author", "WC": "length", "SC": "source_code", "SE": "section", "ED": "edition", "PG": "pages",
    "CR": "credit",
    "ET": "time", "CLM": "column", "CO": "companies", "IN": "industries", "NS": "subjects", "RE": "regions",
    "PUB": "publisher", "IPC": "information_codes", "IPD": "descriptors", "VOL": "volume", "ART": "graphic",
    "CX": "correction", "CT": "contact", "RF": "references", "DJN": "dow_jones_codes", "TI": "index_title",
}  # fmt: skip
_OTHER = ("HD", "PD", "SN", "LA", "CY", "LP", "TD", "AN")
CODES = {*_NAMES, *_OTHER}
_CODED = re.compile(rf"(?P<code>{'|'.join(sorted(CODES, key=len, reverse=True))})(?:(?:\t| {{2,}})\s*(?P<value>\S.*))?")
_HEAD = {"BY", "WC", "PD", "ET", "SN", "SC", "LA", "CY"}  # codes above the text
_BELOW = {
    "CO",
    "IN",
    "NS",
    "RE",
    "PUB",
    "IPC",
    "IPD",
    "ART",
    "CX",
    "CT",
    "RF",
    "DJN",
    "TI",
    "CR",
    "AN",
}  # codes below it
_NEEDED = {"HD", "SN", "PD", "TD", "LP", "AN"}

_ACCESSION = re.compile(r"(?:document|dokument|documento|документ)\s+([A-Z][A-Z0-9]{11,40})", re.IGNORECASE)
_WORDS = re.compile(r"\d[\d.,\s]*(?:words?|wörter|mots|palabras|parole|palavras|woorden|слов\w*)", re.IGNORECASE)
_BYLINE = re.compile(r"(?:by|von|par|por|di|door)\s+\S.*", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?(?: [A-Z]{2,4})?", re.IGNORECASE)


def codes_in_html(root: Any) -> list[list[tuple[str, str]]]:
    """Return the (code, value) pairs of the tables with field codes, one list per article."""
    articles = []
    for table in root.iter("table"):
        fields = []
        for row in table.iter("tr"):
            cells = [cell for cell in row if cell.tag in ("td", "th")]
            code = "".join(cells[0].itertext()).strip().upper() if len(cells) > 1 else ""
            if code in CODES and next(row.iterancestors("table")) is table:
                fields.append((code, "\n\n".join(text_of_element(cell) for cell in cells[1:])))
        if len(_NEEDED & {code for code, _ in fields}) > 2:
            articles.append(fields)
    return articles


def codes_in_text(text: str) -> list[list[tuple[str, str]]]:
    """Return the (code, value) pairs of the lines with field codes, one list per article.

    >>> codes_in_text("HD  Velo falls\\nSN\\nHerald\\nPD\\n5 March 2024\\nTD\\nIt burned.\\nAN  Document X1")[0][:2]
    [('HD', 'Velo falls'), ('SN', 'Herald')]
    """
    fields: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        match = _CODED.fullmatch(line.strip(" \ufeff"))
        if match:
            fields.append((match["code"], [line, match["value"] or ""]))
        elif fields:
            fields[-1][1].append(line)
    articles = [_fields_of_article(fields[begin:end]) for begin, end in _bounds(fields)]
    return [article for article in articles if len(_NEEDED & {code for code, _ in article}) > 2]


def _bounds(fields: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[int, int]]:
    """Yield where each article's fields begin and end: up to its accession number, or to another article's head."""
    begin, seen = 0, set[str]()
    for i, (code, lines) in enumerate(fields):
        if _is_next_head(fields, i, seen):
            yield begin, i
            begin, seen = i, set()
        seen.add(code)
        if code == "AN" and _is_accession(lines):
            yield begin, i + 1
            begin, seen = i + 1, set()
    yield begin, len(fields)


def _is_next_head(fields: Sequence[tuple[str, Sequence[str]]], i: int, seen: set[str]) -> bool:
    """Return whether the field at `i` begins an article though the one before it has no accession number."""
    code = fields[i][0]
    if code not in ("SE", "HD", "CLM") or not seen & ({"HD"} if code == "HD" else {"LP", "TD"}):
        return False
    following = {name for name, _ in takewhile(lambda field: field[0] not in ("LP", "TD", "AN"), fields[i : i + 30])}
    return "HD" in following and len(_HEAD & following) > 2


def _is_accession(lines: Sequence[str]) -> bool:
    value = next((line.strip() for line in lines[1:] if line.strip()), "")
    return bool(
        re.match(r"(?:document|dokument|documento|документ)\s+\S+$|[A-Z][A-Z0-9]{11,40}$", value, re.IGNORECASE)
    )


def _fields_of_article(fields: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, str]]:
    """Return an article's fields; a line of its text that only looks like a field code stays in its text."""
    begins = [i for i, (code, _) in enumerate(fields) if code in ("LP", "TD")]
    last = next((i for i in begins if fields[i][0] == "TD"), begins[0] if begins else len(fields))
    end = len(fields)
    while end > last + 1 and _is_usual(*fields[end - 1]):
        end -= 1
    article: list[tuple[str, str]] = []
    for i, (code, lines) in enumerate(fields):
        if begins and begins[0] < i < end and i != last:
            name, value = article[-1]
            article[-1] = (name, _cleaned("\n".join((value, "", *lines[:1], *lines[2:]))))
        else:
            article.append((code, _cleaned("\n".join(lines[1:] if code != "AN" else lines[1:3]))))
    return article


def _is_usual(code: str, lines: Sequence[str]) -> bool:
    """Return whether a field below a text has the kind of value that exports give it."""
    value = " ".join(" ".join(lines[1:]).split())
    if code == "AN":
        return _is_accession(lines)
    if code in ("CO", "IN", "NS", "RE"):
        return all(re.match(r"\S{1,15} ?: ?\S", item.strip()) for item in value.split("|"))
    return code in _BELOW and len(value.split()) <= (200 if code in ("ART", "CX", "RF", "CT") else 12)


def _cleaned(value: str) -> str:
    return re.sub(r"\n\s*\n\s*", "\n\n", value).strip()


def starts_paragraph(lines: Sequence[str], i: int) -> bool:
    """Return whether a line of an export without field codes begins a new paragraph, though no empty line is above it.

    Below the number of words each line is a field, up to the next empty line.
    """
    if _ACCESSION.fullmatch(lines[i]):
        return True
    length = next((at for at, line in enumerate(lines) if _WORDS.fullmatch(line)), None)
    return length is not None and (i >= length or (i == length - 1 and bool(_BYLINE.fullmatch(lines[i]))))


def is_export_without_codes(lines: Sequence[str]) -> bool:
    """Return whether the lines are a Factiva export without field codes."""
    length = next((i for i, line in enumerate(lines) if _WORDS.fullmatch(line)), len(lines))
    return any(_ACCESSION.fullmatch(line) for line in lines[length:])


def read_codes(articles: Sequence[Sequence[tuple[str, str]]], where: str) -> ReadResult:
    """Read the articles of an export with field codes; unusable ones become refusals."""
    return read_articles((partial(_article_of_codes, fields) for fields in articles), where, _DATE_EXAMPLE)


def read_lines(lines: Sequence[str], where: str) -> ReadResult:
    """Read the articles of an export without field codes; unusable ones become refusals."""
    articles = (partial(_article_of_lines, *article) for article in _split_articles(lines))
    return read_articles(articles, where, _DATE_EXAMPLE)


def _article_of_codes(fields: Sequence[tuple[str, str]]) -> ArchivedArticle:
    """Return the article of one list of fields. Raises UnusableArticle."""
    values: dict[str, str] = {}
    for code, value in fields:
        values[code] = "\n\n".join(part for part in (values.get(code), value.strip()) if part)
    if "AN" not in values:
        raise UnusableArticle("the file ends within it: it has no accession number (AN); export it again")
    body = [part for code in ("LP", "TD") for part in values.get(code, "").split("\n\n") if part]
    if not body:
        raise UnusableArticle(
            "it has no text (LP, TD); export it with the display option Full Article/Report plus Indexing"
        )
    accession = _ACCESSION.search(values["AN"])
    flat = {code: " ".join(value.split()) for code, value in values.items()}
    return ArchivedArticle(
        ARCHIVE,
        body,
        title=flat.get("HD"),
        outlet=flat.get("SN"),
        day=flat.get("PD"),
        language=flat.get("LA"),
        copyright=flat.get("CY"),
        key=f"factiva:{(accession[1] if accession else flat['AN'])[:60]}" if flat["AN"] else None,
        metadata={name: flat[code] for code, name in _NAMES.items() if code in flat},
    )


def _split_articles(lines: Sequence[str]) -> Iterator[tuple[list[str], str | None]]:
    """Yield the lines of each article with the accession number at its end."""
    article_lines: list[str] = []
    marks = [i for i, line in enumerate(lines) if _ACCESSION.fullmatch(line)]
    following = dict(zip(marks, [*marks[1:], len(lines)], strict=False))
    for i, line in enumerate(lines):
        match = _ACCESSION.fullmatch(line)
        if match and (following[i] == len(lines) or _has_head(lines[i + 1 : following[i]])):
            yield article_lines, match[1].upper()
            article_lines = []
        else:
            article_lines.append(line)
    if _has_head(article_lines):
        yield article_lines, None


def _has_head(lines: Sequence[str]) -> bool:
    """Return whether lines hold the number of words that is above an article's text."""
    return any(_WORDS.fullmatch(line) for line in lines)


def _article_of_lines(lines: Sequence[str], accession: str | None) -> ArchivedArticle:
    """Return the article of lines without codes, recognised by order and shape. Raises UnusableArticle."""
    if accession is None:
        raise UnusableArticle("the file ends within it: no accession number (Document …) at its end; export it again")
    length_line = next((i for i, line in enumerate(lines) if _WORDS.fullmatch(line)), None)
    if length_line is None or length_line == 0:
        raise UnusableArticle("it has no line with its number of words below its title; export it with all fields")
    head, below = list(lines[:length_line]), list(lines[length_line + 1 :])
    author = head.pop() if len(head) > 1 and _BYLINE.fullmatch(head[-1]) else None
    day = below.pop(0) if below and is_date_line(below[0]) else None
    time = below.pop(0) if below and _CLOCK.fullmatch(below[0]) else None
    outlet = below.pop(0) if below else None
    last = next((i for i, line in enumerate(below[:10]) if _is_language(line)), None)
    if last is None:
        last = next((i for i, line in enumerate(below[:10]) if is_copyright(line)), None)
    while last is not None and last + 1 < len(below) and is_copyright(below[last + 1]):
        last += 1
    if not day or not outlet or last is None:
        raise UnusableArticle(
            "it lacks a date, an outlet or a language between its title and its text; export it with all fields"
        )
    index_lines = below[: last + 1]
    if not (body := below[last + 1 :]):
        raise UnusableArticle("it has no text; it may be a picture or a table")
    code = next((line for line in index_lines if re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", line)), "")
    return ArchivedArticle(
        ARCHIVE,
        body,
        title=head[-1],
        outlet=outlet,
        day=day,
        language=next((line for line in index_lines if _is_language(line)), None),
        copyright=next((line for line in index_lines if is_copyright(line)), None),
        key=f"factiva:{accession}",
        metadata={"author": author or "", "length": lines[length_line], "source_code": code, "time": time or ""},
    )


def _is_language(line: str) -> bool:
    return len(line) > 3 and len(line.split()) <= 2 and language_code(line) is not None
