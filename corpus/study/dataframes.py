"""Return the store's contents as pandas frames, with the columns that `export` writes."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Select, case, false, func, select

from corpus.annotation import HAND_PICKED, Assignment
from corpus.codebook import Codebook
from corpus.span import Span
from corpus.text.terms import find as find_terms

from . import database as db
from .row_digests import values_of

_PLACE = (
    db.articles.c.outlet,
    db.articles.c.id.label("article"),
    db.articles.c.published.label("date"),
    db.spans.c.unit,
    db.spans.c.id.label("span"),
    db.spans.c.start,
    db.spans.c.end,
)


def _read(store: db.Store, query: Select[tuple[object, ...]]) -> pd.DataFrame:
    with store.reading() as connection:
        result = connection.execute(query)
        return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def _with_text(store: db.Store, frame: pd.DataFrame) -> pd.DataFrame:
    """Cut each span's text out of its revision, reading each text once and not once per span."""
    r = db.revisions.c
    texts: dict[str, str] = {}
    with store.reading() as connection:
        for batch in db.batches(frame["revision"].unique().tolist()):
            texts.update(connection.execute(select(r.id, r.text).where(r.id.in_(batch))).tuples().all())
    places = zip(frame.pop("revision"), frame["start"], frame["end"], strict=True)
    return _placed(frame, "end", text=[texts[r][a:b] for r, a, b in places])


def _placed(frame: pd.DataFrame, after: str, **columns: list[Any]) -> pd.DataFrame:
    """Return the frame with new columns inserted after another one."""
    names = list(frame.columns)
    position = names.index(after) + 1
    return frame.assign(**columns)[names[:position] + list(columns) + names[position:]]


def excluded(store: db.Store) -> dict[str, list[tuple[int, int, str]]]:
    """Return by revision the passages that count in no figure, with the reason: "cut text" or "furniture".

    A cut text is excluded whole. Lines that were dropped as furniture are here where their text is coded or drawn,
    since it then keeps its spans.
    """
    e, t, r = db.excluded_passages.c, db.cut_texts.c, db.revisions.c
    cut = select(r.id, r.text).join(db.cut_texts, t.article == r.article).where(t.state == "cut")
    passages: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    with store.reading() as connection:
        for revision, text in connection.execute(cut):
            passages[revision].append((0, len(text), "cut text"))
        for row in connection.execute(select(e.revision, e.start, e.end, e.why)):
            passages[row.revision].append((row.start, row.end, row.why))
    return passages


def count_cut(articles: pd.DataFrame) -> int:
    """Return how many of these articles are cut, and therefore left out of figures."""
    return int(articles["cut"].sum())


def why_excluded(passages: Mapping[str, Sequence[tuple[int, int, str]]], span: str) -> str:
    """Return why a span counts in no figure, by the passages that `excluded` returns; "" if it counts."""
    if not passages or (inside := passages.get(span.partition(":")[0])) is None:
        return ""
    place = Span.from_id(span)
    return next((why for start, end, why in inside if start <= place.start and place.end <= end), "")


