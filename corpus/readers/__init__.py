"""Read a file into drafts of its articles, with a refusal and its reason for everything that cannot be used."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from corpus.draft import Draft, ReadResult, Refusal, decode_text
from corpus.errors import BadFile

__all__ = ["read"]

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
PAGES = (".html", ".htm", ".xhtml")

_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)*<(?:!doctype html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
_UNREADABLE_FORMATS = {b"{\\rtf": "RTF", b"%PDF": "PDF", b"\xd0\xcf\x11\xe0": "an old Word file"}
# found in exported pages and in few others: only pages with one of these are read line by line
_ARCHIVE_MARKS = re.compile(
    r"articleParagraph|<b>\s*HD\b|\bof \d+ DOCUMENTS?\b|Dokument \d+ von \d+|Document \d+ de \d+|End of Document"
)


def read_file(path: Path, name: str | None = None) -> ReadResult:
    """Read one file: tables and pages by the file's extension, archive exports and Word files by their content.

    Everything else is read as plain text. `name` (by default the file's name) is the key of articles that have no
    better one in the file. Never raises for the file's content: an unreadable file is a refusal.
    """
    name = name or path.name
    try:
        if path.suffix.lower() in TABLES:
            from .table import read_table

            return read_table(path, name)
        with path.open("rb") as file:
            head = file.read(1000)
        for signature, kind in _UNREADABLE_FORMATS.items():
            if head.startswith(signature):
                raise BadFile(f"this is {kind}, which does not mark what is article text; export DOCX or HTML instead")
        if head.startswith(b"PK\x03\x04"):
            return _read_word(path, name)
        return _read_page(path, name) if path.suffix.lower() in PAGES or _PAGE.match(head) else _read_text(path, name)
    except BadFile as error:
        return ReadResult(refusals=[Refusal(str(path), str(error))])
    except OSError as error:
        why = f"cannot be opened ({error.strerror}); check its name and your permissions"
        return ReadResult(refusals=[Refusal(str(path), why)])


def _read_word(path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import nexis
    from corpus.readers.archives.docx import paragraphs_of_docx

    paragraphs = paragraphs_of_docx(path)
    if nexis.is_export(paragraphs):
        return nexis.read_nexis(paragraphs, str(path))
    if not paragraphs:
        raise BadFile("the Word file has no text; expected an article or a Nexis export")
    return ReadResult([Draft("\n\n".join(paragraph.text for paragraph in paragraphs), key=name)])


def _read_page(path: Path, name: str) -> ReadResult:
    from .html import UNCLOSED_COMMENT, decode_page, draft_of_page, has_unclosed_comment, read_page

    data = read_page(path)
    html = decode_page(data)
    refusals = [Refusal(str(path), UNCLOSED_COMMENT)] if has_unclosed_comment(html) else []
    if _ARCHIVE_MARKS.search(html):
        from corpus.readers.archives import factiva, nexis
        from corpus.readers.archives.export import ExportParagraph
        from corpus.text.markup import parse_page, text_of_element

        root = parse_page(html)
        if root is not None:
            lines = [" ".join(line.split()) for line in text_of_element(root).split("\n\n") if line.strip()]
            paragraphs = [ExportParagraph(line) for line in lines]
            reading = None
            if articles := factiva.codes_in_html(root):
                reading = factiva.read_codes(articles, str(path))
            elif factiva.is_export_without_codes(lines):
                reading = factiva.read_lines(lines, str(path))
            elif nexis.is_export(paragraphs):
                reading = nexis.read_nexis(paragraphs, str(path))
            if reading is not None:
                return replace(reading, refusals=[*reading.refusals, *refusals])
    return ReadResult([draft_of_page(data, key=name)])


def _read_text(path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import factiva, nexis
    from corpus.readers.archives.export import paragraphs_of_text

    from .text import draft_of_text

    text = decode_text(path.read_bytes())
    if nexis.is_export(paragraphs := paragraphs_of_text(text, nexis.starts_paragraph)):
        return nexis.read_nexis(paragraphs, str(path))
    if articles := factiva.codes_in_text(text):
        return factiva.read_codes(articles, str(path))
    lines = [paragraph.text for paragraph in paragraphs_of_text(text, factiva.starts_paragraph)]
    if factiva.is_export_without_codes(lines):
        return factiva.read_lines(lines, str(path))
    return ReadResult([draft_of_text(text, name)])
