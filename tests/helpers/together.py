"""Commands given at the same moment, each in a process of its own that has everything imported already."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Together:
    """A process that forks one for each command; its own imports take some seconds, once."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    def at_once(self, *commands: tuple[Path, Sequence[object]]) -> list[tuple[int, str]]:
        """Give commands at once, each in a folder; return each one's exit code and what it said."""
        assert self._process.stdin is not None and self._process.stdout is not None
        given = [(str(folder), list(map(str, words))) for folder, words in commands]
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        return [(code, said) for code, said in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@contextlib.contextmanager
def together() -> Iterator[Together]:
    one = Together()
    try:
        yield one
    finally:
        one.close()


def main() -> None:
    """Read lines of commands, give those of a line at once, and answer with what became of them."""
    from benchmarks.kill_anywhere import ended, load, start

    load(with_models=True)
    for line in sys.stdin:
        begun = []
        for number, (folder, words) in enumerate(json.loads(line)):
            said = Path(folder).with_name(f"{Path(folder).name}.{number}.said")
            said.unlink(missing_ok=True)
            begun.append((start(Path(folder), words, said=said), said))
        told = [(ended(process), said.read_text(errors="replace")) for process, said in begun]
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
