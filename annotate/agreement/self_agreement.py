"""Agreement of a coder with themselves: spans that were coded again weeks later, blind, in a round of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

import pandas as pd
from sqlalchemy import select

from corpus.codebook import Codebook
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers

from .reliability_data import data_from_columns
from .variable_agreement import VariableFigures, variable_agreement

ENOUGH = 50  # spans: with fewer, the interval says next to nothing
FIRST, AGAIN = "first", "again"


@dataclass(frozen=True)
class SelfAgreement(Result):
    """How far a coder's answers agree with the coder's own earlier ones; `days` is the median time between them."""

    n_units: int
    days: float | None
    variables: Mapping[str, VariableFigures]
    rows = "variables"

    @property
    def enough(self) -> bool:
        """Whether at least 50 spans were coded again."""
        return self.n_units >= ENOUGH


def again_rounds(study: Study) -> list[str]:
    """Return the rounds in which coders code their own spans again, the oldest first."""
    r, d = db.rounds.c, db.round_designs.c
    query = select(r.name, d.design).join(db.round_designs, d.round == r.name).order_by(r.made_at, r.name)
    with study.store.reading() as connection:
        return [
            name for name, design in connection.execute(query) if json.loads(design or "{}").get("again") is not None
        ]


def self_agreement(study: Study, *, version: str | None = None) -> dict[str, SelfAgreement]:
    """Return each coder's agreement with themselves, by coder; empty where no span was coded again.

    Only blind answers under one version of the codebook are compared, with those that count for `agree`.
    """
    again = [select_answers(study, name, version=version).frame for name in again_rounds(study)]
    if not again or not sum(map(len, again)):
        return {}
    first = select_answers(study, version=version).frame
    keys = ["span", "variable", "coder"]
    later = pd.concat(again).drop_duplicates(keys)
    both = first.merge(later[[*keys, "code", "made_at"]], on=keys, suffixes=("", "_again"))
    book = study.codebook_under(version)
    return {str(coder): _of_coder(book, rows) for coder, rows in both.groupby("coder", sort=True)}


def _of_coder(book: Codebook, rows: pd.DataFrame) -> SelfAgreement:
    figures = {}
    for variable in book.variables:
        own = rows[rows["variable"] == variable.name]
        if not len(own):
            continue
        spans, articles = own["span"].tolist(), own["article"].tolist()
        coders = [FIRST] * len(spans) + [AGAIN] * len(spans)
        codes = [*own["code"], *own["code_again"]]
        data = data_from_columns(variable, spans * 2, coders, codes, articles * 2)
        figures[variable.name] = variable_agreement(data, brief=True).figures
    gaps = pd.to_datetime(rows["made_at_again"], utc=True, format="ISO8601") - pd.to_datetime(
        rows["made_at"], utc=True, format="ISO8601"
    )
    days = [gap.total_seconds() / 86400 for gap in gaps.dropna()]
    return SelfAgreement(rows["span"].nunique(), round(median(days), 1) if days else None, figures)
