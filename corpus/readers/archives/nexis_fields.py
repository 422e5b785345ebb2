"""Labels of a Nexis article ("Length: 523 words", "Load-Date: …"), and where its text begins and ends.

Texts use the same words: "Update: the port was retaken". So a label ends the text only in the block after it, which is
read from the article's end upwards as long as each line has the value that its label has in exports. What stays in
doubt (a caption below "Graphic") is decided by the number of words that the archive states, if only one reading fits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from corpus.text.language_names import language_code

from .dates import is_date_line, is_only_date
from .export import is_copyright
from .lengths import count_words, is_plausible, stated_words

_LABEL = re.compile(r"(?P<name>[^\W\d_][\w()’' -]{1,28}?)\s?:(?:\s+(?P<value>.*))?$", re.DOTALL)
_BEFORE = {  # labels between the headline and the text
    "section": "section rubrik rubrique sección seccion rubriek sezione seção",
    "length": "length länge longueur longitud lengte lunghezza extensión extensão comprimento",
    "author": "byline autor auteur auteurs auteur(s) autore autores verfasser",
    "dateline": "dateline ort origine datum",
    "highlight": "highlight encart highlights",
    "title": "headline schlagzeile titre titular",
    "series": "series serie série",
}
_AFTER = {  # labels after the text
    "loaded": "loaddate ladedatum update datedechargement datechargement fechadecarga laaddatum datadicaricamento"
    " datadecarregamento",
    "language": "language sprache langue idioma taal lingua língua",
    "type": "publicationtype documenttype typepublication typedepublication publikationstyp veröffentlichungstyp"
    " tipodepublicación typededocument dokumenttyp tipodedocumento type",
    "subject": "subject sujet thema materia onderwerp",
    "graphic": "graphic graphics grafik graphique gráfico grafiek",
    "accession": "accno accessionnumber",
    "journal": "journalcode pubtype coderevue zeitschriftencode",
    "places": "geographic city state country localisationgeo geographie geografía land",
    "named": "organization organisation company person industry ticker stocksymbol societe société secteuractivite"
    " unternehmen branche firma empresa persona personne entreprise",
    "address": "url",
    "corrected": "correctiondate",
    "distribution": "distribution",
}
_INDEX = ("subject", "places", "named")
_ONCE = ("loaded", "language")  # by whatever label; of the others each label occurs once
_BODY = re.compile(
    r"(?:body|volltext|corps|cuerpo|corpo|texto|testo|textkörper|hoofdtekst)(?: of the article)?:?", re.IGNORECASE
)
_CLASSES = re.compile(
    r"classification|klassifi(?:zierung|kation)|clasificación|classificação|classificazione|classificatie",
    re.IGNORECASE,
)
_CAPTIONS = re.compile(r"graphics?|grafik(?:en)?|graphiques?|gráficos?|grafiek", re.IGNORECASE)
_REMARKS = re.compile(r"notes?|correction|anmerkung(?:en)?|notas?|corrección|berichtigung", re.IGNORECASE)
_CAPTION = re.compile(
    r"\W*(?:photo|picture|image|bild|foto|map|chart|diagram|drawing|illustration|infographi|graphic|karte|carte|mapa)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\(\d{1,3}\s?%\)")
_SENTENCE = re.compile(r"[.!?…][\"'”’»“)\]]*$")
_KNOWN = {word: name for names in (_BEFORE, _AFTER) for name, words in names.items() for word in words.split()}
_FAR, _HEAD_WORDS = 8, 60  # lines below "Graphic" at most; words of a summary between the labels and "Body" at most


class FieldName(NamedTuple):
    """A labelled line: the field's name, its value, the label's letters, and whether they are capitals."""

    name: str
    value: str
    word: str
    is_upper: bool


def label_of(text: str) -> FieldName | None:
    """Return the label of a line, None if it has none that is known.

    >>> label_of("LENGTH: 355 words")[:2], label_of("Länge: 355 Wörter")[:2], label_of("He said: no.")
    (('length', '355 words'), ('length', '355 Wörter'), None)
    """
    match = _LABEL.match(text) if ":" in text[:34] else None
    word = re.sub(r"[\s-]", "", match["name"]).casefold() if match else ""
    if match is None or word not in _KNOWN:
        return None
    return FieldName(_KNOWN[word], (match["value"] or "").strip(), word, match["name"].isupper())


def is_body_mark(line: str) -> bool:
    """Return whether a line says that the text begins below it."""
    return bool(_BODY.fullmatch(line))


def value_after_body(line: str) -> str | None:
    """Return the text behind "BODY:" in the same line, as some older exports have it; None if there is none."""
    match = _LABEL.match(line) if line[:5].isupper() and ":" in line[:34] else None
    return match["value"] if match and _BODY.fullmatch(match["name"]) else None


def opens_text(line: str) -> bool:
    """Return whether a line comes between a headline and a text: a label used there, or "Body"."""
    label = label_of(line)
    return is_body_mark(line) or value_after_body(line) is not None or (label is not None and label.name in _BEFORE)


def is_header(lines: Sequence[str]) -> bool:
    """Return whether lines begin an article: a date line with a length or "Body" below it."""
    dated = next((i for i, line in enumerate(lines) if is_date_line(line)), len(lines))
    return any(is_body_mark(line) or states_length(label_of(line)) for line in lines[dated + 1 :])


def is_heading(line: str) -> bool:
    """Return whether a line is a heading of the block after a text, such as "Classification"."""
    return any(heading.fullmatch(line.rstrip(":")) for heading in (_CLASSES, _CAPTIONS, _REMARKS))


def states_length(label: FieldName | None) -> bool:
    """Return whether a label states a number of words."""
    return label is not None and label.name == "length" and stated_words(label.value) is not None


def closes_article(line: str) -> bool:
    """Return whether a line belongs to the block after a text, judged by its value alone."""
    label = label_of(line)
    return bool(is_copyright(line) or _CLASSES.fullmatch(line) or (label and _has_usual_value(label)))


def _has_usual_value(label: FieldName) -> bool:
    """Return whether a label after the text has the kind of value that exports give it, not a sentence."""
    value = label.value
    is_short = bool(value) and len(value) <= 100 and not _SENTENCE.search(value)
    if label.name in ("loaded", "corrected"):
        return is_only_date(value)
    if label.name == "language":
        return is_short and (language_code(re.split(r"  |\(", value)[0]) is not None or value.isupper())
    if label.name in _INDEX:
        return bool(_PERCENT.search(value)) or (value.isupper() and not _SENTENCE.search(value))
    if label.name == "address":
        return value.startswith(("http://", "https://", "www."))
    return label.name in ("type", "accession", "journal", "distribution") and is_short


class _Step(NamedTuple):
    """Where the block begins if these lines belong to it, and whether that is certain, likely or neither."""

    start: int
    certain: bool
    likely: bool


def text_bounds(lines: Sequence[str], first: int, stated: int | None) -> tuple[int, int, bool]:
    """Return where the text of an article begins and ends, and whether it was guessed that captions are not text.

    `first` is the first line that `opens_text`; `stated` is the number of words that the archive states.
    """
    starts = _text_starts(lines, first)
    readings = []  # (begin, end, whether the words stated play no part in it)
    for start in starts:
        ends, default = _text_ends(lines, start)
        readings += [(start, end, start == starts[0] and end == default) for end in ends]
    usual = next(reading for reading in readings if reading[2])
    guessed = usual[1] != max(end for start, end, _ in readings if start == usual[0])
    if not stated or len(readings) == 1:
        return usual[0], usual[1], guessed and not stated

    def distance(reading: tuple[int, int, bool]) -> int:
        return abs(count_words(lines[reading[0] : reading[1]]) - stated)

    nearest = min((usual, *readings), key=distance)
    if distance(nearest) > 1:
        plausible = [reading for reading in (usual, *readings) if is_plausible(stated, lines[reading[0] : reading[1]])]
        nearest = usual if usual in plausible else min(plausible, key=distance, default=usual)
    return nearest[0], nearest[1], False


def _text_starts(lines: Sequence[str], first: int) -> list[int]:
    """Return where the text may begin, the likeliest first: after "Body", else after the labels."""
    length = next((i for i in range(first, min(first + 12, len(lines))) if states_length(label_of(lines[i]))), None)
    head = label_of(lines[first if length is None else length])
    after, seen, doubtful, is_upper = first, set[str](), [], head is not None and head.is_upper
    if length is not None:
        after, seen = length + 1, {label.name for line in lines[first : length + 1] if (label := label_of(line))}
    while after < len(lines) and (label := label_of(lines[after])) and label.name in _BEFORE:
        is_other = head is not None and label.is_upper != head.is_upper
        if label.name in seen or is_other or (label.name != "highlight" and _SENTENCE.search(label.value[3:])):
            break
        if label.name == "highlight":
            doubtful.append(after)
        seen.add(label.name)
        after += 1
    for i in range(first, len(lines)):
        if value_after_body(lines[i]) is not None or (is_body_mark(lines[i]) and lines[i].isupper() >= is_upper):
            between = [line for line in lines[first:i] if not opens_text(line)]
            if not between:
                return [i + 1]
            if count_words(between) <= _HEAD_WORDS or _is_summary(lines[first:i]):
                return [i + 1, after, *doubtful]
            break
    return [after, *doubtful]


def _is_summary(head: Sequence[str]) -> bool:
    last = next((label for line in reversed(head) if (label := label_of(line))), None)
    return last is not None and last.name == "highlight"


def _text_ends(lines: Sequence[str], start: int) -> tuple[list[int], int]:
    """Return where the text may end, the latest first, and the likeliest of these."""
    end, below = len(lines), set[str]()
    lengths = [label for line in lines[:start] if (label := label_of(line)) and label.name == "length"]
    is_upper = lengths[0].is_upper if lengths else None
    ends, default, all_likely = [end], end, True
    while end > start and (step := _step_up(lines, start, end, below, is_upper)):
        end = step.start
        all_likely = all_likely and step.likely
        if step.certain:
            ends[-1] = end
        else:
            ends.append(end)
        if all_likely:
            default = end
    return ends, default


def _step_up(lines: Sequence[str], start: int, end: int, below: set[str], is_upper: bool | None) -> _Step | None:
    """Return the step over the last lines before `end`, if they may belong to the block after the text."""
    line, label = lines[end - 1], label_of(lines[end - 1])
    certain = partial(_Step, certain=True, likely=True)
    if is_copyright(line) or (below and _CLASSES.fullmatch(line)):
        return certain(end - 1)
    is_same = label is not None and (
        is_upper in (None, label.is_upper) or label.name == "address"
    )  # "URL" is always so
    if label and is_same and label.name in _AFTER:
        known = label.name if label.name in _ONCE else label.word
        if known not in below and _has_usual_value(label):
            below.add(known)
            return certain(end - 1)
        if label.name in _INDEX and label.word not in below and _is_list(label.value):
            below.add(label.word)
            return _Step(end - 1, certain=False, likely=True)
    for above in range(end - 2, max(start, end - 6) - 1, -1):  # a value may go on below its label
        begun = label_of(lines[above])
        if begun and begun.name in _AFTER:
            value = " ".join((begun.value, *lines[above + 1 : end])).strip()
            is_value = begun.name in _INDEX and _PERCENT.search(line) and not _SENTENCE.search(value)
            if is_value or (not begun.value and above == end - 2 and _has_usual_value(begun._replace(value=line))):
                below.add(begun.word)
                return certain(above)
            break
    return _section_above(lines, start, end, is_upper)


def _section_above(lines: Sequence[str], start: int, end: int, is_upper: bool | None) -> _Step | None:
    """Return the step over captions, remarks or a correction below their heading, which may also be text."""
    for i in range(end - 1, max(start, end - _FAR) - 1, -1):
        below, label = lines[i + 1 : end], label_of(lines[i])
        if _CAPTIONS.fullmatch(lines[i].rstrip(":")) or _REMARKS.fullmatch(lines[i]):
            few = len(below) == 1 and len(below[0].split()) < 80
            captions = bool(below) and (few or all(_CAPTION.match(line) for line in below))
            return _Step(i, certain=False, likely=captions and not _REMARKS.fullmatch(lines[i]))
        if label and label.name == "graphic" and is_upper in (None, label.is_upper):
            captions = label.is_upper or bool(_CAPTION.match(label.value)) or not _SENTENCE.search(label.value)
            return _Step(i, certain=False, likely=captions and all(_CAPTION.match(line) for line in below))
    return None


def _is_list(value: str) -> bool:
    parts = value.split(";")
    return len(parts) > 1 and not _SENTENCE.search(value) and all(len(part) <= 60 for part in parts)


def collect_labels(lines: Sequence[str], labels: dict[str, str]) -> None:
    """Add the values of labelled lines to `labels`; a line without a label continues the one before it."""
    name = None
    for line in lines:
        if label := label_of(line):
            name = label.name
            labels[name] = "; ".join(part for part in (labels.get(name), label.value) if part)
        elif _CAPTIONS.fullmatch(line.rstrip(":")) or _REMARKS.fullmatch(line) or _CLASSES.fullmatch(line):
            name = "graphic" if _CAPTIONS.fullmatch(line.rstrip(":")) else "notes"
        elif is_copyright(line):
            name = None
        elif name and not is_body_mark(line):
            labels[name] = " ".join(part for part in (labels.get(name), line) if part)
