"""Read a file into drafts of its articles, with a refusal and its reason for everything that cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.draft import Draft, ReadResult, Refusal
from corpus.errors import BadFile
from corpus.text.decoding import decode_file

from .deadline import in_time, is_other_process, may_be_slow
from .folders import shown
from .kinds import is_manifest, kind_of
from .other_files import NotAnArticle, describes_others

if TYPE_CHECKING:
    from .formats.mail import WebPage

__all__ = ["read_file"]

MAX_BYTES = 300_000_000  # of a document or a mailbox
_ALWAYS = frozenset(("pdf",))  # a small one may unpack to a large one
_DOCUMENTS = _ALWAYS | {"page", "mail", "webarchive", "word", "opendocument", "rtf", "xml"}

# found in exported pages and in few others: only pages with one of these are read line by line
_ARCHIVE_MARKS = re.compile(
    r"articleParagraph|<b>\s*HD\b|\bof \d+ DOCUMENTS?\b|Dokument \d+ von \d+|Document \d+ de \d+|End of Document"
    r"|DocPublicationName|[tT]itreArticleVisu"
)


def read_file(path: Path, name: str | None = None, *, in_folder: bool = False) -> ReadResult:
    """Read one file, whose kind is recognised by its content, and by its extension where the content leaves it open.

    `name` (by default the file's name) is the key of articles that have no better one in the file. A file of a kind
    that holds no article is passed over if it was found `in_folder`, else refused. Never raises for the file's content:
    an unreadable file is a refusal.
    """
    name, where = shown(name or path.name), shown(path)
    try:
        if in_folder and describes_others(path.name):
            raise NotAnArticle("this file describes others; if it is an article, add it by its own name")
        if in_folder and is_manifest(path):
            raise NotAnArticle("this is the manifest of a folder in the folder that you add; add its folder by itself")
        return _without_other_archives(_read_in_time(path, name, kind_of(path)), name)
    except NotAnArticle as error:
        found = [Refusal(where, str(error))]
        return ReadResult(passed_over=found) if in_folder else ReadResult(refusals=found)
    except BadFile as error:
        return ReadResult(refusals=[Refusal(where, str(error))])
    except OSError as error:
        why = f"cannot be opened ({error.strerror}); check its name and your permissions"
        return ReadResult(refusals=[Refusal(where, why)])


def _without_other_archives(result: ReadResult, name: str) -> ReadResult:
    """Return the articles of a file. Raises BadFile if it is an export of an archive that is not read."""
    if [draft.key for draft in result.drafts] == [name] and "archive" not in result.drafts[0].metadata:
        from corpus.readers.archives.other_archives import other_archive

        if archive := other_archive(result.drafts[0].text):
            raise BadFile(
                f"this is an export of {archive}, which is not read: its labels would be taken for text; save each "
                "article's text as a file of its own, or all as a table (CSV) with a column text"
            )
    return result


def _read_in_time(path: Path, name: str, kind: str) -> ReadResult:
    """Read a file by its kind; a document whose library may take for ever on it, in the process that can be ended."""
    if kind in _DOCUMENTS and not is_other_process():
        data = _bytes(path)
        if kind in _ALWAYS or may_be_slow(data):
            arguments = {"path": str(path), "name": name, "kind": kind}
            found = in_time(f"{__name__}:json_of_file", b"", arguments, size=len(data))
            if isinstance(found, str):
                raise NotAnArticle(found)
            return ReadResult.of_json(found)
    return _READERS[kind](path, name)


def json_of_file(_data: bytes, path: str, name: str, kind: str) -> dict[str, Any] | str:
    """Return what a file holds as JSON can hold it, or why it holds no article. Raises BadFile."""
    try:
        return _READERS[kind](Path(path), name).json()
    except NotAnArticle as error:
        return str(error)


def _read_table(kind: str) -> Callable[[Path, str], ReadResult]:
    def read(path: Path, name: str) -> ReadResult:
        from .table import read_table

        return read_table(path, name, f".{kind}")

    return read


def _read_json(path: Path, name: str) -> ReadResult:
    from .json_rows import MAX_BYTES, read_json

    if path.stat().st_size > MAX_BYTES:
        raise BadFile(f"the JSON has more than {MAX_BYTES:,} bytes; save it as JSON lines (.jsonl)")
    return _decoded(path, lambda text: read_json(text, name, shown(path)))


def _read_workbook(path: Path, name: str) -> ReadResult:
    from .workbook import read_workbook

    return read_workbook(path, name)


def _read_word(path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import nexis
    from corpus.readers.archives.docx import paragraphs_of_docx

    paragraphs = paragraphs_of_docx(path)
    if nexis.is_export(paragraphs):
        return nexis.read_nexis(paragraphs, shown(path))
    if not paragraphs:
        raise BadFile("the Word file has no text; expected an article or a Nexis export")
    return ReadResult([Draft("\n\n".join(paragraph.text for paragraph in paragraphs), key=name)])


def _articles_of_paragraphs(paragraphs: list[str], name: str, where: str) -> ReadResult:
    """Return the articles of an archive's export, or the one article that the paragraphs are. Raises BadFile."""
    from corpus.readers.archives import factiva, nexis
    from corpus.readers.archives.export import ExportParagraph

    if articles := factiva.codes_in_text("\n\n".join(paragraphs)):
        return factiva.read_codes(articles, where)
    if factiva.is_export_without_codes(paragraphs):
        return factiva.read_lines(paragraphs, where)
    if nexis.is_export(lines := [ExportParagraph(paragraph) for paragraph in paragraphs]):
        return nexis.read_nexis(lines, where)
    if not paragraphs:
        raise BadFile("the file has no text; expected an article or an export of an archive")
    return ReadResult([Draft("\n\n".join(paragraphs), key=name)])


def _read_opendocument(path: Path, name: str) -> ReadResult:
    from .formats.opendocument import paragraphs_of_odt

    return _articles_of_paragraphs(paragraphs_of_odt(path), name, shown(path))


def _read_rtf(path: Path, name: str) -> ReadResult:
    from .formats.rtf import paragraphs_of_rtf

    paragraphs, doubt = paragraphs_of_rtf(_bytes(path).lstrip())
    result = _articles_of_paragraphs(paragraphs, name, shown(path))
    return replace(result, warnings=[*result.warnings, Refusal(shown(path), doubt)]) if doubt else result


def _read_pdf(path: Path, name: str) -> ReadResult:
    from .formats.pdf import paragraphs_of_pdf

    paragraphs, headline, notes = paragraphs_of_pdf(_bytes(path))
    result = _articles_of_paragraphs(paragraphs, name, shown(path))
    if headline and [draft.key for draft in result.drafts] == [name]:
        result = replace(result, drafts=[replace(result.drafts[0], title=headline)])
    return replace(result, warnings=[*result.warnings, *(Refusal(shown(path), why) for why in notes)])


def _read_xml(path: Path, name: str) -> ReadResult:
    from .formats.xml_articles import read_xml

    return read_xml(_bytes(path), name, shown(path))


def _read_page(path: Path, name: str) -> ReadResult:
    from .html import read_page

    return _articles_of_page(read_page(path), name, shown(path), is_workbook=path.suffix.lower() in (".xls", ".xlsx"))


def _read_mail(path: Path, name: str) -> ReadResult:
    from .formats.mail import page_of_mhtml, parse_mail, read_mail

    message = parse_mail(_bytes(path))
    page = page_of_mhtml(message, path.name)
    return read_mail(message, name, shown(path)) if page is None else _read_archived_page(page, name, shown(path))


def _read_mailbox(path: Path, name: str) -> ReadResult:
    from .formats.mail import read_mails

    return read_mails(_bytes(path), name, shown(path))


def _read_webarchive(path: Path, name: str) -> ReadResult:
    from .formats.mail import page_of_webarchive

    return _read_archived_page(page_of_webarchive(_bytes(path)), name, shown(path))


def _read_archived_page(page: WebPage, name: str, where: str) -> ReadResult:
    """Read the page in a web archive; the address it was saved from is its own unless the page states another."""
    result = _articles_of_page(page.data, name, where, page.charset)
    if page.address and [draft.key for draft in result.drafts] == [name]:
        return replace(result, drafts=[replace(result.drafts[0], key=page.address, url=page.address)])
    return result


def _bytes(path: Path) -> bytes:
    """Return a document's bytes. Raises BadFile if it is longer than any document."""
    if (size := path.stat().st_size) > MAX_BYTES:
        raise BadFile(f"the file has {size:,} bytes; expected at most {MAX_BYTES:,}; divide it into several")
    return path.read_bytes()


def _articles_of_page(
    data: bytes, name: str, where: str, charset: str | None = None, *, is_workbook: bool = False
) -> ReadResult:
    from .html import UNCLOSED_COMMENT, decode_page, draft_of_page, has_unclosed_comment

    html, doubt = decode_page(data, charset)
    warnings = [Refusal(where, doubt)] if doubt else []
    refusals = [Refusal(where, UNCLOSED_COMMENT)] if has_unclosed_comment(html) else []
    if _ARCHIVE_MARKS.search(html):
        from corpus.readers.archives import europresse, factiva, nexis
        from corpus.readers.archives.export import ExportParagraph
        from corpus.text.markup import parse_page, text_of_element

        root = parse_page(html)
        if root is not None:
            lines = [" ".join(line.split()) for line in text_of_element(root).split("\n\n") if line.strip()]
            paragraphs = [ExportParagraph(line) for line in lines]
            reading = None
            if europresse.is_export(root):
                reading = europresse.read_europresse(root, where)
            elif articles := factiva.codes_in_html(root):
                reading = factiva.read_codes(articles, where)
            elif factiva.is_export_without_codes(lines):
                reading = factiva.read_lines(lines, where)
            elif nexis.is_export(paragraphs):
                reading = nexis.read_nexis(paragraphs, where)
            if reading is not None:
                return replace(
                    reading, refusals=[*reading.refusals, *refusals], warnings=[*reading.warnings, *warnings]
                )
    has_table = "<td" in html.lower()
    if has_table and (table := _table_of_page(html, name, where)):
        return replace(table, refusals=[*table.refusals, *refusals], warnings=[*table.warnings, *warnings])
    if has_table and is_workbook:
        raise BadFile(
            "this is a page and not a workbook, without a table that has a column named text and one named outlet, "
            "title or date; open it in Excel, name its columns, and save it as XLSX or CSV"
        )
    return ReadResult([draft_of_page(data, name, charset)])


def _table_of_page(html: str, name: str, where: str) -> ReadResult | None:
    """Return the articles in a page that is a table with one in each row; None for other pages."""
    from corpus.text.markup import parse_page

    from .table import read_rows
    from .tables.html_table import rows_of_html_table

    try:
        root = parse_page(html)
    except BadFile:  # nested too deeply for this parser
        return None
    rows = None if root is None else rows_of_html_table(root)
    return None if rows is None else read_rows(rows, name, where)


def _read_text(path: Path, name: str) -> ReadResult:
    return _decoded(path, lambda text: _articles_in_text(text, path, name))


def _decoded(path: Path, read: Callable[[str], ReadResult]) -> ReadResult:
    """Return what `read` finds in a file's text, with a warning if its letters decided on its encoding."""
    text, doubt = decode_file(path.read_bytes())
    reading = read(text)
    return replace(reading, warnings=[*reading.warnings, Refusal(shown(path), doubt)]) if doubt else reading


def _articles_in_text(text: str, path: Path, name: str) -> ReadResult:
    from corpus.readers.archives import factiva, nexis
    from corpus.readers.archives.export import paragraphs_of_text

    from .text import draft_of_text

    if articles := factiva.codes_in_text(text):
        return factiva.read_codes(articles, shown(path))
    lines = [paragraph.text for paragraph in paragraphs_of_text(text, factiva.starts_paragraph)]
    if factiva.is_export_without_codes(lines):
        return factiva.read_lines(lines, shown(path))
    if nexis.is_export(paragraphs := paragraphs_of_text(text, nexis.starts_paragraph)):
        return nexis.read_nexis(paragraphs, shown(path))
    return ReadResult([draft_of_text(text, name)])


def _read_markdown(path: Path, name: str) -> ReadResult:
    from .formats.markdown import read_markdown

    return _decoded(path, lambda text: read_markdown(text, name, shown(path)))


_READERS: dict[str, Callable[[Path, str], ReadResult]] = {
    "csv": _read_table("csv"),
    "jsonl": _read_table("jsonl"),
    "parquet": _read_table("parquet"),
    "json": _read_json,
    "workbook": _read_workbook,
    "word": _read_word,
    "page": _read_page,
    "mail": _read_mail,
    "mbox": _read_mailbox,
    "webarchive": _read_webarchive,
    "text": _read_text,
    "markdown": _read_markdown,
    "opendocument": _read_opendocument,
    "xml": _read_xml,
    "rtf": _read_rtf,
    "pdf": _read_pdf,
}
