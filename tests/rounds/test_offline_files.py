"""Label Studio by hand: files go out, a project's JSON export comes back, with the checks of every other way in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import slantwise
from studios import Person

import annotate
from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.studio import offline_files
from annotate.studio.accounts import sign_in
from annotate.tasks.interface import PASSAGE, SKIP
from corpus import Study
from corpus.annotation import Design
from corpus.errors import BadFile, BadRound
from corpus.study import database as db

CODES = {"mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "direct", "speaker": "third"}


def answers(study: Study) -> set[tuple[str, ...]]:
    frame = study.annotations().query("round == 'pilot'")
    return set(frame[["span", "variable", "code", "coder", "arm"]].itertuples(index=False, name=None))


def result(name: str, *codes: str) -> dict[str, Any]:
    return {"id": name, "from_name": name, "to_name": PASSAGE, "type": "choices", "value": {"choices": [*codes]}}


def sent(study: Study, folder: Path) -> list[dict[str, Any]]:
    """Draw a round of three spans, write it by hand, and return mira's tasks."""
    draw(study, "pilot", ["mira", "jon"], spans=3)
    offline_files.export_label_studio(study, folder, round="pilot")
    return list(json.loads((folder / "pilot-mira.tasks.json").read_text()))


def back(folder: Path, *tasks: dict[str, Any]) -> Path:
    file = folder / "back.json"
    file.write_text(json.dumps(list(tasks)), encoding="utf-8")
    return file


def with_answer(task: dict[str, Any], account: int, *results: dict[str, Any]) -> dict[str, Any]:
    answer = {"completed_by": account, "updated_at": "2026-01-01T10:00:00Z", "lead_time": 3.0, "result": [*results]}
    return {**task, "annotations": [answer]}


def test_a_round_goes_through_a_real_label_studio_by_hand(studio_study: Study, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    draw(studio_study, "pilot", ["mira", "jon"], spans=4)
    assert offline_files.export_label_studio(studio_study, folder, round="pilot").tasks == {
        "pilot-jon.tasks.json": 4,
        "pilot-mira.tasks.json": 4,
    }
    tasks = json.loads((folder / "pilot-mira.tasks.json").read_text())
    with sign_in(studio_study, "mira") as place:
        settings = {"title": "by hand", "label_config": (folder / "pilot.labels.xml").read_text()}
        project = place.studio.make_project(settings)
        place.studio.import_tasks(project, tasks)
        person = Person(studio_study, "mira", project)
        spans = [one.span for one in rounds.assignments(studio_study, "pilot", "mira")]
        first = person.answer(spans[0], {"mention": "none"})
        person.edit(first, [result(name, code) for name, code in CODES.items()])
        person.answer(spans[1], {"mention": "none"})
        person.send(spans[2], [result(SKIP, "distressing")])
        exported = person.http.get(f"/api/projects/{project}/export", params={"exportType": "JSON"}).json()
    file = tmp_path / "export.json"
    file.write_text(json.dumps(exported), encoding="utf-8")
    done = offline_files.import_json_export(studio_study, file)
    assert (done.answered, done.skipped, done.new, done.refusals) == (2, 1, 6, [])
    assert answers(studio_study) == {(spans[0], name, code, "mira", "blind") for name, code in CODES.items()} | {
        (spans[1], "mention", "none", "mira", "blind")
    }
    before = studio_study.annotations()
    again = offline_files.import_json_export(studio_study, file)
    assert (again.new, again.changed, again.unchanged, again.removed) == (0, 0, 6, 0)
    assert studio_study.annotations().equals(before)


def test_blind_tasks_hold_no_suggestion_and_assisted_ones_do(example_study: Study, tmp_path: Path) -> None:
    spans = example_study.spans().query("unit == 'mention'")["span"]
    with example_study.store.writing() as connection:
        db.put(connection, db.suggestions, [
            {"span": span, "variable": "mention", "model": "m", "fold": "", "probabilities": '{"none": 1}'} for span in spans
        ])  # fmt: skip
        db.set_meta(connection, "model", "m")
    draw(example_study, "pilot", ["mira"], spans=8, design=Design(assisted=0.25))
    offline_files.export_label_studio(example_study, tmp_path, round="pilot")
    tasks = json.loads((tmp_path / "pilot-mira.tasks.json").read_text())
    arms = {one.span: one.arm for one in rounds.assignments(example_study, "pilot", "mira")}
    assert {t["data"]["sw_span"]: "predictions" in t for t in tasks} == {
        s: arm == "assisted" for s, arm in arms.items()
    }
    assert not any(outlet in json.dumps(tasks) for outlet in set(example_study.articles()["outlet"]))


def test_what_is_not_as_it_was_sent_is_refused_and_the_rest_is_taken(example_study: Study, tmp_path: Path) -> None:
    tasks = sent(example_study, tmp_path)
    altered = with_answer(
        {**tasks[0], "data": {**tasks[0]["data"], "sw_html": "<mark>other</mark>"}}, 1, result("mention", "none")
    )
    two = with_answer(tasks[1], 1, result("mention", "none"))
    two["annotations"] += with_answer(tasks[1], 2, result("mention", "change"))["annotations"]
    foreign = with_answer({"data": {"text": "Hello"}}, 1)
    good = with_answer(tasks[2], 1, result("mention", "none"))
    done = offline_files.import_json_export(example_study, back(tmp_path, altered, two, foreign, good))
    assert [why.split(";")[0] for _, why in done.refusals] == [
        "it does not name its round, coder and span, so it is not a task of slantwise",
        "the text on the server differs from the text that was sent",
        "answered from several accounts",
    ]
    assert answers(example_study) == {(tasks[2]["data"]["sw_span"], "mention", "none", "mira", "blind")}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('[{"id": 1, "sw_span": "x", "mention": "none"}]', "export the project as JSON, not as JSON-MIN"),
        ('[{"id": 1,', "is not a complete JSON export"),
        ("[{}, 3]", "is not a list of tasks"),
    ],
)
def test_a_file_that_is_no_full_export_is_refused_whole(
    example_study: Study, tmp_path: Path, content: str, why: str
) -> None:
    file = tmp_path / "export.json"
    file.write_text(content)
    assert offline_files.is_label_studio(file)
    with pytest.raises(BadFile, match=why):
        offline_files.import_json_export(example_study, file)


