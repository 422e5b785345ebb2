"""Take articles out of a study for good; draws of their spans keep their π, and everything else of them is deleted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select

from corpus.article import normalise
from corpus.articles.multi_article_texts import delete_rows, take_out
from corpus.articles.paragraphs import why_missing
from corpus.articles.spans import respan
from corpus.copies.groups import update_copy_groups
from corpus.errors import BadStudy
from corpus.feeds import retries, stored_pages
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.log import logged
from corpus.study.history.removals import ARTICLE, SPLIT_TEXT, days_of_removal, note_removals

from .overwriting import delete_bytes_too, notes_on_bytes, overwrite_deleted

_BATCH = 100  # articles a transaction
_COUNTED = ("revisions", "spans", "annotations", "adjudications", "assignments", "drawn", "tasks")


@dataclass(frozen=True)
class RemovedArticle:
    """An article that was removed, or would be."""

    article: str
    outlet: str
    title: str | None
    published: str | None


@dataclass(frozen=True)
class RemovedArticles(Result):
    """The articles that were removed, or would be where nothing is `done`, and how much of each kind with them.

    `drawn` spans keep their probability in the rounds that drew them, and count in no figure. `tasks` are the tasks in
    Label Studio that show the articles. `earlier` are articles that were removed before. `overwritten` says whether
    the database's file was written anew without their bytes, and `notes` in sentences what is still to do.
    """

    done: bool
    articles: tuple[RemovedArticle, ...]
    revisions: int
    spans: int
    annotations: int
    adjudications: int
    assignments: int
    drawn: int
    tasks: int
    earlier: tuple[str, ...] = ()
    overwritten: bool = False
    notes: tuple[str, ...] = ()
    rows = "articles"


@logged("article remove")
def remove_articles(
    study: Study, articles: str | Iterable[str] = (), *, outlet: str | None = None, yes: bool = False
) -> RemovedArticles:
    """Count what removing articles, by their ids, or all of an outlet would delete; with `yes` remove them.

    All that the study has of them is deleted, answers and fetched pages included. Frames and draws of rounds still
    name their spans, so that the others keep their probabilities. A text that was split into articles is deleted with
    the first of them that is removed. `add` and `poll_feeds` pass removed articles over. Naming articles that were
    removed before changes nothing, except that the database's file is written anew. Raises BadStudy for an unknown
    article or outlet, and where not one of both is given.
    """
    ids = tuple(dict.fromkeys([articles] if isinstance(articles, str) else articles))
    if bool(ids) == (outlet is not None):
        raise BadStudy("expected the ids of articles or an outlet; kwic and export print the articles' ids")
    with study.store.reading() as connection:
        found = _of_outlet(connection, normalise(outlet)) if outlet is not None else _named(study, connection, ids)
        numbers = _numbers(connection, [row.article for row in found])
        removed_before = days_of_removal(connection, ids)
        earlier = tuple(id for id in ids if id in removed_before and id not in numbers)
    total = sum(numbers.values(), Counter[str]())
    counted: dict[str, Any] = {name: total[name] for name in _COUNTED}
    if not yes:
        return RemovedArticles(False, tuple(found), **counted, earlier=earlier)
    study.remember_codebook()  # fails before anything is deleted where the codebook is broken
    for batch in db.batches(sorted(numbers), _BATCH):
        _remove(study, batch)
    stored_pages.delete_unused_files(study)
    update_copy_groups(study)
    respan(study)
    overwritten = overwrite_deleted(study)
    notes = list(notes_on_bytes(study, overwritten))
    if feeds := _feeds_of(study, outlet):
        notes.append(f"new articles still come from the feeds of {outlet}: {', '.join(feeds)}")
    if total["tasks"]:
        notes.append(f"Label Studio still shows {total['tasks']} tasks with them; delete these there")
    if study.model and total["annotations"]:
        notes.append(f"the model {study.model} may have learned from their answers; train another: slantwise train")
    return RemovedArticles(True, tuple(found), **counted, earlier=earlier, overwritten=overwritten, notes=tuple(notes))


def _named(study: Study, connection: Connection, ids: Sequence[str]) -> list[RemovedArticle]:
    a = db.articles.c
    rows: dict[str, RemovedArticle] = {}
    for batch in db.batches(ids):
        query = select(a.id, a.outlet, a.title, a.published).where(a.id.in_(batch))
        rows.update({row[0]: RemovedArticle(*row) for row in connection.execute(query).tuples()})
    earlier = days_of_removal(connection, ids)
    if unknown := [id for id in ids if id not in rows and id not in earlier]:
        raise BadStudy(why_missing(study, unknown[0]))
    return [rows[id] for id in ids if id in rows]


def _of_outlet(connection: Connection, outlet: str) -> list[RemovedArticle]:
    a, t = db.articles.c, db.removals.c
    query = select(a.id, a.outlet, a.title, a.published).where(a.outlet == outlet).order_by(a.published, a.id)
    found = [RemovedArticle(*row) for row in connection.execute(query).tuples()]
    if not found and connection.execute(select(t.id).where(t.outlet == outlet).limit(1)).first() is None:
        known = ", ".join(connection.execute(select(a.outlet).distinct().order_by(a.outlet)).scalars())
        raise BadStudy(f"the study has no articles of {outlet!r}; outlets with articles: {known or 'none yet'}")
    return found


def _feeds_of(study: Study, outlet: str | None) -> list[str]:
    f = db.feeds.c
    with study.store.reading() as connection:
        rows = connection.execute(select(f.url).where(f.outlet == normalise(outlet or "")).order_by(f.url))
        return list(rows.scalars())


def _numbers(connection: Connection, articles: Sequence[str]) -> dict[str, Counter[str]]:
    """Return how much of each kind belongs to each of these articles."""
    r, s, d, t = db.revisions.c, db.spans.c, db.draws.c, db.studio_tasks.c
    of_spans = select(r.article, func.count()).join(db.spans, s.revision == r.id)
    queries = {
        "revisions": select(r.article, func.count()),
        "spans": of_spans,
        "annotations": of_spans.join(db.annotations, db.annotations.c.span == s.id),
        "adjudications": of_spans.join(db.adjudications, db.adjudications.c.span == s.id),
        "assignments": of_spans.join(db.assignments, db.assignments.c.span == s.id),
        "drawn": select(r.article, func.count(d.span.distinct()))
        .join(db.spans, s.revision == r.id)
        .join(db.draws, d.span == s.id),
        "tasks": of_spans.join(db.studio_tasks, (t.span == s.id) & t.task.is_not(None)),
    }
    numbers: dict[str, Counter[str]] = {article: Counter() for article in articles}
    for batch in db.batches(articles):
        for name, query in queries.items():
            for article, n in connection.execute(query.where(r.article.in_(batch)).group_by(r.article)).tuples():
                numbers[article][name] = n
    return numbers


def _remove(study: Study, articles: Sequence[str]) -> None:
    """Remove some articles in one transaction, then the files of pages that no other article came from."""
    a, r, p, f = db.articles.c, db.revisions.c, db.split_parts.c, db.furniture_decisions.c
    with study.store.writing() as connection:
        delete_bytes_too(connection)
        rows = connection.execute(select(a.id, a.outlet).where(a.id.in_(articles)).order_by(a.id)).tuples().all()
        outlets = dict(rows)  # of those that nobody else has just removed
        if not outlets:
            return
        numbers, revisions = _numbers(connection, list(outlets)), defaultdict[str, list[str]](list)
        for article, revision in connection.execute(
            select(r.article, r.id).where(r.article.in_(outlets)).order_by(r.number)
        ).tuples():
            revisions[article].append(revision)
        removed = [
            {"name": id, "outlet": outlet, "revisions": revisions[id], "removed": numbers[id]}
            for id, outlet in outlets.items()
        ]
        note_removals(connection, ARTICLE, removed)
        whole = select(p.split_article, a.outlet).join(db.articles, a.id == p.article).where(p.article.in_(outlets))
        split_texts = dict(connection.execute(whole).tuples().all())
        note_removals(connection, SPLIT_TEXT, [{"name": id, "outlet": o} for id, o in split_texts.items()])
        delete_rows(connection, db.split_articles, list(split_texts))
        files = _forget_fetched(study, connection, list(outlets))
        for id, outlet in outlets.items():
            for batch in db.batches(take_out(connection, id)):
                connection.execute(delete(db.furniture_decisions).where(f.outlet == outlet, f.digest.in_(batch)))
        _delete_empty_outlets(connection, set(outlets.values()))
    for file in files:
        file.unlink(missing_ok=True)


def _forget_fetched(study: Study, connection: Connection, articles: Sequence[str]) -> list[Any]:
    """Forget the entries of feeds that articles came from, and pages of no other article; return the pages' files."""
    a, e = db.articles.c, db.feed_entries.c
    entries = connection.execute(select(e.id, e.url).where(e.article.in_(articles))).tuples().all()
    urls = {url for _, url in entries if url}
    urls |= {url for url in connection.execute(select(a.url).where(a.id.in_(articles))).scalars() if url}
    for batch in db.batches(sorted(urls)):
        others = select(e.url).where(e.url.in_(batch), e.article.is_not(None), e.article.not_in(articles))
        urls -= set(connection.execute(others).scalars())
    retries.record_removed(connection, [id for id, _ in entries])
    return list(stored_pages.forget_pages(study, connection, urls))


def _delete_empty_outlets(connection: Connection, outlets: set[str]) -> None:
    """Delete the outlets that have no article, no feed and no decision of a person any more."""
    o = db.outlets.c
    c = db.paragraph_counts.c
    has_articles = exists().where(db.articles.c.outlet == c.outlet)
    connection.execute(delete(db.paragraph_counts).where(c.outlet.in_(sorted(outlets)), ~has_articles))
    used = [exists().where(t.c.outlet == o.name) for t in (db.articles, db.feeds, db.furniture_decisions)]
    connection.execute(delete(db.outlets).where(o.name.in_(sorted(outlets)), *(~one for one in used)))
