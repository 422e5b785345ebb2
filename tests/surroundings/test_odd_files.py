"""What is not a file, or claims to be larger than the disk, is refused at once; so are folders that cannot be opened."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, slantwise
from surroundings import give, no_fault_of_ours

from corpus import Study

COMMANDS = {
    "add": ("add", "{}", "--outlet", "Herald"),
    "add --manifest": ("add", "good.txt", "--manifest", "{}"),
    "import": ("import", "{}"),
    "events import": ("events", "import", "{}"),
    "codebook check": ("codebook", "check", "{}"),
    "init --codebook": ("init", "new", "--codebook", "{}"),
    "codebook diff": ("codebook", "diff", "lexical-bias", "{}"),
    "study restore": ("study", "restore", "{}", "again"),
    "benchmark babe": ("benchmark", "babe", "{}"),
    "init --from": ("init", "new", "--from", "babe", "{}"),
}


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, str]:
    """A device, a pipe, a socket and a file of a terabyte that has no bytes on the disk."""
    folder = tmp_path / "odd"
    folder.mkdir()
    os.mkfifo(folder / "pipe.csv")
    with (folder / "huge.jsonl").open("wb") as file:
        file.write(b'{"text": "Velo fell."}\n')
        file.truncate(10**12)
    here = Path.cwd()
    os.chdir(folder)  # a socket's path may have few letters
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.txt")
    os.chdir(here)
    return {"device": "/dev/zero", **{name: str(folder / name) for name in ("pipe.csv", "socket.txt", "huge.jsonl")}}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_is_refused_at_once(empty_study: Study, odd: dict[str, str], command: str) -> None:
    (empty_study.folder / "good.txt").write_text("Velo fell.", encoding="utf-8")
    for path in odd.values():
        started = time.monotonic()
        said = slantwise(*(word.replace("{}", path) for word in COMMANDS[command]), cwd=empty_study.folder)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert any(
            words in said.stderr
            for words in (
                "not a file but a device",
                "missing on the disk",
                "bytes; expected at most",
                "there is no codebook",
                "binary file",
            )
        ), said.stderr
        assert time.monotonic() - started < 5


def test_unreadable_folders_and_files_are_listed_and_end_with_3(empty_study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "closed").mkdir(parents=True)
    (folder / "blind").mkdir()
    for name in ("a.txt", "b.txt", "closed/c.txt", "blind/d.txt"):
        (folder / name).write_text(f"Velo fell on the day of {name}. Its council fled.", encoding="utf-8")
    empty_study.store.close()
    for name, mode in (("b.txt", 0), ("closed", 0), ("blind", 0o444)):
        (folder / name).chmod(mode)
    (said,) = give(("add", folder, "--outlet", "Herald", "--json"), cwd=empty_study.folder, rights=False)
    for name in ("closed", "blind"):
        (folder / name).chmod(0o755)
    assert said.returncode == 3, said.stderr
    found = json.loads(said.stdout)
    assert found["new"] == 1
    assert sorted(Path(row["where"]).name for row in found["refused"]) == ["b.txt", "blind", "closed"]


def test_links_that_lead_out_of_the_folder_are_refused_and_read_only_by_their_own_name(
    empty_study: Study, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "in", tmp_path / "outside"
    for one in (folder, outside):
        one.mkdir()
    (folder / "a.txt").write_text("Velo fell. Its council fled.", encoding="utf-8")
    (outside / "secret.txt").write_text("Karsk held out for a week.", encoding="utf-8")
    (folder / "file.txt").symlink_to(outside / "secret.txt")
    (folder / "folder").symlink_to(outside)
    (folder / "self").symlink_to(folder)
    (folder / "circle.txt").symlink_to("circle.txt")
    said = slantwise("add", folder, "--outlet", "Herald", "--json", cwd=empty_study.folder)
    found = json.loads(said.stdout)
    assert said.returncode == 3 and found["new"] == 1
    assert sorted(Path(row["where"]).name for row in found["refused"]) == ["circle.txt", "file.txt", "folder"]
    assert sum("leads out of the folder" in row["why"] for row in found["refused"]) == 2
    said = slantwise("add", folder / "file.txt", "--outlet", "Herald", cwd=empty_study.folder)
    assert said.returncode == 0 and "1 new" in said.stderr


def test_a_folder_that_was_deleted_meanwhile_is_named(tmp_path: Path) -> None:
    (gone := tmp_path / "gone").mkdir()
    said = subprocess.run(
        ["bash", "-c", f"rmdir ../gone; {sys.executable} -P -m annotate.cli.main status"],
        cwd=gone, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 2
    assert said.stderr == "slantwise: the folder that you are in was deleted; change into another one\n"
