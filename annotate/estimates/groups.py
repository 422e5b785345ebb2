"""The groups of an estimate, the predictions that it uses, and the share of codes in one group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from annotate.estimators.draws import Mask
from annotate.estimators.regression import Floats, Ints
from annotate.estimators.shares import Group, Share, SingleAnswers, Target, estimate_share
from corpus.annotations.cross_fitted import cross_fitted, cross_fitted_version
from corpus.codebook import Codebook, Variable
from corpus.copies.originators import originators
from corpus.errors import NoEstimate
from corpus.study import Study

from .columns import Columns
from .conditions import Conditions, conditions_for
from .sample import Sample

METADATA = ("outlet", "period", "copied")  # known without coding; others are variables of the codebook
OWN = ("attribution", "outlet")  # the variable and the code of an outlet's own words
COPIED, OWN_TEXT = "copied text", "own text"
MOST_ORIGINATORS = 5  # named in a note


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
    """Return the groups that the values of these properties make, as far as spans may belong to them.

    Where whose words they are defines groups, an outlet's own words in copies with another originator have a group of
    their own.
    """
    copied = np.array([bool(whose) for whose in whose_text(study, sample)]) if {"copied", OWN[0]} & {*by} else None
    known = {
        "outlet": sample.spans["outlet"].to_numpy(dtype=object),
        "period": np.array([str(d)[:7] if isinstance(d, str) and d else "undated" for d in sample.spans["date"]]),
    }
    if copied is not None:
        known["copied"] = np.where(copied, COPIED, OWN_TEXT).astype(object)
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
        name = ", ".join(combination) or "all"
        if copied is None or "copied" in by or domain.get(OWN[0]) != OWN[1:]:
            groups.append(SpanGroup(name, rows, domain))
            continue
        of_others = ", ".join(COPIED if of == OWN[0] else value for of, value in zip(by, combination, strict=True))
        groups += [SpanGroup(name, rows & ~copied, domain), SpanGroup(of_others, rows & copied, domain)]
    return [group for group in groups if group.rows.any()]


def groups_asked(study: Study, sample: Sample, variable: Variable, by: Sequence[str]) -> list[SpanGroup]:
    """Return the groups in which a variable is asked."""
    return [
        group
        for group in groups_by(study, sample, by)
        if all(conditions_for(study.codebook, variable.name, group.domain).values())
    ]


def note_copies(study: Study, sample: Sample, by: Sequence[str]) -> list[str]:
    """Return a sentence on the copied spans and their originators, where copies are groups of their own."""
    whose = Counter(filter(None, whose_text(study, sample))) if {"copied", OWN[0]} & {*by} else Counter()
    if not whose:
        return []
    first = ", ".join(f"{name} {n}" for name, n in whose.most_common(MOST_ORIGINATORS))
    more = ", …" if len(whose) > MOST_ORIGINATORS else ""
    return [f"{whose.total()} spans of articles that are copies with another originator ({first}{more})"]


def whose_text(study: Study, sample: Sample) -> list[str]:
    """Return the originator of each span whose article is a copy of another one's text, "" for other spans."""
    of_article = originators(study)
    return [of_article.get(article, "") for article in sample.spans["article"]]


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
    share = estimate_share(arrays_of(columns, variable, codes, group, target), target)
    if target == "corpus" and share.method == "corrected":
        share = replace(share, influence=_of_all_coded(columns.sample, group.rows, share.influence))
    return share


def arrays_of(
    columns: Columns, variable: Variable, codes: tuple[str, ...], group: SpanGroup, target: Target = "process"
) -> Group:
    """Return the spans of a group as arrays: which of them have one of these codes, and for which that was asked."""
    asked, given = asked_and_given(columns.book, variable, codes, group.domain)
    sample, rows = columns.sample, group.rows
    return Group(
        columns.coded(given)[rows], columns.coded(asked)[rows],
        columns.predicted(given)[rows], columns.predicted(asked)[rows],
        columns.fold[rows], sample.cluster[rows], int(sample.cluster.max(initial=-1)) + 1,
        [one.of(rows) for one in sample.rounds],
        None if group.counting is None else group.counting[rows],
        _single(columns, asked, given, rows, target),
    )  # fmt: skip


def _single(columns: Columns, asked: Conditions, given: Conditions, rows: Mask, target: Target) -> SingleAnswers | None:
    """Return the answers of one coder to the spans of a group, where the reference is adjudicated."""
    single = columns.sample.single
    if single is None:
        return None
    rounds = single.rounds if target == "process" else single.aligned
    return SingleAnswers(columns.single(given)[rows], columns.single(asked)[rows], [one.of(rows) for one in rounds])


def _of_all_coded(sample: Sample, rows: Mask, influence: Floats) -> Floats:
    """Return the influence of a group's spans (rounds, spans) over all coded spans, so that groups can be compared."""
    parts = influence.reshape(-1, int(rows.sum()))  # one of each round, or two
    of_all = np.zeros((len(parts), len(rows)))
    of_all[:, rows] = parts
    return of_all[:, np.logical_or.reduce([one.coded for one in sample.rounds])].ravel()
