"""Adjudication decides what coders dispute, leaves what it cannot decide to a person, and never touches their answers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from command_line import slantwise
from stores import valley_in
from studios import server_of

import annotate
from annotate.adjudication import studio_project
from annotate.adjudication.adjudicate import (
    SharedSpan,
    adjudicate,
    adjudications,
    shared_spans,
    store_adjudications,
)
from annotate.adjudication.adjudicator_screen import anonymous_names
from annotate.adjudication.aggregate import dawid_skene, majority
from annotate.agreement.agreement import agreement
from annotate.agreement.reliability_data import data_from_rows
from annotate.studio.accounts import local_servers, sign_in
from annotate.tasks.interface import hotkeys
from corpus import Study
from corpus.annotation import Adjudication
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound, NothingToCompare, NotInstalled

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHOTS = os.environ.get("SLANTWISE_SCREENSHOTS")
BOOK = """\
name: valley
version: "1"
unit: mention
mention:
  terms: [took, liberat*]
variables:
  - name: mention
    question: Does it say who took what?
    codes: [{name: change}, {name: none}]
  - name: wording
    question: Which wording?
    asked_when: {mention: [change]}
    codes: [{name: plain}, {name: liberation}, {name: recovery}]
  - name: seen
    question: What did you notice?
    kind: multiple
    codes: [{name: quote}, {name: irony}, {name: number}]
"""
PLAIN, FREED = ({"mention": "change", "wording": wording} for wording in ("plain", "liberation"))
NONE = {"mention": "none"}


@pytest.fixture
def valley_with_filter(tmp_path: Path) -> Study:
    """The valley with a codebook that asks first whether it is a change, and of changes the wording."""
    return valley_in(tmp_path / "valley", BOOK)


def mentions(study: Study) -> list[str]:
    frame = study.spans()
    return list(frame[frame["unit"] == "mention"]["span"])


def answer(study: Study, span: str, by: Mapping[str, Mapping[str, str]], round: str = "main", **more: Any) -> None:
    rows = [
        {"span": span, "variable": variable, "code": code, "coder": coder, "round": round, **more}
        for coder, codes in by.items()
        for variable, code in codes.items()
    ]
    assert add_annotations(study, rows).refusals == []


def codes(study: Study, round: str = "main") -> dict[tuple[str, str], tuple[str, str]]:
    found = adjudications(study, round)
    return {(span, one.variable): (one.code, one.by) for span, rows in found.items() for one in rows}


def said(study: Study, *words: object) -> str:
    done = slantwise(*words, cwd=study.folder)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


# by majority, by Dawid and Skene


def noisy(right: list[str], spans: int = 120) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Answers of coders who are right with these chances, and the truth."""
    chance = np.random.default_rng(4)
    truth = ["xyz"[n] for n in chance.integers(0, 3, spans)]
    rows = [
        (f"s{s:03}", coder, code if chance.random() < float(share) else "xyz"[chance.integers(0, 3)])
        for s, code in enumerate(truth)
        for coder, share in zip("abcde", right, strict=False)
    ]
    return rows, truth


def test_the_majority_is_that_of_crowd_kit_wherever_more_than_half_agree() -> None:
    from crowdkit.aggregation import MajorityVote

    rows, _ = noisy(["0.9", "0.8", "0.5", "0.3"])
    frame = pd.DataFrame(rows, columns=["task", "worker", "label"])
    shares = MajorityVote().fit_predict_proba(frame)
    wanted = {str(s): (str(row.idxmax()), round(row.max(), 6)) for s, row in shares.iterrows() if row.max() > 0.5}
    found = majority(data_from_rows(rows))
    assert found == wanted and 60 < len(found) < 120


