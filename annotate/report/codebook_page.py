"""The booklet: a codebook as a printable page for coders, with definitions, keys and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from annotate.report.parts.code_styles import CodeStyle, css_palette, style_codes
from annotate.report.parts.templates import render
from annotate.tasks.interface import hotkeys
from corpus.codebook import Code, Codebook, Example, Variable, load
from corpus.errors import BadCodebook
from corpus.result import Result
from corpus.study import Study
from corpus.study.files import write_whole

MOST_EXAMPLES = 4  # of one code; all examples are listed at the end


@dataclass(frozen=True)
class ExampleView:
    """An example: the text before its unit, the unit, the text after it, and its codes by variable."""

    before: str
    unit: str
    after: str
    answers: list[tuple[Variable, list[CodeStyle]]]


@dataclass(frozen=True)
class CodeEntry:
    """A code with its keyboard key and its examples."""

    code: Code
    style: CodeStyle
    key: str
    examples: list[ExampleView]


@dataclass(frozen=True)
class Question:
    """A variable with its codes, and the conditions for asking it: earlier variables and their codes."""

    variable: Variable
    entries: list[CodeEntry]
    asked_when: list[tuple[Variable, list[CodeStyle]]]


@dataclass(frozen=True)
class CodebookPage(Result):
    """A codebook that was written as a page."""

    page: Path
    name: str
    version: str


def write_codebook_page(
    study: Study | None, codebook: str | Path | None = None, *, out: str | Path | None = None
) -> CodebookPage:
    """Write a codebook as a page for coders that opens offline and prints well.

    By default it is the study's codebook, written to reports/codebook.html in the study. `codebook` names a bundled one
    or a file, which needs no study and is written to NAME.html in the current folder. Raises BadCodebook.
    """
    sides: Mapping[str, str] = {}
    if codebook is not None:
        book, file = load(str(codebook)), Path(f"{Path(codebook).stem}.html")
    elif study is not None:
        book, file, sides = study.codebook, study.reports / "codebook.html", study.settings.sides
    else:
        raise BadCodebook("name a study or a codebook")
    file = Path(out) if out is not None else file
    write_whole(file, render_codebook(book, sides))
    return CodebookPage(file, book.name, book.version)


def render_codebook(book: Codebook, sides: Mapping[str, str] | None = None) -> str:
    """Return a codebook as one self-contained HTML page; `sides` are the names of its sides.

    >>> from corpus.codebook import load
    >>> html = render_codebook(load("territorial-control"))
    >>> html.count("<h1>"), "<mark>liberated</mark>" in html, "src=" in html
    (1, True, False)
    """
    named = {side: name for side, name in (sides or {}).items() if name and book.sides.get(side) != name}
    styles = {variable.name: style_codes(variable, named) for variable in book.variables}
    keys = hotkeys(book)
    plain = {variable.name: style_codes(variable, {}) for variable in book.variables}  # examples have invented sides
    examples = [_example(example, book, plain) for example in book.examples]
    questions = []
    for variable in book.variables:
        entries = [
            CodeEntry(
                code,
                styles[variable.name][code.name],
                keys.get((variable.name, code.name), ""),
                [
                    view
                    for view, example in zip(examples, book.examples, strict=True)
                    if code.name in example.answers.get(variable.name, ())
                ],
            )
            for code in variable.codes
        ]
        asked_when = [
            (book.by_name[name], [styles[name][code] for code in codes]) for name, codes in variable.asked_when.items()
        ]
        questions.append(Question(variable, entries, asked_when))
    return render(
        "booklet.html.j2",
        book=book,
        questions=questions,
        examples=examples,
        sides=named,
        palette=css_palette(style for by_name in styles.values() for style in by_name.values()),
        MOST_EXAMPLES=MOST_EXAMPLES,
    )


def _example(example: Example, book: Codebook, styles: Mapping[str, Mapping[str, CodeStyle]]) -> ExampleView:
    before, unit, after = example.text.split("*")
    answers = [
        (variable, [styles[variable.name][code] for code in example.answers[variable.name]])
        for variable in book.variables
        if variable.name in example.codes
    ]
    return ExampleView(before, unit, after, answers)
