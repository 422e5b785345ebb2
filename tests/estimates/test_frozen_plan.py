"""A plan is frozen before the draw, cannot change unnoticed, and decides what of an estimate was planned."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from command_line import slantwise
from documents import ROOT, blocks, words
from town_studies import code_round, plant_predictions, town_study

import annotate
from annotate.cli.estimates.estimate import show
from annotate.estimators.differences import holm
from annotate.plans.frozen import FrozenPlan
from annotate.rounds.draw import draw
from corpus.annotation import Design
from corpus.errors import BadPlan
from corpus.study import Study
from corpus.study import database as db

PLAN = """\
question: Do the outlets word it differently?
comparisons:
  - {variable: wording, code: liberation, by: [outlet], pairs: [[Herald, Courier], [Post, Herald]]}
strata: [outlet]
spans: {Courier: 40, Herald: 40, Post: 40}
coders: 2
overlap: 1
exclusions: none
stopping_rule: coding ends when all drawn spans are coded
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study before anything is drawn."""
    study = town_study(tmp_path_factory.mktemp("towns") / "study", articles=15)
    study.close()
    return study.folder


@pytest.fixture
def study(folder: Path, tmp_path: Path) -> Iterator[Study]:
    copy = Study.open(shutil.copytree(folder, tmp_path / "study"))
    yield copy
    copy.close()


def freeze(study: Study, *changes: tuple[str, str]) -> FrozenPlan:
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = study.folder / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return annotate.freeze_plan(study, file)


def drawn_and_coded(study: Study, spans: int = 120) -> None:
    draw(study, "main", ["mira", "jon"], spans=spans, design=Design(by=("outlet",), no_term=0.0))
    code_round(study, "main")
    plant_predictions(study)


def test_the_commands_of_the_guide_write_freeze_and_show_a_plan(study: Study) -> None:
    lines = [words(line)[1:] for block in blocks(ROOT / "docs" / "comparisons.md", "sh") for line in block.splitlines()]
    new, freezing, showing = (line for line in lines if line[0] == "plan")
    assert slantwise(*new, cwd=study.folder).returncode == 0
    said = slantwise(*freezing, cwd=study.folder)
    assert said.returncode == 2 and "plan.yaml: question, exclusions, stopping_rule are empty" in said.stderr
    file = study.folder / "plan.yaml"
    text = re.sub(r'^(question|exclusions|stopping_rule): ""', r'\1: "as written"', file.read_text(), flags=re.M)
    file.write_text(text)
    said = slantwise(*freezing, "--json", cwd=study.folder)
    assert said.returncode == 0, said.stderr
    frozen = json.loads(said.stdout)
    assert frozen == json.loads(json.dumps(annotate.freeze_plan(study, file).json()))  # the same again is the same plan
    assert frozen["when"] == "frozen before the main draw" and frozen["planned"]["spans"] == dict.fromkeys(
        ("Courier", "Herald", "Post"), 60
    )
    assert len(frozen["planned"]["comparisons"][0]["pairs"]) == 3
    as_json, page = study.folder / "plan-1.json", (study.folder / "plan-1.md").read_text()
    assert sha256(as_json.read_bytes()).hexdigest() == frozen["digest"] and frozen["digest"] in page
    shown = slantwise(*showing, cwd=study.folder)
    assert shown.stdout.strip() == page.strip()
    assert study.log()["command"].tolist()[-1] == "plan freeze" and len(annotate.list_plans(study).plans) == 1
    assert study.log()["arguments"].tolist()[-1]["digest"] == frozen["digest"]
    said = slantwise(*new, cwd=study.folder)
    assert said.returncode == 2 and "plan.yaml exists already" in said.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("code: liberation", "code: freed", r"comparison 1: 'freed' is not a code of wording; expected one of plain"),
        ("variable: wording", "variable: tone", r"'tone' is not a variable; expected one of mention, wording"),
        ("by: [outlet]", "by: [party]", r"'party' does not make groups; expected one of outlet, period, mention"),
        ("[Post, Herald]", "[Post, Gazette]", r"'Gazette' is not a group; expected pairs of Courier, Herald, Post"),
        ("[Post, Herald]", "[Courier, Herald]", r"each of two groups and only once"),
        ("[Post, Herald]", "Post", r"expected pairs: all, or a list of pairs"),
        ("coders: 2", "coders: many", r"plan\.yaml, line 6, coders: "),
        ("Post: 40", "Post: 0", r"spans: expected a number of 1 or more for each stratum"),
        ("strata: [outlet]", "strata: [term]", r"strata by 'term' cannot be planned; expected outlet or period"),
        ("exclusions: none", "exclusion: none", r"exclusions is empty"),
        ("question: Do", "question: [Do", r"line \d+: this is not YAML"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_in_words(study: Study, old: str, new: str, message: str) -> None:
    with pytest.raises(BadPlan, match=message):
        freeze(study, (old, new))
    assert not annotate.list_plans(study).plans and not list(study.folder.glob("plan-1.*"))


def test_an_estimate_knows_what_was_planned_and_corrects_for_its_family(study: Study) -> None:
    freeze(study)
    drawn_and_coded(study)
    result = annotate.estimate(study)
    assert result.plan is not None and result.plan.deviations == ()
    assert [(one.code, one.since, one.family) for one in result.plan.codes] == [("liberation", 1, 2)]
    assert {(one.code, one.planned) for one in result.shares} == {("plain", False), ("liberation", True)}
    liberation = [one for one in result.differences if one.code == "liberation"]
    planned, exploratory = [one for one in liberation if one.planned], [one for one in liberation if not one.planned]
    assert [(one.between.first, one.between.second) for one in planned] == [("Herald", "Courier"), ("Post", "Herald")]
    assert [(one.family, one.planned) for one in exploratory] == [(3, False)]
    p = [one.between.p for one in planned]
    assert [one.between.holm for one in planned] == holm(p).tolist() and {one.family for one in planned} == {2}
    corpus = annotate.estimate(study, target="corpus").plan
    assert corpus is not None and corpus.codes == ()  # another target was not planned
    adjudicated = annotate.estimate(study, reference="adjudicated")
    assert adjudicated.plan is not None and adjudicated.plan.codes == ()  # nor were adjudicated codes
    assert adjudicated.plan.deviations == ()  # as many spans were coded as planned, by two coders each
    assert not any(one.planned for one in (*adjudicated.shares, *adjudicated.differences))
    from rich.console import Console

    with Console(width=80, record=True, file=StringIO()) as console:
        show(result, console)
    text = console.export_text()
    assert "target process: what these outlets write" in text and "a code's family of 2 or 3 pairs" in text
    assert "liberation*" in text and "plain*" not in text and "frozen before the main draw" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_declared_family_counts_pairs_that_have_no_figure() -> None:
    assert holm([0.01, 0.04], 4).tolist() == pytest.approx([0.04, 0.12])


def test_deviations_from_the_plan_are_listed(study: Study) -> None:
    freeze(study, ("Post: 40", "Post: 60"), ("overlap: 1", "overlap: 0.2"), ("coders: 2", "coders: 3"))
    draw(study, "main", ["mira", "jon"], spans=120, design=Design(by=("outlet",), no_term=0.0))
    left = sorted(study.draws()["span"])[:5]
    code_round(study, "main", only=lambda span: span not in left)
    annotate.agree(study)
    code_round(study, "main")
    plant_predictions(study)
    book = study.folder / "codebook.yaml"
    book.write_text(book.read_text() + "# clearer now\n")
    removed = sorted(study.draws()["span"])[0]
    article = study.spans().set_index("span").loc[removed, "article"]
    with study.store.writing() as connection:
        db.put(connection, db.cut_texts, [{"article": article, "state": "cut", "why": "", "origin": "test"}])
    result = annotate.estimate(study).plan
    assert result is not None
    said = " | ".join(result.deviations)
    assert "codebook.yaml was changed: planned with version 1, now 1" in said
    assert re.search(r"Post has \d+ coded spans, 60 were planned", said)
    assert "coders: 2, planned 3" in said and "100% of the coded spans have two or more coders, 20% were" in said
    assert re.search(r"excluded after the draw: \d spans drawn, and in a cut text", said)
    assert "agreement was looked at 1 time before a round was coded whole, planned 0" in said


def test_a_late_plan_says_so_and_a_second_one_is_an_amendment(study: Study) -> None:
    first = freeze(study)
    drawn_and_coded(study)
    second = freeze(study, ("Post: 40", "Post: 50"), ("code: liberation", "code: plain"))
    answers = len(study.annotations())
    assert (first.number, second.number, first.answers, second.answers) == (1, 2, 0, answers)
    assert second.when == f"frozen after the draw of main, after {answers} answers were in"
    page = (study.folder / "plan-2.md").read_text()
    assert page.startswith("# Amendment 2") and f"It amends plan 1 of {first.at} (`{first.digest}`)" in page
    assert [one.digest for one in annotate.list_plans(study).plans] == [first.digest, second.digest]
    status = annotate.estimate(study).plan
    assert status is not None and [(one.code, one.since) for one in status.codes] == [("plain", 2)]
    assert len(status.frozen) == 2 and status.deviations == ("Post has 40 coded spans, 50 were planned",)


def test_a_plan_that_is_changed_in_the_store_is_noticed(study: Study) -> None:
    freeze(study)
    drawn_and_coded(study)
    study.close()
    with closing(sqlite3.connect(study.folder / "study.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = replace(value, 'differently', 'alike') WHERE key = 'plan 1'")
    assert slantwise("study", "check", cwd=study.folder).returncode == 3
    (one,) = annotate.list_plans(study).plans
    assert not one.intact
    shown = slantwise("plan", "show", cwd=study.folder).stdout
    assert "The stored plan was changed after it was frozen" in shown
    status = annotate.estimate(study).plan
    assert status is not None and "plan 1 was changed after it was frozen" in status.deviations[0]


def test_files_of_others_are_not_replaced(study: Study) -> None:
    (study.folder / "plan-1.json").write_text("mine")
    with pytest.raises(BadPlan, match=r"plan-1\.json exists already"):
        freeze(study)
    assert not annotate.list_plans(study).plans and (study.folder / "plan-1.json").read_text() == "mine"


def test_without_a_plan_an_estimate_is_as_before(study: Study) -> None:
    drawn_and_coded(study)
    said = annotate.estimate(study).json()
    assert "plan" not in said and "planned" not in said["shares"][0] and "planned" not in said["differences"][0]
