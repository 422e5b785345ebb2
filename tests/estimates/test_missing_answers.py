"""Missing answers: who gave none and why, and what the shares would be if all or none of them had the code."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import delete
from town_studies import code_round, plant_predictions, town_study, true_codes

from annotate.cli.estimates.estimate import show
from annotate.estimates.estimate import Estimate, ShareOfGroup, estimate
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.study import Study
from corpus.study import database as db


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of which every span is drawn, for two coders, and nothing is coded."""
    study = town_study(tmp_path_factory.mktemp("missing") / "study", articles=10)
    draw(study, "main", ["mira", "jon"], design=Design(by="outlet", no_term=0.0))
    study.close()
    return study.folder


@pytest.fixture
def study(drawn: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(drawn, tmp_path / "study"))
    yield copy
    copy.close()


def of_post(result: Estimate) -> ShareOfGroup:
    (found,) = [one for one in result.shares if (one.group, one.code) == ("Post", "liberation")]
    return found


def asked_of(study: Study, outlet: str) -> list[str]:
    """The spans of an outlet on whose wording coders are asked."""
    truth, spans = true_codes(study), study.spans()
    mentions = spans[(spans["outlet"] == outlet) & (spans["unit"] == "mention")]["span"]
    return sorted(span for span in mentions if "wording" in truth[span])


def skip(study: Study, spans: list[str], reason: str, coders: tuple[str, ...] = ("mira", "jon")) -> None:
    rows = [
        {"round": "main", "span": span, "coder": coder, "state": "skipped", "reason": reason}
        for span in spans for coder in coders
    ]  # fmt: skip
    with study.store.writing() as connection:
        db.put(connection, db.outcomes, rows)


def test_skips_are_counted_by_outlet_and_reason_and_bound_the_share(study: Study) -> None:
    post, truth = asked_of(study, "Post"), true_codes(study)
    unclear, open_ = post[:3], post[3:5]
    code_round(study, "main", only=lambda span: span not in post[:5])
    skip(study, unclear, "unclear")
    plant_predictions(study)
    result = estimate(study, target="corpus")
    assert [(one.outlet, one.reason, one.answers) for one in result.missing] == [
        ("Post", "not answered yet", 2 * len(open_)), ("Post", "unclear", 6),
    ]  # fmt: skip
    ours = of_post(result)
    assert ours.missing == 5 and ours.share is not None and ours.if_none is not None and ours.if_all is not None
    left = [truth[span]["wording"] for span in post[5:]].count(("liberation",))
    assert ours.if_none < ours.share < ours.if_all
    assert ours.if_all - ours.if_none == pytest.approx(5 / len(post))  # the five are all the same in every span drawn
    assert (ours.coded_only or 0) * len(post[5:]) == pytest.approx(left)
    (herald,) = [one for one in result.shares if (one.group, one.code) == ("Herald", "liberation")]
    assert (herald.missing, herald.if_none, herald.if_all) == (0, None, None)


def test_the_bounds_are_the_shares_that_the_missing_answers_would_give(study: Study) -> None:
    """Exactly so where every span is drawn: the missing ones are coded afterwards, all with the code or none."""
    post, truth = asked_of(study, "Post"), true_codes(study)
    code_round(study, "main", only=lambda span: span not in post[:4])
    plant_predictions(study)
    before = of_post(estimate(study, target="corpus"))
    have = sum(truth[span]["wording"] == ("liberation",) for span in post[4:])
    assert before.coded_only == pytest.approx(have / len(post[4:]))
    assert before.share is not None and before.if_none is not None and before.if_all is not None
    weight = len(post[4:]) / len(post)
    assert before.if_none == pytest.approx(before.share * weight)
    assert before.if_all == pytest.approx(before.share * weight + 4 / len(post))


def test_one_coders_skip_leaves_the_others_answer(study: Study) -> None:
    """It is counted, and no span is missing."""
    post = asked_of(study, "Post")
    code_round(study, "main")
    a = db.annotations.c
    with study.store.writing() as connection:
        connection.execute(delete(db.annotations).where(a.coder == "jon", a.span.in_(post[:4])))
    skip(study, post[:4], "distressing", ("jon",))
    plant_predictions(study)
    result = estimate(study)
    assert [(one.outlet, one.reason, one.answers) for one in result.missing] == [("Post", "distressing", 4)]
    assert of_post(result).missing == 0 and of_post(result).if_none is None


def test_spans_that_are_not_readable_are_counted_and_bound_nothing(study: Study) -> None:
    post = asked_of(study, "Post")
    code_round(study, "main", only=lambda span: span not in post[:6])
    skip(study, post[:6], "not-readable")
    plant_predictions(study)
    result = estimate(study)
    assert [(one.reason, one.answers) for one in result.missing] == [("not-readable", 12)]
    assert of_post(result).if_none is None


def test_a_question_without_an_answer_is_missing_too(study: Study) -> None:
    post = asked_of(study, "Post")
    code_round(study, "main")
    a = db.annotations.c
    with study.store.writing() as connection:
        connection.execute(delete(db.annotations).where(a.variable == "wording", a.span.in_(post[:3])))
    plant_predictions(study)
    ours = of_post(estimate(study, target="corpus"))
    assert ours.missing == 3 and ours.if_none is not None and ours.if_all is not None
    assert ours.if_all - ours.if_none == pytest.approx(3 / len(post))


def test_both_are_printed_where_something_is_missing(study: Study) -> None:
    post = asked_of(study, "Post")
    code_round(study, "main", only=lambda span: span not in post[:4])
    skip(study, post[:4], "unclear")
    plant_predictions(study)
    with Console(width=80, record=True, file=StringIO()) as console:
        show(estimate(study), console)
    text = console.export_text()
    assert "no answer to spans of Post: unclear 8" in text and max(map(len, text.splitlines())) <= 80
    assert "if none or all of the spans without an answer had the code" in text and "Post   liberation" in text
