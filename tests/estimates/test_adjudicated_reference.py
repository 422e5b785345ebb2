"""Shares by adjudicated codes: their weights by exact enumeration, and what a study with and without decisions gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from itertools import combinations, product
from math import comb, prod
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from rich.console import Console
from sqlalchemy import delete
from stores import write
from town_studies import code_round, plant_predictions, town_study, true_codes

from annotate.adjudication.adjudicate import shared_spans, store_adjudications
from annotate.cli.estimates.estimate import show
from annotate.estimates import groups
from annotate.estimates.estimate import ShareOfGroup, check_sample, estimate
from annotate.estimators.draws import RoundOfSpans, coded_weights, two_phase_influence
from annotate.estimators.overlap import chance_of_two, settled_chance
from annotate.rounds.draw import draw
from annotate.rounds.sampling import assign_coders
from benchmarks.coverage import RESULTS, Setting, measure
from benchmarks.kept_lines import read_lines
from corpus.annotation import Adjudication, Design
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.errors import NoEstimate, UnknownCode
from corpus.study import Study
from corpus.study import database as db

SIZE, DRAWN, DOUBLE = 5, 3, 2
SETTLED = np.array([1.0, 0.0, 1.0, 1.0, 0.0])
ANSWERS = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])  # of two coders, by span
ASSISTED = 0.25
NO = np.zeros(SIZE, dtype=np.int64)


def weights_of(rows: tuple[int, ...], teams: list[list[int]], blind: list[list[bool]]) -> tuple[np.ndarray, ...]:
    """Weights of spans that anybody coded and of settled ones, for one draw, its teams, and who of them is blind."""
    weights = []
    shared = chance_of_two([[ASSISTED] * len(team) for team in teams])
    anybody = 1 - np.array([ASSISTED ** len(team) for team in teams])
    for least, chance in ((1, anybody), (2, shared)):
        pi, coded = np.ones(SIZE), np.zeros(SIZE, dtype=bool)
        pi[list(rows)] = DRAWN / SIZE * np.where(chance > 0, chance, 1)
        coded[list(rows)] = [sum(arms) >= least for arms in blind]
        weights.append(coded_weights([RoundOfSpans(pi, coded, NO, np.ones(SIZE), np.zeros(SIZE))]))
    return weights[0], weights[1]


def every_coding() -> Iterator[tuple[float, np.ndarray, np.ndarray, np.ndarray]]:
    """Every draw of three of five spans, two of them for both coders, with arms, and one blind answer to each span.

    Yields the probability, the weights B and C, and the answers of one coder.
    """
    draws, doubles = list(combinations(range(SIZE), DRAWN)), list(combinations(range(DRAWN), DOUBLE))
    for rows, both, single in product(draws, doubles, (0, 1)):
        teams = [[0, 1] if place in both else [single] for place in range(DRAWN)]
        for arms in product((True, False), repeat=sum(map(len, teams))):
            left = iter(arms)
            blind = [[next(left) for _ in team] for team in teams]
            chance = prod(1 - ASSISTED if one else ASSISTED for one in arms) / (len(draws) * len(doubles) * 2)
            anybody, several = weights_of(rows, teams, blind)
            readers = [
                [coder for coder, is_blind in zip(t, b, strict=True) if is_blind] or [0]
                for t, b in zip(teams, blind, strict=True)
            ]
            for chosen in product(*readers):
                one = np.zeros(SIZE)
                one[list(rows)] = [ANSWERS[row, coder] for row, coder in zip(rows, chosen, strict=True)]
                yield chance / prod(map(len, readers)), anybody, several, one


def test_over_all_draws_overlaps_and_arms_the_settled_codes_are_the_true_total() -> None:
    """The probability of overlap enters P; one coder's answers, however wrong, move nothing on average."""
    whole, anybody, several, total = 0.0, np.zeros(SIZE), np.zeros(SIZE), 0.0
    for p, b, c, one in every_coding():
        whole, anybody, several = whole + p, anybody + p * b, several + p * c
        total += p * (c * SETTLED + 0.7 * (b - c) * (0.2 + 0.5 * one)).sum()
    assert whole == pytest.approx(1) and anybody == pytest.approx(np.ones(SIZE))
    assert several == pytest.approx(np.ones(SIZE))
    assert total == pytest.approx(SETTLED.sum())


def test_a_predictor_that_knows_who_was_drawn_needs_the_weight_of_those_drawn() -> None:
    """With 1 - C in place of B - C, as for predictions of all spans, one coder's answers bias the total."""
    total = sum(p * (c * SETTLED + (1 - c) * one).sum() for p, b, c, one in every_coding())
    assert abs(total - SETTLED.sum()) > 0.2


