"""`study check` says what it checked; `doctor` runs it with `codebook check` and `studio doctor`, and adds nothing."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import slantwise
from stores import valley_in

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
