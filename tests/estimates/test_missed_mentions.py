"""Mentions that terms miss: their rate by outlet, and the shares with them or what they may be."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import town_studies
from rich.console import Console
from sqlalchemy import delete, update
from town_studies import code_round, plant_predictions, town_study, true_codes

from annotate.cli.estimates.estimate import show
from annotate.estimates.answers.missed import MissedOfOutlet
from annotate.estimates.estimate import Estimate, estimate
from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.missed import AuditedGroup, share_with_missed
from annotate.estimators.shares import Group, estimate_share
from annotate.rounds.draw import draw
from annotate.rounds.rounds import assignments
from annotate.rounds.term_recall import missed_mentions
from corpus.annotation import Design
from corpus.annotations.rows import add_annotations
from corpus.span import Span
from corpus.study import Study
from corpus.study import database as db

OTHER_WORDS = ("freed", "seized")  # which the terms do not list: liberation, and plain


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study in which two paragraphs of every article miss the terms, all drawn and nothing coded."""
    whole = town_studies._text

    def text(rng: random.Random, share: float) -> str:
        more = [
            f"Later they {rng.choice(OTHER_WORDS)} {town}, "
            + " ".join("".join(rng.choices("abdegiklmnoprstu", k=6)) for _ in range(15)) + "."
            for town in rng.sample(town_studies.NAMES, 2)
        ]  # fmt: skip
        return "\n\n".join([whole(rng, share), *more])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(town_studies, "_text", text)
        study = town_study(tmp_path_factory.mktemp("missed") / "study", articles=10)
    draw(study, "main", ["mira", "jon"], design=Design(by="outlet", no_term=1.0))
    study.close()
    return study.folder


@pytest.fixture
def study(drawn: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(drawn, tmp_path / "study"))
    code_round(copy, "main")
    plant_predictions(copy)
    yield copy
    copy.close()


def audit(study: Study, most: int = 1000) -> dict[str, list[str]]:
    """Answer every passage of the audit; return by outlet the codes of the first `most` that were marked in each."""
    spans = study.spans().set_index("span")
    found: dict[str, list[str]] = {}
    outcomes, marks = [], []
    for given in assignments(study, "main.no-term"):
        text, outlet = str(spans.loc[given.span, "text"]), str(spans.loc[given.span, "outlet"])
        outcomes.append({"round": given.round, "span": given.span, "coder": given.coder, "state": "answered"})
        word = next((w for w in OTHER_WORDS if w in text), None)
        known = found.setdefault(outlet, [])
        if word is None or (given.coder == "jon" and len(known) >= most):
            continue
        place = Span.from_id(given.span)
        start = place.start + text.index(word)
        mark = Span(place.revision, start, start + len(word), "mention").id
        if given.coder == "jon":
            known.append("liberation" if word == "freed" else "plain")
        elif mark not in {one["span"] for one in marks}:
            continue
        marks += [
            {"span": mark, "variable": name, "code": code, "coder": given.coder, "round": given.round}
            for name, code in (
                ("mention", "change"), ("wording", "liberation" if word == "freed" else "plain"),
                ("attribution", "outlet"),
            )
        ]  # fmt: skip
    with study.store.writing() as connection:
        db.put(connection, db.outcomes, outcomes)
    add_annotations(study, marks)
    return found


def of_herald(result: Estimate) -> MissedOfOutlet:
    (found,) = [one for one in result.missed if one.outlet == "Herald"]
    return found


def true_numbers(study: Study) -> tuple[int, int]:
    """The mentions of the Herald that terms find, and those with the code liberation."""
    truth, spans = true_codes(study), study.spans()
    herald = spans[(spans["outlet"] == "Herald") & (spans["unit"] == "mention") & spans["span"].isin(list(truth))]
    codes = [truth[span]["wording"] for span in herald["span"] if "wording" in truth[span]]
    return len(codes), codes.count(("liberation",))


def test_with_ten_found_they_enter_numerator_and_denominator(study: Study) -> None:
    """Everything is drawn and coded here, so that the share of all mentions is known exactly."""
    before, liberated = true_numbers(study)
    codes = audit(study)["Herald"]
    assert len(codes) == 20
    result = estimate(study, target="corpus")
    ours = of_herald(result)
    assert (ours.found, ours.passages) == (20, ours.frame) and ours.low < ours.per_1000 < ours.high
    whole = missed_mentions(study, "main")
    assert whole is not None and whole.mentions == sum(one.found for one in result.missed)
    (share,) = [one for one in ours.shares if one.code == "liberation"]
    assert share.share == pytest.approx((liberated + codes.count("liberation")) / (before + len(codes)))
    assert share.low == share.high == share.share and share.if_none is None
    process = next(one for one in of_herald(estimate(study)).shares if one.code == "liberation")
    assert process.share is None and process.if_none is not None  # of ten texts there is only an exact interval


