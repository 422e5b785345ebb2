"""What of an estimate was planned: by a frozen plan, with its families of comparisons and the deviations from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotate.agreement.pools import pools
from annotate.estimators.differences import Difference, differences
from annotate.estimators.shares import Share, Target
from annotate.plans.frozen import FrozenPlan, Plans, codebook_digest, list_plans
from annotate.plans.plan_file import Comparison
from corpus.result import if_known
from corpus.study import Study
from corpus.study.counting import select_answers

from .sample import Sample, read_sample

MOST_STRATA = 6  # that are named as deviations
NOTABLE = 0.05  # difference in the share of spans with two coders that is a deviation


@dataclass(frozen=True)
class CodeDifference:
    """A difference between two groups in the share of a code; `family` is the number of pairs that Holm counts.

    `planned` is whether a frozen plan has it; None without a plan.
    """

    code: str
    family: int
    between: Difference
    planned: bool | None = if_known()


@dataclass(frozen=True)
class PlannedCode:
    """A code whose comparison was planned, in which plan first (1, or the number of an amendment), with its family."""

    code: str
    since: int
    family: int


@dataclass(frozen=True)
class PlanStatus:
    """What a frozen plan says of an estimate: the codes that were planned, all others being exploratory.

    `number` and `when` are those of the last plan, `frozen` the dates of all. `deviations` are sentences.
    """

    number: int
    when: str
    digest: str
    frozen: tuple[str, ...]
    codes: tuple[PlannedCode, ...]
    deviations: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What an estimate is of, as a plan names it; a plan is of the reading of an average coder."""

    variable: str
    by: tuple[str, ...]
    target: Target
    reference: str = "coders"


class Declared:
    """The frozen plans of a study, as far as they concern an estimate."""

    def __init__(self, study: Study, question: Question) -> None:
        self.study, self.question = study, question
        self.plans: Plans = list_plans(study)
        self.last: FrozenPlan | None = self.plans.plans[-1] if self.plans.plans else None

    def _comparison(self, plan: FrozenPlan, code: str) -> Comparison | None:
        q = self.question
        if q.reference != "coders":
            return None
        for one in plan.plan.comparisons:
            if (one.variable, one.code, one.by, one.target) == (q.variable, code, q.by, q.target):
                return one
        return None

    def differences(self, code: str, shares: Mapping[str, Share]) -> list[CodeDifference]:
        """Return the differences in a code: those of a declared family, then the exploratory ones.

        Without a plan all pairs are one family, as are all exploratory ones together with those that were planned.
        """
        every = differences(dict(shares))
        if self.last is None:
            return [CodeDifference(code, len(every), one) for one in every]
        found = self._comparison(self.last, code)
        family = [] if found is None else list(found.pairs)
        planned = differences(dict(shares), family) if family else []
        declared = {frozenset(pair) for pair in family}
        return [
            *(CodeDifference(code, len(family), one, True) for one in planned),
            *(
                CodeDifference(code, len(every), one, False)
                for one in every
                if frozenset((one.first, one.second)) not in declared
            ),
        ]

    def is_planned(self, code: str) -> bool | None:
        """Return whether the last plan compares groups in a code; None without a plan."""
        return None if self.last is None else self._comparison(self.last, code) is not None

    def status(self, sample: Sample) -> PlanStatus | None:
        """Return what the plans say of an estimate; None without one."""
        if self.last is None:
            return None
        codes = []
        for code in self.study.codebook.by_name[self.question.variable].code_names:
            if (now := self._comparison(self.last, code)) is not None:
                since = next(one.number for one in self.plans.plans if self._comparison(one, code) == now)
                codes.append(PlannedCode(code, since, len(now.pairs)))
        frozen = tuple(f"{one.number}: {one.at}, {one.when}" for one in self.plans.plans)
        changed = [
            f"plan {one.number} was changed after it was frozen: its digest is not the one in the study's log"
            for one in self.plans.plans
            if not one.intact
        ]
        return PlanStatus(
            self.last.number, self.last.when, self.last.digest, frozen, tuple(codes),
            (*changed, *deviations(self.study, self.last, read_sample(self.study) if sample.single else sample)),
        )  # fmt: skip


def deviations(study: Study, frozen: FrozenPlan, sample: Sample) -> list[str]:
    """Return in sentences what was done differently from a plan: codebook, spans, coders, exclusions, looks."""
    plan, found = frozen.plan, []
    if codebook_digest(study) != frozen.codebook_digest:
        found.append(
            f"codebook.yaml was changed: planned with version {frozen.codebook_version}, now {study.codebook.version}"
        )
    coded = _coded_by_stratum(sample, plan.strata)
    differ = [
        f"{name} has {coded.get(name, 0)} coded spans, {plan.spans.get(name, 0)} were planned"
        for name in dict.fromkeys((*plan.spans, *coded))
        if coded.get(name, 0) != plan.spans.get(name, 0)
    ]
    found += differ[:MOST_STRATA]
    if len(differ) > MOST_STRATA:
        found.append(f"{len(differ) - MOST_STRATA} more strata have other numbers of coded spans than planned")
    answers = select_answers(study)
    coders = answers.frame["coder"].nunique()
    if coders != plan.coders:
        found.append(f"coders: {coders}, planned {plan.coders}")
    twice = sum(len(one) > 1 for one in sample.answers.values()) / max(len(sample.answers), 1)
    if abs(twice - plan.overlap) > NOTABLE:
        found.append(f"{twice:.0%} of the coded spans have two or more coders, {plan.overlap:.0%} were planned")
    found += [f"excluded after the draw: {n} spans {why}" for why, n in sample.balance.items() if why.startswith(DRAWN)]
    looks = sum(pool.looks for pool in pools(study, answers))
    if looks > plan.looks:
        times = f"{looks} time{'s' * (looks != 1)}"
        found.append(f"agreement was looked at {times} before a round was coded whole, planned {plan.looks}")
    return found


DRAWN = "drawn, and"  # how the balance begins to count spans that were drawn and are left out


def _coded_by_stratum(sample: Sample, strata: Sequence[str]) -> dict[str, int]:
    rows = sample.spans[sample.spans["span"].isin(set(sample.answers))]
    months = rows["date"].map(lambda date: str(date)[:7] if isinstance(date, str) and date else "undated")
    columns = [rows["outlet"] if name == "outlet" else months for name in strata]
    names = [", ".join(values) for values in zip(*columns, strict=True)] if columns else ["all"] * len(rows)
    return {name: names.count(name) for name in sorted(set(names))}
