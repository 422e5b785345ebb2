"""The example study: an invented conflict in the Marn valley, told by six invented outlets and coded by their authors.

The articles were written for this project. Beside the authors' codes stand those of two simulated coders, made here by
chance from the authors' codes: whatever is computed from them is a smoke test of the tool and never evidence.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

from corpus.annotations.record import RecordResult, record
from corpus.articles.ingest import AddResult, add
from corpus.codebook import Codebook, read_yaml
from corpus.study import Study

CODEBOOK = "territorial-control"
SIDES = {"side-a": "Orsenia", "side-b": "Talvia"}
SIMULATED = {"simulated-1": 0.06, "simulated-2": 0.12}  # how often each departs from the authors' code
NEW_OUTLET = "Northern Lamp"  # nobody coded it: the classifier meets it as a new outlet


def folder() -> Path:
    """The folder with the articles, their manifest and the authors' codes."""
    return Path(str(resources.files("corpus") / "example"))


def create(path: Path) -> tuple[Study, AddResult, RecordResult]:
    """Make the example study in a new folder."""
    study = Study.create(path, read_yaml(CODEBOOK), name="Marn valley (example)", sides=SIDES)
    taken = add(study, [folder() / "articles"], manifest=folder() / "manifest.csv")
    return study, taken, record(study, _answers(study))


def _answers(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    ids = {url: article for article, url in study.articles()[["article", "url"]].itertuples(index=False)}
    with (folder() / "manifest.csv").open(encoding="utf-8", newline="") as table:
        urls = {row["file"].removeprefix("articles/"): row["url"] for row in csv.DictReader(table)}
    with (folder() / "codes.csv").open(encoding="utf-8", newline="") as table:
        mentions = list(csv.DictReader(table))
    for row in mentions:
        span = {"article": ids[urls[row["file"]]], "start": int(row["start"]), "end": int(row["end"])}
        where = f"codes.csv, {row['file']} {row['start']}-{row['end']}"
        codes = {variable.name: row[variable.name] for variable in study.codebook.variables if row[variable.name]}
        for coder, error in {"authors": 0.0, **SIMULATED}.items():
            chance = random.Random(f"{coder} {where}")  # noqa: S311 - reproducible, not secret
            answers = simulate(study.codebook, codes, error, chance) if error else codes
            for variable, code in answers.items():
                answer = {"span": span, "variable": variable, "code": code, "coder": coder, "simulated": error > 0}
                yield where, answer


def simulate(book: Codebook, codes: dict[str, str], error: float, chance: random.Random) -> dict[str, str]:
    """Return a coder's answers that depart from `codes` with probability `error` each, obeying `asked_when`."""
    answers: dict[str, str] = {}
    for variable in book.variables:
        if not variable.is_asked(answers):
            continue
        others = [code for code in variable.code_names if code != codes.get(variable.name)]
        known = codes.get(variable.name)
        answers[variable.name] = chance.choice(others) if known is None or chance.random() < error else known
    return answers