def test_with_fewer_found_there_are_bounds_by_the_upper_end_of_their_rate(study: Study) -> None:
    before, liberated = true_numbers(study)
    audit(study, most=4)
    ours = of_herald(estimate(study, target="corpus"))
    (share,) = [one for one in ours.shares if one.code == "liberation"]
    most = ours.high * ours.frame / 1000
    assert ours.found == 4 and share.share is None and most > 4
    assert share.if_none == pytest.approx(liberated / (before + most))
    assert share.if_all == pytest.approx((liberated + most) / (before + most))


def test_without_an_audit_and_by_other_groups_there_are_no_shares_with_them(study: Study) -> None:
    assert estimate(study).missed == ()
    audit(study)
    (ours,) = {one.shares for one in estimate(study, by="outlet,attribution").missed}
    assert ours == ()
    (adjudicated,) = {one.shares for one in estimate(study, reference="adjudicated").missed}
    assert adjudicated == ()  # nobody settles an audit, and references are not mixed
    of_audit = update(db.annotations).where(db.annotations.c.round == "main.no-term")
    for version, number in (("0", 0), (study.codebook.version, 3)):  # the marks of another version are not none
        with study.store.writing() as connection:
            connection.execute(of_audit.values(codebook_version=version))
        assert len(estimate(study).missed) == number
    with study.store.writing() as connection:
        connection.execute(delete(db.outcomes).where(db.outcomes.c.round == "main.no-term"))
    assert estimate(study).missed == ()


def test_both_are_printed_by_outlet(study: Study) -> None:
    audit(study)
    with Console(width=80, record=True, file=StringIO()) as console:
        show(estimate(study), console)
    text = console.export_text()
    assert "mentions that terms miss, from audited passages without terms" in text
    assert "with missed %" in text and max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("target", ["process", "corpus"])
def test_the_interval_of_a_share_with_missed_mentions_contains_the_truth(target: str) -> None:
    """300 times: 120 articles with three mentions that terms find and six passages, of which a fifth has one missed.

    Missed mentions have the code half as often, so leaving them out would be wrong by 5 points.
    """
    rng = np.random.default_rng(5)
    hits, left_out = 0, 0
    for _ in range(300):
        chance = rng.beta(2, 3, 120)
        article, passages = np.repeat(np.arange(120), 3), np.repeat(np.arange(120), 6)
        code = (rng.random(360) < chance[article]).astype(float)
        missed = (rng.random(720) < 0.2).astype(float)
        with_code = missed * (rng.random(720) < chance[passages] / 2)
        truth = 0.4 * (360 + 144 / 2) / (360 + 144) if target == "process" else (
            (code.sum() + with_code.sum()) / (360 + missed.sum())
        )  # fmt: skip
        coded = np.isin(np.arange(360), rng.permutation(360)[:150])
        one = RoundOfSpans(np.full(360, 150 / 360), coded, np.zeros(360, int), np.ones(360), np.zeros(360))
        predicted = np.clip(0.6 * code + 0.2 + rng.normal(0, 0.2, 360), 0, 1)
        seen = np.where(coded, code, np.nan)
        share = estimate_share(
            Group(seen, np.where(coded, 1.0, np.nan), predicted, np.ones(360), article % 5, article, 120, [one]),
            target,  # type: ignore[arg-type]
        )
        drawn = rng.permutation(720)[:240]
        audited = AuditedGroup(720, with_code[drawn], missed[drawn], passages[drawn])
        weights = np.where(coded, 360 / 150, 0.0)
        figure = share_with_missed(share, audited, (weights, article), target)  # type: ignore[arg-type]
        assert figure is not None and figure.interval is not None and share.estimate.interval is not None
        hits += figure.interval[0] <= truth <= figure.interval[1]
        left_out += share.estimate.interval[0] <= truth <= share.estimate.interval[1]
    assert hits >= 270  # 95 % are 285, 4 standard errors below are 270
    assert left_out < hits
