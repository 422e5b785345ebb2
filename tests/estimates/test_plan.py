"""What more coded spans would bring is what they do bring, and agrees with the plan of a round."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise
from sqlalchemy import update
from town_studies import code_round, drawn_and_coded, plant_predictions, town_study

import annotate
from annotate.cli.estimates.plan_estimate import print_plan
from annotate.estimates.plan_results import EstimatePlan, GroupOfPlan, PlannedShare
from annotate.estimators.draws import RoundOfSpans
from annotate.estimators.planning import variance_of
from annotate.estimators.shares import Group, Share, Target, estimate_share
from annotate.rounds.draw import draw
from benchmarks.coverage import FOLDS, Setting, World, make_world
from corpus.annotation import Design
from corpus.errors import NoEstimate
from corpus.study import Study
from corpus.study import database as db

RUNS = 100


def coded_so_far(world: World, order: np.ndarray, n: int, simple: bool, folds: np.ndarray) -> Group:
    """The first outlet with the first `n` spans of an order coded: of its own spans, or of those of all outlets."""
    coded = np.zeros(len(order), dtype=bool)
    coded[order[:n]] = True
    rows = world.outlet == 0
    pi = np.full(rows.sum(), n / (len(order) if simple else rows.sum()))
    none = np.zeros(rows.sum(), dtype=np.int64)
    code, eligible = (np.where(coded, one, np.nan)[rows] for one in (world.code, world.eligible))
    return Group(
        code, eligible, world.predicted[rows], np.full(rows.sum(), 0.9), folds[world.group][rows], world.group[rows],
        int(world.group.max()) + 1, [RoundOfSpans(pi, coded[rows], none, np.ones(len(none)), np.zeros(len(none)))],
    )  # fmt: skip


def predicted_and_found(setting: Setting, target: Target, runs: int) -> np.ndarray:
    """Draw n, plan for 2n, and draw n more: the standard errors of plan and estimate (runs, 2)."""
    rng, found = np.random.default_rng(5), []
    simple = setting.design == "simple"
    while len(found) < runs:
        world = make_world(setting, rng)
        rows = np.flatnonzero(world.outlet == 0)
        order = rng.permutation(len(world.outlet)) if simple else np.concatenate(
            [rng.permutation(rows), np.flatnonzero(world.outlet != 0)]
        )  # fmt: skip
        folds = rng.permutation(int(world.group.max()) + 1) % FOLDS
        n = setting.coded * (3 if simple else 1)
        shares: list[Share] = []
        for size, of in ((n, "process"), (n, "corpus"), (2 * n, target)):
            shares.append(estimate_share(coded_so_far(world, order, size, simple, folds), of))  # type: ignore[arg-type]
        known = np.isin(rows, order[:n]).sum()
        variance = variance_of(shares[0], shares[1], int(known), target)
        if variance is not None and shares[2].method == "corrected":
            more = int(np.isin(rows, order[: 2 * n]).sum())
            found.append((np.sqrt(variance.at(more, len(rows))), shares[2].estimate.se))
    return np.array(found)


@pytest.mark.parametrize(
    ("setting", "target"),
    [
        (Setting("simple", design="simple"), "process"),
        (Setting("stratified", classifier="useless"), "process"),
        (Setting("clustered", correlation=0.4, articles=60, coded=60), "process"),
        (Setting("copies across outlets", copied=0.3, texts=10), "process"),
        (Setting("perfect", classifier="perfect"), "process"),
        (Setting("stratified"), "corpus"),
    ],
    ids=lambda one: one.name if isinstance(one, Setting) else one,
)
def test_twice_the_spans_bring_the_standard_error_that_was_planned(setting: Setting, target: Target) -> None:
    planned = predicted_and_found(setting, target, RUNS)
    assert (planned[:, 0] / planned[:, 1]).mean() == pytest.approx(1, abs=0.1)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of a study before anything is drawn, and of one with a coded round and predictions."""
    fresh = town_study(tmp_path_factory.mktemp("fresh") / "study", articles=12)
    coded = town_study(tmp_path_factory.mktemp("coded") / "study", articles=30)
    drawn_and_coded(coded, 120, by=("outlet",))
    plant_predictions(coded)
    fresh.close()
    coded.close()
    return fresh.folder, coded.folder


@pytest.fixture
def fresh(folders: tuple[Path, Path]) -> Iterator[Study]:
    study = Study.open(folders[0])
    yield study
    study.close()


@pytest.fixture
def coded(folders: tuple[Path, Path]) -> Iterator[Study]:
    study = Study.open(folders[1])
    yield study
    study.close()


def of(plan: EstimatePlan, group: str, code: str = "liberation") -> tuple[PlannedShare, GroupOfPlan]:
    (share,) = [one for one in plan.shares if (one.group, one.code) == (group, code)]
    (about,) = [one for one in plan.groups if one.group == group]
    return share, about


