"""The example study: an invented conflict in the Marn valley, reported by six invented outlets, coded by the authors.

The articles were written for this project. Two simulated coders are added, whose answers are random variations of the
authors' codes: results computed from them test the software and are never evidence.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from corpus.annotation import Annotation, codes_of
from corpus.annotations.record import record
from corpus.articles.ingest import add
from corpus.codebook import Codebook
from corpus.errors import BadFile
from corpus.span import Span
from corpus.study import Study
from corpus.study.files import being_made

CODEBOOK = "territorial-control"
NAME = "Marn valley (example)"
MADE = "the example study"  # while it is being made
SIDES = {"side-a": "Orsenia", "side-b": "Talvia"}
SIMULATED = {"simulated-1": 0.06, "simulated-2": 0.12}  # the share of answers that differ from the authors'
NEW_OUTLET = "Northern Lamp"  # not coded: new to the classifier


def files() -> Path:
    """The folder with the articles, their manifest and the authors' codes."""
    return Path(str(resources.files("corpus") / "example"))


def create_example(folder: str | Path) -> Study:
    """Make the example study in a new folder, or complete one that was stopped. Raises BadStudy for another study."""
    folder = Path(folder).expanduser()
    with being_made(folder, MADE) as continues:
        new = not continues
        study = Study.create(folder, CODEBOOK, name=NAME, sides=SIDES) if new else Study.open(folder)
        added = add(study, files() / "articles", manifest=files() / "manifest.csv")
        recorded = record(study, _answers(study))
    for refusal in added.refusals + recorded.refusals:
        raise BadFile(f"the example study is damaged: {refusal.where}: {refusal.why}; install Slantwise again")
    return study


def _answers(study: Study) -> Iterator[tuple[str, Annotation]]:
    book, articles = study.codebook, study.articles()
    revisions = dict(zip(articles["url"], articles["revision"], strict=True))
    with (files() / "manifest.csv").open(encoding="utf-8", newline="") as table:
        urls = {row["file"].removeprefix("articles/"): row["url"] for row in csv.DictReader(table)}
    with (files() / "codes.csv").open(encoding="utf-8", newline="") as table:
        mentions = list(csv.DictReader(table))
    for row in mentions:
        span = Span(revisions[urls[row["file"]]], int(row["start"]), int(row["end"]), book.unit).id
        where = f"codes.csv, {row['file']} {row['start']}-{row['end']}"
        codes = {variable.name: codes_of(row[variable.name]) for variable in book.variables if row[variable.name]}
        for coder, error in {"authors": 0.0, **SIMULATED}.items():
            chance = random.Random(f"{coder} {where}")  # noqa: S311 - reproducible, not secret
            answers = simulate(book, codes, error, chance) if error else codes
            for variable, chosen in answers.items():
                yield where, Annotation(span, variable, chosen, coder, book.version, simulated=error > 0)


def simulate(
    book: Codebook, codes: Mapping[str, tuple[str, ...]], error: float, chance: random.Random
) -> Mapping[str, tuple[str, ...]]:
    """Return answers that each differ from `codes` with probability `error`, respecting `asked_when`."""
    answers: dict[str, tuple[str, ...]] = {}
    for variable in book.variables:
        if not variable.is_asked(answers):
            continue
        own = codes.get(variable.name)
        others = [(code,) for code in variable.code_names if (code,) != own]
        answers[variable.name] = chance.choice(others) if own is None or chance.random() < error else own
    return answers
