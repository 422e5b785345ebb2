"""What more coded spans would bring: how wide intervals are now, and with more spans coded in each group."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd

from annotate.estimators.draws import coded_weights
from annotate.estimators.planning import Variance, correlation_within, variance_of
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.shares import Target
from annotate.rounds import frame as frames
from annotate.rounds import rounds
from annotate.rounds.sample_size import CORRELATION, Drawable, code_shares, fewest, half_width
from corpus.annotation import Design
from corpus.annotations.cross_fitted import copy_groups_of
from corpus.codebook import Variable
from corpus.errors import NoEstimate, UnknownCode
from corpus.study import Study
from corpus.study.counting import COUNTED_PURPOSES

from .columns import Columns
from .estimate import read_question
from .groups import METADATA, SpanGroup, asked_and_given, groups_asked, groups_by, read_predictions, share_in_group
from .plan_results import MORE, DrawnTogether, EstimatePlan, GroupOfPlan, PlannedShare, PlannedSize
from .reliability import check_codes
from .sample import Sample, read_sample

SHARE = 0.5  # assumed where nothing is known: no other share has a wider interval


def plan_estimate(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    target: Target = "process",
    until: float | None = None,
) -> EstimatePlan:
    """Plan an estimate: the intervals with 25, 50, 100, 200 and all spans that are left coded in each group.

    The variance is divided into the part of the draw, which falls with 1/n - 1/N, and the rest. Without coded spans
    the shares are those of pilots, else of suggestions, else .5, and codes within a copy group are correlated by .1, as
    in `plan_round`. `until` is a half width in percentage points; each share then gets the number of spans that reach
    it. Raises UnknownCode, and NoEstimate for groups by a variable without coded spans.
    """
    if target not in get_args(Target):
        raise UnknownCode(f"{target!r} is not a target; expected {' or '.join(get_args(Target))}")
    if until is not None and not 0 < until < 50:
        raise NoEstimate("expected percentage points between 0 and 50, such as 5", until=until)
    names = read_question(study, variable, by)
    chosen = study.codebook.by_name[variable or study.codebook.focus_variable.name]
    planning = _Planning(study, chosen, names, target)
    groups = [planning.group(one) for one in planning.groups]
    shares = tuple(planning.share(code, group, until) for code in chosen.code_names for group in planning.groups)
    return EstimatePlan(
        chosen.name, names, target, planning.correlation, until, shares, tuple(groups), planning.assumptions()
    )


class _Planning:
    """The coded spans and those that are left, by group."""

    def __init__(self, study: Study, variable: Variable, by: Sequence[str], target: Target) -> None:
        self.study, self.variable, self.target = study, variable, target
        check_codes(study, [variable.name, *(name for name in by if name not in METADATA)])
        try:
            self.sample: Sample | None = read_sample(study)
        except NoEstimate:
            self.sample = None
        if self.sample is None and (coded := [name for name in by if name not in METADATA]):
            raise NoEstimate(
                f"nothing is coded yet, so how many spans each code of {coded[0]} will have is not known; plan by "
                f"{' or '.join(METADATA)}"
            )
        open_, _ = frames.frame(study, "main")
        self.spans = _every_span(study, self.sample, open_)
        self.open = self.spans["span"].isin(set(open_["span"])).to_numpy()
        self.design = _last_design(study)
        self.strata = np.array(frames.strata(study, self.spans, self.design.by), dtype=object)
        whole = Sample(self.spans, np.empty(0, dtype=np.int64), (), {}, {}, {})
        self.groups = groups_asked(study, whole, variable, by)
        self.predicted = False
        self.columns = self._columns()
        self.coded_groups = {} if self.sample is None else {one.name: one for one in groups_by(study, self.sample, by)}
        found = self._correlation()
        self.correlation, self.is_found = (CORRELATION, False) if found is None else (found, True)
        self.shares, self.asked, self.source = code_shares(study).get(variable.name, ({}, 1.0, ""))

    def _columns(self) -> Columns | None:
        if self.sample is None:
            return None
        try:
            predictions, fold, _ = read_predictions(self.study, self.sample)
            self.predicted = True
        except NoEstimate:  # a plan trains no classifier
            predictions = {span: {} for span in self.sample.spans["span"]}
            fold = self.sample.cluster % 5
        return Columns(self.study, self.sample, predictions, fold)

    def _known(self, code: str, group: SpanGroup) -> tuple[Floats, Floats, Ints]:
        """Return the codes and eligibilities of a group's coded spans, and their copy groups."""
        assert self.sample is not None and self.columns is not None
        asked, given = asked_and_given(self.study.codebook, self.variable, (code,), group.domain)
        rows = group.rows & (coded_weights(self.sample.rounds) > 0)
        return self.columns.coded(given)[rows], self.columns.coded(asked)[rows], self.sample.cluster[rows]

    def _correlation(self) -> float | None:
        parts = []
        for group in self.coded_groups.values():
            for code in self.variable.code_names:
                given, asked, cluster = self._known(code, group)
                if asked.sum() > 0:
                    counted = asked > 0
                    share = given.sum() / asked.sum()
                    parts.append(((given - share * asked)[counted], cluster[counted]))
        return correlation_within(parts)

    def coded(self, group: SpanGroup) -> int:
        """Return how many spans of a group are coded, asked about the variable or not."""
        found = self.coded_groups.get(group.name)
        if found is None or self.sample is None:
            return 0
        return int((coded_weights(self.sample.rounds) > 0)[found.rows].sum())

    def drawable(self, group: SpanGroup) -> Drawable:
        """Return all spans of a group by stratum and copy group."""
        frame = pd.crosstab(self.strata[group.rows], self.spans["copy_group"].to_numpy()[group.rows])
        return Drawable(frame.to_numpy(dtype=np.int64), self.asked_in(group), self.correlation, self.design.allocation)

    def asked_in(self, group: SpanGroup) -> float:
        """Return on what share of a group's spans the variable is asked, as far as is known."""
        for one in (self.coded_groups.get(group.name), *self.coded_groups.values()):
            if one is not None and one.domain == group.domain:
                _, asked, _ = self._known(self.variable.code_names[0], one)
                if asked.sum() > 0:
                    return float(asked.mean())
        return self.asked

    def sizes(self, group: SpanGroup) -> list[int]:
        """Return the numbers of further coded spans of a plan."""
        left = int((self.open & group.rows).sum())
        return [*(more for more in MORE if more < left), *([left] if left else [])]

    def group(self, group: SpanGroup) -> GroupOfPlan:
        """Return what draws of a group would have."""
        drawable, coded = self.drawable(group), self.coded(group)
        draws = []
        for more in self.sizes(group):
            one = drawable.draw_of(coded + more)
            draws.append(DrawnTogether(more, one.copy_groups, one.per_copy_group, one.effect))
        return GroupOfPlan(group.name, drawable.spans, coded, int((self.open & group.rows).sum()), tuple(draws))

    def share(self, code: str, group: SpanGroup, until: float | None) -> PlannedShare:
        """Return what more coded spans would bring to a code's share in a group."""
        drawable, coded = self.drawable(group), self.coded(group)
        found = self.coded_groups.get(group.name)
        basis, share, variance, se, half = "assumed", self.shares.get(code, SHARE), None, None, None
        if found is not None and self.columns is not None:
            process, corpus = (
                share_in_group(self.columns, self.variable, (code,), found, target) for target in ("process", "corpus")
            )
            figure = (process if self.target == "process" else corpus).estimate
            se, half = figure.se, None if figure.interval is None else (figure.interval[1] - figure.interval[0]) / 2
            variance = variance_of(process, corpus, coded, self.target)
            if variance is not None and figure.share is not None:
                basis, share = "coded", figure.share
        if variance is None and self.coded_groups:
            basis, share = self._moved(code, group)
        precision = _precision(drawable, share, variance, self.target)
        scale = half / precision(coded)[1] if variance is not None and half else 1.0  # it begins with what is now
        now = math.inf if half is None else half  # an exact interval of few codes does not get wider with more spans
        sizes = tuple(
            PlannedSize(more, after, min(scale * half_after, now))
            for more in self.sizes(group)
            for after, half_after in [precision(coded + more)]
        )
        needed = None
        if until is not None:
            reached = half is not None and half <= until / 100
            left = int((self.open & group.rows).sum())
            needed = 0 if reached else fewest(left, lambda more: scale * precision(coded + more)[1] <= until / 100)
        return PlannedShare(group.name, code, basis, share if basis == "assumed" else None, se, half, sizes, needed)

    def _moved(self, code: str, group: SpanGroup) -> tuple[str, float]:
        """Return the share of a code that is coded rarely, moved towards a half: (codes + 2) / (spans + 4).

        Source: Agresti and Coull (1998). Of a group without coded spans it is the share in all others.
        """
        own = self.coded_groups.get(group.name)
        known = [self._known(code, one) for one in ([own] if own is not None else self.coded_groups.values())]
        spans = sum(float(asked.sum()) for _, asked, _ in known)
        codes = sum(float(given.sum()) for given, _, _ in known)
        return ("few codes" if own is not None and spans else "assumed"), (codes + 2) / (spans + 4)

    def assumptions(self) -> tuple[str, ...]:
        """Return what the plan takes for granted, in words."""
        said = []
        if self.sample is None:
            source = f"shares from {self.source}" if self.shares else f"every share is {SHARE:g}, the widest interval"
            said.append(f"nothing is coded yet: {source}, {self.variable.name} is asked on {self.asked:.0%} of spans")
        said.append(
            f"codes within a copy group are correlated by {self.correlation:.2f}"
            + (", as in the coded spans" if self.is_found else " (assumed)")
        )
        if self.sample is not None and not self.predicted:
            said.append("no predictions yet: the coded spans alone (slantwise estimate makes predictions)")
        if self.design.by:
            said.append(f"spans are drawn by {', '.join(self.design.by)}, as in the last round")
        return tuple(said)


