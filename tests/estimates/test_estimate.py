"""Estimates of a study: corrected shares by group, what they are refused for, and what they say they leave out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from command_line import slantwise
from sqlalchemy import delete, update
from town_studies import code_round, drawn_and_coded, plant_predictions, town_study, true_codes

from annotate.estimates.estimate import Estimate, ShareOfGroup, estimate
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.annotations.cross_fitted import copy_groups_of, cross_fitted, fold_of
from corpus.annotations.rows import add_annotations
from corpus.errors import NoEstimate, UnknownCode
from corpus.study import Study
from corpus.study import database as db

SPANS = 150


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of three outlets with a coded main round and predictions."""
    study = town_study(tmp_path_factory.mktemp("towns") / "study", articles=20)
    drawn_and_coded(study, SPANS, by=("outlet",))
    plant_predictions(study)
    study.close()
    return study.folder


@pytest.fixture
def study(towns: Path, tmp_path: Path) -> Iterator[Study]:
    """A copy of it."""
    copy = Study.open(shutil.copytree(towns, tmp_path / "study"))
    yield copy
    copy.close()


@pytest.fixture(scope="module")
def uncoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same study before anything is drawn."""
    study = town_study(tmp_path_factory.mktemp("uncoded") / "study", articles=8)
    study.close()
    return study.folder


@pytest.fixture
def fresh(uncoded: Path, tmp_path: Path) -> Iterator[Study]:
    """A copy of it."""
    copy = Study.open(shutil.copytree(uncoded, tmp_path / "fresh"))
    yield copy
    copy.close()


def row(result: Estimate, group: str, code: str = "liberation") -> ShareOfGroup:
    (found,) = [one for one in result.shares if (one.group, one.code) == (group, code)]
    return found


def true_share(study: Study, outlet: str, code: str = "liberation") -> float:
    truth, spans = true_codes(study), study.spans()
    asked = [
        truth[span]["wording"] for span in spans["span"][spans["outlet"] == outlet] if "wording" in truth.get(span, {})
    ]
    return asked.count((code,)) / len(asked)


def test_each_outlets_share_has_an_interval_around_the_truth(study: Study) -> None:
    result = estimate(study, target="corpus")
    assert [one.group for one in result.shares[:3]] == ["Courier", "Herald", "Post"] and result.verdict == "relied on"
    for outlet in ("Courier", "Herald", "Post"):
        of = row(result, outlet)
        assert of.method == "corrected" and of.low is not None and of.high is not None
        assert of.low <= true_share(study, outlet) <= of.high
        assert of.coded_only is not None and of.counted is not None and of.spans == 80
    assert (result.coded, result.spans) == (SPANS, 240) and not result.notes
    asked = sum("wording" in true_codes(study)[span] for span in study.draws()["span"])
    assert sum(of.coded for of in result.shares if of.code == "liberation") == asked


def test_differences_are_of_one_family_and_their_intervals_hold_together(study: Study) -> None:
    of_code = [one for one in estimate(study).differences if one.code == "liberation"]
    assert [(one.between.first, one.between.second) for one in of_code] == [
        ("Courier", "Herald"), ("Courier", "Post"), ("Herald", "Post"),
    ]  # fmt: skip
    for one in of_code:
        pair = one.between
        assert one.family == 3 and pair.holm >= pair.p
        assert pair.simultaneous[0] < pair.interval[0] < pair.difference < pair.interval[1] < pair.simultaneous[1]
    herald = of_code[0].between
    assert herald.simultaneous[1] < 0  # Courier liberates less than Herald


def test_whose_words_is_a_condition_of_the_coders_answers(study: Study) -> None:
    """The outlet's own words are those that coders call so; of the suggestions nothing is filtered."""
    result = estimate(study, by="outlet,attribution")
    own, quoted = row(result, "Herald, outlet"), row(result, "Herald, quoted")
    everything = row(estimate(study), "Herald")
    assert own.spans == quoted.spans == everything.spans
    assert own.coded + quoted.coded == everything.coded
    truth, coded = true_codes(study), set(study.draws()["span"])
    herald = study.spans().query("outlet == 'Herald' and unit == 'mention'")["span"]
    assert own.coded == sum(truth[span].get("attribution") == ("outlet",) for span in herald if span in coded)


