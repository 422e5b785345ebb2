"""What exports of Nexis and Factiva share: paragraphs, copyright lines, and the draft of an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.article import short_digest
from corpus.draft import HARD_WRAP, Draft, ReadResult, Refusal
from corpus.text.language import choose_language
from corpus.text.language_names import language_code

from .dates import written_date

LICENSED = "licensed"  # texts that may be analysed but not passed on: exports and reports quote short stretches only

_COPYRIGHT = re.compile(r"\W*(?:copyright\W+(?:\(c\)|©)?\s*\d{4}|copyright\W*©|©|\(c\)\W*\d{4})", re.IGNORECASE)
_RESERVED = re.compile(r"all rights reserved|alle rechte vorbehalten|tous droits réservés", re.IGNORECASE)


class ExportParagraph(NamedTuple):
    """One paragraph of an export, with the address it links to."""

    text: str
    link: str | None = None


class UnusableArticle(Exception):
    """An article of an export that cannot be used, with the reason."""


def read_articles(articles: Iterable[Callable[[], Draft]], where: str, date_example: str) -> ReadResult:
    """Call the function that reads each article; those that raise UnusableArticle become refusals.

    `where` names the file in refusals.
    """
    result = ReadResult()
    for number, read_article in enumerate(articles, 1):
        place = f"{where}, article {number}"
        try:
            result.drafts.append(read_article())
        except UnusableArticle as error:
            result.refusals.append(Refusal(place, str(error)))
            continue
        if result.drafts[-1].published is None:
            why = f"its date cannot be read, so it was added without one; expected a date such as {date_example}"
            result.warnings.append(Refusal(place, why))
    return result


def paragraphs_of_text(text: str, starts: Callable[[str], bool] = lambda line: False) -> list[ExportParagraph]:
    """Return the paragraphs of an export in plain text; `starts` says whether a line begins a new paragraph.

    Archives wrap either all lines of a file or none.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    wrapped = all(len(line) <= HARD_WRAP for line in lines)
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line or not wrapped or starts(line):
            paragraphs.append([])
        if line:
            paragraphs[-1].append(line)
    return [ExportParagraph(" ".join(paragraph)) for paragraph in paragraphs if paragraph]


def is_copyright(text: str) -> bool:
    """Return whether a line is a copyright notice.

    >>> is_copyright("Copyright 2010 Guardian Unlimited"), is_copyright("The copyright law of Marn changed.")
    (True, False)
    """
    return len(text) < 300 and bool(_COPYRIGHT.match(text) or (len(text) < 120 and _RESERVED.search(text)))


@dataclass(frozen=True)
class ArchivedArticle:
    """An article as an archive's export gives it: its body by paragraphs, its date and language in words.

    `key` is the accession number. Without one the draft's key is a digest of outlet, day, title and text: the same
    article in two exports is added once, while two letters to the editor under the same title stay two articles.
    """

    archive: str
    body: Sequence[str]
    title: str | None
    outlet: str | None
    day: str | None
    language: str | None
    copyright: str | None
    key: str | None
    metadata: Mapping[str, str]

    def draft(self) -> Draft:
        """Return the article as a draft."""
        text = "\n\n".join(self.body)
        digest = short_digest("\n".join((self.outlet or "", self.day or "", self.title or "", text)), 20)
        return Draft(
            text=text,
            key=self.key or f"{self.archive.lower()}:{digest}",
            title=self.title or None,
            published=written_date(self.day) if self.day else None,
            outlet=self.outlet or None,
            language=language_code(self.language) or self.language or choose_language(text, None),
            rights=f"{LICENSED} ({self.archive})" + (f": {self.copyright}" if self.copyright else ""),
            metadata={"archive": self.archive, **{name: value for name, value in self.metadata.items() if value}},
        )
