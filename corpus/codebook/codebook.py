"""Codebooks: what coders are asked about a span, and the answers they may give."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from corpus.errors import BadCodebook, UnknownCode
from corpus.span import UNITS
from corpus.text import terms

from .migration import Migration
from .variables import NAME, Example, Mention, Part, Term, Variable
from .yaml_errors import Fault, doubled, said


class Codebook(Part):
    """A named, versioned set of variables for one unit."""

    name: str = Field(pattern=NAME)
    version: str = Field(pattern=r"^\d+(\.\d+)*$")
    language: str = "en"
    unit: str
    unit_rule: str = ""
    instructions: str = ""
    warning: str = ""
    focus: str | None = None
    sides: Mapping[str, str] = Field(default_factory=dict)
    mention: Mention | None = None
    about: tuple[Term, ...] = ()
    variables: tuple[Variable, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = ()
    migration: tuple[Migration, ...] = ()

    @field_validator("version", mode="before")
    @classmethod
    def _version_is_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | float) else value  # YAML reads 1.0 as a number

    @model_validator(mode="after")
    def _holds_together(self) -> Codebook:
        if self.unit not in UNITS:
            raise Fault(f"{self.unit!r} is no unit; expected one of {', '.join(UNITS)}", "unit")
        if self.unit == "mention" and self.mention is None:
            raise Fault("unit: mention needs the terms that make a candidate; add `mention: {terms: […]}`", "unit")
        hotkeys: dict[str, str] = {}
        earlier: dict[str, Variable] = {}
        for v, variable in enumerate(self.variables):
            if variable.name in earlier:
                raise Fault(f"there are two variables named {variable.name!r}; rename one", "variables", v, "name")
            if fault := variable.order_fault:
                raise Fault(fault, "variables", v, "level")
            for asked, waited in variable.asked_when.items():
                here = ("variables", v, "asked_when", asked)
                if asked not in earlier:
                    raise Fault(f"{variable.name} waits for {asked!r}, but no earlier variable has that name", *here)
                if unknown := [code for code in waited if code not in earlier[asked].code_names]:
                    raise Fault(f"{asked} has no code {unknown[0]!r}, for which {variable.name} waits", *here)
            for c, code in enumerate(variable.codes):
                place = ("variables", v, "codes", c)
                if code.name in variable.code_names[:c]:
                    raise Fault(f"{variable.name} has two codes named {code.name!r}; rename one", *place, "name")
                if code.hotkey and code.hotkey in hotkeys:
                    raise Fault(f"hotkey {code.hotkey!r} already stands for {hotkeys[code.hotkey]}", *place, "hotkey")
                hotkeys |= {code.hotkey: f"{variable.name} {code.name}"} if code.hotkey else {}
            earlier[variable.name] = variable
        if self.focus is not None and self.focus not in earlier:
            raise Fault(f"{self.focus!r} is no variable; expected one of {', '.join(earlier)}", "focus")
        for e, example in enumerate(self.examples):
            if fault := self.fault_in(example.codes):
                raise Fault(f"the example “{example.text}”: {fault}", "examples", e)
        for m, migration in enumerate(self.migration):
            if fault := migration.fault(self.version, self.by_name):
                raise Fault(f"the migration from {migration.earlier}: {fault}", "migration", m)
        return self

    def fault_in(self, answers: Mapping[str, str]) -> str | None:
        """Say what is wrong with a full set of answers: each asked variable has a known code, no other has one.

        >>> load("territorial-control").fault_in({"mention": "none", "wording": "plain"})
        'wording is not asked after these answers'
        """
        if unknown := [name for name in answers if name not in self.by_name]:
            return f"{unknown[0]!r} is no variable of this codebook"
        for variable in self.variables:
            answer = answers.get(variable.name)
            if variable.asked(answers) != (answer is not None):
                missing = "is asked here and has no answer"
                return f"{variable.name} {missing if answer is None else 'is not asked after these answers'}"
            if answer is not None:
                try:
                    self.checked_code(variable.name, answer)
                except UnknownCode as error:
                    return str(error)
        return None

    @cached_property
    def by_name(self) -> dict[str, Variable]:
        """The variables by name."""
        return {variable.name: variable for variable in self.variables}

    @property
    def focus_variable(self) -> Variable:
        """The variable that reports and tables lead with: `focus`, else the first."""
        return self.by_name[self.focus] if self.focus else self.variables[0]

    @property
    def mention_terms(self) -> tuple[str, ...]:
        """The terms that make a candidate for a mention; none where the unit is another."""
        return self.mention.terms if self.mention else ()

    @property
    def digest(self) -> str:
        """The sha256 of what the codebook says, whatever its layout as a file."""
        said = self.model_dump(
            mode="json", exclude_defaults=True
        )  # so that a field added to codebooks changes no digest
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def eligible(self, text: str) -> bool:
        """Say whether a span's text is to be coded: `about` terms, where the codebook names some, decide."""
        return not self.about or bool(terms.find(self.about, text))

    def checked_code(self, variable: str, code: str | Sequence[str]) -> str:
        """Return the answer as it is stored, several codes joined by `|` in the codebook's order.

        Raises UnknownCode, which names the nearest code.

        >>> book = load("lexical-bias")
        >>> book.checked_code("bias", "non-biased")
        'non-biased'
        >>> book.checked_code("bias", "biassed")
        Traceback (most recent call last):
        corpus.errors.UnknownCode: 'biassed' is no code of bias in lexical-bias 1.0; the nearest is 'biased'
        """
        if variable not in self.by_name:
            raise UnknownCode(
                f"{variable!r} is no variable of {self.name} {self.version}; {_nearest(variable, list(self.by_name))}"
            )
        asked = self.by_name[variable]
        answers = code.split("|") if isinstance(code, str) else list(code)
        if not answers:
            raise UnknownCode(f"{variable} has no answer; {_nearest('', asked.code_names)}")
        for answer in answers:
            if answer not in asked.code_names:
                hint = _nearest(str(answer), asked.code_names)
                raise UnknownCode(f"{answer!r} is no code of {variable} in {self.name} {self.version}; {hint}")
        if asked.kind == "single" and len(answers) != 1:
            raise UnknownCode(f"{variable} takes one code, found {len(answers)}: {', '.join(answers)}")
        return "|".join(name for name in asked.code_names if name in answers)


