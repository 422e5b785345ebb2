"""Models of a code on covariates: known coefficients come back, intervals hold them, and what cannot be is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import slantwise
from documents import ROOT, text
from rich.console import Console
from sqlalchemy import delete, select, update
from town_studies import drawn_and_coded, plant_predictions, town_study, true_codes

from annotate import estimate, fit_model
from annotate.cli.estimates.model_table import show_model
from annotate.estimates.reliability import FigureVerdict, FigureVerdicts
from annotate.estimators.corrected_models import SpansOfModel, fit_corrected
from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.shares import Group, estimate_share
from annotate.regressions.coded_side import check_model
from annotate.regressions.formulas import make_design, read_formula
from annotate.regressions.model import FittedModel
from benchmarks import model_coverage
from benchmarks.kept_lines import read_lines
from corpus.errors import BadFormula, NoEstimate, UnknownCode
from corpus.study import Study
from corpus.study import database as db


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of three outlets with a coded main round and predictions; each article has a section."""
    study = town_study(tmp_path_factory.mktemp("towns") / "study", articles=20)
    drawn_and_coded(study, 150, by=("outlet",))
    plant_predictions(study)
    with study.store.writing() as connection:
        a = db.articles.c
        for number, key in enumerate(connection.execute(select(a.id).order_by(a.id)).scalars().all()):
            stated = {"section": ("war", "world")[number % 2], "words": str(100 + number)}
            if number:  # one article states nothing
                connection.execute(update(db.articles).where(a.id == key).values(metadata=json.dumps(stated)))
    study.close()
    return study.folder


@pytest.fixture
def study(towns: Path, tmp_path: Path) -> Iterator[Study]:
    """A copy of it."""
    copy = Study.open(shutil.copytree(towns, tmp_path / "study"))
    yield copy
    copy.close()


def by_name(model: FittedModel) -> dict[str, float]:
    return {one.name: one.value for one in model.coefficients}


def true_share(study: Study, outlet: str) -> float:
    spans, truth = study.spans(), true_codes(study)
    asked = [truth[span] for span in spans.loc[spans["outlet"] == outlet, "span"] if "wording" in truth.get(span, {})]
    return float(np.mean([one["wording"] == ("liberation",) for one in asked]))


def test_differences_between_outlets_are_the_true_ones(study: Study) -> None:
    model = fit_model(study, "liberation ~ outlet", target="corpus")
    truth = {outlet: true_share(study, outlet) for outlet in ("Courier", "Herald", "Post")}
    wanted = [truth["Courier"], truth["Herald"] - truth["Courier"], truth["Post"] - truth["Courier"]]
    assert [one.name for one in model.coefficients] == ["(intercept)", "outlet Herald", "outlet Post"]
    assert all(one.low <= true <= one.high for one, true in zip(model.coefficients, wanted, strict=True))
    assert max(one.high - one.low for one in model.coefficients) < 0.3  # not by being wide
    assert model.compared_with == {"outlet": "Courier"} and model.df == model.copy_groups - 3


def test_a_model_without_an_intercept_gives_the_shares(study: Study) -> None:
    shares = [row for row in estimate(study).shares if row.code == "liberation"]
    model = fit_model(study, "wording=liberation ~ 0 + outlet")
    for one, row in zip(model.coefficients, shares, strict=True):
        assert one.name == f"outlet {row.group}" and row.share is not None and row.se is not None
        assert one.coded_only == pytest.approx(row.coded_only, abs=1e-9)
        assert one.value == pytest.approx(row.share, abs=0.02) and one.se == pytest.approx(row.se, rel=0.2)


def test_a_code_of_coders_enters_as_they_gave_it_and_never_as_it_was_suggested(study: Study) -> None:
    """Predictions of the covariate that are all wrong widen the interval, and change little else."""
    right = fit_model(study, "liberation ~ attribution")
    s = db.suggestions.c
    with study.store.writing() as connection:
        wrong = json.dumps({"outlet": 0.02, "quoted": 0.98})
        connection.execute(update(db.suggestions).where(s.variable == "attribution").values(probabilities=wrong))
    all_quoted = fit_model(study, "liberation ~ attribution")
    assert [one.name for one in all_quoted.coefficients] == ["(intercept)", "attribution quoted"]
    for before, after in zip(right.coefficients, all_quoted.coefficients, strict=True):
        assert abs(before.value - after.value) < after.se and after.coded_only == pytest.approx(before.coded_only)


