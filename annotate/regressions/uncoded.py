"""Groups without a coded span: a model-based figure, on request and named as one, where there can be no estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotate.estimates.columns import Columns
from annotate.estimates.estimate import check_sample, read_question
from annotate.estimates.groups import SpanGroup, arrays_of, groups_asked, read_predictions
from annotate.estimates.reliability import SHOWN, FigureVerdicts, note_unshown
from annotate.estimators.draws import Mask
from annotate.estimators.model_based import FEWEST_GROUPS, model_based_share
from annotate.estimators.shares import Group, estimate_share
from corpus.codebook import Variable
from corpus.errors import NoEstimate
from corpus.result import Result
from corpus.study import Study


@dataclass(frozen=True)
class ModelBasedShare:
    """What the classifier expects of a code in a group without coded spans, and an interval for what it may be off."""

    group: str
    code: str
    share: float
    low: float
    high: float
    spans: int
    verdict: str = ""


@dataclass(frozen=True)
class ModelBasedShares(Result):
    """Model-based shares; they are not estimates, since no coded span of their groups corrects them.

    The classifier is assumed to err in these groups as in the `coded_groups`, from whose errors the intervals follow.
    Figures that a verdict of reliability does not allow are left out: `withheld` has them with the reasons.
    """

    variable: str
    by: tuple[str, ...]
    codebook_version: str
    model: str
    verdict: str
    coded_groups: tuple[str, ...]
    shares: tuple[ModelBasedShare, ...]
    refused: tuple[str, ...] = ()
    override: str | None = None
    withheld: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rows = "shares"


def expect_uncoded(
    study: Study,
    variable: str | None = None,
    *,
    by: str | Sequence[str] = ("outlet",),
    override: str | None = None,
) -> ModelBasedShares:
    """Return what the classifier expects of the groups in which no span is coded, where `estimate` has no figure.

    Variable, `by` and `override` are those of `estimate`, and so are the refusals. Raises NoEstimate also where each
    group has coded spans, or where fewer than four have an estimate: then nobody can tell how much a classifier errs.
    """
    book, names = study.codebook, read_question(study, variable, by)
    chosen = book.by_name[variable or book.focus_variable.name]
    sample, reliability = check_sample(study, variable, by=names, override=override)
    predictions, fold, model = read_predictions(study, sample)
    columns = Columns(study, sample, predictions, fold)
    groups = groups_asked(study, sample, chosen, names)
    coded: Mask = np.array([span in sample.answers for span in sample.spans["span"]], dtype=bool)
    without = [group for group in groups if not (group.rows & coded).any()]
    if not without:
        raise NoEstimate("each group has coded spans, so there are estimates: slantwise estimate")
    with_codes = [group for group in groups if (group.rows & coded).any()]
    judged, articles = FigureVerdicts(study, chosen, override), sample.spans["article"]
    shares: list[ModelBasedShare] = []
    withheld: list[str] = []
    used: tuple[str, ...] = ()
    for code in chosen.code_names:
        known = _estimated(columns, chosen, code, with_codes)
        used = tuple(known)
        if len(known) < FEWEST_GROUPS:
            raise NoEstimate(
                f"a model-based figure needs {FEWEST_GROUPS} groups with an estimate, to tell how far the classifier "
                f"is off; there are {len(known)}. Draw and code spans of {', '.join(group.name for group in without)}: "
                "slantwise round draw --by outlet"
            )
        for group in without:
            verdict = judged.on(code, group.domain, judged.languages_of(articles[group.rows]))
            if verdict.withheld:
                withheld.append(f"{group.name}, {code}: {verdict.withheld}")
                continue
            figure = model_based_share(arrays_of(columns, chosen, (code,), group), known)
            assert figure.share is not None and figure.interval is not None
            size = int(group.rows.sum())
            shares.append(ModelBasedShare(group.name, code, figure.share, *figure.interval, size, verdict.verdict))
    notes = [*reliability.notes]
    if reliability.verdict in SHOWN:
        notes += note_unshown((row.code, row.group, row.verdict) for row in shares)
    if sample.simulated:
        notes.append(f"answers of programs, not of people: {', '.join(sample.simulated)}")
    refused = tuple(reliability.refused or judged.passed_over)
    return ModelBasedShares(
        chosen.name, names, book.version, model, reliability.verdict, used, tuple(shares), refused,
        override if refused else None, tuple(withheld), tuple(notes),
    )  # fmt: skip


def _estimated(
    columns: Columns, variable: Variable, code: str, groups: Sequence[SpanGroup]
) -> dict[str, tuple[Group, float]]:
    """Return the groups that have an estimate, as arrays and with their shares."""
    found = {}
    for group in groups:
        arrays = arrays_of(columns, variable, (code,), group)
        if (share := estimate_share(arrays).estimate.share) is not None:
            found[group.name] = arrays, share
    return found
