"""Read the paragraphs of a Word file (DOCX), with the addresses they link to."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

from corpus.draft import short_message
from corpus.errors import BadFile

from .export import ExportParagraph

MAX_BYTES = 100_000_000  # of uncompressed text: archives export at most 500 articles in one file
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same text again


def paragraphs_of_docx(path: Path) -> list[ExportParagraph]:
    """Return the paragraphs of a DOCX in order. Raises BadFile if the file is not a Word document."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "word/document.xml" not in names:
                raise BadFile("this is a ZIP file but not a Word document; unpack it and add the files in it")
            document = _parse_xml(archive, "word/document.xml")
            relations = "word/_rels/document.xml.rels"
            links = _links(_parse_xml(archive, relations)) if relations in names else {}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines, Parquet or an undamaged Word file "
            f"({short_message(error)}); download or save it again"
        ) from None
    paragraphs = []
    for paragraph in document.iter(f"{_W}p"):
        text = "".join(_words(paragraph)).strip()
        if text and not any(ancestor.tag == _FALLBACK for ancestor in paragraph.iterancestors()):
            addresses = (links.get(link.get(_LINK, "")) for link in paragraph.iter(f"{_W}hyperlink"))
            paragraphs.append(ExportParagraph(text, next((address for address in addresses if address), None)))
    return paragraphs


def _parse_xml(archive: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    with archive.open(name) as file:
        data = file.read(MAX_BYTES + 1)  # the declared size is not reliable (ZIP bombs)
    if len(data) > MAX_BYTES:
        raise BadFile(f"the Word file holds more than {MAX_BYTES:,} bytes of text; export fewer articles into one file")
    if b"<!DOCTYPE" in data[:2000]:  # Word files have none; entities can expand to gigabytes
        raise BadFile("the Word file defines entities, which no Word file needs; download or save it again")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadFile(f"the Word file is damaged ({short_message(error)}); download or save it again") from None


def _links(relations: Any) -> dict[str, str]:
    return {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in relations
        if isinstance(relation.tag, str) and relation.get("TargetMode") == "External"
    }


def _words(paragraph: Any) -> list[str]:
    """Return a paragraph's words, without deleted text and without nested paragraphs (text boxes), read separately."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parts.append(" ")
        elif element.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif element.tag not in (f"{_W}p", f"{_W}del", _FALLBACK):
            stack.extend(reversed(element))
    return parts
