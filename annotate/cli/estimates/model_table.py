"""`slantwise estimate --model`: check, predict, fit, and print the coefficients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from annotate.cli.shared.output import emit, finish, out, plain_table

from .figures import p_value, target_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from annotate.regressions.model import Coefficient, FittedModel
    from corpus.study import Study

_NUMBERS = ("points", "odds ratio", "95 %", "p", "coded only")


def estimate_model(
    study: Study, formula: str, predict: Callable[[Study], None], *, as_json: bool, **options: Any
) -> None:
    """Fit and print a model with the options of `fit_model`; refusals come before predictions are made."""
    from annotate.regressions.coded_side import check_model
    from annotate.regressions.model import fit_model

    check_model(study, formula, unit=options["unit"], override=options["override"])  # before classifiers are trained
    predict(study)
    result = fit_model(study, formula, **options)
    if as_json:
        emit(result.json())
    else:
        show_model(result, out())
    finish(len(result.coefficients), 0)


def show_model(result: FittedModel, console: Console) -> None:
    """Print the coefficients as a table that fits 80 columns, with how to read them."""
    period = f", {result.first} to {result.last}" if result.first else ""
    unit = ", each article counts once" if result.unit == "article" else ""
    console.print(f"{result.formula} ({result.link}{unit})", markup=False)
    console.print(
        f"{result.variable} {result.code}: {result.coded} coded of {result.spans} spans{period}, {result.copy_groups} "
        f"copy groups, codebook {result.codebook_version}, reliability {result.verdict}",
        markup=False,
    )
    for reason in result.refused:
        console.print(f"estimated in spite of this ({result.override}): {reason}", style="bold yellow", markup=False)
    is_logistic = result.link == "logistic"
    table = plain_table("", "odds ratio" if is_logistic else "points", "95 %", "p", "coded only", right=_NUMBERS)
    for row in result.coefficients:
        table.add_row(row.name, *(_odds(row) if is_logistic else _points(row)))
    console.print(table)
    if result.compared_with:
        levels = ", ".join(f"{name} {level}" for name, level in result.compared_with.items())
        console.print(f"compared with {levels}", markup=False)
    for line in _how_to_read(result):
        console.print(line, style="dim", markup=False)
    console.print(target_named(result.target), style="dim", markup=False)
    for note in result.notes:
        console.print(note, style="dim", markup=False)


def _how_to_read(result: FittedModel) -> list[str]:
    """Return in words what the columns mean; without an intercept, rows are shares and no differences."""
    from annotate.regressions.formulas import INTERCEPT

    has_intercept = any(row.name == INTERCEPT for row in result.coefficients)
    if result.link == "logistic":
        what, level = "odds ratio: times the odds of the code (not its share), all else alike", "odds"
    else:
        what, level = "points: difference of the share in percentage points, all else alike", "share"
    of_intercept = f"{INTERCEPT}: the {level} at the levels compared with"
    without = f"without an intercept, a row of the first covariate is the {level} itself"
    how = f"p: two-sided, {result.df} degrees of freedom; coded only: without the classifier"
    return [what, of_intercept if has_intercept else without, how]


def _points(row: Coefficient) -> tuple[str, str, str, str]:
    value, low, high, alone = (f"{100 * one:+.1f}" for one in (row.value, row.low, row.high, row.coded_only))
    return value, f"{low} to {high}", p_value(row.p), alone


def _odds(row: Coefficient) -> tuple[str, str, str, str]:
    from math import exp

    value, low, high, alone = (f"{exp(one):.3g}" for one in (row.value, row.low, row.high, row.coded_only))
    return value, f"{low} to {high}", p_value(row.p), alone
