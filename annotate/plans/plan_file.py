"""The file of a plan: written with what the study has, completed by a scholar, and read with the line of each error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.codebook.yaml_errors import describe_error
from corpus.codebook.yaml_text import read_words
from corpus.errors import BadPlan
from corpus.result import Result
from corpus.study import Study
from corpus.study.files import write_whole

METADATA = ("outlet", "period")  # properties that are known without coding; others are variables of the codebook
WORDS = ("question", "exclusions", "stopping_rule")  # fields that a scholar completes
SPANS = 100  # proposed for each outlet

_TEMPLATE = """\
# The plan of a study. Complete it before the main draw, then: slantwise plan freeze {file}
# What you freeze cannot be changed, only amended; lines that begin with # are for you.

question: ""   # what you want to know, in a sentence

# What you will compare. Each item is one variable, one code and one `by`; its pairs of groups are one family, whose
# number corrects the p values. Everything else that you estimate is marked as exploratory.
comparisons:
  - variable: {variable}
    code: {code}   # one of {codes}
    by: [outlet]   # outlet, period (month), and variables such as {others}
    pairs: all   # or a list of pairs: [[{first}, {second}]]
    target: process   # what outlets write in such a period; or corpus: the collected articles only

# How many spans will be coded, in each stratum of the draw (slantwise round draw --by outlet).
strata: [outlet]
spans:
{spans}

coders: 2   # how many; names are not needed
overlap: 0.2   # the share of spans that two or more of them code

exclusions: ""   # which articles or spans you leave out, and why; or: none

stopping_rule: ""   # such as: coding ends when all drawn spans are coded
looks: 0   # how often you will look at agreement before a round is coded whole
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Comparison(_Strict):
    """A comparison of groups in the share of one code; its pairs of groups are one family."""

    variable: str
    code: str
    by: tuple[str, ...] = Field(min_length=1)
    pairs: tuple[tuple[str, str], ...]
    target: Literal["process", "corpus"] = "process"


class Planned(_Strict):
    """What a scholar plans: question, comparisons, spans by stratum, coders, and rules."""

    question: str
    comparisons: tuple[Comparison, ...] = Field(min_length=1)
    strata: tuple[str, ...] = ()
    spans: Mapping[str, int]
    coders: int = Field(ge=1)
    overlap: float = Field(ge=0, le=1)
    exclusions: str
    stopping_rule: str
    looks: int = Field(default=0, ge=0)


@dataclass(frozen=True)
class NewPlan(Result):
    """A plan that was written to be completed."""

    plan: Path


def new_plan(study: Study, file: str | Path = "plan.yaml") -> NewPlan:
    """Write a plan to be completed, with the study's outlets and variables.

    Raises BadPlan if there is such a file.
    """
    path = Path(file)
    if path.exists():
        raise BadPlan(f"{path} exists already; complete it, or name another file")
    book, focus = study.codebook, study.codebook.focus_variable
    spans = study.eligible()
    outlets = {str(name): int(n) for name, n in spans["outlet"].value_counts().sort_index().items()}
    pair = [*outlets, "A", "B"][:2]
    text = _TEMPLATE.format(
        file=path, variable=_quoted(focus.name), code=_quoted(focus.code_names[-1]),
        codes=", ".join(focus.code_names), others=", ".join(v.name for v in book.variables if v != focus) or "none",
        first=_quoted(pair[0]), second=_quoted(pair[1]),
        spans="\n".join(f"  {_quoted(name)}: {min(n, SPANS)}" for name, n in outlets.items()) or "  all: 100",
    )  # fmt: skip
    write_whole(path, text)
    return NewPlan(path)


def _quoted(name: str) -> str:
    return name if name.replace(" ", "").isalnum() else json.dumps(name, ensure_ascii=False)


