"""Factiva: the articles of an export as HTML or text, with its field codes (HD, SN, PD …) or laid out without them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.draft import Draft, ReadResult, Refusal
from corpus.text.markup import text_of_element

from .dates import is_date_line, language_code
from .export import archive_draft, is_copyright

ARCHIVE = "Factiva"

_NAMES = {  # of the codes that go into an article's metadata
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
    """Return (code, value) of the tables that hold field codes, one list an article."""
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
    """Return (code, value) of the lines that hold field codes, one list an article.

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
    return [found for found in articles if len(_NEEDED & {code for code, _ in found}) > 2]


def _cleaned(value: str) -> str:
    return re.sub(r"\n\s*\n\s*", "\n\n", value).strip()


def starts_paragraph(line: str) -> bool:
    """Say whether a line of an export without field codes is not its paragraph's next one."""
    return any(p.fullmatch(line) for p in (_ACCESSION, _WORDS, _BYLINE, _CLOCK)) or is_date_line(line)


def is_export_without_codes(lines: Sequence[str]) -> bool:
    """Say whether these are the lines of an export without field codes."""
    return any(_ACCESSION.fullmatch(line) for line in lines) and any(_WORDS.fullmatch(line) for line in lines)


def read_codes(articles: Sequence[Sequence[tuple[str, str]]], where: str) -> ReadResult:
    """Return the articles of an export with field codes, and why others were not taken."""
    return _reading((_article_of_codes(fields) for fields in articles), where)


def read_lines(lines: Sequence[str], where: str) -> ReadResult:
    """Return the articles of an export without field codes, and why others were not taken."""
    return _reading((_article_of_lines(part, accession) for part, accession in _split_articles(lines)), where)


def _reading(found: Iterator[Draft | str], where: str) -> ReadResult:
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    for number, draft in enumerate(found, 1):
        if isinstance(draft, str):
            refusals.append(Refusal(f"{where}, article {number}", draft))
            continue
        drafts.append(draft)
        if draft.published is None:
            fault = "its date cannot be read, so it has none; expected one such as 5 March 2024"
            refusals.append(Refusal(f"{where}, article {number}", fault))
    return ReadResult(drafts, refusals)


def _article_of_codes(fields: Sequence[tuple[str, str]]) -> Draft | str:
    """Return the article of one list of fields, or in words why it cannot be taken."""
    said: dict[str, str] = {}
    for code, value in fields:
        said[code] = "\n\n".join(part for part in (said.get(code), value.strip()) if part)
    if "AN" not in said:
        return "the file breaks off in it: it has no accession number (AN); export it again"
    body = [part for code in ("LP", "TD") for part in said.get(code, "").split("\n\n") if part]
    if not body:
        return "it has no text (LP, TD); export it with the display option Full Article/Report plus Indexing"
    accession = _ACCESSION.search(said["AN"])
    flat = {code: " ".join(value.split()) for code, value in said.items()}
    return archive_draft(
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
    """Yield the lines of each article with the accession number that closes it."""
    part: list[str] = []
    for line in lines:
        if match := _ACCESSION.fullmatch(line):
            yield part, match[1].upper()
            part = []
        else:
            part.append(line)
    if any(_WORDS.fullmatch(line) for line in part):
        yield part, None


def _article_of_lines(lines: Sequence[str], accession: str | None) -> Draft | str:
    """Return the article of lines without codes, told by their order and shape, or in words why it cannot be taken."""
    if accession is None:
        return "the file breaks off in it: no accession number (Document …) closes it; export it again"
    at = next((i for i, line in enumerate(lines) if _WORDS.fullmatch(line)), None)
    if at is None or at == 0:
        return "no line with its number of words stands under its title; export it again with all fields"
    head, rest = list(lines[:at]), list(lines[at + 1 :])
    author = head.pop() if len(head) > 1 and _BYLINE.fullmatch(head[-1]) else None
    day = rest.pop(0) if rest and is_date_line(rest[0]) else None
    time = rest.pop(0) if rest and _CLOCK.fullmatch(rest[0]) else None
    outlet = rest.pop(0) if rest else None
    last = max((i for i, line in enumerate(rest[:10]) if is_copyright(line) or _is_language(line)), default=None)
    if not day or not outlet or last is None:
        return "it lacks a date, an outlet or a language between its title and its text; export it with all fields"
    between = rest[: last + 1]
    if not (body := rest[last + 1 :]):
        return "it has no text; it may be a picture or a table"
    code = next((line for line in between if re.fullmatch(r"[A-Z][A-Z0-9]{1,9}", line)), "")
    return archive_draft(
        ARCHIVE,
        body,
        title=head[-1],
        outlet=outlet,
        day=day,
        language=next((line for line in between if _is_language(line)), None),
        copyright=next((line for line in between if is_copyright(line)), None),
        key=f"factiva:{accession}",
        metadata={"author": author or "", "length": lines[at], "source_code": code, "time": time or ""},
    )


def _is_language(line: str) -> bool:
    return len(line) > 3 and len(line.split()) <= 2 and language_code(line) is not None