def test_the_variance_of_drawing_twice_is_right_on_average() -> None:
    """Over all draws of four of six spans and all pairs of them, for residuals that differ between the two draws."""
    first, second = np.array([0.3, -0.2, 0.5, 0.1, -0.6, 0.4]), np.array([0.1, 0.2, -0.3, 0.4, 0.0, -0.1])
    n, k, size = 4, 2, 6
    errors, variances = [], []
    for rows in combinations(range(size), n):
        for pair in combinations(rows, k):
            drawn, coded = np.isin(np.arange(size), rows), np.isin(np.arange(size), pair)
            flat = np.zeros(size, dtype=np.int64)
            one = RoundOfSpans(np.full(size, n / size), drawn, flat, np.ones(size), np.zeros(size))
            two = RoundOfSpans(np.full(size, k / size), coded, flat, np.ones(size), np.zeros(size))
            b, c = coded_weights([one]), coded_weights([two])
            errors.append(((b - 1) * first + (c - b) * second).sum())
            variances.append((two_phase_influence([one], [two], (first, second)) ** 2).sum())
    assert len(errors) == comb(size, n) * comb(n, k) and np.mean(errors) == pytest.approx(0)
    assert np.mean(variances) == pytest.approx(np.var(errors))


def test_settled_disputes_stand_for_those_that_are_open() -> None:
    """Whichever of two disputes is settled: spans without a dispute do not take the place of the open one."""
    asked, disputed = np.ones(4, dtype=bool), np.array([True, True, False, False])
    total = np.zeros(4)
    for settled_one in (0, 1):
        settled = ~disputed | (np.arange(4) == settled_one)
        chance, rates = settled_chance(np.full(4, 0.5), NO[:4], asked, asked, disputed, settled)
        total += np.where(settled, 1 / chance, 0) / 2
        assert rates == {0: (1.0, 0.5)}
    assert total == pytest.approx(np.full(4, 2.0))


def test_coders_are_dealt_as_the_probability_says() -> None:
    """Of 7 draws 3 go to two of three coders; 600 rounds."""
    rng = np.random.default_rng(4)
    weight = np.zeros(7)
    for _ in range(600):
        teams = assign_coders(7, 3, 0.4, True, rng)
        chance = chance_of_two([[0.0] * len(team) for team in teams])
        weight += np.array([len(team) > 1 for team in teams]) / np.where(chance > 0, chance, 1)
    assert weight / 600 == pytest.approx(np.ones(7), abs=4 * ((7 / 3 - 1) / 600) ** 0.5)


