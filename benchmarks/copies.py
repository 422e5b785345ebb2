"""Time, memory, precision and recall of copy groups: one JSON line a run.

`python benchmarks/copies.py --articles 20000 --data ../shared/data`
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import select

from benchmarks.kept_lines import append_line
from benchmarks.recombine import pair_quality, recombined_articles
from corpus import Study
from corpus.codebook import read_yaml
from corpus.copies.groups import update_copy_groups
from corpus.study import database as db
from corpus.study.bookkeeping import count, note_pending

RESULTS = Path(__file__).parent / "results" / "copies.jsonl"
LATER = 100  # articles added after the others have been grouped


def main() -> None:
    """Measure one size and write its line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        study = Study.create(Path(folder) / "study", read_yaml("territorial-control"), name="benchmark")
        rows = recombined_articles(arguments.data, arguments.articles)
        truth = store_articles(study, islice(rows, arguments.articles - LATER))
        before = peak_memory()
        first = time_grouping(study)
        truth |= store_articles(study, rows)
        later = time_grouping(study)
        with study.store.reading() as connection:
            names = dict(connection.execute(select(db.articles.c.key, db.articles.c.copy_group)).fetchall())
        precision, recall = pair_quality(names, truth)
        study.store.close()
    line = {
        "benchmark": "copies",
        "at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "articles": arguments.articles,
        "wall_seconds": round(first[0], 1),
        "processor_seconds": round(first[1], 1),
        "wall_seconds_for_100_more": round(later[0], 2),
        "processor_seconds_for_100_more": round(later[1], 2),
        "peak_mb_before": before,
        "peak_mb": peak_memory(),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "load": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }
    append_line(RESULTS, line)
    sys.stdout.write(json.dumps(line) + "\n")


def store_articles(study: Study, rows: object) -> dict[str, str]:
    """Store articles, 2,000 at a time and without splitting them; return the origin of each."""
    truth: dict[str, str] = {}
    with study.store.writing() as connection:
        db.put(connection, db.outlets, [{"name": "Herald", "country": None}])
        while batch := list(islice(rows, 2000)):  # type: ignore[call-overload]
            truth |= {id: origin for id, _, origin in batch}
            nothing = {"title": None, "published": None, "language": "en", "url": None, "rights": None, "event": None}
            db.put(
                connection,
                db.articles,
                [
                    {"id": id, "key": id, "outlet": "Herald", "copy_group": id, "metadata": "{}", **nothing}
                    for id, _, _ in batch
                ],
            )
            db.put(
                connection,
                db.revisions,
                [
                    {"id": id, "article": id, "number": 0, "text": text, "digest": id, "reason": "published"}
                    for id, text, _ in batch
                ],
            )
            note_pending(connection, "compare", [id for id, _, _ in batch])
            count(connection, "articles", {"Herald": len(batch)})
    return truth


def time_grouping(study: Study) -> tuple[float, float]:
    """Group the study's articles; return wall-clock and processor seconds."""
    wall, own = time.perf_counter(), time.process_time()
    update_copy_groups(study)
    return time.perf_counter() - wall, time.process_time() - own


def peak_memory() -> int:
    """Return the peak memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
