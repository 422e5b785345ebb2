"""Coder training: compare each coder's answers with the adjudicated codes of a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.rounds import rounds
from corpus.annotation import codes_of
from corpus.codebook import Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers

from .agreement import VariableAgreement, variable_agreement
from .alpha import RELIED_ON
from .reliability_data import data_from_columns

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
class CoderTraining:
    """A coder's answers compared with the adjudicated codes of a round.

    `spans` counts the spans for which both exist; `over_time` has the code hits by round, the earliest first.
    """

    coder: str
    round: str
    threshold: float
    spans: int
    deviations: list[Deviation]
    variables: Mapping[str, VariableAgreement]
    over_time: list[tuple[str, CodeHits]]
    simulated: bool = False

    def state(self, variable: str) -> str:
        """Return "passed", "not yet", or "cannot be told" where all answers are the same code."""
        agreement = self.variables[variable]
        if agreement.alpha is None:
            return "cannot be told" if agreement.percent in (None, 1.0) else "not yet"
        return "passed" if agreement.alpha >= self.threshold else "not yet"

    @property
    def passed(self) -> bool:
        """Whether at least one variable is passed and none is "not yet"."""
        states = {self.state(name) for name in self.variables}
        return "passed" in states and "not yet" not in states

    def json(self) -> dict[str, Any]:
        """Return the comparison as `training --json` prints it."""
        figures = ("alpha", "interval", "n_units", "percent", "why")
        return {
            "passed": self.passed,
            "spans": self.spans,
            "otherwise": len(self.deviations),
            "variables": {
                name: {**{figure: getattr(one, figure) for figure in figures}, "state": self.state(name)}
                for name, one in self.variables.items()
            },
            "over_time": [
                {"round": name, "codes": {v: {c: list(n) for c, n in codes.items()} for v, codes in hits.items()}}
                for name, hits in self.over_time
            ],
        }


def compare_with_reference(
    study: Study, round: str, *, reference: str | None = None, threshold: float = RELIED_ON
) -> dict[str, CoderTraining]:
    """Compare each coder of a round with its adjudicated codes, or with the answers of the coder `reference`.

    Alpha is Krippendorff's alpha of the coder and the reference alone, over the spans that both answered. Only answers
    under the current version of the codebook count. Raises BadRound, and NothingToCompare where nothing can be
    compared.
    """
    rounds.get_round(study, round)
    listed = rounds.list_rounds(study).rounds
    earlier = [one.round for one in listed if one.purpose == "training" or one.round == round]
    earlier = earlier[: earlier.index(round) + 1]
    reference_codes = {name: _reference_codes(study, name, reference) for name in earlier}
    if not reference_codes[round]:
        raise NothingToCompare(
            f"{round} has no adjudicated codes; adjudicate it first, or compare with the answers of a coder: "
            f"slantwise training {round} --reference CODER"
        )
    answers = {name: _answers_by_coder(study, name) for name in earlier}
    simulated = select_answers(study, round).simulated
    comparisons = {}
    for coder in sorted(answers[round]):
        if coder != reference:
            over_time = [
                (name, _hits(study, answers[name][coder], reference_codes[name]))
                for name in earlier
                if coder in answers[name]
            ]
            comparisons[coder] = _compare(
                study, coder, round, answers[round][coder], reference_codes[round], threshold, over_time, simulated
            )
    if not any(comparison.spans for comparison in comparisons.values()):
        raise NothingToCompare(f"no coder of {round} has answered a span that has an adjudicated code")
    return comparisons


def _answers_by_coder(study: Study, round: str) -> dict[str, CodesBySpan]:
    codes: dict[str, CodesBySpan] = defaultdict(lambda: defaultdict(dict))
    answers = select_answers(study, round).frame[["coder", "span", "variable", "code"]]
    for coder, span, variable, code in answers.itertuples(index=False, name=None):
        codes[coder][span][variable] = code
    return codes


def _reference_codes(study: Study, round: str, reference: str | None) -> CodesBySpan:
    """Return the adjudicated codes of a round, or the answers of the coder `reference`."""
    if reference is not None:
        return _answers_by_coder(study, round).get(reference, {})
    codes: CodesBySpan = defaultdict(dict)
    for row in _adjudications(study, round):
        codes[row["span"]][row["variable"]] = row["code"]
    return codes


def _adjudications(study: Study, round: str) -> list[Mapping[str, Any]]:
    query = select(db.adjudications).where(db.adjudications.c.round == round)
    with study.store.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _compare(
    study: Study,
    coder: str,
    round: str,
    own: CodesBySpan,
    right: CodesBySpan,
    threshold: float,
    over_time: list[tuple[str, CodeHits]],
    simulated: Collection[str],
) -> CoderTraining:
    shared = [span for span in own if span in right]
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in _adjudications(study, round):
        if row["reason"]:
            reasons[row["span"]].append(row["reason"])
    deviations = []
    for span in sorted(shared):
        answers = [
            (variable, own[span].get(variable.name), right[span].get(variable.name))
            for variable in study.codebook.variables
            if variable.name in own[span] or variable.name in right[span]
        ]
        if any(code != right_code for _, code, right_code in answers):
            deviations.append(Deviation(span, answers, "; ".join(dict.fromkeys(reasons[span]))))
    variables = {}
    for variable in study.codebook.variables:
        spans = [span for span in shared if variable.name in own[span] and variable.name in right[span]]
        codes = [answers[span][variable.name] for answers in (own, right) for span in spans]
        coders = [coder] * len(spans) + [REFERENCE] * len(spans)
        articles = [span.split(":")[0] for span in spans] * 2
        if spans:
            variables[variable.name] = variable_agreement(
                data_from_columns(variable, spans * 2, coders, codes, articles), brief=True
            )
    return CoderTraining(coder, round, threshold, len(shared), deviations, variables, over_time, coder in simulated)


def _hits(study: Study, own: CodesBySpan, right: CodesBySpan) -> CodeHits:
    """Count by variable and code how often the coder gave the code where it is right, and how often it is right."""
    hits: CodeHits = {}
    for variable in study.codebook.variables:
        counts = {code: [0, 0] for code in variable.code_names}
        for span in own:
            right_codes = right.get(span, {}).get(variable.name)
            for code in codes_of(right_codes or ""):
                if code in counts:
                    counts[code][1] += 1
                    counts[code][0] += code in codes_of(own[span].get(variable.name, ""))
        hits[variable.name] = {code: (hit, n) for code, (hit, n) in counts.items() if n}
    return {name: codes for name, codes in hits.items() if codes}


def check_threshold(threshold: float) -> None:
    """Raise BadRound unless the threshold is a possible alpha above 0."""
    if not 0 < threshold <= 1:
        raise BadRound(f"--threshold {threshold}: expected an alpha above 0 and up to 1, such as 0.8")
