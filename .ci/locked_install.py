"""Install what Slantwise needs: only files whose digests requirements.lock has.

    python .ci/locked_install.py [EXTRA ...]

pip first plans what is missing, with the versions of constraints.txt; nothing is installed and no code of a package
runs. The digest of each planned file has to be in the lock. Then pip installs these files, and checks their digests.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
_ALSO = "# also: "  # before a build that is no file of the package index, such as one without code for graphics cards
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> dict[str, frozenset[str]]:
    """Return the digests of each `name==version`."""
    digests: dict[str, frozenset[str]] = {}
    for entry in text.replace(_ALSO, "").replace("\\\n", " ").splitlines():
        if match := re.match(r"([\w.-]+)==([^\s;]+)", entry):
            found = frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", entry))
            digests[f"{canonical(match[1])}=={match[2]}"] = found
    return digests


def planned(report: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return (name, version, address, digest) of each file that pip plans to install, without the project itself."""
    files = []
    for item in report["install"]:
        source, facts = item["download_info"], item["metadata"]
        if "dir_info" in source:
            continue
        digest = source.get("archive_info", {}).get("hashes", {}).get("sha256", "")
        files.append((canonical(facts["name"]), facts["version"], source["url"], f"sha256:{digest}"))
    return files


def strangers(files: Iterable[tuple[str, str, str, str]], lock: Mapping[str, frozenset[str]]) -> list[str]:
    """Return a sentence for each file that the lock does not have."""
    return [
        f"{address.rpartition('/')[2]} has the digest {digest}, which requirements.lock does not have for {name} "
        f"{version}"
        for name, version, address, digest in files
        if digest not in lock.get(f"{name}=={version}", frozenset())
    ]


def main(extras: list[str]) -> int:
    wanted = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    lock = read_lock(LOCK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        report, plan = Path(folder, "report.json"), Path(folder, "plan.txt")
        tools = [name for name in lock if name.startswith("setuptools==")]
        subprocess.run([*PIP, "--only-binary", ":all:", *tools, "--dry-run", "--report", str(report),
                        "--constraint", str(ROOT / "constraints.txt"), wanted], check=True)  # fmt: skip
        files = planned(json.loads(report.read_text(encoding="utf-8")))
        if wrong := strangers(files, lock):
            print("Nothing was installed:", *wrong, sep="\n  ", file=sys.stderr)
            print("If the file is meant, make the lock again: make lock. If not, do not trust it.", file=sys.stderr)
            return 1
        plan.write_text(
            "".join(f"{name} @ {url} --hash={digest}\n" for name, _, url, digest in files), encoding="utf-8"
        )
        if files:
            subprocess.run([*PIP, "--no-deps", "--require-hashes", "--requirement", str(plan)], check=True)
    print(f"{len(files)} files installed; requirements.lock has the digest of each", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
