"""Split a study's articles into spans, again when articles or terms change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, union

from corpus.article import Revision
from corpus.codebook import Codebook
from corpus.errors import BadStudy
from corpus.span import Span, headline_in, paragraphs
from corpus.study import Study
from corpus.study import database as db
from corpus.text.splitting import split_into_spans

SPLITTER = "1"  # raised when `split` finds other spans in the same text
PARAGRAPH_KINDS = ("paragraph", "headline", "teaser", "furniture")  # the kinds of a paragraph
REPEATED = 3  # articles of an outlet with the same paragraph, from which on it is taken for page furniture
_BATCH = 500  # revisions

# a coder may mark spans in a revision, or get them by links, before it is split
_UNSPLIT = db.revisions.c.id.not_in(select(db.spans.c.revision).where(db.spans.c.found_by != "coder"))

# coded or drawn: coders answer for exactly these spans
_FIXED = union(
    select(db.spans.c.revision).join(db.annotations, db.annotations.c.span == db.spans.c.id),
    select(db.spans.c.revision).join(db.draws, db.draws.c.span == db.spans.c.id),
)


def resplit(study: Study) -> int:
    """Split revisions that have no spans yet, or all of them where the codebook's terms have changed; return how many.

    A revision that is coded or drawn in a round is never split again; its annotations are linked to the other revisions
    of its article.
    """
    book, recipe = study.codebook, _recipe(study)
    with study.store.writing() as connection:
        stored = db.get_meta(connection, "splitter")
        wanted = _UNSPLIT if stored == recipe else _UNSPLIT | db.revisions.c.id.not_in(_FIXED)
        rows = connection.execute(
            select(db.revisions, db.articles.c.title, db.articles.c.outlet, db.articles.c.language)
            .join(db.articles, db.articles.c.id == db.revisions.c.article)
            .where(wanted)
            .order_by(db.revisions.c.article, db.revisions.c.number)
        ).all()
        if rows:
            repeated = _repeated(connection)
            marks = _marks(connection)
            delete_spans(connection, [row.id for row in rows])
            for first in range(0, len(rows), _BATCH):  # one statement per revision would take half as long again
                spans = [
                    span
                    for row in rows[first : first + _BATCH]
                    for span in split_revision(row, book, repeated[row.outlet], marks.get(row.id, {}))
                ]
                db.put(connection, db.spans, [span_row(span) for span in spans])
        db.set_meta(connection, "splitter", recipe)
        link_coded_spans(connection)
    return len(rows)


def needs_resplit(study: Study) -> bool:
    """Say whether `resplit` is due: revisions are not split yet, or the codebook's terms have changed."""
    with study.store.reading() as connection:
        if db.get_meta(connection, "splitter") != _recipe(study):
            return True
        return connection.execute(select(db.revisions.c.id).where(_UNSPLIT).limit(1)).first() is not None


def _recipe(study: Study) -> str:
    return f"{SPLITTER} {' | '.join(sorted(study.codebook.mention_terms))}"


def _repeated(connection: Connection) -> dict[str, Callable[[str], bool]]:
    """Return for each outlet a function that says whether it prints a paragraph in several articles."""
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in connection.execute(select(db.outlets.c.name)).scalars()
    }
    rows = connection.execute(
        select(db.articles.c.outlet, db.revisions.c.text)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(db.revisions.c.number == 0)
    )
    for outlet, text in rows:
        counts[outlet].update({text[start:end] for start, end in paragraphs(text)})
    return {outlet: partial(_is_repeated, count) for outlet, count in counts.items()}


def split_revision(
    row: Any, book: Codebook, repeated: Callable[[str], bool], marks: Mapping[tuple[int, int], str]
) -> list[Span]:
    """Return the spans of one revision, a row with its article's title and language."""
    headline = headline_in(row.text, row.title) if row.title else None
    return split_into_spans(
        Revision(row.article, row.text, row.reason),
        mention_terms=book.mention_terms,
        title=row.text[slice(*headline)] if headline else None,
        language=row.language or book.language,
        repeated=repeated,
        overrides=marks,
    )


def delete_spans(connection: Connection, revisions: Sequence[str]) -> None:
    """Delete the spans that splitting found in revisions, with their suggestions and links."""
    for first in range(0, len(revisions), _BATCH):
        batch = revisions[first : first + _BATCH]
        from_splitting = db.spans.c.revision.in_(batch) & (db.spans.c.found_by == "split")
        if connection.execute(select(db.spans.c.id).where(from_splitting).limit(1)).first() is None:
            continue  # new revisions, mostly
        ids = select(db.spans.c.id).where(from_splitting)
        connection.execute(delete(db.suggestions).where(db.suggestions.c.span.in_(ids)))
        connection.execute(delete(db.span_links).where(db.span_links.c.same_span.in_(ids)))
        connection.execute(delete(db.spans).where(from_splitting))


def _marks(connection: Connection) -> dict[str, dict[tuple[int, int], str]]:
    """Return the kinds set by `article mark`, by revision."""
    overrides: dict[str, dict[tuple[int, int], str]] = {}
    for revision, start, end, kind in connection.execute(select(db.paragraph_overrides)):
        overrides.setdefault(revision, {})[start, end] = kind
    return overrides


