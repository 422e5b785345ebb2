"""Recognise the kind of a file: by its content first, by its extension where the content leaves it open."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from pathlib import Path

from corpus.draft import short_message
from corpus.errors import BadFile
from corpus.text.decoding import check_file

from .manifest import MANIFEST_NAME
from .other_files import (
    NotAnArticle,
    check_old_office,
    check_package,
    check_signature,
    extension_of,
    reason_by_name,
)
from .table import check_columns
from .tables.columns import fields_of
from .tables.csv_text import csv_table

_TABLES = frozenset(("csv", "tsv", "tab", "jsonl", "ndjson", "parquet"))
_PAGES = frozenset(("html", "htm", "xhtml", "shtml", "asp", "aspx", "php", "jsp", "cfm"))
_TEXTS = frozenset(("", "txt", "text", "asc", "ascii", "utf8", "story"))
_DOCUMENTS = frozenset(("doc", "docx", "rtf", "pdf", "odt"))  # other programs' kinds, where the content is plain text
_WORKBOOKS = frozenset(("xls", "xlsx"))  # often tables or pages in text, which Excel opens as well
_MARKDOWN = frozenset(("md", "markdown", "mdown", "mkd"))
_LINES = 50  # by which a table between tabs is recognised
_HEAD = 65_536  # bytes by which a kind is recognised

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,300}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype html|html)\b", re.IGNORECASE | re.DOTALL
)
_PART_OF_PAGE = re.compile(
    r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:head|body|title|meta|article|section|main|header|div|p|h[1-6]|table|span|script)\b[^<>]{0,2000}>",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*(?:<\?xml\b|<!DOCTYPE\s|<(?:nitf|newsItem|newsMessage|TEI|TEI\.2|rss|feed|rdf:RDF|svg)\b)")
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40}):(?:[ \t]|$)")
_OF_MAIL = frozenset(
    (
        *("mime-version", "message-id", "received", "return-path", "content-type", "content-transfer-encoding"),
        *("delivered-to", "dkim-signature", "x-mailer", "in-reply-to", "list-unsubscribe"),
        "snapshot-content-location",
    )
)
_COMMON_IN_MAIL = frozenset(("from", "to", "subject", "date", "cc", "reply-to", "sender"))
_MBOX = re.compile(r"From \S.*\d\d:\d\d(:\d\d)?.*\d{4}[^\n]*\r?\n[A-Za-z-]+: ")


def kind_of(path: Path) -> str:
    """Return a file's kind: text, markdown, page, csv, jsonl, json, parquet, workbook, word, opendocument, mail, …

    Raises NotAnArticle for a kind that holds no article, BadFile for one that must be converted first, and OSError.
    """
    why, extension = reason_by_name(path.name), extension_of(path.name)
    if why:
        raise NotAnArticle(why)
    check_file(path)
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head.strip() and not file.read(_HEAD).strip():
            raise NotAnArticle("the file is empty; expected an article's text")
    if head.startswith(b"PAR1") or extension == "parquet":
        return "parquet"
    if head.lstrip()[:5].startswith((b"%PDF-", b"{\\rtf")) or (b"%PDF-" in head[:1024] and b"\x00" not in head[:8]):
        return "rtf" if head.lstrip().startswith(b"{\\rtf") else "pdf"
    check_signature(head)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        check_old_office(path.read_bytes())
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    if head.startswith(b"bplist00"):
        if b"WebMainResource" in head:
            return "webarchive"
        raise NotAnArticle("this is a program or its settings")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _kind_of_binary(extension)
    return _kind_of_text(path, _decoded(head), extension)


def _beginning(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return file.read(100).decode("ascii", "replace").strip()


def _kind_of_binary(extension: str) -> str:
    if extension in _PAGES:
        return "page"  # its reader says what to do
    why = "this is a binary file; expected text, HTML, CSV, JSON lines or Parquet with the matching file extension"
    if extension in {*_TEXTS, *_MARKDOWN, *_TABLES, "docx", "doc", "rtf", "pdf", "eml", "xml", "json"}:
        raise BadFile(why)
    raise NotAnArticle(why)


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mimetype = _beginning(archive, "mimetype") if "mimetype" in names else ""
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines, Parquet or an undamaged Word file "
            f"({short_message(error)}); download or save it again"
        ) from None
    if "word/document.xml" in names:
        return "word"
    if "xl/workbook.xml" in names:
        return "workbook"
    if mimetype.startswith("application/vnd.oasis.opendocument.text"):
        return "opendocument"
    check_package(names, mimetype)
    raise AssertionError


def _decoded(head: bytes) -> str:
    """Return the beginning of a text for recognising its kind; what cannot be decoded is replaced."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    return head.decode("utf-8-sig", "replace")


