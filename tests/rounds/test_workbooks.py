"""Coding in a spreadsheet: a workbook for each coder goes out, is filled in, and comes back with nothing lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import slantwise
from conftest import needs
from openpyxl import load_workbook
from stores import study_in, valley_in

from annotate.rounds import rounds, shown_suggestions
from annotate.rounds.draw import draw
from annotate.sheets.columns import CODEBOOK, CODING, LISTS, MAX_CHARACTERS, ORIGIN
from annotate.sheets.read_workbook import import_workbook
from annotate.sheets.workbook import export_workbooks
from corpus import Study
from corpus.annotation import Design
from corpus.errors import BadFile, BadRound
from corpus.study import database as db

HELPERS = Path(__file__).parents[1] / "helpers"
TEXTS = {
    "a.txt": "=1+1 falls\n\n=SUM(1) they took Velo 👨‍👩‍👧 & <b>liberated</b> Karsk.",
    "b.txt": "Rain\n\n" + "Long before that. " * 200 + "They took Ardun." + " Long after that." * 200,
}
CODES = {"mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "direct", "speaker": "third"}


@pytest.fixture(scope="module")
def drawn_folder(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study with a round of five spans for mira and jon."""
    folder = Path(shutil.copytree(example_folder, tmp_path_factory.mktemp("sheets") / "study"))
    study = Study.open(folder)
    draw(study, "pilot", ["mira", "jon"], spans=5)
    study.store.close()
    return folder


@pytest.fixture
def drawn_study(drawn_folder: Path, tmp_path: Path) -> Study:
    return Study.open(shutil.copytree(drawn_folder, tmp_path / "study"))


@pytest.fixture
def valley_of_formulas(tmp_path: Path) -> Study:
    """Articles that a spreadsheet may take for formulas."""
    return valley_in(tmp_path / "valley", texts=TEXTS)


def exported(study: Study, name: str = "pilot", **more: Any) -> Path:
    """Draw a round for two coders and return mira's workbook."""
    if name not in rounds.list_rounds(study).names:
        draw(study, name, ["mira", "jon"], **more)
    return export_workbooks(study, name, study.folder / "sheets").files["mira"].file


def filled(path: Path, *rows: dict[str, Any], first: int = 3) -> Path:
    """Fill the rows from the first on, by the columns' names; None leaves a cell as it is."""
    made = load_workbook(path, rich_text=True)
    coding = made[CODING]
    at = {str(coding.cell(2, c).value).split("\n")[0]: c for c in range(1, coding.max_column + 1)}
    for number, row in enumerate(rows, first):
        for name, value in row.items():
            coding.cell(number, at[name]).value = value
    made.save(path)
    return path


def answers(study: Study, round: str = "pilot") -> list[tuple[str, ...]]:
    frame = study.annotations().query("round == @round")
    return sorted(frame[["span", "variable", "code", "coder", "arm"]].itertuples(index=False, name=None))


def outcomes(study: Study) -> dict[str, tuple[str, str, str]]:
    with study.store.reading() as connection:
        return {row.span: (row.state, row.reason, row.memo) for row in connection.execute(db.outcomes.select())}


def queue(study: Study, name: str = "pilot") -> list[str]:
    return [one.span for one in rounds.assignments(study, name, "mira")]


def test_a_workbook_shows_passages_with_the_unit_in_bold_and_neither_outlet_nor_date(drawn_study: Study) -> None:
    path = exported(drawn_study)
    made = load_workbook(path, rich_text=True)
    coding = made[CODING]
    texts = dict(drawn_study.spans()[["span", "text"]].itertuples(index=False))
    for row, span in enumerate(queue(drawn_study), 3):
        bold = [str(block) for block in coding.cell(row, 3).value if getattr(block, "font", None) and block.font.b]
        assert bold == [texts[span]]
    said = " ".join(str(cell.value) for page in made for row in page.iter_rows() for cell in row if cell.value)
    assert not any(outlet in said for outlet in set(drawn_study.articles()["outlet"]))
    assert [page.sheet_state for page in made] == ["visible", "visible", "hidden", "hidden"]
    assert coding.freeze_panes == "D3"


