"""Tested spans: what was held out, the right codes, and what each classifier says, over all folds of a protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.codebook import Codebook, Variable
from models.data.folds import Mask, Split
from models.data.protocol import Classifier, Ints, Probabilities, truth
from models.measures.calibration import HeldOutOutlet, calibration_report, fit_calibration
from models.measures.metrics import Scores, mean_scores, score, score_difference
from models.suggestions.checkpoint import RECIPE

from .cache import cached_probabilities, delete_probabilities, digest_of, load_or_make, split_digest

if TYPE_CHECKING:
    from datasets import Dataset

    from models.classifiers.fine_tuning import Progress

OURS = "SpanClassifier"

ReportProgress = Callable[[str, float], None]


def no_report(what: str, share: float) -> None:
    """Report to nobody."""


@dataclass(frozen=True)
class ClassifierSpec:
    """How to make a classifier: `fit` trains it, telling the share that is done; `settings` are what decides it.

    There is one for each of `seeds`, or one where chance plays no part (no seeds). `also` measures a trained one on its
    test rows beyond probabilities, as something that JSON can hold.
    """

    fit: Callable[[int, Any, Progress], Classifier]
    settings: Mapping[str, object]
    seeds: tuple[int, ...] = ()
    also: Callable[[Any, Dataset], list[Any]] | None = None


@dataclass(frozen=True)
class HeldOutPredictions:
    """Held-out spans, each a row: their right codes by variable (-1 where it was not asked) and what was found.

    `found` has for each classifier its probabilities, one for each seed. `folds` names the fold of each row. `also` is
    what was measured besides, of all folds and seeds.
    """

    spans: list[str]
    articles: list[str]
    outlets: list[str | None]
    folds: list[str]
    truth: Mapping[str, Ints]
    found: Mapping[str, list[Probabilities]]
    also: list[Any]

    def rows(self, what: str) -> dict[str, Mask]:
        """Return the rows of each outlet (`outlets`) or fold (`folds`)."""
        values = np.array(getattr(self, what), dtype=object)
        return {name: values == name for name in dict.fromkeys(values) if name is not None}

    def unanswered(self, variable: str) -> list[str]:
        """Return the spans without a right code of a variable."""
        return [span for span, code in zip(self.spans, self.truth[variable], strict=True) if code < 0]

    def scores(self, classifier: str, variable: str, rows: Mask | None = None) -> Scores | None:
        """What a classifier is worth, the mean over its seeds; None where nobody was asked."""
        chosen = self.truth[variable] >= 0
        if rows is not None:
            chosen &= rows
        if not chosen.any():
            return None
        articles = [article for article, row in zip(self.articles, chosen, strict=True) if row]
        right = self.truth[variable][chosen]
        each = [score(right, found[variable][chosen], articles) for found in self.found[classifier]]
        return mean_scores(each, n=each[0].n)

    def each(self, classifier: str, variable: str, what: str, names: Sequence[str] | None = None) -> dict[str, Scores]:
        """Return the scores of each outlet or fold, or of those named."""
        found = {
            name: self.scores(classifier, variable, rows)
            for name, rows in self.rows(what).items()
            if names is None or name in names
        }
        return {name: one for name, one in found.items() if one is not None}

    def rows_at(self, places: Ints) -> HeldOutPredictions:
        """Return some of the rows, in the order given."""
        return HeldOutPredictions(
            **{n: [getattr(self, n)[row] for row in places] for n in ("spans", "articles", "outlets", "folds")},
            truth={variable: right[places] for variable, right in self.truth.items()},
            found={
                name: [{variable: one[places] for variable, one in found.items()} for found in all]
                for name, all in self.found.items()
            },
            also=[],
        )

    def seed(self, number: int) -> HeldOutPredictions:
        """Return the same with one seed only of each classifier that has several."""
        return replace(self, found={name: all[min(number, len(all) - 1) :][:1] for name, all in self.found.items()})


def join_folds(parts: Sequence[HeldOutPredictions]) -> HeldOutPredictions:
    """Return several folds as one."""
    first = parts[0]
    return HeldOutPredictions(
        spans=[span for part in parts for span in part.spans],
        articles=[article for part in parts for article in part.articles],
        outlets=[outlet for part in parts for outlet in part.outlets],
        folds=[fold for part in parts for fold in part.folds],
        truth={v: np.concatenate([part.truth[v] for part in parts]) for v in first.truth},
        found={
            name: [
                {v: np.concatenate([part.found[name][seed][v] for part in parts]) for v in first.truth}
                for seed in range(len(all))
            ]
            for name, all in first.found.items()
        },
        also=[one for part in parts for one in part.also],
    )


def train_and_test(
    split: Split, book: Codebook, makers: Mapping[str, ClassifierSpec], cache: Path, told: ReportProgress = no_report
) -> HeldOutPredictions:
    """Train each classifier on a split's training rows and test it; what was trained before is taken from `cache`."""
    train, test = split.parts["train"], split.parts["test"]
    rows = split_digest(split.parts)
    shapes = {v.name: (len(test), len(v.codes)) for v in book.variables}
    found: dict[str, list[Probabilities]] = {}
    also: list[Any] = []
    for name, maker in makers.items():
        for seed in maker.seeds or (0,):
            by = digest_of(rows, name, RECIPE, book.digest, maker.settings, seed if maker.seeds else None)
            beside = f"also-{by[:16]}"

            def make(
                name: str = name, maker: ClassifierSpec = maker, seed: int = seed, beside: str = beside
            ) -> Probabilities:
                what = f"{name} without {split.name}" + (f", seed {seed}" if len(maker.seeds) > 1 else "")
                told(what, 0.0)
                classifier = maker.fit(seed, train, lambda share: told(what, share))
                if maker.also:
                    load_or_make(cache, beside, lambda found: False, lambda: maker.also(classifier, test))  # type: ignore[misc]
                return classifier.predict_proba(test)

            if maker.also and not (cache / f"{beside}.json").is_file():
                delete_probabilities(cache, by)  # of a fold half of which was deleted: it is made again
            found.setdefault(name, []).append(cached_probabilities(cache, by, shapes, make))
            if maker.also:  # made when the classifier was trained
                also += load_or_make(cache, beside, lambda found: isinstance(found, list), list)
    return HeldOutPredictions(
        spans=list(test["span"]),
        articles=[article or span for article, span in zip(test["article"], test["span"], strict=True)],
        outlets=list(test["outlet"]),
        folds=[split.name] * len(test),
        truth={v.name: truth(test, v.name) for v in book.variables},
        found=found,
        also=also,
    )