def span_row(span: Span, found_by: str = "split") -> dict[str, object]:
    """Return a span as a row of the store."""
    return {
        "id": span.id,
        "revision": span.revision,
        "unit": span.unit,
        "start": span.start,
        "end": span.end,
        "found_by": found_by,
    }


def link_coded_spans(connection: Connection, articles: Collection[str] | None = None) -> None:
    """Link each coded span to the same words in its article's other revisions, where the paragraph is unchanged.

    Only the spans of these articles are linked, by default those of all.
    """
    r = db.revisions.c
    several = select(r.article).group_by(r.article).having(func.count() > 1)
    if articles is None:
        edited = list(connection.execute(several).scalars())
    else:
        among = (several.where(r.article.in_(batch)) for batch in db.batches(articles))
        edited = [article for query in among for article in connection.execute(query).scalars()]
    for batch in db.batches(edited):
        _link_coded_spans(connection, batch)


def _link_coded_spans(connection: Connection, articles: Sequence[str]) -> None:
    r = db.revisions
    coded = connection.execute(
        select(db.spans, r.c.article)
        .join(r, r.c.id == db.spans.c.revision)
        .where(r.c.article.in_(articles), exists().where(db.annotations.c.span == db.spans.c.id))
    ).all()
    texts: dict[str, dict[str, str]] = {}
    for batch in db.batches({row.article for row in coded}):
        for row in connection.execute(select(r.c.article, r.c.id, r.c.text).where(r.c.article.in_(batch))):
            texts.setdefault(row.article, {})[row.id] = row.text
    linked, links = [], []
    for row in coded:
        text = texts[row.article][row.revision]
        paragraph = next(((a, b) for a, b in paragraphs(text) if a <= row.start and row.end <= b), None)
        for other, later in texts[row.article].items():
            if paragraph is None or other == row.revision:
                continue
            if (
                start := {later[a:b]: a for a, b in reversed(paragraphs(later))}.get(text[slice(*paragraph)])
            ) is not None:
                shift = start - paragraph[0]
                span = Span(other, row.start + shift, row.end + shift, row.unit)
                linked.append(span_row(span, "coder"))
                links.append({"span": row.id, "same_span": span.id})
    db.put(connection, db.spans, linked)
    db.put(connection, db.span_links, links)


def paragraphs_of(study: Study, article: str) -> list[dict[str, Any]]:
    """Return an article's paragraphs: `revision, start, end, kind, text`. Raises BadStudy for an unknown article."""
    s, r = db.spans.c, db.revisions.c
    with study.store.reading() as connection:
        rows = connection.execute(
            select(s.revision, s.start, s.end, s.unit.label("kind"), r.text)
            .join(db.revisions, r.id == s.revision)
            .where(r.article == article, r.number == 0, s.unit.in_(PARAGRAPH_KINDS), s.found_by == "split")
            .order_by(s.start)
        ).all()
    if not rows:
        raise BadStudy(why_missing(study, article))
    return [{**row._mapping, "text": row.text[row.start : row.end]} for row in rows]


def why_missing(study: Study, article: str) -> str:
    """Return in words why a study does not have an article: it was split, or is unknown."""
    with study.store.reading() as connection:
        parts = connection.execute(
            select(db.split_parts.c.article)
            .where(db.split_parts.c.split_article == article)
            .order_by(db.split_parts.c.number)
        ).scalars()
        if names := ", ".join(parts):
            return f"{article} was split into the articles {names}"
    return f"the study has no article {article!r}; kwic and export print their ids"


def mark_paragraph(study: Study, revision: str, start: int, end: int, kind: str) -> None:
    """Overrule the kind of a paragraph: "paragraph", "headline", "teaser" or "furniture".

    Raises BadStudy where no paragraph of the revision has these offsets, or where the revision is coded.
    """
    if kind not in PARAGRAPH_KINDS:
        raise BadStudy(f"{kind!r} is not a kind of paragraph; expected one of {', '.join(PARAGRAPH_KINDS)}")
    with study.store.writing() as connection:
        row = connection.execute(
            select(db.revisions, db.articles.c.title, db.articles.c.outlet, db.articles.c.language)
            .join(db.articles, db.articles.c.id == db.revisions.c.article)
            .where(db.revisions.c.id == revision)
        ).one_or_none()
        if row is None or (start, end) not in paragraphs(row.text):
            raise BadStudy(f"{revision} has no paragraph from {start} to {end}; `article show` lists them with offsets")
        if revision in set(connection.execute(_FIXED).scalars()):
            raise BadStudy(
                f"{revision} is coded or drawn in a round and cannot be split again; mark pages before drawing them"
            )
        db.put(
            connection,
            db.paragraph_overrides,
            [{"revision": revision, "start": start, "end": end, "kind": kind}],
            replace=["kind"],
        )
        delete_spans(connection, [revision])
        repeated = _repeated(connection)[row.outlet]
        spans = split_revision(row, study.codebook, repeated, _marks(connection)[revision])
        db.put(connection, db.spans, [span_row(span) for span in spans])


def is_coded_or_drawn(connection: Connection, article: str) -> bool:
    """Say whether a revision of an article is coded or drawn in a round, so that its spans must stay."""
    r = db.revisions.c
    return connection.execute(select(r.id).where(r.article == article, r.id.in_(_FIXED)).limit(1)).first() is not None


def _is_repeated(counts: Counter[str], block: str) -> bool:
    return counts[block] >= REPEATED
