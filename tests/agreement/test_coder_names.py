"""Coders whose names differ in letters only are warned of where they come in and in `agree`, and are never merged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import slantwise
from stores import study_in, valley_in

import annotate
import corpus
from annotate.agreement.agreement import agree
from annotate.report.agreement_page import render_agreement
from annotate.rounds.draw import draw
from corpus import Study
from corpus.annotations.coder_names import clean_name
from corpus.annotations.rows import add_annotations
from corpus.articles.ingest import add
from corpus.errors import BadRound
from corpus.study import database as db
from corpus.text.folding import look_alikes

CASE = Path(__file__).parents[1] / "data" / "cases" / "12-coder-in-other-letters"


@pytest.fixture
def tone(tmp_path: Path) -> Study:
    study = study_in(tmp_path / "tone", (CASE / "tone.yaml").read_text())
    assert add(study, [CASE / "texts"], outlet="Herald").refusals == []
    return study


@pytest.fixture
def valley(tmp_path: Path) -> Study:
    return valley_in(tmp_path / "valley")


def coders(study: Study) -> set[str]:
    return set(study.annotations()["coder"])


def answers(study: Study, *names: str, code: str = "plain", **more: Any) -> list[dict[str, Any]]:
    spans = study.spans().query("unit == 'mention'")["span"]
    return [
        {"span": span, "variable": "wording", "code": code if n else "liberation", "coder": name, **more}
        for name in names
        for n, span in enumerate(spans)
    ]


def test_the_coders_of_the_case_are_warned_of_at_import_and_in_agree(tone: Study) -> None:
    said = slantwise("import", CASE / "casecoder.jsonl", "--json", cwd=tone.folder)
    done = json.loads(said.stdout)
    assert said.returncode == 3 and (done["new"], done["refused"]) == (30, [])
    (warning,) = done["warnings"]
    assert warning["where"] == "coders MARA, Mara and mara"
    assert "differ in letters only and count as 3 coders" in warning["why"]
    assert "slantwise round rename-coder MARA mara" in warning["why"]
    assert coders(tone) == {"MARA", "Mara", "mara"}  # not merged
    agreed = slantwise("agree", cwd=tone.folder)
    assert "warning: coders MARA, Mara and mara: these names differ in letters only" in agreed.stdout
    assert "relied on" not in agreed.stdout and "coders unclear: tone" in agreed.stdout
    found = json.loads(slantwise("agree", "--json", cwd=tone.folder).stdout)
    assert found["gate"] == {"tone": "coders unclear"} and not found["counts"]
    assert found["warnings"][0]["where"] == "coders MARA, Mara and mara"
    assert "relied on</span>" not in (page := render_agreement(tone, agree(tone))) and "coders MARA, Mara" in page


def test_missing_names_of_the_case_are_no_coders_and_invisible_characters_no_part_of_a_name(tone: Study) -> None:
    done = add_annotations(tone, CASE / "na.jsonl")
    assert [why for _, why in done.refusals] == ["'coder' is missing; expected span, variable, code and coder"] * 4
    assert coders(tone) == {"mara"}


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (("Mara", "MARA "), ("MARA", "Mara")),
        (("Ma\u0301ra", "M\u00e1ra"), None),  # one name in two encodings is one name
        (("M\u00e1ra", "Mara"), ("Mara", "M\u00e1ra")),
        (("Anna Berg", "anna.berg"), ("Anna Berg", "anna.berg")),
        (("m\u0430ra", "mara"), ("mara", "m\u0430ra")),  # a Cyrillic letter
        (("07", "7"), ("07", "7")),
        (("Stra\u00dfe", "STRASSE"), ("STRASSE", "Stra\u00dfe")),
        (("mara", "maria"), None),
        (("w-1-12", "w-11-2"), None),
    ],
)  # fmt: skip
def test_names_that_differ_in_letters_only_are_told_in_every_way_in(
    valley: Study, names: tuple[str, str], alike: tuple[str, str] | None
) -> None:
    import pandas as pd

    done = annotate.import_answers(valley, pd.DataFrame(answers(valley, *names)))
    assert [warning.where for warning in done.warnings] == ([f"coders {alike[0]} and {alike[1]}"] if alike else [])
    assert agree(valley).warnings == done.warnings if coders(valley) == set(names) else True


def test_a_name_that_comes_in_later_is_compared_with_the_stored_ones_and_only_what_comes_in_is_warned_of(
    valley: Study,
) -> None:
    assert add_annotations(valley, answers(valley, "Mara")).warnings == []
    with valley.store.writing() as connection:  # a study of an earlier version has no list of names
        connection.execute(db.meta.delete().where(db.meta.c.key == "names in answers"))
    assert len(add_annotations(valley, answers(valley, "mara")).warnings) == 1
    assert add_annotations(valley, answers(valley, "jon")).warnings == []
    assert len(add_annotations(valley, answers(valley, "Mara")).warnings) == 1


def test_rounds_whose_names_differ_in_letters_only_are_told_too(valley: Study) -> None:
    draw(valley, "Pilot", ["mira"], spans=2)
    (warning,) = add_annotations(valley, answers(valley, "mira", round="pilot")).warnings
    assert warning.where == "rounds Pilot and pilot" and "if one is meant, write it one way" in warning.why


def test_a_round_is_not_drawn_for_coders_or_under_a_name_that_differs_in_letters_only(valley: Study) -> None:
    with pytest.raises(BadRound, match="Mara and mara differ in letters only; give each coder a name of their own"):
        draw(valley, "pilot", ["mara", "Mara"], spans=2)
    draw(valley, "pilot", "mara\u200b, jon", spans=2)
    with pytest.raises(BadRound, match="the rounds Pilot and pilot would differ in letters only; choose another name"):
        draw(valley, "Pilot", ["mara"])
    assert not {"Pilot", "Pilot.no-term"} & set(valley.draws()["round"])


def test_agreement_fails_as_before_and_counts_again_once_the_names_are_settled(valley: Study) -> None:
    add_annotations(valley, answers(valley, "MARA", "mara", "jon"))
    assert agree(valley).variables["wording"].gate == "coders unclear"
    said = slantwise("round", "rename-coder", "MARA", "mara", "--json", cwd=valley.folder)
    assert json.loads(said.stdout) == {"old": "MARA", "new": "mara", "renamed": 0, "repeated": 4}
    result = agree(valley)
    assert (result.variables["wording"].gate, result.counts, result.warnings) == ("cannot be told yet", True, [])
    assert add_annotations(valley, answers(valley, "mara")).warnings == []


def test_a_coder_is_renamed_whole_or_not_at_all(valley: Study) -> None:
    draw(valley, "pilot", ["mara"], spans=2)
    add_annotations(valley, [*answers(valley, "MARA"), *answers(valley, "mara", code="liberation")])
    before = valley.annotations()
    with pytest.raises(BadRound, match="MARA and mara answer 3 questions differently, for example wording of "):
        corpus.rename_coder(valley, "MARA", "mara")
    with pytest.raises(BadRound, match="'Mara' has no answers; coders with answers: MARA, mara"):
        corpus.rename_coder(valley, "Mara", "mara")
    with pytest.raises(BadRound, match="expected another name"):
        corpus.rename_coder(valley, "mara", "mara ")
    with pytest.raises(BadRound, match="mara has assignments in the round pilot, which keep the name"):
        corpus.rename_coder(valley, "mara", "M")
    assert valley.annotations().equals(before)
    assert corpus.rename_coder(valley, "MARA", "m. b\u200b").json() == {
        "old": "MARA", "new": "m. b", "renamed": 4, "repeated": 0,
    }  # fmt: skip
    assert coders(valley) == {"m. b", "mara"}


def test_names_are_cleaned_of_what_nobody_sees_and_keep_joiners_between_letters() -> None:
    assert clean_name("\ufeffmara\u200e ") == "mara"
    assert (
        clean_name("\u0639\u0644\u06cc\u200c\u0631\u0636\u0627\u200c") == "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
    )
    assert look_alikes(["", "a", "b"]) == []


def test_letters_of_other_scripts_and_with_strokes_are_taken_for_what_they_look_like() -> None:
    # Маrа with a Cyrillic М, а; НИНА in Cyrillic and with Latin H, A
    for group in (
        ("Mara", "\u041c\u0430r\u0430"),
        ("H\u0418\u041dA", "\u041d\u0418\u041d\u0410"),
        ("Oystein", "Øystein"),
    ):
        assert look_alikes([*group, "jon"]) == [tuple(sorted(group))]
    assert look_alikes(["Jo", "Joe", "Нина", "Мина"]) == []
