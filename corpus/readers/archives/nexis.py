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
from urllib.parse import unquote

from corpus.draft import Draft, ReadResult, Refusal

from .dates import is_date_line, written_date
from .export import ArchivedArticle, ExportParagraph, UnusableArticle, is_copyright, read_articles

ARCHIVE = "Nexis"

_COUNT = r"(?:\d+ of \d+ documents?|(?:dokument|documento?) \d+ (?:von|de|di|van) \d+|\d+ (?:de|di) \d+ documentos?)"
_ARTICLE_COUNT = re.compile(rf"\W*{_COUNT}\W*", re.IGNORECASE)
_END = re.compile(
    r"end of document|ende des dokuments|fin du document|fin del? documento|einde van (?:het )?document"
    r"|fine del documento|fim do documento|конец документа",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<name>[^\W\d_][\w -]{2,24}?)\s?:(?:\s+(?P<value>.*))?$", re.DOTALL)
_BEFORE = {  # labels between the headline and the text
    "section": "section rubrik rubrique sección seccion rubriek sezione",
    "length": "length länge longueur longitud lengte lunghezza",
    "author": "byline autor auteur auteurs auteur(s) autore",
    "dateline": "dateline ort origine datum",
    "highlight": "highlight encart highlights",
    "title": "headline schlagzeile titre titular",
    "series": "series serie série",
}
_AFTER = {  # labels after the text
    "loaded": "loaddate ladedatum update datedechargement datechargement fechadecarga laaddatum",
    "language": "language sprache langue idioma taal lingua",
    "type": "publicationtype documenttype typepublication typedepublication publikationstyp",
    "subject": "subject sujet",
    "graphic": "graphic grafik graphique gráfico",
    "accession": "accno accessionnumber",
    "journal": "journalcode pubtype coderevue zeitschriftencode",
    "places": "geographic city state country localisationgeo",
    "named": "organization company person industry ticker stocksymbol societe société secteuractivite",
}
_BODY = re.compile(r"(?:body|volltext|corps|cuerpo|texto|textkörper|hoofdtekst)(?: of the article)?", re.IGNORECASE)
_CLOSING = re.compile(r"classification|klassifizierung|clasificación|graphic|grafik|notes|correction", re.IGNORECASE)
_PAGE = re.compile(r"(?:page|seite) \d+ (?:of|de|von|sur) \d+", re.IGNORECASE)
_EDITION = re.compile(r"\b(?:edition|ausgabe|édition|edición)\b", re.IGNORECASE)
_LISTED = re.compile(r"(?:documents|dokumente|documentos) ?\((\d+)\)", re.IGNORECASE)
_WORDS = re.compile(r"\d[\d.,  ]*\s?(?:words?|wörter|mots|palabras|woorden|parole)\b", re.IGNORECASE)
_ITEM = re.compile(r"urn:contentItem:([\w-]{8,60})", re.IGNORECASE)

_KNOWN = {word: name for names in (_BEFORE, _AFTER) for name, words in names.items() for word in words.split()}


def is_export(paragraphs: Sequence[ExportParagraph]) -> bool:
    """Return whether the paragraphs are a Nexis export."""
    if any(_ARTICLE_COUNT.fullmatch(paragraph.text) for paragraph in paragraphs):
        return any(_label(paragraph.text) for paragraph in paragraphs)
    has_end = any(_END.fullmatch(paragraph.text) for paragraph in paragraphs)
    labels = [label for paragraph in paragraphs if (label := _label(paragraph.text))]
    names = {name for name, _ in labels}
    has_length = any(name == "length" and _WORDS.match(value) for name, value in labels)
    return (has_end and bool(names & {"length", "loaded", "section"})) or (has_length and "loaded" in names)


def read_nexis(paragraphs: Sequence[ExportParagraph], where: str) -> ReadResult:
    """Read the articles of an export; unusable ones become refusals, in which `where` names the file."""
    articles = list(_split_articles(paragraphs))
    reading = read_articles(
        (partial(_article, *article) for article in articles), where, "March 5, 2024 below its outlet"
    )
    listed = next((int(match[1]) for paragraph in paragraphs if (match := _LISTED.fullmatch(paragraph.text))), 0)
    if listed > len(articles):
        why = f"its cover lists {listed} documents, but it has {len(articles)}; export the missing ones"
        reading.warnings.append(Refusal(where, why))
    return reading


def _label(text: str) -> tuple[str, str] | None:
    """Return (name, value) of a labelled line.

    >>> _label("LENGTH: 355 words"), _label("Länge: 355 Wörter"), _label("He said: no.")
    (('length', '355 words'), ('length', '355 Wörter'), None)
    """
    match = _LABEL.match(text) if ":" in text[:30] else None
    name = _KNOWN.get(re.sub(r"[\s-]", "", match["name"]).casefold()) if match else None
    return (name, (match["value"] or "").strip()) if match and name else None


