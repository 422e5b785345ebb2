"""Reliability data: the answers that count towards agreement, as numeric arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import select

from corpus.annotation import HAND_PICKED, codes_of
from corpus.codebook import Code, Codebook, Level, Variable
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import Answers, select_answers

from .alpha import Floats, Ints, coincidences


@dataclass(frozen=True)
class ReliabilityData:
    """The answers to one variable as arrays: `span`, `coder` and `code` have one index (from 0) per answer.

    `values` are the codes in the codebook's order; for a multiple-choice variable, the sets of codes that were given.
    `articles` (spans) is the index of each span's article in `article_names`, `times` (answers) the rank of the time at
    which each answer was given, -1 where the time is not known. `weights` (spans) are proportional to 1 / π, None where
    all are equal.
    """

    variable: Variable
    values: tuple[str, ...]
    spans: tuple[str, ...]
    coders: tuple[str, ...]
    articles: Ints
    span: Ints
    coder: Ints
    code: Ints
    times: Ints
    article_names: tuple[str, ...] = ()
    weights: Floats | None = None

    @property
    def counts(self) -> Floats:
        """The number of coders who gave each code to each span (spans, codes)."""
        cells = np.bincount(self.span * len(self.values) + self.code, minlength=len(self.spans) * len(self.values))
        return cells.reshape(len(self.spans), len(self.values)).astype(float)

    @property
    def scale(self) -> list[float] | None:
        """The numeric values of an interval variable's codes, None for other levels."""
        values = [code.value for code in self.variable.codes]
        return [float(v) for v in values if v is not None] if self.variable.level == "interval" else None

    def subset(self, spans: npt.NDArray[np.bool_]) -> ReliabilityData:
        """Return the answers to the spans of a mask; the spans keep their indices."""
        selected = spans[self.span]
        return replace(self, **{name: getattr(self, name)[selected] for name in ("span", "coder", "code", "times")})

    def by_article(self) -> tuple[Floats, Ints, Ints]:
        """Return the articles' coincidence matrices (articles, codes, codes), numbers of paired spans, and indices.

        A paired span has two answers or more; the weights of these have the mean 1.
        """
        counts = self.counts
        paired = counts.sum(axis=1) >= 2
        names, article = np.unique(self.articles[paired], return_inverse=True)
        weights = (
            None
            if self.weights is None
            else self.weights[paired] / (self.weights[paired].mean() if paired.any() else 1)
        )
        tables = coincidences(counts[paired], article, len(names), weights)
        return tables, np.bincount(article, minlength=len(names)), names


NOT_ASKED = "not asked"  # the code of a span to which a variable was not asked, by the coder's own answers


def reliability_answers(
    study: Study, round: str | None = None, *, version: str | None = None, training: Collection[str] | None = None
) -> Answers:
    """Return the blind answers of a study or of one round that count towards agreement.

    `training` names the rounds to leave out, instead of those with the stored purpose pilot, training or audit. Raises
    BadRound, and NothingToCompare if no answer counts.
    """
    answers = select_answers(study, round, version=version, not_rounds=training)
    if len(answers.frame):
        return replace(answers, frame=answers.frame.assign(weight=draw_weights(study, answers.frame)))
    if not answers.left_out:
        next_step = (
            f"fetch answers: slantwise studio pull {round}"
            if round
            else "import answers of at least two coders: slantwise import FILE"
        )
        raise NothingToCompare(f"{answers.why_empty}; {next_step}")
    if answers.versions and answers.version not in answers.versions:
        named = f"slantwise agree {round or ''} --codebook-version {answers.versions[0]}".replace("  ", " ")
        raise NothingToCompare(f"{answers.why_empty}; to name one: {named}")
    raise NothingToCompare(f"{answers.why_empty}; agreement needs blind answers of reliability or main rounds")


def data_by_variable(book: Codebook, frame: pd.DataFrame) -> Iterator[ReliabilityData]:
    """Yield the reliability data of each variable in the codebook's order, also of variables without answers."""
    for variable in book.variables:
        rows = frame[frame["variable"] == variable.name]
        yield data_from_frame(variable, rows)


def data_from_frame(variable: Variable, rows: pd.DataFrame) -> ReliabilityData:
    """Return the reliability data of one variable from its answers, one row each; a column `weight` is optional."""
    columns = (rows[name].tolist() for name in ("span", "coder", "code", "article", "made_at"))
    data = data_from_columns(variable, *columns)
    if "weight" not in rows or rows["weight"].nunique() < 2:
        return data
    answers = np.bincount(data.span, minlength=len(data.spans))
    return replace(data, weights=np.bincount(data.span, weights=rows["weight"].to_numpy(float)) / answers)


