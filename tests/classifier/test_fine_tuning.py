"""Training can be stopped and goes on; the first annotations are learned at once; weights are averaged."""

from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from command_line import process, slantwise
from datasets import Dataset
from timing import processor_time

from corpus import Study
from corpus.codebook import Code, Variable
from corpus.study import database as db
from models.classifiers.choose_head import best_on_held_out, mean_cross_entropy
from models.classifiers.fine_tuning import WeightAverage
from models.classifiers.linear_head import fit_head
from models.classifiers.priors import correction_strength
from models.classifiers.span_classifier import FINE_TUNE_FROM, HEAD_ONLY_BELOW, SpanClassifier
from models.classifiers.tfidf import CommonestCode, TfidfClassifier
from models.data.classifier_protocol import coder_shares
from models.data.labelled import labelled_spans


def weights(classifier: SpanClassifier) -> dict[str, torch.Tensor]:
    return dict(classifier.model.state_dict())


def test_a_training_that_was_stopped_goes_on_and_ends_with_the_same_weights(
    example_read_only: Study, tmp_path: Path
) -> None:
    data = labelled_spans(example_read_only).select(range(48))
    whole = SpanClassifier(example_read_only.codebook, epochs=3).fine_tune(data)
    heard: list[float] = []

    def stopped(share: float) -> None:
        heard.append(share)
        if share > 0.7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SpanClassifier(example_read_only.codebook, epochs=3).fine_tune(data, stopped, tmp_path / "kept")
    (tmp_path / "kept" / "training-0" / "checkpoint-999").mkdir()  # killed while this one was written
    heard.clear()
    resumed = SpanClassifier(example_read_only.codebook, epochs=3).fine_tune(data, heard.append, tmp_path / "kept")
    assert heard[0] > 0.66  # two of three epochs were not trained again
    for name, one in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], one, atol=1e-5, rtol=1e-4)


@pytest.mark.perf
def test_the_first_annotations_are_learned_by_the_head_alone_and_within_seconds(example_read_only: Study) -> None:
    data = labelled_spans(example_read_only).shuffle(seed=1)
    few, rest = data.select(range(50)), data.select(range(HEAD_ONLY_BELOW, len(data)))
    with processor_time() as used:
        learned = SpanClassifier(example_read_only.codebook).fit(few)
        found = learned.predict_proba(rest)["wording"]
    assert used.seconds < 40 and learned.epochs == 0  # of two processors: 20 s on the clock
    asked = coder_shares(rest, "wording").sum(axis=1) > 0.5
    answers = coder_shares(rest, "wording")[asked].argmax(axis=1)
    common = np.bincount(answers).max() / len(answers)
    assert (found[asked].argmax(axis=1) == answers).mean() > common + 0.1


