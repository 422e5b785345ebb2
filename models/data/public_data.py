"""Public rows as they are measured: a published code for each, with the annotators' answers as soft labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpus import codebook as codebooks
from corpus.annotations.public_data import CODEBOOKS, answers_in, gold_in
from corpus.article import normalise
from corpus.codebook import Codebook
from corpus.draft import Refusal
from corpus.errors import BadFile, BadText, UnknownCode
from corpus.readers.table import rows_of
from corpus.text.splitting import sentences

from .labelled import PLACE
from .protocol import GOLD

if TYPE_CHECKING:
    from datasets import Dataset

_READ = ("outlet", "text", "title", "url", "date", "id", "article_id", "story_id", "context_before", "context_after")


@dataclass(frozen=True)
class PublicRows:
    """A public data set, a row a span: PLACE, `passage`, `start`, `end`, `coders`, `marked`, `fold`, the variables.

    Each variable has, as in `labelled`, the shares of the annotators who gave each code, and beside it the published
    code (`GOLD`). `copy_group` is the same for rows of the same words, `event` the row's story, `fold` its published
    fold; `marked` holds the words that annotators marked, as [start, end] in the passage.
    `answers` has a row for each annotator's answer. `refused` are rows and answers that cannot be read,
    `left_out` counts the rows that have no published code.
    """

    book: Codebook
    data: Dataset
    answers: pd.DataFrame
    refused: list[Refusal]
    left_out: Mapping[str, int]


def read_rows(data_set: str, file: Path, context: str = "0", marks: bool = True) -> PublicRows:
    """Read a data set's rows, each with its context: none ("0"), a sentence on each side ("1"), or all that is known.

    All ("passage") is the title and the words before and after. Without `marks` nothing is marked. Raises BadFile where
    the file cannot be read or no row of it has a text and a code.
    """
    book = codebooks.load(CODEBOOKS[data_set])
    refused: list[Refusal] = []
    left_out: Counter[str] = Counter()
    found: dict[str, list[Any]] = {}
    given: list[tuple[str, str | None, str, str, str]] = []
    try:
        rows = list(rows_of(file))
    except BadFile as error:
        raise BadFile(f"{file}: {error}") from None
    except OSError as error:
        raise BadFile(f"{file} cannot be opened ({error.strerror}); check the name") from None
    for number, row in rows:
        where = f"{file}, line {number}"
        try:
            said = _said(row)
        except (BadText, TypeError) as error:
            refused.append(Refusal(where, str(error)))
            continue
        assert isinstance(row, Mapping)
        answers, faults = _answers(book, data_set, row)
        gold = gold_in(data_set, row) or _majority(answers)
        refused += [Refusal(where, fault) for fault in faults]
        if not said.get("text"):
            refused.append(Refusal(where, "the row has no text"))
            continue
        if not gold:
            left_out["neither gold nor labels"] += 1
            continue
        if odd := [f"{v} {code}" for v, code in gold.items() if code not in book.by_name[v].code_names]:
            left_out[f"published as no code: {odd[0]}"] += 1
            continue
        span = f"{said.get('id', '')}:{number}"
        for name, value in _columns(book, span, said, row, answers, gold, context, marks).items():
            found.setdefault(name, []).append(value)
        outlet = said.get("outlet")
        given += [(span, outlet, v, c, code) for v, by in answers.items() for c, code in by.items()]
    if not found:
        why = refused[0].why if refused else next(iter(left_out), "it is empty")
        raise BadFile(f"{file}: no row has a text and a published code; {why}")
    answered = pd.DataFrame(given, columns=["span", "outlet", "variable", "coder", "code"])
    return PublicRows(book, _dataset(book, found), answered, refused, dict(left_out))


def _said(row: Mapping[str, Any] | str) -> dict[str, str]:
    if isinstance(row, str):
        raise TypeError(row)
    said = {name: " ".join(normalise(str(row[name])).split()) for name in _READ if row.get(name) is not None}
    return {name: value for name, value in said.items() if value}


def _answers(book: Codebook, data_set: str, row: Mapping[str, Any]) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return the annotators' answers by variable, without those that are no code, and what is wrong with these."""
    if not row.get("labels"):
        return {}, []
    read = answers_in(data_set, row)
    if read is None:
        return {}, ["its labels cannot be read; expected an object, annotator to answer"]
    found: dict[str, dict[str, str]] = {}
    faults = []
    for variable, coder, code in read:
        try:
            found.setdefault(variable, {})[str(coder)] = book.checked_code(variable, str(code))
        except UnknownCode as error:
            faults.append(str(error))
    return found, faults


