"""Evaluation holds outlets out, keeps what it has trained, and puts the baselines and the human mark beside it."""

import json
from pathlib import Path

import numpy as np
import pytest

from corpus import Study
from corpus.errors import NothingToLearn
from models.classifiers.tfidf import CommonestCode, TfidfClassifier
from models.data.classifier_protocol import coder_shares
from models.data.folds import coded_outlets, hold_out
from models.data.labelled import labelled_spans
from models.evaluation.cache import cached_probabilities, split_digest
from models.evaluation.evaluate import evaluate
from models.evaluation.faithfulness import deletion_drops, summarise_drops
from models.measures.human import human_f1
from models.measures.metrics import score
from models.suggestions.checkpoint import rows_digest

FLOOR_BABE = {"TF-IDF": 0.585, "human": 0.69}  # of the four outlets' mean macro-F1; they only rise


def test_tfidf_on_babe_reaches_its_floor_and_the_human_mark_is_the_published_one(babe_study: Study) -> None:
    data = labelled_spans(babe_study)
    found = []
    for outlet in coded_outlets(data):
        parts = hold_out(data, outlet).parts
        probabilities = TfidfClassifier(babe_study.codebook).fit(parts["train"]).predict_proba(parts["test"])["bias"]
        answers = coder_shares(parts["test"], "bias").argmax(axis=1)
        found.append(score(answers, probabilities, parts["test"]["article"]).macro_f1)
    assert np.mean(found) >= FLOOR_BABE["TF-IDF"]
    human = human_f1(babe_study.annotations(), babe_study.codebook.focus_variable, coded_outlets(data))
    assert human is not None
    assert {name: round(one.macro_f1, 2) for name, one in human.outlets.items()} == {
        "Alternet": 0.72,
        "Breitbart": 0.74,
        "Fox News": 0.78,
        "Reuters": 0.56,
    }
    assert human.macro_f1 >= FLOOR_BABE["human"]


def test_a_small_fold_of_babe_is_learned_better_than_by_tfidf(babe_study: Study) -> None:
    from models.classifiers.span_classifier import SpanClassifier

    data = labelled_spans(babe_study)
    parts = hold_out(data, "Fox News").parts
    train = parts["train"].shuffle(seed=1).select(range(500))
    answers = coder_shares(parts["test"], "bias").argmax(axis=1)
    classifier = SpanClassifier(babe_study.codebook, epochs=4).fit(train)
    ours, theirs = (
        score(answers, fitted.predict_proba(parts["test"])["bias"], parts["test"]["article"])
        for fitted in (classifier, TfidfClassifier(babe_study.codebook).fit(train))
    )
    assert ours.n == theirs.n == 260
    assert ours.macro_f1 > theirs.macro_f1 + 0.03
    # the words with the largest shares are those that the score hangs on
    faithful = summarise_drops(deletion_drops(classifier, parts["test"], "bias"))
    assert faithful.n == 60 and faithful.interval and faithful.interval[0] and faithful.top_words, faithful
    assert faithful.interval[0] > 0 and faithful.top_words > 0, faithful


