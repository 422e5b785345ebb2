"""The groups of an estimate, the predictions that it uses, and the share of codes in one group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from annotate.estimators.draws import Mask
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.shares import Group, Share, Target, estimate_share
from corpus.annotations.cross_fitted import cross_fitted, cross_fitted_version
from corpus.codebook import Codebook, Variable
from corpus.errors import NoEstimate
from corpus.study import Study

from .columns import Columns
from .conditions import Conditions, conditions_for
from .sample import Sample

METADATA = ("outlet", "period")  # properties that are known without coding; others are variables of the codebook


@dataclass(frozen=True)
class SpanGroup:
    """A group of spans: those that may belong to it (spans), and the codes that make them belong to it.

    `counting` is how much each of them counts (of all spans), 1 by default.
    """

    name: str
    rows: Mask
    domain: Conditions
    counting: Floats | None = None


def read_predictions(study: Study, sample: Sample) -> tuple[dict[str, dict[str, dict[str, float]]], Ints, str]:
    """Return the cross-fitted probabilities by span and variable, the index of each span's fold, and the version.

    Raises NoEstimate where a span has none.
    """
    version = cross_fitted_version(study)
    frame = cross_fitted(study, sample.spans["span"])
    found: dict[str, dict[str, dict[str, float]]] = {}
    folds: dict[str, str] = {}
    for span, variable, probabilities, fold in frame.itertuples(index=False, name=None):
        found.setdefault(span, {})[variable] = probabilities
        folds[span] = fold
    missing = len(sample.spans) - len(folds)
    if version is None or missing:
        raise NoEstimate(
            f"{missing} of {len(sample.spans)} spans have no prediction by a classifier that has seen no answer to "
            "them; make them: slantwise estimate (in Python first: models.cross_fit(study))"
        )
    return found, np.array([int(folds[span]) for span in sample.spans["span"]]), version


def groups_by(study: Study, sample: Sample, by: Sequence[str]) -> list[SpanGroup]:
    """Return the groups that the values of these properties make, as far as spans may belong to them."""
    known = {
        "outlet": sample.spans["outlet"].to_numpy(dtype=object),
        "period": np.array([str(d)[:7] if isinstance(d, str) and d else "undated" for d in sample.spans["date"]]),
    }
    values = [
        sorted(set(known[name])) if name in METADATA else list(study.codebook.by_name[name].code_names) for name in by
    ]
    groups: list[SpanGroup] = []
    for combination in product(*values):
        rows = np.ones(len(sample.spans), dtype=bool)
        domain: dict[str, tuple[str, ...]] = {}
        for name, value in zip(by, combination, strict=True):
            if name in METADATA:
                rows &= known[name] == value
            else:
                domain[name] = (value,)
        if rows.any():
            groups.append(SpanGroup(", ".join(combination) or "all", rows, domain))
    return groups


def asked_and_given(
    book: Codebook, variable: Variable, codes: tuple[str, ...], domain: Conditions
) -> tuple[Conditions, Conditions]:
    """Return the conditions under which a span counts for a share of a variable, and those under which it has a code.

    >>> from corpus.codebook import load
    >>> book = load("lexical-bias")
    >>> asked_and_given(book, book.by_name["bias"], ("biased",), {})
    ({'bias': ('non-biased', 'biased')}, {'bias': ('biased',)})
    """
    asked = conditions_for(book, variable.name, domain)
    if variable.kind == "single":  # asked, and answered
        asked[variable.name] = asked.get(variable.name, variable.code_names)
    return asked, {**asked, variable.name: codes}


def share_in_group(
    columns: Columns, variable: Variable, codes: tuple[str, ...], group: SpanGroup, target: Target
) -> Share:
    """Estimate in how large a share of a group one of these codes is given."""
    asked, given = asked_and_given(columns.book, variable, codes, group.domain)
    sample, rows = columns.sample, group.rows
    arrays = Group(
        columns.coded(given)[rows], columns.coded(asked)[rows],
        columns.predicted(given)[rows], columns.predicted(asked)[rows],
        columns.fold[rows], sample.cluster[rows], int(sample.cluster.max(initial=-1)) + 1,
        [one.of(rows) for one in sample.rounds],
        None if group.counting is None else group.counting[rows],
    )  # fmt: skip
    share = estimate_share(arrays, target)
    if target == "corpus" and share.method == "corrected":
        share = replace(share, influence=_of_all_coded(sample, rows, share.influence))
    return share


def _of_all_coded(sample: Sample, rows: Mask, influence: Floats) -> Floats:
    """Return the influence of a group's spans (rounds, spans) over all coded spans, so that groups can be compared."""
    of_all = np.zeros((len(sample.rounds), len(rows)))
    of_all[:, rows] = influence.reshape(len(sample.rounds), -1)
    return of_all[:, np.logical_or.reduce([one.coded for one in sample.rounds])].ravel()
