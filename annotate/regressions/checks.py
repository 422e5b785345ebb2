"""What a model is refused for by its coded spans, and what its reader must know of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from annotate.estimators.corrected_models import SpansOfModel
from annotate.estimators.draws import Mask, coded_weights
from annotate.estimators.regression import Floats, Link
from annotate.estimators.shares import FEWEST_CLUSTERS, FEWEST_CODES, FEWEST_SPANS
from corpus.errors import NoEstimate

from .formulas import INTERCEPT, Design

PER_COEFFICIENT = 10  # coded spans below which intervals of a model become too narrow


def check_coded(spans: SpansOfModel, design: Design, table: pd.DataFrame) -> None:
    """Raise NoEstimate, with what to do, where the coded spans cannot give the coefficients; `table` is of spans."""
    rows, code, eligible = _coded_rows(spans)
    of_span = np.where(_known(spans), np.nansum(spans.eligible, axis=1), 0)
    n, clusters = int((of_span > 0).sum()), len(np.unique(spans.cluster[of_span > 0]))
    few = min(float(code.sum()), float((eligible - code).sum()))
    if n < FEWEST_SPANS or clusters < FEWEST_CLUSTERS or few < FEWEST_CODES:
        raise NoEstimate(
            f"a model needs {FEWEST_SPANS} coded spans from {FEWEST_CLUSTERS} copy groups, {FEWEST_CODES} of them with "
            f"the code and {FEWEST_CODES} without; there are {n} from {clusters}, {code.sum():.0f} with the code and "
            f"{(eligible - code).sum():.0f} without. Shares have exact intervals for few codes: slantwise estimate"
        )
    for name in design.levels.keys() & set(table):
        coded = set(table[name][of_span > 0].map(str))
        if without := [level for level in design.levels[name] if level not in coded]:
            raise NoEstimate(
                f"no coded span has {name} {_some(without)}, so nothing can be estimated there; draw and code spans "
                f"(slantwise round draw), or leave {name} out"
            )
    empty = [name for name, column in zip(design.names, rows.T, strict=True) if not column.any()]
    if empty:
        raise NoEstimate(
            f"no coded span has {_some(empty)}; use + in place of * or :, or draw and code more spans: slantwise round "
            "draw"
        )
    if dependent := _dependent(rows, design.names):
        raise NoEstimate(
            f"{_some(dependent)} can be calculated from the other covariates, so the coefficients are not defined; "
            "leave one of them out"
        )
    for name, column in zip(design.names, rows.T, strict=True):
        with_code, without_code = _on_each_side(column, code, eligible)
        if name != INTERCEPT and min(with_code, without_code) == 0:
            which = "none" if with_code == 0 else "each"
            raise NoEstimate(
                f"{which} of the {max(with_code, without_code):.0f} coded spans with {name} has the code (complete "
                "separation), so a coefficient has no interval; use fewer covariates, or shares with exact intervals: "
                "slantwise estimate"
            )


def notes_on_coded(spans: SpansOfModel, names: Sequence[str], link: Link) -> list[str]:
    """Return in words where there are few coded spans for the coefficients."""
    rows, code, eligible = _coded_rows(spans)
    total = float(eligible.sum())
    n = total if link == "linear" else min(float(code.sum()), total - float(code.sum()))
    notes = []
    if n < PER_COEFFICIENT * len(names):
        what = "coded spans" if link == "linear" else "coded spans on the rarer side of the code"
        notes.append(
            f"{n:.0f} {what} for {len(names)} coefficients: with fewer than {PER_COEFFICIENT} for each the intervals "
            "may be too narrow"
        )
    few = [
        name
        for name, column in zip(names, rows.T, strict=True)
        if name != INTERCEPT and min(_on_each_side(column, code, eligible)) < FEWEST_CODES
    ]
    if few:
        notes.append(
            f"fewer than {FEWEST_CODES} coded spans with or without the code: {_some(few)}; their intervals may be too "
            "narrow"
        )
    return notes


def _known(spans: SpansOfModel) -> Mask:
    known: Mask = coded_weights(spans.rounds) > 0
    return known


def _coded_rows(spans: SpansOfModel) -> tuple[Floats, Floats, Floats]:
    """Return covariates (rows, coefficients), code and eligible (rows) of the coded spans' cells that are not empty."""
    known = _known(spans)
    eligible = spans.eligible[known].ravel()
    rows = spans.design[known].reshape(-1, spans.design.shape[2])
    return rows[eligible > 0], spans.code[known].ravel()[eligible > 0], eligible[eligible > 0]


def _on_each_side(column: Floats, code: Floats, eligible: Floats) -> tuple[float, float]:
    """Return how many coded spans with the value 1 have the code, and how many have not; a number has no such spans."""
    if not np.isin(column, (0, 1)).all():
        return np.inf, np.inf
    with_code = float((column * code).sum())
    return with_code, float((column * eligible).sum()) - with_code


def _dependent(rows: Floats, names: Sequence[str]) -> list[str]:
    """Return the columns that those before them determine."""
    length = np.linalg.norm(rows, axis=0)
    basis = np.zeros((len(rows), 0))
    found = []
    for name, column in zip(names, (rows / length).T, strict=True):
        for _ in range(2):  # once more for rounding
            column = column - basis @ (basis.T @ column)
        rest = float(np.linalg.norm(column))
        if rest < 1e-7:
            found.append(name)
        else:
            basis = np.column_stack([basis, column / rest])
    return found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
