"""The reference codes: which answer evaluation counts as correct for each span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.annotation import AUTOMATIC, codes_of
from corpus.study import Study

from .classifier_protocol import Ints, correct_codes

if TYPE_CHECKING:
    from datasets import Dataset


def reference_codes(study: Study, data: Dataset) -> dict[str, Ints]:
    """Return for each variable the correct code (rows), -1 where it was not asked.

    The rule: where a span has an adjudicated code, that code; otherwise the commonest of its coders' answers. A
    variable that is not asked after the adjudicated codes has none. Training still uses the shares of all coders,
    because their disagreement is informative. Of several rounds' codes a person's comes before a method's, then the
    latest.
    """
    codes = {variable.name: correct_codes(data, variable.name) for variable in study.codebook.variables}
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    adjudicated = _adjudicated_codes(study)
    for row, span in enumerate(data["span"]):
        decided = adjudicated.get(span, {})
        for variable in singles if decided else ():
            if variable.name in decided:
                codes[variable.name][row] = variable.code_names.index(decided[variable.name][0])
            elif decided.keys() >= variable.asked_when.keys() and not variable.is_asked(decided):
                codes[variable.name][row] = -1
    return codes


def _adjudicated_codes(study: Study) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the adjudicated codes of this version of the codebook, by span and variable."""
    frame = study.adjudicated()
    frame = frame[frame["codebook_version"] == study.codebook.version]
    frame = frame.assign(person=~frame["by"].isin(AUTOMATIC)).sort_values(["person", "made_at"], kind="stable")
    codes: dict[str, dict[str, tuple[str, ...]]] = {}
    for span, variable, code in frame[["span", "variable", "code"]].itertuples(index=False, name=None):
        codes.setdefault(span, {})[variable] = codes_of(code)
    return codes
