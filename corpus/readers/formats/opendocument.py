"""Read texts of LibreOffice and OpenOffice (ODT)."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Any

from corpus.draft import short_message
from corpus.errors import BadFile

from .xml_articles import MAX_BYTES, parse_xml

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_PARAGRAPHS = frozenset((f"{_TEXT}p", f"{_TEXT}h"))
_NOT_SHOWN = frozenset(
    (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation", f"{_TEXT}sequence-decls")
)


def paragraphs_of_odt(path: Path) -> list[str]:
    """Return the paragraphs of an ODT in order, without deleted text and comments. Raises BadFile."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
            data = file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError) as error:
        raise BadFile(
            f"the OpenDocument text is damaged or encrypted ({short_message(error)}); save it again, without a password"
        ) from None
    root = parse_xml(data, "OpenDocument text")
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise BadFile("the OpenDocument text has no text; it may be encrypted; save it again, without a password")
    return list(_paragraphs(body))


def _paragraphs(body: Any) -> list[str]:
    paragraphs: list[str] = []
    stack = [body]
    while stack:
        element = stack.pop()
        if element.tag in _PARAGRAPHS:
            inside: list[Any] = []
            if text := " ".join("".join(_words(element, inside)).split()):
                paragraphs.append(text)
            stack.extend(reversed(inside))  # footnotes and frames, after the paragraph that they are in
        elif element.tag not in _NOT_SHOWN:
            stack.extend(reversed(element))
    return paragraphs


def _words(paragraph: Any, inside: list[Any]) -> list[str]:
    """Return a paragraph's words; the paragraphs in it are added to `inside`."""
    parts = [paragraph.text or ""]
    stack = [(element, False) for element in reversed(paragraph)]
    while stack:
        element, is_end = stack.pop()
        if is_end:
            parts.append(element.tail or "")
            continue
        stack.append((element, True))
        if element.tag in _PARAGRAPHS:
            inside.append(element)
        elif element.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif element.tag not in _NOT_SHOWN and isinstance(element.tag, str):
            parts.append(element.text or "")
            stack.extend((below, False) for below in reversed(element))
    return parts
