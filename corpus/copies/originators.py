"""Find whose text an article is that is a copy: of the agency it credits, or of the outlet that published it first."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from corpus.study import Study
from corpus.study import database as db

from .bylines import credited_agency
from .groups import commonest


def originators(study: Study) -> dict[str, str]:
    """Return the originator of every article that is a copy of another one's text, by article.

    It is the originator that the article's metadata names; else, in a copy group of several articles, the agency that
    the article credits, or the one that most of the group credit, whether it is an outlet of the study or not; else
    the outlet of the earliest article, as `copies show` lists it. Articles whose originator is their own outlet are
    left out, and so are those that have no copy in the study and name no originator, even if they credit an agency.
    """
    a, r = db.articles.c, db.revisions.c
    several = select(a.copy_group).group_by(a.copy_group).having(func.count() > 1)
    named = select(a.id, a.outlet, a.originator).where(a.originator.is_not(None), a.originator != "")
    members = (
        select(a.id, a.outlet, a.originator, a.published, a.copy_group, r.text)
        .join(db.revisions, r.article == a.id)
        .where(a.copy_group.in_(several), r.number == 0)
    )
    groups: dict[str, list[Any]] = defaultdict(list)
    with study.store.reading() as connection:
        found = {row.id: (row.outlet, row.originator) for row in connection.execute(named)}
        for row in connection.execute(members):
            groups[row.copy_group].append(row)
    for group in groups.values():
        group.sort(key=lambda row: (row.published or "9999", row.id))
        credits = {row.id: credited_agency(row.text) for row in group}
        usual = commonest(list(credits.values())) or group[0].originator or group[0].outlet
        for row in group:
            found.setdefault(row.id, (row.outlet, credits[row.id] or usual))
    return {article: whose for article, (outlet, whose) in found.items() if whose.casefold() != outlet.casefold()}
