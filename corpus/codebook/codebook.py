"""Load and check codebooks: what coders are asked about a span, and the codes they may choose."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from corpus.errors import BadCodebook, BadFile, UnknownCode
from corpus.result import Result, printed_as
from corpus.span import UNITS
from corpus.text import terms
from corpus.text.decoding import check_file
from corpus.text.language_names import is_stated, language_code

from .migration import Migration
from .variables import Example, MentionTerms, StrictModel, Term, Variable
from .variants import Robustness
from .yaml_errors import (
    NAME_PATTERN,
    VERSION_PATTERN,
    FieldError,
    describe_error,
    duplicate_key,
    without_consequences,
)
from .yaml_text import odd_characters, read_words

MOST_BYTES = 5_000_000  # of a codebook's file


class Codebook(StrictModel):
    """A named, versioned set of variables for one unit."""

    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(pattern=VERSION_PATTERN)
    language: str = "en"
    unit: str
    unit_rule: str = ""
    instructions: str = ""
    warning: str = ""
    focus: str | None = None
    sides: Mapping[str, str] = Field(default_factory=dict)
    mention: MentionTerms | None = None
    about: tuple[Term, ...] = ()
    variables: tuple[Variable, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = ()
    migration: tuple[Migration, ...] = ()
    robustness: Robustness = Field(default_factory=Robustness)

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        code = language_code(language)
        if code is None and is_stated(language):
            raise ValueError(
                f"the language {language!r} is not known; expected one name or code such as German or de: that of most "
                "texts, since the language of an article is stated with it or detected"
            )
        return code or language

    @model_validator(mode="after")
    def _check_consistency(self) -> Codebook:
        if self.unit not in UNITS:
            raise FieldError(f"{self.unit!r} is not a unit; expected one of {', '.join(UNITS)}", "unit")
        if self.unit == "mention" and self.mention is None:
            raise FieldError("`unit: mention` needs the terms to search for; add `mention: {terms: […]}`", "unit")
        hotkeys: dict[str, str] = {}
        earlier: dict[str, Variable] = {}
        for v, variable in enumerate(self.variables):
            if variable.name in earlier:
                raise FieldError(f"there are two variables named {variable.name!r}; rename one", "variables", v, "name")
            if problem := variable.level_problem:
                raise FieldError(problem, "variables", v, "level")
            for condition, codes in variable.asked_when.items():
                path = ("variables", v, "asked_when", condition)
                if condition not in earlier:
                    raise FieldError(
                        f"{variable.name} depends on {condition!r}, which is not an earlier variable", *path
                    )
                if unknown := [code for code in codes if code not in earlier[condition].code_names]:
                    raise FieldError(f"{variable.name} depends on {unknown[0]!r}, not a code of {condition}", *path)
            for c, code in enumerate(variable.codes):
                code_path = ("variables", v, "codes", c)
                if code.name in variable.code_names[:c]:
                    raise FieldError(
                        f"{variable.name} has two codes named {code.name!r}; rename one", *code_path, "name"
                    )
                if code.hotkey and (user := hotkeys.get(code.hotkey)):
                    raise FieldError(f"hotkey {code.hotkey!r} is already used by {user}", *code_path, "hotkey")
                hotkeys |= {code.hotkey: f"{variable.name} {code.name}"} if code.hotkey else {}
            earlier[variable.name] = variable
        if self.focus is not None and self.focus not in earlier:
            raise FieldError(f"{self.focus!r} is not a variable; expected one of {', '.join(earlier)}", "focus")
        for e, example in enumerate(self.examples):
            if problem := self.problem_with(example.answers):
                raise FieldError(f"the example “{example.text}”: {problem}", "examples", e)
        for m, migration in enumerate(self.migration):
            if problem := migration.problem(self.version, self.by_name):
                raise FieldError(f"the migration from {migration.earlier}: {problem}", "migration", m)
        if problem := self.robustness.problem(self.by_name):
            raise FieldError(problem, "robustness")
        return self

    def problem_with(self, answers: Mapping[str, tuple[str, ...]]) -> str | None:
        """Return an error message unless exactly the variables to be asked have codes, and all known ones.

        >>> load("territorial-control").problem_with({"mention": ("none",), "wording": ("plain",)})
        'wording is not asked after these answers'
        """
        if unknown := [name for name in answers if name not in self.by_name]:
            return f"{unknown[0]!r} is not a variable of this codebook"
        for variable in self.variables:
            answer = answers.get(variable.name)
            if variable.is_asked(answers) and answer is None:
                return f"{variable.name} must be answered after these answers"
            if answer is not None:
                if not variable.is_asked(answers):
                    return f"{variable.name} is not asked after these answers"
                try:
                    self.checked_codes(variable.name, answer)
                except UnknownCode as error:
                    return str(error)
        return None

    @cached_property
    def by_name(self) -> dict[str, Variable]:
        """The variables by name."""
        return {variable.name: variable for variable in self.variables}

    @property
    def focus_variable(self) -> Variable:
        """The main variable of reports and tables: `focus`, or the first variable."""
        return self.by_name[self.focus] if self.focus else self.variables[0]

    @property
    def mention_terms(self) -> tuple[str, ...]:
        """The terms that mentions are found by; empty for other units."""
        return self.mention.terms if self.mention else ()

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """All terms of the codebook: of mentions, of what its texts are about, and of its codes."""
        of_codes = [term for variable in self.variables for code in variable.codes for term in code.terms]
        return tuple(dict.fromkeys([*self.mention_terms, *self.about, *of_codes]))

    @property
    def digest(self) -> str:
        """The sha256 of all that coders and classifiers depend on, independent of the file's layout."""
        # without defaults, new fields change no digest
        content = self.model_dump(mode="json", exclude_defaults=True, exclude={"robustness"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def is_eligible(self, text: str) -> bool:
        """Return whether a span's text is to be coded: if the codebook has `about` terms, it must contain one."""
        return not self.about or bool(terms.find(self.about, text))

    def checked_codes(self, variable: str, codes: Sequence[str]) -> tuple[str, ...]:
        """Return an answer's codes in the codebook's order, each once.

        Raises UnknownCode, which suggests the nearest code.

        >>> book = load("lexical-bias")
        >>> book.checked_codes("bias", ["non-biased"])
        ('non-biased',)
        >>> book.checked_codes("bias", ["biassed"])
        Traceback (most recent call last):
        corpus.errors.UnknownCode: 'biassed' is not a code of bias in lexical-bias 1.0; the nearest is 'biased'
        """
        if variable not in self.by_name:
            hint = _nearest(variable, list(self.by_name))
            raise UnknownCode(f"{variable!r} is not a variable of {self.name} {self.version}; {hint}")
        asked = self.by_name[variable]
        if not codes:
            raise UnknownCode(f"{variable} has no answer; {_nearest('', asked.code_names)}")
        for code in codes:
            if code not in asked.code_names:
                hint = _nearest(str(code), asked.code_names)
                raise UnknownCode(f"{code!r} is not a code of {variable} in {self.name} {self.version}; {hint}")
        if asked.kind == "single" and len(codes) != 1:
            raise UnknownCode(f"{variable} takes one code, found {len(codes)}: {', '.join(codes)}")
        return tuple(name for name in asked.code_names if name in codes)


def _nearest(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, 1, 0.5)
    return f"the nearest is {near[0]!r}" if near else f"expected one of {', '.join(names)}"


def shipped() -> list[str]:
    """Return the names of the codebooks that come with Slantwise.

    >>> shipped()
    ['kinds-of-bias', 'lexical-bias', 'stance-present', 'territorial-control', 'ukraine-crisis']
    """
    folder = resources.files(__package__) / "shipped"
    return sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


@dataclass(frozen=True)
class BundledCodebook:
    """A codebook that comes with Slantwise."""

    name: str
    version: str
    unit: str
    language: str
    variables: tuple[str, ...] = printed_as(None)


@dataclass(frozen=True)
class BundledCodebooks(Result):
    """The codebooks that come with Slantwise."""

    codebooks: tuple[BundledCodebook, ...]
    rows = "codebooks"


def list_codebooks() -> BundledCodebooks:
    """List the codebooks that come with Slantwise.

    >>> list_codebooks().table()["unit"].tolist()
    ['sentence', 'sentence', 'sentence', 'mention', 'sentence']
    """
    books = map(load, shipped())
    return BundledCodebooks(
        tuple(BundledCodebook(b.name, b.version, b.unit, b.language, tuple(b.by_name)) for b in books)
    )


def read_yaml(name_or_path: str) -> str:
    """Return the YAML of a codebook: one that comes with Slantwise, or a file. Raises BadCodebook."""
    if name_or_path in shipped():
        return (resources.files(__package__) / "shipped" / f"{name_or_path}.yaml").read_text(encoding="utf-8")
    path = Path(name_or_path)
    if not path.is_file():
        raise BadCodebook(f"there is no codebook {name_or_path!r}; expected a file, or one of {', '.join(shipped())}")
    try:
        check_file(path, MOST_BYTES)
        return path.read_text(encoding="utf-8-sig")
    except BadFile as error:
        raise BadCodebook(f"{path}: {error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadCodebook(f"{path}, line {line}: byte {error.start} is not UTF-8; save the codebook as UTF-8") from None


def load(name_or_path: str) -> Codebook:
    """Load and check a codebook by its name, if it comes with Slantwise, or its path. Raises BadCodebook."""
    return parse(read_yaml(name_or_path), where=name_or_path)


def read_codebook(codebook: str | Path | Codebook) -> Codebook:
    """Return a codebook, checked: a bundled one by its name, a file's, or one read already. Raises BadCodebook.

    >>> [variable.question for variable in read_codebook("lexical-bias").variables]
    ['Is the choice of words loaded?']
    """
    return codebook if isinstance(codebook, Codebook) else load(str(codebook))


def parse(text: str, where: str = "codebook") -> Codebook:
    """Parse and check a codebook's YAML. Raises BadCodebook, which names the line.

    >>> parse("name: x\\nversion: 1\\nunit: sentence\\nvariables: []")
    Traceback (most recent call last):
    corpus.errors.BadCodebook: codebook, line 4, variables: found none; expected at least 1 item
    """
    try:
        tree, content = read_words(text)
    except RecursionError:
        raise BadCodebook(f"{where}: its brackets are nested too deeply; see a shipped codebook") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise BadCodebook(
            f"{where}{line}: this is not YAML ({problem}); check indents, colons and quotes{odd_characters(text)}"
        ) from None
    if duplicate := duplicate_key(tree):
        line_number, key = duplicate
        raise BadCodebook(f"{where}, line {line_number}: {key!r} occurs twice, and only the last would count; keep one")
    if not isinstance(content, dict):
        raise BadCodebook(
            f"{where}: expected `name:`, `version:`, `unit:` and `variables:`; see a shipped codebook"
            f"{odd_characters(text)}"
        )
    try:
        return Codebook.model_validate(content)
    except ValidationError as error:
        problems = without_consequences(error.errors())
        raise BadCodebook("\n".join(describe_error(where, tree, dict(problem)) for problem in problems)) from None
