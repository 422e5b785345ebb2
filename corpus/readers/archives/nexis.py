"""Read exports of Nexis Uni (DOCX) and its older forms (text, HTML) with several articles in one file.

Both forms are read line by line. The newer one has title, outlet and date, then labels ("Section:", "Length: 523
words"), a line "Body", and ends with "End of Document". The older one counts its articles ("2 of 10 DOCUMENTS") and
has outlet, date, title, the same labels in capitals, and "LOAD-DATE:" and others after the text. Labels may be in
several languages; only one that says where the text begins is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import takewhile
from urllib.parse import unquote

from corpus.draft import ReadResult, Refusal

from .dates import is_date_line, written_date
from .export import ArchivedArticle, ExportParagraph, UnusableArticle, is_copyright, read_articles
from .lengths import stated_words
from .nexis_fields import (
    closes_article,
    collect_labels,
    is_body_mark,
    is_header,
    is_heading,
    label_of,
    opens_text,
    states_length,
    text_bounds,
    value_after_body,
)

ARCHIVE = "Nexis"

_COUNT = r"(?:\d+ of \d+ documents?|(?:dokument|documento?) \d+ (?:von|de|di|van) \d+|\d+ (?:de|di) \d+ documentos?)"
_ARTICLE_COUNT = re.compile(rf"\W*{_COUNT}\W*", re.IGNORECASE)
_END = re.compile(
    r"end of document|ende des dokuments|fin du document|fin del? documento|einde van (?:het )?document"
    r"|fine del documento|fim do documento|конец документа",
    re.IGNORECASE,
)
_PAGE = re.compile(r"(?:page|seite) \d+ (?:of|de|von|sur) \d+", re.IGNORECASE)
_EDITION = re.compile(r"\b(?:edition|ausgabe|édition|edición)\b", re.IGNORECASE)
_LISTED = re.compile(r"(?:documents|dokumente|documentos) ?\((\d+)\)", re.IGNORECASE)
_ITEM = re.compile(r"urn:contentItem:([\w-]{8,60})", re.IGNORECASE)

_APPENDED = re.compile(r"\s*\bcorrections? (?:appended|attached)\b\W*", re.IGNORECASE)
_GUESSED = "“{}” was taken as a caption, not as text; if it is text, add the article as a file of its own"
_FAR = 40  # lines from a count to its article's date at most


def is_export(paragraphs: Sequence[ExportParagraph]) -> bool:
    """Return whether the paragraphs are a Nexis export."""
    lines = [paragraph.text for paragraph in paragraphs]
    if any(_ARTICLE_COUNT.fullmatch(line) for line in lines):
        return any(label_of(line) for line in lines)
    ends = [i for i, line in enumerate(lines) if _END.fullmatch(line)]
    if any(i > 0 and closes_article(lines[i - 1]) for i in ends):
        return True
    has_load_date = any((label := label_of(line)) and label.name == "loaded" and closes_article(line) for line in lines)
    return (bool(ends) or has_load_date) and is_header(lines)


def read_nexis(paragraphs: Sequence[ExportParagraph], where: str) -> ReadResult:
    """Read the articles of an export; unusable ones become refusals, in which `where` names the file."""
    articles = list(_split_articles(paragraphs))
    reading = read_articles(
        (partial(_article, *article) for article in articles), where, "March 5, 2024 below its outlet"
    )
    listed = sum(_listed(article_paragraphs) for article_paragraphs, _, _ in articles)
    if listed > len(articles):  # of several exports in one file each has a cover
        why = f"its cover lists {listed} documents, but it has {len(articles)}; export the missing ones"
        reading.warnings.append(Refusal(where, why))
    return reading


def _listed(paragraphs: Sequence[ExportParagraph]) -> int:
    """Return how many documents the covers above an article list."""
    head = takewhile(lambda paragraph: not opens_text(paragraph.text), paragraphs)
    return sum(int(match[1]) for paragraph in head if (match := _LISTED.fullmatch(paragraph.text)))


def starts_paragraph(lines: Sequence[str], i: int) -> bool:
    """Return whether a line of a plain-text export begins a new paragraph, though no empty line is above it."""
    if any(p.fullmatch(lines[i]) for p in (_ARTICLE_COUNT, _END)) or is_body_mark(lines[i - 1]):
        return True
    label, first = label_of(lines[i]), label_of(lines[0])
    if label is None and not is_body_mark(lines[i]) and not is_heading(lines[i]):
        return False
    return (first is not None and (label is None or label.is_upper == first.is_upper)) or is_heading(lines[0])


def _split_articles(paragraphs: Sequence[ExportParagraph]) -> Iterable[tuple[list[ExportParagraph], bool, bool]]:
    """Yield the paragraphs of each article, whether a count precedes it, and whether its end was seen."""
    lines = [paragraph.text for paragraph in paragraphs]
    marks = [i for i, line in enumerate(lines) if _END.fullmatch(line) or _ARTICLE_COUNT.fullmatch(line)]
    article_paragraphs: list[ExportParagraph] = []
    has_count, counted = False, (0, 0)
    following = dict(zip(marks, [*marks[1:], len(lines)], strict=False))
    for i, paragraph in enumerate(paragraphs):
        if i in following and _END.fullmatch(paragraph.text) and _is_end(lines, i, following[i]):
            yield article_paragraphs, has_count, True
            article_paragraphs, has_count = [], False
        elif i in following and (count := _count(lines, i, following[i], counted)):
            if has_count:
                yield article_paragraphs, True, True
            article_paragraphs, has_count, counted = [], True, count
        elif not _PAGE.fullmatch(paragraph.text):
            article_paragraphs.append(paragraph)
    if has_count or any(label_of(paragraph.text) for paragraph in article_paragraphs):
        yield article_paragraphs, has_count, False  # its own last lines may show that it is complete


def _is_end(lines: Sequence[str], i: int, following: int) -> bool:
    """Return whether "End of Document" at `i` ends an article and is not quoted in its text."""
    below = lines[i + 1 : following]
    if (i > 0 and closes_article(lines[i - 1])) or is_header(below):
        return True
    return following == len(lines) and not any(closes_article(line) for line in below)


def _count(lines: Sequence[str], i: int, following: int, last: tuple[int, int]) -> tuple[int, int] | None:
    """Return (number, total) of a line "2 of 10 DOCUMENTS" that begins an article; None if it is quoted in a text."""
    if not _ARTICLE_COUNT.fullmatch(lines[i]):
        return None
    number, total = (int(digits) for digits in re.findall(r"\d+", lines[i])[:2])
    below = lines[i + 1 : min(following, i + 1 + _FAR)]
    if number != 1 and last != (0, 0) and not (total == last[1] and number > last[0]):
        return None
    return (number, total) if any(is_date_line(line) or opens_text(line) for line in below) else None


def _article(paragraphs: Sequence[ExportParagraph], has_count: bool, has_end: bool) -> ArchivedArticle:
    """Return one article. Raises UnusableArticle."""
    lines = [paragraph.text for paragraph in paragraphs]
    first = _first_label(lines)
    if first is None:
        raise UnusableArticle("its text has no visible beginning; expected a line such as Length: 523 words, or Body")
    length = next((label for line in lines[first:] if states_length(label := label_of(line))), None)
    start, stop, guessed = text_bounds(lines, first, stated_words(length.value) if length else None)
    if stop == len(lines) and not has_end:
        raise UnusableArticle("the file ends within it; export it again")
    if _holds_another(lines[start:stop]):
        raise UnusableArticle("another article begins in it without a dividing line; export both again")
    labels: dict[str, str] = {}
    collect_labels(lines[first:start], labels)
    collect_labels(lines[stop:], labels)
    body = lines[start:stop]
    if opening := value_after_body(lines[start - 1]):
        body = [opening, *body]
    if not body:
        raise UnusableArticle("it has no text; it may be a picture or a table")
    head = [line for line in lines[:first] if not is_copyright(line)]
    if any(_APPENDED.search(line) for line in head):
        labels["correction"] = "appended"
        head = [line for text in head if (line := _APPENDED.sub(" ", text).strip())]
    outlet, day, title, edition = _read_head(head, has_count)
    rights = next((line for line in [*lines[:first], *lines[stop:]] if is_copyright(line)), None)
    links = [unquote(paragraph.link) for paragraph in paragraphs[:first] if paragraph.link]
    item = next((match for link in reversed(links) if (match := _ITEM.search(link))), None)
    accession = labels.pop("accession", None)
    return ArchivedArticle(
        ARCHIVE,
        body,
        title=title or labels.pop("title", None),
        outlet=outlet,
        day=day,
        language=labels.pop("language", "").split("  ")[0] or None,
        copyright=rights,
        key=item[0] if item else f"nexis:{accession}" if accession else None,
        metadata={"edition": edition or "", **labels},
        warnings=[_GUESSED.format(labels.get("graphic", "")[:40])] if guessed and labels.get("graphic") else [],
    )


def _first_label(lines: Sequence[str]) -> int | None:
    """Return the first line between headline and text: below the date, as headlines may begin like a label."""
    dated = next((i for i, line in enumerate(lines) if is_date_line(line)), -1)
    length = next((label for line in lines[dated + 1 :] if states_length(label := label_of(line))), None)
    openers = [i for i, line in enumerate(lines) if opens_text(line)]
    below = [i for i in openers if i > dated]
    same = [
        i for i in below if length is None or not (label := label_of(lines[i])) or label.is_upper == length.is_upper
    ]
    return next(iter(same or below or openers), None)


def _holds_another(body: Sequence[str]) -> bool:
    """Return whether a text goes on with the block after a text and the head of another article."""
    loaded = (i for i, line in enumerate(body) if (label := label_of(line)) and label.name == "loaded")
    return any(closes_article(body[i]) and is_header(body[i + 1 : i + 16]) for i in loaded)


def _read_head(lines: Sequence[str], has_count: bool = False) -> tuple[str | None, str | None, str | None, str | None]:
    """Return (outlet, date, title, edition).

    Outlet and date are above the title in the older form, which counts its articles, and below it in the newer one.

    >>> _read_head(["Velo falls", "The Herald", "March 5, 2024 Tuesday"])
    ('The Herald', 'March 5, 2024 Tuesday', 'Velo falls', None)
    >>> _read_head(["The Herald", "March 5, 2024 Tuesday Edition 1; North", "Velo falls"])
    ('The Herald', 'March 5, 2024 Tuesday Edition 1; North', 'Velo falls', None)
    """
    date_line = next((i for i in reversed(range(len(lines))) if is_date_line(lines[i])), None)
    if date_line is None:
        date_lines = [i for i in range(len(lines)) if written_date(lines[i])]
        if not date_lines:
            raise UnusableArticle("it has no date line below its outlet; expected a line such as March 5, 2024")
        date_line = date_lines[-1]
    above, below = lines[:date_line], lines[date_line + 1 :]
    edition = " ".join(line for line in below if _EDITION.search(line) and len(line) < 80) or None
    rest = [line for line in below if not (_EDITION.search(line) and len(line) < 80)]
    if len(above) >= 2 and not (has_count and rest):
        return above[-1], lines[date_line], above[-2], edition or " ".join(rest) or None
    return (above[0] if above else None), lines[date_line], " ".join(rest) or None, edition