def test_the_intervals_contain_the_truth_and_one_coders_answers_halve_their_width() -> None:
    """Of 40 runs 95 % are 38; 4 standard errors below are 32. The long run is in benchmarks/results."""
    line = measure(Setting("settled", coded=200, overlap=0.25, slips=0.05, adjudicated=True), 40)
    assert line["coverage"] >= 32 / 40 and line["width_ratio"] <= 0.75
    kept = [one for one in read_lines(RESULTS) if one.get("adjudicated")]
    assert len(kept) == 2 and all(0.92 <= one["coverage"] <= 0.97 for one in kept)


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study whose main round of 210 spans has 105 with two coders, who slip now and then."""
    study = town_study(tmp_path_factory.mktemp("settled") / "study", articles=20)
    draw(study, "main", ["mira", "jon"], spans=210, design=Design(by="outlet", overlap=0.5, no_term=0.0))
    code_round(study, "main", slips=0.03)
    plant_predictions(study)
    study.close()
    return study.folder


@pytest.fixture
def study(coded: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(coded, tmp_path / "study"))
    yield copy
    copy.close()


def decide(study: Study, most: int = 1000) -> int:
    """Decide so many of the disputes rightly, and return how many there are."""
    truth, version = true_codes(study), study.codebook.version
    disputed = [one for one in shared_spans(study, "main") if one.disputed]
    rows = {
        one.span: [
            Adjudication("main", one.span, name, truth[one.span][name], "lea", version)
            for name in one.disputed if name in truth[one.span]
        ]
        for one in disputed[:most]
    }  # fmt: skip
    store_adjudications(study, "main", rows)
    return len(disputed)


def of_herald(rows: tuple[ShareOfGroup, ...]) -> ShareOfGroup:
    (found,) = [one for one in rows if (one.group, one.code) == ("Herald", "liberation")]
    return found


def test_only_spans_with_several_coders_are_coded_and_the_others_predict(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    disputes = decide(study)
    assert disputes >= 3
    result = estimate(study, reference="adjudicated")
    alone = estimate(study)
    assert (result.reference, result.coded, alone.coded) == ("adjudicated", 105, 210)
    assert f"{disputes} decided by a person" in " ".join(result.notes)
    ours, coders = of_herald(result.shares), of_herald(alone.shares)
    assert ours.coded < coders.coded * 0.65
    assert ours.se is not None and coders.se is not None and ours.low is not None and ours.high is not None
    monkeypatch.setattr(groups, "_single", lambda *arguments: None)
    unread = of_herald(estimate(study, reference="adjudicated").shares)
    assert unread.se is not None and ours.se < 0.9 * unread.se  # what one coder answered helps
    truth = [codes["wording"] for span, codes in true_codes(study).items() if "wording" in codes and span in
             set(study.spans().query("outlet == 'Herald'")["span"])]  # fmt: skip
    assert ours.low <= truth.count(("liberation",)) / len(truth) <= ours.high


def test_both_references_stand_side_by_side_where_anything_was_adjudicated(study: Study) -> None:
    assert estimate(study).other_reference == ()
    decide(study)
    coders, adjudicated = estimate(study), estimate(study, reference="adjudicated")
    assert coders.other_reference == adjudicated.shares and adjudicated.other_reference == coders.shares
    with Console(width=80, record=True, file=StringIO()) as console:
        show(coders, console)
    text = console.export_text()
    assert "adjudicated %" in text and max(map(len, text.splitlines())) <= 80


def test_open_disputes_refuse_an_adjudicated_estimate_and_are_said_in_the_others(study: Study) -> None:
    with pytest.raises(NoEstimate, match=r"only 0% of the disputed spans of main, .* are settled; .*adjudicate list"):
        estimate(study, reference="adjudicated")
    decide(study, most=1)
    result = estimate(study)
    assert result.other_reference == () and "no shares by adjudicated codes: only" in " ".join(result.notes)
    assert estimate(study, reference="adjudicated", override="lea is away").coded < 105


def test_without_overlap_nothing_can_be_settled(study: Study) -> None:
    with study.store.writing() as connection:
        connection.execute(delete(db.assignments).where(db.assignments.c.coder == "jon"))
    with pytest.raises(NoEstimate, match="no drawn span was given to two coders"):
        estimate(study, reference="adjudicated", override="a trial")


def test_spans_coded_without_a_draw_are_coded_only_if_they_are_settled(study: Study) -> None:
    truth, framed = true_codes(study), set(study.draws()["span"])
    free = [span for span in truth if span not in framed][:6]
    others = sorted(set(truth) - framed - set(free))
    with study.store.writing() as connection:  # as if the frame had never had them
        row = connection.execute(db.rounds.select()).one()
        design = connection.execute(db.round_designs.select()).one()
        pi = dict(zip(json.loads(row.frame), json.loads(design.pi), strict=True))
        kept = [span for span in pi if span not in free]
        connection.execute(db.rounds.update().values(frame=json.dumps(kept)))
        connection.execute(db.round_designs.update().values(pi=json.dumps([pi[span] for span in kept])))
    rows = [
        {"span": span, "variable": name, "code": codes[0], "coder": coder}
        for number, span in enumerate(free) for name, codes in truth[span].items()
        for coder in (("kim", "lou") if number < 4 else ("kim",))
    ]  # fmt: skip
    add_annotations(study, rows)
    decide(study)
    sample, _ = check_sample(study, reference="adjudicated")
    assert sample.balance["coded, never drawn"] == 4
    assert sample.balance["coded without a draw, and not settled"] == 2
    assert len(sample.answers) == 109 and len(sample.spans) == 238 == len(others) + 210 + 4


def test_a_round_without_overlap_is_like_a_pilot(study: Study) -> None:
    """Its spans are settled by nobody; what it drew is spoken for by what the other round left, or drew."""
    draw(study, "second", ["mira"], spans=15, design=Design(by="outlet", no_term=0.0))
    code_round(study, "second")
    decide(study)
    sample, _ = check_sample(study, reference="adjudicated")
    assert len(sample.answers) == 105 and len(sample.spans) == 240
    assert coded_weights(sample.rounds).sum() == pytest.approx(240, rel=0.03)
    assert of_herald(estimate(study, reference="adjudicated", target="corpus").shares).method == "corrected"


def test_the_command_takes_the_reference_and_refuses_another(study: Study) -> None:
    decide(study)
    with pytest.raises(UnknownCode, match="'gold' is not a reference; expected coders or adjudicated"):
        estimate(study, reference="gold")  # type: ignore[arg-type]
    done = slantwise("estimate", "--reference", "gold", cwd=study.folder)
    assert done.returncode == 2 and "expected coders or adjudicated" in done.stderr


def test_articles_that_no_round_with_overlap_could_draw_are_in_no_adjudicated_share(study: Study) -> None:
    """Nothing coded twice stands for them: they were added later, and one coder codes them alone."""
    page = "One.\n\nTroops took the town {n}.\n\nThen they took the village {n} as well, {n} days later."
    files = {f"late/{n}.txt": page.format(n=n) for n in range(8)}
    rows = "".join(f"{file},Herald,2024-04-1{n}\n" for n, file in enumerate(files))
    source = write(study.folder.parent / "late", {**files, "manifest.csv": "file,outlet,published\n" + rows})
    assert add(study, [source]).refusals == []
    draw(study, "second", ["mira"], spans=20, design=Design(no_term=0.0))
    code_round(study, "second")
    decide(study)
    (coders, _), (sample, _) = check_sample(study), check_sample(study, reference="adjudicated")
    late = len(coders.spans) - 240
    assert late >= 8 and len(sample.spans) == 240
    assert sample.balance["in no frame of a round with several coders, so in no adjudicated share"] == late
    assert coded_weights(sample.rounds).sum() == pytest.approx(240, rel=0.03)
