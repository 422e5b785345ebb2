"""Models of a code: what a formula asks of a study, what is refused, and the corrected coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from annotate.estimates.columns import Columns
from annotate.estimates.groups import read_predictions
from annotate.estimators.corrected_models import Coefficients, fit_corrected
from annotate.estimators.draws import coded_weights
from annotate.estimators.regression import Link
from annotate.estimators.shares import Target
from corpus.errors import NoEstimate, UnknownCode
from corpus.result import Result
from corpus.study import Study

from .checks import notes_on_coded
from .coded_side import check_model


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with its 95 % interval, standard error and two-sided p, and that of the coded spans alone.

    Of a linear model it is a difference in the share, 0.1 for 10 points; of a logistic one in the logit, and
    `odds_ratio` is its exponential.
    """

    name: str
    value: float
    low: float
    high: float
    se: float
    p: float
    coded_only: float
    coded_only_low: float
    coded_only_high: float
    odds_ratio: float | None = None
    odds_ratio_low: float | None = None
    odds_ratio_high: float | None = None


@dataclass(frozen=True)
class FittedModel(Result):
    """A corrected model of a code's share: its coefficients, and what they are based on.

    `unit` is what counts once: the codebook's unit, or "article". `compared_with` has the level that the others of a
    covariate are compared with. `copy_groups` and `df` are the copy groups with coded spans, and their number less that
    of the coefficients; `power` is how much the predictions count, from 0 to 1. The other fields are those of
    `Estimate`.
    """

    formula: str
    variable: str
    code: str
    link: Link
    unit: str
    target: Target
    reference: str
    codebook_version: str
    model: str
    verdict: str
    first: str | None
    last: str | None
    spans: int
    coded: int
    copy_groups: int
    df: int
    power: float
    compared_with: Mapping[str, str]
    coefficients: tuple[Coefficient, ...]
    balance: Mapping[str, int]
    notes: tuple[str, ...]
    refused: tuple[str, ...] = ()
    override: str | None = None
    rows = "coefficients"


def fit_model(
    study: Study,
    formula: str,
    *,
    link: Link = "linear",
    unit: str | None = None,
    target: Target = "process",
    override: str | None = None,
) -> FittedModel:
    """Fit a model of a code's share on covariates, such as "liberation ~ outlet * period".

    On the left is a code, or `variable=code` where two variables have it; on the right are outlet, period (the month),
    date (a number, per 30 days), language, event, metadata of articles, and variables of the codebook, which enter by
    coders' answers. `link` is "linear" (differences in the share) or "logistic" (odds ratios). With unit="article"
    each article counts once, its spans in equal parts.

    Raises BadFormula and UnknownCode for what the formula names, and NoEstimate with what to do: where `estimate` does,
    with too few coded spans, levels that have none, covariates that determine each other or the code.
    """
    if link not in get_args(Link):
        raise UnknownCode(f"{link!r} is not a link; expected {' or '.join(get_args(Link))}")
    if target not in get_args(Target):
        raise UnknownCode(f"{target!r} is not a target; expected {' or '.join(get_args(Target))}")
    asked = check_model(study, formula, unit=unit, override=override)
    predictions, fold, version = read_predictions(study, asked.sample)
    columns = Columns(study, asked.sample, predictions, fold)
    spans = replace(
        asked.spans, predicted_code=np.column_stack([columns.predicted(one) for one in asked.given]),
        predicted_eligible=np.column_stack([columns.predicted(one) for one in asked.asked]), fold=fold,
    )  # fmt: skip
    try:
        corrected, alone = fit_corrected(spans, link, target)
    except ValueError as error:
        raise NoEstimate(f"{error}; leave covariates out, or draw and code more spans: slantwise round draw") from None
    book = study.codebook
    mass = np.where(coded_weights(spans.rounds)[:, None] > 0, spans.eligible, 0).sum(axis=1)
    return FittedModel(
        formula.strip(), asked.variable.name, asked.code, link, unit or book.unit, target, "coders", book.version,
        version, asked.reliability.verdict,
        *asked.sample.period,
        len(mass), int((mass > 0).sum()), corrected.df + len(corrected.values), corrected.df, corrected.power,
        asked.design.reference, _coefficients(asked.design.names, corrected, alone, link), asked.sample.balance,
        (*asked.reliability.notes, *asked.notes, *notes_on_coded(spans, asked.design.names, link)),
        tuple(asked.reliability.refused), override if asked.reliability.refused else None,
    )  # fmt: skip


def _coefficients(
    names: Sequence[str], corrected: Coefficients, alone: Coefficients, link: Link
) -> tuple[Coefficient, ...]:
    intervals, of_coded = corrected.intervals, alone.intervals
    found = []
    for n, name in enumerate(names):
        value, (low, high) = float(corrected.values[n]), (float(end) for end in intervals[n])
        ratios = [float(np.exp(one)) for one in (value, low, high)] if link == "logistic" else [None] * 3
        found.append(
            Coefficient(
                name, value, low, high, float(corrected.errors[n]), float(corrected.p[n]), float(alone.values[n]),
                float(of_coded[n, 0]), float(of_coded[n, 1]), *ratios,
            )
        )  # fmt: skip
    return tuple(found)
