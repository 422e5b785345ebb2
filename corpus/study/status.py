"""Count a study's articles, spans and annotations."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import func, select

from . import database as db
from .study import Study


def status(study: Study) -> dict[str, Any]:
    """Return the counts that `status --json` prints; spans are those of each article's first revision."""
    a, r, s, n, g = (table.c for table in (db.articles, db.revisions, db.spans, db.annotations, db.suggestions))
    with study.store.reading() as connection:

        def number(query: Any) -> int:
            return int(connection.execute(query).scalar_one())

        def counts(query: Any) -> dict[str, int]:
            return {str(name): int(count) for name, count in connection.execute(query)}

        model = db.get_meta(connection, "model")
        first = select(s.unit, func.count()).join(db.revisions, r.id == s.revision).where(r.number == 0)
        return {
            "articles": number(select(func.count()).select_from(db.articles)),
            "outlets": counts(select(a.outlet, func.count()).group_by(a.outlet).order_by(a.outlet)),
            "revisions": number(select(func.count()).select_from(db.revisions)),
            "copy_groups": number(select(func.count(a.copy_group.distinct()))),
            "spans": counts(first.group_by(s.unit).order_by(s.unit)),
            "annotations": number(select(func.count()).select_from(db.annotations)),
            "coders": list(connection.execute(select(n.coder).distinct().order_by(n.coder)).scalars()),
            "suggestions": number(select(func.count()).select_from(db.suggestions).where(g.model == model)),
            "model": model,
            "simulated_coders": list(
                connection.execute(select(n.coder).where(n.simulated).distinct().order_by(n.coder)).scalars()
            ),
        }


def articles_by_month(study: Study) -> pd.DataFrame:
    """Return the number of articles by outlet (rows) and month (columns), months without any included.

    Articles without a date are counted in a last column, "undated".
    """
    articles = study.articles()[["outlet", "date"]]
    month = articles["date"].str[:7]
    dated = month.dropna()
    names = pd.period_range(dated.min(), dated.max(), freq="M").astype(str).tolist() if len(dated) else []
    if month.isna().any():
        names.append("undated")
    return pd.crosstab(articles["outlet"], month.fillna("undated")).reindex(columns=names, fill_value=0)


def collapse_gaps(by_month: pd.DataFrame) -> pd.DataFrame:
    """Return the table with each run of empty months as one column named by its length, such as "(4)".

    >>> collapse_gaps(pd.DataFrame({"2024-01": [2], "2024-02": [0], "2024-03": [0], "2024-04": [1]}, index=["Herald"]))
            2024-01  (2)  2024-04
    Herald        2    0        1
    """
    columns: dict[str, pd.Series[int]] = {}
    empty = 0
    for name in by_month.columns:
        if by_month[name].any():
            if empty:
                columns[f"({empty})" + " " * len(columns)] = by_month[name] * 0
            columns[name], empty = by_month[name], 0
        else:
            empty += 1
    return pd.DataFrame(columns, index=by_month.index).rename(columns=str.strip)
