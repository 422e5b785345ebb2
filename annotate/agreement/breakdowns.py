"""Agreement by group: outlet, language, attribution, unit, year, third of the coding and codebook version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
from sqlalchemy import select

from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import Answers, select_answers

from .variable_agreement import VariableAgreement, VariableFigures, variable_agreement, variable_agreements

Breakdowns = Mapping[str, Mapping[str, Mapping[str, VariableFigures]]]  # by grouping, group and variable
Groups = dict[str, dict[str, VariableFigures]]

THIRDS = ("1st third", "2nd third", "3rd third")
MIN_SPANS = 10  # with two answers; with fewer a group's alpha is meaningless


def break_down(study: Study, variables: Mapping[str, VariableAgreement], answers: Answers) -> Breakdowns:
    """Return agreement on each variable by outlet, language, attribution, unit, year, third of the coding and version.

    A grouping with one group is left out, and so are groups with fewer than MIN_SPANS spans that two coders answered. A
    span's attribution is the code given by most of its coders. The thirds are those of the spans, by the mean time of
    their answers, where all times are known.
    """
    coded_spans = select(db.annotations.c.span).distinct()
    query = (
        select(db.spans.c.id, db.articles.c.outlet, db.spans.c.unit, db.articles.c.language, db.articles.c.published)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(db.spans.c.id.in_(coded_spans))
    )
    with study.store.reading() as connection:
        rows = connection.execute(query).fetchall()
    groupings = {
        "outlet": {row.id: row.outlet for row in rows},
        "language": {row.id: row.language or "unknown" for row in rows},
        "attribution": _attribution(variables),
        "unit": {row.id: row.unit for row in rows},
        "year": {row.id: row.published[:4] if row.published else "undated" for row in rows},
        "third": _thirds(answers.frame),
    }
    breakdowns = {
        name: _by_group(variables, group_of) for name, group_of in groupings.items() if len(set(group_of.values())) > 1
    }
    breakdowns["codebook_version"] = _by_version(study, variables, answers)
    return {name: groups for name, groups in breakdowns.items() if len(groups) > 1}


def _by_group(variables: Mapping[str, VariableAgreement], group_of: Mapping[str, str]) -> Groups:
    groups: Groups = {}
    for name, variable in variables.items():
        span_groups = np.array([group_of.get(span, "") for span in variable.data.spans], dtype=object)
        paired = variable.data.counts.sum(axis=1) >= 2
        for group, n in sorted(Counter(span_groups[paired].tolist()).items()):
            if group and n >= MIN_SPANS:
                data = variable.data.subset(span_groups == group)
                groups.setdefault(group, {})[name] = variable_agreement(data, brief=True).figures
    return groups


def _thirds(frame: pd.DataFrame) -> dict[str, str]:
    """Return for each span the third of the coding that it was coded in; nothing where a time is not known."""
    times = frame["made_at"]
    if not len(times) or times.isna().any() or (times == "").any() or times.nunique() < len(THIRDS):
        return {}
    ranks = pd.Series(pd.factorize(times, sort=True)[0], index=frame.index)
    means = ranks.groupby(frame["span"]).mean().rank(method="first")
    places = ((means - 1) * len(THIRDS) // len(means)).astype(int)
    return {str(span): THIRDS[place] for span, place in places.items()}


def _attribution(variables: Mapping[str, VariableAgreement]) -> dict[str, str]:
    """Return for each span the attribution given by most coders."""
    if "attribution" not in variables:
        return {}
    data = variables["attribution"].data
    return {span: data.values[int(row.argmax())] for span, row in zip(data.spans, data.counts, strict=True)}


def _by_version(study: Study, variables: Mapping[str, VariableAgreement], answers: Answers) -> Groups:
    others = [version for version in answers.versions if version != answers.version]
    by_version = {answers.version: dict(variables)} if others else {}
    for version in others:
        frame = select_answers(study, answers.round, version=version).frame
        by_version[version] = variable_agreements(study.codebook_under(version), frame, brief=True)
    return {
        version: {name: one.figures for name, one in variables.items() if one.n_units >= MIN_SPANS}
        for version, variables in sorted(by_version.items())
    }