def test_a_logistic_model_gives_odds_ratios(study: Study) -> None:
    linear, logistic = (fit_model(study, "liberation ~ outlet", link=link) for link in ("linear", "logistic"))
    courier, herald = by_name(linear)["(intercept)"], sum(list(by_name(linear).values())[:2])
    odds = herald / (1 - herald) / (courier / (1 - courier))
    ratio = logistic.coefficients[1].odds_ratio
    assert ratio == pytest.approx(odds, rel=0.1) and ratio == pytest.approx(np.exp(logistic.coefficients[1].value))
    assert linear.coefficients[1].odds_ratio is None


def test_what_the_store_knows_of_articles_is_a_covariate(study: Study) -> None:
    model = fit_model(study, 'liberation ~ C(section, "world") + words + date')
    assert [one.name for one in model.coefficients] == ["(intercept)", "section war", "words", "date"]
    assert "4 spans: without section, so left out" in model.notes and model.spans == 236
    assert any("30 days apart" in note for note in model.notes)


@pytest.mark.parametrize(
    ("formula", "error", "said"),
    [
        ("liberation", BadFormula, "is not a formula"),
        ("liberation ~ log(date)", BadFormula, "'log' is not a function that a model can have"),
        ("liberation ~ tone", BadFormula, "'tone' is not a covariate that a model can have; expected outlet, period"),
        ("liberation ~ {outlet}", BadFormula, "'{' is not part of a formula"),
        ("liberation ~ outlet +", BadFormula, "cannot be read"),
        ("liberation ~ wording", BadFormula, "wording cannot explain its own codes"),
        ("liberation ~ C(outlet, 'Globe')", BadFormula, "outlet has no level 'Globe'; expected one of Courier"),
        ("liberation ~ mention", BadFormula, "mention is change everywhere"),
        ("freed ~ outlet", UnknownCode, "'freed' is not a code of the codebook towns; expected one of mention=none"),
        ("attribution=plain ~ outlet", UnknownCode, "expected one of attribution=outlet, attribution=quoted"),
        ("liberation ~ language", NoEstimate, "no span has a value of language"),
        ("liberation ~ period + C(date)", NoEstimate, "can be calculated from the other covariates"),
        ("liberation ~ outlet * C(words)", NoEstimate, "no coded span has words"),
    ],
)
def test_what_a_formula_cannot_ask_is_refused_in_a_sentence(
    study: Study, formula: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as refused:
        fit_model(study, formula)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_copied_text_is_a_covariate_and_is_noted_where_whose_words_are_one(study: Study) -> None:
    with study.store.writing() as connection:
        a = db.articles.c
        of_post = select(a.id).where(a.outlet == "Post")
        connection.execute(update(db.articles).where(a.id.in_(of_post)).values(originator="Wire"))
    model = fit_model(study, "liberation ~ copied")
    assert [one.name for one in model.coefficients] == ["(intercept)", "copied own text"]
    noted = fit_model(study, "liberation ~ attribution").notes
    assert any("80 spans of articles that are copies with another originator (Wire 80)" in note for note in noted)


def test_a_code_on_which_coders_do_not_agree_in_a_cell_is_refused(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FigureVerdicts.on

    def on(self: FigureVerdicts, code: str, domain: dict[str, tuple[str, ...]], languages: set[str]) -> FigureVerdict:
        if domain == {"attribution": ("quoted",)}:
            return FigureVerdict("fails", "no figure: the coders do not agree on liberation, quoted")
        return whole(self, code, domain, languages)

    monkeypatch.setattr(FigureVerdicts, "on", on)
    with pytest.raises(NoEstimate, match="do not agree on liberation, quoted; clarify the codebook"):
        fit_model(study, "liberation ~ attribution")
    model = fit_model(study, "liberation ~ attribution", override="a trial")
    assert model.verdict == "fails" and model.override == "a trial" and "quoted" in model.refused[0]
    assert fit_model(study, "liberation ~ outlet").verdict != "fails"


def test_an_article_with_fewer_mentions_counts_as_much_as_one_with_more(study: Study) -> None:
    drawn = set(study.draws()["span"])
    gone = [span for span in study.spans().query("unit == 'mention' and outlet == 'Post'")["span"] if span not in drawn]
    with study.store.writing() as connection:
        connection.execute(delete(db.suggestions).where(db.suggestions.c.span.in_(gone)))
        connection.execute(delete(db.spans).where(db.spans.c.id.in_(gone)))
    asked = check_model(study, "liberation ~ outlet", unit="article")
    by_article = pd.Series(asked.spans.counting).groupby(asked.sample.spans["article"].to_numpy())
    assert by_article.size().nunique() > 1 and by_article.sum().to_numpy() == pytest.approx(by_article.sum().iloc[0])
    assert asked.spans.counting.mean() == pytest.approx(1)
    assert set(check_model(study, "liberation ~ outlet").spans.counting) == {1.0}


def test_a_code_of_two_variables_is_asked_for_by_its_variable(study: Study) -> None:
    book = study.codebook
    codes = [*book.by_name["attribution"].codes, book.by_name["wording"].codes[1]]
    both = book.model_copy(
        update={
            "variables": tuple(
                one.model_copy(update={"codes": tuple(codes)}) if one.name == "attribution" else one
                for one in book.variables
            )
        }
    )
    study.__dict__["codebook"] = both
    with pytest.raises(UnknownCode, match="expected wording=liberation or attribution=liberation"):
        fit_model(study, "liberation ~ outlet")


def test_an_outlet_in_which_all_have_the_code_is_separated(study: Study) -> None:
    with study.store.writing() as connection:
        spans = study.spans().query("outlet == 'Herald'")["span"].tolist()
        t = db.annotations.c
        connection.execute(
            update(db.annotations).where(t.span.in_(spans), t.variable == "wording").values(code="liberation")
        )
    for link in ("linear", "logistic"):
        with pytest.raises(NoEstimate, match=r"coded spans with outlet Herald has the code \(complete separation"):
            fit_model(study, "liberation ~ outlet", link=link)


def test_many_coefficients_get_a_note(study: Study) -> None:
    model = fit_model(study, "liberation ~ outlet * period + attribution")
    assert any(note.endswith("intervals may be too narrow") for note in model.notes)
    assert not any("too narrow" in note for note in fit_model(study, "liberation ~ outlet").notes)


def test_too_few_codes_have_no_model(towns: Path, tmp_path: Path) -> None:
    few = town_study(tmp_path / "few", articles=6)
    drawn_and_coded(few, 24, by=("outlet",), overlap=1.0)
    with pytest.raises(NoEstimate, match="a model needs 30 coded spans from 15 copy groups"):
        fit_model(few, "liberation ~ outlet", override="a small study")
    few.close()


def test_the_table_fits_80_columns_and_says_what_is_compared(study: Study) -> None:
    shown = {}
    for link in ("linear", "logistic"):
        console = Console(file=StringIO(), width=80)
        show_model(fit_model(study, "liberation ~ outlet * attribution", link=link, unit="article"), console)
        shown[link] = console.file.getvalue()  # type: ignore[attr-defined]
        assert max(map(len, shown[link].splitlines())) <= 80
        assert "compared with outlet Courier, attribution outlet" in shown[link]
        assert "each article counts once" in shown[link]
    assert "percentage points" in shown["linear"] and "odds of the code (not its share)" in shown["logistic"]


def test_the_command_refuses_before_it_trains(study: Study) -> None:
    for words, said in (
        (("--model", "liberation ~ tone"), "'tone' is not a covariate"),
        (("--model", "liberation ~ outlet", "--unit", "word"), "'word' is not a unit of a model"),
        (("--logistic",), "are for models"),
        (("wording", "--model", "liberation ~ outlet"), "leave out VARIABLE, --by"),
        (("--model", "liberation ~ outlet", "--reference", "adjudicated"), "leave out VARIABLE, --by"),
        (("--compare", "Herald vs Courier", "--corpus"), "groups of outlets are compared alone"),
    ):
        done = slantwise("estimate", *words, cwd=study.folder)
        assert done.returncode == 2 and "training" not in done.stderr
        assert said in " ".join(done.stderr.replace("│", " ").split()), done.stderr


# arithmetic


def one_round(pi: np.ndarray, coded: np.ndarray) -> RoundOfSpans:
    size = len(pi)
    return RoundOfSpans(pi, coded, np.zeros(size, dtype=np.int64), np.ones(size), np.zeros(size))


def some_spans(rng: np.random.Generator, size: int = 300, right: float = 0.5) -> SpansOfModel:
    """Spans of 60 articles, an intercept only, half of them coded."""
    code, coded = (rng.random(size) < 0.4).astype(float), rng.permutation(size) < 150
    predicted = np.clip(0.2 + right * code + rng.normal(0, 0.2, size), 0, 1)
    article = rng.integers(0, 60, size)
    known = np.where(coded, code, np.nan)[:, None]
    ones = np.ones((size, 1))
    return SpansOfModel(
        ones[:, None], known, np.where(np.isnan(known), np.nan, 1.0), predicted[:, None], ones,
        (article % 5).astype(np.int64), article.astype(np.int64), [one_round(np.full(size, 0.5), coded)], ones[:, 0],
    )  # fmt: skip


def test_an_intercept_alone_is_the_corrected_share() -> None:
    spans = some_spans(np.random.default_rng(5), right=0.02)
    group = Group(
        spans.code[:, 0], spans.eligible[:, 0], spans.predicted_code[:, 0], spans.predicted_eligible[:, 0], spans.fold,
        spans.cluster, 60, spans.rounds,
    )  # fmt: skip
    share = estimate_share(group)
    fitted, alone = fit_corrected(spans, "linear")
    assert fitted.values[0] == pytest.approx(share.estimate.share, abs=1e-9)
    assert fitted.errors[0] == pytest.approx(share.estimate.se, rel=1e-9)
    assert alone.values[0] == pytest.approx(share.coded_only.share) and fitted.power == pytest.approx(share.power)
    assert 0 < fitted.power < 0.9  # predictions that are next to useless count for less
    logit, _ = fit_corrected(spans, "logistic")
    assert 1 / (1 + np.exp(-logit.values[0])) == pytest.approx(fitted.values[0], abs=1e-3)


def test_articles_count_once_whatever_was_drawn_of_them() -> None:
    """Every draw of three of six spans in two articles: on average each article's mean has the same weight.

    Their mean is .75 and not the .5 of the spans, and no probability of drawing an article is needed for it.
    """
    code, article = np.array([0.0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 0, 1, 1])
    counting = 1 / np.bincount(article)[article]
    totals = []
    for drawn in combinations(range(6), 3):
        weight = np.where(np.isin(np.arange(6), drawn), 6 / 3, 0.0)
        totals.append(((weight * counting * code).sum(), (weight * counting).sum()))
    assert np.mean(totals, axis=0).tolist() == pytest.approx([1.25, 2.0])  # (1/4 + 1) of two articles
    spans = some_spans(np.random.default_rng(6))
    whole = replace(
        spans, rounds=[one_round(np.ones(300), np.ones(300, dtype=bool))],
        code=(spans.predicted_code > 0.5).astype(float), eligible=np.ones((300, 1)),
        counting=1 / np.bincount(spans.cluster)[spans.cluster],
    )  # fmt: skip
    means = pd.Series(whole.code[:, 0]).groupby(whole.cluster).mean()
    assert fit_corrected(whole, "linear")[0].values[0] == pytest.approx(means.mean())


def test_a_design_has_the_columns_that_are_usual_for_a_formula() -> None:
    table = pd.DataFrame({"outlet": ["A", "B", "B"], "own-words": pd.Categorical(["no", "yes", "no"], ["yes", "no"])})
    design = make_design(read_formula("x ~ outlet * own-words", table.columns), table)
    assert design.names == ("(intercept)", "outlet B", "own-words no", "outlet B × own-words no")
    assert design.columns.tolist() == [[1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]]
    assert design.reference == {"outlet": "A", "own-words": "yes"}


def test_the_intervals_hold_the_true_coefficients_and_are_narrower_than_the_coded_spans_alone() -> None:
    """Of 60 runs with 4 coefficients 95 % are 57; 4 standard errors below are 50."""
    line = model_coverage.measure(model_coverage.Setting("small", coded=80), 60)
    assert line["least_coverage"] >= 50 / 60 and line["width_ratio"] < 0.9
    useless = model_coverage.measure(model_coverage.Setting("useless", coded=80, classifier="useless"), 30)
    assert useless["width_ratio"] <= 1.05


def test_the_kept_results_are_within_the_bounds_that_the_guide_states() -> None:
    lines = read_lines(model_coverage.RESULTS)
    assert {line["name"] for line in lines} == {one.name for one in model_coverage.settings()}
    assert all(line["runs"] == 1000 and line["least_coverage"] >= 0.92 for line in lines)
    assert all(line["most_coverage"] <= 0.985 and line["width_ratio"] <= 1.03 for line in lines)


def test_the_guide_shows_what_was_kept() -> None:
    assert model_coverage.table(read_lines(model_coverage.RESULTS)) in text(ROOT / "docs" / "checks.md")
