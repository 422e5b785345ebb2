"""Whether the coders agree well enough for an estimate: the verdict of reliability, and what it refuses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from sqlalchemy import select

from annotate.agreement.agreement import agreement
from annotate.agreement.alpha import Floats, resample_tables
from annotate.agreement.reliability_data import (
    NOT_ASKED,
    ReliabilityData,
    answers_by_coder,
    data_from_frame,
    is_stopped,
    reliability_answers,
)
from annotate.agreement.variable_agreement import VariableAgreement, variable_agreement
from annotate.agreement.verdicts import FAILS, UNDEFINED, UNTOLD, Verdict, figure, judge, weakest
from corpus.annotation import code_text, codes_of
from corpus.codebook import Variable
from corpus.errors import NoEstimate, NothingToCompare
from corpus.study import Study
from corpus.study import database as db
from corpus.study.history.handing_in import late_answers

from .conditions import Conditions

SHOWN = ("relied on", "tentative")
FEWEST_DOUBLE_CODED = 50  # spans coded by two or more, where the verdict is not clear
FLOOR = 0.667  # alpha below which an unclear verdict refuses an estimate (Krippendorff's floor)


@dataclass(frozen=True)
class Reliability:
    """The weakest verdict of variables, why an estimate is refused for it with what to do, and what it must mention."""

    verdict: str
    refused: list[str]
    notes: list[str]


def check_codes(study: Study, variables: Collection[str]) -> None:
    """Raise NoEstimate if answers to these variables, or to those asked before them, have codes the codebook lacks.

    They would be missing just where their code was given.
    """
    book, t = study.codebook, db.annotations.c
    names = {*variables}
    while more := {earlier for name in names for earlier in book.by_name[name].asked_when} - names:
        names |= more
    query = (
        select(t.variable, t.code).distinct().where(t.codebook_version == book.version, t.variable.in_(sorted(names)))
    )
    with study.store.reading() as connection:
        given = connection.execute(query).all()
    for variable, code in sorted((row.variable, row.code) for row in given):
        if unknown := set(codes_of(code)) - set(book.by_name[variable].code_names):
            raise NoEstimate(
                f"answers to {variable} have the code {min(unknown)}, which the codebook {book.version} lacks; change "
                "it back, or give the codebook a new version and state what became of the code: slantwise codebook "
                "migrate"
            )


def check_reliability(study: Study, names: Sequence[str]) -> Reliability:
    """Return whether coders agree well enough on each of these variables: the one to estimate, then those of groups.

    Of the latter only a verdict that fails refuses an estimate.
    """
    try:
        found = agreement(study, brief=True)
    except NothingToCompare:
        return Reliability("undefined", [_single_coded(", ".join(names))], [])
    measured = found.variables
    verdicts = {name: _check(measured[name]) for name in names}
    for name in names[1:]:
        if (verdict := verdicts[name][0]) != "fails":
            verdicts[name] = verdict, ""
    notes = [
        f"reliability not yet shown: the verdict on {name} is {verdict} ({_basis(measured[name])})"
        for name, (verdict, reason) in verdicts.items()
        if not reason and verdict not in SHOWN
    ]
    if found.selected.changed_late:
        notes.append(late_answers(found.selected.changed_late))
    weakest = min((verdict for verdict, _ in verdicts.values()), key=strength)
    return Reliability(weakest, [reason for _, reason in verdicts.values() if reason], notes)


def _basis(measured: VariableAgreement) -> str:
    alpha = "undefined" if measured.alpha is None else f"{measured.alpha:.2f}"
    return f"{measured.n_units} spans coded by two or more, alpha {alpha}"


def strength(verdict: str) -> int:
    """Return a number for a verdict, the greater the more it says for the coders."""
    return {"relied on": 3, "tentative": 2, "fails": 0}.get(verdict, 1)


def _single_coded(names: str) -> str:
    return (
        f"no span of {names} was coded blind by two coders, so its reliability is unknown; draw a round with overlap: "
        "slantwise round draw reliability --purpose reliability"
    )


def _check(measured: VariableAgreement) -> tuple[str, str]:
    """Return a variable's verdict, and why an estimate of it is refused, or nothing."""
    verdict, variable = measured.gate, measured.data.variable.name
    if not measured.n_units:
        return "undefined", _single_coded(variable)
    alpha = "undefined" if measured.alpha is None else f"{measured.alpha:.2f}"
    if verdict == "fails":
        return verdict, f"the coders do not agree on {variable} (alpha {alpha}); clarify the codebook and code again"
    if verdict not in SHOWN and (
        measured.alpha is None or measured.alpha < FLOOR or measured.n_units < FEWEST_DOUBLE_CODED
    ):
        return verdict, (
            f"the reliability of {variable} cannot be told yet ({_basis(measured)}); code more spans twice: slantwise "
            "round plan"
        )
    return verdict, ""


