"""Datasets: spans with their passages and, where people coded them, the distribution of the coders' answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sqlalchemy import select

from corpus import store as db
from corpus.codebook import Codebook, Variable
from corpus.errors import NothingToLearn
from corpus.span import Passage, Span, headline_in, neighbourhood, passage, sentences
from corpus.study import Study

if TYPE_CHECKING:
    from datasets import Dataset, Features

PLACE = ("span", "outlet", "article", "copy_group", "event", "date")


def labelled(study: Study) -> Dataset:
    """Return one row per coded span: PLACE, `passage`, `start`, `end`, `coders`, and a column per variable.

    A variable's column holds for each of its codes the share of the span's coders who gave it, over blind answers only.
    The shares sum to 1 where every coder was asked, to less where only some were (`asked_when`), 0 where none was: so
    they are at once the soft labels and their weights. For a multiple-choice variable each share stands by itself.
    Raises NothingToLearn where no span is coded.
    """
    answers = study.annotations()
    answers = answers[answers["arm"] == "blind"]
    if answers.empty:
        raise NothingToLearn("no span is coded; import annotations first: slantwise import FILE")
    book = study.codebook
    spans = answers.drop_duplicates("span")[["span", "article", "start", "end"]]
    frame = _with_passages(study, spans)
    coders = answers.groupby("span")["coder"].nunique()
    frame["coders"] = frame["span"].map(coders)
    for variable in book.variables:
        mine = answers[answers["variable"] == variable.name]
        counts = _counts(mine, variable).reindex(frame["span"], fill_value=0).to_numpy(dtype=np.float32)
        frame[variable.name] = list(counts / frame["coders"].to_numpy(dtype=np.float32)[:, None])
    return _dataset(frame, book)


def uncoded(study: Study) -> Dataset:
    """Return one row per eligible span that nobody has coded, with the same columns but for the answers."""
    book = study.codebook
    spans = study.spans()
    coded = set(study.annotations()["span"])
    eligible = [
        unit == book.unit and span not in coded and book.eligible(text)
        for unit, span, text in zip(spans["unit"], spans["span"], spans["text"], strict=True)
    ]
    return _dataset(_with_passages(study, spans[eligible][["span", "article", "start", "end"]]), book)


def named(study: Study, wanted: Collection[str]) -> Dataset:
    """Return one row per span named by its id, without answers; only the texts of these spans are read."""
    places = [(id, Span.from_id(id)) for id in dict.fromkeys(wanted)]
    a, r = db.articles.c, db.revisions.c
    query = select(
        a.id.label("article"), a.outlet, a.copy_group, a.event, a.published.label("date"), a.title, r.text, r.id
    ).join(db.revisions, r.article == a.id)  # fmt: skip
    texts: dict[str, Mapping[Any, Any]] = {}
    revisions = sorted({place.revision for _, place in places})
    with study.store.reading() as connection:
        for first in range(0, len(revisions), 1000):
            for row in connection.execute(query.where(r.id.in_(revisions[first : first + 1000]))):
                texts[row.id] = dict(row._mapping)
    rows = [(id, place.start, place.end, texts[place.revision]) for id, place in places if place.revision in texts]
    return _dataset(_passages(study, rows), study.codebook)


def _counts(answers: pd.DataFrame, variable: Variable) -> pd.DataFrame:
    """Return how many coders gave each code, spans down and codes across."""
    single = answers.assign(code=answers["code"].str.split("|")).explode("code")
    return pd.crosstab(single["span"], single["code"]).reindex(columns=list(variable.code_names), fill_value=0)


def _with_passages(study: Study, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the spans with their article's columns and the passage that the study's settings ask for."""
    articles = {row["article"]: row for row in study.articles().astype(object).to_dict("records")}
    rows = ((span, start, end, articles[article]) for span, article, start, end in spans.itertuples(index=False))
    return _passages(study, rows)


def _passages(study: Study, spans: Iterable[tuple[str, int, int, Mapping[Any, Any]]]) -> pd.DataFrame:
    """Return the spans, each with its article's row, as a frame of PLACE, `passage`, `start`, `end`."""
    context = study.settings.model.context
    headlines: dict[str, tuple[int, int] | None] = {}
    rows = []
    for span, start, end, row in spans:
        if context == "0":
            read = Passage(row["text"][start:end], 0, end - start)
        elif context == "1":
            read = neighbourhood(row["text"], start, end, study.codebook.language)
        else:
            if row["article"] not in headlines:
                headlines[row["article"]] = headline_in(row["text"], row["title"]) if _known(row["title"]) else None
            read = passage(row["text"], start, end, headline=headlines[row["article"]])
        place = [row[name] if _known(row[name]) else None for name in PLACE[1:]]
        rows.append((span, *place, read.text, read.start, read.end))
    return pd.DataFrame(rows, columns=[*PLACE, "passage", "start", "end"])


def _dataset(frame: pd.DataFrame, book: Codebook) -> Dataset:
    from datasets import Dataset

    return Dataset.from_pandas(frame, features=_features(frame, book), preserve_index=False)


def _features(frame: pd.DataFrame, book: Codebook) -> Features:
    from datasets import Features, List, Value

    features = {name: Value("string") for name in (*PLACE, "passage")} | {n: Value("int32") for n in ("start", "end")}
    if "coders" in frame:
        features["coders"] = Value("int32")
        features |= {variable.name: List(Value("float32")) for variable in book.variables}
    return Features(features)


def _known(value: object) -> bool:
    return isinstance(value, str)  # pandas says NaN where nothing is known


def words(row: Mapping[str, Any]) -> str:
    """Return a row's span without its passage.

    >>> words({"passage": "Northland took Velo.", "start": 10, "end": 14})
    'took'
    """
    return str(row["passage"])[row["start"] : row["end"]]


def window(text: str, start: int, end: int, size: int) -> tuple[int, int]:
    r"""Return the part of a long passage to read around a span: whole sentences, `size` characters at most.

    >>> text = "One is here. Two is here. Three is here. Four is here."
    >>> text[slice(*window(text, 30, 32, 30))]
    'Two is here. Three is here.'
    """
    if len(text) <= size:
        return 0, len(text)
    bounds, offset = [], 0
    for block in text.split("\n\n"):
        bounds += [(offset + a, offset + b) for a, b in sentences(block)]
        offset += len(block) + 2
    inside = [i for i, (a, b) in enumerate(bounds) if a < end and start < b]
    first, last = (inside[0], inside[-1]) if inside else (0, 0)
    left, right = min(bounds[first][0], start), max(bounds[last][1], end)
    grown = True
    while grown:
        grown = False
        if first > 0 and right - bounds[first - 1][0] <= size:
            first, grown = first - 1, True
            left = bounds[first][0]
        if last + 1 < len(bounds) and bounds[last + 1][1] - left <= size:
            last, grown = last + 1, True
            right = bounds[last][1]
    if right - left > size:  # one endless sentence: keep the span in its middle
        left = max(0, min(start - (size - (end - start)) // 2, start))
        right = max(end, left + size)
    return left, min(right, len(text))
