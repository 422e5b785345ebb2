"""Copy groups at another threshold of similarity, to see whether a result depends on it; nothing is stored."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from corpus.study import Study
from corpus.study import database as db

from .near_duplicates import MIN_SIMILARITY, DisjointSets, assign_copy_groups
from .shingles import sketch


def copy_groups_at(study: Study, threshold: float, articles: Collection[str]) -> dict[str, str]:
    """Return the copy group of each of these articles if texts were copies from a similarity of `threshold` on.

    A higher threshold than the study's divides its groups, a lower one joins groups of these articles.
    """
    stored = _stored_groups(study, articles)
    if threshold < MIN_SIMILARITY:
        sets = DisjointSets()
        for article, group in stored.items():
            sets.join(article, group)
        for article, group in _groups(study, sorted(articles), threshold).items():
            sets.join(article, group)
        return {article: sets.of(article) for article in articles}
    members: dict[str, list[str]] = {}
    for article, group in stored.items():
        members.setdefault(group, []).append(article)
    found: dict[str, str] = {}
    for copies in members.values():
        found |= _groups(study, sorted(copies), threshold) if len(copies) > 1 else {copies[0]: copies[0]}
    return {article: found[article] for article in articles}


def _stored_groups(study: Study, articles: Collection[str]) -> dict[str, str]:
    """Return the stored group of each article, and of all articles that share a group with one of them."""
    a = db.articles.c
    groups: dict[str, str] = {}
    with study.store.reading() as connection:
        for batch in db.batches(sorted(articles)):
            rows = connection.execute(select(a.id, a.copy_group).where(a.id.in_(batch)))
            groups |= {row.id: row.copy_group or row.id for row in rows}
        for batch in db.batches(sorted({*groups.values()})):
            rows = connection.execute(select(a.id, a.copy_group).where(a.copy_group.in_(batch)))
            groups |= {row.id: row.copy_group for row in rows}
    return groups


def _groups(study: Study, articles: Collection[str], threshold: float) -> dict[str, str]:
    """Return the groups of articles that are compared with each other alone."""
    r = db.revisions.c
    texts: dict[str, str] = {}
    with study.store.reading() as connection:
        for batch in db.batches(articles):
            query = select(r.article, r.text).where(r.article.in_(batch), r.number == 0)
            texts.update(connection.execute(query).tuples().all())
    sketches = {article: sketch(texts[article]) for article in articles}
    return assign_copy_groups({}, sketches, {}, texts.__getitem__, threshold)
