"""Contradictory answers of one coder are all listed and none is stored; equal ones count once, in every way in."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import slantwise
from openpyxl import Workbook, load_workbook
from stores import study_in, valley_in, write

import annotate
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.sheets.columns import CODING
from annotate.sheets.workbook import export_workbooks
from annotate.studio.offline_files import export_label_studio, import_json_export
from annotate.tasks import queue
from annotate.tasks.interface import PASSAGE
from annotate.tasks.task import TaskAnswers, read_task
from corpus import Study
from corpus.annotations.record import RecordResult
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add

CASES = Path(__file__).parents[1] / "data" / "cases"
TONE = CASES / "11-two-answers-one-file"


@pytest.fixture
def valley(tmp_path: Path) -> Study:
    return valley_in(tmp_path / "valley")


@pytest.fixture
def tone(tmp_path: Path) -> Study:
    """The study of the case: twelve short articles and a codebook of one ordinal variable."""
    study = study_in(tmp_path / "tone", (TONE / "tone.yaml").read_text())
    assert add(study, [TONE / "texts"], outlet="Herald").refusals == []
    return study


def mentions(study: Study) -> list[str]:
    return [str(span) for span in study.spans().query("unit == 'mention'")["span"]]


def stored(study: Study, *columns: str) -> set[tuple[Any, ...]]:
    return set(study.annotations()[[*columns]].itertuples(index=False, name=None))


def test_the_contradiction_of_a_file_is_listed_with_both_places_and_exit_code_3(tone: Study) -> None:
    said = slantwise("import", TONE / "dup.jsonl", "--json", cwd=tone.folder)
    done = json.loads(said.stdout)
    assert said.returncode == 3
    assert {name: done[name] for name in ("read", "new", "changed", "unchanged")} == {
        "read": 3, "new": 1, "changed": 0, "unchanged": 0,
    }  # fmt: skip
    first, second = done["refused"]
    assert first["where"].endswith("dup.jsonl, line 1") and second["where"].endswith("dup.jsonl, line 2")
    assert first["why"].startswith(
        "jon answers tone of 02b02bfcb5cb-9f4a3448:sentence:17-47 with neg here and with pos ("
    )
    assert "dup.jsonl, line 2)" in first["why"] and "with pos here and with neg (" in second["why"]
    assert "none of them was stored: keep the right one and import again" in first["why"]
    assert stored(tone, "span", "code") == {("02b02bfcb5cb-9f4a3448:sentence:48-82", "pos")}
    assert slantwise("import", TONE / "dup.jsonl", cwd=tone.folder).stderr.splitlines()[-1] == (
        "3 read: 0 new, 0 changed, 1 unchanged, 2 refused"
    )


def as_lines(folder: Path, rows: list[dict[str, Any]]) -> Path:
    return write(folder, {"rows.jsonl": "\n".join(map(json.dumps, rows))}) / "rows.jsonl"


def as_list(folder: Path, rows: list[dict[str, Any]]) -> Path:
    return write(folder, {"rows.json": json.dumps(rows)}) / "rows.json"


def as_csv(folder: Path, rows: list[dict[str, Any]], separator: str = ",") -> Path:
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    table.writeheader()
    table.writerows(rows)
    return write(folder, {"rows.csv": text.getvalue()}) / "rows.csv"


def as_tsv(folder: Path, rows: list[dict[str, Any]]) -> Path:
    return as_csv(folder, rows, "\t").rename(folder / "rows.tsv")


def as_sheet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    book = Workbook()
    for row in ([*rows[0]], *([*row.values()] for row in rows)):
        book.active.append(row)
    book.save(folder / "rows.xlsx")
    return folder / "rows.xlsx"


def as_parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def as_frame(folder: Path, rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows)


WAYS = [as_lines, as_list, as_csv, as_tsv, as_sheet, as_parquet, as_frame]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_lists_contradictions_and_counts_equal_answers_once(valley: Study, way: Any) -> None:
    one, two = mentions(valley)[:2]
    rows = [
        {"span": span, "variable": "wording", "code": code, "coder": coder}
        for span, code, coder in [
            (one, "plain", "mira"), (two, "plain", "mira"), (one, "liberation", "mira"), (two, "plain", "mira"),
            (one, "liberation", "jon"),
        ]
    ]  # fmt: skip
    done = annotate.import_answers(valley, way(valley.folder, rows))
    assert (done.read, done.new, done.changed, done.unchanged) == (5, 2, 0, 1)
    assert ["plain here" in why or "liberation here" in why for _, why in done.refusals] == [True, True]
    assert [where[-1] for where, _ in done.refusals] == (["2", "4"] if way is as_sheet else ["1", "3"])
    assert stored(valley, "span", "code", "coder") == {(two, "plain", "mira"), (one, "liberation", "jon")}
    again = annotate.import_answers(valley, way(valley.folder, rows))
    assert (again.new, again.changed, again.unchanged, len(again.refusals)) == (0, 0, 3, 2)


def test_an_earlier_answer_stays_where_later_ones_contradict_each_other_and_a_later_file_corrects_it(
    valley: Study,
) -> None:
    row = {"span": mentions(valley)[0], "variable": "wording", "code": "plain", "coder": "mira"}
    assert add_annotations(valley, [row]).new == 1
    assert len(add_annotations(valley, [row, {**row, "code": "liberation"}]).refusals) == 2
    assert stored(valley, "code") == {("plain",)}
    assert add_annotations(valley, [{**row, "code": "liberation"}]).changed == 1
    assert stored(valley, "code") == {("liberation",)}


@pytest.mark.parametrize(
    ("more", "stored_rows", "refused"),
    [
        ({"arm": "assisted"}, 0, 2),
        ({"codebook_version": "0.9"}, 0, 2),
        ({"simulated": True}, 0, 2),
        ({"code": "irony|quote"}, 1, 0),  # the same codes in another order
        ({"coder": "mira\u200b"}, 1, 0),
        ({"memo": "why not"}, 1, 0),
        ({"made_at": "2025-01-01", "seconds": 3}, 1, 0),
        ({"round": "second"}, 2, 0),
    ],
)
def test_what_makes_two_answers_contradict_each_other(
    valley: Study, more: dict[str, Any], stored_rows: int, refused: int
) -> None:
    row = {"span": mentions(valley)[0], "variable": "seen", "code": "quote|irony", "coder": "mira", "memo": "hard"}
    for rows in ([row, row | more], [row | more, row]):
        done = add_annotations(valley, rows)
        assert (len(valley.annotations()), len(done.refusals), done.read) == (stored_rows, refused, 2)
    if "memo" in more:
        assert stored(valley, "memo") == {("hard; why not",)}


def test_a_refused_contradiction_leaves_no_span_behind_and_does_not_touch_other_rounds(valley: Study) -> None:
    spans = valley.spans()
    place = {"article": str(valley.articles()["article"].iloc[0]), "start": 0, "end": 4}
    row = {"span": place, "variable": "wording", "code": "plain", "coder": "mira"}
    done = add_annotations(valley, [row, row | {"code": "liberation"}, row | {"coder": "jon", "code": "nix"}])
    assert (done.total, len(done.refusals)) == (0, 3) and valley.spans().equals(spans)


def test_for_any_order_and_any_cut_into_imports_the_answers_and_the_balance_are_the_same(tmp_path: Path) -> None:
    chance = random.Random(7)
    base = valley_in(tmp_path / "base")
    spans = mentions(base)
    answers = {
        (span, variable, coder, round): chance.choice(codes)
        for span in spans
        for variable, codes in (("wording", ["plain", "liberation"]), ("seen", ["quote", "irony|number", "number"]))
        for coder in ("mira", "jon", "ana")
        for round in ("", "pilot")
    }
    rows = [{"span": s, "variable": v, "coder": c, "round": r, "code": code} for (s, v, c, r), code in answers.items()]
    rows += chance.choices(rows, k=15)  # equal answers
    rows += [{**row, "code": "nix"} for row in chance.choices(rows, k=5)]
    rows += [{"span": spans[0]}, {"coder": "x", "span": "took", "variable": "wording", "code": "plain"}]
    expected: tuple[Counter[str], set[tuple[Any, ...]], int] | None = None
    for attempt in range(25):
        study = Study.open(shutil.copytree(base.folder, tmp_path / str(attempt)))
        chance.shuffle(rows)
        cuts = sorted(chance.sample(range(1, len(rows)), chance.randrange(5)))
        counts: Counter[str] = Counter()
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            file = chance.choice([as_lines, as_list, as_parquet, as_frame])(study.folder, rows[start:end])
            done = annotate.import_answers(study, file)
            assert done.read == end - start == done.total + len(done.refusals)
            counts += Counter(new=done.new, changed=done.changed, unchanged=done.unchanged, refused=len(done.refusals))
        found = counts, stored(study, "span", "variable", "code", "coder", "round"), len(study.spans())
        expected = expected or found
        assert found == expected
        study.store.close()
    assert expected and expected[0] == Counter(new=len(answers), unchanged=15, refused=7)


# a round that comes back


@pytest.fixture
def drawn(valley: Study) -> Study:
    draw(valley, "pilot", ["mira", "jon"], spans=3)
    return valley


def workbook(study: Study, *rows: tuple[int, dict[str, Any]]) -> Path:
    """Fill mira's workbook: each row is given with the number of the row that was sent; a further one is a copy."""
    shutil.rmtree(study.folder / "sheets", ignore_errors=True)
    path = export_workbooks(study, "pilot", study.folder / "sheets").files["mira"].file
    made = load_workbook(path, rich_text=True)
    coding = made[CODING]
    at = {str(coding.cell(2, c).value).split("\n")[0]: c for c in range(1, coding.max_column + 1)}
    taken: set[int] = set()
    for number, cells in rows:
        row = number + 2 if number not in taken else coding.max_row + 1
        for column in range(1, 4):
            coding.cell(row, column).value = coding.cell(number + 2, column).value
        for name, value in cells.items():
            coding.cell(row, at[name]).value = value
        taken.add(number)
    made.save(path)
    return path