def counted(store: db.Store, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose `span` counts in figures and may be drawn."""
    passages = excluded(store)
    if not passages:
        return frame
    return frame.loc[[not why_excluded(passages, span) for span in frame["span"]]]  # also of a frame without rows


def articles(store: db.Store) -> pd.DataFrame:
    """Return `article, outlet, date, title, url, language, rights, event, originator, copy_group, revision, …, cut`.

    `cut` says whether only the beginning of the text was read, as behind a paywall; such texts count in no figure.
    `event` comes from a manifest, a table's column or the event table; detected events are in `events list` only.
    """
    a, t = db.articles.c, db.event_assignments.c
    query = (
        select(
            a.id.label("article"), a.outlet, a.published.label("date"), a.title, a.url, a.language, a.rights,
            func.coalesce(a.event, t.event).label("event"), a.originator, a.copy_group,
            db.revisions.c.id.label("revision"), db.revisions.c.text, a.metadata,
            (func.coalesce(db.cut_texts.c.state, "") == "cut").label("cut"),
        )
        .join(db.revisions, db.revisions.c.article == a.id)
        .outerjoin(db.event_assignments, (t.article == a.id) & (t.origin != "found"))
        .outerjoin(db.cut_texts, db.cut_texts.c.article == a.id)
        .where(db.revisions.c.number == 0)
        .order_by(a.outlet, a.published.nulls_first(), a.id)
    )  # fmt: skip
    return _read(store, query).astype({"cut": bool})


def spans(store: db.Store, *, unit: str | None = None, revisions: Collection[str] | None = None) -> pd.DataFrame:
    """Return `outlet, article, date, unit, span, start, end, text, found_by`, of all first revisions or of some."""
    query = (
        select(*_PLACE, db.spans.c.found_by, db.spans.c.revision)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(db.revisions.c.number == 0)
        .order_by(db.articles.c.outlet, db.articles.c.id, db.spans.c.start, db.spans.c.end.desc(), db.spans.c.unit)
    )
    if unit is not None:
        query = query.where(db.spans.c.unit == unit)
    if revisions is None:
        return _with_text(store, _read(store, query))
    parts = [_read(store, query.where(db.revisions.c.id.in_(batch))) for batch in db.batches(sorted(revisions))]
    return _with_text(store, pd.concat(parts or [_read(store, query.where(false()))], ignore_index=True))


def eligible(store: db.Store, book: Codebook, revisions: Collection[str] | None = None) -> pd.DataFrame:
    """Return the spans of the codebook's unit that are to be coded and count, with the columns of `spans`."""
    frame = counted(store, spans(store, unit=book.unit, revisions=revisions))
    return frame[frame["text"].map(book.is_eligible).astype(bool)]


def terms(store: db.Store, book: Codebook) -> pd.DataFrame:
    """Return the mentions that count, with the columns of `spans` and the codebook's term of each."""
    frame = counted(store, spans(store, unit="mention"))
    found: dict[str, str | None] = {}
    for words in frame["text"].unique():
        found[words] = next((term for term in book.mention_terms if find_terms([term], words)), None)
    return _placed(frame, "text", term=[found[words] for words in frame["text"]])


def copies(store: db.Store) -> pd.DataFrame:
    """Return `group, article, outlet, date, title` of the articles that share their text, the earliest first."""
    a = db.articles.c
    groups = select(a.copy_group).group_by(a.copy_group).having(func.count() > 1)
    query = (
        select(a.copy_group.label("group"), a.id.label("article"), a.outlet, a.published.label("date"), a.title)
        .where(a.copy_group.in_(groups))
        .order_by(a.copy_group, a.published.nulls_last(), a.id)
    )
    return _read(store, query)


def events(store: db.Store) -> pd.DataFrame:
    """Return `event, origin, article, outlet, date, title`; the origin is "told", "table" or "found" (detected)."""
    a, t = db.articles.c, db.event_assignments.c
    event = func.coalesce(a.event, t.event)
    query = (
        select(
            event.label("event"), case((a.event.is_not(None), "told"), else_=t.origin).label("origin"),
            a.id.label("article"), a.outlet, a.published.label("date"), a.title,
        )
        .outerjoin(db.event_assignments, t.article == a.id)
        .where(event.is_not(None))
        .order_by(event, a.published.nulls_last(), a.id)
    )  # fmt: skip
    return _read(store, query)


def rounds(store: db.Store) -> pd.DataFrame:
    """Return `round, purpose, layout, codebook_version, assisted, seed, made_at, frame, spans`, the oldest first.

    `frame` is the number of spans that could be drawn, `spans` of those that were.
    """
    r, d = db.rounds.c, db.draws.c
    drawn = select(func.count()).where(d.round == r.name).scalar_subquery()
    query = select(
        r.name.label("round"), r.purpose, r.layout, r.codebook_version, r.assisted, r.seed, r.made_at, r.frame,
        drawn.label("spans"),
    ).order_by(r.made_at, r.name)  # fmt: skip
    frame = _read(store, query)
    return frame.assign(frame=[len(json.loads(spans)) for spans in frame["frame"]])


def draws(store: db.Store) -> pd.DataFrame:
    """Return `outlet, …, text, round, position, pi, stratum`, in the order of drawing."""
    d = db.draws.c
    query = (
        select(*_PLACE, d.round, d.position, d.pi, d.stratum, db.spans.c.revision)
        .join(db.spans, db.spans.c.id == d.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .order_by(d.round, d.position)
    )
    return _with_text(store, _read(store, query))


def assignments(store: db.Store) -> pd.DataFrame:
    """Return `round, coder, position, span, arm, probability, state, reason, memo, seconds, at`.

    `position` is the place in the coder's queue, from 1; open assignments have no state.
    """
    a, o = db.assignments.c, db.outcomes.c
    query = (
        select(a.round, a.coder, a.span, a.arm, a.probability, o.state, o.reason, o.memo, o.seconds, o.at)
        .outerjoin(db.outcomes, (o.round == a.round) & (o.span == a.span) & (o.coder == a.coder))
        .order_by(a.round, a.coder)
    )
    frame = _read(store, query)
    order = [
        Assignment(*row).queue_order
        for row in frame[["round", "span", "coder", "arm", "probability"]].itertuples(index=False, name=None)
    ]
    frame = frame.assign(order=order).sort_values(["round", "coder", "order"]).drop(columns="order")
    queues = frame.groupby(["round", "coder"])
    return _placed(frame.reset_index(drop=True), "coder", position=(queues.cumcount() + 1).tolist())


def annotations(store: db.Store) -> pd.DataFrame:
    """Return `outlet, article, date, unit, span, start, end, text, variable, code, coder, round, arm, pi, …`.

    `pi` is the probability that the span was drawn in its round and asked in this arm (π·P(arm)); it is empty where an
    answer belongs to no draw.
    """
    t = db.annotations.c
    query = (
        select(
            *_PLACE, t.variable, t.code, t.coder, t.round, t.arm, t.codebook_version, t.made_at, t.memo, t.seconds,
            t.simulated, db.rounds.c.purpose, db.spans.c.revision,
        )
        .join(db.spans, db.spans.c.id == t.span)
        .outerjoin(db.rounds, db.rounds.c.name == t.round)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .order_by(db.articles.c.outlet, db.articles.c.id, db.spans.c.start, db.spans.c.end)
        .order_by(t.variable, t.coder, t.round)
    )  # fmt: skip
    frame = _with_text(store, _read(store, query))
    return _placed(frame, "arm", pi=_probabilities(store, frame))


def answer_changes(store: db.Store) -> pd.DataFrame:
    """Return `span, variable, coder, round, number, state, code, …`: answers that were changed, as `Study` says."""
    return _read(store, select(*values_of(db.answer_changes)).order_by(*db.answer_changes.primary_key.columns))


def _probabilities(store: db.Store, frame: pd.DataFrame) -> list[float | None]:
    """Return each answer's π·P(arm); a span that a coder marked has that of the passage that was drawn.

    Spans that were picked by hand, and not drawn at random, have none.
    """
    a, d = db.assignments.c, db.draws.c
    query = (
        select(a.round, a.coder, a.arm, a.probability, d.span, d.pi, db.rounds.c.layout)
        .join(db.draws, (d.round == a.round) & (d.span == a.span))
        .join(db.rounds, db.rounds.c.name == a.round)
        .where(d.stratum != HAND_PICKED)
    )
    of_spans: dict[tuple[str, str, str, str], float] = {}
    of_passages: dict[tuple[str, str, str, str], list[tuple[int, int, float]]] = defaultdict(list)
    with store.reading() as connection:
        for row in connection.execute(query):
            if row.layout == "unit":
                of_spans[row.span, row.round, row.coder, row.arm] = row.pi * row.probability
            else:
                passage = Span.from_id(row.span)
                assigned = (passage.revision, row.round, row.coder, row.arm)
                of_passages[assigned].append((passage.start, passage.end, row.pi * row.probability))

    if not of_spans and not of_passages:
        return [None] * len(frame)

    def probability_of(span: str, round: str, coder: str, arm: str) -> float | None:
        if not of_passages or (span, round, coder, arm) in of_spans:
            return of_spans.get((span, round, coder, arm))
        marked = Span.from_id(span)
        drawn = of_passages.get((marked.revision, round, coder, arm), [])
        return next((pi for start, end, pi in drawn if start <= marked.start and marked.end <= end), None)

    return [probability_of(*row) for row in frame[["span", "round", "coder", "arm"]].itertuples(index=False)]


def adjudicated(store: db.Store) -> pd.DataFrame:
    """Return `outlet, …, text, variable, code, by, reason, confidence, round, codebook_version, made_at`."""
    t = db.adjudications.c
    query = (
        select(
            *_PLACE, t.variable, t.code, t.by, t.reason, t.confidence, t.round, t.codebook_version, t.made_at,
            db.spans.c.revision,
        )
        .join(db.spans, db.spans.c.id == t.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .order_by(db.articles.c.outlet, db.articles.c.id, db.spans.c.start, db.spans.c.end, t.variable, t.round)
    )  # fmt: skip
    return _with_text(store, _read(store, query))


def suggestions(store: db.Store) -> pd.DataFrame:
    """Return `outlet, …, text, variable, code, probability, probabilities, model, fold`; the current model's only."""
    t = db.suggestions.c
    query = (
        select(*_PLACE, t.variable, t.probabilities, t.model, t.fold, db.spans.c.revision)
        .join(db.spans, db.spans.c.id == t.span)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(t.model == select(db.meta.c.value).where(db.meta.c.key == db.MODEL).scalar_subquery())
        .order_by(db.articles.c.outlet, db.articles.c.id, db.spans.c.start, db.spans.c.end, t.variable)
    )
    frame = counted(store, _with_text(store, _read(store, query)))
    frame["probabilities"] = frame["probabilities"].map(json.loads)
    best = [max(row, key=row.__getitem__) for row in frame["probabilities"]]
    probability = [row[code] for row, code in zip(frame["probabilities"], best, strict=True)]
    return _placed(frame, "variable", code=best, probability=probability)
