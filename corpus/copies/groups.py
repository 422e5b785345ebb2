"""Find and list a study's copy groups, with what each outlet changed in its copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, delete, func, select, update

from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.study.bookkeeping import claim, count
from corpus.wording.alignment import CopyChange, copy_changes

from .bylines import credited_agency
from .near_duplicates import MAX_SHARING, MIN_SKETCH_OVERLAP, assign_copy_groups, repeated_stretches, similarity
from .shingles import RECIPE, SAMPLE_LIMIT, Sketch, count_sampled, sketch

_BATCH = 500  # articles


@dataclass(frozen=True)
class Member:
    """One article of a copy group and its changes from the earliest one, which itself has none.

    `similarity` is the share of the shorter text found in the other, see `near_duplicates.similarity`; `repeats` are
    the stretches that occur twice in the article.
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


@dataclass(frozen=True)
class CopyGroup:
    """Articles with the same text, the earliest first, undated ones last."""

    group: str
    members: tuple[Member, ...]

    @property
    def credit(self) -> str | None:
        """The agency that most members credit."""
        return _commonest([member.credit for member in self.members])


def _commonest(credits: list[str | None]) -> str | None:
    named = [agency for agency in credits if agency]
    return max(named, key=named.count) if named else None


def update_copy_groups(study: Study) -> None:
    """Assign articles added since the last call to copy groups; earlier groups stay, or are joined by new articles.

    A new article is compared only with those that share a shingle with it, whose sketches are the only ones read.
    """
    with study.store.writing() as connection:
        revisions = claim(connection, "compare")
        if db.get_meta(connection, "copies") != RECIPE:
            revisions = _start_index(connection)
        new = _sketch_articles(connection, revisions)
        if not new:
            return
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


def _start_index(connection: Connection) -> list[str]:
    """Index the sketches that an earlier Slantwise stored; return the first revisions that have none of this recipe."""
    r, s = db.revisions.c, db.shingle_signatures.c
    connection.execute(delete(db.shingles))
    connection.execute(delete(db.shingle_signatures).where(s.recipe != RECIPE))
    stored = connection.execute(select(s.article, s.signature)).tuples().all()
    _index(connection, {article: np.frombuffer(data, dtype=np.uint32) for article, data in stored})
    db.set_meta(connection, "copies", RECIPE)
    missing = select(r.id).where(r.number == 0, r.article.not_in(select(s.article)))
    return list(connection.execute(missing).scalars())


def _sketch_articles(connection: Connection, revisions: Sequence[str]) -> dict[str, Sketch]:
    """Return the sketches of the articles of these first revisions."""
    r = db.revisions.c
    sketches = {}
    for batch in db.batches(revisions, _BATCH):
        for article, text in connection.execute(select(r.article, r.text).where(r.id.in_(batch))):
            sketches[article] = sketch(text)
    return dict(sorted(sketches.items()))


def _sharing_articles(connection: Connection, new: Mapping[str, Sketch]) -> tuple[dict[str, Sketch], dict[str, str]]:
    """Return the sketches and the groups of the stored articles that may share enough shingles with new ones."""
    a, h, s = db.articles.c, db.shingles.c, db.shingle_signatures.c
    last_byte = func.substr(s.signature, func.length(s.signature))
    query = (
        select(h.article, func.count(), func.length(s.signature), last_byte)
        .join(db.shingle_signatures, s.article == h.article)
        .group_by(h.article, func.length(s.signature), last_byte)
    )
    shared: Counter[str] = Counter()
    is_short, sizes = {}, {}
    for batch in db.batches(np.unique(np.concatenate(list(new.values()))).tolist()):
        for article, n, length, last in connection.execute(query.where(h.hash.in_(batch))):
            shared[article] += n
            # hashes are sorted, the last one's last byte is its most significant: is it above those of long texts?
            is_short[article], sizes[article] = last[0] >= int(SAMPLE_LIMIT) >> 24, length // 4
    fewest = min(map(count_sampled, new.values()))
    enough = [
        article
        for article, n in shared.items()
        if is_short[article] or n >= MIN_SKETCH_OVERLAP * min(sizes[article], fewest)
    ]
    sketches, groups = {}, {}
    for batch in db.batches(sorted(enough)):
        known = select(a.id, a.copy_group, s.signature).join(db.shingle_signatures, s.article == a.id)
        for id, group, data in connection.execute(known.where(a.id.in_(batch)).order_by(a.id)):
            sketches[id] = np.frombuffer(data, dtype=np.uint32)
            groups[id] = group or id
    return sketches, groups