def read_plan(study: Study, file: str | Path) -> Planned:
    """Read and check a plan. Raises BadPlan, which names the line."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPlan(f"{path} cannot be read ({error}); write one: slantwise plan new {path}") from None
    try:
        tree, content = read_words(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise BadPlan(f"{path}{line}: this is not YAML; check indents, colons and quotes") from None
    if not isinstance(content, dict):
        raise BadPlan(f"{path}: expected fields such as question: and comparisons:; see slantwise plan new")
    if empty := [
        name for name in ("question", "exclusions", "stopping_rule") if not str(content.get(name) or "").strip()
    ]:
        raise BadPlan(f"{path}: {', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty; complete the plan")
    compared = content.get("comparisons")
    for place, item in enumerate(compared if isinstance(compared, list) else ()):
        if isinstance(item, dict):
            _resolve(study, item, f"{path}, comparison {place + 1}")
    try:
        planned = Planned.model_validate(content)
    except ValidationError as error:
        raise BadPlan("; ".join(describe_error(str(path), tree, dict(one)) for one in error.errors())) from None
    _check_spans(planned, path)
    return planned


def _resolve(study: Study, item: dict[str, object], where: str) -> None:
    """Check a comparison against the codebook and the study's groups, and write out all its pairs."""
    book = study.codebook
    variable, code, by = item.get("variable"), item.get("code"), item.get("by")
    if variable not in book.by_name:
        raise BadPlan(f"{where}: {variable!r} is not a variable; expected one of {', '.join(book.by_name)}")
    codes = book.by_name[str(variable)].code_names
    if code not in codes:
        raise BadPlan(f"{where}: {code!r} is not a code of {variable}; expected one of {', '.join(codes)}")
    by = [by] if isinstance(by, str) else by
    if not isinstance(by, list) or not by or not all(isinstance(name, str) for name in by):
        raise BadPlan(f"{where}: by names no groups; expected properties such as by: [outlet]")
    known = [*METADATA, *(name for name in book.by_name if name != variable)]
    if unknown := [name for name in by if name not in known]:
        raise BadPlan(f"{where}: {unknown[0]!r} does not make groups; expected one of {', '.join(known)}")
    groups = group_names(study, by)
    pairs = item.get("pairs", "all")
    if pairs == "all":
        pairs = [list(pair) for pair in combinations(groups, 2)]
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise BadPlan(f"{where}: expected pairs: all, or a list of pairs such as [[{', '.join(groups[:2])}]]")
    if wrong := [str(name) for pair in pairs for name in pair if name not in groups]:
        raise BadPlan(f"{where}: {wrong[0]!r} is not a group; expected pairs of {', '.join(groups) or 'groups'}")
    if not pairs or len({frozenset(pair) for pair in pairs}) < len(pairs) or any(a == b for a, b in pairs):
        raise BadPlan(f"{where}: expected one pair or more, each of two groups and only once")
    item["by"], item["pairs"] = by, pairs


def _check_spans(planned: Planned, path: Path) -> None:
    if unknown := [name for name in planned.strata if name not in METADATA]:
        raise BadPlan(f"{path}: strata by {unknown[0]!r} cannot be planned; expected {' or '.join(METADATA)}")
    if not planned.spans or min(planned.spans.values()) < 1:
        raise BadPlan(f"{path}, spans: expected a number of 1 or more for each stratum")


def group_names(study: Study, by: Sequence[str]) -> list[str]:
    """Return the groups that properties make in what can be coded, as an estimate names them."""
    spans = study.eligible()
    months = [str(date)[:7] if isinstance(date, str) and date else "undated" for date in spans["date"]]
    known = {"outlet": spans["outlet"].tolist(), "period": months}
    places = [place for place, name in enumerate(by) if name in METADATA]
    there = set(zip(*(known[by[place]] for place in places), strict=True))
    values = [sorted(set(known[n])) if n in METADATA else list(study.codebook.by_name[n].code_names) for n in by]
    return [", ".join(one) for one in product(*values) if not places or tuple(one[place] for place in places) in there]
