"""Format a workbook: headings, drop-down lists, shading, and the sheet with the codebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from annotate.tasks.interface import SKIPS
from corpus.codebook import Codebook, Variable

from .columns import (
    CODEBOOK,
    FONT,
    HEADER,
    LISTS,
    MEMO,
    NUMBER,
    PASSAGE,
    PUBLISHED,
    SKIP,
    TICK,
    WIDTHS,
    Column,
    code_labels,
    columns,
    count_lines,
    put_text,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

INK, QUIET, ACCENT = "1F2328", "6B6F76", "2F4FB5"
HEAD, TO_FILL, NOT_ASKED, DONE, WARNING = "E9ECF4", "FBFBF4", "D5D7DB", "CFE8D8", "FDECC8"
EDGE = Border(bottom=Side("thin", "D0D3DA"))
FILLED = Border(bottom=Side("thin", "D0D3DA"), left=Side("thin", "E3E5EA"), right=Side("thin", "E3E5EA"))
PROMPT = 250  # a drop-down's note has at most 255 characters


def format_coding_sheet(
    coding: Worksheet, book: Codebook, sides: Mapping[str, str], column_of: Mapping[str, int], last_row: int
) -> None:
    """Give the coding sheet its headings, widths, drop-down lists and shading; `column_of` maps names to columns."""
    first_row = HEADER + 1
    lists = coding.parent.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    letter = {name: get_column_letter(number) for name, number in column_of.items()}
    choices = {column.name: _choices(column, sides) for column in columns(book)}
    choices[SKIP] = {reason: label for reason, label in SKIPS.items()}
    questions = {column.name: column.variable for column in columns(book)}
    for number, (name, codes) in enumerate(choices.items()):
        for row, value in enumerate([name, *codes.values()], 1):
            put_text(lists.cell(row, 2 * number + 1), value)
        for row, value in enumerate(["code", *codes], 1):
            put_text(lists.cell(row, 2 * number + 2), value)
        column = get_column_letter(2 * number + 1)
        allowed = DataValidation("list", formula1=f"'{LISTS}'!${column}$2:${column}${len(codes) + 1}", allow_blank=True)
        allowed.showErrorMessage, allowed.errorStyle = True, "stop"
        allowed.errorTitle, allowed.error = "Not in the codebook", "Choose one from the list, or leave the cell empty."
        if name in questions:
            allowed.showInputMessage, allowed.promptTitle = True, name[:32]
            allowed.prompt = questions[name].question[:PROMPT]
        allowed.add(f"{letter[name]}{first_row}:{letter[name]}{max(last_row, first_row)}")
        coding.add_data_validation(allowed)
    for name, number in column_of.items():
        head = coding.cell(HEADER, number)
        head.value = _heading(name, questions.get(name))
        head.fill, head.border = PatternFill("solid", fgColor=HEAD), Border(bottom=Side("medium", ACCENT))
        head.alignment = Alignment(wrap_text=True, vertical="bottom")
        width = WIDTHS.get(name) or max(15, min(22, 4 + max(map(len, [name, *choices[name].values()]))))
        coding.column_dimensions[letter[name]].width = width
        to_fill = name in questions or name in (SKIP, MEMO)
        for row in range(first_row, last_row + 1):
            cell = coding.cell(row, number)
            dimmed = name in (NUMBER, PUBLISHED)
            cell.font = Font(name=FONT, size=10 if dimmed else 12, color=QUIET if dimmed else INK)
            cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if dimmed else "left")
            cell.border = FILLED if to_fill else EDGE
            if to_fill:
                cell.number_format, cell.fill = "@", PatternFill("solid", fgColor=TO_FILL)
    coding.row_dimensions[HEADER].height = 62
    _banner(coding, book, len(column_of))
    _shade_cells(coding, book, sides, letter, first_row, last_row)
    coding.freeze_panes = coding.cell(first_row, column_of[PASSAGE] + 1)
    coding.sheet_view.zoomScale = 100
    coding.page_setup.orientation, coding.page_setup.fitToHeight = "landscape", 0
    coding.sheet_properties.pageSetUpPr.fitToPage = True
    coding.print_title_rows = f"{HEADER}:{HEADER}"


def _choices(column: Column, sides: Mapping[str, str]) -> dict[str, str]:
    if column.code:
        return {column.code.name: TICK}
    return code_labels(column.variable, sides)


def _heading(name: str, variable: Variable | None) -> CellRichText:
    blocks = [TextBlock(InlineFont(rFont=FONT, sz=11, b=True, color=f"00{INK}"), name)]
    notes = {
        SKIP: "Why it cannot be coded",
        MEMO: "What made this hard?",
        PASSAGE: "Code the words in bold",
    }
    if note := variable.question if variable else notes.get(name):
        blocks.append(TextBlock(InlineFont(rFont=FONT, sz=9, color=f"00{QUIET}"), f"\n{note}"))
    return CellRichText(*blocks)


def _banner(coding: Worksheet, book: Codebook, width: int) -> None:
    """Write the warning and the instructions above the headings."""
    text = (
        "Choose from the list in each white cell, from left to right; grey cells do not apply. "
        f"The sheet {CODEBOOK} defines every code."
    )
    if book.warning:
        text = f"Warning: {' '.join(book.warning.split())}\n{text}"
    cell = coding.cell(1, 1)
    put_text(cell, text)
    coding.merge_cells(start_row=1, start_column=1, end_row=1, end_column=min(width, 3))
    cell.font = Font(name=FONT, size=11, color=INK)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    cell.fill = PatternFill("solid", fgColor=WARNING if book.warning else "FFFFFF")
    coding.row_dimensions[1].height = 20 + 15 * (len(text) // 100)


def _shade_cells(
    coding: Worksheet, book: Codebook, sides: Mapping[str, str], letter: Mapping[str, str], first: int, last: int
) -> None:
    """Grey out cells that do not apply after the row's answers, and colour the number of a complete row."""
    cell_range = f"{first}:{{0}}{max(last, first)}"
    skipped = f'${letter[SKIP]}{first}<>""'
    complete = []
    for variable in book.variables:
        names = [column.name for column in columns(book) if column.variable is variable]
        any_filled = "OR({})".format(",".join(f'${letter[name]}{first}<>""' for name in names))
        asked = _asked_formula(book, variable, sides, letter, first)
        if asked:
            for name in names:
                coding.conditional_formatting.add(
                    f"{letter[name]}" + cell_range.format(letter[name]),
                    FormulaRule(
                        formula=[f"OR({skipped},NOT({asked}))"],
                        fill=PatternFill("solid", bgColor=NOT_ASKED),
                        font=Font(color="9A9DA3", strike=True),
                    ),
                )
        complete.append(f"OR({any_filled},NOT({asked}))" if asked else any_filled)
    number = letter[NUMBER]
    rule = FormulaRule(formula=[f"OR({skipped},AND({','.join(complete)}))"], fill=PatternFill("solid", bgColor=DONE))
    coding.conditional_formatting.add(number + cell_range.format(number), rule)


