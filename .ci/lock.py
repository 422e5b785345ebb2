"""Write requirements.lock: the files of every version in constraints.txt, with their digests, for Linux and macOS.

The versions are those of constraints.txt; what they need beside that on a platform is resolved. `make lock` runs it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLATFORMS = [
    "sys_platform == 'linux' and platform_machine == 'x86_64'",
    "sys_platform == 'linux' and platform_machine == 'aarch64'",
    "sys_platform == 'darwin'",
]
HEADER = "# Made by `make lock` from pyproject.toml and constraints.txt; please do not edit.\n"


def main() -> int:
    lock = ROOT / "requirements.lock"
    earlier = lock.read_text(encoding="utf-8") if lock.exists() else ""
    also = [
        line for line in earlier.splitlines() if line.startswith("# also: ")
    ]  # builds that are no files of the index
    pins = [line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split() if line]
    uv = [sys.executable, "-m", "uv"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "pyproject.toml")
        shutil.copy(ROOT / "pyproject.toml", project)
        lists = {"environments": PLATFORMS, "constraint-dependencies": pins}
        settings = "".join(f"{name} = {json.dumps(values)}\n" for name, values in lists.items())
        with project.open("a", encoding="utf-8") as file:
            file.write(
                f"\n[tool.uv]\npackage = false\n{settings}\n[dependency-groups]\nbuild = {_build_tools(project)}\n"
            )
        subprocess.run([*uv, "lock", "--quiet", "--no-config"], cwd=folder, check=True)
        export = [*uv, "export", "--quiet", "--frozen", "--no-config", "--all-extras", "--all-groups"]
        written = subprocess.run(
            [*export, "--no-emit-project", "--no-header", "--no-annotate"],
            cwd=folder, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    lock.write_text(HEADER + written + "".join(f"{line}\n" for line in also), encoding="utf-8")
    return 0


def _build_tools(project: Path) -> str:
    import tomllib

    return json.dumps(tomllib.loads(project.read_text(encoding="utf-8"))["build-system"]["requires"])


if __name__ == "__main__":
    sys.exit(main())