def _kind_of_text(path: Path, head: str, extension: str) -> str:
    """Return the kind of a file that is not binary."""
    if kind := _kind_of_mail(head, extension):
        return kind
    if _PAGE.match(head) or (extension in (*_PAGES, *_TEXTS, *_WORKBOOKS) and _PART_OF_PAGE.match(head)):
        return "page"
    if extension in ("csv", "tsv", "tab"):
        return "csv"
    if _XML.match(head) or extension in ("xml", "nitf", "tei", "rss", "atom"):
        return "page" if extension in _PAGES else "xml"
    if extension == "json":
        return "json"
    if extension in ("jsonl", "ndjson"):
        return "json" if head.lstrip()[:1] in ("[", "{") and _spans_lines(path, head) else "jsonl"
    if extension in _PAGES:
        return "page"
    if extension in _MARKDOWN:
        return "markdown"
    if extension in _WORKBOOKS:
        return "csv"
    if extension not in _TEXTS | _DOCUMENTS:
        raise NotAnArticle(
            f"files with the extension .{extension} are not read; expected text (TXT), Markdown, Word, PDF, HTML, CSV, "
            "XLSX, JSON or mail; if it is an article's text, rename it to .txt"
        )
    if head.lstrip()[:1] in ("[", "{") and _is_json(path):
        return "json"
    return "csv" if _is_table(head) else "text"


def _kind_of_mail(head: str, extension: str) -> str | None:
    if extension == "emlx":
        return "mail"
    if _MBOX.match(head) or extension in ("mbox", "mbx"):
        return "mbox"
    if extension in ("eml", "mht", "mhtml") or is_mail(head):
        return "mail"
    return None


def is_mail(head: str) -> bool:
    r"""Return whether a text begins with the headers of a mail.

    >>> is_mail("From: a@x.example\nSubject: Velo\nMIME-Version: 1.0\n\nIt fell.")
    True
    >>> is_mail("Subject: Velo\nDate: 5 March\n\nIt fell.")
    False
    """
    found, matched = set(), False
    for line in head.lstrip().split("\n")[:60]:
        if not line.strip():
            break
        if match := _HEADER.match(line):
            found.add(match[1].lower())
            matched = True
        elif not matched or line[:1] not in (" ", "\t"):
            return False
    return len(found) >= 2 and bool(found & _OF_MAIL) and bool(found & (_OF_MAIL | _COMMON_IN_MAIL))


def _spans_lines(path: Path, head: str) -> bool:
    """Return whether a file named as JSON lines is a list of objects, or objects over several lines."""
    first = head.strip().split("\n", 1)[0].strip()
    if first in ("{", "["):
        return True
    try:
        json.loads(first)
        return head.lstrip().startswith("[{") and "\n" not in head.strip()
    except (ValueError, RecursionError):
        return _is_json(path)


def is_manifest(path: Path) -> bool:
    """Return whether a file is a manifest, by its name and its columns: it says which outlet each file belongs to."""
    if path.name.lower() != MANIFEST_NAME:
        return False
    with path.open("rb") as file:
        head = _decoded(file.read(_HEAD))
    try:
        return fields_of(csv_table(head).columns).keys() >= {"file", "outlet"}
    except BadFile:
        return False


def _is_json(path: Path) -> bool:
    """Return whether a file is JSON, or has a JSON object in its first line."""
    text = _decoded(path.read_bytes())
    for part in (text, text.lstrip().split("\n", 1)[0]):
        try:
            if isinstance(json.loads(part), list | dict):
                return True
        except (ValueError, RecursionError):
            continue
    return False


def _is_table(head: str) -> bool:
    """Return whether a text begins with a row of known columns, or all its lines have as many cells between tabs."""
    lines = head.splitlines()[: -1 if len(head) > _HEAD // 4 else None]  # the last one may be longer than the head
    tabs = [line.count("\t") for line in lines[:_LINES] if line.strip()]
    if len(tabs) > 1 and tabs[0] > 1 and len(set(tabs)) == 1:
        return True
    if len(re.split(r"[\r\n]", head, maxsplit=1)[0]) > 1000:
        return False
    try:
        columns = csv_table(head).columns
        check_columns(columns)
    except BadFile:
        return False
    return len(columns) > 1 and all(len(column) <= 40 for column in columns)  # a sentence may begin with Text,
