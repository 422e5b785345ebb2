"""The verdicts that a figure rests on: on its variable, its code, the answer derived from several, and by language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from sqlalchemy import select

from corpus.codebook import Code, Codebook, Variable
from corpus.errors import BadRound
from corpus.study import Study
from corpus.study import database as db

from .alpha import RESAMPLES, resample_tables
from .reliability_data import (
    NOT_ASKED,
    ReliabilityData,
    answers_by_coder,
    data_from_frame,
    is_stopped,
    reliability_answers,
    with_not_asked,
)
from .verdicts import Verdict, judge

YES_NO = (Code.model_construct(name="no"), Code.model_construct(name="yes"))


def verdicts(
    study: Study,
    answers: Mapping[str, str] | None = None,
    *,
    round: str | None = None,
    codebook_version: str | None = None,
    seed: int = 0,
) -> dict[str, Verdict]:
    """Return the verdict on each question that a figure rests on; `weakest` of them is what it may claim.

    Without `answers`, each variable of the codebook is judged. `answers` names codes by variable, such as
    `{"wording": "liberation", "attribution": "outlet"}`: then these variables, each code against the rest
    (`wording=liberation`) and the yes or no that the codes make together (`wording=liberation, attribution=outlet`) are
    judged. A variable that is asked after another is judged a second time, with "not asked" as a code. Where the study
    has texts in several languages, each is judged in each of them too: `wording [uk]`. The blind answers count that
    `agree` counts. Raises BadRound for an unknown variable or code, and NothingToCompare if no answer counts.
    """
    selected = reliability_answers(study, round, version=codebook_version)
    book = study.codebook_under(codebook_version)
    languages = _languages(study, selected.frame)
    found: dict[str, Verdict] = {}
    for name, data in _questions(book, selected.frame, answers or {}):
        found[name] = _named(verdict_on(data, seed), name)
        of_span = np.array([languages.get(span, "") for span in data.spans], dtype=object)
        for language in sorted(set(languages.values())) if len(set(languages.values())) > 1 else ():
            one = verdict_on(data.subset(of_span == language), seed)
            found[f"{name} [{language or 'unknown'}]"] = _named(one, name, language or "unknown")
    return found


def verdict_on(data: ReliabilityData, seed: int = 0) -> Verdict:
    """Return the verdict on one question.

    >>> from .reliability_data import data_from_rows
    >>> rows = [(f"s{n}", coder, "no" if n % 2 else "yes") for n in range(60) for coder in ("ada", "ben")]
    >>> verdict_on(data_from_rows(rows)).sentence
    'relied on: alpha is at least .903'
    """
    tables, sizes, _ = data.by_article()
    draws = resample_tables(tables, RESAMPLES, seed) if len(tables) > 1 else np.empty((0, *tables.shape[1:]))
    return judge(tables, sizes, draws, data.variable.level, data.scale)


def _questions(
    book: Codebook, frame: pd.DataFrame, answers: Mapping[str, str]
) -> Iterator[tuple[str, ReliabilityData]]:
    """Yield the name and the data of each question to be judged."""
    for name, code in answers.items():
        if name not in book.by_name or code not in book.by_name[name].code_names:
            raise BadRound("the codebook has no such variable and code", answers=f"{name}={code}")
    for name in answers or [variable.name for variable in book.variables]:
        variable = book.by_name[name]
        yield name, data_from_frame(variable, frame[frame["variable"] == name])
        if variable.asked_when:
            yield f"{name}, or {NOT_ASKED}", with_not_asked(book, frame, variable)
        if name in answers:
            yield f"{name}={answers[name]}", derived(book, frame, {name: answers[name]})
    if len(answers) > 1:
        yield ", ".join(f"{name}={code}" for name, code in answers.items()), derived(book, frame, answers)


def derived(book: Codebook, frame: pd.DataFrame, answers: Mapping[str, str]) -> ReliabilityData:
    """Return the yes or no that follows from each coder's answers to a span: yes if all these codes were given.

    A variable that was not asked makes a derived answer no, except where it is the only one: then the span does not
    count, as it does not for the variable. A coder who left out a variable that was asked is left out, unless another
    code makes it no.
    """
    rows = []
    firsts = frame.drop_duplicates(["span", "coder"]).set_index(["span", "coder"])
    given = answers_by_coder(frame)
    for key, codes in given.items():
        held: list[bool | None] = []
        for name, code in answers.items():
            if name in codes:
                held.append(code in codes[name])
            else:
                held.append(False if len(answers) > 1 and is_stopped(book, book.by_name[name], codes) else None)
        if False in held or None not in held:
            rows.append((*key, "no" if False in held else "yes"))
    made = pd.DataFrame(rows, columns=["span", "coder", "code"])
    columns = [name for name in ("article", "made_at", "weight") if name in firsts]
    made = made.join(firsts[columns], on=["span", "coder"])
    variable = Variable.model_construct(name="derived", question="", kind="single", level="nominal", codes=YES_NO)
    return data_from_frame(variable, made)


def _named(verdict: Verdict, of: str, language: str = "") -> Verdict:
    return replace(verdict, of=of, language=language)


def _languages(study: Study, frame: pd.DataFrame) -> dict[str, str]:
    """Return the language of each answered span's article, "" where it is not known."""
    with study.store.reading() as connection:
        known = dict(connection.execute(select(db.articles.c.id, db.articles.c.language)).tuples().all())
    pairs = frame[["span", "article"]].drop_duplicates()
    return {span: known.get(article) or "" for span, article in pairs.itertuples(index=False, name=None)}
