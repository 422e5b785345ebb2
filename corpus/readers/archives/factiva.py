"""Read Factiva exports (HTML or text), with field codes (HD, SN, PD …) or without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from corpus.draft import Draft, ReadResult
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
            fields.append((match["code"], [match["value"] or ""]))
        elif fields:
            fields[-1][1].append(line)
    articles: list[list[tuple[str, str]]] = [[]]
    for code, lines in fields:
        seen = {name for name, _ in articles[-1]}
        if "AN" in seen or (code == "HD" and "HD" in seen):  # the accession number closes an article
            articles.append([])
        articles[-1].append((code, _cleaned("\n".join(lines) if code != "AN" else "\n".join(lines[:2]))))
    return [article for article in articles if len(_NEEDED & {code for code, _ in article}) > 2]


def _cleaned(value: str) -> str:
    return re.sub(r"\n\s*\n\s*", "\n\n", value).strip()


def starts_paragraph(line: str) -> bool:
    """Return whether a line of an export without field codes begins a new paragraph."""
    return any(p.fullmatch(line) for p in (_ACCESSION, _WORDS, _BYLINE, _CLOCK)) or is_date_line(line)


def is_export_without_codes(lines: Sequence[str]) -> bool:
    """Return whether the lines are a Factiva export without field codes."""
    return any(_ACCESSION.fullmatch(line) for line in lines) and any(_WORDS.fullmatch(line) for line in lines)


def read_codes(articles: Sequence[Sequence[tuple[str, str]]], where: str) -> ReadResult:
    """Read the articles of an export with field codes; unusable ones become refusals."""
    return read_articles((partial(_article_of_codes, fields) for fields in articles), where, _DATE_EXAMPLE)


def read_lines(lines: Sequence[str], where: str) -> ReadResult:
    """Read the articles of an export without field codes; unusable ones become refusals."""
    articles = (partial(_article_of_lines, *article) for article in _split_articles(lines))
    return read_articles(articles, where, _DATE_EXAMPLE)


def _article_of_codes(fields: Sequence[tuple[str, str]]) -> Draft:
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
    ).draft()


def _split_articles(lines: Sequence[str]) -> Iterator[tuple[list[str], str | None]]:
    """Yield the lines of each article with the accession number at its end."""
    article_lines: list[str] = []
    for line in lines:
        if match := _ACCESSION.fullmatch(line):
            yield article_lines, match[1].upper()
            article_lines = []
        else:
            article_lines.append(line)
    if any(_WORDS.fullmatch(line) for line in article_lines):
        yield article_lines, None


def _article_of_lines(lines: Sequence[str], accession: str | None) -> Draft:
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
    last = max((i for i, line in enumerate(below[:10]) if is_copyright(line) or _is_language(line)), default=None)
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
    ).draft()


def _is_language(line: str) -> bool:
    return len(line) > 3 and len(line.split()) <= 2 and language_code(line) is not None
