"""Turn coded and uncoded spans into datasets: passages and the distribution of the coders' answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corpus.annotation import codes_of
from corpus.codebook import Codebook, Variable
from corpus.errors import NothingToLearn
from corpus.span import Passage, Span
from corpus.study import Study
from corpus.study.counting import Answers, answered_spans, training_answers
from corpus.study.passages import SpanInText, spans_in_text
from corpus.text.splitting import neighbouring_sentences, sentences

if TYPE_CHECKING:
    from datasets import Dataset, Features

PLACE = ("span", "outlet", "article", "copy_group", "event", "date")


def labelled_spans(study: Study) -> Dataset:
    """Return one row per coded span: PLACE, `passage`, `start`, `end`, `coders`, and a column per variable.

    A variable's column has for each of its codes the share of the span's coders who gave it, over the answers that
    train (`training_answers`). The shares sum to 1 where every coder was asked, to less where only some were
    (`asked_when`), to 0 where none was: so they are the soft labels and their weights at once. The shares of a
    multiple-choice variable are independent. Raises NothingToLearn, with the reason, if no answer trains.
    """
    answers = training_answers(study)
    if answers.frame.empty:
        raise NothingToLearn(_why_nothing(answers))
    book = study.codebook
    rows = answers.frame.drop_duplicates("span")[["outlet", "article", "span"]].itertuples(index=False, name=None)
    frame = _with_passages(study, [span for *_, span in sorted(rows, key=_in_order)])
    coders = answers.frame.groupby("span")["coder"].nunique()
    frame["coders"] = frame["span"].map(coders)
    for variable in book.variables:
        of_variable = answers.frame[answers.frame["variable"] == variable.name]
        counts = _counts(of_variable, variable).reindex(frame["span"], fill_value=0).to_numpy(dtype=np.float32)
        frame[variable.name] = list(counts / frame["coders"].to_numpy(dtype=np.float32)[:, None])
    return _dataset(frame, book)


def _in_order(row: tuple[str, str, str]) -> tuple[str, str, int, int, str]:
    outlet, article, span = row
    place = Span.from_id(span)
    return outlet, article, place.start, place.end, span


def _why_nothing(answers: Answers) -> str:
    """Return in words why no answer can be used for training, and what to do."""
    if not answers.left_out:
        return "no span is coded; import annotations first: slantwise import FILE"
    if answers.practice:
        rounds = ", ".join(f"{name} ({n} answers)" for name, n in answers.practice.items())
        return (
            f"the only blind answers are from pilots, coder training or audits: {rounds}. These train a classifier "
            f"only if you name them: slantwise train --rounds {','.join(answers.practice)}"
        )
    if answers.versions and answers.version not in answers.versions:
        return (
            f"{answers.why_empty}: code spans under this version, or state in codebook.yaml what became of the "
            "codes and run: slantwise codebook migrate"
        )
    return f"{answers.why_empty}; a classifier learns from blind answers of reliability and main rounds, or of no round"


def uncoded_spans(study: Study, revisions: Collection[str] | None = None) -> list[str]:
    """Return the eligible spans that nobody has coded, of all first revisions or of some."""
    from corpus.study.dataframes import eligible

    spans = eligible(study.store, study.codebook, revisions)["span"]
    answered = answered_spans(study, None if revisions is None else spans)
    return [span for span in spans if span not in answered]


def _counts(answers: pd.DataFrame, variable: Variable) -> pd.DataFrame:
    """Return the number of coders who gave each code: spans are rows, codes are columns."""
    single = answers.assign(code=answers["code"].map(codes_of)).explode("code")
    return pd.crosstab(single["span"], single["code"]).reindex(columns=list(variable.code_names), fill_value=0)


def spans_by_id(study: Study, wanted: Collection[str]) -> Dataset:
    """Return one row per span id, with the columns of `labelled_spans` except the answers."""
    return _dataset(_with_passages(study, dict.fromkeys(wanted)), study.codebook)


def _with_passages(study: Study, spans: Iterable[str]) -> pd.DataFrame:
    """Return the spans as a frame of PLACE, `passage`, `start`, `end`, with the context set in study.toml."""
    read_context = _CONTEXTS[study.settings.model.context]
    rows = []
    for id, span in spans_in_text(study, spans).items():
        passage = read_context(span, span.language or study.codebook.language)
        place = (span.outlet, span.article, span.copy_group, span.event, span.date)
        rows.append((id, *place, passage.text, passage.start, passage.end))
    return pd.DataFrame(rows, columns=[*PLACE, "passage", "start", "end"])


_CONTEXTS: Mapping[str, Callable[[SpanInText, str], Passage]] = {
    "0": lambda span, language: Passage(span.words, 0, len(span.words)),
    "1": lambda span, language: neighbouring_sentences(span.text, span.span.start, span.span.end, language),
    "passage": lambda span, language: span.passage,
}


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


def span_text(row: Mapping[str, Any]) -> str:
    """Return a row's span without its passage.

    >>> span_text({"passage": "Northland took Velo.", "start": 10, "end": 14})
    'took'
    """
    return str(row["passage"])[row["start"] : row["end"]]


def shorten_passage(text: str, start: int, end: int, size: int) -> tuple[int, int]:
    r"""Return the part of a long passage around a span: whole sentences, at most `size` characters.

    >>> text = "One is here. Two is here. Three is here. Four is here."
    >>> text[slice(*shorten_passage(text, 30, 32, 30))]
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
