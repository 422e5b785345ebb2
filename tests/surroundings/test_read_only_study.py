"""A study that may only be read is read by every command that only reads; the others say whose it is."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from surroundings import give, no_fault_of_ours

from corpus import Study

READING = (
    ("status",), ("status", "--json"), ("kwic", "liberat*"), ("terms",), ("agree",), ("copies", "list"),
    ("events", "list"), ("feeds", "list"), ("codebook", "check"), ("codebook", "show"), ("round", "list"),
    ("round", "plan"), ("article", "cut"), ("article", "furniture"), ("studio", "status"), ("respan",),
)  # fmt: skip
WRITING = (
    ("add", "new.txt", "--outlet", "Herald"), ("import", "answers.jsonl"), ("feeds", "add", "http://herald.example/f",
    "--outlet", "X"), ("round", "draw", "main-1", "--coders", "mira,jon", "--spans", "20"), ("report",),
    ("agree", "--page"), ("article", "cut", "--whole", "a"), ("round", "rename-coder", "authors", "mira"), ("train",),
)  # fmt: skip


def protect(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


@pytest.fixture
def read_only(example_copy: Path) -> Path:
    """The example study, whose events are found and whose copies are compared, without the right to write."""
    study = Study.open(example_copy)
    give(("events", "list"), ("copies", "list"), cwd=example_copy)
    study.store.close()
    protect(example_copy)
    return example_copy


def test_what_only_reads_works_in_a_study_that_may_only_be_read(read_only: Path, tmp_path: Path) -> None:
    elsewhere = (("report", "--output", tmp_path / "report.html"), ("export", tmp_path / "out"))
    commands = (*READING, *elsewhere)
    files = sorted(read_only.rglob("*"))
    for command, said in zip(commands, give(*commands, cwd=read_only, rights=False), strict=True):
        assert said.returncode == 0 and no_fault_of_ours(said), (command, said.stderr)
    assert (tmp_path / "report.html").stat().st_size > 10_000
    assert len((tmp_path / "out" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()) == 6002
    assert sorted(read_only.rglob("*")) == files


def test_what_writes_says_in_a_sentence_whose_the_study_is(read_only: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Velo fell.", encoding="utf-8")
    (tmp_path / "answers.jsonl").write_text("{}\n", encoding="utf-8")
    before = (read_only / "study.db").read_bytes()
    commands = [("--study", read_only, *command) for command in WRITING]
    for command, said in zip(commands, give(*commands, cwd=tmp_path, rights=False), strict=True):
        assert said.returncode == 2 and no_fault_of_ours(said), (command, said.stderr)
        last = said.stderr.splitlines()[-1]
        assert "cannot be written" in last or "can only be read" in last, (command, said.stderr)
        assert "is yours but protected" in last or "belongs to" in last, (command, said.stderr)
    assert (read_only / "study.db").read_bytes() == before


@pytest.mark.parametrize("index", [False, True])
def test_what_the_owner_has_written_last_is_read_from_the_log_beside_the_store(example_copy: Path, index: bool) -> None:
    """A killed command leaves its last changes in study.db-wal, and its index in study.db-shm or not."""
    with closing(sqlite3.connect(example_copy / "study.db")) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE articles SET outlet = 'The Harbour Mail' WHERE outlet = 'The Harbour Post'")
        connection.execute("INSERT INTO outlets (name) VALUES ('The Harbour Mail') ON CONFLICT DO NOTHING")
        connection.commit()
        copy = Path(shutil.copytree(example_copy, example_copy.with_name("killed")))
    assert (copy / "study.db-wal").stat().st_size > 0
    if not index:
        (copy / "study.db-shm").unlink()
    protect(copy)
    (said,) = give(("export", example_copy / "out"), cwd=copy, rights=False)
    assert said.returncode == 0, said.stderr
    assert '"The Harbour Mail"' in (example_copy / "out" / "annotations.jsonl").read_text(encoding="utf-8")


def test_a_disk_that_can_only_be_read(example_copy: Path) -> None:
    script = (
        f'mount --bind "{example_copy}" "{example_copy}" && mount -o remount,ro,bind "{example_copy}" && '
        'cd "$0" && exec "$@"'
    )
    import sys

    from command_line import ROOT

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        inside = [sys.executable, "-P", "-m", "annotate.cli.main", *words]
        return subprocess.run(
            ["unshare", "--mount", "--map-root-user", "sh", "-c", script, str(example_copy), *inside],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400"},
        )

    if shutil.which("unshare") is None or (
        subprocess.run(["unshare", "--mount", "--map-root-user", "true"]).returncode
    ):
        pytest.skip("this system lets nobody mount a disk of their own")
    said = command("status", "--json")
    assert said.returncode == 0 and '"articles": 50' in said.stdout, said.stderr
    said = command("report")
    assert said.returncode == 2 and "is on a disk that can only be read" in said.stderr
    said = command("feeds", "add", "http://herald.example/f", "--outlet", "X")
    assert said.returncode == 2 and "this study can only be read" in said.stderr


def test_a_file_that_may_not_be_read_is_named_with_its_owner(example_copy: Path) -> None:
    for name in ("study.db", "codebook.yaml", "study.toml"):
        (example_copy / name).chmod(0)
        (said,) = give(("status",), cwd=example_copy, rights=False)
        (example_copy / name).chmod(0o644)
        assert said.returncode == 2 and no_fault_of_ours(said), said.stderr
        assert f"{name} cannot be read" in said.stderr and "is yours but protected" in said.stderr, said.stderr
