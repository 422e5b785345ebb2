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
MAX_PARAGRAPHS = 300_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = (  # names of the strict form of Open XML, in which Word can save as well
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", _W[1:-1].encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", _LINK[1:].partition("}")[0].encode()),
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same text again
_UNSEEN = (_FALLBACK, f"{_W}del", f"{_W}moveFrom", f"{_W}rt")  # repeated, deleted, moved away, a reading aid


def paragraphs_of_docx(path: Path) -> list[ExportParagraph]:
    """Return the paragraphs of a DOCX in order, footnotes below their paragraph, without page headers and footers.

    Raises BadFile if the file is not a Word document.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if "word/document.xml" not in names:
                raise BadFile("this is a ZIP file but not a Word document; unpack it and add the files in it")
            document = _parse_xml(archive, "word/document.xml")
            relations = "word/_rels/document.xml.rels"
            links = _links(_parse_xml(archive, relations)) if relations in names else {}
            parts = (part for part in ("word/footnotes.xml", "word/endnotes.xml") if part in names)
            notes = {key: note for part in parts for key, note in _notes(_parse_xml(archive, part)).items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadFile(
            "this is a binary file; expected text, HTML, CSV, JSON lines, Parquet or an undamaged Word file "
            f"({short_message(error)}); download or save it again"
        ) from None
    paragraphs = []
    kept = ""  # the words of a paragraph whose mark was deleted: the next paragraph continues it
    for paragraph in document.iter(f"{_W}p"):
        if any(ancestor.tag in _UNSEEN for ancestor in paragraph.iterancestors()):
            continue
        words = kept + "".join(_words(paragraph))
        is_joined = paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None
        kept = words if is_joined else ""
        if not is_joined and words.strip():
            addresses = (links.get(link.get(_LINK, "")) for link in paragraph.iter(f"{_W}hyperlink"))
            paragraphs.append(ExportParagraph(words.strip(), next((address for address in addresses if address), None)))
        for reference in paragraph.iter(f"{_W}footnoteReference", f"{_W}endnoteReference"):
            note = notes.get((reference.tag.removesuffix("Reference"), reference.get(f"{_W}id", "")))
            paragraphs.extend(map(ExportParagraph, note or ()))
    if kept.strip():
        paragraphs.append(ExportParagraph(kept.strip()))
    return paragraphs


def _parse_xml(archive: zipfile.ZipFile, name: str) -> Any:
    from lxml import etree

    with archive.open(name) as file:
        data = file.read(MAX_BYTES + 1)  # the declared size is not reliable (ZIP bombs)
    if len(data) > MAX_BYTES:
        raise BadFile(f"the Word file holds more than {MAX_BYTES:,} bytes of text; export fewer articles into one file")
    if data.count(b"<w:p>") + data.count(b"<w:p ") > MAX_PARAGRAPHS:
        raise BadFile(f"the Word file has more than {MAX_PARAGRAPHS:,} paragraphs; divide it into several")
    if b"<!DOCTYPE" in data[:2000]:  # Word files have none; entities can expand to gigabytes
        raise BadFile("the Word file defines entities, which no Word file needs; download or save it again")
    for strict, usual in _STRICT:
        data = data.replace(strict, usual)
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


def _notes(notes: Any) -> dict[tuple[str, str], list[str]]:
    """Return the paragraphs of footnotes or endnotes by (kind, number)."""
    return {
        (note.tag, note.get(f"{_W}id", "")): [
            text for paragraph in note.iter(f"{_W}p") if (text := "".join(_words(paragraph)).strip())
        ]
        for note in notes
        if note.tag in (f"{_W}footnote", f"{_W}endnote")
    }


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val", "true") not in ("0", "false", "off")


def _words(paragraph: Any) -> list[str]:
    """Return a paragraph's words, without what was deleted, moved away or hidden.

    Nested paragraphs (text boxes) are left out, as they are read separately.
    """
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
        elif element.tag == f"{_W}softHyphen":
            parts.append("\u00ad")
        elif element.tag not in (f"{_W}p", *_UNSEEN) and not (element.tag == f"{_W}r" and _is_hidden(element)):
            stack.extend(reversed(element))
    return parts
