"""Nexis: the articles of an export from Nexis Uni (DOCX) or its older forms (text, HTML), several in one file.

Both forms are read from their lines. The newer one has title, outlet and date, then labels ("Section:", "Length: 523
words"), a line "Body", and closes with "End of Document". The older one counts its articles ("2 of 10 DOCUMENTS") and
has outlet, date, title, the same labels in capitals, and "LOAD-DATE:" and others behind the text. The labels are those
of several languages; none of them is needed but one that says where the text begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from corpus.draft import Draft, ReadResult, Refusal

from .dates import is_date_line, written_date
from .export import ExportParagraph, UnusableArticle, archive_draft, is_copyright

ARCHIVE = "Nexis"

_COUNT = r"(?:\d+ of \d+ documents?|(?:dokument|documento?) \d+ (?:von|de|di|van) \d+|\d+ (?:de|di) \d+ documentos?)"
_ARTICLE_COUNT = re.compile(rf"\W*{_COUNT}\W*", re.IGNORECASE)
_END = re.compile(
    r"end of document|ende des dokuments|fin du document|fin del? documento|einde van (?:het )?document"
    r"|fine del documento|fim do documento|конец документа",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<name>[^\W\d_][\w -]{2,24}?)\s?:(?:\s+(?P<value>.*))?$", re.DOTALL)
_BEFORE = {  # what stands between the headline and the text
    "section": "section rubrik rubrique sección seccion rubriek sezione",
    "length": "length länge longueur longitud lengte lunghezza",
    "author": "byline autor auteur auteurs auteur(s) autore",
    "dateline": "dateline ort origine datum",
    "highlight": "highlight encart highlights",
    "title": "headline schlagzeile titre titular",
    "series": "series serie série",
}
_BEHIND = {  # what stands behind it
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

_KNOWN = {word: name for names in (_BEFORE, _BEHIND) for name, words in names.items() for word in words.split()}


def is_export(blocks: Sequence[ExportParagraph]) -> bool:
    """Say whether these are the lines of an export from Nexis."""
    if any(_ARTICLE_COUNT.fullmatch(block.text) for block in blocks):
        return any(_label(block.text) for block in blocks)
    ends = any(_END.fullmatch(block.text) for block in blocks)
    names = {label[0] for block in blocks if (label := _label(block.text))}
    length = any(label[0] == "length" and _WORDS.match(label[1]) for block in blocks if (label := _label(block.text)))
    return (ends and bool(names & {"length", "loaded", "section"})) or (length and "loaded" in names)


def read_nexis(blocks: Sequence[ExportParagraph], where: str) -> ReadResult:
    """Return the articles of an export, and why others were not taken; `where` is how the file is named in those."""
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    number = 0
    for part, counted, closed in _split_articles(blocks):
        number += 1
        try:
            draft = _article(part, counted, closed)
        except UnusableArticle as why:
            refusals.append(Refusal(f"{where}, article {number}", str(why)))
            continue
        drafts.append(draft)
        if draft.published is None:
            fault = "its date cannot be read, so it has none; expected one such as March 5, 2024 under its outlet"
            refusals.append(Refusal(f"{where}, article {number}", fault))
    listed = next((int(match[1]) for block in blocks if (match := _LISTED.fullmatch(block.text))), 0)
    if listed > number:
        refusals.append(Refusal(where, f"its cover lists {listed} documents and it holds {number}; export the rest"))
    return ReadResult(drafts, refusals)


def _label(text: str) -> tuple[str, str] | None:
    """Return (name, value) of a labelled line.

    >>> _label("LENGTH: 355 words"), _label("Länge: 355 Wörter"), _label("He said: no.")
    (('length', '355 words'), ('length', '355 Wörter'), None)
    """
    match = _LABEL.match(text) if ":" in text[:30] else None
    name = _KNOWN.get(re.sub(r"[\s-]", "", match["name"]).casefold()) if match else None
    return (name, (match["value"] or "").strip()) if match and name else None


def starts_paragraph(line: str) -> bool:
    """Say whether a line of an export as text is not its paragraph's next one."""
    return _label(line) is not None or any(p.fullmatch(line) for p in (_ARTICLE_COUNT, _END, _BODY, _CLOSING))


def _split_articles(blocks: Iterable[ExportParagraph]) -> Iterable[tuple[list[ExportParagraph], bool, bool]]:
    """Yield the lines of each article, whether a count stood over it, and whether its end is there."""
    part: list[ExportParagraph] = []
    counted = False
    for block in blocks:
        if _END.fullmatch(block.text):
            yield part, counted, True
            part, counted = [], False
        elif _ARTICLE_COUNT.fullmatch(block.text):
            if counted:
                yield part, True, True
            part, counted = [], True
        elif not _PAGE.fullmatch(block.text):
            part.append(block)
    if counted or any(_label(block.text) for block in part):
        yield part, counted, False  # its own last lines may tell that it is whole


