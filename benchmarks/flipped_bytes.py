"""Flip bytes in a study's database: is each found by `study check`, or without effect on any figure?

python -m benchmarks.flipped_bytes STUDY [--flips 100] [--seed 1]

STUDY is a folder with a round, answers, suggestions and a report; it is copied. For each byte one line is written to
`results/flipped_bytes.jsonl`: where it is, what was found, and if nothing was, whether all figures (agreement, export,
status, report) are as before. A byte that is not found and changes a figure is a miss.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from random import Random

import annotate
import annotate.report
import corpus
from corpus import Study

RESULTS = Path(__file__).parent / "results" / "flipped_bytes.jsonl"
CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(\+00:00|Z)?|\d{1,2} \w+ \d{4},? \d\d:\d\d")


def figures(folder: Path) -> str:
    """Return a digest of every figure of a study: agreement, rounds, status, all exported tables, and the report."""
    study = Study.open(folder)
    digest = hashlib.sha256()
    try:
        said = [annotate.agree(study).json(), corpus.status(study).json(), annotate.list_rounds(study).json()]
        digest.update(json.dumps(said, sort_keys=True, default=str).encode())
        with tempfile.TemporaryDirectory() as out:
            for format in ("csv", "jsonl"):
                corpus.export(study, Path(out) / format, format=format)
            for file in sorted(Path(out).rglob("*")):
                if file.is_file():
                    digest.update(file.name.encode() + file.read_bytes())
        page = annotate.report.write(study).report
        digest.update(CLOCK.sub("", page.read_text(encoding="utf-8")).encode())
        return digest.hexdigest()
    finally:
        study.close()


def flip(file: Path, at: int, mask: int) -> None:
    """Change some bits of one byte of a file."""
    data = bytearray(file.read_bytes())
    data[at] ^= mask
    file.write_bytes(data)


def tried(whole: Path, at: int, mask: int, before: str) -> dict[str, object]:
    """Flip a byte in a copy of a study; return what came of it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(whole, Path(scratch) / "study", ignore=shutil.ignore_patterns("checkpoints")))
        (folder / "checkpoints").symlink_to(whole / "checkpoints")
        flip(folder / "study.db", at, mask)
        study = Study.open(folder)
        findings = corpus.check_study(study).findings
        found = [f"{one.what}: {one.where}".replace(str(folder), "STUDY")[:160] for one in findings]
        study.close()
        row: dict[str, object] = {"at": at, "mask": mask, "found": found[:3]}
        if found:
            return row
        try:
            same = figures(folder) == before
        except corpus.SlantwiseError as error:
            return {**row, "figures": f"refused: {str(error)[:160]}"}
        except Exception as error:
            return {**row, "figures": f"failed: {type(error).__name__}: {error}"[:160]}
        return {**row, "figures": "same" if same else "changed"}


def main() -> None:
    """Flip the bytes, print a line for each, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("--flips", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(shutil.copytree(given.study, Path(scratch) / "whole"))
        before = figures(whole)
        with closing(sqlite3.connect(whole / "study.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if before != figures(whole):
            raise SystemExit("the figures of an unchanged study differ from call to call")
        random = Random(given.seed)  # noqa: S311 - not a secret
        size = (whole / "study.db").stat().st_size
        rows = earlier(given.seed, size)
        for number in range(given.flips):
            at, mask = random.randrange(size), random.randrange(1, 256)
            if number >= len(rows):
                rows.append(tried(whole, at, mask, before))
                with RESULTS.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"seed": given.seed, "size": size, **rows[-1]}, ensure_ascii=False) + "\n")
    found = sum(bool(row["found"]) for row in rows)
    missed = [row for row in rows if not row["found"] and row.get("figures") != "same"]
    harmless = len(rows) - found - len(missed)
    sys.stdout.write(f"{len(rows)} flips: {found} found, {harmless} without effect, {len(missed)} missed\n")


def earlier(seed: int, size: int) -> list[dict[str, object]]:
    """Return the lines of an earlier run on a database of this size, which goes on where it was stopped."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.is_file() else []
    return [row for row in map(json.loads, lines) if (row["seed"], row["size"]) == (seed, size)]


if __name__ == "__main__":
    main()
