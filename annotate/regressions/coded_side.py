"""The coded side of a model: what a formula asks of a study, and all that is refused before anything is predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from annotate.estimates.columns import Columns
from annotate.estimates.conditions import Conditions, conditions_for
from annotate.estimates.estimate import check_sample, notes_on_sample
from annotate.estimates.groups import asked_and_given, note_copies
from annotate.estimates.reliability import SHOWN, FigureVerdicts, Reliability, note_unshown, strength
from annotate.estimates.sample import Sample
from annotate.estimators.corrected_models import SpansOfModel
from annotate.estimators.regression import Floats, Ints
from corpus.codebook import Codebook, Variable
from corpus.errors import BadFormula, NoEstimate, UnknownCode
from corpus.study import Study

from .checks import check_coded
from .covariates import covariate_table, known_covariates
from .formulas import Design, make_design, read_formula

ARTICLE = "article"


@dataclass(frozen=True)
class ModelOfStudy:
    """What a formula asks of a study: the sample, the cells of the coded covariates, and the coded side of the model.

    `asked` and `given` are for each cell the conditions under which a span is in it, and also has the code.
    """

    variable: Variable
    code: str
    sample: Sample
    reliability: Reliability
    asked: Sequence[Conditions]
    given: Sequence[Conditions]
    design: Design
    spans: SpansOfModel
    notes: Sequence[str]


def check_model(study: Study, formula: str, *, unit: str | None = None, override: str | None = None) -> ModelOfStudy:
    """Return the coded side of a model. Raises BadFormula, UnknownCode and NoEstimate, with what to do."""
    book = study.codebook
    if unit not in (None, ARTICLE, book.unit):
        raise UnknownCode(f"{unit!r} is not a unit of a model; expected {book.unit} or {ARTICLE}")
    known = [name for name in known_covariates(study) if name not in book.by_name]
    read = read_formula(formula, [*known, *book.by_name])
    variable, code = _outcome(book, read.outcome)
    coded = [name for name in read.names if name in book.by_name]
    for name in coded:
        _check_covariate(book.by_name[name], variable)
    sample, reliability = check_sample(study, variable.name, by=coded, override=override)
    table = covariate_table(study, sample.spans, [name for name in read.names if name not in coded], read.categorical)
    sample, table, notes = _without_missing(sample, table)
    if "date" in read.names and "date" not in read.categorical:
        notes.append("date is a number: its coefficient compares spans that are 30 days apart")
    # no prediction is read here
    columns = Columns(study, sample, {span: {} for span in sample.spans["span"]}, np.zeros(len(table), dtype=np.int64))
    cells, never = _cells(columns, variable, coded)
    notes += [f"{one}: in no coded span, so not in the model" for one in never]
    notes += note_copies(study, sample, coded)
    domains = [{name: (level,) for name, level in cell.items()} for cell in cells]
    reliability = _judged(study, sample, reliability, (variable, code, domains), override)
    conditions = [asked_and_given(book, variable, (code,), domain) for domain in domains]
    asked, given = [one for one, _ in conditions], [one for _, one in conditions]
    design = make_design(read, _with_cells(table, cells))
    shape = len(table), len(cells)
    nothing = np.zeros(shape)
    spans = SpansOfModel(
        design.columns.reshape(*shape, -1), np.column_stack([columns.coded(one) for one in given]),
        np.column_stack([columns.coded(one) for one in asked]), nothing, nothing, columns.fold, sample.cluster,
        sample.rounds, _counting(sample, unit),
    )  # fmt: skip
    check_coded(spans, design, table)
    notes = [*notes_on_sample(sample, variable, conditions_for(book, variable.name, {})), *notes]
    return ModelOfStudy(variable, code, sample, reliability, asked, given, design, spans, notes)


def _judged(
    study: Study,
    sample: Sample,
    reliability: Reliability,
    figure: tuple[Variable, str, Sequence[Conditions]],
    override: str | None,
) -> Reliability:
    """Return the reliability with the verdicts on the code, also within the cells. Raises NoEstimate if one fails."""
    variable, code, domains = figure
    judged = FigureVerdicts(study, variable, None)
    languages = judged.languages_of(sample.spans["article"].unique())
    found = [judged.on(code, domain, languages) for domain in ({}, *(one for one in domains if one))]
    withheld = list(dict.fromkeys(one.withheld for one in found if one.withheld))
    if withheld and not override:
        raise NoEstimate(
            f"{'; '.join(withheld)}; clarify the codebook and code again, or code more spans twice (slantwise round "
            'plan); to estimate in spite of this: slantwise estimate --override "the reason"'
        )
    verdict = min((reliability.verdict, *(one.verdict for one in found)), key=strength)
    notes = list(reliability.notes)
    if reliability.verdict in SHOWN and verdict not in SHOWN:
        notes += note_unshown([(code, "model", verdict)])
    return Reliability(verdict, [*reliability.refused, *withheld], notes)


def _outcome(book: Codebook, written: str) -> tuple[Variable, str]:
    """Return the variable and the code that the left side of a formula names."""
    name, equals, code = (part.strip().strip("`") for part in written.partition("="))
    if not equals:
        name, code = "", name
    having = [variable for variable in book.variables if code in variable.code_names and name in ("", variable.name)]
    if len(having) == 1:
        return having[0], code
    if having:
        ways = " or ".join(f"{variable.name}={code}" for variable in having)
        raise UnknownCode(f"several variables have the code {code}; expected {ways} on the left of ~")
    variables = [book.by_name[name]] if name in book.by_name else list(book.variables)
    codes = ", ".join(f"{variable.name}={one}" for variable in variables for one in variable.code_names)
    raise UnknownCode(f"{written!r} is not a code of the codebook {book.name}; expected one of {codes}")


def _check_covariate(covariate: Variable, outcome: Variable) -> None:
    if covariate.name == outcome.name:
        raise BadFormula(f"{outcome.name} cannot explain its own codes; expected other covariates")
    if covariate.kind == "multiple":
        raise BadFormula(
            f"{covariate.name} may have several codes in one span, and a covariate has one level in each; expected "
            "variables with one code each"
        )


def _without_missing(sample: Sample, table: pd.DataFrame) -> tuple[Sample, pd.DataFrame, list[str]]:
    """Return the spans whose covariates are known, and how many others are left out."""
    notes = [f"{n} spans: without {name}, so left out" for name, n in table.isna().sum().items() if n]
    kept = table.notna().all(axis=1).to_numpy()
    if not kept.any():
        without = [str(name) for name in table if table[name].isna().all()] or [str(name) for name in table]
        raise NoEstimate(f"no span has a value of {' and '.join(without)}; leave it out of the formula")
    if kept.all():
        return sample, table, notes
    spans = sample.spans[kept].reset_index(drop=True)
    cluster: Ints = np.unique(spans["copy_group"], return_inverse=True)[1].astype(np.int64)
    known = set(spans["span"])
    answers = {span: coders for span, coders in sample.answers.items() if span in known}
    rounds = [one.of(kept) for one in sample.rounds]
    part = Sample(spans, cluster, rounds, answers, sample.unfinished, sample.balance, sample.simulated)
    return part, table[kept].reset_index(drop=True), notes


def _cells(columns: Columns, variable: Variable, coded: Sequence[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Return the combinations of codes of the coded covariates in which the question is asked; one without codes.

    Codes that are in no coded span are not levels; they are returned too.
    """
    levels: dict[str, list[str]] = {}
    never: list[str] = []
    for name in coded:
        levels[name] = []
        for code in columns.book.by_name[name].code_names:
            asked, _ = asked_and_given(columns.book, variable, variable.code_names, {name: (code,)})
            if not all(asked.values()):
                continue
            found = np.nansum(columns.coded(asked)) > 0
            (levels[name] if found else never).append(code if found else f"{name} {code}")
    cells = [dict(zip(levels, combination, strict=True)) for combination in product(*levels.values())]
    cells = [
        cell
        for cell in cells
        if all(conditions_for(columns.book, variable.name, {name: (code,) for name, code in cell.items()}).values())
    ]
    if not cells:
        raise NoEstimate(
            f"{variable.name} is not asked together with {', '.join(coded)} in any coded span; leave covariates out"
        )
    return cells, never


def _with_cells(table: pd.DataFrame, cells: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Return the covariates of each span in each cell (spans · cells); codes in the order of the codebook."""
    size = len(table)
    repeated = table.loc[table.index.repeat(len(cells))].reset_index(drop=True)
    for name in cells[0]:
        levels = list(dict.fromkeys(cell[name] for cell in cells))
        repeated[name] = pd.Categorical([cell[name] for cell in cells] * size, levels)
    return repeated


def _counting(sample: Sample, unit: str | None) -> Floats:
    """Return what each span counts, 1 on average: with articles as the unit, the same in total for each article."""
    if unit != ARTICLE:
        return np.ones(len(sample.spans))
    of_article = sample.spans.groupby("article")["span"].transform("size").to_numpy(dtype=float)
    size: Floats = (1 / of_article) / (1 / of_article).mean()
    return size
