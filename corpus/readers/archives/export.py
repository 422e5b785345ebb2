"""What exports of Nexis, Factiva and Europresse share: paragraphs, copyright lines, and the draft of an article."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from corpus.article import short_digest
from corpus.draft import HARD_WRAP, Draft, ReadResult, Refusal
from corpus.text.language import choose_language
from corpus.text.language_names import language_code

from .dates import written_date
from .lengths import length_problem

LICENSED = "licensed"  # texts that may be analysed but not passed on: exports and reports quote short stretches only

_COPYRIGHT = re.compile(r"\W*(?:copyright\W+(?:\(c\)|©)?\s*\d{4}|copyright\W*©|©|\(c\)\W*\d{4})", re.IGNORECASE)
_RESERVED = re.compile(
    r"(?:.{0,80}[.,;:©] *)?(?:all rights reserved|alle rechte vorbehalten|tous droits réservés"
    r"|todos los derechos reservados|tutti i diritti riservati|alle rechten voorbehouden)\W*",
    re.IGNORECASE,
)

_COUNTED = (  # fields that an archive may count as words of an article
    "author", "highlight", "graphic", "notes", "kicker", "subtitle", "credit", "dateline", "series", "contact",
)  # fmt: skip


class ExportParagraph(NamedTuple):
    """One paragraph of an export, with the address it links to."""

    text: str
    link: str | None = None


class UnusableArticle(Exception):
    """An article of an export that cannot be used, with the reason."""


def read_articles(articles: Iterable[Callable[[], ArchivedArticle]], where: str, date_example: str) -> ReadResult:
    """Call the function that reads each article; those that raise UnusableArticle become refusals.

    `where` names the file in refusals and warnings.
    """
    result = ReadResult()
    for number, read_article in enumerate(articles, 1):
        place = f"{where}, article {number}"
        try:
            article = read_article()
        except UnusableArticle as error:
            result.refusals.append(Refusal(place, str(error)))
            continue
        result.drafts.append(article.draft())
        problems = list(article.warnings)
        if result.drafts[-1].published is None:
            problems.append(
                f"its date cannot be read, so it was added without one; expected a date such as {date_example}"
            )
        if problem := length_problem(article.metadata.get("length"), article.body, article.around()):
            problems.append(problem)
        result.warnings.extend(Refusal(place, problem) for problem in problems)
    return result


def paragraphs_of_text(
    text: str, starts: Callable[[Sequence[str], int], bool] = lambda lines, i: False
) -> list[ExportParagraph]:
    """Return the paragraphs of an export in plain text.

    Archives wrap either all lines of a file or none. `starts` says whether, of lines without an empty one between them,
    the one at an index begins a new paragraph.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    if any(len(line) > HARD_WRAP for line in lines):
        return [ExportParagraph(line) for line in lines if line]
    paragraphs: list[str] = []
    for has_words, group in groupby(lines, key=bool):
        if has_words:
            block = list(group)
            bounds = [0, *(i for i in range(1, len(block)) if starts(block, i)), len(block)]
            paragraphs.extend(" ".join(block[begin:end]) for begin, end in pairwise(bounds))
    return [ExportParagraph(paragraph) for paragraph in paragraphs]


def is_copyright(text: str) -> bool:
    """Return whether a line is a copyright notice.

    >>> is_copyright("Copyright 2010 Guardian Unlimited"), is_copyright("The copyright law of Marn changed.")
    (True, False)
    """
    return len(text) < 300 and bool(_COPYRIGHT.match(text) or (len(text) < 120 and _RESERVED.fullmatch(text)))


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
    url: str | None = None
    warnings: Sequence[str] = ()

    def around(self) -> list[str]:
        """Return what an archive may count in addition to the words of the body."""
        names = (
            "author",
            "highlight",
            "graphic",
            "notes",
            "kicker",
            "subtitle",
            "credit",
            "dateline",
            "series",
            "contact",
        )
        return [text for text in (self.title, self.copyright, *(self.metadata.get(name) for name in names)) if text]

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
            url=self.url,
            rights=f"{LICENSED} ({self.archive})" + (f": {self.copyright}" if self.copyright else ""),
            metadata={"archive": self.archive, **{name: value for name, value in self.metadata.items() if value}},
        )