def _majority(answers: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the commonest answer; for a variable whose annotators are divided, that they are.

    >>> _majority({"bias": {"e1": "biased", "e2": "biased", "e3": "non-biased"}})
    {'bias': 'biased'}
    >>> _majority({"bias": {"e1": "biased", "e2": "non-biased"}})
    {'bias': 'divided'}
    """
    counts = {variable: Counter(by.values()).most_common(2) for variable, by in answers.items() if by}
    return {v: "divided" if len(c) > 1 and c[0][1] == c[1][1] else c[0][0] for v, c in counts.items()}


def _columns(
    book: Codebook,
    span: str,
    said: Mapping[str, str],
    row: Mapping[str, Any],
    answers: Mapping[str, Mapping[str, str]],
    gold: Mapping[str, str],
    context: str,
    marks: bool,
) -> dict[str, Any]:
    text, outlet = said["text"], said.get("outlet")
    before, after = _around(said, context)
    article = said.get("article_id") or said.get("url") or span
    columns = {
        **dict.fromkeys(PLACE),
        "span": span,
        "outlet": outlet,
        "article": f"{outlet or ''} {article}",
        "copy_group": "".join(filter(str.isalnum, text)).casefold(),
        "event": said.get("story_id"),
        "date": said.get("date"),
        "passage": before + text + after,
        "start": len(before),
        "end": len(before) + len(text),
        "marked": _marked(row, len(before)) if marks and text == row["text"] else [],
        "fold": str(row["fold_berg"]) if row.get("fold_berg") is not None else None,
        "coders": max((len(by) for by in answers.values()), default=1),
    }
    for variable in book.variables:
        code = gold[variable.name]
        given = Counter(answers.get(variable.name, {}).values()) or Counter([code])
        columns[variable.name] = [given[name] / given.total() for name in variable.code_names]
        columns[variable.name + GOLD] = variable.code_names.index(code)
    return columns


def _around(said: Mapping[str, str], context: str) -> tuple[str, str]:
    """Return what is read before and after a row's own words.

    >>> said = {"title": "Fee rises", "text": "So be it.", "context_before": "It rained. Nobody came."}
    >>> [_around(said, context) for context in ("0", "1", "passage")]
    [('', ''), ('Nobody came. ', ''), ('Fee rises\\n\\nIt rained. Nobody came. ', '')]
    """
    if context == "0":
        return "", ""
    title, before, after = (said.get(name, "") for name in ("title", "context_before", "context_after"))
    if context == "1":
        title = ""
        before = before[sentences(before)[-1][0] :] if before else ""
        after = after[: sentences(after)[0][1]] if after else ""
    headline = f"{title}\n\n" if title and title != said["text"] else ""
    return headline + (f"{before} " if before else ""), f" {after}" if after else ""


def _marked(row: Mapping[str, Any], shift: int) -> list[list[int]]:
    spans = row.get("spans")
    listed = spans if isinstance(spans, list) else []
    places = [(one.get("start"), one.get("end")) for one in listed if isinstance(one, Mapping)]
    return [[a + shift, b + shift] for a, b in places if isinstance(a, int) and isinstance(b, int)]


def _dataset(book: Codebook, columns: Mapping[str, list[Any]]) -> Dataset:
    from datasets import Dataset, Features, List, Value

    features = {name: Value("string") for name in (*PLACE, "passage", "fold")}
    features |= {name: Value("int32") for name in ("start", "end", "coders")}
    features["marked"] = List(List(Value("int32")))
    for variable in book.variables:
        features |= {variable.name: List(Value("float32")), variable.name + GOLD: Value("int32")}
    return Dataset.from_dict(dict(columns), features=Features(features))
