"""Label errors: rank coders' answers by how implausible they are to a model that was not trained on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from corpus.errors import NothingToCompare, NotInstalled
from corpus.study import Study
from corpus.study.counting import training_answers
from corpus.study.passages import spans_in_text


@dataclass(frozen=True)
class DoubtfulAnswer:
    """One coder's answer with the model's probability of it and of the code that the model finds more probable.

    `quality`, from 0 to 1, is cleanlab's score of the answer: the lower, the less plausible. `passage[start:end]` is
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
        """Return the answer as `doubtful --json` prints it."""
        return asdict(self)


@dataclass(frozen=True)
class DoubtfulAnswers:
    """The implausible answers (`rows`), least plausible first, out of the `answers` that were ranked."""

    answers: int
    rows: pd.DataFrame

    @property
    def spans(self) -> list[str]:
        """The spans of these answers, each once, ordered by their least plausible answer."""
        return list(self.rows["span"].drop_duplicates())


def rank_doubtful(study: Study, probabilities: Mapping[str, pd.DataFrame]) -> DoubtfulAnswers:
    """Rank the blind answers by their plausibility and return those where the model finds another code more probable.

    `probabilities` are by variable (spans, codes), from a model that was not trained on these answers. The score is
    cleanlab's normalized margin: (1 + the probability of the answer - that of the most probable other code) / 2. Below
    .5 another code is more probable (Northcutt, Jiang and Chuang 2021, Confident learning). An implausible answer is
    not necessarily wrong. Raises NotInstalled, and NothingToCompare where there is no answer to rank.
    """
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        raise NotInstalled("answers are ranked by cleanlab, which is not installed: pip install cleanlab") from None
    answers = training_answers(study).frame
    ranked = []
    for variable, table in probabilities.items():
        codes = list(table.columns)
        rows = answers[
            (answers["variable"] == variable) & answers["code"].isin(codes) & answers["span"].isin(table.index)
        ]
        if rows.empty:
            continue
        predicted = table.loc[rows["span"]].to_numpy()
        code = rows["code"].map(codes.index).to_numpy()
        row = np.arange(len(rows))
        others = predicted.copy()
        others[row, code] = -1
        best_other = others.argmax(axis=1)
        ranked.append(
            rows.assign(
                probability=predicted[row, code],
                likelier=[codes[c] for c in best_other],
                likelier_probability=predicted[row, best_other],
                quality=get_label_quality_scores(code, predicted, method="normalized_margin"),
            )
        )
    if not ranked:
        raise NothingToCompare("there is no blind answer to rank under this version of the codebook")
    ranking = pd.concat(ranked).sort_values(["quality", "span", "variable", "coder", "round"], kind="stable")
    return DoubtfulAnswers(len(ranking), ranking[ranking["quality"] < 0.5])


def with_passages(study: Study, doubtful: DoubtfulAnswers, spans: int) -> Iterator[DoubtfulAnswer]:
    """Yield the doubtful answers to the first `spans` spans, with their passages."""
    first = doubtful.spans[:spans]
    texts = spans_in_text(study, first)
    for row in doubtful.rows[doubtful.rows["span"].isin(first)].to_dict("records"):
        passage = texts[row["span"]].passage
        yield DoubtfulAnswer(
            span=row["span"], outlet=row["outlet"], passage=passage.text, start=passage.start, end=passage.end,
            variable=row["variable"], code=row["code"], coder=row["coder"], round=row["round"],
            probability=round(row["probability"], 4), likelier=row["likelier"],
            likelier_probability=round(row["likelier_probability"], 4), quality=round(row["quality"], 4),
            simulated=bool(row["simulated"]),
        )  # fmt: skip
