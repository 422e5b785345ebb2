"""Parts: agreement by outlet, by whose words a span is in, by unit, and by version of the codebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sqlalchemy import select

from corpus.study import Study
from corpus.study import database as db

from .agreement import Agreement, VariableAgreement, agreement, on_variable

Parts = dict[str, dict[str, dict[str, VariableAgreement]]]  # by what, its value, the variable

FEWEST = 10  # spans with two answers; below that an alpha says nothing about the part


def parts(study: Study, found: Agreement) -> Parts:
    """Return agreement on each variable by outlet, attribution, unit and codebook version, where there are several.

    Parts with fewer than FEWEST spans that two coders answered are left out. A span's attribution is the code that most
    of its coders gave.
    """
    coded = select(db.annotations.c.span).distinct()
    query = (
        select(db.spans.c.id, db.articles.c.outlet, db.spans.c.unit)
        .join(db.revisions, db.revisions.c.id == db.spans.c.revision)
        .join(db.articles, db.articles.c.id == db.revisions.c.article)
        .where(db.spans.c.id.in_(coded))
    )
    with study.store.reading() as connection:
        rows = connection.execute(query).fetchall()
    by = {
        "outlet": {span: outlet for span, outlet, _ in rows},
        "attribution": _attribution(found),
        "unit": {span: unit for span, _, unit in rows},
    }
    groups = {what: _by(found, of_span) for what, of_span in by.items() if len(set(of_span.values())) > 1}
    groups["codebook_version"] = _versions(study, found)
    return {what: values for what, values in groups.items() if len(values) > 1}


def _by(found: Agreement, of_span: dict[str, str]) -> dict[str, dict[str, VariableAgreement]]:
    groups: dict[str, dict[str, VariableAgreement]] = {}
    for name, variable in found.variables.items():
        values = np.array([of_span.get(span, "") for span in variable.coded.spans], dtype=object)
        paired = variable.coded.counts.sum(axis=1) >= 2
        for value, n in sorted(Counter(values[paired].tolist()).items()):
            if value and n >= FEWEST:
                groups.setdefault(value, {})[name] = on_variable(variable.coded.only(values == value), brief=True)
    return groups


def _attribution(found: Agreement) -> dict[str, str]:
    """Return the attribution that most coders gave to each span."""
    if "attribution" not in found.variables:
        return {}
    coded = found.variables["attribution"].coded
    return {span: coded.values[int(row.argmax())] for span, row in zip(coded.spans, coded.counts, strict=True)}


def _versions(study: Study, found: Agreement) -> dict[str, dict[str, VariableAgreement]]:
    others: Sequence[str] = [version for version in found.answers.versions if version != found.version]
    groups = {found.version: dict(found.variables)} if others else {}
    for version in others:
        groups[version] = dict(agreement(study, found.round, version=version, brief=True).variables)
    return {
        version: {name: one for name, one in variables.items() if one.n_units >= FEWEST}
        for version, variables in sorted(groups.items())
    }
