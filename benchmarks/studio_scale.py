"""Push and pull 10,000 spans with a real Label Studio: tasks a second, compared with the bare SDK, and peak memory.

python benchmarks/studio_scale.py [SPANS …] appends a JSON line for each number of spans. Each part runs in a process of
its own, whose peak memory is its own. Every task is sent along with an answer, since to give 10,000 answers one by one
would take an hour; the SDK sends the same chunks of the same tasks, without a retry.

With --against REVISION the round is pushed and pulled by this and by an earlier revision in turn, three times each.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
if TYPE_CHECKING:
    from annotate.studio.server import Server
RESULTS = Path(__file__).parent / "results" / "studio_scale.jsonl"
SIZES = (1_000, 10_000)


def make_study(folder: Path, spans: int) -> None:
    """Make a study with a number of mentions, twenty an article, and a round of all of them."""
    from annotate.rounds.draw import draw
    from corpus import Study
    from corpus.articles.ingest import add
    from corpus.codebook import read_yaml

    study = Study.create(folder, read_yaml("territorial-control"))
    table = folder / "articles.jsonl"
    with table.open("w", encoding="utf-8") as out:
        for n in range(0, spans, 20):
            text = "\n\n".join(
                f"Day {i} 😀: the troops took bridge {i} of Velo, and nobody in the town of Karsk spoke of it."
                for i in range(n, min(n + 20, spans))
            )
            out.write(json.dumps({"text": text, "id": str(n)}) + "\n")
    add(study, [table], outlet="Herald")
    draw(study, "scale", ["mira"])


def peak_memory() -> int:
    """Return the peak memory of this process so far, in MB; getrusage would include the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


def push_and_pull(folder: Path, url: str, token: str) -> dict[str, Any]:
    """Push the round with an answer on each task, and pull it."""
    from annotate.rounds import rounds
    from annotate.studio.accounts import CoderSession
    from annotate.studio.client import Studio
    from annotate.studio.pull import pull_from_coder
    from annotate.studio.push import push_to_coder
    from annotate.tasks.interface import PASSAGE
    from corpus import Study

    class Answering(Studio):
        me = 0

        def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
            answer = {
                "id": "r", "from_name": "mention", "to_name": PASSAGE, "type": "choices",
                "value": {"choices": ["none"]},
            }  # fmt: skip
            with_answers = [{**t, "annotations": [{"result": [answer], "completed_by": self.me}]} for t in tasks]
            with (folder / "chunks.jsonl").open("a", encoding="utf-8") as out:
                out.write(json.dumps(with_answers) + "\n")
            return super().import_tasks(project, with_answers)

    study = Study.open(folder)
    drawn_round = rounds.get_round(study, "scale")
    with Answering(url, token) as studio:
        studio.me = studio.whoami().id
        place = CoderSession(studio, "local", frozenset({studio.me}), None)
        before, started = peak_memory(), time.perf_counter()
        pushed = push_to_coder(study, drawn_round, "mira", place)
        push_seconds, after_push = time.perf_counter() - started, peak_memory()
        started = time.perf_counter()
        pulled = pull_from_coder(study, drawn_round, "mira", place)
        pull_seconds, after_pull = time.perf_counter() - started, peak_memory()
        again = pull_from_coder(study, drawn_round, "mira", place)
    return {
        "pushed": pushed.new, "answered": pulled.answered, "refused": len(pulled.refusals),
        "new_when_pulled_again": again.new + again.changed,
        "push_seconds": round(push_seconds, 2), "pull_seconds": round(pull_seconds, 2),
        "memory_mb": {"before": before, "push": after_push, "pull": after_pull},
    }  # fmt: skip


