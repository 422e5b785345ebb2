"""List the lines that were taken for page furniture, and overrule a line wherever its outlet prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select

from corpus.errors import BadStudy
from corpus.result import Result
from corpus.span import paragraphs
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import note_pending
from corpus.study.history.log import logged
from corpus.study.paragraph_counts import REPEATED, digest
from corpus.text import terms
from corpus.text.boilerplate import is_furniture_by_shape

from .paragraphs import PARAGRAPH_KINDS
from .spans import FIXED, respan

Why = Literal["repeated", "shape", "position", "text with a term", "kept", "dropped"]
_KIND: dict[str, str] = {"keep": "paragraph", "drop": "furniture"}


@dataclass(frozen=True)
class FurnitureLine(Result):
    """A line of an outlet that is page furniture, or that is repeated and stays text because it has a term.

    `number` names the line within its outlet. `why` is "repeated" (in other articles too), "shape" (a date, a credit, a
    label), "position" (between headline and text, among links), "text with a term" (repeated, and counted all the
    same), or what a person decided: "kept" or "dropped".
    """

    outlet: str
    number: int
    text: str
    articles: int
    why: Why
    has_term: bool


@dataclass(frozen=True)
class FurnitureList(Result):
    """The furniture of a study by outlet: lines with a term of the codebook first, then the most frequent."""

    lines: tuple[FurnitureLine, ...]
    rows = "lines"


@dataclass(frozen=True)
class OverruledFurniture(Result):
    """A line whose kind a person decided for an outlet.

    `articles` have the line; of these `fixed` are coded or drawn in a round and keep their spans. `drawn` and `coded`
    are the numbers of their spans that count no more, since they are in a line that was dropped; no probability of
    inclusion and no frame changes.
    """

    outlet: str
    text: str
    kind: str
    articles: int
    fixed: int
    drawn: int
    coded: int


def list_furniture(study: Study, *, outlet: str | None = None) -> FurnitureList:
    """Return the lines taken for page furniture in the first texts of articles, of one outlet or of all.

    Raises BadStudy for an unknown outlet.
    """
    with study.store.reading() as connection:
        known = list(connection.execute(select(db.outlets.c.name).order_by(db.outlets.c.name)).scalars())
        if outlet is not None and outlet not in known:
            raise BadStudy(f"the study has no articles of this outlet; its outlets: {', '.join(known)}", outlet=outlet)
        names = known if outlet is None else [outlet]
        return FurnitureList(tuple(line for name in names for line in _lines(connection, study, name)))


def _lines(connection: Connection, study: Study, outlet: str) -> list[FurnitureLine]:
    c, f = db.paragraph_counts.c, db.furniture_decisions.c
    repeated = set(connection.execute(select(c.digest).where(c.outlet == outlet, c.articles >= REPEATED)).scalars())
    decided = dict(connection.execute(select(f.digest, f.kind).where(f.outlet == outlet)).tuples().all())
    found: dict[str, tuple[set[str], bool]] = {}  # by line: its articles, and whether it is furniture in one
    for article, line, kind in _classified(connection, outlet):
        number = digest(line)
        if kind == "furniture" or number in repeated or number in decided:
            articles, is_furniture = found.get(line, (set(), False))
            found[line] = {*articles, article}, is_furniture or kind == "furniture"
    rows: list[tuple[bool, int, str, Why]] = []
    for line, (articles, is_furniture) in found.items():
        has_term = bool(terms.find(study.codebook.terms, line))
        if digest(line) in decided:
            why: Why = "kept" if decided[digest(line)] == "paragraph" else "dropped"
        elif not is_furniture:
            if not has_term:
                continue  # a long paragraph that several articles have is text
            why = "text with a term"
        elif digest(line) in repeated:
            why = "repeated"
        else:
            why = "shape" if is_furniture_by_shape(line) else "position"
        rows.append((has_term, len(articles), line, why))
    rows.sort(key=lambda row: (not row[0], -row[1], row[2]))
    return [
        FurnitureLine(outlet, number, line, n, why, has_term) for number, (has_term, n, line, why) in enumerate(rows, 1)
    ]


def _classified(connection: Connection, outlet: str) -> Iterator[tuple[str, str, str]]:
    """Yield (article, paragraph, kind) of all paragraphs in the first texts of an outlet's articles."""
    a, r, s = db.articles.c, db.revisions.c, db.spans.c
    revisions = select(r.id, r.article, r.text).join(db.articles, a.id == r.article)
    listed = connection.execute(revisions.where(a.outlet == outlet, r.number == 0).order_by(r.article)).all()
    for batch in db.batches(listed, 500):
        rows: dict[str, Any] = {row.id: row for row in batch}
        kinds = select(s.revision, s.start, s.end, s.unit).where(s.revision.in_(rows), s.unit.in_(PARAGRAPH_KINDS))
        for revision, start, end, kind in connection.execute(kinds.where(s.found_by == "split")):
            yield rows[revision].article, rows[revision].text[start:end], kind


