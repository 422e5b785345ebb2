"""Count a study's articles, spans and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from corpus.result import Result

from . import database as db
from .bookkeeping import tally
from .history.removals import count_removed_articles
from .study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Status(Result):
    """How much a study holds; `spans` are those of each article's first revision, `suggestions` the current model's.

    `cut_texts` is the number of articles of which only the beginning was read: they are among the articles, and count
    in no figure of other commands. `removed_articles` were taken out of the study and are not among them.
    """

    articles: int
    outlets: Mapping[str, int]
    revisions: int
    copy_groups: int
    spans: Mapping[str, int]
    annotations: int
    coders: tuple[str, ...]
    suggestions: int
    model: str | None
    simulated_coders: tuple[str, ...]
    spans_out_of_date: bool
    cut_texts: int
    removed_articles: int


def status(study: Study) -> Status:
    """Count a study's contents; large numbers are not counted but looked up (`bookkeeping.tally`)."""
    n = db.annotations.c
    with study.store.reading() as connection:

        def number(query: Any) -> int:
            return int(connection.execute(query).scalar_one())

        def coders(query: Any) -> tuple[str, ...]:
            return tuple(connection.execute(query.distinct().order_by(n.coder)).scalars())

        model = study.model
        outlets = tally(connection, "articles")
        return Status(
            articles=sum(outlets.values()),
            outlets=outlets,
            revisions=number(select(func.count()).select_from(db.revisions)),
            copy_groups=tally(connection, "copy_groups").get("", 0),
            spans=tally(connection, "spans"),
            annotations=number(select(func.count()).select_from(db.annotations)),
            coders=coders(select(n.coder)),
            suggestions=tally(connection, "suggestions").get(model or "", 0),
            model=model,
            simulated_coders=coders(select(n.coder).where(n.simulated)),
            spans_out_of_date=study.spans_out_of_date,
            cut_texts=number(select(func.count()).select_from(db.cut_texts).where(db.cut_texts.c.state == "cut")),
            removed_articles=count_removed_articles(connection),
        )


def articles_by_month(study: Study) -> pd.DataFrame:
    """Return the number of articles by outlet (rows) and month (columns), months without any included.

    Articles without a date are counted in a last column, "undated".
    """
    import pandas as pd

    articles = study.articles()[["outlet", "date"]]
    month = articles["date"].str[:7]
    dated = month.dropna()
    names = pd.period_range(dated.min(), dated.max(), freq="M").astype(str).tolist() if len(dated) else []
    if month.isna().any():
        names.append("undated")
    return pd.crosstab(articles["outlet"], month.fillna("undated")).reindex(columns=names, fill_value=0)


def collapse_gaps(by_month: pd.DataFrame) -> pd.DataFrame:
    """Return the table with each run of empty months as one column named by its length, such as "(4)".

    >>> import pandas as pd
    >>> collapse_gaps(pd.DataFrame({"2024-01": [2], "2024-02": [0], "2024-03": [0], "2024-04": [1]}, index=["Herald"]))
            2024-01  (2)  2024-04
    Herald        2    0        1
    """
    import pandas as pd

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
