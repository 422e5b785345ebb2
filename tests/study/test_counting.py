"""Which answers count: one rule for agreement, training, evaluation, planning and everything that is shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import slantwise
from stores import rewritten

from annotate.adjudication.label_errors import rank_doubtful
from annotate.agreement.agreement import agreement
from annotate.report.parts.judged_spans import collect_judged_spans
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.rounds.sample_size import code_shares as plan_shares
from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.errors import NothingToLearn
from corpus.events.listing import find_event, list_events
from corpus.study import database as db
from corpus.study.counting import select_answers
from corpus.wording.kwic import kwic
from models.data.classifier_protocol import coder_shares
from models.data.labelled import labelled_spans
from models.measures.human import human_f1


def again(
    study: Study, coder: str, round: str, *, spans: int = 3, of: str = "", change: bool = False, **more: str
) -> None:
    """Have a coder answer once more, in another round, what `of` or the coder has answered; other codes with `change`."""
    frame = study.annotations()
    mine = frame[frame["coder"] == (of or coder)].drop_duplicates(["span", "variable"])  # one answer of several rounds
    first = list(dict.fromkeys(mine["span"]))[:spans]
    rows = mine[mine["span"].isin(first)][["span", "variable", "code"]].to_dict("records")
    for row in rows if change else ():
        names = study.codebook.by_name[row["variable"]].code_names
        row["code"] = names[names.index(row["code"]) - 1]
    told = add_annotations(study, [{**row, "coder": coder, "round": round, **more} for row in rows])
    assert told.refusals == []


def test_answers_under_an_earlier_version_of_the_codebook_train_nothing(example_study: Study) -> None:
    version = example_study.codebook.version
    later = rewritten(example_study, f'version: "{version}"', 'version: "99.0"')
    with pytest.raises(
        NothingToLearn, match=rf"under version 99\.0 of the codebook; there are answers under {version}"
    ):
        labelled_spans(later)


def test_a_coder_who_codes_a_span_in_several_rounds_counts_once(example_study: Study) -> None:
    before = coder_shares(labelled_spans(example_study), "mention")
    again(example_study, "authors", "second")
    again(example_study, "authors", "third")
    after = coder_shares(labelled_spans(example_study), "mention")
    assert after.sum(axis=1).max() == pytest.approx(1)
    assert (after == before).all()


def test_every_answer_counts_or_is_left_out_for_a_reason(example_study: Study) -> None:
    draw(example_study, "try-out", ["authors"], spans=3, purpose="pilot")
    again(example_study, "authors", "try-out")
    again(example_study, "authors", "second")
    again(example_study, "simulated-1", "shown", arm="assisted")
    again(example_study, "simulated-2", "older", codebook_version="1.0")
    answers = select_answers(example_study)
    assert set(answers.left_out) == {"assisted", "pilot, training or audit", "other version", "coded again"}
    assert len(answers.frame) + sum(answers.left_out.values()) == len(example_study.annotations())
    people = select_answers(example_study, simulated=False)
    assert set(people.per_coder) == {"authors"} and people.simulated == ()
    assert len(people.frame) + sum(people.left_out.values()) == len(example_study.annotations())


def test_a_later_rounds_answer_cannot_ask_what_the_coders_first_answer_did_not(example_study: Study) -> None:
    frame = example_study.annotations()
    first = frame[(frame["coder"] == "authors") & (frame["variable"] == "mention") & (frame["code"] == "none")]
    span = first["span"].iloc[0]
    rows = [{"variable": "mention", "code": "change"}, {"variable": "wording", "code": "liberation"}]
    told = [{**row, "span": span, "coder": "authors", "round": "second"} for row in rows]
    assert add_annotations(example_study, told).refusals == []
    answers = select_answers(example_study)
    assert answers.left_out == {"coded again": 1, "not asked": 1}
    mine = answers.frame[(answers.frame["span"] == span) & (answers.frame["coder"] == "authors")]
    assert mine[["variable", "code"]].to_numpy().tolist() == [["mention", "none"]]


@pytest.fixture
def piloted(example_folder: Path, tmp_path: Path) -> Study:
    """The example study with nothing but a pilot of 40 spans, coded by one coder, and coder training of 3."""
    study = Study.open(shutil.copytree(example_folder, tmp_path / "study"))
    frame = study.annotations()
    frame = frame[frame["coder"] == "authors"]
    with study.store.writing() as connection:
        connection.execute(db.annotations.delete())
    for name, purpose, n in (("try-out", "pilot", 40), ("school", "training", 3)):
        draw(study, name, ["authors"], spans=n, purpose=purpose)  # type: ignore[arg-type]
        drawn = [one.span for one in rounds.assignments(study, name)]
        rows = frame[frame["span"].isin(drawn)][["span", "variable", "code", "coder"]].to_dict("records")
        assert add_annotations(study, [{**row, "round": name} for row in rows]).refusals == []
    return study


def test_a_pilot_alone_trains_nothing_and_train_names_the_option_that_lets_it(piloted: Study) -> None:
    told = slantwise("train", cwd=piloted.folder, columns=300)
    assert told.returncode == 2
    assert "the only blind answers are from pilots, coder training or audits: school (" in told.stderr
    assert "slantwise train --rounds school,try-out" in told.stderr
    refused = slantwise("train", "--rounds", "tryout", cwd=piloted.folder, columns=300)
    assert refused.returncode == 2 and "no answer belongs to a round 'tryout'" in refused.stderr
    assert Study.open(piloted.folder).settings.model.rounds == ()


def test_a_pilot_that_is_named_trains_and_the_card_says_so(piloted: Study) -> None:
    told = slantwise("train", "--rounds", "try-out", "--json", cwd=piloted.folder, columns=300)
    assert told.returncode == 0, told.stderr
    about = json.loads(told.stdout)
    count = select_answers(piloted, "try-out")
    assert about["rounds"] == {"try-out": len(count.frame)} and about["annotations"] == len(count.frame)
    assert about["spans"] == count.frame["span"].nunique() > 30
    assert select_answers(piloted, rounds=["pilot"]).frame.equals(
        select_answers(piloted, rounds=["try-out"]).frame
    )  # by purpose
    opened = Study.open(piloted.folder)
    assert opened.settings.model.rounds == ("try-out",) and len(labelled_spans(opened)) == about["spans"]
    card = (opened.checkpoints / about["model"] / "README.md").read_text(encoding="utf-8")
    assert f"- rounds: try-out ({len(count.frame)} answers); answers left out: " in card


def test_all_who_ask_for_the_answers_that_count_get_the_same(example_study: Study) -> None:
    """A pilot that says the opposite, a second answer and answers under an old version move no figure."""
    study, term = example_study, "liberat*"
    version, focus = study.codebook.version, study.codebook.focus_variable

    def figures() -> dict[str, Any]:
        data = labelled_spans(study)
        best = {v.name: pd.DataFrame(1 / len(v.codes), data["span"], list(v.code_names)) for v in study.codebook.variables}  # fmt: skip
        return {
            "agreement": {name: one.alpha for name, one in agreement(study, brief=True).variables.items()},
            "training": {v.name: coder_shares(data, v.name).tolist() for v in study.codebook.variables},
            "human": human_f1(select_answers(study, simulated=False).frame, focus, ["Free Marn"]),
            "kwic": kwic(study, term).hits,
            "doubtful": rank_doubtful(study, best).rows["span"].tolist(),
            "events": [find_event(study, one.event) for one in list_events(study).events],
            "report": [span.blind for span in collect_judged_spans(study, study.articles()).spans],
            "coded spans": plan_shares(study)[focus.name],
        }

    before = figures()
    draw(study, "school", ["authors"], spans=3, purpose="training")
    again(study, "authors", "school", spans=40, change=True)
    again(study, "authors", "second", spans=40, change=True)
    again(study, "ada", "older", spans=40, of="authors", change=True, codebook_version="1.0")
    after = figures()
    assert (
        select_answers(study).version == version and {name for name in before if before[name] != after[name]} == set()
    )