def test_few_codes_give_an_exact_interval_from_the_coded_spans_alone(study: Study) -> None:
    of = row(estimate(study, by="outlet,period"), "Courier, 2024-01")
    assert of.method == "exact" and of.share == of.coded_only and "exact interval" in of.note


def test_a_classifier_that_is_useless_leaves_the_coded_spans(towns: Path, tmp_path: Path) -> None:
    study = Study.open(shutil.copytree(towns, tmp_path / "study"))
    with study.store.writing() as connection:
        connection.execute(delete(db.suggestions))
    plant_predictions(study, right=0.5)
    of = row(estimate(study), "Herald")
    study.close()
    assert of.power < 0.35 and of.share is not None and of.coded_only is not None
    assert abs(of.share - of.coded_only) < 0.03


def test_there_is_no_estimate_without_a_random_blind_sample(fresh: Study) -> None:
    truth = true_codes(fresh)
    rows = [
        {"span": span, "variable": name, "code": codes[0], "coder": coder}
        for span in list(truth)[:60] for name, codes in truth[span].items() for coder in ("mira", "jon")
    ]  # fmt: skip
    assert add_annotations(fresh, rows).new > 100
    with pytest.raises(NoEstimate, match=r"no random blind sample.*slantwise round draw"):
        estimate(fresh)


def test_a_pilot_is_no_sample(fresh: Study) -> None:
    draw(fresh, "pilot", ["mira", "jon"], spans=40, purpose="pilot")
    code_round(fresh, "pilot")
    with pytest.raises(NoEstimate, match="no random blind sample"):
        estimate(fresh)


