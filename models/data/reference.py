"""The reference: what evaluation takes for the right answer to each span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.annotation import AUTOMATIC
from corpus.study import Study

from .protocol import Ints, correct_codes

if TYPE_CHECKING:
    from datasets import Dataset


def reference_codes(study: Study, data: Dataset) -> dict[str, Ints]:
    """Return for each variable the code (rows) that an answer is right by, -1 where it was not asked.

    The rule: where a span has an adjudicated code, that code alone; else the commonest of its coders' answers. What is
    not asked after the adjudicated codes has no answer. Training goes on learning from the shares of all coders, since
    that they disagree is worth knowing. Of several rounds' codes a person's comes before a method's, then the latest.
    """
    found = {variable.name: correct_codes(data, variable.name) for variable in study.codebook.variables}
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    decided = _decided(study)
    for row, span in enumerate(data["span"]):
        codes = decided.get(span, {})
        for variable in singles if codes else ():
            if variable.name in codes:
                found[variable.name][row] = variable.code_names.index(codes[variable.name])
            elif codes.keys() >= variable.asked_when.keys() and not variable.is_asked(codes):
                found[variable.name][row] = -1
    return found


def _decided(study: Study) -> dict[str, dict[str, str]]:
    """Return the adjudicated codes of this version of the codebook, by span and variable."""
    frame = study.adjudicated()
    frame = frame[frame["codebook_version"] == study.codebook.version]
    frame = frame.assign(person=~frame["by"].isin(AUTOMATIC)).sort_values(["person", "made_at"], kind="stable")
    found: dict[str, dict[str, str]] = {}
    for span, variable, code in frame[["span", "variable", "code"]].itertuples(index=False, name=None):
        found.setdefault(span, {})[variable] = code
    return found
