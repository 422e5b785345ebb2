"""The whole of a round over a real Label Studio: drawn, pushed, coded by three, pulled, agreed upon, adjudicated."""

from __future__ import annotations

import json
from typing import Any

from command_line import slantwise
from studios import Person

from annotate.tasks.interface import PASSAGE
from corpus import Study

CODERS = ("mira", "jon", "kim")
NONE = {"mention": "none"}
PLAIN = {"mention": "change", "gainer": "side-a", "wording": "plain", "attribution": "outlet"}
FREED = {**PLAIN, "wording": "liberation"}


def said(study: Study, *words: object, code: int = 0) -> dict[str, Any]:
    """Give a command, in this process: what is tested is the way of a round, and twenty programs take long to start."""
    done = slantwise(*words, "--json", cwd=study.folder)
    assert done.returncode == code, (words, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def results(codes: dict[str, str], reason: str) -> list[dict[str, Any]]:
    """What the adjudicator's screen sends."""
    choices = [
        {"id": name, "from_name": name, "to_name": PASSAGE, "type": "choices", "value": {"choices": [code]}}
        for name, code in codes.items()
    ]
    memo = {"id": "memo", "from_name": "sw_memo", "to_name": PASSAGE, "type": "textarea", "value": {"text": [reason]}}
    return [*choices, memo]


def adjudicated(study: Study) -> dict[tuple[str, str], tuple[str, str, str]]:
    frame = study.adjudicated()
    return {(row.span, row.variable): (row.code, row.by, row.reason) for row in frame.itertuples()}


def test_a_round_is_drawn_coded_by_three_and_adjudicated(
    studio_study: Study,
) -> None:
    """The coders' answers stay, and agreement with them."""
    drawn = said(
        studio_study, "round", "draw", "main", "--coders", ",".join(CODERS), "--spans", 12, "--purpose", "reliability"
    )
    assert drawn["spans"] == 12 and list(drawn["coders"]) == sorted(CODERS)
    projects = {one["coder"]: one["project"] for one in said(studio_study, "studio", "push", "main")["projects"]}
    people = {coder: Person(studio_study, coder, projects[coder]) for coder in CODERS}
    spans = sorted(people["mira"].task)
    for number, span in enumerate(spans):
        answers = [FREED, FREED, FREED] if number % 2 else [PLAIN, PLAIN, PLAIN]
        if number == 0:
            answers = [PLAIN, FREED, FREED]  # two of three
        if number == 1:
            answers = [PLAIN, FREED, {**PLAIN, "wording": "recovery"}]  # nobody has a majority
        if number == 2:
            answers = [NONE, NONE, PLAIN]
        for person, codes in zip(people.values(), answers, strict=True):
            person.answer(span, codes)
    assert said(studio_study, "studio", "pull", "main")["answered"] == 36

    before = said(studio_study, "agree", "main")
    assert before["variables"]["mention"]["n_units"] == 12 and 0.4 < before["variables"]["wording"]["alpha"] < 0.9
    assert before["coders"].keys() == set(CODERS)

    listed = said(studio_study, "adjudicate", "list", "main")
    assert (listed["spans"], listed["disputed"], listed["open"]) == (12, 3, 3)
    done = said(studio_study, "adjudicate", "auto", "main", "--by", "majority")
    assert done["left"] == {spans[1]: ["wording"]} and done["variables"]["mention"]["codes"] == 12
    assert said(studio_study, "adjudicate", "auto", "main", "--by", "majority")["new"] == 0
    codes = adjudicated(studio_study)
    assert codes[spans[0], "wording"] == ("liberation", "majority", "2 of 3 coders")
    assert codes[spans[2], "mention"] == ("none", "majority", "2 of 3 coders") and (spans[2], "wording") not in codes
    assert (spans[1], "wording") not in codes and codes[spans[1], "gainer"] == ("side-a", "majority", "3 of 3 coders")

    bench = said(studio_study, "adjudicate", "push", "main", "--adjudicator", "lea")
    assert (bench["new"], bench["known"]) == (1, 0)
    assert said(studio_study, "adjudicate", "push", "main", "--adjudicator", "lea")["new"] == 0
    lea = Person(studio_study, "lea", bench["project"])
    (span,) = lea.task
    task = lea.http.get(f"/api/tasks/{lea.task[span]}/").json()
    shown = task["data"]["sw_answers"]
    assert span == spans[1] and all(letter in shown for letter in ("Coder A", "Coder B", "Coder C"))
    assert not [coder for coder in CODERS if coder in json.dumps(task["data"])] and shown.count("<strong>") == 3
    filled = {one["from_name"] for one in task["predictions"][0]["result"]}
    assert filled == {"mention", "gainer", "attribution"}  # what all agree on

    decision = lea.send(span, results(FREED, "the ministry's own word"))
    pulled = said(studio_study, "adjudicate", "pull", "main")
    assert (pulled["adjudicators"], pulled["spans"], pulled["refused"]) == (["lea"], 1, [])
    assert adjudicated(studio_study)[span, "wording"] == ("liberation", "lea", "the ministry's own word")
    again = said(studio_study, "adjudicate", "pull", "main")
    assert (again["new"], again["changed"], again["removed"], again["unchanged"]) == (0, 0, 0, 4)
    lea.edit(decision, results(NONE, "a court seized it"))
    edited = said(studio_study, "adjudicate", "pull", "main")
    assert (edited["changed"], edited["removed"]) == (1, 3)
    assert {key: row for key, row in adjudicated(studio_study).items() if key[0] == span} == {
        (span, "mention"): ("none", "lea", "a court seized it")
    }
    assert (
        said(studio_study, "adjudicate", "auto", "main")["left"] == {}
        and adjudicated(studio_study)[span, "mention"][1] == "lea"
    )
    assert said(studio_study, "adjudicate", "list", "main")["open"] == 0

    assert said(studio_study, "agree", "main") == before  # raw codes stay, and they alone enter alpha
    rows = said(studio_study, "export", studio_study.folder / "out")["rows"]
    assert rows["adjudicated"] == len(adjudicated(studio_study)) == 12 + 3 * 10
