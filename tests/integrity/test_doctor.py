"""`study check` says what it checked; `doctor` runs it with `codebook check` and `studio doctor`, and adds nothing."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import slantwise
from stores import BOOK, code, valley_in

from corpus import Study, check_codebook, check_study


def test_check_says_what_it_checked_with_counts(valley: Study) -> None:
    said = slantwise("study", "check", cwd=valley.folder)
    assert said.returncode == 0 and "nothing wrong was found" in said.stderr
    lines = {line.split("  ")[-1]: line.split()[1] for line in said.stdout.splitlines()}
    assert lines["texts against their digests"] == "3" and lines["codebook.yaml"] == "1"
    assert int(lines["pages and indexes of the database"]) > 50


def test_doctor_says_what_its_commands_say(valley: Study) -> None:
    said = json.loads(slantwise("doctor", "--json", cwd=valley.folder).stdout)
    book = check_codebook(valley.folder / "codebook.yaml").json()
    assert said == {"study": check_study(valley).json(), "codebook": book, "studio": {}}


def test_doctor_goes_on_after_a_finding(tmp_path: Path) -> None:
    valley = valley_in(tmp_path / "study")
    valley.close()
    (valley.folder / "study.db").unlink()
    (valley.folder / "codebook.yaml").write_text("name: [")
    said = slantwise("doctor", cwd=valley.folder)
    assert said.returncode == 3
    assert "study.db is missing" in said.stderr and "codebook: " in said.stderr
    (valley.folder / "study.toml").write_text("name = ")
    assert slantwise("doctor", cwd=valley.folder).returncode == 2


def test_settings_that_are_cut_off_are_found(tmp_path: Path) -> None:
    valley = valley_in(tmp_path / "study")
    settings = valley.folder / "study.toml"
    settings.write_text(settings.read_text().partition("[store]")[0])
    found = check_study(Study.open(valley.folder)).findings
    assert [f.what for f in found] == ["study.toml"] and "cut off" in found[0].means
    valley.close()


def test_a_codebook_of_another_study_is_found_and_a_renamed_one_is_not(tmp_path: Path) -> None:
    valley = valley_in(tmp_path / "study")
    code(valley, "took")
    file = valley.folder / "codebook.yaml"
    for text, wrong in (
        (BOOK.replace("name: valley", "name: ours").replace('"1"', '"2"'), []),
        (BOOK.replace("name: valley", "name: other").replace("Which", "What").replace("What did", "Who"), [1]),
    ):
        file.write_text(text)
        checked = check_study(Study.open(valley.folder))
        assert [1 for f in checked.findings if f.what == "codebook.yaml against the answers"] == wrong
    valley.close()
