"""Tables of answers are read as a scholar means them; what a spreadsheet has changed is refused by its row."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import slantwise
from openpyxl import Workbook, load_workbook
from stores import study_in, valley_in, write

import annotate
from annotate.rounds.draw import draw
from annotate.sheets.columns import CODING
from annotate.sheets.workbook import export_workbooks
from corpus import Study
from corpus.annotations.export import export
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.errors import BadFile

CASES = Path(__file__).parents[1] / "data" / "cases"
SCALE = """\
name: scale
version: "1"
unit: sentence
variables:
  - name: topic
    question: Topic?
    codes: [{name: "1"}, {name: "1.1"}, {name: "1.10"}, {name: "02"}, {name: none}]
  - name: seen
    question: What?
    kind: multiple
    codes: [{name: quote}, {name: irony}]
"""


@pytest.fixture
def scale(tmp_path: Path) -> Study:
    study = study_in(tmp_path / "scale", SCALE)
    add(study, [CASES / "11-two-answers-one-file" / "texts"], outlet="Herald")
    return study


@pytest.fixture
def valley(tmp_path: Path) -> Study:
    return valley_in(tmp_path / "valley")


def sentences(study: Study) -> list[str]:
    return [str(span) for span in study.spans().query("unit == 'sentence'")["span"]]


def stored(study: Study, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(study.annotations()[[*columns]].itertuples(index=False, name=None))


def table(study: Study, text: str, name: str = "answers.csv") -> Any:
    """Import a table in which S0, S1 … stand for the study's sentences."""
    for n, span in reversed(list(enumerate(sentences(study)))):
        text = text.replace(f"S{n}", span)
    write(study.folder, {name: text})
    return annotate.import_answers(study, study.folder / name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("span,variable,code,coder\nS0,topic,1,mira\nS1,seen,quote|irony,jon\n", "a.csv"),
        ("Span;Variable;CODE;Coder \r\nS0;topic;1;mira\r\nS1;seen;quote|irony;jon\r\n", "a.csv"),
        ("span\tvariable\tcode\tcoder\nS0\ttopic\t1\tmira\nS1\tseen\tQuote| irony \tjon\n", "a.tsv"),
        ("\ufeffspan,variable,code,coder\nS0,Topic,1.0,mira\nS1,SEEN,irony|quote,jon\n", "a.txt"),
        (',span,variable,code,coder\n0,S0,topic," 1",mira\n1,S1,seen,"quote|irony",jon\n', "a"),
        (
            '[{"span": "S0", "variable": "topic", "code": 1, "coder": "mira"}, '
            '{"span": "S1", "variable": "seen", "code": ["quote", "irony"], "coder": "jon"}]', "a.json",
        ),
    ],
)  # fmt: skip
def test_a_table_is_read_whatever_its_separators_headings_and_name(scale: Study, text: str, name: str) -> None:
    done = table(scale, text, name)
    assert (done.new, done.refusals, done.warnings, done.read) == (2, [], [], 2)
    assert stored(scale, "variable", "code", "coder") == [("seen", "quote|irony", "jon"), ("topic", "1", "mira")]


def test_the_command_line_reads_a_table_and_its_balance_adds_up(scale: Study) -> None:
    span = sentences(scale)[0]
    rows = ["span,variable,code,coder", f"{span},topic,1,mira", f"{span},topic,9,jon", f"{span},topic,1,mira"]
    write(scale.folder, {"a.csv": "\n".join(rows)})
    said = slantwise("import", "a.csv", cwd=scale.folder)
    assert said.returncode == 3
    assert said.stderr.splitlines()[0].startswith("refused: a.csv, row 2: '9' is not a code of topic in scale 1;")
    assert said.stderr.splitlines()[-1] == "3 read: 1 new, 0 changed, 1 unchanged, 1 refused"


