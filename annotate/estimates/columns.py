"""The columns of an estimate: what coders answered and what a classifier expects, for any conditions on the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from annotate.estimators.regression import Floats, Ints
from corpus.study import Study

from .conditions import Conditions, is_met, probability
from .sample import CoderAnswers, Sample


class Columns:
    """The columns of coded shares and predicted probabilities, for any conditions (spans)."""

    def __init__(
        self, study: Study, sample: Sample, predictions: Mapping[str, Mapping[str, Mapping[str, float]]], fold: Ints
    ) -> None:
        self.study, self.book, self.sample, self.fold = study, study.codebook, sample, fold
        self.predictions = predictions
        self.several = frozenset(v.name for v in self.book.variables if v.kind == "multiple")
        self._predicted = [predictions[span] for span in sample.spans["span"]]
        self._answers = [sample.answers.get(span) for span in sample.spans["span"]]
        one = sample.single.answers if sample.single else {}
        self._single = [[one[span]] if span in one else None for span in sample.spans["span"]]
        self._cache: dict[tuple[str, frozenset[tuple[str, tuple[str, ...]]]], Floats] = {}

    def of_sample(self, sample: Sample) -> Columns:
        """Return the columns of another sample of the study, whose spans are all in this one."""
        fold = dict(zip(self.sample.spans["span"], self.fold, strict=True))
        folds = np.array([fold[span] for span in sample.spans["span"]], dtype=np.int64)
        other = Columns(self.study, sample, self.predictions, folds)
        if sample.spans["span"].equals(self.sample.spans["span"]):
            kept = ("predicted", "most probable") if sample.answers is not self.sample.answers else None
            other._cache |= {key: column for key, column in self._cache.items() if kept is None or key[0] in kept}
        return other

    def _once(self, what: str, conditions: Conditions, make: Callable[[Conditions], Floats]) -> Floats:
        key = what, frozenset(conditions.items())
        if key not in self._cache:
            self._cache[key] = make(conditions)
        return self._cache[key]

    def coded(self, conditions: Conditions) -> Floats:
        """Return the share of each span's coders whose answers meet the conditions; NaN where it is not coded."""
        return self._once("coded", conditions, lambda of: self._coded(of, self._answers))

    def single(self, conditions: Conditions) -> Floats:
        """Return whether one coder's answers to each span meet the conditions; NaN where nobody coded it."""
        return self._once("single", conditions, lambda of: self._coded(of, self._single))

    def predicted(self, conditions: Conditions) -> Floats:
        """Return the probability of each span that the conditions are met."""
        return self._once("predicted", conditions, self._predict)

    def most_probable(self, conditions: Conditions) -> Floats:
        """Return 1 where the most probable codes meet the conditions, else 0."""
        return self._once("most probable", conditions, self._most_probable)

    def _coded(self, conditions: Conditions, answers_of: Sequence[Sequence[CoderAnswers] | None]) -> Floats:
        return np.array(
            [
                np.nan if answers is None else sum(is_met(conditions, one) for one in answers) / len(answers)
                for answers in answers_of
            ]
        )

    def _predict(self, conditions: Conditions) -> Floats:
        return np.array([probability(conditions, by_variable, several=self.several) for by_variable in self._predicted])

    def _most_probable(self, conditions: Conditions) -> Floats:
        best = (
            {
                name: tuple(c for c, p in by_code.items() if p >= 0.5)
                if name in self.several
                else (max(by_code, key=by_code.__getitem__),)
                for name, by_code in by_variable.items()
            }
            for by_variable in self._predicted
        )
        return np.array([float(is_met(conditions, one)) for one in best])