def score_summary(
    found: HeldOutPredictions,
    variable: Variable,
    classifier: str,
    over: str = "outlets",
    outlets: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return a classifier's scores as JSON: `outlets`, their `mean` (or that of the folds), and all rows `pooled`.

    `over` says what the mean is over, `outlets` which of them count.
    """
    names = variable.code_names
    by_outlet = found.each(classifier, variable.name, "outlets", outlets)
    by_fold = found.each(classifier, variable.name, "folds") if over == "folds" else {}
    parts = by_fold if over == "folds" else by_outlet
    pooled = found.scores(classifier, variable.name)
    return {
        "outlets": {name: one.json(names) for name, one in by_outlet.items()},
        **({"folds": {name: one.json(names) for name, one in by_fold.items()}} if by_fold else {}),
        "mean": mean_scores(list(parts.values())).json(names) if parts else None,
        "pooled": pooled.json(names) if pooled else None,
    }


def score_differences(
    found: HeldOutPredictions, variable: Variable, over: str = "outlets", outlets: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return how much higher the mean macro-F1 of our classifier is than that of each other, with paired intervals."""

    def of(classifier: str) -> list[Scores]:
        return list(found.each(classifier, variable.name, over, outlets if over == "outlets" else None).values())

    ours = of(OURS) if OURS in found.found else []
    if not ours:
        return {}
    return {name: score_difference(mean_scores(ours), mean_scores(of(name))) for name in found.found if name != OURS}


def calibration_summary(found: HeldOutPredictions, book: Codebook) -> dict[str, Any] | None:
    """Return what calibrating and abstaining bring the focus variable on outlets held out, by the first seed.

    `kept` is the calibration for a model of all outlets. None where fewer than two outlets were asked.
    """
    parts = []
    for name, rows in found.rows("outlets").items():
        right = {v.name: found.truth[v.name][rows] for v in book.variables}
        parts.append(
            HeldOutOutlet(
                name,
                {v.name: np.eye(len(v.codes) + 1)[right[v.name]][:, : len(v.codes)] for v in book.variables},
                {name: one[rows] for name, one in found.found[OURS][0].items()},
            )
        )
    whole = fit_calibration(parts, book)
    found_out = calibration_report(parts, whole, book.focus_variable.name)
    return {**found_out, "kept": whole.json()} if found_out else None
