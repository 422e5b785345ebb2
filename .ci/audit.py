"""Look for known vulnerabilities of the versions in requirements.lock; say so where there is no network to ask.

    python .ci/audit.py ENVIRONMENT

pip-audit is installed into an environment of its own. Exit codes: 0 none known, 1 some are, 3 nobody could be asked.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = "pip-audit==2.10.1"
UNREACHABLE = (
    "ConnectionError",
    "ConnectTimeout",
    "ServiceError",
    "Max retries",
    "Name or service",
    "ProxyError",
)


def main(folder: str) -> int:
    python = Path(folder, "bin", "python")
    if not python.exists():
        venv.create(folder, with_pip=True)
    installed = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL],
        capture_output=True,
        text=True,
    )
    if installed.returncode:
        return nobody(installed.stderr)
    asked = subprocess.run(
        [str(python), "-m", "pip_audit", "--requirement", str(ROOT / "requirements.lock"), "--require-hashes",
         "--disable-pip", "--progress-spinner", "off"], capture_output=True, text=True,
    )  # fmt: skip
    if asked.returncode and any(sign in asked.stderr for sign in UNREACHABLE):
        return nobody(asked.stderr)
    print(asked.stdout + asked.stderr)
    return asked.returncode


def nobody(reason: str) -> int:
    last = (reason.strip().splitlines() or ["no reason given"])[-1]
    print(f"Known vulnerabilities were not looked up: there is no network, or it does not answer ({last[:200]}).")
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
