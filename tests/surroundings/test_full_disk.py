"""Where there is no room left a command says so, stores nothing by halves, and works again when there is room."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from command_line import ROOT
from surroundings import give, no_fault_of_ours

from annotate.cli.shared.failures import write_log
from corpus.study import files

ROOMY, FULL = None, 40_000  # bytes of the largest file: enough to open the store, and little more


def state(folder: Path) -> tuple[list[str], str]:
    """The files of a study, and what it contains."""
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    (said,) = give(("status", "--json"), cwd=folder)
    return [name for name in names if not name.endswith(("-wal", "-shm"))], said.stdout


def test_without_room_a_command_says_so_and_leaves_nothing_by_halves(example_copy: Path, tmp_path: Path) -> None:
    texts, answers, out = tmp_path / "texts", tmp_path / "answers.jsonl", tmp_path / "out"
    texts.mkdir()
    for n in range(30):
        (texts / f"{n}.txt").write_text(f"Velo fell on day {n}. Its council fled to Karsk. " * 30, encoding="utf-8")
    give(
        ("export", tmp_path / "before"),
        ("round", "draw", "one", "--coders", "mira,jon", "--spans", "40"),
        cwd=example_copy,
    )
    rows = (tmp_path / "before" / "annotations.jsonl").read_text(encoding="utf-8")
    answers.write_text(rows.replace('"coder": "authors"', '"coder": "mara"'), encoding="utf-8")
    commands = (
        ("add", texts, "--outlet", "Herald"), ("import", answers), ("report",), ("agree", "--page"),
        ("report", "--output", out / "report.html"), ("export", out / "jsonl"), ("export", out / "csv", "--format", "csv"),
        ("export", out / "datasets", "--format", "datasets"),
        ("round", "export", "one", out / "sheets"), ("init", out / "new", "--example"),
    )  # fmt: skip
    before = state(example_copy)
    for command, said in zip(commands, give(*commands, cwd=example_copy, largest=FULL), strict=True):
        last = said.stderr.splitlines()[-1]
        assert said.returncode == 2 and no_fault_of_ours(said), (command, said.stderr)
        assert "room" in last and last.startswith("slantwise: "), (command, said.stderr)
    assert state(example_copy) == before
    left = [path for path in out.rglob("*") if path.is_file() and path.parent.name != "new"]
    assert [path for path in left if path.suffix in (".part", ".html", ".xlsx", ".arrow", ".parquet")] == []
    for command, said in zip(commands, give(*commands, cwd=example_copy, largest=ROOMY), strict=True):
        assert said.returncode in (0, 3) and no_fault_of_ours(said), (command, said.stderr)
    assert '"articles": 80' in state(example_copy)[1]


ON_A_SMALL_DISK = """
set -e
mount -t tmpfs -o size=20m tmpfs "$0"
cp -r "$1" "$0/study"
cd "$0/study"
head -c 40m /dev/zero > "$0/filler" 2> /dev/null || true
shift
exec "$@"
"""


def test_a_study_on_a_full_disk_can_be_read(example_copy: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    text = tmp_path / "a.txt"
    text.write_text("Velo fell. Its council fled.", encoding="utf-8")

    def on_disk(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "annotate.cli.main", *map(str, words)]
        return subprocess.run(
            [
                "unshare",
                "--mount",
                "--map-root-user",
                "sh",
                "-c",
                ON_A_SMALL_DISK,
                str(disk),
                str(example_copy),
                *command,
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
        )

    if not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "--map-root-user", "true"]).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    said = on_disk("status", "--json")
    assert said.returncode == 0 and '"articles": 50' in said.stdout, said.stderr
    for words in (("add", text, "--outlet", "X"), ("feeds", "add", "http://herald.example/f", "--outlet", "X")):
        said = on_disk(*words)
        assert said.returncode == 2 and "there is no room left on the disk" in said.stderr, said.stderr
    said = on_disk("report")
    assert said.returncode == 2 and "there is no room left" in said.stderr, said.stderr


def test_what_a_killed_command_left_half_written_is_deleted_when_it_is_old(tmp_path: Path) -> None:
    """But nothing that another command may still be writing, and nothing that is not ours."""
    folder = tmp_path / "reports"
    folder.mkdir()
    old, new, theirs, ahead = (
        folder / name for name in (".a.html.77.part", ".b.html.78.part", "c.part", ".d.html.79.part")
    )
    for path in (old, new, theirs, ahead):
        path.write_text("half")
    for path, hours in ((old, -2), (theirs, -50), (ahead, 9999)):
        time = path.stat().st_mtime + 3600 * hours
        os.utime(path, (time, time))
    (folder / ".datasets.80.part").mkdir()
    os.utime(folder / ".datasets.80.part", (1, 1))
    files.write_whole(folder / "page.html", "<p>")
    assert sorted(path.name for path in folder.iterdir()) == [".b.html.78.part", "c.part", "page.html"]


def test_a_log_that_cannot_be_written_does_not_hide_the_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        said = write_log(error, ["status"])
    assert said.startswith("this line (no log can be written): ZeroDivisionError in test_full_disk.py, line ")
