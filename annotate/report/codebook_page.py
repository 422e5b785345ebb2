"""The booklet: a codebook as a page for coders, with every definition, its keys and its examples; it prints well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotate.report.parts.code_styles import Shown, shown
from annotate.report.parts.templates import environment
from annotate.tasks.interface import hotkeys
from corpus.codebook import Code, Codebook, Example, Variable

MOST_EXAMPLES = 4  # of one code; all of them stand at the end


@dataclass(frozen=True)
class Case:
    """An example: the text before its unit, the unit, the text after it, and its (question, code as shown)."""

    before: str
    unit: str
    after: str
    answers: list[tuple[Variable, list[Shown]]]


@dataclass(frozen=True)
class Entry:
    """A code with the key that gives it and the examples that have it."""

    code: Code
    shown: Shown
    key: str
    cases: list[Case]


@dataclass(frozen=True)
class Question:
    """A variable with its codes, and the answers after which it is asked, each with the variable they are given to."""

    variable: Variable
    entries: list[Entry]
    asked: list[tuple[Variable, list[Shown]]]


def page(book: Codebook, sides: Mapping[str, str] | None = None) -> str:
    """Return a codebook as one HTML page that needs nothing from outside itself; `sides` name its sides.

    >>> from corpus.codebook import load
    >>> html = page(load("territorial-control"))
    >>> html.count("<h1>"), "<mark>liberated</mark>" in html, "src=" in html
    (1, True, False)
    """
    named = {side: name for side, name in (sides or {}).items() if name and book.sides.get(side) != name}
    codes = {variable.name: shown(variable, named) for variable in book.variables}
    keys = hotkeys(book)
    plain = {variable.name: shown(variable, {}) for variable in book.variables}  # examples have sides of their own
    cases = [_case(example, book, plain) for example in book.examples]
    questions = []
    for variable in book.variables:
        mine = codes[variable.name]
        entries = [
            Entry(
                code,
                mine[code.name],
                keys.get((variable.name, code.name), ""),
                [case for case, said in zip(cases, book.examples, strict=True) if _has(said, variable.name, code.name)],
            )
            for code in variable.codes
        ]
        asked = [(book.by_name[name], [codes[name][c] for c in waited]) for name, waited in variable.asked_when.items()]
        questions.append(Question(variable, entries, asked))
    palette = {
        code.css: code for by_name in codes.values() for code in by_name.values() if code.css not in ("cd", "cn")
    }
    return (
        environment()
        .get_template("booklet.html.j2")
        .render(
            book=book,
            questions=questions,
            cases=cases,
            sides=named,
            palette=[code for _, code in sorted(palette.items())],
            MOST_EXAMPLES=MOST_EXAMPLES,
        )
    )


def _has(example: Example, variable: str, code: str) -> bool:
    return code in example.codes.get(variable, "").split("|")


def _case(example: Example, book: Codebook, codes: Mapping[str, Mapping[str, Shown]]) -> Case:
    before, unit, after = example.text.split("*")
    answers = [
        (variable, [codes[variable.name][code] for code in example.codes[variable.name].split("|")])
        for variable in book.variables
        if variable.name in example.codes
    ]
    return Case(before, unit, after, answers)
