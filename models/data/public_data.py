"""Read public data sets as datasets: published codes, with the annotators' answers as soft labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpus import codebook as codebooks
from corpus.annotation import code_text, codes_of
from corpus.annotations.import_public_data import CODEBOOKS, answers_in, gold_in, read_lines, words_in
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadFile, BadText, UnknownCode
from corpus.text.splitting import sentences

from .classifier_protocol import GOLD
from .labelled import PLACE

if TYPE_CHECKING:
    from datasets import Dataset


CONTEXTS = ("0", "1", "passage")  # of a row that may be read: none, a sentence on each side, everything


@dataclass(frozen=True)
class PublicRow:
    """One row as it is in the file (`row`), its words by name, its annotators' answers and the published codes."""

    span: str
    row: Mapping[str, Any]
    words: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]
    gold: Mapping[str, str]


@dataclass(frozen=True)
class PublicRows:
    """A public data set, one row per span: PLACE, `passage`, `start`, `end`, `coders`, `marked`, `fold`, the variables.

    Each variable has, as in `labelled_spans`, the shares of the annotators who gave each code, and in a second column
    the published code (`GOLD`). `copy_group` is the same for rows with the same words, `event` is the row's story,
    `fold` its published fold; `marked` has the words that annotators marked, as [start, end] in the passage. `answers`
    has a row for each annotator's answer. `refusals` are rows and answers that cannot be read, `left_out` counts the
    rows without a published code.
    """

    book: Codebook
    data: Dataset
    answers: pd.DataFrame
    refusals: list[Refusal]
    left_out: Mapping[str, int]


def read_rows(data_set: str, file: Path, context: str = "0", marks: bool = True) -> PublicRows:
    """Read a data set's rows with their context: none ("0"), a sentence on each side ("1") or everything ("passage").

    Everything is the title and the words before and after. Without `marks` nothing is marked. Raises BadFile if the
    data set is unknown, or its file cannot be read or has no row with a text and a code.
    """
    if data_set not in CODEBOOKS:
        raise BadFile(f"expected one of {', '.join(CODEBOOKS)}", data_set=data_set)
    book = codebooks.load(CODEBOOKS[data_set])
    refusals: list[Refusal] = []
    left_out: Counter[str] = Counter()
    columns: dict[str, list[Any]] = {}
    given: list[tuple[str, str | None, str, str, str]] = []
    for number, row in read_lines(file):
        where = f"{file}, line {number}"
        if isinstance(row, str):
            refusals.append(Refusal(where, row))
            continue
        try:
            words = words_in(row)
        except BadText as error:
            refusals.append(Refusal(where, str(error)))
            continue
        answers, faults = _answers(book, data_set, row)
        gold = gold_in(data_set, row) or _majority(answers)
        refusals += [Refusal(where, fault) for fault in faults]
        if not words.get("text"):
            refusals.append(Refusal(where, "the row has no text"))
            continue
        if not gold:
            left_out["neither gold nor labels"] += 1
            continue
        if odd := [f"{v} {code}" for v, code in gold.items() if code not in book.by_name[v].code_names]:
            left_out[f"published as no code: {odd[0]}"] += 1
            continue
        one = PublicRow(f"{words.get('id', '')}:{number}", row, words, answers, gold)
        for name, value in _columns(book, one, context, marks).items():
            columns.setdefault(name, []).append(value)
        outlet = words.get("outlet")
        given += [(one.span, outlet, v, c, code) for v, by in answers.items() for c, code in by.items()]
    if not columns:
        why = refusals[0].why if refusals else next(iter(left_out), "it is empty")
        raise BadFile(f"{file}: no row has a text and a published code; {why}")
    answer_frame = pd.DataFrame(given, columns=["span", "outlet", "variable", "coder", "code"])
    return PublicRows(book, _dataset(book, columns), answer_frame, refusals, dict(left_out))


