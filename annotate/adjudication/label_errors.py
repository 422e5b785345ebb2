"""Doubtful answers: what coders answered and a model that has not seen it finds implausible."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from corpus.errors import NothingToCompare, NotInstalled
from corpus.study import Study
from corpus.study.counting import for_training
from corpus.study.passages import spans_in_text


@dataclass(frozen=True)
class Doubtful:
    """One coder's answer with the model's probability of it, and of the code that the model finds likelier.

    `quality`, from 0 to 1, is cleanlab's score of the answer; the lower, the less plausible. `passage[start:end]` is
    the span.
    """

    span: str
    outlet: str
    passage: str
    start: int
    end: int
    variable: str
    code: str
    coder: str
    round: str
    probability: float
    likelier: str
    likelier_probability: float
    quality: float
    simulated: bool

    def json(self) -> dict[str, object]:
        """The answer as `doubtful --json` prints it."""
        return asdict(self)


@dataclass(frozen=True)
class Doubts:
    """The answers that the model finds implausible, the least plausible first, of `answers` that it has read."""

    answers: int
    rows: pd.DataFrame

    @property
    def spans(self) -> list[str]:
        """The spans of these answers, each once, in the order of its least plausible answer."""
        return list(self.rows["span"].drop_duplicates())


def doubts(study: Study, probabilities: Mapping[str, pd.DataFrame]) -> Doubts:
    """Rank the blind answers by how plausible they are to a model, and keep those where it finds another code likelier.

    `probabilities` are by variable (spans, codes), from a model that has not learned from these answers. The score is
    cleanlab's normalized margin, half of 1 + the probability of the answer - that of the likeliest other code: below .5
    another code is likelier (Northcutt, Jiang and Chuang 2021, Confident learning). That an answer is implausible does
    not make it wrong. Raises NotInstalled, and NothingToCompare where no answer is there to be ranked.
    """
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        raise NotInstalled("answers are ranked by cleanlab, which is not installed: pip install cleanlab") from None
    answers = for_training(study).frame
    ranked = []
    for variable, table in probabilities.items():
        codes = list(table.columns)
        mine = answers[
            (answers["variable"] == variable) & answers["code"].isin(codes) & answers["span"].isin(table.index)
        ]
        if mine.empty:
            continue
        chances = table.loc[mine["span"]].to_numpy()
        given = mine["code"].map(codes.index).to_numpy()
        each = np.arange(len(mine))
        others = chances.copy()
        others[each, given] = -1
        best = others.argmax(axis=1)
        ranked.append(
            mine.assign(
                probability=chances[each, given],
                likelier=[codes[b] for b in best],
                likelier_probability=chances[each, best],
                quality=get_label_quality_scores(given, chances, method="normalized_margin"),
            )
        )
    if not ranked:
        raise NothingToCompare("there is no blind answer to rank under this version of the codebook")
    every = pd.concat(ranked).sort_values(["quality", "span", "variable", "coder", "round"], kind="stable")
    return Doubts(len(every), every[every["quality"] < 0.5])


def in_passages(study: Study, found: Doubts, spans: int) -> Iterator[Doubtful]:
    """Yield the doubtful answers to the first `spans` spans, with their passages."""
    shown = found.spans[:spans]
    places = spans_in_text(study, shown)
    for row in found.rows[found.rows["span"].isin(shown)].to_dict("records"):
        around = places[row["span"]].passage
        yield Doubtful(
            span=row["span"], outlet=row["outlet"], passage=around.text, start=around.start, end=around.end,
            variable=row["variable"], code=row["code"], coder=row["coder"], round=row["round"],
            probability=round(row["probability"], 4), likelier=row["likelier"],
            likelier_probability=round(row["likelier_probability"], 4), quality=round(row["quality"], 4),
            simulated=bool(row["simulated"]),
        )  # fmt: skip
