"""Codebook migration: translate annotations made under an earlier version of a codebook."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .variables import Variable, required_fields
from .yaml_errors import VERSION_PATTERN
from .yaml_text import without_null_words


class Migration(BaseModel):
    """How annotations under an earlier version are translated to this one; names not listed stay the same.

    `variables` are renamed variables (old → new). `codes` are renamed codes (old → new) by the new name of their
    variable; if several become one, they are merged. `split` are codes that became several: a coder must decide which.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    earlier: str = Field(alias="from", pattern=VERSION_PATTERN)
    variables: Mapping[str, str] = Field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    split: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _null_words(cls, fields: object) -> object:
        return without_null_words(fields, required_fields(cls))

    def problem(self, version: str, variables: Mapping[str, Variable]) -> str | None:
        """Return an error message if it names variables or codes that this version of the codebook lacks, else None."""
        if self.earlier == version:
            return f"it leads from {self.earlier} to the same version; increase `version:`"
        if unknown := [new for new in self.variables.values() if new not in variables]:
            return f"{unknown[0]!r} is not a variable of this codebook"
        for name in (*self.codes, *self.split):
            if name not in variables:
                return f"{name!r} is not a variable of this codebook"
            renamed, split = self.codes.get(name, {}), self.split.get(name, {})
            new_codes = [*renamed.values(), *(code for codes in split.values() for code in codes)]
            if unknown := [code for code in new_codes if code not in variables[name].code_names]:
                return f"{unknown[0]!r} is not a code of {name}"
            if both := set(renamed) & set(split):
                return f"{name} lists {sorted(both)[0]!r} both as renamed and as split; keep one"
        return None


def migrate_answer(
    variables: Mapping[str, Variable], migration: Migration, variable: str, codes: tuple[str, ...]
) -> tuple[str, tuple[str, ...]] | str:
    """Return the variable and codes of an annotation under the new version, or the reason why it must be coded again.

    >>> from corpus.codebook import load
    >>> old = Migration.model_validate({"from": "2.1", "variables": {"words": "wording"},
    ...                                 "codes": {"wording": {"freed": "liberation"}},
    ...                                 "split": {"wording": {"taking": ["annexation", "plain"]}}})
    >>> now = load("territorial-control").by_name
    >>> migrate_answer(now, old, "words", ("freed",)), migrate_answer(now, old, "words", ("plain",))
    (('wording', ('liberation',)), ('wording', ('plain',)))
    >>> migrate_answer(now, old, "words", ("taking",))
    'split into annexation, plain: it must be coded again'
    """
    name = migration.variables.get(variable, variable)
    if name not in variables:
        return "the variable is gone"
    known = variables[name].code_names
    renamed, split = migration.codes.get(name, {}), migration.split.get(name, {})
    new_codes = []
    for old in codes:
        if old in split:
            return f"split into {', '.join(split[old])}: it must be coded again"
        new = renamed.get(old, old)
        if new not in known:
            return "the code is gone"
        new_codes.append(new)
    if len(set(new_codes)) > 1 and variables[name].kind == "single":
        return "the variable takes one code now"
    return name, tuple(new for new in known if new in new_codes)