def import_with_sdk(folder: Path, url: str, token: str) -> dict[str, Any]:
    """Import the same chunks with the SDK's call only."""
    from label_studio_sdk import LabelStudio

    from annotate.tasks.interface import configuration
    from corpus.codebook import load

    client = LabelStudio(base_url=url, api_key=token)
    project = client.projects.create(title="bare SDK", label_config=configuration(load("territorial-control")))
    chunks = [json.loads(line) for line in (folder / "chunks.jsonl").read_text(encoding="utf-8").splitlines()]
    started = time.perf_counter()
    for chunk in chunks:
        client.projects.import_tasks(id=project.id, request=chunk, request_options={"max_retries": 0})
    return {"sdk_push_seconds": round(time.perf_counter() - started, 2), "sdk_memory_mb": peak_memory()}


def run_part(part: str, folder: Path, server: Server, root: Path = ROOT) -> dict[str, Any]:
    """Return what a part of this benchmark, as it is in a checkout, measures in a process of its own."""
    process = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(root / "benchmarks" / "studio_scale.py"), part, str(folder)],
        capture_output=True, text=True, env={**os.environ, "STUDIO": server.url, "TOKEN": server.token},
    )  # fmt: skip
    if process.returncode:
        raise RuntimeError(process.stderr)
    line: dict[str, Any] = json.loads(process.stdout)
    return line


def measure(spans: int, server: Server) -> dict[str, Any]:
    """Return the line for a number of spans."""
    line: dict[str, Any] = {"spans": spans}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "study"
        make_study(folder, spans)
        for part in ("ours", "bare"):
            line |= run_part(part, folder, server)
    for step in ("push", "pull", "sdk_push"):
        line[f"{step}_tasks_per_second"] = round(spans / line[f"{step}_seconds"])
    return line


def compare(spans: int, server: Server, revision: str) -> dict[str, Any]:
    """Return the line of this revision against another: median tasks a second, and the ratio of each pair of runs."""
    pace: dict[str, dict[str, list[float]]] = {step: {"before": [], "now": []} for step in ("push", "pull")}
    with tempfile.TemporaryDirectory() as scratch:
        other, made = Path(scratch) / "other", Path(scratch) / "made"
        git = ("git", "-C", str(ROOT), "worktree")
        subprocess.run([*git, "add", "--detach", "--quiet", str(other), revision], check=True)  # noqa: S603
        try:
            make_study(made, spans)
            for turn in range(3):
                for name, root in (("before", other), ("now", ROOT)):
                    folder = shutil.copytree(made, Path(scratch) / f"{name}{turn}")
                    measured = run_part("ours", folder, server, root)
                    for step, paces in pace.items():
                        paces[name].append(spans / measured[f"{step}_seconds"])
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)  # noqa: S603
    line: dict[str, Any] = {"spans": spans, "against": revision, "runs": 3}
    for step, paces in pace.items():
        line |= {f"{step}_tasks_per_second_{name}": round(statistics.median(runs)) for name, runs in paces.items()}
        line[f"{step}_ratios"] = [round(b / a, 2) for a, b in zip(paces["before"], paces["now"], strict=True)]
    return line


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["bare"]):
        part = push_and_pull if sys.argv[1] == "ours" else import_with_sdk
        sys.stdout.write(json.dumps(part(Path(sys.argv[2]), os.environ["STUDIO"], os.environ["TOKEN"])))
        sys.exit()
    from annotate.studio.server import Servers

    words = sys.argv[1:]
    against = words.pop(words.index("--against") + 1) if "--against" in words else None
    sizes = [int(word) for word in words if word != "--against"]
    with tempfile.TemporaryDirectory() as home:
        servers = Servers(Path(os.environ.get("SLANTWISE_TEST_STUDIO") or home))
        (started,) = servers.start([], port=None, isolate=False, say=lambda message: None)
        try:
            for size in sizes or SIZES:
                result = compare(size, started, against) if against else measure(size, started)
                with RESULTS.open("a", encoding="utf-8") as results:
                    results.write(json.dumps(result) + "\n")
                sys.stderr.write(json.dumps(result) + "\n")
        finally:
            if not os.environ.get("SLANTWISE_TEST_STUDIO"):
                servers.stop()
