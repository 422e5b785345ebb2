"""The reference codes: which answer evaluation counts as correct for each span."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.annotation import codes_of
from corpus.study import Study
from corpus.study.counting import decided_codes

from .classifier_protocol import Ints, correct_codes

if TYPE_CHECKING:
    from datasets import Dataset


def reference_codes(study: Study, data: Dataset) -> dict[str, Ints]:
    """Return for each variable the correct code (rows), -1 where it was not asked.

    The rule: where a span has an adjudicated code, that code; otherwise the commonest of its coders' answers. A
    variable that is not asked after the adjudicated codes has none. Training still uses the shares of all coders,
    because their disagreement is informative. `decided_codes` says which adjudicated codes count.
    """
    codes = {variable.name: correct_codes(data, variable.name) for variable in study.codebook.variables}
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    adjudicated = decided_codes(study, rounds=study.settings.model.rounds)
    for row, span in enumerate(data["span"]):
        decided = {name: codes_of(code) for name, code in adjudicated.get(span, {}).items()}
        for variable in singles if decided else ():
            if variable.name in decided:
                codes[variable.name][row] = variable.code_names.index(decided[variable.name][0])
            elif decided.keys() >= variable.asked_when.keys() and not variable.is_asked(decided):
                codes[variable.name][row] = -1
    return codes
