"""Evaluation: each outlet held out in turn, the classifier beside its baselines and the human mark."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corpus.codebook import Variable
from corpus.errors import NothingToLearn
from corpus.study import Study

from .baseline import Classifier, Probabilities, TermRule, TfidfClassifier
from .checkpoint import RECIPE, digest
from .dataset import labelled
from .folds import coded_outlets, hold_out
from .metrics import FIGURES, Scores, interval, scores
from .reference import reference

if TYPE_CHECKING:
    from datasets import DatasetDict

OURS = "SpanClassifier"
ENOUGH = 20  # answers of one coder in one outlet, below which no human mark is taken from them

Told = Callable[[str, float], None]


def _quiet(what: str, share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class Fold:
    """One held-out outlet: the answers to its spans that count and what each classifier says, by its name."""

    outlet: str
    trained_on: int
    articles: list[str]
    answers: dict[str, np.ndarray[Any, Any]]
    found: dict[str, Probabilities]

    def asked(self, variable: str) -> np.ndarray[Any, Any]:
        """The rows where most coders were asked the variable."""
        return np.asarray(self.answers[variable].sum(axis=1) >= 0.5)

    def scores(self, classifier: str, variable: str) -> Scores | None:
        """What a classifier is worth here; None where nobody was asked."""
        rows = self.asked(variable)
        if not rows.any():
            return None
        articles = [article for article, row in zip(self.articles, rows, strict=True) if row]
        return scores(self.answers[variable][rows].argmax(axis=1), self.found[classifier][variable][rows], articles)


def evaluate(study: Study, outlets: Sequence[str] = (), told: Told = _quiet) -> dict[str, Any]:
    """Hold out the outlets named, or every coded one, and return what `evaluate --json` prints.

    Trained folds are kept in the study's folder by their digest, so nothing is trained twice. `told` hears what is
    being done and the share of it. Raises NothingToLearn where fewer than two outlets are coded, or where the focus is
    a multiple-choice variable.
    """
    focus = study.codebook.focus_variable
    if focus.kind != "single":
        raise NothingToLearn(
            f"{focus.name} is multiple choice, which cannot be measured yet; name another variable in the codebook: "
            "`focus: NAME`"
        )
    data = labelled(study)
    known = coded_outlets(data)
    if len(known) < 2:
        raise NothingToLearn(f"holding an outlet out needs two coded outlets; only {known[0]!r} is coded")
    if unknown := [name for name in outlets if name not in known]:
        raise NothingToLearn(f"no coded span is of {unknown[0]!r}; coded outlets: {', '.join(known)}")
    folds = [_fold(study, outlet, hold_out(data, outlet), told) for outlet in outlets or known]
    answers = study.annotations()
    singles = [variable for variable in study.codebook.variables if variable.kind == "single"]
    by_variable = {v.name: _summary(folds, v, answers, [fold.outlet for fold in folds]) for v in singles}
    simulated = sorted(set(answers["coder"][answers["simulated"].astype(bool)]))
    return {
        "variable": focus.name,
        **by_variable[focus.name],
        "held_out": [fold.outlet for fold in folds],
        "trained_on": {fold.outlet: fold.trained_on for fold in folds},
        "simulated_coders": simulated,
        "variables": by_variable,
    }


def _fold(study: Study, outlet: str, parts: DatasetDict, told: Told) -> Fold:
    train, test = parts["train"], parts["test"]
    book = study.codebook
    makers: dict[str, Callable[[], Classifier]] = {
        "term rule": lambda: TermRule(book),
        "TF-IDF": lambda: TfidfClassifier(book),
    }
    found: dict[str, Probabilities] = {}
    for name, make in makers.items():
        found[name] = _kept(study, name, parts, lambda make=make: make().fit(train).predict_proba(test))  # type: ignore[misc]
    found[OURS] = held_out(study, outlet, parts, told)
    return Fold(outlet, len(train), list(test["article"]), reference(study, test), found)


def held_out(study: Study, outlet: str, parts: DatasetDict, told: Told = _quiet) -> Probabilities:
    """Return what the classifier says about an outlet when it has learned from the others, trained once."""

    def ours() -> Probabilities:
        from .classifier import SpanClassifier

        classifier = SpanClassifier.of(study).fit(
            parts["train"], lambda share: told(f"training without {outlet}", share)
        )
        return classifier.predict_proba(parts["test"])

    found = _kept(study, OURS, parts, ours)
    told(f"training without {outlet}", 1.0)
    return found


def _kept(study: Study, name: str, parts: DatasetDict, make: Callable[[], Probabilities]) -> Probabilities:
    """Return a fold's probabilities, made once for the same spans, codes and settings."""
    settings = study.settings.model.model_dump() if name == OURS else {}
    key = digest(parts["train"], digest(parts["test"]), name, RECIPE, study.codebook.digest, settings)
    file = study.folder / "cache" / f"fold-{key[:16]}.json"
    shapes = {v.name: (len(parts["test"]), len(v.codes)) for v in study.codebook.variables}
    try:
        kept = {variable: np.array(rows) for variable, rows in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        kept = {}  # not there, or damaged
    if {variable: rows.shape for variable, rows in kept.items()} == shapes:
        return kept
    found = {variable: rows.round(6) for variable, rows in make().items()}  # what is kept and what is told are the same
    file.parent.mkdir(exist_ok=True)
    scratch = file.with_suffix(".part")
    scratch.write_text(json.dumps({variable: rows.tolist() for variable, rows in found.items()}))
    scratch.replace(file)
    return found


def _summary(folds: Sequence[Fold], variable: Variable, answers: pd.DataFrame, outlets: list[str]) -> dict[str, Any]:
    ours = _of_classifier(folds, variable, OURS)
    baselines = {name: _of_classifier(folds, variable, name) for name in folds[0].found if name != OURS}
    return {**ours, "baselines": baselines, "human": human_mark(answers, variable, outlets)}


def _of_classifier(folds: Sequence[Fold], variable: Variable, classifier: str) -> dict[str, Any]:
    found = {fold.outlet: fold.scores(classifier, variable.name) for fold in folds}
    known = {outlet: one for outlet, one in found.items() if one is not None}
    if not known:
        return {"outlets": {}, "mean": None, "pooled": None}
    return {
        "outlets": {outlet: one.json() for outlet, one in known.items()},
        "mean": _mean(list(known.values())),
        "pooled": _pooled(folds, variable.name, classifier).json(),
    }


def _mean(found: Sequence[Scores]) -> dict[str, Any]:
    """Return the mean over outlets, each counting the same; its interval resamples articles inside each outlet."""
    figures: dict[str, Any] = {"n": sum(one.n for one in found)}
    for name in FIGURES:
        values = [value for one in found if (value := getattr(one, name)) is not None]
        figures[name] = round(float(np.mean(values)), 4) if values else None
    low, high = interval(np.mean([one.draws for one in found], axis=0))
    return {**figures, "interval": [round(low, 4), round(high, 4)]}


def _pooled(folds: Sequence[Fold], variable: str, classifier: str) -> Scores:
    rows = [fold.asked(variable) for fold in folds]
    truth = np.concatenate([f.answers[variable][r].argmax(axis=1) for f, r in zip(folds, rows, strict=True)])
    probabilities = np.concatenate([f.found[classifier][variable][r] for f, r in zip(folds, rows, strict=True)])
    articles = [a for f, r in zip(folds, rows, strict=True) for a, row in zip(f.articles, r, strict=True) if row]
    return scores(truth, probabilities, articles)


def human_mark(answers: pd.DataFrame, variable: Variable, outlets: Sequence[str]) -> dict[str, Any] | None:
    """Return how well one coder agrees with the majority of the others, by the classifier's own metric.

    For each outlet the macro-F1 of every coder with at least ENOUGH answers there, against the majority of the other
    coders (ties left out), and their mean. Simulated coders are left out. None with fewer than three coders.
    """
    blind = (answers["arm"] == "blind") & ~answers["simulated"].astype(bool)
    people = answers[blind & (answers["variable"] == variable.name)]
    if people["coder"].nunique() < 3:
        return None
    codes = list(variable.code_names)
    found: dict[str, dict[str, Any]] = {}
    for outlet in outlets:
        table = people[people["outlet"] == outlet].pivot_table("code", "span", "coder", aggfunc="first")
        given = np.stack([(table == code).to_numpy() for code in codes], axis=-1).astype(float)
        marks = {coder: mark for i, coder in enumerate(table.columns) if (mark := _one_coder(given, i)) is not None}
        if marks:
            values = [mark for mark, _ in marks.values()]
            found[outlet] = {
                "macro_f1": round(float(np.mean(values)), 4),
                "coders": {str(coder): {"macro_f1": round(mark, 4), "n": n} for coder, (mark, n) in marks.items()},
            }
    if not found:
        return None
    mean = float(np.mean([one["macro_f1"] for one in found.values()]))
    return {"macro_f1": round(mean, 4), "outlets": found}


def _one_coder(given: np.ndarray[Any, Any], coder: int) -> tuple[float, int] | None:
    """Return one coder's macro-F1 against the majority of the others, and on how many spans."""
    from sklearn.metrics import f1_score

    own, others = given[:, coder], given.sum(axis=1) - given[:, coder]
    ordered = np.sort(others, axis=1)
    clear = (own.sum(axis=1) > 0) & (ordered[:, -1] > ordered[:, -2])
    if clear.sum() < ENOUGH:
        return None
    truth = others[clear].argmax(axis=1)
    mark = f1_score(truth, own[clear].argmax(axis=1), average="macro", labels=sorted(set(truth)))
    return float(mark), int(clear.sum())
