"""Folds separate outlets and copies; baselines speak the classifier's protocol."""

import numpy as np
import pytest
from datasets import Dataset
from sklearn.metrics import average_precision_score, f1_score, matthews_corrcoef

from corpus import Study
from corpus.errors import NothingToLearn
from models.classifiers.tfidf import TermRule, TfidfClassifier
from models.data.classifier_protocol import coder_shares, correct_codes
from models.data.folds import coded_outlets, hold_out
from models.data.labelled import labelled_spans
from models.measures.bootstrap import article_weights
from models.measures.metrics import FIGURES, calibration_error, mean_scores, score, score_difference


def test_a_held_out_outlet_shares_no_article_and_no_copy_with_the_training_rows(example_study: Study) -> None:
    data = labelled_spans(example_study)
    for outlet in coded_outlets(data):
        parts = hold_out(data, outlet).parts
        assert set(parts["test"]["outlet"]) == {outlet} and outlet not in parts["train"]["outlet"]
        assert not set(parts["test"]["copy_group"]) & set(parts["train"]["copy_group"])
    dropped = (
        len(data)
        - len(hold_out(data, "The Harbour Post").parts["train"])
        - len(hold_out(data, "The Harbour Post").parts["test"])
    )
    assert dropped > 0  # its wire copy stands in other outlets too


def test_an_outlet_that_nobody_coded_cannot_be_held_out(example_study: Study) -> None:
    with pytest.raises(NothingToLearn, match="coded outlets: Continental Review, Free Marn"):
        hold_out(labelled_spans(example_study), "Northern Lamp")


def test_soft_labels_are_the_shares_of_the_coders_who_gave_a_code(example_study: Study) -> None:
    data = labelled_spans(example_study)
    answers = example_study.annotations()
    row = next(r for r in data if max(r["attribution"]) < 1 and sum(r["attribution"]) > 0.99)
    given = answers[(answers["span"] == row["span"]) & (answers["variable"] == "attribution")]["code"]
    codes = example_study.codebook.by_name["attribution"].code_names
    assert row["attribution"] == pytest.approx([(given == code).sum() / 3 for code in codes])
    for variable in example_study.codebook.variables:
        assert (coder_shares(data, variable.name).sum(axis=1) <= 1 + 1e-6).all()


def test_the_term_rule_finds_the_first_code_with_a_term(example_study: Study) -> None:
    data = labelled_spans(example_study)
    rule = TermRule(example_study.codebook).fit(data)
    row = {**data[0], "passage": "They retook Velo", "start": 5, "end": 11}
    found = rule.predict_proba(Dataset.from_list([row]))["wording"][0]
    assert rule.classes_["wording"][found.argmax()] == "recovery" and found.sum() == pytest.approx(1)


def test_tfidf_gives_each_variable_a_distribution_even_with_one_answer(example_study: Study) -> None:
    few = labelled_spans(example_study).select(range(3))
    found = TfidfClassifier(example_study.codebook).fit(few).predict_proba(few)
    for variable in example_study.codebook.variables:
        assert found[variable.name].shape == (3, len(variable.codes))
        np.testing.assert_allclose(found[variable.name].sum(axis=1), 1)


