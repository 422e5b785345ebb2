"""What small acts cost in a small and in a large corpus: processor seconds of each, one JSON line a study.

`python benchmarks/corpus_size.py build DIR --articles 1000 --data ../shared/data`, once for each size (20,000 articles
take some minutes to split and score), then `python benchmarks/corpus_size.py measure DIR DIR …`.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.kept_lines import append_line
from benchmarks.recombine import recombined_articles
from corpus import Study

RESULTS = Path(__file__).parent / "results" / "corpus_size.jsonl"
OUTLETS = 8
CODED = 50  # spans with an answer: below 60 only a linear head is trained
TIMES = 5  # runs of each act, of which the median counts


def build(folder: Path, articles: int, data: Path) -> None:
    """Make a study with articles of recombined sentences, some answers, a model and suggestions for all spans."""
    from corpus import add, add_annotations
    from models import suggest, train

    study = Study.create(folder, name=f"{articles} articles")
    table = folder / "texts.csv"
    with table.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("id", "outlet", "published", "text"))
        for number, (key, text, _) in enumerate(recombined_articles(data, articles)):
            day = date(2024, 1, 1) + timedelta(days=number % 700)
            rows.writerow((key, f"Outlet {number % OUTLETS}", day.isoformat(), text))
    started = time.perf_counter()
    added = add(study, [table])
    sys.stderr.write(f"{added.total} articles added: {time.perf_counter() - started:.0f} s\n")
    spans = study.eligible()
    codes = study.codebook.by_name["wording"].code_names
    coded = spans.groupby("outlet").head(CODED // OUTLETS + 1)["span"]
    answers = [
        {"span": span, "variable": "wording", "code": codes[number % 2], "coder": "mira"}
        for number, span in enumerate(coded)
    ]
    add_annotations(study, answers)
    train(study)
    started = time.perf_counter()
    suggested = suggest(study)
    sys.stderr.write(f"{suggested.scored} spans suggested: {time.perf_counter() - started:.0f} s\n")


ACTS = {
    "an answer": "add_annotations(study, [answer])",
    "an article": "add(study, file, outlet='Outlet 1')",
    "an empty suggest": "assert not suggest(study).scored",
    "status": "status(study)",
}
_CHILD = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from corpus import Study, add, add_annotations
from corpus.study.status import status
from models import suggest
import pandas, numpy
answer, file = json.loads({answer!r}), Path({file!r})
started = time.process_time()
study = Study.open({folder!r})
study.codebook
opened = time.process_time()
{act}
print(json.dumps([opened - started, time.process_time() - opened]))
"""


def measure(folder: Path, data: Path) -> dict[str, object]:
    """Return the processor seconds of each act: of opening the study, of the act, and of the whole command."""
    study = Study.open(folder)
    spans = iter(
        study.eligible().iloc[2000:]["span"] if len(study.eligible()) > 3000 else study.eligible()["span"][::-1]
    )
    counts = {"articles": len(study.articles()), "spans": len(study.spans()), "eligible": len(study.eligible())}
    study.store.close()
    texts = recombined_articles(data, 10**6, seed=time.time_ns(), share=0.0)
    scratch = folder.with_name(f"{folder.name}-texts")
    scratch.mkdir(exist_ok=True)
    seconds: dict[str, dict[str, float]] = {}
    for act, code in ACTS.items():
        opening, acting, command = [], [], []
        for _ in range(TIMES):
            files = []
            for _ in range(2):
                key, text, _ = next(texts)
                files.append(scratch / f"{key}.txt")
                files[-1].write_text(text, encoding="utf-8")
            answer = {"span": next(spans), "variable": "wording", "code": "plain", "coder": "jon"}
            line = scratch / "answer.jsonl"
            line.write_text(json.dumps(answer | {"span": next(spans)}), encoding="utf-8")
            if act == "an article":
                code = "from corpus.articles.ingest import add; add(study, [file], outlet='Outlet 1')"
            root = str(Path(__file__).resolve().parent.parent)
            child = _CHILD.format(
                root=root, answer=json.dumps(answer), file=str(files[0]), folder=str(folder), act=code
            )
            if act == "an empty suggest":
                run([sys.executable, "-m", "annotate.cli.main", "--study", str(folder), "suggest"])
            done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)  # noqa: S603
            opened, acted = json.loads(done.stdout.splitlines()[-1])
            opening.append(opened)
            acting.append(acted)
            arguments = {
                "an answer": ["import", str(line)],
                "an article": ["add", str(files[1]), "--outlet", "Outlet 1"],
                "an empty suggest": ["suggest", "--json"],
                "status": ["status", "--json"],
            }[act]
            command.append(run([sys.executable, "-m", "annotate.cli.main", "--study", str(folder), *arguments]))
        seconds[act] = {
            "opening": round(statistics.median(opening), 4),
            "act": round(statistics.median(acting), 4),
            "command": round(statistics.median(command), 3),
        }
    return {**counts, "seconds": seconds}


def run(command: Sequence[str]) -> float:
    """Run a command; return its processor seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def revision() -> str:
    """Return the commit whose code is measured."""
    here = Path(__file__).parent
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=here, capture_output=True, text=True)  # noqa: S607
    return said.stdout.strip()


def main() -> None:
    """Build a study, or measure some and write their lines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("build", "measure"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    if arguments.what == "build":
        build(arguments.folders[0], arguments.articles, arguments.data)
        return
    for folder in arguments.folders:
        line = {
            "benchmark": "corpus_size",
            "at": datetime.now(UTC).strftime("%Y-%m-%d"),
            **measure(folder, arguments.data),
        }
        append_line(RESULTS, line)


if __name__ == "__main__":
    main()
