"""The covariates of models that are known of every span without coding: outlet, dates, and metadata of articles."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date

import pandas as pd
from sqlalchemy import func, select

from annotate.estimates.groups import COPIED, OWN_TEXT
from corpus.copies.originators import originators
from corpus.study import Study
from corpus.study import database as db

MONTH = 30  # days: the unit of `date`
OF_ARTICLES = ("outlet", "period", "date", "language", "event", "copied")


def known_covariates(study: Study) -> tuple[str, ...]:
    """Return the names of all covariates that are known without coding: metadata of articles under their own keys."""
    with study.store.reading() as connection:
        stored = connection.execute(select(db.articles.c.metadata).distinct()).scalars().all()
    return tuple(dict.fromkeys([*OF_ARTICLES, *sorted({key for one in stored for key in json.loads(one)})]))


def covariate_table(
    study: Study, spans: pd.DataFrame, names: Collection[str], categorical: Collection[str]
) -> pd.DataFrame:
    """Return these covariates of spans (`outlet, date, article`), one row each; None where one is not known.

    `period` is the month, `copied` whether the article copies another originator's text, `date` the time since the
    earliest date in units of 30 days. Metadata are numbers where all are, unless their name is in `categorical`.
    """
    days = [date.fromisoformat(day[:10]) if isinstance(day, str) and day else None for day in spans["date"]]
    first = min((day for day in days if day), default=None)
    columns: dict[str, list[object]] = {
        "outlet": list(spans["outlet"]),
        "period": [f"{day:%Y-%m}" if day else None for day in days],
        "date": [_in_time(day, first, "date" in categorical) for day in days],
    }
    if "copied" in names:
        of_article = originators(study)
        columns["copied"] = [COPIED if article in of_article else OWN_TEXT for article in spans["article"]]
    if set(names) - columns.keys():
        stated = _metadata(study)
        for name in set(names) - columns.keys():
            columns[name] = [stated[article].get(name) for article in spans["article"]]
    table = pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in names}, index=range(len(spans)))
    for name in set(names) - ({*OF_ARTICLES} - {"date"}) - set(categorical):
        numbers = pd.to_numeric(table[name], errors="coerce")
        if (numbers.notna() == table[name].notna()).all() and numbers.notna().any():
            table[name] = numbers.astype(float)
    return table


def _in_time(day: date | None, first: date | None, as_level: bool) -> object:
    if day is None or first is None:
        return None
    return day.isoformat() if as_level else (day - first).days / MONTH


def _metadata(study: Study) -> dict[str, dict[str, object]]:
    """Return language, event and metadata of each article."""
    a, t = db.articles.c, db.event_assignments.c
    query = select(a.id, a.language, func.coalesce(a.event, t.event).label("event"), a.metadata).outerjoin(
        db.event_assignments, (t.article == a.id) & (t.origin != "found")
    )
    with study.store.reading() as connection:
        return {
            row.id: {**json.loads(row.metadata), "language": row.language, "event": row.event}
            for row in connection.execute(query)
        }
