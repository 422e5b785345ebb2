"""What tests of a command's surroundings share: commands in real processes without root's rights, room or letters."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from command_line import ROOT, Said

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2  # what lets root pass by files' rights

# One process gives commands, each in a process of its own that is forked, since importing takes longer than they do.
GIVE = """
import json, os, sys, tempfile, traceback
from annotate.cli.main import run
import sqlalchemy, pandas, rich.table, rich.console, corpus.study, corpus.articles, annotate.report
found = []
for words in json.load(sys.stdin):
    files = [tempfile.TemporaryFile() for _ in range(2)]
    child = os.fork()
    if not child:
        for number, file in enumerate(files, 1):
            os.dup2(file.fileno(), number)
        sys.argv = ["slantwise", *(os.fsdecode(word.encode("utf-8", "surrogateescape")) for word in words)]
        code = 1
        try:
            run()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except OSError:
                    pass
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    said = []
    for file in files:
        file.seek(0)
        said.append(file.read().decode("utf-8", "backslashreplace"))
    found.append([os.waitstatus_to_exitcode(status), *said])
json.dump(found, sys.stdout)
"""


def without_root_rights() -> None:
    """Let files' rights count for root too, in the program that is started."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None)
        for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


def hear_signals() -> None:
    """Let Ctrl-C and its like arrive, also where the tests themselves run in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def give(
    *commands: Sequence[object],
    cwd: Path,
    rights: bool = True,
    largest: int | None = None,
    env: Mapping[str, str] | None = None,
) -> list[Said]:
    """Give commands one after the other, each in a process; without `rights` files' rights count for root too.

    No file may become larger than `largest` bytes, as on a full disk.
    """

    def prepare() -> None:
        hear_signals()
        if not rights:
            without_root_rights()
        if largest is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    words = json.dumps([[str(word) for word in command] for command in commands])
    ended = subprocess.run(
        [sys.executable, "-P", "-c", GIVE],
        input=words,
        cwd=cwd,
        capture_output=True,
        text=True,
        preexec_fn=prepare,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400", **(env or {})},
    )
    assert ended.returncode == 0, ended.stderr
    return [Said(*said) for said in json.loads(ended.stdout)]


def start(*words: object, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a command in a process of its own, to which signals can be sent."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "annotate.cli.main", *map(str, words)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_signals,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "400", **(env or {})},
    )


def no_fault_of_ours(said: Said) -> bool:
    """Whether a command said neither that it has a fault nor how Python saw it."""
    return not any(words in said.stdout + said.stderr for words in ("a bug in Slantwise", "Traceback"))
