"""Coder training: compare each coder's answers with the adjudicated codes of a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from annotate.rounds import rounds
from corpus.annotation import codes_of
from corpus.codebook import Codebook, Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers

from .alpha import RELIED_ON
from .reliability_data import data_from_columns
from .variable_agreement import variable_agreement

REFERENCE = "(adjudicated)"  # the second coder in the figures; names of coders never begin with a bracket

CodesBySpan = dict[str, dict[str, str]]  # the code by span and variable
CodeHits = dict[str, dict[str, tuple[int, int]]]  # by variable and code: times recognised, times it was right


@dataclass(frozen=True)
class Deviation:
    """A span answered differently from the reference: by variable the coder's and the right code, None if not asked."""

    span: str
    answers: list[tuple[Variable, str | None, str | None]]
    reason: str = ""


@dataclass(frozen=True)
class QuestionResult:
    """Agreement of a coder with the reference on one variable, and whether the coder has passed it.

    `state` is "passed", "not yet", or "cannot be told" where all answers are the same code.
    """

    alpha: float | None
    interval: tuple[float, float] | None
    n_units: int
    percent: float | None
    why: str
    state: str


@dataclass(frozen=True)
class RoundHits:
    """How often a coder recognised each code of a round, and how often it was right."""

    round: str
    codes: CodeHits


@dataclass(frozen=True)
class CoderTraining(Result):
    """A coder's answers compared with the adjudicated codes of a round.

    `spans` counts the spans for which both exist; `over_time` has the code hits by round, the earliest first.
    """

    spans: int
    variables: Mapping[str, QuestionResult]
    over_time: list[RoundHits]
    simulated: bool
    coder: str = printed_as(None)
    deviations: list[Deviation] = printed_as(None)
    printed = ("passed", "otherwise")
    rows = "variables"

    @property
    def passed(self) -> bool:
        """Whether at least one variable is passed and none is "not yet"."""
        states = {question.state for question in self.variables.values()}
        return "passed" in states and "not yet" not in states

    @property
    def otherwise(self) -> int:
        """The number of spans that the coder answered differently from the reference."""
        return len(self.deviations)


@dataclass(frozen=True)
class RoundTraining(Result):
    """Every coder of a training round compared with its reference; None is the adjudicated codes."""

    round: str
    reference: str | None
    threshold: float
    coders: Mapping[str, CoderTraining]
    rows = "coders"


def compare_with_reference(
    study: Study, round: str, *, reference: str | None = None, threshold: float = RELIED_ON
) -> RoundTraining:
    """Compare each coder of a round with its adjudicated codes, or with the answers of the coder `reference`.

    Alpha is Krippendorff's alpha of the coder and the reference alone, over the spans that both answered; from
    `threshold` a variable is passed. Only answers under the current version of the codebook count. Raises BadRound,
    and NothingToCompare where nothing can be compared.
    """
    if not 0 < threshold <= 1:
        raise BadRound("expected an alpha above 0 and up to 1, such as 0.8", threshold=threshold)
    rounds.get_round(study, round)
    listed = rounds.list_rounds(study).rounds
    earlier = [one.round for one in listed if one.purpose == "training" or one.round == round]
    coded = [_coded_round(study, name, reference) for name in earlier[: earlier.index(round) + 1]]
    current = coded[-1]
    if not current.right:
        raise NothingToCompare(
            f"{round} has no adjudicated codes; adjudicate it first, or compare with the answers of a coder: "
            f"slantwise training {round} --reference CODER"
        )
    simulated = select_answers(study, round).simulated
    comparisons = {
        coder: CoderTraining(
            spans=len(current.shared(coder)),
            variables=_questions(study.codebook, current, coder, threshold),
            over_time=[RoundHits(one.name, _hits(study.codebook, one, coder)) for one in coded if coder in one.answers],
            simulated=coder in simulated,
            coder=coder,
            deviations=_deviations(study.codebook, current, coder),
        )
        for coder in sorted(current.answers)
        if coder != reference
    }
    if not any(comparison.spans for comparison in comparisons.values()):
        raise NothingToCompare(f"no coder of {round} has answered a span that has an adjudicated code")
    return RoundTraining(round, reference, threshold, comparisons)


