"""Variables: one question of a codebook with its codes, and the examples of how to answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Level = Literal["nominal", "ordinal", "interval"]  # what may be said of two codes: different, greater, how far apart
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # stands in label columns (`wording=plain`) and in files, so no blanks, = or |


def _term(term: str) -> str:
    if not re.search(r"\w", term):
        raise ValueError(f"{term!r} is no term; it needs a letter")
    return term


Term = Annotated[str, AfterValidator(_term)]


class Part(BaseModel):
    """A part of a codebook: it never changes, and takes no key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Code(Part):
    """One answer that coders may give; its name is stable, its label is what coders see."""

    name: str = Field(pattern=NAME)
    label: str | None = None
    definition: str = ""
    hotkey: str | None = Field(default=None, min_length=1, max_length=1)
    terms: tuple[Term, ...] = ()
    value: float | None = Field(default=None, allow_inf_nan=False)


class Variable(Part):
    """One question, asked of every eligible span or only after certain answers to an earlier one.

    Its `level` says whether its codes have an order, the one they are listed in, and distances, those of their values.
    """

    name: str = Field(pattern=NAME)
    question: str
    kind: Literal["single", "multiple"] = "single"
    level: Level = "nominal"
    asked_when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    codes: tuple[Code, ...] = Field(min_length=2)

    @property
    def code_names(self) -> tuple[str, ...]:
        """The names of its codes, in the codebook's order."""
        return tuple(code.name for code in self.codes)

    @property
    def order_fault(self) -> str | None:
        """What is wrong with its level and its codes' values, in plain words."""
        values = [code.value for code in self.codes if code.value is not None]
        if self.kind == "multiple" and self.level != "nominal":
            return f"{self.name} takes several codes, which have no order; drop `level: {self.level}`"
        if self.level != "interval":
            return f"{self.name} has values; they need `level: interval`, found {self.level}" if values else None
        if len(values) < len(self.codes) or sorted(set(values)) != values:
            return f"{self.name} is an interval scale; each of its codes needs a value (`value: 1`), and they must rise"
        return None

    def asked(self, answers: Mapping[str, str]) -> bool:
        """Say whether the variable is asked after these answers.

        >>> speaker = Variable(name="speaker", question="Who?", asked_when={"attribution": ("direct",)},
        ...                    codes=(Code(name="a"), Code(name="b")))
        >>> speaker.asked({"attribution": "outlet"}), speaker.asked({"attribution": "direct"})
        (False, True)
        """
        return all(set(answers.get(name, "").split("|")) & set(codes) for name, codes in self.asked_when.items())


class Mention(Part):
    """The terms that make a candidate for a mention."""

    terms: tuple[Term, ...] = Field(min_length=1)


class Example(Part):
    """A coded text; the unit stands between asterisks."""

    text: str = Field(pattern=r"^[^*]*\*[^*]+\*[^*]*$")
    codes: Mapping[str, str]

    @property
    def unit(self) -> str:
        """The words between the asterisks."""
        return self.text.split("*")[1]