def _asked_formula(
    book: Codebook, variable: Variable, sides: Mapping[str, str], letter: Mapping[str, str], row: int
) -> str | None:
    """Return the formula of the condition under which a variable is asked; None if it always is."""
    conditions = []
    for name, codes in variable.asked_when.items():
        condition = book.by_name[name]
        if condition.kind == "multiple":
            cells = [f'${letter[f"{name}: {code}"]}{row}<>""' for code in codes]
        else:
            label_of = code_labels(condition, sides)
            cells = [f'${letter[name]}{row}="{label_of[code].replace(chr(34), chr(34) * 2)}"' for code in codes]
        conditions.append(f"OR({','.join(cells)})")
        outer = _asked_formula(book, condition, sides, letter, row)
        conditions += [outer] if outer else []
    return f"AND({','.join(conditions)})" if conditions else None


def write_codebook_sheet(sheet: Worksheet, book: Codebook, sides: Mapping[str, str]) -> None:
    """Write the codebook: warning, rules, every code with its definition, the examples."""
    for column, width in zip("ABCD", (18, 24, 84, 52), strict=True):
        sheet.column_dimensions[column].width = width
    bold = {"name": FONT, "color": INK, "bold": True}
    row = 1
    put_text(sheet.cell(row, 1), f"{book.name} {book.version}")
    sheet.cell(row, 1).font = Font(**bold, size=15)
    for text in (book.warning, book.unit_rule, book.instructions):
        if text:
            row += 1
            _write_wide_row(sheet, row, " ".join(text.split()), WARNING if text is book.warning else None)
    for variable in book.variables:
        row += 2
        put_text(sheet.cell(row, 1), variable.name)
        sheet.cell(row, 1).font = Font(**bold, size=12)
        put_text(sheet.cell(row, 2), variable.question)
        sheet.cell(row, 2).font = Font(**bold, size=12)
        for name, codes in variable.asked_when.items():
            row += 1
            label_of = code_labels(book.by_name[name], sides)
            put_text(sheet.cell(row, 2), f"asked when {name} is {', '.join(label_of[code] for code in codes)}")
            sheet.cell(row, 2).font = Font(name=FONT, size=10, italic=True, color=QUIET)
        label_of = code_labels(variable, sides)
        for code in variable.codes:
            row += 1
            for column_number, value in ((2, label_of[code.name]), (3, " ".join(code.definition.split()))):
                cell = sheet.cell(row, column_number)
                put_text(cell, value)
                cell.font = Font(name=FONT, size=11, bold=column_number == 2, color=INK)
                cell.alignment, cell.border = Alignment(wrap_text=True, vertical="top"), EDGE
            sheet.row_dimensions[row].height = 16.5 * count_lines(code.definition, 88)
    if book.examples:
        row += 2
        put_text(sheet.cell(row, 1), "Examples")
        sheet.cell(row, 1).font = Font(**bold, size=12)
    for example in book.examples:
        row += 1
        before, unit, after = example.text.split("*")
        pieces = [(False, before), (True, unit), (False, after)]
        text = CellRichText(*[TextBlock(InlineFont(rFont=FONT, sz=11, b=b), t) for b, t in pieces if t])
        answers = ", ".join(f"{name}: {code}" for name, code in example.codes.items())
        put_text(sheet.cell(row, 3), text)
        put_text(sheet.cell(row, 4), answers)
        for column_number in (3, 4):
            sheet.cell(row, column_number).alignment = Alignment(wrap_text=True, vertical="top")
            sheet.cell(row, column_number).border = EDGE
        sheet.row_dimensions[row].height = 15.5 * max(count_lines(example.text, 84), count_lines(answers, 50))
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _write_wide_row(page: Worksheet, row: int, text: str, fill: str | None) -> None:
    page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=3)
    cell = page.cell(row, 1)
    put_text(cell, text)
    cell.font = Font(name=FONT, size=11, color=INK)
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    page.row_dimensions[row].height = 8 + 15 * count_lines(text, 150)
