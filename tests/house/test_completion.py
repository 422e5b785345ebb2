"""The shell completes commands, options and choices; `--version` prints the version."""

from __future__ import annotations

import importlib.metadata
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import ROOT, slantwise
from timing import processor_time

from annotate.cli.shared.command_groups import STAGES


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with the program `slantwise` of this checkout."""
    program = tmp_path_factory.mktemp("bin") / "slantwise"
    program.write_text(
        f"#!{sys.executable} -P\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from annotate.cli.main import run\nrun()\n"
    )
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


def shell(command: str, path: str, **more: str) -> str:
    """Return what bash prints that has read no settings of this machine."""
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", command],
        capture_output=True,
        text=True,
        env={"PATH": path, "HOME": "/nowhere", **more},
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


def completed(line: str, path: str, folder: Path = ROOT) -> list[str]:
    """Return what bash proposes for the last word of a line, by the script that `slantwise --show-completion` prints."""
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    return shell(
        f"cd {shlex.quote(str(folder))}; source <(_SLANTWISE_COMPLETE=source_bash slantwise); "
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}; "
        '_slantwise_completion slantwise; printf "%s\\n" "${COMPREPLY[@]}"',
        path,
    ).splitlines()


def test_bash_completes_commands_options_and_choices(path: str) -> None:
    assert completed("slantwise ", path) == [name for names in STAGES.values() for name in names]
    assert completed("slantwise ad", path) == ["add", "adjudicate"]
    assert completed("slantwise round ", path) == [
        "plan",
        "draw",
        "list",
        "show",
        "close",
        "rename-coder",
        "remove-coder",
        "export",
    ]
    assert completed("slantwise round draw pilot --over", path) == ["--overlap", "--overlap-by"]
    assert completed("slantwise benchmark babe rows.jsonl --protocol ", path) == ["outlets", "folds"]
    assert completed("slantwise add ", path) == [""]  # nothing of ours: bash completes names of files


def test_the_script_of_each_shell_is_shown_and_registers_slantwise(path: str) -> None:
    shown = {name: shell("slantwise", path, _SLANTWISE_COMPLETE=f"source_{name}").strip() for name in ("bash", "zsh")}
    assert shown["bash"].endswith("complete -o default -F _slantwise_completion slantwise")
    assert shown["zsh"].startswith("#compdef slantwise") and "_SLANTWISE_COMPLETE=complete_zsh" in shown["zsh"]
    assert shell("slantwise --show-completion; true", path).strip() == shown["bash"]  # the shell that asks is found


def test_zsh_completes_with_descriptions(path: str) -> None:
    asked = {"_SLANTWISE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "slantwise adj"}
    assert shell("slantwise", path, **asked).strip() == (
        """_arguments '*: :(("adjudicate":"Decide on one code where coders disagree."))'"""
    )


def test_completion_is_installed_for_the_shell_that_asks(path: str, tmp_path: Path) -> None:
    said = shell("slantwise --install-completion; true", path, HOME=str(tmp_path))
    assert str(tmp_path / ".bash_completions" / "slantwise.sh") in said
    assert shell(f"source {tmp_path / '.bashrc'}; complete -p slantwise", path).endswith(
        "_slantwise_completion slantwise\n"
    )


@pytest.mark.perf
def test_completion_takes_less_than_half_a_second(path: str) -> None:
    asked = {"_SLANTWISE_COMPLETE": "complete_bash", "COMP_WORDS": "slantwise round draw --", "COMP_CWORD": "3"}
    times = []
    for _ in range(5):
        with processor_time(resource.RUSAGE_CHILDREN) as used:
            assert "--coders" in shell("slantwise", path, **asked)
        times.append(used.seconds)
    assert min(times) < 0.5


def test_the_version_is_that_of_the_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"slantwise": "7.8.9"}[name])
    said = slantwise("--version", cwd=ROOT)
    assert (said.returncode, said.stdout, said.stderr) == (0, "slantwise 7.8.9\n", "")

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert slantwise("--version", cwd=ROOT).stdout == "slantwise, run from a checkout (not installed)\n"
