"""Rounds keep what they were drawn from, with which probability, and in which arm; drawn spans stay as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import slantwise
from sqlalchemy import select
from stores import BOOK, FILES, study_in, write

from annotate import proposed, rounds
from corpus import Study
from corpus import store as db
from corpus.answers import record
from corpus.attribution import RULES
from corpus.errors import BadRound
from corpus.intake import add
from corpus.splitting import resplit


@pytest.fixture
def example(made_example: Path, tmp_path: Path) -> Study:
    return Study.open(shutil.copytree(made_example, tmp_path / "study"))


@pytest.fixture
def valley(tmp_path: Path) -> Study:
    study = study_in(tmp_path / "study", BOOK)
    texts = {**FILES, "c.txt": "Troops took Karsk and liberated Ardun.\n\nThey took nothing else."}
    add(study, [write(tmp_path / "texts", texts)], outlet="Herald")
    return study


def drawn(study: Study, name: str) -> list[str]:
    with study.store.reading() as connection:
        query = select(db.draws.c.span).where(db.draws.c.round == name).order_by(db.draws.c.position)
        return list(connection.execute(query).scalars())


def test_a_round_is_every_uncoded_span_with_probability_one_or_some_of_them_at_random(example: Study) -> None:
    uncoded = len(rounds._uncoded(example))
    everything = rounds.draw(example, "all", ["mira", "jon"])
    some = rounds.draw(example, "some", ["mira"], spans=20)
    assert everything.frame == some.frame == uncoded == len(drawn(example, "all"))
    assert rounds.summary(example, "all")["pi"] == [1, 1]
    assert rounds.summary(example, "some")["pi"] == [20 / uncoded, 20 / uncoded]
    assert len(drawn(example, "some")) == 20 and set(drawn(example, "some")) < set(drawn(example, "all"))


def test_the_same_study_name_and_seed_draw_the_same_round(made_example: Path, tmp_path: Path) -> None:
    found = []
    for copy in ("one", "two"):
        study = Study.open(shutil.copytree(made_example, tmp_path / copy))
        rounds.draw(study, "pilot", ["mira"], spans=15)
        rounds.draw(study, "other", ["mira"], spans=15)
        found.append(drawn(study, "pilot"))
        assert drawn(study, "other") != found[-1]
        study.store.close()
    assert found[0] == found[1]


def test_each_span_is_drawn_as_often_as_its_probability_says(valley: Study) -> None:
    counts: dict[str, int] = {}
    for seed in range(200):
        rounds.draw(valley, f"r{seed}", ["mira"], spans=2, seed=seed)
        for span in drawn(valley, f"r{seed}"):
            counts[span] = counts.get(span, 0) + 1
    assert len(counts) == 4 and all(70 < n < 130 for n in counts.values())  # 100 expected, s.d. 7


def test_an_answer_carries_the_probability_of_its_draw_and_of_its_arm(study: Study) -> None:
    from models.suggest import suggest

    suggest(study)
    rounds.draw(study, "half", ["mira"], spans=8, assisted=0.25)
    given = rounds.assignments(study, "half", "mira")
    assert sorted(a.arm for a in given) == ["assisted"] * 2 + ["blind"] * 6
    rows = [
        (
            "here",
            {"span": a.span, "variable": "mention", "code": "none", "coder": "mira", "round": "half", "arm": a.arm},
        )
        for a in given
    ]
    record(study, rows)
    answers = study.annotations()
    mine = answers[answers["round"] == "half"]
    share = 8 / rounds.named(study, "half").frame
    assert dict(zip(mine["arm"], mine["pi"], strict=True)) == {
        "blind": pytest.approx(share * 0.75),
        "assisted": pytest.approx(share * 0.25),
    }
    assert answers[answers["round"] != "half"]["pi"].isna().all()


def test_a_span_that_a_coder_marked_carries_the_probability_of_its_passage(valley: Study) -> None:
    rounds.draw(valley, "missed", ["mira"], spans=3, layout="highlight")
    passages = {p for p in drawn(valley, "missed")}
    assert all(p.split(":")[1] in ("paragraph", "headline") for p in passages)
    passage = sorted(passages)[0]
    revision, _, place = passage.split(":")
    start = int(place.split("-")[0])
    marked = f"{revision}:mention:{start}-{start + 2}"
    done = record(
        valley, [("here", {"span": marked, "variable": "wording", "code": "plain", "coder": "mira", "round": "missed"})]
    )
    assert done.refusals == []
    (pi,) = valley.annotations()["pi"]
    assert pi == pytest.approx(3 / rounds.named(valley, "missed").frame)


def test_a_drawn_revision_is_not_split_again_when_the_terms_change(valley: Study) -> None:
    rounds.draw(valley, "pilot", ["mira"])
    before = drawn(valley, "pilot")
    book = valley.folder / "codebook.yaml"
    book.write_text(book.read_text().replace("liberat*", "freed"))
    again = Study.open(valley.folder)
    resplit(again)
    assert drawn(again, "pilot") == before and set(before) <= set(again.spans()["span"])


def test_a_store_made_before_there_were_rounds_gets_their_tables(valley: Study) -> None:
    with valley.store.writing() as connection:
        for table in (db.tasks, db.projects, db.outcomes, db.assignments, db.draws, db.rounds):
            table.drop(connection)
    valley.store.close()
    assert rounds.listing(Study.open(valley.folder)) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a b", "--coders", "mira"], "cannot name a round"),
        (["x", "--coders", "mira,mira"], "expected different names"),
        (["x", "--coders", "mira", "--spans", "9999"], "expected 1 to"),
        (["x", "--coders", "mira", "--assisted", "2"], "a share from 0 to 1"),
        (["x", "--coders", "mira", "--purpose", "fun"], "no purpose"),
    ],
)
def test_a_round_that_cannot_be_drawn_is_said_in_plain_words(example: Study, words: list[str], message: str) -> None:
    said = slantwise("round", "draw", *words, cwd=example.folder)
    assert said.returncode == 2 and message in " ".join(said.stderr.split()) and "Traceback" not in said.stderr
    assert rounds.listing(example) == []


def test_an_assisted_arm_has_the_models_suggestions_or_before_there_is_a_model_the_rules(
    example: Study, tmp_path: Path
) -> None:
    rounds.draw(example, "ruled", ["mira"], spans=4, assisted=0.5)
    given = proposed.suggestions(example, drawn(example, "ruled"))
    assert [list(one) for one in given.values()] == [["attribution"]] * 4 and proposed.version(example) == RULES
    assert example.suggestions().empty  # they are the rules' and not a model's
    other = study_in(tmp_path / "other", BOOK)  # whose codebook does not ask for the attribution
    add(other, [write(tmp_path / "texts", FILES)], outlet="Herald")
    with pytest.raises(BadRound, match=r"have no suggestion of the current model; .* slantwise suggest"):
        rounds.draw(other, "bare", ["mira"], assisted=1.0)
    with example.store.writing() as connection:
        db.set_meta(connection, "model", "v-1")
    with pytest.raises(BadRound, match=r"2 spans of the assisted arm have no suggestion .* slantwise suggest"):
        rounds.draw(example, "unscored", ["mira"], spans=4, assisted=0.5)


def test_rounds_are_drawn_listed_and_shown_from_the_command_line(example: Study) -> None:
    words = ("round", "draw", "pilot", "--coders", "mira,jon", "--spans", 12, "--purpose", "pilot")
    found = json.loads(slantwise(*words, "--json", cwd=example.folder).stdout)
    assert found["spans"] == 12 and set(found["coders"]) == {"mira", "jon"} and found["coders"]["jon"]["blind"] == 12
    again = slantwise(*words, cwd=example.folder)
    assert again.returncode == 2 and "drawn already" in again.stderr
    (row,) = json.loads(slantwise("round", "list", "--json", cwd=example.folder).stdout)["rounds"]
    assert row["round"] == "pilot" and row["coders"] == ["jon", "mira"] and row["answered"] == 0
    assert json.loads(slantwise("round", "show", "pilot", "--json", cwd=example.folder).stdout) == found
    assert "pilot" in slantwise("round", "list", cwd=example.folder).stdout
    with pytest.raises(BadRound, match="drawn: pilot"):
        rounds.named(example, "main")
