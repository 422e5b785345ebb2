"""Migration: what a codebook says about the codes of an earlier version, and an answer read along it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from .variables import Variable


class Migration(BaseModel):
    """How answers under an earlier version read under this one; a name that it does not speak of stays what it was.

    `variables` are renamed ones (old → new). `codes` are renamed codes by variable, under its new name (old → new);
    several that become one are a merge. `split` are codes that became several: which one an answer meant, only a coder
    can say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    earlier: str = Field(alias="from", pattern=r"^\d+(\.\d+)*$")
    variables: Mapping[str, str] = Field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    split: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)

    def fault(self, version: str, variables: Mapping[str, Variable]) -> str | None:
        """Say where it leads to something that the codebook of this version, with these variables, does not have."""
        if self.earlier == version:
            return f"it leads from {self.earlier} to itself; raise `version:`"
        if unknown := [new for new in self.variables.values() if new not in variables]:
            return f"{unknown[0]!r} is no variable of this codebook"
        for name in (*self.codes, *self.split):
            if name not in variables:
                return f"{name!r} is no variable of this codebook"
            news = [
                *self.codes.get(name, {}).values(),
                *(c for many in self.split.get(name, {}).values() for c in many),
            ]
            if unknown := [new for new in news if new not in variables[name].code_names]:
                return f"{unknown[0]!r} is no code of {name}"
            if both := set(self.codes.get(name, {})) & set(self.split.get(name, {})):
                return f"{name} says of {sorted(both)[0]!r} both that it was renamed and that it was split"
        return None


def along(variables: Mapping[str, Variable], migration: Migration, variable: str, code: str) -> tuple[str, str] | str:
    """Return an answer's variable and code as the codebook reads them, or in plain words why only a coder can say.

    >>> from corpus.codebook import load
    >>> old = Migration.model_validate({"from": "2.1", "variables": {"words": "wording"},
    ...                                 "codes": {"wording": {"freed": "liberation"}},
    ...                                 "split": {"wording": {"taking": ["annexation", "plain"]}}})
    >>> now = load("territorial-control").by_name
    >>> along(now, old, "words", "freed"), along(now, old, "words", "plain")
    (('wording', 'liberation'), ('wording', 'plain'))
    >>> along(now, old, "words", "taking")
    'split into annexation, plain: it must be coded again'
    """
    name = migration.variables.get(variable, variable)
    if name not in variables:
        return "the variable is gone"
    found = variables[name]
    renamed, split = migration.codes.get(name, {}), migration.split.get(name, {})
    read = []
    for one in code.split("|"):
        if one in split:
            return f"split into {', '.join(split[one])}: it must be coded again"
        new = renamed.get(one, one)
        if new not in found.code_names:
            return "the code is gone"
        read.append(new)
    if len(set(read)) > 1 and found.kind == "single":
        return "the variable takes one code now"
    return name, "|".join(one for one in found.code_names if one in read)