def _article(part: Sequence[ExportParagraph], counted: bool, closed: bool) -> Draft:
    """Return one article. Raises Broken."""
    lines = [block.text for block in part]
    first = next((i for i, line in enumerate(lines) if _opens_text(line)), None)
    if first is None:
        raise UnusableArticle("nothing says where its text begins; expected a line such as Length: 523 words, or Body")
    start = _text_start(lines, first)
    stop = next((i for i in range(start, len(lines)) if _closes_text(lines, i)), len(lines))
    if stop == len(lines) and not closed:
        raise UnusableArticle("the file breaks off in it; export it again")
    if any(_opens_text(line) for line in lines[stop:]):
        raise UnusableArticle("another article begins in it, and no line between the two says so; export them again")
    said: dict[str, str] = {}
    _collect_labels(lines[first:start], said)
    _collect_labels(lines[stop:], said)
    body = lines[start:stop]
    if (label := _LABEL.match(lines[start - 1])) and _BODY.fullmatch(label["name"]) and label["value"]:
        body = [label["value"], *body]
    if not body:
        raise UnusableArticle("it has no text; it may be a picture or a table")
    head = [line for line in lines[:first] if not is_copyright(line)]
    outlet, day, title, edition = _read_head(head, counted)
    rights = next((line for line in [*lines[:first], *lines[stop:]] if is_copyright(line)), None)
    links = [unquote(block.link) for block in part[:first] if block.link]
    item = next((match for link in reversed(links) if (match := _ITEM.search(link))), None)
    accession = said.pop("accession", None)
    return archive_draft(
        ARCHIVE,
        body,
        title=title or said.pop("title", None),
        outlet=outlet,
        day=day,
        language=said.pop("language", "").split("  ")[0] or None,
        copyright=rights,
        key=item[0] if item else f"nexis:{accession}" if accession else None,
        metadata={"edition": edition or "", **said},
    )


def _opens_text(line: str) -> bool:
    label = _label(line)
    return bool(_BODY.fullmatch(line)) or (label is not None and label[0] in _BEFORE)


def _text_start(lines: Sequence[str], first: int) -> int:
    """Return where the text begins: behind "Body", else behind the length, else behind the first labels."""
    length = None
    for i in range(first, len(lines)):
        match = _LABEL.match(lines[i]) if len(lines[i]) < 5000 or lines[i][:5].isupper() else None
        if _BODY.fullmatch(lines[i]) or (match and match["name"].isupper() and _BODY.fullmatch(match["name"])):
            return i + 1
        label = _label(lines[i])
        if label is not None and label[0] == "length" and length is None:
            length = i + 1
        if (label is not None and label[0] in _BEHIND) or _CLOSING.fullmatch(lines[i]):
            break
    after = length if length is not None else first
    while after < len(lines) and (label := _label(lines[after])) is not None and label[0] in _BEFORE:
        after += 1
    return after


def _closes_text(lines: Sequence[str], i: int) -> bool:
    """Say whether the text is over: a label that stands behind texts, or the copyright among the last lines."""
    label = _label(lines[i])
    if label is not None and label[0] in _BEHIND:
        return len(lines[i]) < 1000 or label[0] in ("subject", "graphic")
    return bool(_CLOSING.fullmatch(lines[i])) or (i + 4 >= len(lines) and is_copyright(lines[i]))


def _collect_labels(lines: Sequence[str], said: dict[str, str]) -> None:
    """Take the values of labelled lines; a line without a label goes on with the one before it."""
    name = None
    for line in lines:
        if label := _label(line):
            name = label[0]
            said[name] = "; ".join(part for part in (said.get(name), label[1]) if part)
        elif _CLOSING.fullmatch(line):
            name = "graphic" if line.casefold() in ("graphic", "grafik") else "notes"
        elif is_copyright(line):
            name = None
        elif name and not _BODY.fullmatch(line):
            said[name] = " ".join(part for part in (said.get(name), line) if part)


def _read_head(lines: Sequence[str], counted: bool = False) -> tuple[str | None, str | None, str | None, str | None]:
    """Return (outlet, date, title, edition): outlet and date above the title in the older form, which counts its
    articles, below it in the newer.

    >>> _read_head(["Velo falls", "The Herald", "March 5, 2024 Tuesday"])
    ('The Herald', 'March 5, 2024 Tuesday', 'Velo falls', None)
    >>> _read_head(["The Herald", "March 5, 2024 Tuesday Edition 1; North", "Velo falls"])
    ('The Herald', 'March 5, 2024 Tuesday Edition 1; North', 'Velo falls', None)
    """
    at = next((i for i in reversed(range(len(lines))) if is_date_line(lines[i])), None)
    if at is None:
        dated = [i for i in range(len(lines)) if written_date(lines[i])]
        if not dated:
            raise UnusableArticle(
                "it has no date under its outlet, so neither can be told; expected a line as March 5, 2024"
            )
        at = dated[-1]
    above, below = lines[:at], lines[at + 1 :]
    edition = " ".join(line for line in below if _EDITION.search(line) and len(line) < 80) or None
    rest = [line for line in below if not (_EDITION.search(line) and len(line) < 80)]
    if len(above) >= 2 and not (counted and rest):
        return above[-1], lines[at], above[-2], edition or " ".join(rest) or None
    return (above[0] if above else None), lines[at], " ".join(rest) or None, edition
