"""Formulas of models, such as `liberation ~ outlet * period`: what they name, and the columns that they make."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from annotate.estimators.regression import Floats
from corpus.errors import BadFormula

EXAMPLE = "slantwise estimate --model 'liberation ~ outlet + attribution'"
INTERCEPT = "(intercept)"


@dataclass(frozen=True)
class ModelFormula:
    """A formula: the outcome as written, the names of its covariates, and its right side with these as v0, v1 ….

    `categorical` are the covariates written as C(…), `reference` the levels that others are compared with, if stated.
    """

    text: str
    outcome: str
    names: tuple[str, ...]
    right: str
    categorical: frozenset[str]
    reference: Mapping[str, str]


@dataclass(frozen=True)
class Design:
    """The columns of a model (rows, coefficients) with their names, and the levels that others are compared with.

    `levels` are the levels of each categorical covariate.
    """

    columns: Floats
    names: tuple[str, ...]
    reference: Mapping[str, str]
    levels: Mapping[str, tuple[str, ...]]


def read_formula(text: str, known: Collection[str]) -> ModelFormula:
    """Read a formula over these covariates: `outcome ~ a + b`, `a * b`, `a:b`, `0 + a`, `C(a)`, `C(a, "level")`.

    Raises BadFormula with what to do.

    >>> formula = read_formula('liberation ~ C(outlet, "Post") * period', ["outlet", "period"])
    >>> formula.outcome, formula.names, formula.right, dict(formula.reference)
    ('liberation', ('outlet', 'period'), 'v0 * v1', {'outlet': 'Post'})
    """
    outcome, tilde, right = (part.strip() for part in text.partition("~"))
    if not (outcome and tilde and right) or "~" in right:
        raise BadFormula(f"{text!r} is not a formula; expected a code, ~, and covariates, as in: {EXAMPLE}")
    categorical, reference = set(), {}
    names: dict[str, None] = {}
    one = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    name = rf"(?<!\w)`?(?P<name>{one})`?(?!\w)"

    def of_levels(match: re.Match[str]) -> str:
        categorical.add(match["name"])
        if match["level"]:
            reference[match["name"]] = match["level"]
        return f"`{match['name']}`"

    def token(match: re.Match[str]) -> str:
        names.setdefault(match["name"])
        return f"v{list(names).index(match['name'])}"

    plain = re.sub(rf"\bC\(\s*{name}\s*(?:,\s*(?P<quote>[\"'])(?P<level>.*?)(?P=quote)\s*)?\)", of_levels, right)
    if other := re.search(r"[^\W\d]\w*(?=\s*\()|[^\W\d]\w*", re.sub(name, " ", plain)):
        what = "a function" if re.match(r"\s*\(", re.sub(name, " ", plain)[other.end() :]) else "a covariate"
        raise BadFormula(
            f"{other[0]!r} is not {what} that a model can have; expected {', '.join(known)}, joined by +, : or *, and "
            'C(name) or C(name, "level") for levels'
        )
    right = re.sub(name, token, plain)
    if odd := re.search(r"[^\w\s+*:()-]", right):
        raise BadFormula(f"{odd[0]!r} is not part of a formula; expected covariates joined by +, : or *")
    if not names and not re.fullmatch(r"[01\s+()-]+", right):
        raise BadFormula(f"{text!r} names no covariate; expected one of {', '.join(known)}")
    return ModelFormula(text, outcome, tuple(names), right, frozenset(categorical), reference)


def make_design(formula: ModelFormula, table: pd.DataFrame) -> Design:
    """Return the columns of a formula over a table, which has a column for each covariate.

    Levels are compared with the first, or with that which the formula states. Raises BadFormula.

    >>> formula = read_formula("liberation ~ outlet", ["outlet"])
    >>> design = make_design(formula, pd.DataFrame({"outlet": ["Post", "Herald", "Post"]}))
    >>> design.names, design.columns.tolist(), design.reference
    (('(intercept)', 'outlet Post'), [[1.0, 1.0], [1.0, 0.0], [1.0, 1.0]], {'outlet': 'Herald'})
    """
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    levels: dict[str, tuple[str, ...]] = {}
    columns: dict[str, object] = {}
    for number, name in enumerate(formula.names):
        values = table[name]
        if name not in formula.categorical and pd.api.types.is_numeric_dtype(values):
            columns[f"v{number}"] = values.to_numpy(float)
            continue
        levels[name] = _levels(values, formula.reference.get(name), name)
        index = {level: place for place, level in enumerate(levels[name])}
        codes = [index[str(value)] for value in values]
        columns[f"v{number}"] = pd.Categorical(
            [f"l{code}" for code in codes], [f"l{place}" for place in range(len(index))]
        )
    frame = pd.DataFrame(columns, index=range(len(table)))
    try:
        matrix = Formula(formula.right).get_model_matrix(frame, na_action="ignore")
        names = [str(column) for column in matrix.columns]
    except (FormulaicError, SyntaxError) as error:
        why = re.sub(r"[⧛⧚]|\x1b?\[[\d;]*m", "", str(error)).strip().partition("\n")[0]
        raise BadFormula(f"{formula.text!r} cannot be read ({why}); expected a formula as in: {EXAMPLE}") from None
    if not names:
        raise BadFormula(f"{formula.text!r} has no coefficient; expected a formula as in: {EXAMPLE}")
    reference = {}
    for number, name in enumerate(formula.names):
        parts = [part for column in names for part in column.split(":") if re.match(rf"v{number}\b", part)]
        if not parts and len(levels.get(name, ())) == 1:
            raise BadFormula(f"{name} is {levels[name][0]} everywhere, so it explains nothing; leave it out")
        if name in levels and parts and f"v{number}[l0]" not in parts:  # else there is a column for every level
            reference[name] = levels[name][0]
    return Design(
        np.asarray(matrix, dtype=float), tuple(_shown(name, formula.names, levels) for name in names), reference, levels
    )


def _levels(values: pd.Series, first: str | None, name: str) -> tuple[str, ...]:
    """Return the levels of a covariate, that which others are compared with first."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = [str(level) for level in values.cat.categories]
    else:
        found = sorted({str(value) for value in values})
    if first is not None and first not in found:
        raise BadFormula(f"{name} has no level {first!r}; expected one of {', '.join(found)}")
    return tuple(found if first is None else [first, *(level for level in found if level != first)])


def _shown(column: str, names: Sequence[str], levels: Mapping[str, Sequence[str]]) -> str:
    """Return a column of the design as it is printed: `v0[T.l2]:v1` is `outlet Post × age`."""
    if column == "Intercept":
        return INTERCEPT
    parts = []
    for part in column.split(":"):
        match = re.fullmatch(r"v(\d+)(?:\[(?:T\.)?l(\d+)\])?", part)
        assert match, column
        name = names[int(match[1])]
        parts.append(name if match[2] is None else f"{name} {levels[name][int(match[2])]}")
    return " × ".join(parts)
