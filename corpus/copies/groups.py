"""Find and list a study's copy groups, with what each outlet changed in its copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, select, update

from corpus.errors import BadStudy
from corpus.study import Study
from corpus.study import database as db
from corpus.wording.alignment import CopyChange, copy_changes

from .bylines import credited_agency
from .near_duplicates import assign_copy_groups, repeated_stretches, similarity
from .shingles import RECIPE, Sketch, sketch

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
    """Assign articles added since the last call to copy groups; earlier groups stay, or are joined by new articles."""
    with study.store.writing() as connection:
        old_sketches, groups = _grouped_articles(connection)
        new_sketches = _sketch_new_articles(connection, set(old_sketches))
        if not new_sketches:
            return
        new_groups = assign_copy_groups(old_sketches, new_sketches, groups, lambda article: _text(connection, article))
        rows = [
            {"article": article, "recipe": RECIPE, "signature": article_sketch.tobytes()}
            for article, article_sketch in new_sketches.items()
        ]
        db.put(connection, db.shingle_signatures, rows, replace=["recipe", "signature"])
        moved = [{"of": article, "to": group} for article, group in new_groups.items() if groups.get(article) != group]
        if moved:
            where = update(db.articles).where(db.articles.c.id == bindparam("of"))
            connection.execute(where.values(copy_group=bindparam("to")), moved)


def _grouped_articles(connection: Connection) -> tuple[dict[str, Sketch], dict[str, str]]:
    """Return the sketches of the articles grouped before, and their groups."""
    a, s = db.articles.c, db.shingle_signatures.c
    rows = connection.execute(
        select(a.id, a.copy_group, s.signature)
        .join(db.shingle_signatures, s.article == a.id)
        .where(s.recipe == RECIPE)
        .order_by(a.id)
    )
    sketches, groups = {}, {}
    for id, group, data in rows:
        sketches[id] = np.frombuffer(data, dtype=np.uint32)
        groups[id] = group or id
    return sketches, groups


def _sketch_new_articles(connection: Connection, grouped: set[str]) -> dict[str, Sketch]:
    """Return sketches of the first revisions of all other articles."""
    r = db.revisions.c
    ids = connection.execute(select(r.article).where(r.number == 0).order_by(r.article)).scalars()
    missing = [id for id in ids if id not in grouped]
    sketches = {}
    for first in range(0, len(missing), _BATCH):
        batch = select(r.article, r.text).where(r.number == 0, r.article.in_(missing[first : first + _BATCH]))
        for article, text in connection.execute(batch.order_by(r.article)):
            sketches[article] = sketch(text)
    return sketches


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
