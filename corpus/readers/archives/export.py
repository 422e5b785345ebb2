"""Archives: what the exports of Nexis and Factiva have in common, from their lines to a draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from corpus.article import short_digest
from corpus.draft import HARD_WRAP, Draft
from corpus.text.language import choose_language

from .dates import language_code, written_date

# what an archive sells may be analysed and not be passed on: whatever leaves the study quotes short passages of it
LICENSED = "licensed"

_COPYRIGHT = re.compile(r"\W*(?:copyright\W+(?:\(c\)|©)?\s*\d{4}|copyright\W*©|©|\(c\)\W*\d{4})", re.IGNORECASE)
_RESERVED = re.compile(r"all rights reserved|alle rechte vorbehalten|tous droits réservés", re.IGNORECASE)


class ExportParagraph(NamedTuple):
    """One paragraph of an export, and the address that it links to."""

    text: str
    link: str | None = None


class UnusableArticle(Exception):
    """One article of an export that cannot be taken; says why."""


def paragraphs_of_text(text: str, starts: Callable[[str], bool] = lambda line: False) -> list[ExportParagraph]:
    """Return the paragraphs of an export as text; `starts` tells lines that are not the last paragraph's next line.

    Archives wrap all lines of a file, or none.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    wrapped = all(len(line) <= HARD_WRAP for line in lines)
    found: list[list[str]] = [[]]
    for line in lines:
        if not line or not wrapped or starts(line):
            found.append([])
        if line:
            found[-1].append(line)
    return [ExportParagraph(" ".join(words)) for words in found if words]


def is_copyright(text: str) -> bool:
    """Say whether a line is one of copyright.

    >>> is_copyright("Copyright 2010 Guardian Unlimited"), is_copyright("The copyright law of Marn changed.")
    (True, False)
    """
    return len(text) < 300 and bool(_COPYRIGHT.match(text) or (len(text) < 120 and _RESERVED.search(text)))


def archive_draft(
    archive: str,
    body: Sequence[str],
    *,
    title: str | None,
    outlet: str | None,
    day: str | None,
    language: str | None,
    copyright: str | None,
    key: str | None,
    metadata: Mapping[str, str],
    url: str | None = None,
) -> Draft:
    """Return the draft of one article of an archive.

    Its key is the accession number, or else a digest of outlet, day, title and text: the same article of two exports
    is one article, and two letters to the editor under one title are two.
    """
    text = "\n\n".join(body)
    said = language_code(language)
    own = short_digest("\n".join((outlet or "", day or "", title or "", text)), 20)
    return Draft(
        text=text,
        key=key or f"{archive.lower()}:{own}",
        title=title or None,
        published=written_date(day) if day else None,
        outlet=outlet or None,
        language=choose_language(text, said),
        url=url,
        rights=f"{LICENSED} ({archive})" + (f": {copyright}" if copyright else ""),
        metadata={"archive": archive, **{name: value for name, value in metadata.items() if value}},
    )
