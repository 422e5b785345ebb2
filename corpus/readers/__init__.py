"""Readers: from a file to the articles in it, and a list of what was refused and why."""

from __future__ import annotations

import re
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
# what an archive's page has somewhere, and few others: only then is it looked at line by line
_ARCHIVE_MARKS = re.compile(
    r"articleParagraph|<b>\s*HD\b|\bof \d+ DOCUMENTS?\b|Dokument \d+ von \d+|Document \d+ de \d+|End of Document"
)


def read_file(path: Path, name: str | None = None) -> ReadResult:
    """Read one file: by what stands in it an archive's export or a Word file, by its name's ending a table or a page.

    What is none of these is read as plain text. `name` is what its articles are known by, where nothing better stands
    in the file; by default the file's name. Never raises for what stands in the file: an unreadable one is a refusal.
    """
    name = name or path.name
    try:
        if path.suffix.lower() in TABLES:
            from .table import read_table

            return read_table(path, name)
        with path.open("rb") as file:
            head = file.read(1000)
        for beginning, kind in _UNREADABLE_FORMATS.items():
            if head.startswith(beginning):
                raise BadFile(f"this is {kind}, which does not keep what is text and what is not; export DOCX or HTML")
        if head.startswith(b"PK\x03\x04"):
            return _read_word(path, name)
        return _read_page(path, name) if path.suffix.lower() in PAGES or _PAGE.match(head) else _read_text(path, name)
    except BadFile as error:
        return ReadResult([], [Refusal(str(path), str(error))])
    except OSError as error:
        return ReadResult(
            [], [Refusal(str(path), f"cannot be opened ({error.strerror}); check the name and your rights")]
        )


def _read_word(path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import nexis
    from corpus.readers.archives.docx import paragraphs_of_docx

    blocks = paragraphs_of_docx(path)
    if nexis.is_export(blocks):
        return nexis.read_nexis(blocks, str(path))
    if not blocks:
        raise BadFile("there are no words in the Word file; expected an article, or an export of Nexis")
    return ReadResult([Draft("\n\n".join(block.text for block in blocks), key=name)], [])


def _read_page(path: Path, name: str) -> ReadResult:
    from .html import UNCLOSED_COMMENT, decode_page, draft_of_page, has_unclosed_comment, read_page

    data = read_page(path)
    html = decode_page(data)
    lost = [Refusal(str(path), UNCLOSED_COMMENT)] if has_unclosed_comment(html) else []
    if _ARCHIVE_MARKS.search(html):
        from corpus.readers.archives import factiva, nexis
        from corpus.readers.archives.export import ExportParagraph
        from corpus.text.markup import parse_page, text_of_element

        root = parse_page(html)
        if root is not None:
            if articles := factiva.codes_in_html(root):
                return _with_refusals(factiva.read_codes(articles, str(path)), lost)
            lines = [" ".join(line.split()) for line in text_of_element(root).split("\n\n") if line.strip()]
            if factiva.is_export_without_codes(lines):
                return _with_refusals(factiva.read_lines(lines, str(path)), lost)
            if nexis.is_export(blocks := [ExportParagraph(line) for line in lines]):
                return _with_refusals(nexis.read_nexis(blocks, str(path)), lost)
    return ReadResult([draft_of_page(data, key=name)], [])


def _with_refusals(reading: ReadResult, more: list[Refusal]) -> ReadResult:
    return ReadResult(reading.drafts, [*reading.refusals, *more])


def _read_text(path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import factiva, nexis
    from corpus.readers.archives.export import paragraphs_of_text

    from .text import draft_of_text

    text = decode_text(path.read_bytes())
    if nexis.is_export(blocks := paragraphs_of_text(text, nexis.starts_paragraph)):
        return nexis.read_nexis(blocks, str(path))
    if articles := factiva.codes_in_text(text):
        return factiva.read_codes(articles, str(path))
    if factiva.is_export_without_codes(
        lines := [block.text for block in paragraphs_of_text(text, factiva.starts_paragraph)]
    ):
        return factiva.read_lines(lines, str(path))
    return ReadResult([draft_of_text(text, name)], [])
