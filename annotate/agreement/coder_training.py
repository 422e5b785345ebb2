"""Training: how far each coder of a round answers as the adjudicated codes do, and where not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.rounds import rounds
from corpus.codebook import Variable
from corpus.errors import BadRound, NothingToCompare
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import counting

from .agreement import VariableAgreement, on_variable
from .alpha import RELIED_ON
from .reliability_data import numbered

REFERENCE = "(adjudicated)"  # beside a coder in the figures; no coder is named so: names begin with no bracket

Answers = dict[str, dict[str, str]]  # by span and variable
Right = dict[str, dict[str, tuple[int, int]]]  # by variable and code: how often it was seen, of how many times


@dataclass(frozen=True)
class Miss:
    """A span that a coder answered otherwise: by variable what was said and what is right, None where not asked."""

    span: str
    answers: list[tuple[Variable, str | None, str | None]]
    reason: str = ""


@dataclass(frozen=True)
class Trained:
    """A coder beside the adjudicated codes of a round.

    `spans` counts the spans that both have answers to, `over_time` how often each code was seen, by round, the earliest
    first.
    """

    coder: str
    round: str
    threshold: float
    spans: int
    misses: list[Miss]
    variables: Mapping[str, VariableAgreement]
    over_time: list[tuple[str, Right]]
    simulated: bool = False

    def state(self, variable: str) -> str:
        """Say whether a variable is "passed" or "not yet"; "cannot be told" where all answers are one and the same."""
        one = self.variables[variable]
        if one.alpha is None:
            return "cannot be told" if one.percent in (None, 1.0) else "not yet"
        return "passed" if one.alpha >= self.threshold else "not yet"

    @property
    def passed(self) -> bool:
        """Whether every variable that can be told is passed, and one can."""
        states = {self.state(name) for name in self.variables}
        return "passed" in states and "not yet" not in states

    def json(self) -> dict[str, Any]:
        """Return it as `training --json` prints it."""
        figures = ("alpha", "interval", "n_units", "percent", "why")
        return {
            "passed": self.passed,
            "spans": self.spans,
            "otherwise": len(self.misses),
            "variables": {
                name: {**{figure: getattr(one, figure) for figure in figures}, "state": self.state(name)}
                for name, one in self.variables.items()
            },
            "over_time": [
                {"round": name, "codes": {v: {c: list(n) for c, n in codes.items()} for v, codes in right.items()}}
                for name, right in self.over_time
            ],
        }


def training(
    study: Study, round: str, *, reference: str | None = None, threshold: float = RELIED_ON
) -> dict[str, Trained]:
    """Return each coder of a round beside its adjudicated codes, or beside the answers of the coder `reference`.

    Alpha is Krippendorff's, of the coder and the reference alone, over spans that both answered. Answers under another
    version of the codebook than the current one do not count. Raises BadRound, and NothingToCompare where there is
    nothing to compare with.
    """
    rounds.named(study, round)
    earlier = [one["round"] for one in rounds.listing(study) if one["purpose"] == "training" or one["round"] == round]
    earlier = earlier[: earlier.index(round) + 1]
    right = {name: _right(study, name, reference) for name in earlier}
    if not right[round]:
        raise NothingToCompare(
            f"{round} has no adjudicated codes; adjudicate it first, or name a coder whose answers count: "
            f"slantwise training {round} --reference CODER"
        )
    given = {name: _given(study, name) for name in earlier}
    simulated = counting(study, round).simulated
    found = {}
    for coder in sorted(given[round]):
        if coder != reference:
            over_time = [
                (name, _seen(study, given[name][coder], right[name])) for name in earlier if coder in given[name]
            ]
            found[coder] = _beside(
                study, coder, round, given[round][coder], right[round], threshold, over_time, simulated
            )
    if not any(one.spans for one in found.values()):
        raise NothingToCompare(f"no coder of {round} has answered a span that has an adjudicated code")
    return found


def _given(study: Study, round: str) -> dict[str, Answers]:
    """Return the answers of a round by coder."""
    found: dict[str, Answers] = defaultdict(lambda: defaultdict(dict))
    answers = counting(study, round).frame[["coder", "span", "variable", "code"]]
    for coder, span, variable, code in answers.itertuples(index=False, name=None):
        found[coder][span][variable] = code
    return found


def _right(study: Study, round: str, reference: str | None) -> Answers:
    """Return the adjudicated codes of a round, or a coder's answers to it."""
    if reference is not None:
        return _given(study, round).get(reference, {})
    found: Answers = defaultdict(dict)
    for row in _adjudicated(study, round):
        found[row["span"]][row["variable"]] = row["code"]
    return found


def _adjudicated(study: Study, round: str) -> list[Mapping[str, Any]]:
    query = select(db.adjudications).where(db.adjudications.c.round == round)
    with study.store.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _beside(
    study: Study,
    coder: str,
    round: str,
    given: Answers,
    right: Answers,
    threshold: float,
    over_time: list[tuple[str, Right]],
    simulated: Collection[str],
) -> Trained:
    both = [span for span in given if span in right]
    reasons: dict[str, list[str]] = defaultdict(list)
    for row in _adjudicated(study, round):
        if row["reason"]:
            reasons[row["span"]].append(row["reason"])
    misses = []
    for span in sorted(both):
        answers = [
            (variable, given[span].get(variable.name), right[span].get(variable.name))
            for variable in study.codebook.variables
            if variable.name in given[span] or variable.name in right[span]
        ]
        if any(mine != theirs for _, mine, theirs in answers):
            misses.append(Miss(span, answers, "; ".join(dict.fromkeys(reasons[span]))))
    variables = {}
    for variable in study.codebook.variables:
        spans = [span for span in both if variable.name in given[span] and variable.name in right[span]]
        codes = [answers[span][variable.name] for answers in (given, right) for span in spans]
        who = [coder] * len(spans) + [REFERENCE] * len(spans)
        articles = [span.split(":")[0] for span in spans] * 2
        if spans:
            variables[variable.name] = on_variable(numbered(variable, spans * 2, who, codes, articles), brief=True)
    return Trained(coder, round, threshold, len(both), misses, variables, over_time, coder in simulated)


def _seen(study: Study, given: Answers, right: Answers) -> Right:
    """Return by variable and code: how often the coder gave it where it is right, of how many times."""
    found: Right = {}
    for variable in study.codebook.variables:
        counts = {code: [0, 0] for code in variable.code_names}
        for span in given:
            theirs = right.get(span, {}).get(variable.name)
            for code in theirs.split("|") if theirs else []:
                if code in counts:
                    counts[code][1] += 1
                    counts[code][0] += code in given[span].get(variable.name, "").split("|")
        found[variable.name] = {code: (hits, n) for code, (hits, n) in counts.items() if n}
    return {name: codes for name, codes in found.items() if codes}


def check_threshold(threshold: float) -> None:
    """Raise BadRound where a threshold is no alpha."""
    if not 0 < threshold <= 1:
        raise BadRound(f"--threshold {threshold}: expected an alpha above 0 and up to 1, such as 0.8")