def test_missing_values_whole_numbers_and_truth_values_of_a_table(scale: Study) -> None:
    article = str(scale.articles()["article"].iloc[0])
    done = table(
        scale,
        "article,start,end,variable,code,coder,round,seconds,simulated,memo,arm\n"
        f"{article},0.0,4.0,topic,1,7.0,NA,4.5,TRUE,NA,NA\n"
        f"{article},5,9,topic,02,8,,NaN,False,none of it,blind\n"
        f"{article},5,9,topic,NA,9,,,,,\n"
        f"{article},5,9,topic,None,9,,,,,\n"
        f"{article},5,9,topic,none,9,,,,,\n"
        f"{article},5.5,9,topic,1,9,,,,,\n"
        f"{article},5,9,topic,1,10,,quick,,,\n"
        f"{article},5,9,topic,1,11,,,maybe,,\n",
    )
    assert stored(scale, "coder", "code", "round", "simulated", "memo", "arm") == [
        ("7", "1", "", True, "", "blind"),
        ("8", "02", "", False, "none of it", "blind"),
        ("9", "none", "", False, "", "blind"),
    ]
    assert [(where.rpartition(" ")[2], why.split(";")[0]) for where, why in done.refusals] == [
        ("3", "'code' is missing"),
        ("4", "'None' may mean the code 'none' of topic or a missing value"),
        ("6", "start and end must be whole numbers, counted in characters of the normalised text"),
        ("7", "the seconds are 'quick'"),
        ("8", "simulated is 'maybe'"),
    ]


@pytest.mark.parametrize(
    ("code", "stored_code", "why"),
    [
        ("1.10", "1.10", ""), ("1.1", "1.1", ""), ("1.0", "1", ""), ("01", "1", ""), ("2", "02", ""),
        ("1.100", None, "'1.100' is not a code of topic"),
        ("yes", None, "'yes' is not a code of topic"),
        ("NONE", "none", ""),
        ("TRUE", None, "'TRUE' is not a code of topic"),
    ],
)  # fmt: skip
def test_a_code_in_a_table_is_the_one_it_is_written_as_or_the_only_one_that_it_can_mean(
    scale: Study, code: str, stored_code: str | None, why: str
) -> None:
    done = table(scale, f"span,variable,code,coder\nS0,topic,{code},mira\n")
    assert [one for (one,) in stored(scale, "code")] == ([stored_code] if stored_code else [])
    assert [why in said for _, said in done.refusals] == ([True] if why else [])


def test_a_table_of_excel_in_an_older_encoding_is_read_with_a_warning(scale: Study) -> None:
    spans = sentences(scale)
    rows = ["span;Topic;Coder;memo", f"{spans[0]};1;Jörg;„schön“ – größer", f"{spans[1]};1.1;Jörg;"]
    (scale.folder / "a.csv").write_bytes("\r\n".join(rows).encode("windows-1252"))
    said = slantwise("import", "a.csv", cwd=scale.folder)
    assert said.returncode == 3 and "it was read as windows-1252 by its letters" in said.stderr
    assert stored(scale, "coder", "code", "memo") == [("Jörg", "1", "„schön“ – größer"), ("Jörg", "1.1", "")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("span,coder,topic,Seen?\nS0,mira,1,irony\n", "the column 'Seen?' was not read; if it has the answers to seen"),
        ("span,coder,topic,seen (quote/irony)\nS0,mira,1,irony\n", "'seen (quote/irony)' was not read"),
        ("span,coder,seen,Topic_2\nS0,mira,irony,1\n", "'Topic_2' was not read; if it has the answers to topic"),
        ("span,coder,topic,What?\nS0,mira,1,irony\n", "'What?' was not read; if it has the answers to seen"),
        ("span,variable,code,coder,seen\nS0,topic,1,mira,irony\n", "the column 'seen' was not read, since the table"),
        ("span,coder,topic,seen,notes,text,colour\nS0,mira,1,irony,hm,The army,red\n", ""),
    ],
)
def test_a_column_that_looks_like_a_question_and_is_not_read_is_told(scale: Study, text: str, why: str) -> None:
    done = table(scale, text)
    assert done.new >= 1 and done.refusals == []
    assert [why in said for _, said in done.warnings] == ([True] if why else [])


def test_what_nobody_sees_or_what_coders_see_in_place_of_a_code_is_that_code(tmp_path: Path) -> None:
    book = SCALE.replace('{name: "1"}', '{name: "1", label: Peace talks}').replace(
        "{name: none}", "{name: none, label: Other}"
    )
    study = study_in(tmp_path / "labelled", book)
    add(study, [CASES / "11-two-answers-one-file" / "texts"], outlet="Herald")
    done = table(study, "span,coder,topic\n S0 ,mira,peace talks\nS1,mira,\u200bOTHER\nS2,mira,talks\n")
    assert [one for (one,) in stored(study, "code")] == ["1", "none"]
    assert ["'talks' is not a code of topic" in why for _, why in done.refusals] == [True]