def test_evaluate_keeps_folds_and_answers_in_the_agreed_shape(
    example_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Quick(CommonestCode):  # what is kept and how is asked here, not how good a model is
        fits = 0

        @classmethod
        def for_study(cls, study: Study) -> "Quick":
            return cls(study.codebook)

        def fit(self, data, progress=None):  # type: ignore[no-untyped-def]
            Quick.fits += 1
            return super().fit(data)

    monkeypatch.setattr("models.classifiers.span_classifier.SpanClassifier", Quick)
    monkeypatch.setattr(
        "models.evaluation.faithfulness.deletion_drops",
        lambda classifier, data, variable: [("a", 2.0, 0.5), ("b", 1.0, 0.7)],
    )
    first = evaluate(example_study, "Free Marn")
    again = evaluate(example_study, ["Free Marn"])
    assert first == again and Quick.fits == 1
    result = evaluate(example_study)
    assert Quick.fits == 5 and result.outlets["Free Marn"] == first.outlets["Free Marn"]
    more = result.json()
    figures = {"n", "macro_f1", "mcc", "average_precision", "brier", "calibration_error", "interval"}
    figures |= {"weighted_f1", "codes", "intervals", "by_code"}
    assert set(more) >= {"outlets", "mean", "pooled", "baselines", "human"}
    assert all(set(one) == figures for one in [*more["outlets"].values(), more["mean"], more["pooled"]])
    assert set(more["baselines"]) == {"term rule", "TF-IDF"}
    assert (
        set(more["baselines"]["TF-IDF"]["outlets"]) == set(more["outlets"]) and "Northern Lamp" not in more["outlets"]
    )
    assert more["faithful"] == first.faithful.json() | {"n": 10}
    assert more["human"] is None  # two of its three coders are simulated
    assert more["simulated_coders"] == ["simulated-1", "simulated-2"]
    assert more["pooled"]["n"] == sum(one["n"] for one in more["outlets"].values())
    assert json.loads(json.dumps(more, allow_nan=False)) == more
    assert not {"random", "forward", "leak", "curve"} & set(more) and more["agreement"] is None
    table = result.table()
    assert list(table.index) == [*result.held_out, "mean"] and table.index.name == "outlet"
    assert list(table.columns) == ["n", "macro_f1", "low", "high", "term rule", "TF-IDF", "one coder"]
    assert table.loc["mean", "macro_f1"] == more["mean"]["macro_f1"] and table.loc["mean", "n"] == more["mean"]["n"]


def test_a_changed_answer_is_another_fold(example_study: Study) -> None:
    data = labelled_spans(example_study)
    parts = hold_out(data, "Free Marn").parts
    changed = [{**row, "wording": row["wording"][::-1]} for row in parts["train"]]
    other = type(data).from_list(changed, features=data.features)
    assert rows_digest(parts["train"]) == rows_digest(hold_out(data, "Free Marn").parts["train"]) != rows_digest(other)


def test_outlets_that_cannot_be_held_out_are_named(example_study: Study, tmp_path: Path) -> None:
    with pytest.raises(
        NothingToLearn, match="outlet='Nowhere Times': it has no coded span; coded outlets: Continental Review"
    ):
        evaluate(example_study, ["Nowhere Times"])
    with pytest.raises(
        NothingToLearn, match="extra='leaks': expected one or more of random, forward, leak, curve, or full"
    ):
        evaluate(example_study, extra=["leaks"])
    from corpus.codebook import read_yaml

    empty = Study.create(tmp_path / "s", read_yaml("lexical-bias"))
    with pytest.raises(NothingToLearn, match="no span is coded"):
        evaluate(empty)


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"wording": [[1]]}', '{"wording": [[1], [2, 3]]}'])
def test_a_damaged_fold_is_made_again(example_study: Study, damage: str) -> None:
    study = example_study
    parts = hold_out(labelled_spans(study), "Free Marn").parts
    answers = {v.name: coder_shares(parts["test"], v.name) for v in study.codebook.variables}
    shapes = {name: shares.shape for name, shares in answers.items()}
    cache = study.folder / "cache"
    made = cached_probabilities(cache, split_digest(parts), shapes, lambda: answers)
    (file,) = cache.iterdir()
    whole = file.read_text()
    file.write_text(damage)
    again = cached_probabilities(cache, split_digest(parts), shapes, lambda: answers)
    assert all(np.array_equal(again[name], made[name]) for name in answers) and file.read_text() == whole


def test_a_multiple_choice_focus_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    variable = '{name: frame, question: "Which?", kind: multiple, codes: [{name: a}, {name: b}]}'
    book = f'name: frames\nversion: "1"\nunit: sentence\nvariables: [{variable}]\n'
    with pytest.raises(NothingToLearn, match="frame is multiple choice, which cannot be measured yet"):
        evaluate(Study.create(tmp_path / "s", book))


@pytest.mark.filterwarnings("error")
def test_a_single_code_is_measured_without_a_warning() -> None:
    found = score(np.array([1, 1]), np.array([[0.1, 0.9], [0.2, 0.8]]), ["a", "b"])
    assert (found.macro_f1, found.mcc, found.average_precision) == (1, 0, None)