def test_rows_of_a_workbook_with_one_number_that_differ_are_all_refused(drawn: Study) -> None:
    wording = {"wording": "plain", "seen: quote": "x"}
    file = workbook(drawn, (1, wording), (2, wording), (1, wording | {"wording": "liberation"}))
    done = annotate.import_answers(drawn, file)
    assert (done.new, len(done.refusals)) == (2, 2)
    assert [where for where, _ in done.refusals] == ["pilot-mira.xlsx, row 3", "pilot-mira.xlsx, row 6"]
    assert done.refusals[0].why == (
        "number 1 is in several rows that contradict each other: wording plain, seen quote here, wording liberation, seen "
        "quote in row 6; none of them was imported: delete all but one"
    )
    assert slantwise("import", file, cwd=drawn.folder).returncode == 3


def test_a_row_of_a_workbook_that_was_copied_as_it_is_counts_once(drawn: Study) -> None:
    wording = {"wording": "plain", "seen: quote": "x"}
    done = annotate.import_answers(drawn, workbook(drawn, (1, wording), (1, wording | {"wording": " PLAIN"}), (1, {})))
    assert (done.new, done.unchanged, done.refusals) == (2, 2, [])


def test_a_second_workbook_of_a_coder_corrects_the_first_and_both_may_be_imported_again(drawn: Study) -> None:
    answered = {"wording": "plain", "seen: quote": "x"}
    first = workbook(drawn, (1, answered)).rename(drawn.folder / "home.xlsx")
    second = workbook(drawn, (1, answered | {"wording": "liberation"}), (2, answered))
    assert annotate.import_answers(drawn, first).new == 2
    done = annotate.import_answers(drawn, second)
    assert (done.new, done.changed, done.unchanged, done.refusals) == (2, 1, 1, [])