def test_each_variable_has_a_list_of_its_codes_and_each_code_its_definition(drawn_study: Study) -> None:
    made = load_workbook(exported(drawn_study))
    lists = {str(one.sqref): one.formula1 for one in made[CODING].data_validations.dataValidation}
    assert lists["F3:F7"] == f"'{LISTS}'!$E$2:$E$7"
    offered = [row[0].value for row in made[LISTS]["E2:E7"]]
    wording = drawn_study.codebook.by_name["wording"]
    assert offered == list(wording.code_names)
    definitions = {row[1].value: row[2].value for row in made[CODEBOOK].iter_rows()}
    assert all(" ".join(code.definition.split()) == definitions[code.name] for code in wording.codes)
    gainers = [row[0].value for row in made[LISTS]["C2:C4"]]
    assert gainers == ["Orsenia", "Talvia", "unclear"]  # the sides as the study names them


def test_what_a_coder_fills_in_comes_back_once_and_edits_replace(drawn_study: Study) -> None:
    path = exported(drawn_study)
    spans = queue(drawn_study)
    filled(
        path,
        CODES | {"gainer": "Orsenia", "memo": "clear"},
        {"mention": "none"},
        {"skip": "not readable", "memo": "cut"},
    )
    done = import_workbook(drawn_study, path)
    counts = (done.new, done.changed, done.unchanged, done.removed, done.answered, done.skipped, done.waiting)
    assert (counts, done.refusals) == ((6, 0, 0, 0, 2, 1, 2), [])
    assert answers(drawn_study) == sorted(
        [(spans[0], name, code, "mira", "blind") for name, code in CODES.items()]
        + [(spans[1], "mention", "none", "mira", "blind")]
    )
    assert outcomes(drawn_study) == {
        spans[0]: ("answered", "", "clear"),
        spans[1]: ("answered", "", ""),
        spans[2]: ("skipped", "not-readable", "cut"),
    }
    before = drawn_study.annotations()
    again = import_workbook(drawn_study, path)
    assert (again.new, again.changed, again.unchanged, again.removed, again.refusals) == (0, 0, 6, 0, [])
    assert drawn_study.annotations().equals(before)
    changed = dict.fromkeys(CODES) | {"mention": "none"}
    done = import_workbook(
        drawn_study,
        filled(path, changed, {"mention": "state", "gainer": "Talvia", "wording": "plain", "attribution": "outlet"}),
    )
    assert (done.new, done.changed, done.unchanged, done.removed, done.refusals) == (3, 2, 0, 4, [])
    assert answers(drawn_study)[0][1] in ("mention", "attribution") and len(answers(drawn_study)) == 5


def test_rows_may_be_sorted_or_deleted_and_an_emptied_one_keeps_what_was_answered(drawn_study: Study) -> None:
    path = exported(drawn_study)
    spans = queue(drawn_study)
    import_workbook(drawn_study, filled(path, {"mention": "none"}, {"mention": "none"}))
    made = load_workbook(path, rich_text=True)
    coding = made[CODING]
    coding.delete_rows(4)  # number 2
    coding.move_range("A3:I3", rows=6)  # number 1, now at the end
    coding["D9"].value = None
    coding["D4"].value = "none"  # number 3
    coding.move_range("A4:I4", rows=3)
    made.save(path)
    done = import_workbook(drawn_study, path)
    assert (done.new, done.unchanged, done.removed, done.waiting) == (1, 0, 0, 2)
    assert [said[:2] for said in answers(drawn_study)] == sorted((span, "mention") for span in spans[:3])
    ((where, why),) = done.refusals
    assert where == "pilot-mira.xlsx, rows 9" and why.startswith(
        "answered earlier but empty now; the earlier answers are kept"
    )


