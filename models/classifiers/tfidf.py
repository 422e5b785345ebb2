"""Baseline classifiers: TF-IDF with logistic regression, the codebook's terms, and the commonest code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from corpus.codebook import Codebook, Variable
from corpus.text import terms
from models.data.classifier_protocol import Probabilities, coder_shares, correct_codes
from models.data.labelled import span_text

if TYPE_CHECKING:
    from datasets import Dataset

_NO_WORD = "wordless"  # added where no training text has a word


class CommonestCode:
    """Predicts the commonest code for every span, whatever its text."""

    def __init__(self, book: Codebook) -> None:
        self.book = book
        self.classes_ = {variable.name: variable.code_names for variable in book.variables}

    def fit(self, data: Dataset) -> CommonestCode:
        """Learn the codes' frequencies."""
        self._common = {v.name: _code_shares(coder_shares(data, v.name).sum(axis=0)) for v in self.book.variables}
        return self

    def predict_proba(self, data: Dataset) -> Probabilities:
        """Return the codes' frequencies, the same for every span."""
        return {name: np.tile(common, (len(data), 1)) for name, common in self._common.items()}


class TermRule:
    """Predicts the first code that has a term in the span; where no code has one, the commonest code."""

    def __init__(self, book: Codebook) -> None:
        self.book = book
        self.classes_ = {variable.name: variable.code_names for variable in book.variables}

    def fit(self, data: Dataset) -> TermRule:
        """Learn the codes' frequencies."""
        self._common = {v.name: _code_shares(coder_shares(data, v.name).sum(axis=0)) for v in self.book.variables}
        return self

    def predict_proba(self, data: Dataset) -> Probabilities:
        """Return 0.9 for the code that the rule finds; the rest is shared by the codes' frequencies."""
        texts = [span_text(row) for row in data]
        return {variable.name: self._predict_variable(variable, texts) for variable in self.book.variables}

    def _predict_variable(self, variable: Variable, texts: list[str]) -> npt.NDArray[np.float64]:
        rule = [(code.name, code.terms) for code in variable.codes if code.terms]
        common = self._common[variable.name]
        rows = np.tile(common, (len(texts), 1))
        for row, text in zip(rows, texts, strict=True):
            if code := terms.first_matching_code(rule, text):
                row *= 0.1
                row[variable.code_names.index(code)] += 0.9
        return rows


class TfidfClassifier:
    """TF-IDF of words and word pairs with one logistic regression per variable: the standard baseline.

    A mention's few words carry little information, so its passage is added as further columns.
    """

    def __init__(self, book: Codebook) -> None:
        self.book = book
        self.classes_ = {variable.name: variable.code_names for variable in book.variables}

    def fit(self, data: Dataset) -> TfidfClassifier:
        """Learn from the commonest answer to each span."""
        from scipy.sparse import hstack
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [
            [f"{text} {_NO_WORD}" for text in part] if not _has_words(part) else part for part in self._texts(data)
        ]
        self._parts = [TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True) for _ in texts]
        columns = hstack([part.fit_transform(text) for part, text in zip(self._parts, texts, strict=True)]).tocsr()
        self._models = {v.name: self._fit_variable(v, columns, data) for v in self.book.variables}
        return self

    def _texts(self, data: Dataset) -> list[list[str]]:
        spans = [span_text(row) for row in data]
        return [spans, list(data["passage"])] if self.book.unit == "mention" else [spans]

    def _regression(self) -> Any:
        """Return a regression with equal weights for codes; without them the baseline is too weak (.48, not .59)."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=1000, class_weight="balanced")

    def _fit_variable(self, variable: Variable, columns: Any, data: Dataset) -> Any:
        from sklearn.dummy import DummyClassifier

        share = coder_shares(data, variable.name)
        asked = share.sum(axis=1) > 0
        if variable.kind == "multiple":
            if not asked.any():
                return []
            return [
                (self._regression() if 0 < answers.sum() < len(answers) else DummyClassifier()).fit(
                    columns[asked], answers
                )
                for answers in (share[asked] > 0.5).T
            ]
        gold = correct_codes(data, variable.name)
        answers = np.where(gold < 0, share.argmax(axis=1), gold)[asked]
        if len(set(answers)) < 2:
            return DummyClassifier().fit(columns[asked], answers) if len(answers) else None
        return self._regression().fit(columns[asked], answers)

    def predict_proba(self, data: Dataset) -> Probabilities:
        """Return for each variable the probabilities of its codes."""
        from scipy.sparse import hstack

        columns = hstack(
            [part.transform(text) for part, text in zip(self._parts, self._texts(data), strict=True)]
        ).tocsr()
        probabilities: Probabilities = {}
        for variable in self.book.variables:
            model = self._models[variable.name]
            rows = np.zeros((len(data), len(variable.codes)))
            if variable.kind == "multiple":
                for column, regression in enumerate(model):
                    rows[:, column] = (
                        regression.predict_proba(columns)[:, list(regression.classes_).index(True)]
                        if True in regression.classes_
                        else 0
                    )
            elif model is None:
                rows[:] = 1 / len(variable.codes)
            else:
                rows[:, model.classes_] = model.predict_proba(columns)
            probabilities[variable.name] = rows
        return probabilities


def _has_words(texts: list[str]) -> bool:
    """Return whether there is any word of two letters, which TF-IDF needs for its vocabulary."""
    return any(re.search(r"\b\w\w", text) for text in texts)


def _code_shares(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return counts / counts.sum() if counts.sum() else np.full(len(counts), 1 / len(counts))
