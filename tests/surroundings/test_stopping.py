"""A command that is stopped says what is stored, leaves nothing half done, and goes on when it is typed again."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from command_line import ROOT, commands, process, slantwise
from newsroom import newsroom_study, publish
from servers import Site
from surroundings import hear_signals, start

from annotate.cli.shared.stopping import what_is_stored
from corpus import Study, add_feed

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
ONLY_READ = {
    "kwic", "terms", "status", "agree", "anchoring", "doubtful", "codebook", "studio status", "studio doctor", "study check", "study log", "doctor", "plan show",
}  # fmt: skip


def rows(folder: Path, table: str) -> int:
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"file:{folder / 'study.db'}?mode=ro", uri=True)) as connection,
    ):
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    return 0


def stop(command: subprocess.Popen[str], when: Callable[[], bool], number: signal.Signals) -> str:
    """Send a signal as soon as a command has done something; return what it said, which is one sentence at its end."""
    deadline = time.monotonic() + 60
    while command.poll() is None and not when():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    command.send_signal(number)
    _, said = command.communicate(timeout=60)
    assert command.returncode == CODES[number], said
    assert "Traceback" not in said and "a bug" not in said
    return said.splitlines()[-1]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for n in range(300):
        (folder / f"{n}.txt").write_text(f"Velo fell on day {n}. Its council fled to Karsk. " * 20, encoding="utf-8")
    return folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_stopped_add_keeps_what_it_read_and_the_next_one_adds_the_others(
    empty_study: Study, texts: Path, number: signal.Signals
) -> None:
    folder = empty_study.folder
    command = start("add", texts, "--outlet", "Herald", cwd=folder)
    said = stop(command, lambda: rows(folder, "articles") > 5, number)
    assert said == f"slantwise: stopped; {what_is_stored('add')}"
    stored = rows(folder, "articles")
    assert 5 < stored < 300
    found = json.loads(slantwise("add", texts, "--outlet", "Herald", "--json", cwd=folder).stdout)
    assert (found["new"], found["unchanged"]) == (300 - stored, stored)


def test_a_stopped_poll_keeps_its_articles_and_the_next_one_fetches_the_others(tmp_path: Path, site: Site) -> None:
    study = newsroom_study(tmp_path / "study")
    add_feed(study, publish(site, range(40)), outlet="Herald")
    study.store.close()
    command = start("feeds", "poll", cwd=study.folder)
    said = stop(command, lambda: rows(study.folder, "articles") > 2, signal.SIGTERM)
    assert said == f"slantwise: stopped; {what_is_stored('feeds poll')}"
    stored = rows(study.folder, "articles")
    assert stored < 40
    assert slantwise("feeds", "poll", cwd=study.folder).returncode in (0, 3)
    assert rows(study.folder, "articles") == 40


def test_a_stopped_init_is_completed_by_the_same_command(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    said = stop(start("init", folder, "--example", cwd=tmp_path), lambda: rows(folder, "articles") > 5, signal.SIGINT)
    assert said == f"slantwise: stopped; {what_is_stored('init')}"
    assert rows(folder, "annotations") < 6002
    assert slantwise("init", folder, "--example", cwd=tmp_path).returncode == 0
    assert rows(folder, "articles") == 50 and rows(folder, "annotations") == 6002
    assert "is already a study" in slantwise("init", folder, "--example", cwd=tmp_path).stderr
    assert not (folder / ".unfinished").exists()


def test_a_stopped_training_leaves_no_checkpoint(example_copy: Path) -> None:
    def has_begun() -> bool:
        return any((example_copy / "checkpoints").glob(".v-*"))

    said = stop(start("train", cwd=example_copy), has_begun, signal.SIGTERM)
    assert said == f"slantwise: stopped; {what_is_stored('train')}"
    assert not [path for path in (example_copy / "checkpoints").iterdir() if not path.name.endswith(".state")]
    assert json.loads(slantwise("status", "--json", cwd=example_copy).stdout)["model"] is None


def test_ctrl_c_while_python_imports_is_no_traceback(tmp_path: Path) -> None:
    for delay in (0.15, 0.3):
        command = start("codebook", "list", cwd=tmp_path)
        time.sleep(delay)
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=30)
        assert command.returncode in (0, 130, -signal.SIGINT) and "Traceback" not in said, said


def test_a_command_in_the_background_of_a_script_is_ended_by_sigterm_too(empty_study: Study, texts: Path) -> None:
    """A script's `&` lets a command ignore Ctrl-C."""

    def ignore_ctrl_c() -> None:
        hear_signals()
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    command = subprocess.Popen(
        [sys.executable, "-P", "-m", "annotate.cli.main", "add", str(texts), "--outlet", "Herald"],
        cwd=empty_study.folder,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ignore_ctrl_c,
        env={"PYTHONPATH": str(ROOT)},
    )
    said = stop(command, lambda: rows(empty_study.folder, "articles") > 5, signal.SIGTERM)
    assert "stopped; files that were read are stored" in said


def test_every_command_that_stores_says_what_is_stored() -> None:
    """A new command gets a sentence of its own, or is one that only reads."""
    silent = {name for name in map(" ".join, commands()) if what_is_stored(name) == "the study is unchanged"}
    assert {name for name in silent if name not in ONLY_READ and name.split()[0] not in ONLY_READ} == set()


def test_output_that_nobody_reads_ends_a_command_without_a_word(example_copy: Path) -> None:
    command = start("kwic", "the", "--json", cwd=example_copy)
    assert command.stdout is not None and command.stderr is not None
    command.stdout.close()
    assert command.wait(timeout=60) == 0 and command.stderr.read() == ""
    command.stderr.close()
    assert process("status", cwd=example_copy).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_backend_says_when_it_stops(example_copy: Path, number: signal.Signals) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    command = start("studio", "serve", "--port", port, cwd=example_copy)
    assert command.stderr is not None
    while "stop with Ctrl+C" not in (line := command.stderr.readline()):
        assert line, command.poll()
    command.send_signal(number)
    _, said = command.communicate(timeout=60)
    assert command.returncode == 0
    assert said == "stopped; answers that were fetched are stored; slantwise studio pull fetches the others\n"
