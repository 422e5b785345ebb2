"""What tests of the documentation share: its pages, their commands and Python, and coders who fill in workbooks."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pandas as pd
from openpyxl import load_workbook

from corpus import Study

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *GUIDES]
_COMMAND = re.compile(r"^slantwise (.+?)$|`slantwise\s([^`]+)`", flags=re.M)


@cache
def text(page: Path) -> str:
    """The text of a page."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in a language, as they are marked: sh, python."""
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), flags=re.S | re.M)


def words(line: str) -> list[str]:
    """The words of a command line, as a shell reads them.

    >>> words('slantwise kwic "liberat*"  # in context')
    ['slantwise', 'kwic', 'liberat*']
    """
    return shlex.split(line, comments=True)


def named_commands(page: Path) -> list[str]:
    """The commands that a page names with `slantwise` before them, in blocks and in sentences, in its order."""
    found = (block or inline for block, inline in _COMMAND.findall(text(page)))
    return list(dict.fromkeys(" ".join(command.split()) for command in found))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made where Markdown is shown."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def fill_in(workbook: Path, study: Study, coder: str, answers: pd.DataFrame) -> None:
    """Complete a coder's workbook with these answers, one row for each `span, variable, code`, as a person would."""
    codes = answers.set_index(["span", "variable"])["code"]
    made = load_workbook(workbook, rich_text=True)
    sheet = made["Coding"]
    columns = {str(cell.value).split("\n")[0]: cell.column for cell in sheet[2]}
    assigned = study.assignments()
    queue = assigned[(assigned["coder"] == coder) & assigned["round"].eq(workbook.stem.removesuffix(f"-{coder}"))]
    for place, span in zip(queue["position"], queue["span"], strict=True):
        for variable in study.codebook.by_name:
            if (span, variable) in codes.index:
                sheet.cell(2 + place, columns[variable]).value = codes[span, variable]
    made.save(workbook)