def result(name: str, *codes: str) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": PASSAGE, "type": "choices", "value": {"choices": [*codes]}}


def exported(study: Study, answers: dict[int, list[dict[str, Any]]], copies: bool = False) -> Path:
    """A JSON export of Label Studio with these answers by task, in one task or in copies of it."""
    export_label_studio(study, study.folder / "out", round="pilot")
    tasks = json.loads((study.folder / "out" / "pilot-mira.tasks.json").read_text())
    made = []
    for number, task in enumerate(tasks):
        given = answers.get(number, [])
        made += [{**task, "annotations": [one]} for one in given] if copies else [{**task, "annotations": given}]
    return write(study.folder, {"export.json": json.dumps(made)}) / "export.json"


def answer(id: int, wording: str, account: int = 4, **more: Any) -> dict[str, Any]:
    said = [result("wording", wording), result("seen", "quote")]
    return {"id": id, "completed_by": account, "updated_at": f"2026-01-0{id}", "result": said, **more}


@pytest.mark.parametrize("copies", [False, True])
def test_two_annotations_by_one_account_that_differ_are_listed_with_both_answers(drawn: Study, copies: bool) -> None:
    file = exported(drawn, {0: [answer(1, "plain"), answer(2, "liberation")], 1: [answer(3, "plain")]}, copies)
    done = import_json_export(drawn, file)
    assert (done.new, done.answered) == (2, 1)
    ((where, why),) = done.refusals
    assert where == f"pilot, mira, {rounds.assignments(drawn, 'pilot', 'mira')[0].span}"
    assert why == (
        "the coder has 2 answers that contradict each other (annotation 1 by account 4 of 2026-01-01: wording plain, seen "
        "quote; annotation 2 by account 4 of 2026-01-02: wording liberation, seen quote); none of them was imported: "
        "delete all but one and import again"
    )
    assert slantwise("import", file, cwd=drawn.folder).returncode == 3