@pytest.mark.perf
def test_the_first_fifty_spans_bring_suggestions_in_one_command_within_seconds(
    example_copy: Path,
) -> None:
    folder = example_copy
    study = Study.open(folder)
    kept = set(study.annotations().drop_duplicates("span").groupby("outlet").head(10)["span"].iloc[:50])
    with study.store.writing() as connection:
        connection.execute(db.annotations.delete().where(db.annotations.c.span.not_in(kept)))
    study.store.close()
    with processor_time(resource.RUSAGE_CHILDREN) as used:
        done = process("train", "--suggest", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["spans"] == 50 and said["epochs"] == 0 and said["suggested"]["scored"] > 200
    assert used.seconds < 40  # two processors: 20 s on the clock
    again = slantwise("train", "--suggest", cwd=folder)
    assert f"0 spans scored, {said['suggested']['scored']} already had suggestions" in again.stderr


def test_the_head_of_a_mean_is_the_mean_of_the_heads(example_read_only: Study) -> None:
    """What is fitted on the spans' mean states gives the logits that the checkpoint's tokens give."""
    data = labelled_spans(example_read_only).select(range(40))
    learned = SpanClassifier(example_read_only.codebook).fit_head(data)
    found, features = learned.predict_with_features(data)
    targets = np.hstack([coder_shares(data, name) for name in learned.classes_])
    head, bias = fit_head(
        features, targets, list(data["outlet"]), list(data["copy_group"]), example_read_only.codebook.variables
    )
    logits = features @ head.T + bias + learned.bias_corrections(data, features)
    first = 0
    for variable in example_read_only.codebook.variables:
        part = logits[:, first : first + len(variable.codes)]
        first += len(variable.codes)
        expected = np.exp(part - part.max(axis=1, keepdims=True))
        np.testing.assert_allclose(found[variable.name], expected / expected.sum(axis=1, keepdims=True), atol=1e-3)


def test_a_code_that_nobody_gave_is_never_suggested_first(example_read_only: Study) -> None:
    data = labelled_spans(example_read_only)
    answers = coder_shares(data, "wording")
    held = data.select(np.flatnonzero(answers[:, 0] == 0)[:60])
    found = SpanClassifier(example_read_only.codebook).fit_head(held).predict_proba(data)["wording"]
    assert found[:, 0].max() < 0.02


def test_the_way_is_chosen_that_holds_on_outlets_held_out(example_read_only: Study) -> None:
    data, heard = labelled_spans(example_read_only).shuffle(seed=1).select(range(120)), []
    ways: dict[str, Any] = {
        "nothing read": lambda part, told: CommonestCode(example_read_only.codebook).fit(part),
        "words": lambda part, told: told(1.0) or TfidfClassifier(example_read_only.codebook).fit(part),
    }
    for names in (list(ways), list(ways)[::-1]):
        assert (
            best_on_held_out(data, example_read_only.codebook, {name: ways[name] for name in names}, heard.append)
            == "words"
        )
    assert heard[:2] == [0.5, 1.0]


@pytest.mark.parametrize(
    ("spans", "does_better", "expected"),
    [(HEAD_ONLY_BELOW - 1, "all", "head"), (HEAD_ONLY_BELOW, "head", "head"), (HEAD_ONLY_BELOW, "all", "all"), (FINE_TUNE_FROM - 1, "head", "head"),
     (FINE_TUNE_FROM, "head", "all")],
)  # fmt: skip
def test_how_many_spans_there_are_decides_the_way_and_in_between_what_does_better(
    example_read_only: Study, monkeypatch: pytest.MonkeyPatch, spans: int, does_better: str, expected: str
) -> None:
    went: list[str] = []
    monkeypatch.setattr(
        "models.classifiers.span_classifier.best_on_held_out", lambda data, book, ways, progress: does_better
    )
    monkeypatch.setattr(SpanClassifier, "fit_head", lambda self, data, *rest: went.append("head"))
    monkeypatch.setattr(SpanClassifier, "fine_tune", lambda self, data, *rest: went.append("all"))
    SpanClassifier(example_read_only.codebook).fit(labelled_spans(example_read_only).select(range(spans)))
    assert went == [expected]


def test_spans_that_were_not_asked_a_multiple_choice_teach_it_nothing(example_read_only: Study) -> None:
    """Two codes that may stand together, asked of half of the spans: what is learned is of that half."""
    codes = (Code(name="fear"), Code(name="hope"))
    tone = Variable(name="tone", question="Which?", kind="multiple", codes=codes)
    book = example_read_only.codebook.model_copy(update={"variables": (tone,)})
    given = np.array([[1.0, 0.0], [0.0, 0.0]] * 40)
    chance = np.random.default_rng(0)
    outlets, copies = ["Herald", "Courier"] * 40, [str(row) for row in range(80)]
    weights, biases = fit_head(chance.normal(size=(80, 3)), given, outlets, copies, book.variables)
    assert biases[0] > 2 and biases[1] < -2 and weights.shape == (2, 3)
    classifier = SpanClassifier(book)
    logits = torch.zeros(2, 2)
    asked, both = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    assert classifier.loss(logits, both) * 2 == pytest.approx(float(classifier.loss(logits[:1], asked)))
    told = Dataset.from_dict({"tone": given.tolist()})
    sure, all_codes = np.tile([0.99, 0.01], (80, 1)), np.tile([1.0, 1.0], (80, 1))
    assert mean_cross_entropy({"tone": sure}, told, book) < mean_cross_entropy({"tone": all_codes}, told, book)


def test_the_way_is_the_first_where_nothing_can_be_held_out(example_read_only: Study) -> None:
    data = labelled_spans(example_read_only)
    one = data.select(np.flatnonzero(np.array(data["copy_group"]) == data["copy_group"][0]))
    ways: dict[str, Any] = {"head": None, "all": None}
    assert best_on_held_out(one, example_read_only.codebook, ways, lambda share: None) == "head"


def test_trainings_in_another_order_are_averaged_and_go_on_where_they_were_stopped(
    example_read_only: Study, tmp_path: Path
) -> None:
    data = labelled_spans(example_read_only).select(range(32))
    heard: list[float] = []

    def stopped(share: float) -> None:
        heard.append(share)
        if share > 0.7:
            raise KeyboardInterrupt

    whole = SpanClassifier(example_read_only.codebook, epochs=1, trainings=3).fine_tune(data)
    with pytest.raises(KeyboardInterrupt):
        SpanClassifier(example_read_only.codebook, epochs=1, trainings=3).fine_tune(data, stopped, tmp_path / "kept")
    heard.clear()
    resumed = SpanClassifier(example_read_only.codebook, epochs=1, trainings=3).fine_tune(
        data, heard.append, tmp_path / "kept"
    )
    assert heard[0] > 0.66 and heard[-1] == 1.0
    for name, one in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], one, atol=1e-5, rtol=1e-4)
    single = weights(SpanClassifier(example_read_only.codebook, epochs=1).fine_tune(data))
    assert not torch.equal(single["classifier.weight"], weights(whole)["classifier.weight"])


def test_how_often_outlets_use_a_code_is_forgotten_as_far_as_asked_for(
    example_read_only: Study,
) -> None:
    """Two outlets with opposite shares and the same language: to forget is right; with the same shares it is not."""
    chance = np.random.default_rng(0)
    opposite = np.repeat([0, 1, 0, 1], [180, 20, 20, 180])
    alike = np.repeat([0, 1, 0, 1], [180, 20, 180, 20])
    outlets, copies = ["Herald"] * 200 + ["Courier"] * 200, [str(row) for row in range(400)]
    for answers, expected in ((opposite, 1.0), (alike, 0.0)):
        features = np.eye(2)[answers] + chance.normal(size=(400, 2))
        assert correction_strength(features, np.eye(2)[answers], outlets, copies) == expected
    assert correction_strength(features, np.eye(2)[alike], ["Herald"] * 400, copies) == 0.0
    assert correction_strength(features, np.eye(2)[opposite], outlets, ["wire"] * 400) == 0.0
    data = labelled_spans(example_read_only).select(range(40))
    learned = SpanClassifier(example_read_only.codebook).fit_head(data)
    assert len(learned.bias_corrections(data, learned.predict_with_features(data)[1])) == len(learned.columns)


def test_weights_are_averaged_over_the_steps_and_kept() -> None:
    layer = torch.nn.Linear(1, 1)
    average = WeightAverage(layer)
    for value in (1.0, 2.0, 6.0):
        with torch.no_grad():
            layer.weight.fill_(value)
        average.add()
    average.copy_to_model()
    assert layer.weight.item() == pytest.approx(3.0)
