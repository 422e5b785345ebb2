"""Copy groups of a study: found when articles come, and told with what each outlet changed."""

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
    """One article of a copy group and what it changed of the earliest; `changes` is empty for the earliest itself.

    `similarity` is the share of the shorter text that stands in the other, reworded or not: `similarity`.
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
    """Articles that carry one text, by date, the earliest first; an undated one comes last."""

    group: str
    members: tuple[Member, ...]

    @property
    def credit(self) -> str | None:
        """The agency that most of the members credit."""
        named = [member.credit for member in self.members if member.credit]
        return max(named, key=named.count) if named else None


def update_copy_groups(study: Study) -> None:
    """Find the copy groups of articles that came since last time; the others keep theirs, or are joined by them."""
    with study.store.writing() as connection:
        known, groups = _grouped_articles(connection)
        new = _sketch_new_articles(connection, set(known))
        if not new:
            return
        found = assign_copy_groups(known, new, groups, lambda article: _text(connection, article))
        rows = [{"article": a, "recipe": RECIPE, "signature": one.tobytes()} for a, one in new.items()]
        db.put(connection, db.shingle_signatures, rows, replace=["recipe", "signature"])
        moved = [{"of": article, "to": group} for article, group in found.items() if groups.get(article) != group]
        if moved:
            where = update(db.articles).where(db.articles.c.id == bindparam("of"))
            connection.execute(where.values(copy_group=bindparam("to")), moved)


def _grouped_articles(connection: Connection) -> tuple[dict[str, Sketch], dict[str, str]]:
    """Return the sketches of the articles that have been grouped, and their groups."""
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


def _sketch_new_articles(connection: Connection, known: set[str]) -> dict[str, Sketch]:
    """Return sketches of the first revisions of all other articles, read by the batch."""
    r = db.revisions.c
    ids = connection.execute(select(r.article).where(r.number == 0).order_by(r.article)).scalars()
    wanted = [id for id in ids if id not in known]
    found = {}
    for first in range(0, len(wanted), _BATCH):
        some = select(r.article, r.text).where(r.number == 0, r.article.in_(wanted[first : first + _BATCH]))
        for article, text in connection.execute(some.order_by(r.article)):
            found[article] = sketch(text)
    return found


def _text(connection: Connection, article: str) -> str:
    r = db.revisions.c
    return str(connection.execute(select(r.text).where(r.article == article, r.number == 0)).scalar_one())


def list_copy_groups(study: Study, least: int = 2) -> list[dict[str, Any]]:
    """Return one row per copy group with at least `least` articles, the largest first.

    `{"group", "articles", "outlets", "earliest", "outlet", "date", "title", "credit"}`; outlet, date and title are the
    earliest article's.
    """
    a = db.articles.c
    with study.store.reading() as connection:
        rows = connection.execute(select(a.id, a.outlet, a.published, a.title, a.copy_group)).all()
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(row.copy_group or row.id, []).append(row)
        found = []
        for group, members in groups.items():
            if len(members) < least:
                continue
            members.sort(key=lambda m: (m.published or "9999", m.id))
            credits = [name for m in members if (name := credited_agency(_text(connection, m.id)))]
            found.append(
                {
                    "group": group,
                    "articles": len(members),
                    "outlets": sorted({m.outlet for m in members}),
                    "earliest": members[0].id,
                    "outlet": members[0].outlet,
                    "date": members[0].published,
                    "title": members[0].title,
                    "credit": max(credits, key=credits.count) if credits else None,
                }
            )
    return sorted(found, key=lambda g: (-g["articles"], g["date"] or "9999", g["group"]))


def find_copy_group(study: Study, id: str) -> CopyGroup:
    """Return the copy group with an id, or that of an article. Raises BadStudy where the study has neither."""
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
        raise BadStudy(f"the study has no copy group or article {id!r}; `copies list` prints the groups' ids")
    terms = study.codebook.mention_terms
    return CopyGroup(str(group), tuple(_member(row, rows[0], terms) for row in rows))


def _member(row: Any, earliest: Any, terms: Sequence[str]) -> Member:
    first = row.id == earliest.id
    return Member(
        row.id,
        row.outlet,
        row.published,
        row.title,
        row.url,
        len(row.text.split()),
        credited_agency(row.text),
        1.0 if first else round(similarity(earliest.text, row.text), 3),
        tuple(repeated_stretches(row.text)),
        () if first else tuple(copy_changes(earliest.text, row.text, terms)),
    )


def copy_group_json(group: CopyGroup) -> dict[str, Any]:
    """Return a copy group as `copies show --json` prints it, without clock and order of chance."""
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
