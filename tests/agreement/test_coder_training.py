"""Coder training: each coder sees what was answered otherwise than decided, why, and whether that is enough."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import slantwise
from playwright.sync_api import Browser
from sqlalchemy import Column, Float, String, Table

import annotate
from annotate.agreement.coder_training import CoderTraining, RoundHits, compare_with_reference
from annotate.report.coder_training_page import render_training
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from corpus import Study
from corpus.annotations.rows import add_annotations
from corpus.errors import BadRound, NothingToCompare
from corpus.study import database as db

TAKEN = {"mention": "change", "gainer": "side-a", "wording": "plain", "attribution": "outlet"}
NONE = {"mention": "none"}
FREED = {**TAKEN, "wording": "liberation"}


@pytest.fixture(scope="module")
def trained_coders(example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Two training rounds: jon always answers as the expert, mira errs in both, in the second less."""
    made = Study.open(shutil.copytree(example_folder, tmp_path_factory.mktemp("training") / "study"))
    for name, wrong in (("first", 8), ("second", 2)):
        draw(made, name, ["mira", "jon", "expert"], spans=20, purpose="training")
        spans = [one.span for one in rounds.assignments(made, name, "mira")]
        for place, span in enumerate(spans):
            right = (TAKEN, NONE, FREED)[place % 3]
            code(made, name, "expert", span, right)
            code(made, name, "jon", span, right)
            code(made, name, "mira", span, (NONE, FREED, TAKEN)[place % 3] if place < wrong else right)
    return made


def code(study: Study, round: str, coder: str, span: str, answers: dict[str, str]) -> None:
    rows = [{"span": span, "variable": v, "code": c, "coder": coder, "round": round} for v, c in answers.items()]
    assert add_annotations(study, rows).refusals == []


def of(study: Study, round: str, coder: str = "mira", **more: Any) -> CoderTraining:
    return compare_with_reference(study, round, reference="expert", **more).coders[coder]


def test_a_coder_who_answers_as_decided_passes_and_one_who_errs_does_not_yet(trained_coders: Study) -> None:
    found = compare_with_reference(trained_coders, "first", reference="expert").coders
    assert list(found) == ["jon", "mira"]
    assert found["jon"].passed and found["jon"].deviations == [] and found["jon"].variables["wording"].alpha == 1.0
    mira = found["mira"]
    assert (mira.passed, mira.spans, len(mira.deviations)) == (False, 20, 8)
    assert (
        mira.variables["mention"].state == "not yet" and mira.variables["gainer"].state == "cannot be told"
    )  # side-a, whenever it was asked
    assert mira.variables["mention"].percent == pytest.approx(14 / 20)
    assert of(trained_coders, "first", threshold=0.3).passed


def test_each_miss_says_what_was_answered_and_what_was_decided(trained_coders: Study) -> None:
    spans = [one.span for one in rounds.assignments(trained_coders, "first", "mira")]
    missed = {
        deviation.span: {v.name: (given, right) for v, given, right in deviation.answers}
        for deviation in of(trained_coders, "first").deviations
    }
    assert set(missed) == set(spans[:8])
    assert missed[spans[0]] == {
        "mention": ("none", "change"), "gainer": (None, "side-a"), "wording": (None, "plain"), "attribution": (None, "outlet"),
    }  # fmt: skip
    assert missed[spans[2]]["mention"] == ("change", "change") and missed[spans[2]]["wording"] == (
        "plain",
        "liberation",
    )


def test_codes_are_followed_over_the_training_rounds_up_to_this_one(trained_coders: Study) -> None:
    (first,) = of(trained_coders, "first").over_time
    assert first == RoundHits("first", {
        "mention": {"none": (4, 7), "change": (10, 13)},
        "gainer": {"side-a": (10, 13)},
        "wording": {"liberation": (4, 6), "plain": (4, 7)},
        "attribution": {"outlet": (10, 13)},
    })  # fmt: skip
    both = of(trained_coders, "second").over_time
    assert [hits.round for hits in both] == ["first", "second"]
    assert both[0] == first and both[1].codes["wording"] == {"liberation": (6, 6), "plain": (6, 7)}


def test_the_adjudicated_codes_are_what_counts_where_there_are_any(trained_coders: Study, tmp_path: Path) -> None:
    own = Study.open(shutil.copytree(trained_coders.folder, tmp_path / "own"))
    with pytest.raises(NothingToCompare, match="slantwise training first --reference CODER"):
        compare_with_reference(own, "first")
    table = db.metadata.tables.get("adjudications")
    made = table is None
    if table is None:
        keys = [Column(name, String, primary_key=True) for name in ("round", "span", "variable")]
        more = [Column(name, String) for name in ("code", "by", "reason", "made_at", "codebook_version")]
        table = Table("adjudications", db.metadata, *keys, *more, Column("confidence", Float))
    try:
        span = rounds.assignments(own, "first", "mira")[0].span
        rows = [
            {"round": "first", "span": span, "variable": v, "code": c, "by": "ann", "reason": "It says so.", "confidence": 1.0,
             "made_at": "2026-01-01", "codebook_version": own.codebook.version} for v, c in TAKEN.items()
        ]  # fmt: skip
        with own.store.writing() as connection:
            table.create(connection, checkfirst=True)
            db.put(connection, table, rows)
        found = compare_with_reference(own, "first").coders
        assert {coder: (one.spans, len(one.deviations)) for coder, one in found.items()} == {
            "expert": (1, 0), "jon": (1, 0), "mira": (1, 1),
        }  # fmt: skip
        assert found["mira"].deviations[0].reason == "It says so."
    finally:
        if made:
            db.metadata.remove(table)


def test_a_page_shows_the_definitions_that_apply(trained_coders: Study, chromium: Browser, tmp_path: Path) -> None:
    """It shows neither the outlet nor another coder."""
    file = tmp_path / "page.html"
    training = compare_with_reference(trained_coders, "second", reference="expert")
    file.write_text(render_training(trained_coders, training, "mira"), encoding="utf-8")
    for width in (390, 1440):
        tab = chromium.new_page(viewport={"width": width, "height": 900})
        tab.goto(file.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        said = " ".join(tab.inner_text("main").split())
        tab.close()
    assert "Not yet passed." in said and "2 of them you answered differently" in said
    definitions = {code.name: code.definition for code in trained_coders.codebook.by_name["mention"].codes}
    assert " ".join(definitions["change"].split()) in said and " ".join(definitions["none"].split()) in said
    assert not any(name in said for name in ("jon", "expert", *set(trained_coders.articles()["outlet"])))


def test_the_command_line_writes_a_page_for_each_coder(trained_coders: Study) -> None:
    done = slantwise("training", "second", "--reference", "expert", "--json", cwd=trained_coders.folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {name: (one["passed"], one["otherwise"]) for name, one in found["coders"].items()} == {
        "jon": (True, 0), "mira": (False, 2),
    }  # fmt: skip
    assert all(Path(trained_coders.folder, one["page"]).is_file() for one in found["coders"].values())
    result = annotate.compare_with_reference(trained_coders, "second", reference="expert")
    assert {name: {**one, "page": None} for name, one in found["coders"].items()} == {
        name: {**one, "page": None} for name, one in json.loads(json.dumps(result.json()))["coders"].items()
    }
    assert result.table()["passed"].to_dict() == {"jon": True, "mira": False}
    with pytest.raises(BadRound, match=r"^threshold=2: expected an alpha above 0"):
        compare_with_reference(trained_coders, "second", reference="expert", threshold=2)
    with pytest.raises(BadRound, match="there is no round 'third'"):
        compare_with_reference(trained_coders, "third", reference="expert")