def _store_sketches(connection: Connection, sketches: Mapping[str, Sketch]) -> None:
    rows = [
        {"article": article, "recipe": RECIPE, "signature": article_sketch.tobytes()}
        for article, article_sketch in sketches.items()
    ]
    db.put(connection, db.shingle_signatures, rows, replace=["recipe", "signature"])
    _index(connection, sketches)


def _index(connection: Connection, sketches: Mapping[str, Sketch]) -> None:
    """Store who has which shingle, of a shingle that many share, as in page furniture, only the first MAX_SHARING."""
    h = db.shingles.c
    owners: dict[int, list[str]] = {}
    for article, article_sketch in sketches.items():
        for number in article_sketch.tolist():
            owners.setdefault(number, []).append(article)
    counts: dict[int, int] = {}
    for batch in db.batches(sorted(owners)):
        query = select(h.hash, func.count()).where(h.hash.in_(batch)).group_by(h.hash)
        counts.update(connection.execute(query).tuples().all())
    rows = (
        {"hash": number, "article": article}
        for number in sorted(owners)
        for article in owners[number][: max(0, MAX_SHARING - counts.get(number, 0))]
    )
    db.put(connection, db.shingles, rows)


def _text(connection: Connection, article: str) -> str:
    r = db.revisions.c
    return str(connection.execute(select(r.text).where(r.article == article, r.number == 0)).scalar_one())


def list_copy_groups(study: Study, least: int = 2) -> list[dict[str, Any]]:
    """Return one row per copy group with at least `least` articles, the largest first.

    The keys are `group, articles, outlets, earliest, outlet, date, title, credit`; outlet, date and title are those of
    the earliest article.
    """
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
                {
                    "group": group,
                    "articles": len(members),
                    "outlets": sorted({m.outlet for m in members}),
                    "earliest": members[0].id,
                    "outlet": members[0].outlet,
                    "date": members[0].published,
                    "title": members[0].title,
                    "credit": _commonest(credits),
                }
            )
    return sorted(listed, key=lambda g: (-g["articles"], g["date"] or "9999", g["group"]))


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
    return CopyGroup(str(group), tuple(_member(row, rows[0], terms) for row in rows))


def _member(row: Any, earliest: Any, terms: Sequence[str]) -> Member:
    is_earliest = row.id == earliest.id
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
        () if is_earliest else tuple(copy_changes(earliest.text, row.text, terms)),
    )


def copy_group_json(group: CopyGroup) -> dict[str, Any]:
    """Return a copy group as `copies show --json` prints it, with changes of mentions first."""
    members = []
    for member in group.members:
        words = {"inserted": 0, "deleted": 0}
        for change in member.changes:
            words["inserted"] += len(change.after.split())
            words["deleted"] += len(change.before.split())
        row = asdict(member)
        row["changes"] = [
            {**asdict(change), "of_mention": change.of_mention}
            for change in sorted(member.changes, key=lambda c: (not c.of_mention, c.start))
        ]
        members.append({**row, "words_inserted": words["inserted"], "words_deleted": words["deleted"]})
    return {
        "group": group.group,
        "earliest": group.members[0].article,
        "outlets": sorted({member.outlet for member in group.members}),
        "credit": group.credit,
        "articles": members,
    }
