"""Ten processes write to one study at once, on both databases: what each stored is there, and nobody was refused.

`python benchmarks/ten_writers.py --seconds 60` appends a JSON line for each database. Each process goes on adding
states of articles that others add too, giving answers, drawing rounds under names that others draw too and marking
articles as cut. Afterwards the store is compared with what the processes say they stored.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.kept_lines import append_line
from benchmarks.kill_anywhere import BOOK, DATABASES, ROOT, article, ended, load, opened

RESULTS = Path(__file__).parent / "results" / "ten_writers.jsonl"
WRITERS = 10
SHARED = 40  # articles of which every writer adds states
REFUSED = ("exists already", "are left to draw", "expected 1 to")  # where another writer was first with a round


def write(folder: Path, number: int, spans: list[str], own: str, seconds: float) -> dict[str, Any]:
    """Write for some seconds; return what was stored, how long each act took at most, and what went wrong."""
    import pandas as pd

    from annotate.rounds.draw import draw
    from corpus import Study, add, add_annotations
    from corpus.articles.cut_texts import mark_cut
    from corpus.errors import BadRound

    study, ends, n = Study.open(folder), time.monotonic() + seconds, 0
    stored: dict[str, Any] = {name: [] for name in ("states", "answers", "rounds", "cut", "wrong")}
    stored |= {"acts": 0, "longest": 0.0}
    while time.monotonic() < ends:
        n += 1
        began = time.monotonic()
        try:
            key, text = f"shared {n % SHARED}", f"{article(n % SHARED)}\n\nWriter {number} adds its line {n}."
            if n % 4 == 0:
                span, code = spans[(n // 4) % len(spans)], ("plain", "liberation")[n // 4 % 2]
                row = {"span": span, "variable": "wording", "coder": f"coder {number}", "code": code}
                if add_annotations(study, [row]).refusals:
                    raise ValueError(row)
                stored["answers"].append((span, f"coder {number}", code))
            elif n % 4 == 1:
                result = add(study, pd.DataFrame([{"id": key, "outlet": "Shared", "text": text}]))
                if result.refusals or not result.new + result.changed:
                    raise ValueError(result.json())
                stored["states"].append(text)
            elif n % 4 == 2:
                mark_cut(study, own, whole=n % 8 == 2)
                stored["cut"] = [(own, "whole" if n % 8 == 2 else "cut")]
            else:
                try:
                    draw(study, f"pilot-{n}", "mira,jon", spans=5, purpose="pilot", seed=number)
                    stored["rounds"].append((f"pilot-{n}", number))
                except BadRound as error:
                    if not any(words in str(error) for words in REFUSED):
                        raise
        except Exception as error:
            stored["wrong"].append(f"{type(error).__name__}: {error}"[:300])
        stored["acts"] += 1
        stored["longest"] = max(stored["longest"], round(time.monotonic() - began, 2))
    study.store.close()
    return stored


def run(scratch: Path, url: str, seconds: float) -> dict[str, Any]:
    """Let ten processes write to a new study; return how much they did, and what is missing or contradictory."""
    from corpus import Study, add

    folder = scratch / "study"
    Study.create(folder, BOOK, name="valley")
    settings = folder / "study.toml"
    settings.write_text(settings.read_text().replace('url = "sqlite"', f'url = "{url}"'))
    with opened(folder) as study:
        rows = [{"id": f"a{n}", "outlet": f"Outlet {n % 3}", "text": article(n * 7 + 100)} for n in range(30)]
        (scratch / "first.jsonl").write_text("\n".join(map(json.dumps, rows)))
        add(study, scratch / "first.jsonl")
        spans = study.spans().query("unit == 'mention'")["span"].tolist()
        own = study.articles()["article"].tolist()
    processes = []
    for number in range(WRITERS):
        if process := os.fork():
            processes.append(process)
            continue
        code = 1
        try:
            (scratch / f"{number}.json").write_text(json.dumps(write(folder, number, spans, own[number], seconds)))
            code = 0
        finally:
            os._exit(code)
    codes = [ended(process) for process in processes]
    stored = [json.loads((scratch / f"{number}.json").read_text()) for number in range(WRITERS) if not codes[number]]
    with opened(folder) as study:
        missing = lost(study, stored)
        faults = inconsistencies(study)
    return {
        "writers": WRITERS, "seconds": seconds, "acts": sum(one["acts"] for one in stored),
        "least": min(one["acts"] for one in stored), "longest": max(one["longest"] for one in stored),
        "states": sum(len(one["states"]) for one in stored), "rounds": sum(len(one["rounds"]) for one in stored),
        "codes": codes, "wrong": [wrong for one in stored for wrong in one["wrong"]][:5], "lost": missing[:5],
        "inconsistent": faults,
    }  # fmt: skip


def lost(study: Any, stored: list[dict[str, Any]]) -> list[str]:
    """Return what a process stored and the study does not have."""
    from sqlalchemy import select

    from corpus.study import database as db

    with study.store.reading() as connection:
        texts = set(connection.execute(select(db.revisions.c.text)).scalars())
        a, c, r = db.annotations.c, db.cut_texts.c, db.rounds.c
        answers = {(one.span, one.coder): one.code for one in connection.execute(select(a.span, a.coder, a.code))}
        cut = dict(connection.execute(select(c.article, c.state)).all())
        rounds = dict(connection.execute(select(r.name, r.seed)).all())
    missing = []
    for one in stored:
        last = {(span, coder): code for span, coder, code in one["answers"]}
        missing += [text[-60:] for text in one["states"] if text not in texts]
        missing += [f"{key} {code}" for key, code in last.items() if answers.get(key) != code]
        missing += [f"{article} {state}" for article, state in one["cut"] if cut.get(article) != state]
        missing += [f"{name} {seed}" for name, seed in one["rounds"] if rounds.get(name) != seed]
    return missing


def inconsistencies(study: Any) -> list[str]:
    """Return what contradicts itself in a store: numbers of states, rounds with two draws, counts that are kept."""
    from sqlalchemy import func, select

    from corpus.study import bookkeeping
    from corpus.study import database as db
    from corpus.study.history.removals import CODER, is_removed, removed_revisions

    found = []
    with study.store.writing() as connection:
        numbers: dict[str, list[int]] = {}
        for of, number in connection.execute(select(db.revisions.c.article, db.revisions.c.number)):
            numbers.setdefault(of, []).append(number)
        found += [f"states {of}: {sorted(n)}" for of, n in numbers.items() if sorted(n) != list(range(len(n)))]
        gone = removed_revisions(connection)
        without = connection.execute(select(db.removals.c.id).where(db.removals.c.kind == CODER)).first()
        for name, frame in connection.execute(select(db.rounds.c.name, db.rounds.c.frame)):
            draws = connection.execute(select(db.draws).where(db.draws.c.round == name)).all()
            given = set(
                connection.execute(select(db.assignments.c.span).where(db.assignments.c.round == name)).scalars()
            )
            spans = {draw.span for draw in draws}
            positions = sorted(draw.position for draw in draws)
            kept = {span for span in spans if not is_removed(gone, span)}
            if (
                not given <= kept
                or (kept - given and not without)
                or positions != list(range(len(draws)))
                or not spans <= set(json.loads(frame))
            ):
                found.append(f"round {name} is mixed: {len(draws)} draws, {len(given)} spans assigned")
        kept = Counter({(row.what, row.name): row.n for row in connection.execute(select(db.tallies)) if row.n})
        bookkeeping.recount(connection)
        counted = Counter({(row.what, row.name): row.n for row in connection.execute(select(db.tallies)) if row.n})
        found += [
            f"counted {key}: {kept[key]}, are {counted[key]}" for key in kept | counted if kept[key] != counted[key]
        ]
        pending = connection.execute(select(func.count()).select_from(db.pending_revisions).where(
            db.pending_revisions.c.work.in_(("split", "compare")))).scalar_one()  # fmt: skip
        if pending:
            found.append(f"{pending} revisions are not split or compared")
    return found


def main() -> None:
    """Run on both databases, or one, and append the results."""
    sys.path[1:1] = [str(ROOT / "tests"), str(ROOT / "tests" / "helpers")]
    from stores import postgres

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--databases", default=",".join(DATABASES))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    load(with_models=False)
    wrong = False
    for database in options.databases.split(","):
        with tempfile.TemporaryDirectory(prefix="slantwise-ten-") as folder, ExitStack() as stack:
            url = "sqlite"
            if database == "postgresql":
                url = stack.enter_context(postgres()).replace("NAME", "postgres")
            line = {"database": database, **run(Path(folder), url, options.seconds)}
        append_line(options.results, line)
        sys.stdout.write(json.dumps(line) + "\n")
        wrong |= bool(line["wrong"] or line["lost"] or line["inconsistent"] or any(line["codes"]))
    sys.exit(int(wrong))


if __name__ == "__main__":
    main()