def test_a_plan_of_nothing_agrees_with_the_plan_of_a_round(fresh: Study) -> None:
    for points in (6, 10, 15):
        needed = {one.needed for one in annotate.plan_estimate(fresh, by="", until=points).shares}
        assert needed == {annotate.plan_round(fresh, width=points / 100, rarest=0.5).variables["wording"].spans_share}
    share, about = of(annotate.plan_estimate(fresh, until=10), "Herald")
    assert (share.basis, share.assumed, share.half_width, about.coded, about.left) == ("assumed", 0.5, None, 0, 48)
    assert [one.more for one in share.sizes] == [25, 48] and share.needed is None  # 48 spans are too few
    every = about.draws[-1]
    assert (every.copy_groups, every.per_copy_group) == (12, 4) and every.effect == pytest.approx(1.3)
    with pytest.raises(NoEstimate, match=r"nothing is coded yet, so .* attribution .* plan by outlet or period"):
        annotate.plan_estimate(fresh, by="outlet,attribution")


def test_a_plan_begins_with_the_estimate_and_falls_as_more_is_coded(coded: Study) -> None:
    for target in ("process", "corpus"):
        plan = annotate.plan_estimate(coded, target=target, until=6)  # type: ignore[arg-type]
        for row in annotate.estimate(coded, target=target).shares:  # type: ignore[arg-type]
            share, about = of(plan, row.group, row.code)
            assert share.basis == "coded" and share.se == row.se and row.high is not None and row.low is not None
            assert share.half_width == pytest.approx((row.high - row.low) / 2)
            widths = [share.half_width, *(one.half_width for one in share.sizes)]
            assert widths == sorted(widths, reverse=True) and (widths[-1] == 0) == (target == "corpus")
            assert (about.spans, about.coded, about.left) == (120, 40, 80)
            if share.needed:
                assert any(one.more >= share.needed and one.half_width <= 0.06 for one in share.sizes)
    assert "spans are drawn by outlet, as in the last round" in plan.assumptions


def test_what_was_planned_is_what_a_second_round_brings(folders: tuple[Path, Path], tmp_path: Path) -> None:
    study = Study.open(shutil.copytree(folders[1], tmp_path / "study"))
    plan = annotate.plan_estimate(study)
    draw(study, "second", ["mira", "jon"], spans=150, design=Design(by=("outlet",), no_term=0.0))
    code_round(study, "second")
    for row in annotate.estimate(study).shares:
        share, _ = of(plan, row.group, row.code)
        assert row.se == pytest.approx(share.sizes[1].se, rel=0.25) and share.sizes[1].more == 50
    study.close()


def test_a_code_that_is_rarely_found_has_no_wider_interval_with_more_spans(
    folders: tuple[Path, Path], tmp_path: Path
) -> None:
    """Of 40 spans none had it, so its interval is exact; the plan takes it to be found, and would be wider."""
    study = Study.open(shutil.copytree(folders[1], tmp_path / "study"))
    with study.store.writing() as connection:
        t = db.annotations.c
        connection.execute(update(db.annotations).where(t.variable == "wording").values(code="plain"))
    plan = annotate.plan_estimate(study)
    study.close()
    assert {row.code for row in plan.shares if row.half_width} == {"plain", "liberation"}
    for row in plan.shares:
        assert row.half_width is not None and all(one.half_width <= row.half_width for one in row.sizes)


def test_groups_by_what_coders_say_share_the_draw_of_their_outlet(coded: Study) -> None:
    plan = annotate.plan_estimate(coded, by="outlet,attribution")
    own, about = of(plan, "Herald, outlet")
    quoted, of_quoted = of(plan, "Herald, quoted")
    assert about.left == of_quoted.left == 80 and about.draws[0].per_copy_group == of_quoted.draws[0].per_copy_group
    assert own.sizes[0].se < quoted.sizes[0].se  # two thirds of the words are the outlet's own
    assert quoted.basis == "few codes" and quoted.assumed is None


def test_the_command_prints_what_the_function_returns(coded: Study) -> None:
    from rich.console import Console

    said = slantwise("estimate", "--plan", "--until", 8, "--json", cwd=coded.folder)
    plan = annotate.plan_estimate(coded, until=8)
    assert said.returncode == 0 and json.loads(said.stdout) == json.loads(json.dumps(plan.json()))
    with Console(width=80, record=True, file=StringIO()) as console:
        print_plan(plan, console)
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80 and "+25" in text and "± 8" in text
    said = slantwise("estimate", "--until", 60, cwd=coded.folder)
    assert said.returncode == 2 and "expected percentage points between 0 and 50" in said.stderr
    for others in (("--reference", "adjudicated"), ("--robustness",)):
        said = slantwise("estimate", "--plan", *others, cwd=coded.folder)
        assert said.returncode == 2 and "a plan is of coders' answers" in " ".join(said.stderr.split())