@pytest.mark.parametrize(
    ("row", "why", "stored"),
    [
        ({"mention": "chnage"}, "D3 (mention): 'chnage' is not a code; the nearest is 'change'", 0),
        ({"mention": "=1+1"}, "D3 (mention): found a formula; choose a code from the list", 0),
        ({"mention": "none", "wording": "plain"}, "F3 (wording): not asked after the other answers; it was not imported", 1),
        ({"mention": "change"}, "E3 (gainer): no answer; the others were imported", 1),
        ({"wording": "plain"}, "D3 (mention): no answer; the others were imported", 0),
        ({"skip": "bored"}, "I3 (skip): 'bored' is not a code; expected one of unclear, distressing, not readable", 0),
        ({"skip": "unclear", "mention": "none"}, "I3: the row is skipped, so its answers were not imported", 0),
        ({"passage": "another", "mention": "none"}, "its passage differs from the one that was sent; the row was not imported", 0),
        ({"no.": 77, "mention": "none"}, "'77' is not the number of a row that was sent; the row was not imported", 0),
        ({"no.": 2, "mention": "none"}, "", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_listed_by_its_cell(
    drawn_study: Study, row: dict[str, Any], why: str, stored: int
) -> None:
    path = exported(drawn_study)
    if row.get("no.") == 2:  # which has another passage
        why = "its passage differs from the one that was sent; the row was not imported"
        stored = 0
    done = import_workbook(drawn_study, filled(path, row))
    assert [said for _, said in done.refusals][:1] == [why]
    assert done.refusals[0].where == "pilot-mira.xlsx, row 3"
    assert len(answers(drawn_study)) == stored


def test_a_wrong_code_does_not_take_an_earlier_answer_away(drawn_study: Study) -> None:
    path = exported(drawn_study)
    import_workbook(drawn_study, filled(path, {"mention": "none"}))
    done = import_workbook(drawn_study, filled(path, {"mention": "nobe"}))
    assert [said[2] for said in answers(drawn_study)] == ["none"] and len(done.refusals) == 1


def test_of_several_codes_each_has_a_column_to_tick_and_formulas_in_texts_stay_text(valley_of_formulas: Study) -> None:
    path = exported(valley_of_formulas)
    coding = load_workbook(path)[CODING]
    heads = [str(cell.value).split("\n")[0] for cell in coding[2]]
    assert heads[3:7] == ["wording", "seen: quote", "seen: irony", "seen: number"]
    first = next(row for row in coding.iter_rows(min_row=3) if "SUM" in str(row[2].value))
    assert [(cell.data_type, str(cell.value)[:7]) for cell in first[1:3]] == [("n", "None"), ("s", "=SUM(1)")]
    long = next(row[2].value for row in coding.iter_rows(min_row=3) if "Ardun" in row[2].value)
    assert long.startswith("… ") and long.endswith(" …") and len(long) < 2 * MAX_CHARACTERS + 20
    done = import_workbook(
        valley_of_formulas, filled(path, {"wording": "plain", "seen: quote": "x", "seen: number": "X"})
    )
    assert done.refusals == []
    assert [said[1:3] for said in answers(valley_of_formulas)] == [("seen", "quote|number"), ("wording", "plain")]


def test_only_assisted_rows_show_a_suggestion_and_an_untouched_one_is_no_answer(drawn_study: Study) -> None:
    spans = drawn_study.spans().query("unit == 'mention'")["span"]
    rest = {"none": 0.1, "change": 0.9}
    with drawn_study.store.writing() as connection:
        db.put(connection, db.suggestions, [
            {"span": span, "variable": "mention", "model": "m", "fold": "", "probabilities": json.dumps(rest)} for span in spans
        ])  # fmt: skip
        db.set_meta(connection, "model", "m")
    path = exported(drawn_study, "helped", spans=8, design=Design(assisted=0.25))
    coding = load_workbook(path)[CODING]
    arms = {one.span: one.arm for one in rounds.assignments(drawn_study, "helped", "mira")}
    shown = dict(zip(queue(drawn_study, "helped"), (row[3].value for row in coding.iter_rows(min_row=3)), strict=True))
    # the attribution by rule is a suggestion too
    ruled = shown_suggestions.suggestions_by_rule(drawn_study, list(arms))
    assert shown == {
        span: f"mention: change\nattribution: {ruled[span].code}" if arm == "assisted" else None
        for span, arm in arms.items()
    }
    assert import_workbook(drawn_study, path).waiting == 8 and answers(drawn_study, "helped") == []
    import_workbook(drawn_study, filled(path, *[{"mention": "none"}] * 8))
    assert {span: arm for span, _, _, _, arm in answers(drawn_study, "helped")} == arms


def test_a_workbook_of_another_study_round_or_codebook_is_refused_whole(drawn_study: Study, tmp_path: Path) -> None:
    path = exported(drawn_study)
    book = drawn_study.folder / "codebook.yaml"
    book.write_text(book.read_text().replace('version: "2.2.0"', 'version: "3"'))
    with pytest.raises(BadRound, match=r"made for codebook territorial-control 2\.2\.0, but the study now has .* 3"):
        import_workbook(Study.open(drawn_study.folder), path)
    with pytest.raises(BadRound, match="was drawn for codebook version"):
        exported(Study.open(drawn_study.folder))
    bare = study_in(tmp_path / "bare")
    with pytest.raises(BadRound, match="there is no round 'pilot'"):
        import_workbook(bare, path)
    for content, why in (
        (b"PK\x03\x04 nonsense", "cannot be read as a workbook"),
        (b"", "cannot be read as a workbook"),
    ):
        (tmp_path / "x.xlsx").write_bytes(content)
        with pytest.raises(BadFile, match=why):
            import_workbook(bare, tmp_path / "x.xlsx")
    made = load_workbook(path)
    del made[ORIGIN]
    made.save(tmp_path / "y.xlsx")
    with pytest.raises(BadFile, match="has no sheet 'slantwise'"):
        import_workbook(bare, tmp_path / "y.xlsx")


def test_a_round_in_which_coders_mark_spans_needs_a_server(valley_of_formulas: Study) -> None:
    with pytest.raises(BadRound, match="which a spreadsheet cannot do: slantwise studio push missed"):
        exported(valley_of_formulas, "missed", design=Design(layout="highlight"))


def test_the_command_line_writes_workbooks_once_and_reads_them_with_exit_codes(
    drawn_folder: Path, tmp_path: Path
) -> None:
    study = shutil.copytree(drawn_folder, tmp_path / "study")
    done = slantwise("round", "export", "pilot", "out", "--format", "xlsx", "--json", cwd=study)
    assert json.loads(done.stdout)["files"]["jon"] == {"file": "out/pilot-jon.xlsx", "rows": 5}
    assert slantwise("round", "export", "pilot", "out", cwd=study).returncode == 2  # they may hold answers
    path = filled(study / "out" / "pilot-mira.xlsx", {"mention": "none"}, {"mention": "nix"})
    part = slantwise("import", path, "--json", cwd=study)
    assert (part.returncode, json.loads(part.stdout)["new"]) == (3, 1)
    assert "D4 (mention): 'nix' is not a code" in part.stderr
    (study / "out" / "z.xlsx").write_bytes(b"PK\x03\x04")
    assert slantwise("import", "out/z.xlsx", cwd=study).returncode == 2


def test_a_workbook_is_filled_in_libreoffice_and_its_answers_come_back(drawn_study: Study, tmp_path: Path) -> None:
    """Its drop-downs are used there."""
    if (
        not shutil.which("soffice")
        or subprocess.run(["/usr/bin/python3", "-c", "import uno"], capture_output=True).returncode
    ):
        needs(
            "LibreOffice is not installed; on Debian: apt-get install --no-install-recommends libreoffice-calc python3-uno"
        )
    path = exported(drawn_study)
    choose = {"D3": "change", "E3": "Orsenia", "F3": "liberation", "G3": "direct", "H3": "third", "D4": "none", "I5": "distressing", "J5": "=no"}  # fmt: skip
    done = subprocess.run(
        ["/usr/bin/python3", HELPERS / "libreoffice_fill.py", path, tmp_path / "profile"],
        input=json.dumps(choose), capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    validated = [cell for cell in choose if cell != "J5"]
    assert said["sheets"] == {"Coding": True, "Codebook": True, "slantwise": False, "slantwise-lists": False}
    assert said["drop_downs"] == [True] * 7 and said["refused"] == validated and said["invalid"] is False
    assert said["offered"]["F3"] == list(drawn_study.codebook.by_name["wording"].code_names)
    texts = dict(drawn_study.spans()[["span", "text"]].itertuples(index=False))
    assert [words for words, bold in said["passage"] if bold] == [texts[queue(drawn_study)[0]]]
    kept = load_workbook(path)[CODING].data_validations.dataValidation
    assert {one.type for one in kept} == {"list"} and len(kept) >= 6
    taken = import_workbook(drawn_study, path)
    assert taken.refusals == []
    spans = queue(drawn_study)
    assert answers(drawn_study) == sorted(
        [(spans[0], name, code, "mira", "blind") for name, code in CODES.items()]
        + [(spans[1], "mention", "none", "mira", "blind")]
    )
    assert outcomes(drawn_study)[spans[2]] == ("skipped", "distressing", "=no")