@logged("article furniture")
def overrule_furniture(
    study: Study, line: str | int, *, outlet: str, kind: Literal["keep", "drop"]
) -> OverruledFurniture:
    """Keep a line as text, or drop it as furniture, wherever an outlet prints it, in later articles too.

    `line` is its text or its number in `list_furniture`. Articles that are coded or drawn in a round keep their spans:
    in a dropped line these count no more, in a kept one nothing new is found. Raises BadStudy for an unknown line or
    outlet.
    """
    if kind not in _KIND:
        raise BadStudy(f"expected keep or drop, found {kind!r}", kind=kind)
    text = _text_of(study, line, outlet)
    with study.store.writing() as connection:
        row = {"outlet": outlet, "digest": digest(text), "kind": _KIND[kind], "text": text}
        db.put(connection, db.furniture_decisions, [row], replace=["kind"])
        places = _places(connection, outlet, text)
        r = db.revisions.c.id
        fixed: set[str] = set()
        for batch in db.batches(sorted({revision for revision, *_ in places})):
            fixed.update(connection.execute(select(r).where(r.in_(batch), r.in_(FIXED))).scalars())
        note_pending(connection, "split", [revision for revision, *_ in places if revision not in fixed])
        drawn, coded = _exclude(connection, [place for place in places if place[0] in fixed], kind)
        of = dict(_articles_of(connection, [revision for revision, *_ in places]))
    respan(study)
    articles = {of[revision] for revision, *_ in places}
    return OverruledFurniture(outlet, text, _KIND[kind], len(articles), len({of[one] for one in fixed}), drawn, coded)


def _text_of(study: Study, line: str | int, outlet: str) -> str:
    """Return a line's text by its number or its text. Raises BadStudy for an unknown one."""
    if isinstance(line, str) and not line.strip().isdecimal():
        with study.store.reading() as connection:
            known = select(db.paragraph_counts.c.digest).where(
                db.paragraph_counts.c.outlet == outlet, db.paragraph_counts.c.digest == digest(line.strip())
            )
            if connection.execute(known).first() is not None:
                return line.strip()
    lines = list_furniture(study, outlet=outlet).lines
    if isinstance(line, int) or line.strip().isdecimal():
        if not 1 <= int(line) <= len(lines):
            raise BadStudy(
                f"{outlet} has {len(lines)} lines of furniture, and none with the number {line}; list them with: "
                f'slantwise article furniture --outlet "{outlet}"'
            )
        return lines[int(line) - 1].text
    near = get_close_matches(line, [one.text for one in lines], 1, 0.5)
    hint = f"; the nearest line: {near[0]!r}" if near else ""
    raise BadStudy(f"{outlet} has no paragraph {line[:60]!r}{hint}; give the whole line, or its number in the list")


def _places(connection: Connection, outlet: str, text: str) -> list[tuple[str, int, int]]:
    """Return (revision, start, end) of a paragraph in all texts of an outlet."""
    a, r = db.articles.c, db.revisions.c
    inside = func.instr if connection.dialect.name == "sqlite" else func.strpos
    query = select(r.id, r.text).join(db.articles, a.id == r.article)
    found = connection.execute(query.where(a.outlet == outlet, inside(r.text, text) > 0).order_by(r.id))
    return [(id, start, end) for id, whole in found for start, end in paragraphs(whole) if whole[start:end] == text]


def _articles_of(connection: Connection, revisions: list[str]) -> Iterator[tuple[str, str]]:
    r = db.revisions.c
    for batch in db.batches(revisions):
        yield from connection.execute(select(r.id, r.article).where(r.id.in_(batch))).tuples()


def _exclude(connection: Connection, places: list[tuple[str, int, int]], kind: str) -> tuple[int, int]:
    """Exclude a line of coded or drawn texts from what counts, or include it again.

    Returns the number of drawn and of coded spans in it.
    """
    e, s = db.excluded_passages.c, db.spans.c
    drawn = coded = 0
    for revision, start, end in places:
        place = (e.revision == revision) & (e.start == start) & (e.end == end)
        connection.execute(delete(db.excluded_passages).where(place))
        if kind == "keep":
            continue
        row = {"revision": revision, "start": start, "end": end, "why": "furniture"}
        db.put(connection, db.excluded_passages, [row])
        inside = (s.revision == revision) & (s.start >= start) & (s.end <= end)
        spans = select(s.id).where(inside)
        for column, is_drawn in ((db.draws.c.span, True), (db.annotations.c.span, False)):
            n = connection.execute(select(func.count(column.distinct())).where(column.in_(spans))).scalar_one()
            drawn, coded = (drawn + n, coded) if is_drawn else (drawn, coded + n)
    return drawn, coded