def test_the_command_line_tells_what_a_file_is_by_what_stands_in_it(example_study: Study, tmp_path: Path) -> None:
    with pytest.raises(BadRound, match="there is no round 'none'"):
        offline_files.export_label_studio(example_study, tmp_path, round="none")
    tasks = sent(example_study, tmp_path)
    file = back(tmp_path, with_answer(tasks[0], 1, result("mention", "none"))).rename(tmp_path / "answers.txt")
    done = slantwise("import", file, "--json", cwd=example_study.folder)
    assert (done.returncode, json.loads(done.stdout)["answered"]) == (0, 1), done.stderr
    said = slantwise("export", "out", "--format", "labelstudio", "--round", "pilot", "--json", cwd=example_study.folder)
    assert json.loads(said.stdout)["rows"] == {"pilot-jon.tasks.json": 3, "pilot-mira.tasks.json": 3}


def test_answers_are_imported_in_python_as_on_the_command_line(example_folder: Path, tmp_path: Path) -> None:
    """A table is imported as well, and refusals are listed."""
    first, second = (Study.open(shutil.copytree(example_folder, tmp_path / name)) for name in ("one", "two"))
    for study in (first, second):
        tasks = sent(study, study.folder / "out")
        back(
            study.folder,
            with_answer(tasks[0], 1, result("mention", "none")),
            with_answer({"data": {"text": "Hello"}}, 1),
        )
    said = slantwise("import", "back.json", "--json", cwd=second.folder)
    done = annotate.import_answers(first, str(first.folder / "back.json"))
    assert said.returncode == 3 and json.loads(said.stdout) == json.loads(json.dumps(done.json()))
    span = first.eligible()["span"].iloc[0]
    rows = [{"span": span, "variable": "mention", "code": code, "coder": "ana"} for code in ("none", "nope")]
    done = annotate.import_answers(first, pd.DataFrame(rows))
    assert (done.new, [refusal.where for refusal in done.refusals]) == (1, ["row 2"])
    (second.folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    said = slantwise("import", "rows.jsonl", "--json", cwd=second.folder)
    assert json.loads(said.stdout) | {"refused": []} == done.json() | {"refused": []}


def test_rounds_are_exported_in_python_as_on_the_command_line(example_study: Study) -> None:
    draw(example_study, "pilot", ["mira", "jon"], spans=3)
    done = annotate.export_label_studio(example_study, f"{example_study.folder}/out", round="pilot")
    words = ("export", "out", "--format", "labelstudio", "--round", "pilot", "--json")
    said = json.loads(slantwise(*words, cwd=example_study.folder).stdout)
    assert said == {**done.json(), "folder": "out"} and done.tasks == said["rows"] and len(done.table()) == 2
    books = annotate.export_workbooks(example_study, "pilot", f"{example_study.folder}/books")
    said = json.loads(slantwise("round", "export", "pilot", "more", "--json", cwd=example_study.folder).stdout)
    assert {coder: one["rows"] for coder, one in said["files"].items()} == books.table()["rows"].to_dict()