def test_the_metrics_equal_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(7)
    answers = chance.integers(0, 3, 200)
    probabilities = chance.dirichlet(np.ones(3), 200)
    found = score(answers, probabilities, [str(n // 4) for n in range(200)])
    predicted = probabilities.argmax(axis=1)
    assert found.macro_f1 == pytest.approx(f1_score(answers, predicted, average="macro"))
    assert found.mcc == pytest.approx(matthews_corrcoef(answers, predicted))
    each = [average_precision_score(answers == code, probabilities[:, code]) for code in range(3)]
    assert found.average_precision == pytest.approx(np.mean(each))
    for code, one in found.codes.items():
        mine = answers == code, predicted == code
        assert (one.n, one.macro_f1) == (mine[0].sum(), pytest.approx(f1_score(*mine)))
        assert one.mcc == pytest.approx(matthews_corrcoef(*mine))
        assert one.average_precision == pytest.approx(each[code])
    low, high = found.summary("abc").interval
    assert low < found.macro_f1 < high


def test_each_figure_of_a_resample_is_that_of_its_rows_written_out() -> None:
    chance = np.random.default_rng(8)
    answers, articles = chance.integers(0, 2, 60), np.array([n // 4 for n in range(60)])
    answers[:2] = 2  # a rare code: a resample without its article does not have it, whatever was predicted
    probabilities = chance.dirichlet(np.ones(3), 60).round(1) + 0.01  # rounded: equal scores are one threshold
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    found = score(answers, probabilities, [f"{n:02}" for n in articles])
    error = []
    for draw in range(20):
        times = np.array([article_weights(f"{n:02}", 0)[draw] for n in articles])
        rows = np.repeat(np.arange(60), times)
        again = score(answers[rows], probabilities[rows], [str(n) for n in rows])
        for name in set(FIGURES) - {"calibration_error"}:
            assert found.resampled[name]()[draw] == pytest.approx(getattr(again, name)), name
        error.append(found.resampled["calibration_error"]()[draw] - again.calibration_error)
        for code, one in again.codes.items():
            for name in ("macro_f1", "mcc", "average_precision", "brier"):
                assert found.codes[code].resampled[name]()[draw] == pytest.approx(getattr(one, name)), name
    assert np.ptp(error) == pytest.approx(0) and np.mean(found.resampled["calibration_error"]()) == pytest.approx(
        found.calibration_error
    )


def test_a_code_that_all_miss_takes_nothing_from_a_paired_difference() -> None:
    answers = np.repeat([0, 1, 2], [30, 28, 2])
    rows = np.arange(60)
    good, poor = (np.eye(3)[np.where(rows % 10 < right, answers, (answers + 1) % 3)] for right in (9, 7))
    articles = [str(n // 2) for n in rows]
    found = score_difference(score(answers, good, articles), score(answers, poor, articles))
    low, high = found.interval
    assert 0 < low < found.macro_f1 < high < 0.5


def test_a_resample_without_a_code_says_nothing_of_it() -> None:
    answers = np.repeat([0, 1], [38, 2])
    found = score(answers, np.eye(2)[answers], [str(n // 2) for n in range(40)])
    for name in ("macro_f1", "mcc", "average_precision"):
        draws = found.codes[1].resampled[name]()
        assert np.allclose(draws[~np.isnan(draws)], 1) and np.isnan(draws).any(), name


def test_two_folds_with_parts_of_the_same_articles_are_resampled_together() -> None:
    chance = np.random.default_rng(5)
    answers, articles = np.repeat([0, 1], 100), [str(n // 10) for n in range(200)]
    said = np.eye(2)[np.where(np.repeat(chance.random(20) < 0.5, 10), answers, 1 - answers)]  # right by the article
    odd = np.arange(200) % 2 == 1
    halves = [score(answers[h], said[h], [a for a, in_ in zip(articles, h, strict=True) if in_]) for h in (odd, ~odd)]
    together = score(answers, said, articles)
    assert np.nanstd(mean_scores(halves).draws) == pytest.approx(np.nanstd(together.draws), rel=0.02)


def test_answers_on_which_coders_are_evenly_divided_are_no_truth() -> None:
    data = Dataset.from_dict({"bias": [[0.5, 0.5], [0.25, 0.75], [0.2, 0.2]]})
    assert correct_codes(data, "bias").tolist() == [-1, 1, -1]


def test_tfidf_learns_from_texts_without_a_word(example_study: Study) -> None:
    rows = labelled_spans(example_study).select(range(2))
    bare = Dataset.from_list([{**row, "passage": "1 2", "start": 0, "end": 3} for row in rows], features=rows.features)
    found = TfidfClassifier(example_study.codebook).fit(bare).predict_proba(bare)
    assert all(len(part) == 2 and np.isfinite(part).all() for part in found.values())


def test_the_interval_resamples_articles_and_not_spans() -> None:
    answers = np.repeat([0, 1], 100)
    sure = np.eye(2)[np.where(np.arange(200) % 100 < 80, answers, 1 - answers)]
    many = score(answers, sure, [str(n) for n in range(200)])
    clustered = score(answers, sure, [str(n // 20) for n in range(200)])
    assert np.ptp(clustered.summary("ab").interval) > 2 * np.ptp(many.summary("ab").interval)


def test_a_calibrated_forecast_has_no_calibration_error() -> None:
    chance = np.random.default_rng(3)
    confidence = chance.uniform(0.5, 1, 50_000)
    right = chance.uniform(size=50_000) < confidence
    assert calibration_error(confidence, right) < 0.01
    assert calibration_error(np.full(1000, 0.95), np.arange(1000) % 2 == 0) == pytest.approx(0.45)
