"""A coder's first answers count: those given before the round was handed in; all later ones are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from stores import valley_in
from typer.testing import CliRunner

from annotate import agree, close_round, draw, export_workbooks, import_answers
from annotate.cli.main import app
from annotate.estimates.reliability import check_reliability
from annotate.rounds import rounds
from annotate.tasks.store_answers import store_answers
from annotate.tasks.task import TaskAnswers
from corpus import remove_coder, rename_coder
from corpus.annotation import Annotation, Assignment, Design, Outcome
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound
from corpus.integrity.check import check_study
from corpus.study import Study
from corpus.study import database as db
from corpus.study.counting import select_answers

run = CliRunner()
NOW = datetime.now(UTC)
LONG_AGO = (NOW - timedelta(days=3)).isoformat(timespec="seconds")
THIS_EVENING = (NOW - timedelta(hours=2)).isoformat(timespec="seconds")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = valley_in(tmp_path / "study")
    draw(made, "main", ["mira", "jon"], spans=3, design=Design(no_term=0))
    return made


def answer(study: Study, code: str, at: str, coder: str = "mira", only: int | None = None, memo: str = "") -> Any:
    """Store the coder's answers to all spans of the round, or to the one with this number, as a pull does."""
    given = rounds.assignments(study, "main", coder)

    def task(one: Assignment) -> TaskAnswers:
        codes = Annotation(one.span, "wording", (code,), coder, "1", "main", made_at=at, memo=memo)
        return TaskAnswers(Outcome("main", one.span, coder, "answered", at=at), [codes] if code else [])

    wanted = given if only is None else [given[only]]
    return store_answers(study, rounds.get_round(study, "main"), coder, [(one, task(one)) for one in wanted])


def codes(study: Study, coder: str = "mira") -> list[str]:
    frame = select_answers(study).frame
    return sorted(frame[(frame["coder"] == coder) & (frame["variable"] == "wording")]["code"])


def test_a_correction_on_the_same_evening_counts_and_one_days_later_does_not(study: Study) -> None:
    answer(study, "plain", THIS_EVENING)
    corrected = answer(study, "liberation", NOW.isoformat(), only=0)
    assert (corrected.changed, corrected.late) == (1, 0)
    assert codes(study) == ["liberation", "plain", "plain"]
    answer(study, "plain", LONG_AGO, "jon")
    late = answer(study, "liberation", NOW.isoformat(), "jon")
    assert (late.changed, late.late) == (3, 3)
    assert codes(study, "jon") == ["plain"] * 3
    kept = study.answer_changes()
    assert kept.query("coder == 'mira'")[["state", "code"]].values.tolist() == [["corrected", "plain"]]
    assert kept.query("coder == 'jon'")[["state", "code"]].values.tolist() == [["late", "liberation"]] * 3
    again = answer(study, "liberation", NOW.isoformat(), "jon")  # the same pull once more changes nothing
    assert (again.changed, again.late, again.unchanged) == (0, 0, 3) and len(study.answer_changes()) == 4
    assert set(study.assignments().query("coder == 'jon'")["at"]) == {LONG_AGO}  # when it was answered first


def test_agree_says_how_many_answers_were_changed_after_handing_in(study: Study) -> None:
    for coder in ("mira", "jon"):
        answer(study, "plain", LONG_AGO, coder)
    answer(study, "liberation", NOW.isoformat(), only=1)
    found = agree(study)
    assert found.left_out == {"changed after handing in": 1} and found.variables["wording"].percent == 1
    printed = run.invoke(app, ["agree", "--study", str(study.folder)])
    assert "1 answer changed after handing in; the first one counts" in printed.output
    assert check_reliability(study, ["wording"]).notes[-1] == "1 answer changed after handing in; the first one counts"
    answer(study, "plain", NOW.isoformat(), only=1)  # back to the first one
    assert agree(study).left_out == {} and len(study.answer_changes()) == 2


def test_an_answer_withdrawn_after_handing_in_still_counts(study: Study) -> None:
    answer(study, "plain", LONG_AGO)
    withdrawn = answer(study, "", NOW.isoformat(), only=2)
    assert (withdrawn.removed, withdrawn.late) == (0, 1) and codes(study) == ["plain"] * 3
    assert answer(study, "", NOW.isoformat(), only=2).late == 0
    assert study.answer_changes()["code"].tolist() == [""]
    assert select_answers(study).changed_late == 1


def test_an_answer_withdrawn_before_is_removed_and_kept_among_the_changes(study: Study) -> None:
    answer(study, "plain", THIS_EVENING)
    assert answer(study, "", NOW.isoformat(), only=2).removed == 1
    assert codes(study) == ["plain"] * 2
    assert study.answer_changes()[["state", "code"]].values.tolist() == [["corrected", "plain"]]


def test_a_round_is_closed_for_one_coder_or_for_all(study: Study) -> None:
    answer(study, "plain", THIS_EVENING, only=0)
    closed = close_round(study, "main", coder="mira")
    assert (closed.closed, closed.closed_before, closed.open) == (("mira",), (), 2)
    assert answer(study, "liberation", NOW.isoformat(), only=0).late == 1
    assert answer(study, "liberation", NOW.isoformat(), only=1).new == 1  # a first answer
    assert codes(study) == ["liberation", "plain"]
    answer(study, "plain", THIS_EVENING, "jon")
    assert answer(study, "liberation", NOW.isoformat(), "jon").late == 0
    printed = run.invoke(app, ["round", "close", "main", "--study", str(study.folder), "--json"])
    assert json.loads(printed.stdout) == {
        "round": "main", "closed": ["jon"], "closed_before": ["mira"], "open": 1
    }  # fmt: skip
    with pytest.raises(BadRound, match="ada has no assignments in main; its coders: jon, mira"):
        close_round(study, "main", coder="ada")
    assert [entry for entry in study.log()["command"] if entry == "round close"] == ["round close"] * 2


