"""Find and list a study's copy groups, with what each outlet changed in its copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, case, delete, func, select, update

from corpus.errors import BadStudy
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, count, note_pending, recount, tally
from corpus.wording.alignment import CopyChange, copy_changes

from .bylines import credited_agency
from .near_duplicates import MAX_SHARING, MIN_SKETCH_OVERLAP, assign_copy_groups, repeated_stretches, similarity
from .shingles import RECIPE, Sketch, count_sampled, sketch

_BATCH = 500  # articles
_PORTION = 1000  # new articles a transaction, which takes some seconds
_FEW = 100  # new articles are few if less than one in so many: each is looked up in the index of shingles
_MOST_HASHES = 10_000  # of an article that is looked up: below the parameter limits of both databases


@dataclass(frozen=True)
class Member(Result):
    """One article of a copy group and its changes from the earliest one, which itself has none.

    Changes of contested terms come first, then the others, both in the order of the text. `similarity` is the share of
    the shorter text found in the other, see `near_duplicates.similarity`; `repeats` are the stretches that occur twice
    in the article.
    """

    article: str
    outlet: str
    date: str | None
    title: str | None
    url: str | None
    words: int
    credit: str | None
    similarity: float
    repeats: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    changes: tuple[CopyChange, ...]
    printed = ("words_inserted", "words_deleted")

    @property
    def words_inserted(self) -> int:
        """The number of words that its changes added."""
        return sum(len(change.after.split()) for change in self.changes)

    @property
    def words_deleted(self) -> int:
        """The number of words that its changes removed."""
        return sum(len(change.before.split()) for change in self.changes)


@dataclass(frozen=True)
class CopyGroup(Result):
    """Articles with the same text, the earliest first, undated ones last; `credit` is the agency that most name."""

    group: str
    earliest: str
    outlets: tuple[str, ...]
    credit: str | None
    members: tuple[Member, ...] = printed_as("articles")
    rows = "members"


@dataclass(frozen=True)
class ListedCopyGroup:
    """A copy group with the number of its articles; outlet, date and title are those of the earliest."""

    group: str
    articles: int
    outlets: tuple[str, ...]
    earliest: str
    outlet: str
    date: str | None
    title: str | None
    credit: str | None


@dataclass(frozen=True)
class CopyGroupList(Result):
    """The copy groups of a study, the largest first."""

    groups: tuple[ListedCopyGroup, ...]
    rows = "groups"


def commonest(credits: list[str | None]) -> str | None:
    """Return the agency that most articles credit, None if none does."""
    named = [agency for agency in credits if agency]
    return max(named, key=named.count) if named else None


def update_copy_groups(study: Study) -> None:
    """Assign articles added since the last call to copy groups; earlier groups stay, or are joined by new articles.

    A new article is compared only with those that share a shingle with it, whose sketches are the only ones read. A
    group is named by its smallest article, so portions of the new articles make the same groups as all at once.
    """
    while _group_portion(study):
        pass  # others may write in between


def _group_portion(study: Study) -> bool:
    """Assign the next new articles to copy groups; return whether there were any."""
    with study.store.writing() as connection:
        if db.get_meta(connection, db.COPIES) != RECIPE:
            _start_index(connection)
        revisions = claim(connection, "compare", _PORTION)
        new = _sketch_articles(connection, revisions)
        if not new:
            return bool(revisions)
        known, groups = _sharing_articles(connection, new)
        assigned = assign_copy_groups(known, new, groups, lambda article: _text(connection, article))
        _store_sketches(connection, new)
        a = db.articles
        joined = {groups[article]: group for article, group in assigned.items() if article in groups}
        for before, after in joined.items():
            if before != after:
                connection.execute(update(a).where(a.c.copy_group == before).values(copy_group=after))
        count(connection, "copy_groups", {"": len(set(assigned.values())) - len({*groups.values(), *new})})
        moved = [{"of": article, "to": assigned[article]} for article in new if assigned[article] != article]
        if moved:
            connection.execute(update(a).where(a.c.id == bindparam("of")).values(copy_group=bindparam("to")), moved)
    return True


def take_from_copies(connection: Connection, article: str) -> None:
    """Make an article that is to be deleted its own copy group; the others of its group are compared again.

    They may have been one group through this article only. Their groups are right after `update_copy_groups`.
    """
    a, h, r, s = db.articles.c, db.shingles.c, db.revisions.c, db.shingle_signatures.c
    group = select(a.copy_group).where(a.id == article).scalar_subquery()
    others = list(connection.execute(select(a.id).where(a.copy_group == group, a.id != article)).scalars())
    own = select(h.hash).where(h.article == article)
    shared = select(h.hash).where(h.hash.in_(own)).group_by(h.hash).having(func.count() >= MAX_SHARING)
    if connection.execute(shared.limit(1)).first() is not None:
        db.set_meta(connection, db.COPIES, "")  # others take its place in the index, which is made again
    count(connection, "copy_groups", {"": len(others) - 1})
    connection.execute(update(db.articles).where(a.id == article).values(copy_group=article))
    for batch in db.batches(others):
        connection.execute(update(db.articles).where(a.id.in_(batch)).values(copy_group=a.id))
        if len(others) > 1:
            connection.execute(delete(db.shingles).where(h.article.in_(batch)))
            connection.execute(delete(db.shingle_signatures).where(s.article.in_(batch)))
            first = select(r.id).where(r.article.in_(batch), r.number == 0)
            note_pending(connection, "compare", connection.execute(first).scalars())


def _start_index(connection: Connection) -> None:
    """Index the sketches that an earlier version stored; articles without a sketch of this kind are grouped again."""
    a, r, s = db.articles.c, db.revisions.c, db.shingle_signatures.c
    connection.execute(delete(db.shingles))
    connection.execute(delete(db.shingle_signatures).where(s.recipe != RECIPE))
    stored = connection.execute(select(s.article, s.signature)).tuples().all()
    _index(connection, {article: np.frombuffer(data, dtype=np.uint32) for article, data in stored})
    connection.execute(update(db.articles).where(a.id.not_in(select(s.article))).values(copy_group=a.id))
    recount(connection)
    db.set_meta(connection, db.COPIES, RECIPE)
    missing = select(r.id).where(r.number == 0, r.article.not_in(select(s.article)))
    connection.execute(delete(db.pending_revisions).where(db.pending_revisions.c.work == "compare"))
    note_pending(connection, "compare", connection.execute(missing).scalars())


def _sketch_articles(connection: Connection, revisions: Sequence[str]) -> dict[str, Sketch]:
    """Return the sketches of the articles of these first revisions."""
    r = db.revisions.c
    sketches = {}
    for batch in db.batches(revisions, _BATCH):
        for article, text in connection.execute(select(r.article, r.text).where(r.id.in_(batch))):
            sketches[article] = sketch(text)
    return dict(sorted(sketches.items()))


def _sharing_articles(connection: Connection, new: Mapping[str, Sketch]) -> tuple[dict[str, Sketch], dict[str, str]]:
    """Return the sketches and the groups of the stored articles that may share enough shingles with new ones.

    Where the new ones are many, all are returned: reading them takes less time than asking for each.
    """
    a, s = db.articles.c, db.shingle_signatures.c
    known = select(a.id, a.copy_group, s.signature).join(db.shingle_signatures, s.article == a.id).order_by(a.id)
    is_many = len(new) * _FEW > sum(tally(connection, "articles").values())
    if is_many or max(map(len, new.values())) > _MOST_HASHES:
        queries = [known]
    else:
        sharing = {article for own in new.values() for article in _sharing_with(connection, own)}
        queries = [known.where(a.id.in_(batch)) for batch in db.batches(sorted(sharing))]
    sketches, groups = {}, {}
    for query in queries:
        for id, group, data in connection.execute(query):
            sketches[id] = np.frombuffer(data, dtype=np.uint32)
            groups[id] = group or id
    return sketches, groups


def _sharing_with(connection: Connection, own: Sketch) -> list[str]:
    """Return the stored articles that may share enough shingles with a sketch, as `ShingleIndex.candidates` asks."""
    h, common = db.shingles.c, count_sampled(own)
    size = func.max(h.size)
    # of a short text it is not known how many of its shingles a long one could share
    least = case((size < 0, 0), (size < common, MIN_SKETCH_OVERLAP * size), else_=MIN_SKETCH_OVERLAP * common)
    query = select(h.article).where(h.hash.in_(own.tolist())).group_by(h.article).having(func.count() >= least)
    return list(connection.execute(query).scalars())


def _store_sketches(connection: Connection, sketches: Mapping[str, Sketch]) -> None:
    rows = [
        {"article": article, "recipe": RECIPE, "signature": article_sketch.tobytes()}
        for article, article_sketch in sketches.items()
    ]
    db.put(connection, db.shingle_signatures, rows, replace=["recipe", "signature"])
    _index(connection, sketches)


def _index(connection: Connection, sketches: Mapping[str, Sketch]) -> None:
    """Store which articles have which shingle; only the first MAX_SHARING if many share it, as in page furniture."""
    for batch in db.batches(sketches.items(), _BATCH):  # a posting takes Python thirty times its four bytes
        _index_some(connection, dict(batch))


def _index_some(connection: Connection, sketches: Mapping[str, Sketch]) -> None:
    h = db.shingles.c
    owners: dict[int, list[str]] = {}
    sizes = {}
    for article, article_sketch in sketches.items():
        is_short = count_sampled(article_sketch) < len(article_sketch)
        sizes[article] = -len(article_sketch) if is_short else len(article_sketch)
        for number in article_sketch.tolist():
            owners.setdefault(number, []).append(article)
    counts: dict[int, int] = {}
    for batch in db.batches(sorted(owners)):
        query = select(h.hash, func.count()).where(h.hash.in_(batch)).group_by(h.hash)
        counts.update(connection.execute(query).tuples().all())
    rows = (
        {"hash": number, "article": article, "size": sizes[article]}
        for number in sorted(owners)
        for article in owners[number][: max(0, MAX_SHARING - counts.get(number, 0))]
    )
    db.put(connection, db.shingles, rows)


def _text(connection: Connection, article: str) -> str:
    r = db.revisions.c
    return str(connection.execute(select(r.text).where(r.article == article, r.number == 0)).scalar_one())


def list_copy_groups(study: Study, *, least: int = 2) -> CopyGroupList:
    """Return the copy groups with at least `least` articles, the largest first."""
    a = db.articles.c
    with study.store.reading() as connection:
        rows = connection.execute(select(a.id, a.outlet, a.published, a.title, a.copy_group)).all()
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(row.copy_group or row.id, []).append(row)
        listed = []
        for group, members in groups.items():
            if len(members) < least:
                continue
            members.sort(key=lambda m: (m.published or "9999", m.id))
            credits = [credited_agency(_text(connection, m.id)) for m in members]
            listed.append(
                ListedCopyGroup(
                    group,
                    articles=len(members),
                    outlets=tuple(sorted({m.outlet for m in members})),
                    earliest=members[0].id,
                    outlet=members[0].outlet,
                    date=members[0].published,
                    title=members[0].title,
                    credit=commonest(credits),
                )
            )
    return CopyGroupList(tuple(sorted(listed, key=lambda g: (-g.articles, g.date or "9999", g.group))))


def find_copy_group(study: Study, id: str) -> CopyGroup:
    """Return the copy group with an id, or the group of the article with it. Raises BadStudy if there is neither."""
    a, r = db.articles.c, db.revisions.c
    with study.store.reading() as connection:
        group = connection.execute(select(a.copy_group).where(a.id == id)).scalar() or id
        rows = connection.execute(
            select(a.id, a.outlet, a.published, a.title, a.url, r.text)
            .join(db.revisions, r.article == a.id)
            .where(a.copy_group == group, r.number == 0)
            .order_by(a.published.nulls_last(), a.id)
        ).all()
    if not rows:
        raise BadStudy(f"the study has no copy group or article {id!r}; `copies list` shows the groups' ids")
    terms = study.codebook.mention_terms
    members = tuple(_member(row, rows[0], terms) for row in rows)
    outlets = tuple(sorted({member.outlet for member in members}))
    credit = commonest([member.credit for member in members])
    return CopyGroup(str(group), members[0].article, outlets, credit, members)


def _member(row: Any, earliest: Any, terms: Sequence[str]) -> Member:
    is_earliest = row.id == earliest.id
    changes = [] if is_earliest else copy_changes(earliest.text, row.text, terms)
    return Member(
        row.id,
        row.outlet,
        row.published,
        row.title,
        row.url,
        len(row.text.split()),
        credited_agency(row.text),
        1.0 if is_earliest else round(similarity(earliest.text, row.text), 3),
        tuple(repeated_stretches(row.text)),
        tuple(sorted(changes, key=lambda change: (not change.of_mention, change.start))),
    )