def _nearest(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, 1, 0.5)
    return f"the nearest is {near[0]!r}" if near else f"expected one of {', '.join(names)}"


def shipped() -> list[str]:
    """Return the names of the codebooks that come with the package.

    >>> shipped()
    ['kinds-of-bias', 'lexical-bias', 'stance-present', 'territorial-control', 'ukraine-crisis']
    """
    folder = resources.files(__package__) / "shipped"
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def source(name_or_path: str) -> str:
    """Return a codebook's YAML: of one that ships, by its name, or of a file. Raises BadCodebook."""
    if name_or_path in shipped():
        return (resources.files(__package__) / "shipped" / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    path = Path(name_or_path)
    if not path.is_file():
        raise BadCodebook(
            f"there is no codebook {name_or_path!r}; give a file, or one that ships: {', '.join(shipped())}"
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCodebook(f"{path}: byte {error.start} is not UTF-8; save the codebook as UTF-8") from None


def load(name_or_path: str) -> Codebook:
    """Load and check a codebook by a shipped name or a file's path. Raises BadCodebook."""
    return parse(source(name_or_path), where=name_or_path)


def parse(text: str, where: str = "codebook") -> Codebook:
    """Read and check a codebook's YAML.

    Raises BadCodebook with the line and what to do.

    >>> parse("name: x\\nversion: 1\\nunit: sentence\\nvariables: []")
    Traceback (most recent call last):
    corpus.errors.BadCodebook: codebook, line 4, variables: Tuple should have at least 1 item after validation, not 0
    """
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except RecursionError:
        raise BadCodebook(f"{where}: its brackets lie too deep; expected what a shipped codebook has") from None
    except (yaml.YAMLError, ValueError) as error:  # a ValueError is a day that no calendar has
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise BadCodebook(
            f"{where}{line}: this is not YAML ({getattr(error, 'problem', error)}); check indents, colons and quotes"
        ) from None
    if twice := doubled(tree):
        raise BadCodebook(
            f"{where}, line {twice[0]}: {twice[1]!r} stands there a second time, and only the last would count; "
            "keep one of the two"
        )
    if not isinstance(content, dict):
        raise BadCodebook(f"{where}: expected `name:`, `version:`, `unit:` and `variables:`; see a shipped codebook")
    try:
        return Codebook.model_validate(content)
    except ValidationError as error:
        raise BadCodebook("\n".join(said(where, tree, dict(one)) for one in error.errors())) from None
