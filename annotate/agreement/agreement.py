"""Agreement on all variables of a study or of one round: which coders deviate, and by outlet, unit and version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from corpus.annotations.coder_names import coder_warnings
from corpus.draft import Refusal
from corpus.errors import NothingToCompare
from corpus.result import Result, printed_as
from corpus.study import Study
from corpus.study.counting import Answers

from .alpha import RESAMPLES
from .breakdowns import Breakdowns, break_down
from .coders import CoderAgreement
from .marking.marked_spans import marked_passages
from .marking.unitizing import UnitizingAgreement, unitizing_agreement
from .pools import Pool, mixtures, note_looks, pools
from .reliability_data import reliability_answers
from .self_agreement import SelfAgreement, again_rounds, self_agreement
from .variable_agreement import VariableAgreement, VariableFigures, variable_agreements


@dataclass(frozen=True)
class CoderOverview:
    """A coder's agreement with the others by variable, `alpha` being that on the codebook's focus variable.

    `departs` names the variables on which the coder deviates from the others.
    """

    alpha: float | None
    answers: int
    simulated: bool
    departs: list[str]
    variables: Mapping[str, CoderAgreement]


@dataclass(frozen=True)
class Agreement(Result):
    """Agreement on all variables, in a study or in one round.

    `marking` is the agreement on spans that coders marked themselves, None if there are none; `by` has the figures by
    outlet, language, attribution, unit, year, third of the coding and codebook version, where there are several.
    `pooled` says whose answers these are, by round, `mixtures` what one alpha hides, in sentences, and `again` how far
    coders agree with themselves, where they coded own spans again.
    """

    variables: Mapping[str, VariableAgreement]
    round: str | None
    codebook_version: str
    selected: Answers = printed_as(None)
    focus: str = printed_as(None)
    marking: UnitizingAgreement | None = None
    by: Breakdowns = field(default_factory=dict)
    pooled: tuple[Pool, ...] = ()
    mixtures: list[str] = field(default_factory=list)
    again: Mapping[str, SelfAgreement] = field(default_factory=dict)
    printed = ("coders", "gate", "purpose", "counts", "answers", "left_out", "simulated_coders", "warnings")
    rows = "figures"

    @property
    def figures(self) -> dict[str, VariableFigures]:
        """The figures of each variable."""
        return {name: variable.figures for name, variable in self.variables.items()}

    @property
    def coders(self) -> dict[str, CoderOverview]:
        """Each coder's agreement with the others."""
        coders = {}
        for name, n in self.selected.per_coder.items():
            own = {v: variable.coders[name] for v, variable in self.variables.items() if name in variable.coders}
            departs = [variable for variable, coder in own.items() if coder.departs]
            alpha = own[self.focus].alpha if self.focus in own else None
            coders[name] = CoderOverview(alpha, n, name in self.selected.simulated, departs, own)
        return coders

    @property
    def gate(self) -> dict[str, str]:
        """Each variable's verdict: relied on, tentative, fails, cannot be told yet, undefined, or coders unclear."""
        return {name: variable.gate for name, variable in self.variables.items()}

    @property
    def failing(self) -> list[str]:
        """The variables that fail."""
        return [name for name, gate in self.gate.items() if gate == "fails"]

    @property
    def purpose(self) -> str | None:
        """The purpose of the round, where one is named and was drawn here."""
        return self.selected.purpose

    @property
    def counts(self) -> bool:
        """Whether reliability may be claimed from these answers.

        This is not so for a pilot, training or an audit, and where coders' names differ in letters only.
        """
        return self.selected.claim_reliability and not self.warnings

    @property
    def warnings(self) -> list[Refusal]:
        """The coders whose names differ in letters only, and what to do."""
        return coder_warnings(self.selected.per_coder)

    @property
    def answers(self) -> int:
        """The number of answers that count."""
        return len(self.selected.frame)

    @property
    def left_out(self) -> Mapping[str, int]:
        """The number of other answers by the reason why they do not count."""
        return self.selected.left_out

    @property
    def simulated_coders(self) -> tuple[str, ...]:
        """The coders whose answers were made by a program."""
        return self.selected.simulated


def agree(study: Study, round: str | None = None, *, codebook_version: str | None = None) -> Agreement:
    """Measure intercoder agreement by variable, from the blind answers of a study or of one round.

    Without `round`, answers from reliability and main rounds and imported answers without a round count; a pilot is
    measured if it is named. A look at a round in progress is noted in the study's log. Raises BadRound, and
    NothingToCompare if no answer counts.
    """
    if round in again_rounds(study):
        raise NothingToCompare(f"in {round} coders code own spans again; slantwise agree compares them with the first")
    result = agreement(study, round, version=codebook_version)
    marked = unitizing_agreement(study.codebook, marked_passages(study, round, version=codebook_version))
    pooled = pools(study, result.selected)
    note_looks(study, pooled)
    return replace(
        result,
        marking=marked,
        by=break_down(study, result.variables, result.selected),
        pooled=pooled,
        mixtures=mixtures(pooled, result.selected),
        again=self_agreement(study, version=codebook_version) if round is None else {},
    )


def agreement(
    study: Study,
    round: str | None = None,
    *,
    version: str | None = None,
    training: Collection[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    brief: bool = False,
) -> Agreement:
    """Compute agreement on each variable alone; `agree` also measures marking and agreement by group.

    `training` names the rounds to leave out instead of those with the purpose pilot, training or audit; `version` is
    a codebook version other than the current one; `brief` skips the coders. Raises BadRound, and NothingToCompare
    where no answer counts.
    """
    answers = reliability_answers(study, round, version=version, training=training)
    book = study.codebook_under(version)
    variables = variable_agreements(book, answers.frame, resamples, seed, brief)
    if not any(one.n_units for one in variables.values()) and not marked_passages(study, round, version=version):
        reasons = "; ".join(f"{name}: {one.why}" for name, one in variables.items())
        raise NothingToCompare(f"no span was answered by two coders, so agreement cannot be computed ({reasons})")
    return Agreement(variables, round, answers.version, answers, book.focus_variable.name)
