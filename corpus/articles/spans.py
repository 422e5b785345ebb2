"""Split a study's articles into spans, again when articles or terms change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, func, literal, select, union

from corpus.article import Revision
from corpus.codebook import Codebook
from corpus.copies.groups import update_copy_groups
from corpus.draft import FOR_SUBSCRIBERS
from corpus.span import Span, headline_in, paragraphs
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, note_pending, pending, tallied
from corpus.study.history.log import logged
from corpus.study.paragraph_counts import digest, repeated_paragraphs
from corpus.text import terms
from corpus.text.splitting import split_into_spans

from .cut import find_cut, is_prompt
from .respan_result import RespanResult

BATCH = 200  # revisions a transaction
BY_HAND = "by hand"  # why a text is cut, or whole, where a person said so

Progress = Callable[[float], None]  # receives the share that is done

# coded or drawn: coders answer for exactly these spans
FIXED = union(
    select(db.spans.c.revision).join(db.annotations, db.annotations.c.span == db.spans.c.id),
    select(db.spans.c.revision).join(db.draws, db.draws.c.span == db.spans.c.id),
    select(db.spans.c.revision).join(db.answer_changes, db.answer_changes.c.span == db.spans.c.id),
)


@logged("respan")
def respan(study: Study, *, progress: Progress = lambda share: None) -> RespanResult:
    """Find the spans of texts that have none, and of all uncoded texts where the codebook's terms have changed.

    Copies are detected first, and the codebook's text is stored under its version. Revisions that are coded or drawn in
    a round keep their spans; their annotations are linked to the other revisions of their article. Functions that add
    or split articles call this last, those that draw or suggest call it first; the next run continues a stopped one.
    """
    study.refresh_codebook()
    study.remember_codebook()
    if not study.spans_out_of_date:
        return RespanResult()
    update_copy_groups(study)
    return _split(study, progress)


def _split(study: Study, progress: Progress) -> RespanResult:
    """Split the pending revisions, one batch per transaction."""
    with study.store.writing() as connection:
        if db.get_meta(connection, db.SPLITTER) != (recipe := study.splitting_recipe):
            changeable = select(literal("split"), db.revisions.c.id).where(
                db.revisions.c.id.not_in(FIXED), db.revisions.c.id.not_in(_waiting())
            )
            connection.execute(db.pending_revisions.insert().from_select(["work", "revision"], changeable))
            db.set_meta(connection, db.SPLITTER, recipe)
        total = connection.execute(select(func.count()).select_from(_waiting().subquery())).scalar_one()
    result, done = RespanResult(), 0
    while True:
        with study.store.writing() as connection:
            batch = claim(connection, "split", BATCH)
            to_split = _without_fixed(connection, batch)
            split_again(connection, study.codebook, to_split, result)
            if not batch and not pending(connection, "split", 1):
                return result
        done += len(batch)
        progress(done / total if total else 1.0)


def _waiting() -> Any:
    return select(db.pending_revisions.c.revision).where(db.pending_revisions.c.work == "split")


def _without_fixed(connection: Connection, revisions: Sequence[str]) -> list[str]:
    """Leave out revisions that have been coded or drawn since they were noted to be split again."""
    s, r = db.spans.c, db.revisions.c.id
    split_before = set(
        connection.execute(
            select(s.revision).where(s.revision.in_(revisions), s.found_by == "split").distinct()
        ).scalars()
    )
    if not split_before:
        return list(revisions)  # new revisions, mostly
    fixed = set(connection.execute(select(r).where(r.in_(split_before), r.in_(FIXED))).scalars())
    return [revision for revision in revisions if revision not in fixed]


def split_again(
    connection: Connection, book: Codebook, revisions: Sequence[str], result: RespanResult | None = None
) -> None:
    """Split revisions into spans again; the new spans replace those found before, and `result` counts them."""
    rows = connection.execute(
        select(db.revisions, db.articles.c.title, db.articles.c.outlet, db.articles.c.language, db.articles.c.metadata)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(db.revisions.c.id.in_(revisions))
        .order_by(db.revisions.c.article, db.revisions.c.number)
    ).all()
    is_repeated = repeated_paragraphs(connection, [(row.outlet, row.text) for row in rows])
    decided = decisions(connection, {row.outlet for row in rows})
    marks = _marks(connection, revisions)
    result = result or RespanResult()
    with tallied(connection, revisions):
        _delete_spans(connection, revisions)
        stored = []
        for row in rows:
            overrides = {**_prompts(row.text), **_decided(row, decided), **marks.get(row.id, {})}
            spans = _spans_of_revision(row, book, is_repeated, overrides)
            stored += [span_row(span) for span in spans]
            if row.number == 0:
                _note_furniture(result, row, spans, book, is_repeated)
                _note_cut(connection, result, row, spans)
        db.put(connection, db.spans, stored)
    result.split += len(rows)
    link_coded_spans(connection, {row.article for row in rows})
    note_pending(connection, "score", [row.id for row in rows if row.number == 0])


def add_missing_spans(connection: Connection, book: Codebook) -> None:
    """Add the spans that splitting finds in each revision and that are not stored, also where spans are fixed.

    This is for a store that has lost rows: those that it still has stay, with their suggestions.
    """
    a, r = db.articles.c, db.revisions.c
    columns = (db.revisions, a.title, a.outlet, a.language, a.metadata)
    for batch in db.batches(connection.execute(select(r.id).order_by(r.id)).scalars().all(), BATCH):
        rows = connection.execute(select(*columns).join(db.articles, a.id == r.article).where(r.id.in_(batch))).all()
        is_repeated = repeated_paragraphs(connection, [(row.outlet, row.text) for row in rows])
        decided, marks = decisions(connection, {row.outlet for row in rows}), _marks(connection, batch)
        with tallied(connection, batch):
            for row in rows:
                overrides = {**_prompts(row.text), **_decided(row, decided), **marks.get(row.id, {})}
                spans = _spans_of_revision(row, book, is_repeated, overrides)
                db.put(connection, db.spans, [span_row(span) for span in spans])


def _spans_of_revision(
    row: Any, book: Codebook, is_repeated: Callable[[str, str], bool], marks: Mapping[tuple[int, int], str]
) -> list[Span]:
    headline = headline_in(row.text, row.title) if row.title else None
    return split_into_spans(
        Revision.stored(row.article, row.text, row.reason, row.digest),
        mention_terms=book.mention_terms,
        other_terms=book.terms,
        title=row.text[slice(*headline)] if headline else None,
        language=row.language or book.language,
        repeated=lambda paragraph: is_repeated(row.outlet, paragraph),
        overrides=marks,
    )


def _note_furniture(
    result: RespanResult, row: Any, spans: Sequence[Span], book: Codebook, is_repeated: Callable[[str, str], bool]
) -> None:
    """Count a text's furniture, and note the repeated lines that stay text because they have a term."""
    for span in spans:
        line = row.text[span.start : span.end]
        if span.unit == "furniture":
            result.furniture[row.outlet] += 1
            result.furniture_terms += bool(terms.find(book.terms, line))
            continue
        is_text = span.unit in ("paragraph", "headline")
        if is_text and is_repeated(row.outlet, line) and terms.find(book.terms, line):
            result.repeated_terms.add((row.outlet, line))


