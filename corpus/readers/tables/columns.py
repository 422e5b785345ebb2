"""Know the columns of a table by their names, in any case and in common synonyms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from corpus.errors import BadFile

from .cells import is_missing

# Each field, and the names of its columns as `folded_name` writes them; the first that a row fills in is used.
_NAMES = {
    "text": """text body content full_text fulltext body_text text_body article_text article_body articlebody
        maintext main_text story_text story_body volltext artikeltext inhalt texte contenu texto contenido cuerpo testo
        tekst treść metin inhoud szöveg текст вміст النص 正文""",
    "title": """title headline heading article_title web_title überschrift ueberschrift schlagzeile titel titre
        título titulo titular titolo tytuł nadpis titulek başlık kop заголовок العنوان 标题""",
    "date": """date published published_at publishedat published_on published_date publish_date publication_date
        publicationdate date_published datepublished pub_date pubdate date_publish article_date
        web_publication_date datum erscheinungsdatum veröffentlicht date_de_publication fecha
        fecha_de_publicación data data_publikacji tarih dátum дата дата_публикации дата_публікації
        التاريخ 日期""",
    "updated": "updated updated_at date_updated modified modified_at date_modified last_modified",
    "outlet": """outlet outlet_name news_outlet media_outlet source source_name news_source media_name medium
        newspaper publication publisher zeitung quelle journal média medio periódico fuente giornale
        testata fonte jornal veículo gazeta źródło zdroj kaynak gazete krant bron tidning källa forrás
        источник издание сми джерело видання змі المصدر 媒体""",
    "url": "url link article_url web_url permalink uri href enlace ссылка посилання",
    "language": "language lang language_code sprache langue idioma lingua język язык мова",
    "article_id": "article_id articleid artikel_id",
    "id": "id",
    "rights": "rights licence license copyright",
    "event": "event",
    "story_id": "story_id",
    "originator": "originator",
    "country": "country",
    "position": "position",
    "desc": "desc description summary",  # the text of tables that list headlines
    "file": "file filename file_name datei fichier archivo файл",  # of manifests
    "place": "place",  # of tables of events, with day and gained
    "day": "day",
    "gained": "gained",
}
_IN_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
SYNONYMS: Mapping[str, tuple[str, ...]] = {field: tuple(names.split()) for field, names in _NAMES.items()}
FIELDS: Mapping[str, str] = {name: field for field, names in SYNONYMS.items() for name in names}


def folded_name(name: object) -> str:
    """Return a column's name as it is compared: in lower case, its words joined by underscores.

    >>> [folded_name(name) for name in ("\ufeffPublished At", "full-text", "Überschrift ", "bodyText")]
    ['published_at', 'full_text', 'überschrift', 'body_text']
    """
    text = unicodedata.normalize("NFC", str(name).replace("\ufeff", ""))
    text = _IN_CAMEL_CASE.sub("_", text).casefold()
    return "_".join(text.replace("_", " ").replace("-", " ").split()).strip(".:")


def refuse_doubled(columns: Iterable[object]) -> None:
    """Raise BadFile if two columns have one name, which may differ in case, blanks, hyphens and underscores.

    >>> refuse_doubled(["text", "Text"])
    Traceback (most recent call last):
        ...
    corpus.errors.BadFile: two columns are named text ('text' and 'Text'); rename one of them
    """
    if why := doubled(columns):
        raise BadFile(f"two columns are named {why}; rename one of them")


def doubled(columns: Iterable[object]) -> str | None:
    """Return the name that two columns have, None if all names differ; columns without a name do not count."""
    seen: dict[str, str] = {}
    for column in map(str, columns):
        if not (name := folded_name(column)):
            continue
        if name in seen:
            both = f" ({seen[name]!r} and {column!r})" if seen[name] != column else ""
            return f"{name[:40]}{both if len(both) < 100 else ''}"
        seen[name] = column
    return None


def fields_of(columns: Iterable[object], among: Collection[str] = SYNONYMS.keys()) -> dict[str, list[str]]:
    """Return the columns of each field, those to be preferred first.

    >>> fields_of(["Headline", "body", "Text", "desk"])
    {'title': ['Headline'], 'text': ['Text', 'body']}
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for column in map(str, columns):
        name = folded_name(column)
        if (field := FIELDS.get(name)) in among and field is not None:
            found.setdefault(field, []).append((SYNONYMS[field].index(name), column))
    return {field: [column for _, column in sorted(columns)] for field, columns in found.items()}


class ColumnNames:
    """Renames the columns of rows to the fields that they are, and notes where two columns of one field differ.

    >>> names = ColumnNames()
    >>> names.renamed({"Headline": "Velo falls", "body": "", "content": "It burned.", "desk": "war"}, 1)
    {'desk': 'war', 'title': 'Velo falls', 'text': 'It burned.'}
    >>> names.renamed({"outlet": "Herald", "source": "Reuters"}, 2)
    {'source': 'Reuters', 'outlet': 'Herald'}
    >>> names.differences()[0][1].partition(";")[0]
    "the columns outlet and source differ ('Herald' and 'Reuters')"
    """

    def __init__(self, among: Collection[str] = SYNONYMS.keys()) -> None:
        self._among = among
        self._plans: dict[tuple[str, ...], dict[str, list[str]] | str | None] = {}
        self._differences: dict[tuple[str, str], tuple[list[int], str]] = {}

    def renamed(self, row: Mapping[str, Any], number: int) -> Mapping[str, Any] | str:
        """Return a row by its fields, or why it cannot be used.

        A column whose value differs from that of its field is kept under its own name.
        """
        names = tuple(row)
        if names not in self._plans:
            fields = fields_of(names, self._among)
            same = all([field] == columns for field, columns in fields.items())
            self._plans[names] = None if same else fields
            if twice := doubled(names):
                self._plans[names] = f"two columns are named {twice}; rename one of them"
        plan = self._plans[names]
        if plan is None:
            return row
        if isinstance(plan, str):
            return plan
        left = dict(row)
        found: dict[str, Any] = {}
        for field, columns in plan.items():
            values = [(column, left.pop(column)) for column in columns]
            given = [(column, value) for column, value in values if not is_missing(value)]
            if not given:
                continue
            used, found[field] = given[0]
            for column, value in given[1:]:
                if str(value).strip() != str(found[field]).strip():
                    left[column] = value
                    if field in ("text", "title", "date", "outlet", "url", "language"):
                        self._note((used, column), (found[field], value), number)
        return left | found

    def _note(self, columns: tuple[str, str], values: tuple[object, object], number: int) -> None:
        shown = " and ".join(repr(str(value)[:30]) for value in values)
        why = (
            f"the columns {columns[0]} and {columns[1]} differ ({shown}); {columns[0]} was used; "
            f"if {columns[1]} is right, rename it"
        )
        self._differences.setdefault(columns, ([], why))[0].append(number)

    def differences(self) -> list[tuple[list[int], str]]:
        """Return (numbers of rows, warning) for each two columns of one field that differ."""
        return list(self._differences.values())


def column_list(columns: Sequence[str]) -> str:
    r"""Return the names of a table's first columns in one line, long ones shortened.

    >>> column_list(["text", "Northland took Velo.\n\nIt burned, and nobody in the valley replied."])
    'text, Northland took Velo. It burned, and …'
    """
    flat = (" ".join(name.split()) for name in columns[:12])
    return ", ".join(name if len(name) <= 40 else name[:40].rpartition(" ")[0] + " …" for name in flat)
