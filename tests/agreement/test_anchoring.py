"""What suggestions do to answers is measured between arms that were drawn by chance, and not found where there is nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from command_line import slantwise

from annotate.anchoring.anchoring import ArmProgress, measure_anchoring
from annotate.anchoring.suggestion_effects import effect, time_saved, wilson_interval
from annotate.rounds import frozen_suggestions, rounds
from annotate.rounds.draw import draw
from annotate.rounds.frame import frame
from annotate.tasks import queue
from benchmarks import anchoring_coverage
from corpus import Study
from corpus.annotation import Design, Suggestion
from corpus.annotations.rows import add_annotations
from corpus.errors import NothingToCompare
from corpus.study import database as db

KEPT = Path(anchoring_coverage.__file__).parent / "results" / "anchoring_coverage.jsonl"
CODES = ("liberation", "recovery", "annexation", "occupation")


def assisted_round(study: Study, share: float = 0.5) -> dict[str, str]:
    """Draw a round whose model suggests a change with a wording for every span; return the wordings."""
    open_spans, _ = frame(study, "main")
    suggested = {span: CODES[i % 4] for i, span in enumerate(open_spans["span"])}
    with study.store.writing() as connection:
        db.set_meta(connection, "model", "v-1")
        rows = [
            {"span": span, "variable": variable, "model": "v-1", "fold": "", "probabilities": json.dumps(chances)}
            for i, (span, code) in enumerate(suggested.items())
            for variable, chances in (("mention", {"change": 0.8, "none": 0.2}), ("wording", {code: 0.95 - 0.1 * (i % 5), "plain": 0.05}))
        ]  # fmt: skip
        db.put(connection, db.suggestions, rows)
    draw(study, "main", ["mira", "jon"], design=Design(assisted=share))
    return suggested


def answer(study: Study, suggested: dict[str, str], follow: dict[str, int]) -> None:
    """Let coders give the suggested wording to all but every n-th span of an arm, and else another one."""
    number = dict.fromkeys(follow, 0)
    rows, outcomes = [], []
    for one in rounds.assignments(study, "main"):
        number[one.arm] += 1
        code = "plain" if number[one.arm] % follow[one.arm] == 0 else suggested[one.span]
        said = {"coder": one.coder, "round": "main", "arm": one.arm, "span": one.span}
        rows += [{**said, "variable": "mention", "code": "change"}, {**said, "variable": "wording", "code": code}]  # fmt: skip
        seconds = (4.0 if one.arm == "assisted" else 7.0) + number[one.arm] % 3
        outcomes.append(
            {"round": "main", "span": one.span, "coder": one.coder, "state": "answered", "seconds": seconds}
        )
    assert add_annotations(study, rows).refusals == []
    with study.store.writing() as connection:
        db.put(connection, db.outcomes, outcomes)


@pytest.mark.parametrize("setting", [*anchoring_coverage.SETTINGS[1:3], *anchoring_coverage.SETTINGS[6:8]], ids=str)
def test_an_effect_lies_within_its_interval_and_none_is_found_where_there_is_none(
    setting: anchoring_coverage.SimulatedRound,
) -> None:
    found = anchoring_coverage.coverage(setting, studies=300)
    assert 0.915 <= float(str(found["coverage"])) <= 0.985  # 95 % of 300, give or take 2.8 standard deviations
    assert abs(float(str(found["mean"])) - setting.effect) < 0.01
    assert float(str(found["found"])) > 0.8 if setting.effect else float(str(found["found"])) < 0.085


def test_the_kept_figures_cover_between_92_and_98_percent_in_every_setting() -> None:
    kept = [json.loads(line) for line in KEPT.read_text(encoding="utf-8").splitlines()]
    assert {(row["effect"], row["articles"], row["base"]) for row in kept} == {
        (s.effect, s.articles, s.base) for s in anchoring_coverage.SETTINGS
    }
    assert all(0.92 <= row["coverage"] <= 0.98 and row["studies"] >= 2000 for row in kept)


def test_wilsons_interval_is_that_of_newcombes_worked_example() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81/263 has [.2553, .3662]
    assert wilson_interval(81 / 263, 263, 10**9) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_difference_without_clusters_is_newcombes_tenth_method() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II: 56/70 - 48/80 has [.0524, .3339]
    same = np.array([True] * 56 + [False] * 14 + [True] * 48 + [False] * 32)
    found = effect(same, np.arange(150) < 70, np.arange(150))
    assert found.effect == pytest.approx(0.2)
    assert found.interval == pytest.approx((0.0524, 0.3339), abs=0.004)  # with Student's quantile a little wider


def test_copies_of_one_answer_do_not_make_the_interval_narrower() -> None:
    chance = np.random.default_rng(3)
    same, shown, article = chance.random(60) < 0.7, np.arange(60) % 2 == 0, np.arange(60) % 20
    once = effect(same, shown, article)
    often = effect(np.tile(same, 5), np.tile(shown, 5), np.tile(article, 5))
    assert once.interval is not None and often.interval is not None
    # five times as many answers of their own would make it half as wide
    assert often.interval[1] - often.interval[0] > 0.7 * (once.interval[1] - once.interval[0])


def test_the_time_saved_is_a_difference_of_medians_with_an_interval_over_articles() -> None:
    chance = np.random.default_rng(5)
    shown = np.arange(400) % 2 == 0
    found = time_saved(chance.lognormal(2, 0.5, 400) - 2.0 * shown, shown, np.arange(400) % 40)
    assert found.seconds is not None and found.interval is not None
    assert found.interval[0] < 2.0 < found.interval[1] and found.interval[0] > 0
    few = time_saved(np.ones(12), np.arange(12) < 6, np.arange(12))
    assert few.why is not None and few.why.startswith("6 timed answers")


def test_the_suggestion_of_both_arms_is_kept_at_drawing_and_only_one_arm_shows_it(example_study: Study) -> None:
    suggested = assisted_round(example_study)
    kept = frozen_suggestions.round_suggestions(example_study, "main")
    assert {span: by["wording"].code for span, by in kept.items()} == suggested
    with example_study.store.writing() as connection:  # a later model, which may have learnt from this round
        db.set_meta(connection, "model", "v-2")
    drawn = rounds.get_round(example_study, "main")
    given = rounds.assignments(example_study, "main", "mira")
    tasks = queue.make_tasks(example_study, drawn, given)
    for one, task in zip(given, tasks, strict=True):
        if one.arm == "blind":
            assert "predictions" not in task
            assert suggested[one.span] not in json.dumps({k: v for k, v in task["data"].items() if k != "sw_html"})
        else:
            (shown,) = task["predictions"]
            assert shown["model_version"] == "v-1"
            said = {r["from_name"]: r["value"]["choices"] for r in shown["result"]}
            assert said.pop("attribution") in (["direct"], ["indirect"], ["outlet"], ["marked"])  # by rule
            assert said == {"mention": ["change"], "wording": [suggested[one.span]]}
    assert kept[given[0].span]["mention"] == Suggestion(given[0].span, "mention", "v-1", {"change": 0.8, "none": 0.2})


def test_anchoring_of_a_round_is_told_by_variable_coder_and_confidence(example_study: Study) -> None:
    suggested = assisted_round(example_study)
    answer(example_study, suggested, {"assisted": 10, "blind": 2})
    found = measure_anchoring(example_study, "main")
    wording = found.variables["wording"]
    assert (wording.shown.n, wording.hidden.n) == (50, 50) and wording.found
    assert (wording.shown.agree, wording.hidden.agree) == pytest.approx((0.9, 0.5))
    assert wording.effect == pytest.approx(0.4)
    assert found.variables["mention"].effect == 0.0 and not found.variables["mention"].found
    assert {coder: one.shown.n + one.hidden.n for coder, one in wording.coders.items()} == {"jon": 50, "mira": 50}
    assert [one.shown.n + one.hidden.n for one in wording.confidence.values()] == [0, 40, 40, 20]
    assert found.seconds.seconds == pytest.approx(3.0)
    assert (found.seconds.shown.median, found.seconds.hidden.median) == (5.0, 8.0)
    assert found.arms == {"assisted": ArmProgress(50, 50), "blind": ArmProgress(50, 50)}
    said = slantwise("anchoring", "main", "--json", cwd=example_study.folder)
    assert json.loads(said.stdout) == json.loads(json.dumps(found.json()))
    shown = slantwise("anchoring", "main", cwd=example_study.folder).stdout
    assert "wording: coders give the suggested code more often when they see it, by 40 points" in shown
    assert "mention: no effect found" in shown and "time saved: 3.0 s a span" in shown


def test_answers_beside_a_later_models_suggestion_are_no_evidence(example_study: Study) -> None:
    suggested = assisted_round(example_study)
    answer(example_study, suggested, {"assisted": 10, "blind": 2})
    seen = [one for one in rounds.assignments(example_study, "main") if one.arm == "assisted"]
    rows = [
        {"round": one.round, "span": one.span, "coder": one.coder, "task": n, "model": "v-2" if n < 5 else "v-1"}
        for n, one in enumerate(seen)
    ]
    with example_study.store.writing() as connection:
        db.put(connection, db.studio_tasks, rows)
    wording = measure_anchoring(example_study, "main").variables["wording"]
    assert (wording.shown.n, wording.hidden.n) == (45, 50)


def test_what_is_doubtful_is_shown_to_nobody_and_hides_what_waits_for_it(example_study: Study) -> None:
    suggested = assisted_round(example_study)
    given = [one for one in rounds.assignments(example_study, "main", "mira") if one.arm == "assisted"]

    def shown() -> dict[str, set[str]]:
        tasks = queue.make_tasks(example_study, rounds.get_round(example_study, "main"), given)
        return {
            task["data"]["sw_span"]: {r["from_name"] for r in task["predictions"][0]["result"]} - {"attribution"}
            for task in tasks
        }

    assert all(names == {"mention", "wording"} for names in shown().values())
    with example_study.store.writing() as connection:
        db.set_meta(connection, db.THRESHOLDS + "v-1", json.dumps({"wording": 0.7}))
    sure = {span: 0.95 - 0.1 * (i % 5) >= 0.7 for i, span in enumerate(suggested)}
    assert {span: "wording" in names for span, names in shown().items()} == {one.span: sure[one.span] for one in given}
    with example_study.store.writing() as connection:
        db.set_meta(connection, db.THRESHOLDS + "v-1", json.dumps({"mention": 0.9}))
    assert all(names == set() for names in shown().values())  # the wording is asked of a mention alone


def test_a_round_that_says_nothing_about_anchoring_says_why(example_study: Study) -> None:
    draw(example_study, "blind", ["mira"], spans=5, purpose="pilot")
    with pytest.raises(NothingToCompare, match="blind has only one arm"):
        measure_anchoring(example_study, "blind")
    suggested = assisted_round(example_study)
    with pytest.raises(NothingToCompare, match="nobody has answered main yet"):
        measure_anchoring(example_study, "main")
    one = rounds.assignments(example_study, "main")[0]
    row = {"span": one.span, "variable": "wording", "code": suggested[one.span], "coder": one.coder, "arm": one.arm}
    add_annotations(example_study, [{**row, "round": "main"}])
    few = measure_anchoring(example_study, "main").variables["wording"]
    assert few.effect is None and few.why is not None and "each arm needs 10" in few.why