def test_dawid_and_skene_find_the_truth_among_careless_coders() -> None:
    """They find it more often than a majority does."""
    rows, truth = noisy(["0.95", "0.9", "0.2", "0.1", "0.1"])
    answers = data_from_rows(rows)
    right = [
        np.mean([found.get(f"s{s:03}", ("",))[0] == code for s, code in enumerate(truth)])
        for found in (majority(answers), dawid_skene(answers))
    ]
    assert right[1] > 0.9 > right[0] + 0.1
    assert all(0.5 < confidence <= 1 for _, confidence in dawid_skene(answers).values())
    assert dawid_skene(answers) == dawid_skene(answers)


def test_dawid_and_skene_need_three_coders_and_crowd_kit(example_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    two = data_from_rows([(f"s{n}", coder, "xy"[n % 2]) for n in range(9) for coder in "ab"])
    assert dawid_skene(two) == {}
    monkeypatch.setitem(sys.modules, "crowdkit.aggregation", None)
    with pytest.raises(NotInstalled, match="pip install crowd-kit"):
        adjudicate(example_study, "", by="dawid-skene")
    said = slantwise("adjudicate", "auto", "", "--by", "coin", cwd=example_study.folder)
    assert said.returncode == 2 and "expected majority or dawid-skene" in said.stderr


def test_the_example_study_is_adjudicated_by_either_method(example_study: Study) -> None:
    by_majority = adjudicate(example_study, "")
    again = json.loads(slantwise("adjudicate", "auto", "", "--json", cwd=example_study.folder).stdout)
    assert again == {**json.loads(json.dumps(by_majority.json())), "new": 0, "unchanged": by_majority.new}
    first = codes(example_study, "")
    by_model = adjudicate(example_study, "", by="dawid-skene")
    second = codes(example_study, "")
    assert by_majority.new == len(first) > 1500 and {by for _, by in second.values()} == {"dawid-skene"}
    assert by_model.new + by_model.changed == len(second) and len(by_majority.left) > len(by_model.left)
    same = [first[key][0] == second[key][0] for key in first.keys() & second.keys()]
    assert np.mean(same) > 0.97
    assert adjudicate(example_study, "", by="dawid-skene").unchanged == len(second)


# what is asked, what is left, what stays


def test_what_has_no_majority_is_left_and_what_is_asked_follows_the_codes_decided(valley_with_filter: Study) -> None:
    spans = mentions(valley_with_filter)
    answer(valley_with_filter, spans[0], {"ada": PLAIN, "ben": FREED})
    answer(valley_with_filter, spans[1], {"ada": NONE, "ben": NONE, "cem": FREED})
    answer(valley_with_filter, spans[2], {"ada": PLAIN, "ben": FREED, "cem": NONE})
    answer(valley_with_filter, spans[3], {"ada": PLAIN})
    done = adjudicate(valley_with_filter, "main")
    assert done.left == {spans[0]: ["wording"], spans[2]: ["wording"]}
    assert codes(valley_with_filter) == {
        (spans[0], "mention"): ("change", "majority"),
        (spans[1], "mention"): ("none", "majority"),
        (spans[2], "mention"): ("change", "majority"),
    }
    assert [case.disputed for case in shared_spans(valley_with_filter, "main")] == [
        ["wording"],
        ["mention"],
        ["mention", "wording"],
    ]
    assert [case.open(valley_with_filter.codebook) for case in shared_spans(valley_with_filter, "main")] == [
        ["wording"],
        [],
        ["wording"],
    ]
    (row,) = (one for one in adjudications(valley_with_filter, "main")[spans[1]])
    assert (row.confidence, row.reason) == (0.666667, "2 of 3 coders")


def test_several_codes_at_once_are_adjudicated_as_the_set_they_are(valley_with_filter: Study) -> None:
    (span, other, *_) = mentions(valley_with_filter)
    answer(
        valley_with_filter,
        span,
        {"ada": {"seen": "quote|irony"}, "ben": {"seen": "irony|quote"}, "cem": {"seen": "quote"}},
    )
    answer(valley_with_filter, other, {"ada": {"seen": "quote"}, "ben": {"seen": "irony"}})
    done = adjudicate(valley_with_filter, "main")
    assert codes(valley_with_filter) == {(span, "seen"): ("quote|irony", "majority")} and done.left == {other: ["seen"]}


def test_one_person_under_two_names_has_one_vote(valley_with_filter: Study) -> None:
    study = valley_with_filter
    for coder, code in (("Mara", "change"), ("mara", "change"), ("jon", "none")):
        answer(study, mentions(study)[0], {coder: {"mention": code}})
    with pytest.raises(NothingToCompare, match="the coders Mara and mara differ in letters only"):
        adjudicate(study, "main")
    done = slantwise("adjudicate", "auto", "main", cwd=study.folder)
    assert done.returncode == 2 and "slantwise round rename-coder Mara mara" in done.stderr
    assert codes(study) == {}


def test_what_a_person_has_decided_stays_and_what_a_method_decided_is_replaced(valley_with_filter: Study) -> None:
    spans = mentions(valley_with_filter)
    for span in spans[:2]:
        answer(valley_with_filter, span, {"ada": PLAIN, "ben": PLAIN, "cem": FREED})
    mine = Adjudication("main", spans[0], "mention", ("none",), "lea", "1", "a court took it")
    store_adjudications(valley_with_filter, "main", {spans[0]: [mine]})
    assert adjudicate(valley_with_filter, "main").new == 2
    assert codes(valley_with_filter)[spans[0], "mention"] == ("none", "lea") and (spans[0], "wording") not in codes(
        valley_with_filter
    )
    answer(valley_with_filter, spans[1], {"ada": FREED})  # the coder thought again
    assert adjudicate(valley_with_filter, "main").changed == 1
    assert codes(valley_with_filter)[spans[1], "wording"] == ("liberation", "majority")
    assert adjudications(valley_with_filter, "main")[spans[0]] == [mine]


def test_raw_answers_stay_and_alone_enter_alpha(example_study: Study) -> None:
    before, answers = agreement(example_study).json(), example_study.annotations()
    adjudicate(example_study, "")
    assert agreement(example_study).json() == before
    pd.testing.assert_frame_equal(example_study.annotations(), answers)


def test_answers_given_beside_a_suggestion_are_not_adjudicated(valley_with_filter: Study) -> None:
    (span, *_) = mentions(valley_with_filter)
    answer(valley_with_filter, span, {"ada": PLAIN})
    answer(valley_with_filter, span, {"ben": FREED}, arm="assisted")
    with pytest.raises(NothingToCompare, match="no span of main was answered by two coders"):
        shared_spans(valley_with_filter, "main")
    with pytest.raises(BadRound, match="rounds with answers: main"):
        shared_spans(valley_with_filter, "other")


def test_adjudicated_codes_are_listed_exported_and_a_table_in_python(valley_with_filter: Study, tmp_path: Path) -> None:
    spans = mentions(valley_with_filter)
    answer(valley_with_filter, spans[0], {"ada": PLAIN, "ben": PLAIN, "cem": FREED})
    answer(valley_with_filter, spans[1], {"ada": PLAIN, "ben": FREED})
    adjudicate(valley_with_filter, "main")
    frame = valley_with_filter.adjudicated()
    assert list(frame.columns) == [
        *("outlet", "article", "date", "unit", "span", "start", "end", "text"),
        *("variable", "code", "by", "reason", "confidence", "round", "codebook_version", "made_at"),
    ]
    row = frame[frame["variable"] == "wording"].iloc[0]
    assert (row["text"], row["code"], row["by"], row["round"]) == ("took", "plain", "majority", "main")
    for format in ("jsonl", "csv", "parquet", "datasets"):
        said(valley_with_filter, "export", tmp_path / format, "--format", format)
    assert pd.read_parquet(tmp_path / "parquet" / "adjudicated.parquet")["code"].tolist() == frame["code"].tolist()
    listed = json.loads(said(valley_with_filter, "adjudicate", "list", "main", "--json"))
    assert (listed["spans"], listed["disputed"], listed["decided"], listed["open"]) == (2, 2, 1, 1)
    assert [one["open"] for one in listed["cases"]] == [[], ["wording"]]
    assert listed == json.loads(json.dumps(annotate.list_disputed(valley_with_filter, "main").json()))
    table = slantwise("adjudicate", "list", "main", cwd=valley_with_filter.folder).stdout
    assert "plain 2, liberation 1" in table and "majority .67" in table and "open" in table


def test_coders_have_no_names_on_the_screen_but_letters() -> None:
    """The letters change from span to span, so that nobody is known by one."""
    answers = {"mention": {"ada": "change", "ben": "none"}}
    orders = {tuple(anonymous_names(SharedSpan(f"s{n}", answers), "main").items()) for n in range(20)}
    assert orders == {(("ada", "Coder A"), ("ben", "Coder B")), (("ben", "Coder A"), ("ada", "Coder B"))}
    many = {f"c{n}": "change" for n in range(30)}
    assert len(set(anonymous_names(SharedSpan("s", {"mention": many}), "main").values())) == 30


# on the screen


def test_the_adjudicator_sees_all_answers_and_decides_by_keyboard_with_a_reason(
    studio_study: Study, chromium: Browser
) -> None:
    span = mentions(studio_study)[3]
    full = {"mention": "change", "gainer": "side-a", "wording": "plain", "attribution": "outlet"}
    freed = {**full, "wording": "liberation"}
    answer(studio_study, span, {"mira": full, "jon": freed, "kim": {**full, "wording": "recovery"}}, round="screen")
    answer(studio_study, span, {"jon": {"mention": "change"}}, round="screen", memo="their word, not <b>ours</b>")
    with sign_in(studio_study, "lea") as place:
        found = studio_project.push_to_adjudicator(studio_study, "screen", "lea", place)
        assert (found.new, found.known, place.account is not None) == (1, 0, True)
    account, server = local_servers(studio_study).account("lea"), server_of(studio_study)
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(30_000)
    page.goto(f"{server.url}/user/login/")
    page.fill("input[name=email]", account.email)
    page.fill("input[name=password]", account.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{server.url}/projects/{found.project}/data?labeling=1")
    heading = page.get_by_text("Labeling Instructions")
    heading.wait_for()
    page.keyboard.press("Escape")
    heading.wait_for(state="hidden")
    page.get_by_text("Coder C").first.wait_for()
    for width in (1440, 390) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(600)
        page.screenshot(path=f"{SHOTS}/adjudicator-{width}.png")
    page.set_viewport_size({"width": 1440, "height": 900})
    words = page.locator(".sw-answers").inner_text()
    assert "their word, not <b>ours</b>" in words and not [name for name in ("mira", "jon", "kim") if name in words]
    assert page.locator(".sw-answers strong").count() == 3
    checked = page.locator(".sw-codes input:checked")
    assert checked.count() == 3  # what all agree on is filled in
    page.keyboard.press(hotkeys(studio_study.codebook)["wording", "liberation"])
    reason = page.get_by_placeholder("Why this code?")
    reason.fill("a word of the outlet's own")
    reason.press("Enter")
    with page.expect_response(lambda r: "/annotations" in r.url and r.request.method == "POST" and r.status == 201):
        page.keyboard.press("Control+Enter")
    page.close()
    with sign_in(studio_study, "lea") as place:
        done = studio_project.pull_from_adjudicator(studio_study, "screen", "lea", place)
    assert (done.spans, done.new, done.refusals) == (1, 4, ())
    (wording,) = (one for one in adjudications(studio_study, "screen")[span] if one.variable == "wording")
    assert (wording.code, wording.by, wording.reason) == ("liberation", "lea", "a word of the outlet's own")