def test_a_key_that_occurs_twice_and_a_table_without_rows_are_refused(scale: Study) -> None:
    done = table(scale, '{"span": "S0", "variable": "topic", "code": "1", "code": "02", "coder": "mira"}\n', "a.jsonl")
    assert (done.new, [why for _, why in done.refusals]) == (0, ["'code' occurs twice in it; keep one"])
    with pytest.raises(BadFile, match="has headings and no answers"):
        table(scale, "span,topic,coder\n")


def test_a_wide_table_has_a_column_for_each_variable(scale: Study) -> None:
    done = table(
        scale,
        "span,coder,Topic,seen,memo,colour\nS0,mira,1,quote|irony,hard,red\nS1,mira,NA,,,\nS2,mira,,irony,,\nS3,jon,5,irony,,\n",
    )
    assert (done.read, done.new, len(done.refusals)) == (6, 4, 1)
    assert stored(scale, "variable", "code", "memo") == [
        ("seen", "irony", ""), ("seen", "irony", ""), ("seen", "quote|irony", ""), ("topic", "1", "hard"),
    ]  # fmt: skip
    ((where, why),) = done.passed_over
    assert where.endswith("row 2") and why == "no variable has a code here"
    wide = pd.DataFrame({"span": sentences(scale)[:2], "coder": ["ana", "ana"], "topic": [1.0, None]})
    done = add_annotations(scale, wide)
    assert (done.new, len(done.passed_over)) == (1, 1)
    assert (
        add_annotations(scale, [{"span": sentences(scale)[5], "coder": "ana", "topic": "1", "seen": "irony"}]).new == 2
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("span,variable,code,coder,Coder\nS0,topic,1,a,b\n", "columns"),
        ("text,code\nx,1\n", "found the columns text, code; expected the columns span"),
        ("article,start,code,coder\nx,1,1,a\n", "expected the columns span (or article, start, end), coder"),
    ],
)  # fmt: skip
def test_a_table_whose_columns_are_not_clear_is_refused_whole(scale: Study, text: str, why: str) -> None:
    with pytest.raises(BadFile) as refused:
        table(scale, text)
    assert "answers.csv: " in str(refused.value) and why in str(refused.value)
    if "Coder" in text:
        assert "coder" in str(refused.value).casefold() and len(scale.annotations()) == 0


def test_rows_of_dicts_and_wide_tables_that_name_a_column_twice_are_refused(scale: Study) -> None:
    span = sentences(scale)[0]
    rows: list[dict[str, Any]] = [
        {"span": span, "variable": "topic", "code": "1", "Coder ": "a", "CODER": "b"},
        {"span": span, "coder": "a", "topic": "1", "Topic": "02"},
        {"span": span, "coder": "a", "colour": "red"},
    ]
    assert [why for _, why in add_annotations(scale, rows).refusals] == [
        "two of its columns are named 'coder'; rename or delete one of them",
        "several of its columns mean one variable: topic, Topic; keep one of them",
        "'variable' is missing; expected span, variable, code and coder",
    ]


@pytest.mark.parametrize("format", ["jsonl", "csv", "parquet"])
def test_exported_answers_are_imported_as_they_were(scale: Study, tmp_path: Path, format: str) -> None:
    span = sentences(scale)[0]
    add_annotations(scale, [
        {"span": span, "variable": "topic", "code": "1.10", "coder": 7, "seconds": 4.5, "memo": "a, b; c", "round": "p"},
        {"span": span, "variable": "seen", "code": ["quote", "irony"], "coder": "mira", "simulated": True},
    ])  # fmt: skip
    export(scale, tmp_path / "out", format=format)
    other = study_in(tmp_path / "other", SCALE)
    add(other, [CASES / "11-two-answers-one-file" / "texts"], outlet="Herald")
    done = annotate.import_answers(other, tmp_path / "out" / f"annotations.{format}")
    assert (done.new, done.refusals) == (2, [])
    assert other.annotations().equals(scale.annotations())


# spreadsheets


