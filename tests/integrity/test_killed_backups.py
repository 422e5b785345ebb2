"""A killed backup or restore leaves nothing behind for good; a store is not copied onto itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stores import valley_in

from corpus import backup_study, copy_study, restore_study
from corpus.errors import BadStudy

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from corpus import Study, backup_study, restore_study
from corpus.integrity import backup
setattr(backup, sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
if sys.argv[1] == "_name_new":
    backup_study(Study.open(sys.argv[2]), sys.argv[3])
restore_study(sys.argv[2], sys.argv[3])
"""


def test_what_a_killed_command_left_goes_with_the_next(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    kept, again = tmp_path / "there" / "a.backup", tmp_path / "there" / "again"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for step, source, target, verb in (
        ("_name_new", study.folder, kept, backup_study),
        ("_place", kept, again, restore_study),
    ):
        killed = subprocess.run([sys.executable, "-c", KILLED, step, str(source), str(target)], env=environment)
        assert killed.returncode == -9 and not target.exists() and len(list(kept.parent.glob(".*.part"))) == 1
        os.utime(next(kept.parent.glob(".*.part")), (1, 1))
        verb(study if verb is backup_study else source, target)
        assert target.exists() and not list(kept.parent.glob(".*"))
    study.close()


def test_a_file_is_not_copied_onto_itself(tmp_path: Path) -> None:
    study = valley_in(tmp_path / "study")
    (tmp_path / "link.db").symlink_to(study.folder / "study.db")
    with pytest.raises(BadStudy, match="already"):
        copy_study(study, f"sqlite:///{tmp_path}/link.db")
    assert len(study.articles()) == 3
    study.close()
