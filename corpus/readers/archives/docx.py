"""Word files: the paragraphs of a DOCX, with the addresses that they link to."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

from corpus.draft import short_message
from corpus.errors import BadFile

from .export import ExportParagraph

MAX_BYTES = 100_000_000  # of text, unpacked: the archives give at most 500 articles in one file
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same words for older programs


def paragraphs_of_docx(path: Path) -> list[ExportParagraph]:
    """Return the paragraphs of a DOCX in their order. Raises BadFile where the file is none."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "word/document.xml" not in names:
                raise BadFile("this is a packed file and no Word document; unpack it, or add what is in it")
            document = _parse_xml(archive, "word/document.xml")
            known = "word/_rels/document.xml.rels"
            links = _links(_parse_xml(archive, known)) if known in names else {}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines, Parquet or a whole Word file "
            f"({short_message(error)}); download or save it again"
        ) from None
    blocks = []
    for paragraph in document.iter(f"{_W}p"):
        text = "".join(_words(paragraph)).strip()
        if text and not any(above.tag == _FALLBACK for above in paragraph.iterancestors()):
            linked = (links.get(link.get(_LINK, "")) for link in paragraph.iter(f"{_W}hyperlink"))
            blocks.append(ExportParagraph(text, next((address for address in linked if address), None)))
    return blocks


def _parse_xml(archive: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    with archive.open(name) as file:
        data = file.read(MAX_BYTES + 1)  # not what the archive says of itself: bombs lie
    if len(data) > MAX_BYTES:
        raise BadFile(f"the Word file holds more than {MAX_BYTES:,} bytes of text; export fewer articles into one file")
    if b"<!DOCTYPE" in data[:2000]:  # no Word file has one, and entities make a few lines swell to gigabytes
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
    """Return a paragraph's words: not what was deleted, nor paragraphs of boxes inside it, which come by themselves."""
    parts: list[str] = []
    left = list(reversed(paragraph))
    while left:
        element = left.pop()
        if element.tag == f"{_W}t":
            parts.append(element.text or "")
        elif element.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parts.append(" ")
        elif element.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif element.tag not in (f"{_W}p", f"{_W}del", _FALLBACK):
            left.extend(reversed(element))
    return parts
