"""Only files whose digests requirements.lock has are installed; the lock is whole, and names no place to fetch from."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = runpy.run_path(str(ROOT / ".ci" / "locked_install.py"))
LOCK_TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BACKEND = """\
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    Path(folder, "town-1.dist-info").mkdir()
    Path(folder, "town-1.dist-info", "METADATA").write_text("Metadata-Version: 2.1\\nName: town\\nVersion: 1\\nRequires-Dist: velo\\n")
    return "town-1.dist-info"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    raise SystemExit("the project itself is not to be built")
"""
LOCK = INSTALL["read_lock"](LOCK_TEXT)


def test_the_lock_has_every_version_that_constraints_name() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = {f"{INSTALL['canonical'](name)}=={version}" for name, version in (line.split("==") for line in lines)}
    assert len(pins) == len(lines) and pins - LOCK.keys() == set()


def test_every_entry_has_digests_and_the_lock_names_no_host() -> None:
    assert len(LOCK) > 150 and [name for name, digests in LOCK.items() if not digests] == []
    assert re.findall(r"https?:|index-url|find-links", LOCK_TEXT) == []
    versions = [line.partition(" ;")[0] for line in LOCK_TEXT.splitlines() if re.match(r"[\w.-]+==", line)]
    assert len({line.partition("==")[0] for line in versions}) == len(versions)  # one version of each


def test_there_are_files_for_linux_and_macos_of_what_is_compiled() -> None:
    """pip says so where one is missing; here only that the packages with code of their own have several files."""
    for name in ("numpy", "torch", "lxml", "pandas", "scipy", "pydantic-core", "tokenizers"):
        (digests,) = [
            digests for pinned, digests in LOCK.items() if pinned.partition("==")[0] == name and "+" not in pinned
        ]
        assert len(digests) >= 6, name


def test_the_build_tools_are_pinned_and_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    tools = project["build-system"]["requires"]
    assert tools and all(re.fullmatch(r"[\w-]+==[\d.]+", tool) and tool in LOCK for tool in tools)


def test_a_file_that_the_lock_does_not_have_is_named() -> None:
    def report(digest: str) -> dict[str, object]:
        source = {"url": "file:///x/httpx-0.28.1.whl", "archive_info": {"hashes": {"sha256": digest}}}
        return {"install": [{"download_info": source, "metadata": {"name": "httpx", "version": "0.28.1"}},
                            {"download_info": {"url": "file:///here", "dir_info": {}}, "metadata": {"name": "slantwise", "version": "1"}}]}  # fmt: skip

    known = next(iter(LOCK["httpx==0.28.1"])).removeprefix("sha256:")
    assert INSTALL["strangers"](INSTALL["planned"](report(known)), LOCK) == []
    (said,) = INSTALL["strangers"](INSTALL["planned"](report("0" * 64)), LOCK)
    assert said.startswith("httpx-0.28.1.whl has the digest sha256:000")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


def wheel(folder: Path, says: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "velo-1.0-py3-none-any.whl"
    files = {
        "velo.py": f"says = {says!r}\n",
        "velo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: velo\nVersion: 1.0\n",
        "velo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files["velo-1.0.dist-info/RECORD"] = "".join(f"{name},,\n" for name in [*files, "velo-1.0.dist-info/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 5, 3, 0, 0, 0)), content)  # of one digest whenever it is made
    return path


def test_pip_installs_what_the_lock_has_and_nothing_else(python: Path, tmp_path: Path) -> None:
    """A real pip, a small project of its own, and a wheel that somebody exchanges."""
    import hashlib
    import shutil

    project, wheels = tmp_path / "project", tmp_path / "wheels"
    (project / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "locked_install.py", project / ".ci")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (project / "backend.py").write_text(BACKEND)
    (project / "constraints.txt").write_text("velo==1.0\n")
    digest = hashlib.sha256(wheel(wheels, "right").read_bytes()).hexdigest()
    (project / "requirements.lock").write_text(f"velo==1.0 \\\n    --hash=sha256:{digest}\n")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull,
                   "PIP_NO_CACHE_DIR": "1"}  # fmt: skip

    def install() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, project / ".ci" / "locked_install.py"], env=environment, capture_output=True, text=True
        )

    wheel(wheels, "wrong")
    refused = install()
    assert refused.returncode == 1 and "Nothing was installed" in refused.stderr, refused.stderr
    assert subprocess.run([python, "-c", "import velo"], capture_output=True).returncode != 0
    wheel(wheels, "right")
    done = install()
    assert done.returncode == 0, done.stderr
    assert "1 files installed" in done.stderr
    said = subprocess.run([python, "-c", "import velo; print(velo.says)"], capture_output=True, text=True).stdout
    assert said == "right\n"


def test_an_audit_without_a_network_says_that_nothing_was_looked_up(tmp_path: Path) -> None:
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit.py", tmp_path / "audit"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 3 and "were not looked up: there is no network" in done.stdout


def test_what_is_installed_here_is_what_the_lock_has(tmp_path: Path) -> None:
    """The versions of this environment, by their names: their files were checked when they were installed."""
    listed = subprocess.run([sys.executable, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True)
    here = {f"{INSTALL['canonical'](one['name'])}=={one['version']}" for one in json.loads(listed.stdout)}
    own = {name for name in here if name.partition("==")[0] in ("slantwise", "pip", "wheel", "setuptools")}
    assert here - own - LOCK.keys() == set(), "write the lock again: make lock"