def draw_weights(study: Study, frame: pd.DataFrame) -> Floats:
    """Return each answer's weight, 1 / π of its span in its round, scaled to a mean of 1 over the round's spans (rows).

    π is the probability with which the span was drawn; answers of no round, or to spans picked by hand, have no known π
    and the weight 1.
    """
    d = db.draws.c
    with study.store.reading() as connection:
        drawn = connection.execute(select(d.round, d.span, d.pi).where(d.stratum != HAND_PICKED)).tuples().all()
    inverse = {(name, span): 1 / pi for name, span, pi in drawn}
    keys = list(zip(frame["round"], frame["span"], strict=True))
    by_round: dict[str, list[float]] = {}
    for name, span in dict.fromkeys(keys):
        if (name, span) in inverse:
            by_round.setdefault(name, []).append(inverse[name, span])
    means = {name: sum(values) / len(values) for name, values in by_round.items()}
    weights = [inverse[key] / means[key[0]] if key in inverse else 1.0 for key in keys]
    return np.round(np.array(weights, dtype=float), 9)  # equal ones are exactly equal


def with_not_asked(book: Codebook, frame: pd.DataFrame, variable: Variable) -> ReliabilityData:
    """Return a variable's data with the code `not asked` where a coder's own answers to a span did not ask it.

    The variable is nominal then: `not asked` has no place on a scale.
    """
    unasked = {
        key
        for key, answers in answers_by_coder(frame).items()
        if variable.name not in answers and is_stopped(book, variable, answers)
    }
    others = frame.drop_duplicates(["span", "coder"])
    keys = pd.Series(list(zip(others["span"], others["coder"], strict=True)), index=others.index, dtype=object)
    added = others[keys.isin(unasked)].assign(variable=variable.name, code=NOT_ASKED)
    codes = (*variable.codes, Code.model_construct(name=NOT_ASKED))
    nominal = variable.model_copy(update={"codes": codes, "level": "nominal"})
    return data_from_frame(nominal, pd.concat([frame[frame["variable"] == variable.name], added]))


def answers_by_coder(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
    """Return for each span and coder the codes that were given, by variable."""
    given: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {}
    rows = frame[["span", "coder", "variable", "code"]]
    for span, coder, variable, code in rows.itertuples(index=False, name=None):
        given.setdefault((span, coder), {})[variable] = codes_of(code)
    return given


def is_stopped(book: Codebook, variable: Variable, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a coder's own answers to a span say that the variable was not asked.

    An earlier variable without an answer stops it only if that one was not asked either.
    """
    for name, wanted in variable.asked_when.items():
        if name in answers:
            if not set(answers[name]) & set(wanted):
                return True
        elif is_stopped(book, book.by_name[name], answers):
            return True
    return False


def data_from_columns(
    variable: Variable,
    spans: Sequence[str],
    coders: Sequence[str],
    codes: Sequence[str],
    articles: Sequence[str],
    times: Sequence[str | None] = (),
) -> ReliabilityData:
    """Return the reliability data of one variable from columns with one entry per answer."""
    sets = tuple(sorted(set(codes))) if variable.kind == "multiple" else ()
    values = sets or variable.code_names
    index = {value: n for n, value in enumerate(values)}
    span, span_names = _factors(spans)
    coder, coder_names = _factors(coders)
    span_articles = np.zeros(len(span_names), dtype=np.int64)
    article, article_names = _factors(articles)
    span_articles[span] = article
    code = np.array([index[code] for code in codes], dtype=np.int64)
    time_ranks = _factors(times)[0] if times else np.full(len(span), -1)
    return ReliabilityData(
        variable, values, span_names, coder_names, span_articles, span, coder, code, time_ranks, article_names
    )


def _factors(names: Sequence[str | None]) -> tuple[Ints, tuple[str, ...]]:
    indices, distinct = pd.factorize(np.array(names, dtype=object), sort=True)
    return indices.astype(np.int64), tuple(distinct)


def data_from_rows(rows: Sequence[tuple[str, str, str]], level: Level = "nominal") -> ReliabilityData:
    """Return reliability data from (span, coder, code) rows: one article per span, codes in alphabetical order.

    >>> data = data_from_rows([("s1", "ada", "yes"), ("s1", "ben", "no"), ("s2", "ada", "no")])
    >>> data.values, data.counts.tolist()
    (('no', 'yes'), [[1.0, 1.0], [1.0, 0.0]])
    """
    spans, coders, codes = zip(*rows, strict=True)
    names = sorted(set(codes))
    scale = [Code.model_construct(name=name, value=float(n)) for n, name in enumerate(names)]
    variable = Variable.model_construct(name="answer", question="", level=level, codes=tuple(scale))
    return data_from_columns(variable, spans, coders, codes, spans)