def _answers(book: Codebook, data_set: str, row: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return the annotators' valid answers by variable, and what is wrong with the others."""
    if not row.get("labels"):
        return {}, []
    read = answers_in(data_set, row)
    if read is None:
        return {}, ["its labels cannot be read; expected an object, annotator to answer"]
    answers: dict[str, dict[str, str]] = {}
    faults = []
    for variable, coder, code in read:
        try:
            answers.setdefault(variable, {})[str(coder)] = code_text(book.checked_codes(variable, codes_of(str(code))))
        except UnknownCode as error:
            faults.append(str(error))
    return answers, faults


def _majority(answers: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return each variable's commonest answer, or "divided" where two are equally common.

    >>> _majority({"bias": {"e1": "biased", "e2": "biased", "e3": "non-biased"}})
    {'bias': 'biased'}
    >>> _majority({"bias": {"e1": "biased", "e2": "non-biased"}})
    {'bias': 'divided'}
    """
    counts = {variable: Counter(by.values()).most_common(2) for variable, by in answers.items() if by}
    return {v: "divided" if len(c) > 1 and c[0][1] == c[1][1] else c[0][0] for v, c in counts.items()}


def _columns(book: Codebook, one: PublicRow, context: str, marks: bool) -> dict[str, Any]:
    """Return a row's values of the dataset's columns."""
    words = one.words
    text, outlet = words["text"], words.get("outlet")
    before, after = _around(words, context)
    article = words.get("article_id") or words.get("url") or one.span
    columns = {
        **dict.fromkeys(PLACE),
        "span": one.span,
        "outlet": outlet,
        "article": f"{outlet or ''} {article}",
        "copy_group": "".join(filter(str.isalnum, text)).casefold(),
        "event": words.get("story_id"),
        "date": words.get("date"),
        "passage": before + text + after,
        "start": len(before),
        "end": len(before) + len(text),
        "marked": _marked(one.row, len(before)) if marks and text == one.row["text"] else [],
        "fold": str(one.row["fold_berg"]) if one.row.get("fold_berg") is not None else None,
        "coders": max((len(by) for by in one.answers.values()), default=1),
    }
    for variable in book.variables:
        code = one.gold[variable.name]
        counts = Counter(one.answers.get(variable.name, {}).values()) or Counter([code])
        columns[variable.name] = [counts[name] / counts.total() for name in variable.code_names]
        columns[variable.name + GOLD] = variable.code_names.index(code)
    return columns


def _around(words: Mapping[str, str], context: str) -> tuple[str, str]:
    """Return the context before and after a row's own words.

    >>> words = {"title": "Fee rises", "text": "So be it.", "context_before": "It rained. Nobody came."}
    >>> [_around(words, context) for context in ("0", "1", "passage")]
    [('', ''), ('Nobody came. ', ''), ('Fee rises\\n\\nIt rained. Nobody came. ', '')]
    """
    if context == "0":
        return "", ""
    title, before, after = (words.get(name, "") for name in ("title", "context_before", "context_after"))
    if context == "1":
        title = ""
        before = before[sentences(before)[-1][0] :] if before else ""
        after = after[: sentences(after)[0][1]] if after else ""
    headline = f"{title}\n\n" if title and title != words["text"] else ""
    return headline + (f"{before} " if before else ""), f" {after}" if after else ""


def _marked(row: Mapping[str, Any], shift: int) -> list[list[int]]:
    spans = row.get("spans")
    listed = spans if isinstance(spans, list) else []
    places = [(span.get("start"), span.get("end")) for span in listed if isinstance(span, Mapping)]
    return [[a + shift, b + shift] for a, b in places if isinstance(a, int) and isinstance(b, int)]


def _dataset(book: Codebook, columns: Mapping[str, list[Any]]) -> Dataset:
    from datasets import Dataset, Features, List, Value

    features = {name: Value("string") for name in (*PLACE, "passage", "fold")}
    features |= {name: Value("int32") for name in ("start", "end", "coders")}
    features["marked"] = List(List(Value("int32")))
    for variable in book.variables:
        features |= {variable.name: List(Value("float32")), variable.name + GOLD: Value("int32")}
    return Dataset.from_dict(dict(columns), features=Features(features))