@dataclass(frozen=True)
class FigureVerdict:
    """The weakest verdict that one figure rests on, and why the figure is withheld, or nothing."""

    verdict: str
    withheld: str = ""


def note_unshown(figures: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return a sentence for each code with figures whose reliability is not shown, from (code, group, verdict).

    >>> note_unshown([("plain", "Herald", "tentative"), ("liberation", "Herald", "cannot be told yet")])
    ['reliability not yet shown: the verdict on liberation is cannot be told yet (Herald)']
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for code, group, verdict in figures:
        if verdict not in SHOWN:
            groups.setdefault((code, verdict), []).append(group)
    return [
        f"reliability not yet shown: the verdict on {code} is {verdict} ({'; '.join(names)})"
        for (code, verdict), names in groups.items()
    ]


def _refusal(of: Verdict) -> str:
    """Return why no figure may rest on a verdict, or nothing.

    >>> _refusal(Verdict("cannot be told yet", 0.5, 0.9, 30, 20, alpha=0.75, of="wording", language="uk"))
    'the reliability of wording in uk cannot be told yet (30 spans coded by two or more, alpha .750)'
    """
    name = f"{of.of} in {of.language}" if of.language else of.of
    if of.verdict == FAILS:
        most = "" if of.upper is None else f" (alpha at most {figure(of.upper)})"
        return f"the coders do not agree on {name}{most}"
    if of.verdict == UNTOLD and (of.alpha is None or of.alpha < FLOOR or of.n_units < FEWEST_DOUBLE_CODED):
        alpha = "undefined" if of.alpha is None else figure(of.alpha)
        return f"the reliability of {name} cannot be told yet ({of.n_units} spans coded by two or more, alpha {alpha})"
    return ""


class FigureVerdicts:
    """The verdicts that the figures of a variable rest on, each found once.

    A figure rests on the verdicts on the variable, on its code against all others, on the answer that it shows where
    other questions define its group ("liberation in own words", yes or no), and on each of them in every language of
    the spans, where there are several. `passed_over` are the reasons for which figures would be withheld, but for an
    override.
    """

    def __init__(self, study: Study, variable: Variable, override: str | None) -> None:
        frame = reliability_answers(study).frame
        coders = frame.groupby("span")["coder"].nunique()
        self._frame = frame[frame["span"].isin(coders.index[coders > 1])]
        self._book, self.variable, self._override = study.codebook, variable, override
        with study.store.reading() as connection:
            a = db.articles.c
            self._language = {row.id: row.language or "" for row in connection.execute(select(a.id, a.language))}
        self._languages = self.languages_of(self._frame["article"])
        self._several = len(set(self._language.values())) > 1
        self.passed_over: dict[str, None] = {}
        self._found: dict[tuple[object, ...], list[Verdict]] = {}
        self._data: dict[tuple[str, ...], ReliabilityData] = {}
        self._agreements: dict[str | None, VariableAgreement] = {}

    def languages_of(self, articles: Iterable[str]) -> set[str]:
        """Return the languages of these articles, "" where one is not known."""
        return {self._language.get(article, "") for article in articles}

    def on(self, code: str, domain: Conditions, languages: Collection[str]) -> FigureVerdict:
        """Return the verdict on a code's share in a group that these codes define, of spans in these languages."""
        several = sorted({*languages} & self._languages | {*languages} - {""}) if self._several else []
        every = [one for language in (None, *several) for one in self._of(code, domain, language)]
        found = weakest(every)
        reason = next(filter(None, map(_refusal, [found, *every])), "")
        if reason and self._override:
            self.passed_over[reason] = None
        return FigureVerdict(found.verdict, f"no figure: {reason}" if reason and not self._override else "")

    def _of(self, code: str, domain: Conditions, language: str | None) -> list[Verdict]:
        key = (code, tuple(domain.items()), language)
        if key not in self._found:
            name, names = self.variable.name, (self.variable.name, *domain)
            if language is not None and language not in self._languages:  # nothing was coded by two in it
                self._found[key] = [Verdict(UNTOLD, None, None, 0, 0, of=name, language=language)]
                return self._found[key]
            of_variable = self._agreement(language)
            whole = of_variable.verdict
            of_code = of_variable.codes[code].verdict if code in of_variable.codes else None
            if of_code is None and whole.n_units:  # it was given to no span that two coders answered: no variation
                of_code = Verdict(UNDEFINED, None, None, whole.n_units, whole.n_articles)
            verdicts = [replace(whole, of=name)] + ([] if of_code is None else [replace(of_code, of=code)])
            if domain:
                wanted = [(code,), *domain.values()]
                said = ", ".join(one for codes in wanted for one in codes)
                verdicts.append(replace(self._derived(names, wanted, language), of=said))
            self._found[key] = [replace(one, language=language or "") for one in verdicts]
        return self._found[key]

    def _agreement(self, language: str | None) -> VariableAgreement:
        if language not in self._agreements:
            rows = self._frame[self._frame["variable"] == self.variable.name]
            within = self._within(data_from_frame(self.variable, rows), language)
            self._agreements[language] = variable_agreement(within, brief=True)
        return self._agreements[language]

    def _within(self, data: ReliabilityData, language: str | None) -> ReliabilityData:
        if language is None:
            return data
        of_article = np.array([self._language.get(name, "") == language for name in data.article_names], dtype=bool)
        return data.subset(of_article[data.articles])

    def _derived(self, names: tuple[str, ...], wanted: Sequence[tuple[str, ...]], language: str | None) -> Verdict:
        """Return the verdict on the yes or no that follows from a coder's answers: yes if all codes were given."""
        if names not in self._data:
            self._data[names] = self._joint(names)
        data = self._within(self._data[names], language)
        yes = np.array(
            [
                all(set(codes_of(of)) & set(codes) for of, codes in zip(value.split("\n"), wanted, strict=True))
                for value in data.values
            ],
            dtype=float,
        )
        tables, sizes, _ = data.by_article()
        side = np.stack([yes, 1 - yes])
        two: Floats = np.einsum("ai,nij,bj->nab", side, tables, side)
        draws = resample_tables(two) if len(two) > 1 else np.empty((0, 2, 2))
        return judge(two, sizes, draws)

    def _joint(self, names: tuple[str, ...]) -> ReliabilityData:
        """Return each coder's answers to several variables as one, without coders who left out one that was asked."""
        firsts = self._frame.drop_duplicates(["span", "coder"]).set_index(["span", "coder"])
        rows = []
        for key, answers in self._given.items():
            codes = [
                code_text(answers[name]) if name in answers
                else NOT_ASKED if is_stopped(self._book, self._book.by_name[name], answers) else None
                for name in names
            ]  # fmt: skip
            if None not in codes:
                rows.append((*key, "\n".join(str(one) for one in codes)))
        made = pd.DataFrame(rows, columns=["span", "coder", "code"])
        made = made.join(firsts[["article", "made_at", "weight"]], on=["span", "coder"])
        joint = Variable.model_construct(name="joint", question="", kind="multiple", level="nominal", codes=())
        return data_from_frame(joint, made)

    @cached_property
    def _given(self) -> dict[tuple[str, str], dict[str, tuple[str, ...]]]:
        return answers_by_coder(self._frame)