def test_a_round_without_stored_probabilities_is_refused_by_name(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(delete(db.round_designs))
    with pytest.raises(NoEstimate, match="main was drawn without storing the inclusion probabilities"):
        estimate(study)


def test_predictions_of_the_studys_own_model_are_not_used(study: Study) -> None:
    """Its model has seen the answers: with predictions of it alone there is no estimate."""
    with study.store.writing() as connection:
        connection.execute(update(db.suggestions).values(model="v-1", fold=""))
        db.set_meta(connection, db.MODEL, "v-1")
    with pytest.raises(NoEstimate, match="240 of 240 spans have no prediction by a classifier that has seen no answer"):
        estimate(study)


def test_predictions_planted_under_another_fold_are_not_used(study: Study) -> None:
    """A memorised prediction comes from a fold that learned from the span, which is not the span's own."""
    coded = sorted(set(study.draws()["span"]))[:30]
    own = copy_groups_of(study, coded)
    with study.store.writing() as connection:
        t = db.suggestions.c
        for span in coded:
            other = "1" if fold_of(own[span], study.settings.model.seed) != "1" else "2"
            connection.execute(
                update(db.suggestions).where(t.span == span).values(fold=other, probabilities='{"plain": 1}')
            )
    assert not set(cross_fitted(study, coded)["span"])
    with pytest.raises(NoEstimate, match="30 of 240 spans have no prediction"):
        estimate(study)


def test_open_draws_refuse_an_estimate_until_a_reason_is_given(fresh: Study) -> None:
    draw(fresh, "main", ["mira", "jon"], spans=60, design=Design(by="outlet", no_term=0.0))
    herald = set(fresh.spans().query("outlet == 'Herald'")["span"])
    left = sorted(span for span in fresh.draws()["span"] if span in herald)[:10]
    code_round(fresh, "main", only=lambda span: span not in left)
    plant_predictions(fresh)
    with pytest.raises(NoEstimate, match=r"only 50% of the blind draws of main, Herald are answered.*--override"):
        estimate(fresh)
    result = estimate(fresh, override="the second coder fell ill")
    assert result.override == "the second coder fell ill" and "main, Herald" in result.refused[0]
    assert row(result, "Herald").coded < row(result, "Post").coded


def test_spans_that_are_not_readable_are_not_missing(fresh: Study) -> None:
    """They are answered, as not eligible; spans skipped for another reason are missing."""
    draw(fresh, "main", ["mira", "jon"], spans=60, design=Design(by="outlet", no_term=0.0))
    posts = set(fresh.spans().query("outlet == 'Post'")["span"])
    skipped = sorted(span for span in fresh.draws()["span"] if span in posts)[:8]
    code_round(fresh, "main", only=lambda span: span not in skipped)
    plant_predictions(fresh)
    outcomes = [
        {"round": "main", "span": span, "coder": coder, "state": "skipped", "reason": "not-readable"}
        for span in skipped for coder in ("mira", "jon")
    ]  # fmt: skip
    with fresh.store.writing() as connection:
        db.put(connection, db.outcomes, outcomes)
    assert row(estimate(fresh), "Post").coded <= 12
    with fresh.store.writing() as connection:
        connection.execute(update(db.outcomes).values(reason="distressing"))
    with pytest.raises(NoEstimate, match="of main, Post are answered"):
        estimate(fresh)


def test_coders_who_do_not_agree_refuse_an_estimate(fresh: Study) -> None:
    draw(fresh, "main", ["mira", "jon"], spans=90, design=Design(no_term=0.0))
    code_round(fresh, "main", slips=0.5)
    plant_predictions(fresh)
    with pytest.raises(NoEstimate, match=r"agree on wording \(alpha|reliability of wording"):
        estimate(fresh)


def test_an_outlet_without_coded_spans_has_no_figure(fresh: Study) -> None:
    """The command prints the others, names this one and ends with 3."""
    draw(fresh, "main", ["mira", "jon"], spans=60, design=Design(by="outlet", no_term=0.0))
    code_round(fresh, "main")
    plant_predictions(fresh)
    with fresh.store.writing() as connection:  # Post's spans are in a cut text since
        for article in fresh.articles().query("outlet == 'Post'")["article"]:
            db.put(connection, db.cut_texts, [{"article": article, "state": "cut", "why": "", "origin": "test"}])
    result = estimate(fresh)
    assert {one.group for one in result.shares} == {"Courier", "Herald"}
    assert result.balance["drawn, and in a cut text or furniture now"] == 20


def test_an_unknown_variable_or_property_is_named(study: Study) -> None:
    with pytest.raises(UnknownCode, match="'tone' is not in the codebook towns; expected one of mention, wording"):
        estimate(study, "tone")
    with pytest.raises(UnknownCode, match=r"'party' is not .*; expected one of outlet, period, copied, mention"):
        estimate(study, by="outlet,party")


def test_two_rounds_speak_for_the_frame_together(study: Study) -> None:
    draw(study, "second", ["mira", "jon"], spans=60, design=Design(by="outlet", no_term=0.0))
    code_round(study, "second")
    result = estimate(study, target="corpus")
    assert result.coded == SPANS + 60
    for outlet in ("Courier", "Herald", "Post"):
        of = row(result, outlet)
        assert of.low is not None and of.high is not None and of.low <= true_share(study, outlet) <= of.high
        assert of.se is not None and of.se < (row(estimate(study), outlet).se or 1)


def test_a_frame_that_is_coded_whole_leaves_no_error_of_drawing(fresh: Study) -> None:
    draw(fresh, "main", ["mira", "jon"], design=Design(no_term=0.0))
    code_round(fresh, "main")
    plant_predictions(fresh)
    of = row(estimate(fresh, by="", target="corpus"), "all")
    assert of.se == 0 and of.low == of.share == of.high


def test_differences_in_the_corpus_have_the_error_of_the_draw_alone(study: Study) -> None:
    """Of three outlets drawn apart it is that of the two shares; copy groups do not enter."""
    result = estimate(study, target="corpus")
    pair = next(one.between for one in result.differences if one.code == "liberation")
    errors = [row(result, name).se or 0 for name in (pair.first, pair.second)]
    assert pair.se == pytest.approx((errors[0] ** 2 + errors[1] ** 2) ** 0.5)
    assert pair.se < next(one.between.se for one in estimate(study).differences if one.code == "liberation")


def test_the_command_prints_what_the_function_returns(study: Study) -> None:
    from rich.console import Console

    from annotate.cli.estimates.estimate import show

    with Console(width=80, record=True, file=StringIO()) as console:
        show(estimate(study), console)
    text = console.export_text()
    assert "150 coded of 240 mentions that terms find" in text
    assert "Herald   liberation" in text and max(map(len, text.splitlines())) <= 80
    assert "differences in points, with simultaneous intervals" in text


def test_the_command_without_a_sample_says_what_to_do(fresh: Study) -> None:
    done = slantwise("estimate", cwd=fresh.folder)
    assert done.returncode == 2 and "no random blind sample" in done.stderr and not done.stdout
