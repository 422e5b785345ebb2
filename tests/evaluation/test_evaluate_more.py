"""Beside outlets held out: the gap to a random split, later articles, the leak probe, the curve, the page."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotate.cli.learning.evaluation import coders_agreement, result_sentences
from annotate.report.agreement_page import figure
from annotate.report.evaluation_page import render_evaluation, write_evaluation_page
from corpus import Study
from corpus.annotations.import_public_data import create_from_data_set
from corpus.codebook import read_yaml
from corpus.errors import NothingToLearn
from corpus.evaluation import Evaluation
from models.classifiers.tfidf import TfidfClassifier
from models.evaluation.evaluate import evaluate, keep_evaluation
from models.evaluation.faithfulness import summarise_drops
from models.evaluation.learning_curve import fit_power_law
from models.evaluation.outlet_leak import probe_outlets
from models.suggestions.suggest import add_warnings

PLAIN, LOADED = "raised the fee by four per cent", "shamelessly squeezed poor families"


@pytest.fixture(scope="module")
def three_outlets(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """180 sentences of three outlets with two coders; each outlet has a word of its own, and no text of others."""
    folder, chance = tmp_path_factory.mktemp("more"), np.random.default_rng(4)
    rows: list[dict[str, Any]] = []
    for n in range(180):
        biased, outlet = bool(chance.random() < 0.4), ("Courier", "Herald", "Lamp")[n % 3]
        words = LOADED if biased != (chance.random() < 0.15) else PLAIN
        code = "biased" if biased else "non-biased"
        rows.append(
            {
                "id": str(n),
                "outlet": outlet,
                "article_id": f"a{n // 6}-{outlet}",
                "position": n,
                "date": f"2024-{1 + n // 20:02}-01",
                "text": f"In {outlet}ville council {n} {words}, said {chance.integers(1000)}.",
                "labels": {"e1": code, "e2": code if n % 7 else "biased"},
            }
        )
    file = folder / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return create_from_data_set(folder / "study", "babe", file).study


@pytest.fixture(scope="module")
def found(three_outlets: Study) -> Evaluation:
    """All that `evaluate --full` finds, with TF-IDF for the SpanClassifier."""
    fits = []

    class Quick(TfidfClassifier):
        @classmethod
        def for_study(cls, study: Study) -> "Quick":
            return cls(study.codebook)

        def fit(self, data, progress=None):  # type: ignore[no-untyped-def]
            fits.append(len(data))
            return super().fit(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.classifiers.span_classifier.SpanClassifier", Quick)
        patch.setattr(
            "models.evaluation.faithfulness.deletion_drops",
            lambda classifier, data, variable: [("a", 2.0, 0.5), ("b", 1.0, 0.7)],
        )
        agreement = coders_agreement(three_outlets)
        result = evaluate(three_outlets, extra="full", agreement=agreement)
        trained = len(fits)
        every = ["random", "forward", "leak", "curve"]
        assert evaluate(three_outlets, extra=every, agreement=agreement) == result
    assert trained == len(fits) == 3 + 3 + 1 + 3 * 7  # outlets, random folds, later articles, parts of the curve
    return result


def test_a_full_evaluation_says_what_it_measured(three_outlets: Study, found: Evaluation) -> None:
    answers = three_outlets.annotations().groupby("span").agg({"code": "nunique", "date": "first"})
    tested = answers[answers["code"] == 1]  # on the others the two coders are evenly divided
    assert found.divided == 180 - len(tested) > 0 and found.pooled.n == len(tested)
    assert json.loads(json.dumps(found.json(), allow_nan=False))["held_out"] == ["Courier", "Herald", "Lamp"]
    assert found.worst_outlet == min(found.outlets, key=lambda name: found.outlets[name].macro_f1)
    assert set(found.mean.codes) == {"biased", "non-biased"}
    low, high = found.random.gap.interval
    assert low <= found.random.gap.macro_f1 <= high and found.random.mean.n == len(tested)
    later = found.forward
    assert later.day == "2024-07-01" and later.pooled.n == (tested["date"] >= "2024-07-01").sum()
    assert later.trained_on + later.dropped["copies"] == 120
    none = {"macro_f1": 0.0, "interval": [0.0, 0.0], "weighted_f1": 0.0, "weighted_interval": [0.0, 0.0]}
    assert found.differences["TF-IDF"].json() == none
    sizes = [point.n for point in found.curve.points]
    assert sizes[-1] == round(np.mean(list(found.trained_on.values()))) and np.allclose(
        sizes, [sizes[-1] * share for share in (1 / 8, 1 / 4, 1 / 2, 1)], atol=1
    )
    assert found.curve.annotations_per_span == 2 and found.curve.next.annotations == 200
    assert found.faithful.n == 6 and found.faithful.difference == 0.9
    assert all(0 <= one.probability <= 1 and one.code != one.found for one in found.wrong)
    said = "\n".join(result_sentences(found))
    for words in (
        "worst on",
        "on which the coders are evenly divided are excluded from testing",
        "the coders' alpha on bias",
        "a random split would overstate macro-F1 by",
        "trained on articles before 2024-07-01",
        "the next 200",
    ):
        assert words in said


def test_the_page_shows_it_and_passages_cannot_break_it(three_outlets: Study, found: Evaluation) -> None:
    first = replace(found.wrong[0], passage="<b>x</b> & words here", start=11, end=16)
    html = render_evaluation(three_outlets, replace(found, wrong=(first,)))
    assert "&lt;b&gt;x&lt;/b&gt; &amp; <mark>words</mark> here" in html and "<b>x" not in html
    assert "A random split flatters" in html and "<svg class=" in html and "alpha" in html
    mean, (name, one) = found.mean, next(iter(found.calibration.outlets.items()))
    for figures in (mean.intervals["brier"], *[one.intervals["f1"] for one in mean.by_code.values()]):
        assert f"<small>{figure(figures[0])} to {figure(figures[1])}</small>" in html
    certainty = html[html.index("Certainty by outlet") :]
    assert certainty.index(f">{name}<") < certainty.index(f">{figure(one.calibration_error.before)}<")
    dotted = Evaluation.from_json(json.loads(json.dumps(found.json()).replace("Courier", "courier.com")))
    assert "courier.com</th>" in render_evaluation(three_outlets, dotted)
    bare = replace(found, random=None, forward=None, leak=None, curve=None, agreement=None, wrong=())
    assert "<svg" not in render_evaluation(three_outlets, bare) and "src=" not in html


def test_the_probe_finds_a_planted_leak_and_none_in_noise() -> None:
    chance = np.random.default_rng(1)
    outlets, articles = np.repeat(["A", "B", "C"], 100), np.arange(300) // 4
    noise = chance.normal(size=(300, 2))
    planted = noise + 2.0 * (outlets == "A")[:, None]
    quiet, loud = probe_outlets(noise, outlets, articles), probe_outlets(planted, outlets, articles)
    assert quiet is not None and loud is not None
    assert quiet.interval[0] < quiet.chance < quiet.interval[1]
    assert loud.interval[0] > loud.chance and loud.found["A"] > 0.8
    assert probe_outlets(noise[:8], outlets[[0, 1, 2, 3, 100, 101, 102, 103]], articles[:8]) is None


def test_the_curve_finds_a_power_law_and_never_falls_or_passes_one() -> None:
    n = np.array([50.0, 100.0, 200.0, 400.0])
    assert fit_power_law(n, 0.75 - 1.5 * n**-0.6, np.array([800.0])).item() == pytest.approx(
        0.75 - 1.5 * 800**-0.6, abs=0.005
    )
    falling = fit_power_law(n, np.array([0.7, 0.66, 0.64, 0.6]), np.array([400.0, 800.0]))
    assert falling[0] == falling[1] == pytest.approx(0.65)
    assert fit_power_law(n, np.array([0.1, 0.5, 0.9, 0.99]), np.array([1e6])).item() <= 1


def test_faithfulness_says_so_where_no_span_is_long_enough() -> None:
    assert summarise_drops([]).json() == {"n": 0, "why": "no held-out span has 4 words"}


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_fits_its_window(
    three_outlets: Study, found: Evaluation, chromium: Any, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "evaluation.html"
    file.write_text(render_evaluation(three_outlets, found), encoding="utf-8")
    shown = chromium.new_page(viewport={"width": width, "height": 900})
    shown.goto(file.as_uri())
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    shown.close()


def test_later_articles_without_an_answer_are_said_not_to_be_tested(found: Evaluation) -> None:
    later = replace(found.forward, pooled=None, why="no later span has an answer to bias")  # type: ignore[type-var]
    assert "no test on later articles: no later span has an answer to bias" in result_sentences(
        replace(found, forward=later)
    )


def test_an_evaluation_of_some_outlets_does_not_replace_one_of_all(tmp_path: Path, found: Evaluation) -> None:
    study = Study.create(tmp_path / "s", read_yaml("lexical-bias"))

    def kept(evaluation: Evaluation) -> Evaluation | None:
        keep_evaluation(study, evaluation)
        return Evaluation.read(study.reports)

    some = replace(found, whole=False)
    assert kept(some) == some
    assert kept(found) == found and kept(some) == found
    other = replace(some, model="v-2")
    assert kept(other) == other


def test_an_evaluation_is_read_as_it_was_kept_and_a_foreign_one_is_none(
    three_outlets: Study, found: Evaluation, tmp_path: Path
) -> None:
    assert Evaluation.read(three_outlets.reports) == found
    file = tmp_path / "evaluation.json"
    kept = found.json()
    assert list(kept)[:2] == ["variable", "outlets"] and kept["forward"]["from"] == "2024-07-01"
    earlier = {name: value for name, value in kept.items() if name != "page"}
    file.write_text(json.dumps(earlier), encoding="utf-8")
    assert Evaluation.read(tmp_path) == found
    for text in ("", "[]", "{}", '{"whole": true}', json.dumps({**kept, "outlets": 3}), "[" * 100_000):
        file.write_text(text, encoding="utf-8")
        assert Evaluation.read(tmp_path) is None
    assert Evaluation.read(tmp_path / "nowhere") is None


def test_the_page_is_of_the_evaluation_kept_last_or_of_none(three_outlets: Study, tmp_path: Path) -> None:
    page = write_evaluation_page(three_outlets)
    assert page == three_outlets.reports / "evaluation.html" and page.is_file()
    with pytest.raises(NothingToLearn, match="no evaluation yet; make one with: slantwise evaluate"):
        write_evaluation_page(Study.create(tmp_path / "s", read_yaml("lexical-bias")))


def test_a_model_goes_on_warning_of_outlets_and_languages_that_it_met(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s", read_yaml("lexical-bias"))
    add_warnings(study, "v-1", {"Mirror": 0.4}, {"uk": 2})
    add_warnings(study, "v-1", {"Lamp": 0.5}, {"uk": 1, "ru": 5})
    assert add_warnings(study, "v-1", {}, {}) == ({"Mirror": 0.4, "Lamp": 0.5}, {"ru": 5, "uk": 3})
    assert add_warnings(study, "v-2", {}, {}) == ({}, {})
