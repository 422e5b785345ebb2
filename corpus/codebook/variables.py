"""The parts of a codebook: variables with their codes, terms of mentions, coded examples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from corpus.annotation import codes_of

from .yaml_errors import NAME_PATTERN
from .yaml_text import without_null_words

Level = Literal["nominal", "ordinal", "interval"]  # the level of measurement
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")


def _term(term: str) -> str:
    if not re.search(r"\w", term):
        raise ValueError(f"{term!r} is not a term; it needs a letter")
    return term


Term = Annotated[str, AfterValidator(_term)]


def required_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields that have to be given, as the YAML has them."""
    fields = model.model_fields.items()
    return frozenset(field.alias or name for name, field in fields if field.is_required())


class StrictModel(BaseModel):
    """A part of a codebook: immutable, and unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _null_words(cls, fields: object) -> object:
        return without_null_words(fields, required_fields(cls))


class Code(StrictModel):
    """One answer that coders may give; its name is stored, its label is shown to coders."""

    name: str = Field(pattern=NAME_PATTERN)
    label: str | None = None
    definition: str = ""
    hotkey: str | None = Field(default=None, min_length=1, max_length=1)
    terms: tuple[Term, ...] = ()
    value: float | None = Field(default=None, allow_inf_nan=False)

    @field_validator("value", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if _INFINITE.fullmatch(value):
            return float(value.replace(".", "", 1))
        if not _NUMBER.fullmatch(value):
            raise ValueError(f"{value!r} is not a number; expected one such as 2, -1 or 0.5")
        return float(value)


class Variable(StrictModel):
    """One question, asked about every eligible span or only after certain answers to an earlier one.

    `level` is the level of measurement: ordinal codes are listed in their order, interval codes have values.
    """

    name: str = Field(pattern=NAME_PATTERN)
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
    def level_problem(self) -> str | None:
        """An error message if its level and its codes' values do not fit each other, else None."""
        values = [code.value for code in self.codes if code.value is not None]
        if self.kind == "multiple" and self.level != "nominal":
            return f"{self.name} takes several codes, which have no order; drop `level: {self.level}`"
        if self.level != "interval":
            return f"{self.name} has values but `level: {self.level}`; expected `level: interval`" if values else None
        if len(values) < len(self.codes) or sorted(set(values)) != values:
            return f"{self.name} is an interval scale; each code needs a value (`value: 1`), in increasing order"
        return None

    def is_asked(self, answers: Mapping[str, tuple[str, ...]]) -> bool:
        """Return whether the variable is asked after these answers.

        >>> speaker = Variable(name="speaker", question="Who?", asked_when={"attribution": ("direct",)},
        ...                    codes=(Code(name="a"), Code(name="b")))
        >>> speaker.is_asked({"attribution": ("outlet",)}), speaker.is_asked({"attribution": ("direct",)})
        (False, True)
        """
        return all(set(answers.get(name, ())) & set(codes) for name, codes in self.asked_when.items())


class MentionTerms(StrictModel):
    """The terms that mentions are found by."""

    terms: tuple[Term, ...] = Field(min_length=1)


class Example(StrictModel):
    """A coded text with its unit between asterisks."""

    text: str = Field(pattern=r"^[^*]*\*[^*]+\*[^*]*$")
    codes: Mapping[str, str]

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Its codes by variable; the codebook writes several codes of a variable as one text, `quote|irony`."""
        return {name: codes_of(code) for name, code in self.codes.items()}

    @property
    def unit(self) -> str:
        """The words between the asterisks."""
        return self.text.split("*")[1]
