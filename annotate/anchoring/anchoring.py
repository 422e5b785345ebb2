"""Anchoring: the effect that seeing a suggestion has on coders' answers and times, measured in randomised arms.

The arm of each assignment was drawn at random, and the suggestion is known in both arms: it was frozen when the round
was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlalchemy import select

from annotate.rounds import frozen_suggestions, rounds
from annotate.tasks.task import make_prediction
from corpus.annotation import Assignment, code_text
from corpus.errors import NothingToCompare
from corpus.result import Result
from corpus.study import Study
from corpus.study import database as db

from .suggestion_effects import Effect, TimeSaved, effect, time_saved

BANDS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0))  # of the suggested code's probability


@dataclass(frozen=True)
class VariableEffect(Effect):
    """The effect on one variable, in all, by coder, and by the suggestion's confidence."""

    coders: Mapping[str, Effect] = field(default_factory=dict)
    confidence: Mapping[str, Effect] = field(default_factory=dict)


@dataclass(frozen=True)
class TimeSavedInAll(TimeSaved):
    """The time that suggestions save, in all and by coder."""

    coders: Mapping[str, TimeSaved] = field(default_factory=dict)


@dataclass(frozen=True)
class ArmProgress:
    """The assignments of one arm: how many are answered, and how many there are."""

    answered: int
    assigned: int


@dataclass(frozen=True)
class Anchoring(Result):
    """Anchoring in one round: the effect on each variable, the time saved, and the progress of each arm."""

    round: str
    model: str
    variables: Mapping[str, VariableEffect]
    seconds: TimeSavedInAll
    arms: Mapping[str, ArmProgress]
    rows = "variables"


def measure_anchoring(study: Study, round: str) -> Anchoring:
    """Return the effect of suggestions on a round's answers, and the time they save.

    Raises BadRound, and NothingToCompare if the round has only one arm or nobody has answered.
    """
    rounds.get_round(study, round)
    assignments = rounds.assignments(study, round)
    if len({assignment.arm for assignment in assignments}) < 2:
        raise NothingToCompare(
            f"{round} has only one arm, so the effect of suggestions cannot be measured; draw a round with two: "
            "slantwise round draw NAME --coders A,B --assisted 0.5"
        )
    suggested, models = _suggested(study, round)
    if not suggested:
        why = (
            "every suggestion is below the model's threshold, so none was shown"
            if frozen_suggestions.round_suggestions(study, round)
            else "the suggestions were not stored when it was drawn"
        )
        raise NothingToCompare(f"the effect of suggestions in {round} cannot be measured: {why}; draw a new round")
    t, o, r = db.annotations.c, db.outcomes.c, db.revisions.c
    with study.store.reading() as connection:
        answers = connection.execute(select(t.span, t.variable, t.coder, t.code).where(t.round == round)).all()
        seconds = {
            (row.span, row.coder): row.seconds
            for row in connection.execute(
                select(o.span, o.coder, o.seconds).where(o.round == round, o.state == "answered")
            )
        }
        article = dict(
            connection.execute(select(db.spans.c.id, r.article).join(db.revisions).where(db.spans.c.id.in_(
                select(db.draws.c.span).where(db.draws.c.round == round)
            ))).tuples().all()
        )  # fmt: skip
    shown = _shown(study, round, assignments, models)
    rows = [
        (variable, coder, shown[span, coder], article[span], code == suggestion[0], suggestion[1])
        for span, variable, coder, code in answers
        if (span, coder) in shown and (suggestion := suggested.get((span, variable)))
    ]
    if not rows:
        raise NothingToCompare(f"nobody has answered {round} yet; fetch answers with: slantwise studio pull {round}")
    frame = pd.DataFrame(rows, columns=["variable", "coder", "shown", "article", "same", "confidence"])
    answered = set(frame["variable"])
    by_variable = {v.name: frame[frame["variable"] == v.name] for v in study.codebook.variables if v.name in answered}
    times = pd.DataFrame(
        [
            (coder, shown[span, coder], article[span], s)
            for (span, coder), s in seconds.items()
            if s is not None and (span, coder) in shown
        ],
        columns=["coder", "shown", "article", "seconds"],
    )
    coders = sorted(set(frame["coder"]))
    return Anchoring(
        round,
        ", ".join(sorted({model for span_models in models.values() for model in span_models})),
        {variable: _variable_effect(rows, coders) for variable, rows in by_variable.items()},
        TimeSavedInAll(
            **vars(_time_saved(times)),
            coders={coder: _time_saved(times[times["coder"] == coder]) for coder in coders},
        ),
        {arm: _progress([a for a in assignments if a.arm == arm], seconds) for arm in ("assisted", "blind")},
    )


def _suggested(study: Study, name: str) -> tuple[dict[tuple[str, str], tuple[str, float]], dict[str, set[str]]]:
    """Return the suggested code with its probability by span and variable, and the models by span."""
    suggested = {}
    models: dict[str, set[str]] = {}
    for span, by_variable in frozen_suggestions.round_suggestions(study, name).items():
        for result in make_prediction(study.codebook, by_variable)["result"]:
            suggestion = by_variable[result["from_name"]]
            order = study.codebook.by_name[suggestion.variable].code_names
            codes = [code for code in order if code in result["value"]["choices"]]
            suggested[span, suggestion.variable] = code_text(codes), max(suggestion.probabilities.values())
            models.setdefault(span, set()).add(suggestion.model)
    return suggested, models


def _shown(
    study: Study, name: str, assignments: Sequence[Assignment], models: Mapping[str, set[str]]
) -> dict[tuple[str, str], bool]:
    """Return by span and coder whether the suggestion was shown, without those who were shown a later model's."""
    s = db.studio_tasks.c
    with study.store.reading() as connection:
        tasks = connection.execute(select(s.span, s.coder, s.model).where(s.round == name))
        pushed = {(task.span, task.coder): task.model for task in tasks}
    return {
        (one.span, one.coder): one.arm == "assisted"
        for one in assignments
        if one.arm == "blind" or pushed.get((one.span, one.coder)) in (None, *models.get(one.span, ()))
    }


def _progress(assignments: Sequence[Assignment], seconds: Mapping[tuple[str, str], float | None]) -> ArmProgress:
    return ArmProgress(sum((one.span, one.coder) in seconds for one in assignments), len(assignments))


def _variable_effect(rows: pd.DataFrame, coders: Sequence[str]) -> VariableEffect:
    return VariableEffect(
        **vars(_effect(rows)),
        coders={coder: _effect(rows[rows["coder"] == coder]) for coder in coders},
        confidence={_band_name(*band): _effect(_in_band(rows, *band)) for band in BANDS},
    )


def _effect(rows: pd.DataFrame) -> Effect:
    return effect(*(rows[name].to_numpy() for name in ("same", "shown", "article")))


def _in_band(rows: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    return rows[(rows["confidence"] >= low) & ((rows["confidence"] < high) | (high == 1.0))]


def _band_name(low: float, high: float) -> str:
    return f"{low:.1f} to {high:.1f}"


def _time_saved(rows: pd.DataFrame) -> TimeSaved:
    return time_saved(
        rows["seconds"].to_numpy(dtype=float), rows["shown"].to_numpy(dtype=bool), rows["article"].to_numpy()
    )