def starts_paragraph(line: str) -> bool:
    """Return whether a line of a plain-text export begins a new paragraph."""
    return _label(line) is not None or any(p.fullmatch(line) for p in (_ARTICLE_COUNT, _END, _BODY, _CLOSING))


def _split_articles(paragraphs: Iterable[ExportParagraph]) -> Iterable[tuple[list[ExportParagraph], bool, bool]]:
    """Yield the paragraphs of each article, whether a count precedes it, and whether its end was seen."""
    article_paragraphs: list[ExportParagraph] = []
    has_count = False
    for paragraph in paragraphs:
        if _END.fullmatch(paragraph.text):
            yield article_paragraphs, has_count, True
            article_paragraphs, has_count = [], False
        elif _ARTICLE_COUNT.fullmatch(paragraph.text):
            if has_count:
                yield article_paragraphs, True, True
            article_paragraphs, has_count = [], True
        elif not _PAGE.fullmatch(paragraph.text):
            article_paragraphs.append(paragraph)
    if has_count or any(_label(paragraph.text) for paragraph in article_paragraphs):
        yield article_paragraphs, has_count, False  # its own last lines may show that it is complete


def _article(paragraphs: Sequence[ExportParagraph], has_count: bool, has_end: bool) -> Draft:
    """Return one article. Raises Broken."""
    lines = [paragraph.text for paragraph in paragraphs]
    first = next((i for i, line in enumerate(lines) if _opens_text(line)), None)
    if first is None:
        raise UnusableArticle("its text has no visible beginning; expected a line such as Length: 523 words, or Body")
    start = _text_start(lines, first)
    stop = next((i for i in range(start, len(lines)) if _closes_text(lines, i)), len(lines))
    if stop == len(lines) and not has_end:
        raise UnusableArticle("the file ends within it; export it again")
    if any(_opens_text(line) for line in lines[stop:]):
        raise UnusableArticle("another article begins in it without a dividing line; export both again")
    labels: dict[str, str] = {}
    _collect_labels(lines[first:start], labels)
    _collect_labels(lines[stop:], labels)
    body = lines[start:stop]
    if (label := _LABEL.match(lines[start - 1])) and _BODY.fullmatch(label["name"]) and label["value"]:
        body = [label["value"], *body]
    if not body:
        raise UnusableArticle("it has no text; it may be a picture or a table")
    head = [line for line in lines[:first] if not is_copyright(line)]
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
    ).draft()


def _opens_text(line: str) -> bool:
    label = _label(line)
    return bool(_BODY.fullmatch(line)) or (label is not None and label[0] in _BEFORE)


def _text_start(lines: Sequence[str], first: int) -> int:
    """Return where the text begins: after "Body", else after the length, else after the first labels."""
    length = None
    for i in range(first, len(lines)):
        match = _LABEL.match(lines[i]) if len(lines[i]) < 5000 or lines[i][:5].isupper() else None
        if _BODY.fullmatch(lines[i]) or (match and match["name"].isupper() and _BODY.fullmatch(match["name"])):
            return i + 1
        label = _label(lines[i])
        if label is not None and label[0] == "length" and length is None:
            length = i + 1
        if (label is not None and label[0] in _AFTER) or _CLOSING.fullmatch(lines[i]):
            break
    after = length if length is not None else first
    while after < len(lines) and (label := _label(lines[after])) is not None and label[0] in _BEFORE:
        after += 1
    return after


def _closes_text(lines: Sequence[str], i: int) -> bool:
    """Return whether the text ends before line `i`: at a label that follows texts, or a copyright in the last lines."""
    label = _label(lines[i])
    if label is not None and label[0] in _AFTER:
        return len(lines[i]) < 1000 or label[0] in ("subject", "graphic")
    return bool(_CLOSING.fullmatch(lines[i])) or (i + 4 >= len(lines) and is_copyright(lines[i]))


def _collect_labels(lines: Sequence[str], labels: dict[str, str]) -> None:
    """Add the values of labelled lines to `labels`; a line without a label continues the one before it."""
    name = None
    for line in lines:
        if label := _label(line):
            name = label[0]
            labels[name] = "; ".join(part for part in (labels.get(name), label[1]) if part)
        elif _CLOSING.fullmatch(line):
            name = "graphic" if line.casefold() in ("graphic", "grafik") else "notes"
        elif is_copyright(line):
            name = None
        elif name and not _BODY.fullmatch(line):
            labels[name] = " ".join(part for part in (labels.get(name), line) if part)


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
