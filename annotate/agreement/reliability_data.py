"""Coded answers: those that count towards agreement, as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.codebook import Code, Codebook, Level, Variable
from corpus.errors import NothingToCompare
from corpus.study import Study
from corpus.study.counting import Answers, counting

from .alpha import Floats, Ints


@dataclass(frozen=True)
class Coded:
    """The answers to one variable as numbers: each has its span, its coder and its code, counted from 0.

    `values` are the codes in the codebook's order; of a multiple-choice variable the sets of codes that were given.
    `articles` (spans) is the number of each span's article, `made` (answers) when each was given, in order; -1 where
    that is not known.
    """

    variable: Variable
    values: tuple[str, ...]
    spans: tuple[str, ...]
    coders: tuple[str, ...]
    articles: Ints
    span: Ints
    coder: Ints
    code: Ints
    made: Ints

    @property
    def counts(self) -> Floats:
        """How many coders gave each code to each span (spans, codes)."""
        cells = np.bincount(self.span * len(self.values) + self.code, minlength=len(self.spans) * len(self.values))
        return cells.reshape(len(self.spans), len(self.values)).astype(float)

    @property
    def scale(self) -> list[float] | None:
        """Where the codes of an interval scale stand."""
        values = [code.value for code in self.variable.codes]
        return [float(v) for v in values if v is not None] if self.variable.level == "interval" else None

    def only(self, spans: npt.NDArray[np.bool_]) -> Coded:
        """Return the answers to some of the spans; the spans stay numbered as they are."""
        inside = spans[self.span]
        kept = {name: getattr(self, name)[inside] for name in ("span", "coder", "code", "made")}
        return replace(self, **kept)


def counted(
    study: Study, round: str | None = None, *, version: str | None = None, training: Collection[str] | None = None
) -> Answers:
    """Return the blind answers that count towards agreement, of a study or of one round of it.

    `training` names rounds that do not count instead of those whose stored purpose is another. Raises BadRound, and
    NothingToCompare where no answer is left.
    """
    answers = counting(study, round, version=version, not_rounds=training)
    if len(answers.frame):
        return answers
    if not answers.left_out:
        wanted = (
            f"fetch answers: slantwise studio pull {round}"
            if round
            else "import answers of at least two coders: slantwise import FILE"
        )
        raise NothingToCompare(f"{answers.why}; {wanted}")
    if answers.versions and answers.version not in answers.versions:
        raise NothingToCompare(f"{answers.why}: name one with --codebook-version")
    raise NothingToCompare(f"{answers.why}; agreement needs blind answers of reliability or main rounds")


def coded(book: Codebook, frame: pd.DataFrame) -> Iterator[Coded]:
    """Yield each variable's answers as numbers, in the codebook's order; of a variable without answers too."""
    for variable in book.variables:
        rows = frame[frame["variable"] == variable.name]
        columns = ("span", "coder", "code", "article", "made_at")
        yield numbered(variable, *(rows[name].tolist() for name in columns))


def numbered(
    variable: Variable,
    spans: Sequence[str],
    coders: Sequence[str],
    codes: Sequence[str],
    articles: Sequence[str],
    times: Sequence[str | None] = (),
) -> Coded:
    """Return answers to one variable, given as columns, as numbers."""
    sets = tuple(sorted(set(codes))) if variable.kind == "multiple" else ()
    values = sets or variable.code_names  # these too where nobody has answered
    place = {value: number for number, value in enumerate(values)}
    span, span_names = _factors(spans)
    coder, coder_names = _factors(coders)
    of_span = np.zeros(len(span_names), dtype=np.int64)
    of_span[span] = _factors(articles)[0]
    code = np.array([place[code] for code in codes], dtype=np.int64)
    made = _factors(times)[0] if times else np.full(len(span), -1)
    return Coded(variable, values, span_names, coder_names, of_span, span, coder, code, made)


def _factors(names: Sequence[str | None]) -> tuple[Ints, tuple[str, ...]]:
    numbers, known = pd.factorize(np.array(names, dtype=object), sort=True)
    return numbers.astype(np.int64), tuple(known)


def of_rows(rows: Sequence[tuple[str, str, str]], level: Level = "nominal") -> Coded:
    """Return answers given as (span, coder, code), each span an article of its own; codes are in alphabetical order.

    >>> answers = of_rows([("s1", "ada", "yes"), ("s1", "ben", "no"), ("s2", "ada", "no")])
    >>> answers.values, answers.counts.tolist()
    (('no', 'yes'), [[1.0, 1.0], [1.0, 0.0]])
    """
    spans, coders, codes = zip(*rows, strict=True)
    names = sorted(set(codes))
    scale = [Code.model_construct(name=name, value=float(n)) for n, name in enumerate(names)]
    variable = Variable.model_construct(name="answer", question="", level=level, codes=tuple(scale))
    return numbered(variable, spans, coders, codes, spans)
