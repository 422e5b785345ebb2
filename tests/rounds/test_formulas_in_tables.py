"""Texts that begin with = + - @ tab are no formulas in any table that is written, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from stores import BOOK, study_in

import annotate
from annotate.rounds.draw import draw
from annotate.sheets.workbook import export_workbooks
from corpus import Study
from corpus.annotations.export import export
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add

TITLES = (
    "=HYPERLINK(A1) falls",
    "+49 30 tells of Velo",
    "-5 degrees in Velo",
    "@velo took it",
    "'=1 they took",
    "'tis Velo",
    "＝1 took",
    "\u200b=1 took",
    "﹢1 took",
)
MEMOS = ("=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "''=1", "'tis", "＝1", "\ufeff=1", "﹢1")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "\u200b=", "\ufeff=", "﹢")


def uncoded(folder: Path) -> Study:
    made = study_in(folder, BOOK.replace("unit: mention", "unit: sentence"))
    rows = [
        {
            "id": n,
            "outlet": "Herald",
            "title": title,
            "text": f"{title} and nobody knows why.\n\n{title} they took Velo.",
        }
        for n, title in enumerate(TITLES)
    ]
    add(made, pd.DataFrame(rows))
    return made


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = uncoded(tmp_path / "study")
    answers = [
        {"span": span, "coder": "mira", "variable": "wording", "code": "plain", "memo": MEMOS[n % len(MEMOS)]}
        for n, span in enumerate(made.eligible()["span"])
    ]
    add_annotations(made, answers)
    return made


def test_no_cell_of_an_exported_csv_is_a_formula(study: Study, tmp_path: Path) -> None:
    export(study, tmp_path / "csv", format="csv")
    for file in (tmp_path / "csv").glob("*.csv"):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        texts = [cell for name in frame.columns if name not in ("pi", "seconds") for cell in frame[name]]
        assert not [cell for cell in texts if cell.startswith(FORMULAS)], file


def test_an_exported_csv_comes_back_as_it_was(study: Study, tmp_path: Path) -> None:
    export(study, tmp_path / "csv", format="csv")
    columns = ["span", "variable", "coder", "code", "memo"]
    before = study.annotations()[columns].sort_values("span").to_dict("records")
    again = uncoded(tmp_path / "again")
    done = annotate.import_answers(again, tmp_path / "csv" / "annotations.csv")
    assert not done.refusals and {row["memo"] for row in before} >= set(MEMOS)
    assert again.annotations()[columns].sort_values("span").to_dict("records") == before


def test_a_table_of_others_keeps_its_apostrophes(study: Study, tmp_path: Path) -> None:
    """Only what Slantwise wrote is taken back: elsewhere the apostrophe may open a quotation."""
    file = tmp_path / "articles.csv"
    file.write_text("id,outlet,text\n1,Herald,'-ism is what they took.'\n", encoding="utf-8")
    (new,) = add(study, [file]).new
    articles = study.articles()
    assert articles[articles["article"] == new]["text"].tolist() == ["'-ism is what they took.'"]


def test_no_cell_of_a_workbook_is_a_formula(tmp_path: Path) -> None:
    study = uncoded(tmp_path / "study")
    draw(study, "pilot", ["=mira()"], spans=5)
    (written,) = export_workbooks(study, "pilot", tmp_path / "sheets").files.values()
    workbook = load_workbook(written.file)
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type in "fe"] == []
    assert any(str(cell.value).startswith("=") for cell in cells)
