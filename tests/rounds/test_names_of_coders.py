"""Names that cannot name files, folders and accounts are refused wherever coders get their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import slantwise
from stores import valley_in

from annotate import push_disputed
from annotate.rounds.draw import draw
from annotate.rounds.rounds import coder_names
from annotate.sheets.workbook import export_workbooks
from annotate.tasks.queue import file_names
from corpus import Study, add_annotations, rename_coder
from corpus.errors import BadRound

BAD = ["a/b", "../x", "..", ".hidden", "a\\b", "mira\x00", "mi\x1b[31mra", "a\nb", "\u202eollev", "mira\u2066", "x" * 300,
       "汉" * 70, "CON", "con.txt", "Lpt1", "NUL "]  # fmt: skip
GOOD = ["mira", "Ann Lee", "mira@uni.example", "Иван", "李", "o’brien", "a.b-c_d", "7", "Concordia", "=x", "\u200bmara"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return valley_in(tmp_path / "valley")


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_names_no_file_is_refused_with_what_to_do(study: Study, name: str) -> None:
    with pytest.raises(BadRound, match=r"cannot name a coder: .*; use up to 80 letters"):
        draw(study, "pilot", ["jon", name], spans=2)
    with pytest.raises(BadRound, match="cannot name a coder"):
        coder_names([name])
    span = study.eligible()["span"].iloc[0]
    answer = {"span": span, "variable": "wording", "code": "plain"}
    done = add_annotations(study, [answer | {"coder": name}, answer | {"coder": "jon"}])
    assert [why for _, why in done.refusals if "cannot name a coder" in why] and done.new == 1
    with pytest.raises(BadRound, match="cannot name a coder"):
        rename_coder(study, "jon", name)
    with pytest.raises(BadRound, match="cannot name a coder"):
        push_disputed(study, "pilot", adjudicator=name)
    assert not [file for file in study.folder.rglob("*") if "hidden" in file.name]


@pytest.mark.parametrize("name", GOOD)
def test_ordinary_names_of_all_scripts_are_taken(study: Study, tmp_path: Path, name: str) -> None:
    draw(study, "pilot", [name], spans=2)
    (written,) = export_workbooks(study, "pilot", tmp_path / "sheets").files.values()
    assert written.file.parent == tmp_path / "sheets" and written.rows == 2


def test_files_of_coders_are_told_apart_by_every_file_system() -> None:
    names = file_names("pilot", ["Ann/Lee", "ann_lee", "ANN LEE", "汉" * 80], ".xlsx")  # drawn by an earlier version
    assert len({name.casefold() for name in names.values()}) == 4
    assert all(len(name.encode()) < 255 and "/" not in name for name in names.values())


def test_the_command_line_says_it_without_writing_the_characters(study: Study) -> None:
    done = slantwise("round", "draw", "pilot", "--coders", "mira,\u202eollev", "--spans", "2", cwd=study.folder)
    assert done.returncode == 2 and "cannot name a coder" in " ".join(done.stderr.split())
    assert "\u202e" not in done.stdout + done.stderr