def test_a_memo_added_later_is_stored_and_the_answer_stays_the_first(study: Study) -> None:
    answer(study, "plain", LONG_AGO)
    assert answer(study, "plain", NOW.isoformat(), memo="hard to say").late == 0
    frame = study.annotations()
    assert set(frame["memo"]) == {"hard to say"} and set(frame["made_at"]) == {LONG_AGO}


def test_a_second_workbook_does_not_replace_the_first_of_a_closed_round(study: Study, tmp_path: Path) -> None:
    (file,) = [
        one.file for coder, one in export_workbooks(study, "main", tmp_path / "to").files.items() if coder == "mira"
    ]
    workbook = load_workbook(file)
    sheet = workbook["coding"] if "coding" in workbook.sheetnames else workbook.worksheets[0]
    heads = {
        str(cell.value).split("\n")[0]: cell.column for row in sheet.iter_rows(max_row=12) for cell in row if cell.value
    }
    first = next(row for row in range(1, 30) if str(sheet.cell(row, 1).value) == "1")
    for row in range(first, first + 3):
        sheet.cell(row, heads["wording"]).value = "plain"
    workbook.save(file)
    assert import_answers(study, file).new == 3
    close_round(study, "main")
    sheet.cell(first, heads["wording"]).value = "liberation"
    workbook.save(file)
    printed = run.invoke(app, ["import", str(file), "--study", str(study.folder)])
    assert "1 answer changed after handing in; the first one counts" in printed.output
    assert codes(study) == ["plain"] * 3


def test_rows_of_a_round_and_rows_without_one_follow_the_same_rule(study: Study) -> None:
    (one, *_) = rounds.assignments(study, "main", "mira")
    row = {"span": one.span, "variable": "wording", "coder": "mira"}
    add_annotations(study, [{**row, "code": "plain"}])
    close_round(study, "main")
    assert add_annotations(study, [{**row, "code": "liberation"}]).late == 1
    assert codes(study) == ["plain"]
    other = {**row, "coder": "ada"}  # who has no assignment
    add_annotations(study, [{**other, "code": "plain"}])
    replaced = add_annotations(study, [{**other, "code": "liberation"}])
    assert (replaced.changed, replaced.late) == (1, 0) and codes(study, "ada") == ["liberation"]
    assert rename_coder(study, "ada", "eva").renamed == 1
    assert study.answer_changes().query("coder == 'eva'")["code"].tolist() == ["plain"]


def test_changes_are_checked_and_go_with_their_coder(study: Study) -> None:
    answer(study, "plain", LONG_AGO)
    answer(study, "liberation", NOW.isoformat())
    assert check_study(study).whole
    with study.store.writing() as connection:
        connection.execute(db.answer_changes.update().values(code="plain"))
    assert not check_study(study).whole
    close_round(study, "main")
    assert remove_coder(study, "mira", yes=True).changes == 3
    assert not len(study.answer_changes())


def test_imported_answers_close_the_assignments_that_they_answer_whole(study: Study, tmp_path: Path) -> None:
    """Not those with an unanswered question, those of other coders, nor a span assigned in two rounds."""
    first, second, third = (one.span for one in rounds.assignments(study, "main", "mira"))

    def rows(span: str, *variables: str, **others: str) -> list[dict[str, str]]:
        code = {"wording": "plain", "seen": "quote"}
        return [{"span": span, "variable": v, "code": code[v], "coder": "mira", **others} for v in variables]

    file = tmp_path / "answers.jsonl"
    lines = [
        *rows(first, "wording", "seen"), *rows(second, "wording"), *rows(third, "wording", "seen", round="main"),
        *rows(first, "wording", "seen", coder="ada"),
    ]  # fmt: skip
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    printed = run.invoke(app, ["import", str(file), "--study", str(study.folder)])
    assert printed.exit_code == 0 and "2 open assignments answered by this import, and closed" in printed.output
    states = study.assignments().query("coder == 'mira'").set_index("span")["state"]
    assert states.isin(["answered"]).sum() == 2 and states[[first, third]].tolist() == ["answered"] * 2
    assert study.assignments().query("coder == 'jon'")["state"].isna().all()
    assert import_answers(study, file).closed == 0
    assert add_annotations(study, rows(second, "seen")).closed == 1
    assert check_study(study).whole


def test_an_answer_that_could_belong_to_two_rounds_closes_none(study: Study) -> None:
    answer(study, "plain", (NOW - timedelta(days=30)).isoformat())
    close_round(study, "main")
    draw(study, "again", ["mira"], spans=2, design=Design(again=14))
    (one, _) = rounds.assignments(study, "again", "mira")
    with study.store.writing() as connection:
        connection.execute(db.outcomes.delete())
    given = {"span": one.span, "coder": "mira"}
    codes = [{**given, "variable": "wording", "code": "plain"}, {**given, "variable": "seen", "code": "quote"}]
    assert add_annotations(study, codes).closed == 0
    assert add_annotations(study, [{**row, "round": "again"} for row in codes]).closed == 1