def test_two_accounts_of_one_coder_are_read_as_one_account(drawn: Study) -> None:
    (assignment, *_) = rounds.assignments(drawn, "pilot", "mira")
    (task, *_) = queue.make_tasks(drawn, rounds.get_round(drawn, "pilot"), [assignment])
    (passage,) = queue.show_passages(drawn, [assignment.span], "unit").values()

    def read(*answers: dict[str, Any]) -> TaskAnswers:
        return read_task({**task, "annotations": [*answers]}, passage, assignment, drawn.codebook, {4, 5})

    same = read(answer(1, "plain", 4), answer(2, "plain", 5))
    assert (same.times, same.faults, [one.code for one in same.given]) == (2, [], ["plain", "quote"])
    differing = read(answer(1, "plain", 4), answer(2, "liberation", 5), answer(3, "plain", 6))
    assert not differing.trusted and differing.given == []
    assert differing.faults[0] == "answered by another account (6); the answer was not imported"
    assert "annotation 1 by account 4 of 2026-01-01: wording plain" in differing.faults[1]


def test_equal_annotations_count_once_and_a_skip_beside_an_answer_is_a_contradiction(drawn: Study) -> None:
    skipped = {"was_cancelled": True, "result": []}
    file = exported(
        drawn, {0: [answer(1, "plain"), answer(2, "plain")], 1: [answer(3, "plain"), answer(4, "", **skipped)]}
    )
    done = import_json_export(drawn, file)
    assert (done.new, done.unchanged, done.answered, len(done.refusals)) == (2, 2, 1, 1)
    assert "annotation 4 by account 4 of 2026-01-04: skipped" in done.refusals[0].why


def test_contradictory_annotations_leave_an_earlier_answer_as_it_is(drawn: Study) -> None:
    assert import_json_export(drawn, exported(drawn, {0: [answer(1, "plain")]})).new == 2
    done = import_json_export(drawn, exported(drawn, {0: [answer(1, "plain"), answer(2, "liberation")]}))
    assert (done.removed, done.deleted, len(done.refusals)) == (0, 0, 1)
    assert stored(drawn, "variable", "code") == {("wording", "plain"), ("seen", "quote")}


def test_the_result_says_what_became_of_all_that_was_read() -> None:
    assert RecordResult(new=2, unchanged=1).balance == "3 read: 2 new, 0 changed, 1 unchanged, 0 refused"
