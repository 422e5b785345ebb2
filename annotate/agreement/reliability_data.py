"""Reliability data: the answers that count towards agreement, as numeric arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.codebook import Code, Codebook, Level, Variable
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study.counting import Answers, select_answers

from .alpha import Floats, Ints


@dataclass(frozen=True)
class ReliabilityData:
    """The answers to one variable as arrays: `span`, `coder` and `code` have one index (from 0) per answer.

    `values` are the codes in the codebook's order; for a multiple-choice variable, the sets of codes that were given.
    `articles` (spans) is the index of each span's article, `times` (answers) the rank of the time at which each answer
    was given, -1 where the time is not known.
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


def reliability_answers(
    study: Study, round: str | None = None, *, version: str | None = None, training: Collection[str] | None = None
) -> Answers:
    """Return the blind answers of a study or of one round that count towards agreement.

    `training` names the rounds to leave out, instead of those with the stored purpose pilot, training or audit. Raises
    BadRound, and NothingToCompare if no answer counts.
    """
    answers = select_answers(study, round, version=version, not_rounds=training)
    if len(answers.frame):
        return answers
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
        columns = ("span", "coder", "code", "article", "made_at")
        yield data_from_columns(variable, *(rows[name].tolist() for name in columns))


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
    span_articles[span] = _factors(articles)[0]
    code = np.array([index[code] for code in codes], dtype=np.int64)
    time_ranks = _factors(times)[0] if times else np.full(len(span), -1)
    return ReliabilityData(variable, values, span_names, coder_names, span_articles, span, coder, code, time_ranks)


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