def _precision(
    drawable: Drawable, share: float, variance: Variance | None, target: Target
) -> Callable[[int], tuple[float, float]]:
    """Return the standard error and half width of a share by the number of coded spans."""

    def of(coded: int) -> tuple[float, float]:
        drawn = drawable.draw_of(coded)
        spread = share * (1 - share)
        if variance is not None:
            square = variance.at(coded, drawable.spans)
        elif target == "corpus":
            square = spread * max(1 / coded - 1 / drawable.spans, 0.0) / drawable.asked
        else:
            square = spread / drawn.worth
        if square == 0:
            return 0.0, 0.0
        return math.sqrt(square), half_width(share, spread / square, drawn.copy_groups)

    return of


def _every_span(study: Study, sample: Sample | None, open_: pd.DataFrame) -> pd.DataFrame:
    """Return the spans of the sample and those that are left, one row each, with their copy groups."""
    spans = study.spans()
    wanted = set(open_["span"]) | (set() if sample is None else set(sample.spans["span"]))
    rows = spans[spans["span"].isin(wanted)].reset_index(drop=True)
    groups: Mapping[str, str] = copy_groups_of(study, rows["span"])
    return rows.assign(copy_group=[groups[span] for span in rows["span"]])


def _last_design(study: Study) -> Design:
    """Return the design of the last round that counts; without one that of a simple draw."""
    names = [
        one.round
        for one in rounds.list_rounds(study).rounds
        if one.purpose in COUNTED_PURPOSES and one.layout == "unit"
    ]
    return rounds.design(study, names[-1]) if names else Design()