def _note_cut(connection: Connection, result: RespanResult, row: Any, spans: Sequence[Span]) -> None:
    """Store whether a text ends before its end, unless a person has decided it."""
    t = db.cut_texts.c
    connection.execute(delete(db.cut_texts).where(t.article == row.article, t.why != BY_HAND))
    places = [span for span in spans if span.unit in ("headline", "teaser", "furniture", "paragraph")]
    lines = [row.text[span.start : span.end] for span in places]
    from_feed = '"text_from": "feed"' in row.metadata
    kinds, for_subscribers = [span.unit for span in places], f'"{FOR_SUBSCRIBERS}": "yes"' in row.metadata
    if (found := find_cut(lines, kinds, from_feed=from_feed, for_subscribers=for_subscribers)) is None:
        return
    known = connection.execute(select(t.article).where(t.article == row.article)).first()
    if known is None:
        db.put(connection, db.cut_texts, [{"article": row.article, "state": found.state, "why": found.why}])
        result.cut += found.state == "cut"
        result.unsure += found.state == "unsure"


def decisions(connection: Connection, outlets: Collection[str]) -> dict[tuple[str, int], str]:
    """Return the kinds that `article furniture` gave to lines of these outlets, by outlet and digest."""
    f = db.furniture_decisions.c
    decided: dict[tuple[str, int], str] = {}
    for batch in db.batches(sorted(outlets)):
        for row in connection.execute(select(f.outlet, f.digest, f.kind).where(f.outlet.in_(batch))):
            decided[row.outlet, row.digest] = row.kind
    return decided


def _prompts(text: str) -> dict[tuple[int, int], str]:
    """Return the paragraphs of a text that ask to subscribe or to log in, as furniture."""
    return {place: "furniture" for place in paragraphs(text) if is_prompt(text[slice(*place)])}


def _decided(row: Any, decided: Mapping[tuple[str, int], str]) -> dict[tuple[int, int], str]:
    """Return the kinds that `article furniture` gave to paragraphs of a text, by their offsets."""
    if not decided:
        return {}
    places = ((place, decided.get((row.outlet, digest(row.text[slice(*place)])))) for place in paragraphs(row.text))
    return {place: kind for place, kind in places if kind}


def _delete_spans(connection: Connection, revisions: Sequence[str]) -> None:
    """Delete the spans that splitting found in revisions, with their suggestions and links."""
    from_splitting = db.spans.c.revision.in_(revisions) & (db.spans.c.found_by == "split")
    if connection.execute(select(db.spans.c.id).where(from_splitting).limit(1)).first() is None:
        return  # new revisions, mostly
    ids = select(db.spans.c.id).where(from_splitting)
    connection.execute(delete(db.suggestions).where(db.suggestions.c.span.in_(ids)))
    connection.execute(delete(db.span_links).where(db.span_links.c.same_span.in_(ids)))
    connection.execute(delete(db.spans).where(from_splitting))


def _marks(connection: Connection, revisions: Sequence[str]) -> dict[str, dict[tuple[int, int], str]]:
    """Return the kinds set by `article mark`, by revision."""
    overrides: dict[str, dict[tuple[int, int], str]] = {}
    o = db.paragraph_overrides
    for revision, start, end, kind in connection.execute(select(o).where(o.c.revision.in_(revisions))):
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
    if linked:
        revisions = {str(row["revision"]) for row in linked}
        with tallied(connection, revisions):
            db.put(connection, db.spans, linked)
        note_pending(connection, "score", revisions)
    db.put(connection, db.span_links, links)