@dataclass(frozen=True)
class _CodedRound:
    """A round's answers by coder, the codes counted as right, and the reasons given for them by span."""

    name: str
    answers: Mapping[str, CodesBySpan]
    right: CodesBySpan
    reasons: Mapping[str, list[str]]

    def shared(self, coder: str) -> list[str]:
        """Return the spans that the coder answered and that have a right code."""
        return [span for span in self.answers[coder] if span in self.right]


def _coded_round(study: Study, round: str, reference: str | None) -> _CodedRound:
    answers = _answers_by_coder(study, round)
    codes: CodesBySpan = defaultdict(dict)
    reasons: dict[str, list[str]] = defaultdict(list)
    a = db.adjudications.c
    with study.store.reading() as connection:
        query = select(a.span, a.variable, a.code, a.reason).where(a.round == round)
        for span, variable, code, reason in connection.execute(query):
            codes[span][variable] = code
            reasons[span] += [reason] if reason else []
    return _CodedRound(round, answers, codes if reference is None else answers.get(reference, {}), reasons)


def _answers_by_coder(study: Study, round: str) -> dict[str, CodesBySpan]:
    codes: dict[str, CodesBySpan] = defaultdict(lambda: defaultdict(dict))
    answers = select_answers(study, round).frame[["coder", "span", "variable", "code"]]
    for coder, span, variable, code in answers.itertuples(index=False, name=None):
        codes[coder][span][variable] = code
    return codes


def _deviations(book: Codebook, coded: _CodedRound, coder: str) -> list[Deviation]:
    """Return the spans that the coder answered differently from the reference."""
    own, right = coded.answers[coder], coded.right
    deviations = []
    for span in sorted(coded.shared(coder)):
        answers = [
            (variable, own[span].get(variable.name), right[span].get(variable.name))
            for variable in book.variables
            if variable.name in own[span] or variable.name in right[span]
        ]
        if any(code != right_code for _, code, right_code in answers):
            reasons = dict.fromkeys(coded.reasons.get(span, ()))
            deviations.append(Deviation(span, answers, "; ".join(reasons)))
    return deviations


def _questions(book: Codebook, coded: _CodedRound, coder: str, threshold: float) -> dict[str, QuestionResult]:
    """Return the coder's agreement with the reference on each variable that both answered."""
    own, right = coded.answers[coder], coded.right
    questions = {}
    for variable in book.variables:
        name = variable.name
        spans = [span for span in coded.shared(coder) if name in own[span] and name in right[span]]
        if not spans:
            continue
        codes = [answers[span][name] for answers in (own, right) for span in spans]
        coders = [coder] * len(spans) + [REFERENCE] * len(spans)
        articles = [span.split(":")[0] for span in spans] * 2
        one = variable_agreement(data_from_columns(variable, spans * 2, coders, codes, articles), brief=True)
        state = "passed" if one.alpha is not None and one.alpha >= threshold else "not yet"
        if one.alpha is None and one.percent in (None, 1.0):
            state = "cannot be told"
        questions[name] = QuestionResult(one.alpha, one.interval, one.n_units, one.percent, one.why or "", state)
    return questions


def _hits(book: Codebook, coded: _CodedRound, coder: str) -> CodeHits:
    """Count by variable and code how often the coder gave the code where it is right, and how often it is right."""
    own, hits = coded.answers[coder], CodeHits()
    for variable in book.variables:
        counts = {code: [0, 0] for code in variable.code_names}
        for span in own:
            right_codes = coded.right.get(span, {}).get(variable.name)
            for code in codes_of(right_codes or ""):
                if code in counts:
                    counts[code][1] += 1
                    counts[code][0] += code in codes_of(own[span].get(variable.name, ""))
        hits[variable.name] = {code: (hit, n) for code, (hit, n) in counts.items() if n}
    return {name: codes for name, codes in hits.items() if codes}
