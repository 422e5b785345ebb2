"""The backend's overhead for a page of 25 tasks, in addition to the model's own time, cached and scored.

python benchmarks/backend_page.py STUDY [OTHER …] appends a JSON line for each study, which must have a model; it works
on a copy. The time runs from sending the request to having its answer, less what the model took to score the page.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
RESULTS = Path(__file__).parent / "results" / "backend_page.jsonl"
PAGE, TIMES = 25, 40


def measure_backend(folder: Path) -> dict[str, Any]:
    """Return the overhead in milliseconds, median and 90th percentile, cached and scored."""
    import httpx
    from sqlalchemy import delete

    from annotate.rounds import rounds
    from annotate.rounds.draw import draw
    from annotate.studio.backend_connection import authorization
    from annotate.studio.ml_backend import Backend
    from corpus import Study
    from corpus.annotation import Design
    from corpus.study import database as db
    from models.suggestions.suggest import scorer, suggest

    study = Study.open(folder)
    suggest(study)
    name = f"page-{time.time_ns()}"
    draw(study, name, ["mira"], spans=PAGE, design=Design(assisted=1.0))
    spans = [one.span for one in rounds.assignments(study, name)]
    with study.store.writing() as connection:
        ledger = {"round": name, "coder": "mira"}
        db.put(connection, db.studio_projects, [ledger | {"server": "local", "project": 1, "configuration": ""}])
        db.put(connection, db.studio_tasks, [ledger | {"span": span, "task": i} for i, span in enumerate(spans)])
    page = {"tasks": [{"id": i, "project": 1, "data": {"sw_span": span}} for i, span in enumerate(spans)]}
    score, model_seconds = scorer(study), [0.0]
    backend = Backend(study, "secret", port=0, score=lambda wanted: model_seconds.append(score(wanted)))
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    overhead: dict[str, list[float]] = {"cached": [], "scored": []}
    model = []
    with httpx.Client(headers={"Authorization": authorization("secret", "predict", "mira")}, timeout=60) as http:
        for turn in range(2 * TIMES + 2):
            kind = ("scored", "cached")[turn % 2]
            if kind == "scored":
                with study.store.writing() as connection:
                    connection.execute(delete(db.suggestions).where(db.suggestions.c.span.in_(spans)))
            model_seconds[:] = [0.0]
            started = time.perf_counter()
            answer = http.post(f"{backend.url}/predict", json=page)
            seconds = time.perf_counter() - started
            if len(answer.json()["results"]) != PAGE or (sum(model_seconds) > 0) != (kind == "scored"):
                raise RuntimeError(answer.text)
            if turn > 1:  # the first of each kind warms up
                overhead[kind].append(1000 * (seconds - sum(model_seconds)))
                model += [1000 * sum(model_seconds)] if kind == "scored" else []
    backend.shutdown()
    backend.server_close()
    timings = {
        f"{kind}_ms": {"median": round(statistics.median(ms), 1), "p90": round(statistics.quantiles(ms, n=10)[-1], 1)}
        for kind, ms in overhead.items()
    }
    return {
        "tasks": PAGE,
        "n": TIMES,
        "spans": len(study.spans()),
        "model_ms": round(statistics.median(model), 1),
        **timings,
    }


if __name__ == "__main__":
    for word in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as scratch:
            result = measure_backend(Path(shutil.copytree(word, Path(scratch) / "study")))
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write(json.dumps(result) + "\n")
        sys.stderr.write(json.dumps(result) + "\n")