def sheet(study: Study, *rows: list[Any], merge: str = "", edit: Any = None) -> Any:
    book = Workbook()
    for row in (["span", "variable", "code", "coder"], *rows):
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    if edit:
        edit(book)
    book.save(study.folder / "answers.xlsx")
    return annotate.import_answers(study, study.folder / "answers.xlsx")


def test_cells_of_a_spreadsheet_are_read_with_their_types_or_refused(scale: Study) -> None:
    s = sentences(scale)
    done = sheet(
        scale,
        [s[0], "topic", 1, "mira"], [s[1], "topic", 2.0, 7.0], [s[2], "topic", 1.1, "mira"],
        [s[3], "topic", datetime(2024, 10, 1), "mira"], [s[4], "topic", "=1+1", "mira"],
        [None, None, None, None], [s[5], "topic", "1.10", "mira"], [s[6], "topic", True, "mira"],
    )  # fmt: skip
    assert stored(scale, "code", "coder") == [("02", "7"), ("1", "mira"), ("1.10", "mira")]
    said = {where.rpartition(" ")[2]: why for where, why in done.refusals}
    assert list(said) == ["4", "5", "6", "9"]
    assert said["4"] == "'1.1' may mean several codes of topic: 1.1, 1.10; write one of them exactly"
    assert said["5"].startswith(
        "C5 has the date 2024-10-01, which the spreadsheet may have made of a code such as 1.10"
    )
    assert said["6"] == "C6 has a formula; replace it by its value" and "the code is True" in said["9"]


@pytest.mark.parametrize("merge", ["C3:C5", "D3:D5", "A3:A5", "C3:D3"])
def test_rows_of_a_spreadsheet_with_merged_cells_are_refused_and_the_others_are_read(scale: Study, merge: str) -> None:
    s = sentences(scale)
    done = sheet(scale, *([s[n], "topic", "1", "mira"] for n in range(6)), merge=merge)
    last = 3 if merge == "C3:D3" else 5
    assert [where.rpartition(" ")[2] for where, _ in done.refusals] == [str(n) for n in range(3, last + 1)]
    assert all(
        f"the cells {merge} are merged, which keeps only the value of the first" in why for _, why in done.refusals
    )
    assert done.new == 6 - (last - 2)


def test_hidden_rows_count_and_sheets_without_answers_are_left_out(scale: Study) -> None:
    s = sentences(scale)

    def edit(book: Any) -> None:
        book.active.row_dimensions[2].hidden = True
        book.active.auto_filter.ref = "A1:D3"
        book.create_sheet("notes").append(["anything"])

    assert sheet(scale, [s[0], "topic", "1", "mira"], [s[1], "topic", "1", "mira"], edit=edit).new == 2

    def second(book: Any) -> None:
        book.create_sheet("more").append(["span", "variable", "code", "coder"])

    with pytest.raises(BadFile, match=r"several sheets have answers \(Sheet, more\); save each as a file of its own"):
        sheet(scale, [s[0], "topic", "1", "mira"], edit=second)
    write(scale.folder, {"z.xlsx": b"PK\x05\x06" + bytes(18)})
    with pytest.raises(BadFile, match="cannot be read as a workbook"):
        annotate.import_answers(scale, scale.folder / "z.xlsx")
    Workbook().save(scale.folder / "empty.xlsx")
    with pytest.raises(BadFile, match="expected the columns span"):
        annotate.import_answers(scale, scale.folder / "empty.xlsx")


def test_a_damaged_list_and_a_list_of_tasks_are_told_apart_from_a_list_of_answers(scale: Study) -> None:
    write(scale.folder, {"a.json": '[{"id": 1, "data": {}, "annotations": []}]'})
    assert "so it is not a task of slantwise" in annotate.import_answers(scale, scale.folder / "a.json").refusals[0].why
    rows = [{"span": sentences(scale)[0], "variable": "topic", "code": "1", "coder": "mira"}, 3]
    write(scale.folder, {"a.json": json.dumps(rows)})
    done = annotate.import_answers(scale, scale.folder / "a.json")
    assert (done.new, [why for _, why in done.refusals]) == (1, ["expected an object, found 3"])


# the workbook of a round


@pytest.fixture
def drawn(scale: Study) -> Study:
    draw(scale, "pilot", ["mira"], spans=5)
    return scale


