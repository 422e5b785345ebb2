"""Label errors: rank coders' answers by how implausible they are to a model that was not trained on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from annotate.rounds.hand_picked import make_round
from annotate.rounds.rounds import check_name
from corpus.errors import BadRound, NothingToCompare, NotInstalled
from corpus.result import Result
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


@dataclass(frozen=True)
class DoubtfulAnswers(Result):
    """The implausible answers to the most doubtful spans, least plausible first.

    `answers` were checked, `implausible` of them are implausible, on `implausible_spans` spans; `round` is the round
    that was made of the spans listed.
    """

    answers: int
    implausible: int
    implausible_spans: int
    doubtful: tuple[DoubtfulAnswer, ...]
    round: str | None
    printed = ("simulated_coders",)
    rows = "doubtful"

    @property
    def spans(self) -> list[str]:
        """The spans listed, the most doubtful first."""
        return list(dict.fromkeys(row.span for row in self.doubtful))

    @property
    def simulated_coders(self) -> list[str]:
        """The coders among them whose answers were made by a program."""
        return sorted({row.coder for row in self.doubtful if row.simulated})


@dataclass(frozen=True)
class RankedAnswers:
    """The implausible answers (`rows`), least plausible first, out of the `answers` that were ranked."""

    answers: int
    rows: pd.DataFrame

    @property
    def spans(self) -> list[str]:
        """The spans of these answers, each once, ordered by their least plausible answer."""
        return list(self.rows["span"].drop_duplicates())


def find_doubtful(
    study: Study,
    probabilities: Mapping[str, pd.DataFrame],
    *,
    spans: int = 20,
    round: str | None = None,
    coders: str | Iterable[str] | None = None,
) -> DoubtfulAnswers:
    """Find the answers that a model finds implausible, and list those to the most doubtful `spans`.

    `probabilities` are by variable (spans, codes), from a model that was not trained on these answers, as
    `models.cross_fitted_probabilities` returns them. With `round` and `coders` the spans become an audit round, to be
    coded again; it is not a random sample, so agreement and estimates never use it. An implausible answer may be
    right. Raises BadRound, NotInstalled, and NothingToCompare if there is no answer to rank.
    """
    check_recheck(study, round, coders)
    if spans < 1:
        raise BadRound("expected 1 or more", spans=spans)
    ranked = rank_doubtful(study, probabilities)
    first = ranked.spans[:spans]
    doubtful = tuple(_with_passages(study, ranked, first))
    if round is not None and coders is not None:
        make_round(study, round, first, coders)
    return DoubtfulAnswers(ranked.answers, len(ranked.rows), len(ranked.spans), doubtful, round)


def check_recheck(study: Study, round: str | None, coders: str | Iterable[str] | None) -> None:
    """Raise BadRound if a round of doubtful spans is wanted and cannot be made."""
    if round is not None and coders is None:
        raise BadRound("give the coders of the round as well, such as mira,jon", round=round)
    if coders is not None and round is None:
        raise BadRound("give the name of the round as well, such as recheck", coders=coders)
    if round is not None:
        check_name(study, round)


def rank_doubtful(study: Study, probabilities: Mapping[str, pd.DataFrame]) -> RankedAnswers:
    """Rank the blind answers by their plausibility and return those where the model finds another code more probable.

    `probabilities` are by variable (spans, codes), from a model that was not trained on these answers. The score is
    cleanlab's normalized margin: (1 + the probability of the answer - that of the most probable other code) / 2. Below
    .5 another code is more probable (Northcutt, Jiang and Chuang 2021, Confident learning). An implausible answer is
    not necessarily wrong. Raises NotInstalled, and NothingToCompare if there is no answer to rank.
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
    return RankedAnswers(len(ranking), ranking[ranking["quality"] < 0.5])


def _with_passages(study: Study, ranked: RankedAnswers, spans: Sequence[str]) -> Iterator[DoubtfulAnswer]:
    """Yield the implausible answers to these spans, with their passages."""
    texts = spans_in_text(study, spans)
    for row in ranked.rows[ranked.rows["span"].isin(spans)].to_dict("records"):
        passage = texts[row["span"]].passage
        yield DoubtfulAnswer(
            span=row["span"], outlet=row["outlet"], passage=passage.text, start=passage.start, end=passage.end,
            variable=row["variable"], code=row["code"], coder=row["coder"], round=row["round"],
            probability=round(row["probability"], 4), likelier=row["likelier"],
            likelier_probability=round(row["likelier_probability"], 4), quality=round(row["quality"], 4),
            simulated=bool(row["simulated"]),
        )  # fmt: skip
