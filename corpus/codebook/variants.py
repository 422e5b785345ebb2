"""What a codebook says about other ways to count: codes that may be merged, and codes that may be left out."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from .variables import StrictModel, Variable


class Robustness(StrictModel):
    """How `slantwise estimate --robustness` counts codes otherwise; it asks coders nothing.

    `merge` has for a variable the names of merged codes, with the codes each of them consists of. `without` has for a
    variable codes without whose spans an estimate is tried, one after the other and all at once.
    """

    merge: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def problem(self, variables: Mapping[str, Variable]) -> str | None:
        """Return an error message if it names variables or codes that the codebook lacks, or too few, else None.

        >>> from corpus.codebook import load
        >>> Robustness(without={"bias": ("slanted",)}).problem(load("lexical-bias").by_name)
        "'slanted' is not a code of bias"
        """
        merged = [(name, codes) for name, by_name in self.merge.items() for codes in by_name.values()]
        for name, codes in (*merged, *self.without.items()):
            if name not in variables:
                return f"{name!r} is not a variable of this codebook"
            if unknown := [code for code in codes if code not in variables[name].code_names]:
                return f"{unknown[0]!r} is not a code of {name}"
        if few := [name for name, codes in merged if len(set(codes)) < 2]:
            return f"a merged code of {few[0]} needs two codes or more"
        whole = [
            name for name, codes in (*merged, *self.without.items()) if set(codes) == {*variables[name].code_names}
        ]
        if whole:
            return f"all codes of {whole[0]} are named; leave one out"
        return None