def returned(study: Study, cells: dict[str, Any], merge: str = "", edit: Any = None) -> Any:
    path = study.folder / "sheets" / "pilot-mira.xlsx"
    path.unlink(missing_ok=True)
    export_workbooks(study, "pilot", path.parent)
    made = load_workbook(path, rich_text=True)
    for address, value in cells.items():
        made[CODING][address] = value
    if merge:
        made[CODING].merge_cells(merge)
    if edit:
        edit(made[CODING])
    content = io.BytesIO()
    made.save(content)
    path.write_bytes(content.getvalue())
    return annotate.import_answers(study, path)


TICKS = {f"E{row}": "x" for row in range(3, 8)}


@pytest.mark.parametrize("merge", ["D4:D6", "D4:E6", "A4:A6", "C4:C6", "H4:H6"])
def test_rows_of_a_coders_workbook_with_merged_cells_are_refused_by_row(drawn: Study, merge: str) -> None:
    done = returned(drawn, {f"D{row}": "none" for row in range(3, 8)} | TICKS, merge=merge)
    assert [where for where, _ in done.refusals] == [f"pilot-mira.xlsx, row {n}" for n in (4, 5, 6)]
    assert all(f"the cells {merge} are merged" in why for _, why in done.refusals)
    assert (done.answered, done.waiting, done.deleted) == (2, 2 if merge == "A4:A6" else 0, 0)  # of lost numbers
    unmerged = returned(drawn, {f"D{row}": "none" for row in range(3, 8)} | TICKS)
    assert (unmerged.answered, unmerged.new, unmerged.unchanged) == (5, 6, 4)


@pytest.mark.parametrize(
    ("value", "code", "why"),
    [
        ("1.10", "1.10", ""), ("1.1", "1.1", ""), (1, "1", ""), ("None ", "none", ""), ("ＮＯＮＥ", "none", ""),
        (1.1, None, "'1.1' may mean 1.1 or 1.10; choose it from the list"),
        (2, "02", ""),
        (datetime(2024, 10, 1), None, "D3 (topic): has the date 2024-10-01, which the spreadsheet may have made of a code"),
        ("=D4", None, "D3 (topic): found a formula; choose a code from the list"),
        ("something else", None, "'something else' is not a code"),
        (3, None, "'3' is not a code"),
    ],
)  # fmt: skip
def test_a_cell_of_a_coders_workbook_is_a_code_that_it_can_only_mean_or_is_refused_by_name(
    drawn: Study, value: Any, code: str | None, why: str
) -> None:
    done = returned(drawn, {"D3": value, "E3": "x"})
    found = [one for variable, one in stored(drawn, "variable", "code") if variable == "topic"]
    assert found == ([code] if code else [])
    assert [why in said for _, said in done.refusals] == ([True] if why else [])


def test_hidden_inserted_and_sorted_rows_of_a_coders_workbook_lose_nothing(drawn: Study) -> None:
    def edit(coding: Any) -> None:
        coding.row_dimensions[3].hidden = True
        coding.auto_filter.ref = "A2:I7"
        coding.insert_rows(4)
        coding["D4"].value = "none"  # in the inserted row, which has no number

    done = returned(drawn, {"D3": "1", "E3": "x", "D4": "02", "E4": "x"}, edit=edit)
    assert stored(drawn, "variable", "code") == [("seen", "quote"), ("seen", "quote"), ("topic", "02"), ("topic", "1")]
    ((where, why),) = done.refusals
    assert where == "pilot-mira.xlsx, row 4" and why.startswith("'' is not the number of a row that was sent")


@pytest.mark.parametrize(("encoding", "doubts"), [("windows-1252", 1), ("utf-16", 0), ("utf-8-sig", 0)])
def test_a_table_of_answers_may_be_as_excel_writes_it(scale: Study, encoding: str, doubts: int) -> None:
    span = sentences(scale)[0]
    text = f"sep=;\r\nspan;variable;code;coder;memo\r\n{span};topic;1;Jörg;Die Brücke über den Fluß – größer\r\n"
    file = scale.folder / "answers.csv"
    file.write_bytes(text.encode(encoding))
    done = annotate.import_answers(scale, file)
    assert stored(scale, "code", "coder") == [("1", "Jörg")]
    assert ["by its letters" in why for _, why in done.warnings] == [True] * doubts
