"""People code in a real Label Studio: what is pushed arrives once, what they answer comes back whole, nothing else does."""

from __future__ import annotations

import json
import os
import stat
import uuid
from pathlib import Path

import pytest
from command_line import process, slantwise
from sqlalchemy import select, update
from studios import Person, on_server, pulled, pushed, server_of, signed_in

from annotate import rounds
from annotate.doctor import examine
from annotate.push import present
from annotate.signin import desk, servers_of
from annotate.studio import Studio
from corpus import Study
from corpus import store as db
from corpus.errors import NoStudio
from corpus.judgement import Design

NONE = {"mention": "none"}
FULL = {"mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "outlet"}


def answers(study: Study, name: str) -> dict[tuple[str, str], str]:
    frame = study.annotations()
    mine = frame[frame["round"] == name]
    return {(row.span, row.variable): row.code for row in mine.itertuples()}


def states(study: Study) -> dict[str, tuple[str, str, str]]:
    with study.store.reading() as connection:
        return {row.span: (row.state, row.reason, row.memo) for row in connection.execute(select(db.outcomes))}


def test_what_coders_answer_edit_skip_and_delete_comes_back_and_pulling_twice_changes_nothing(coded: Study) -> None:
    rounds.draw(coded, "pilot", ["mira"], spans=6)
    found = pushed(coded, "pilot")
    assert (found.new, found.known, found.doubles) == (6, 0, 0)
    spans = [one.span for one in rounds.assignments(coded, "pilot")]
    mira = Person(coded, "mira", found.project)
    first = mira.answer(spans[0], FULL)
    mira.answer(spans[1], NONE)
    third = mira.answer(spans[2], NONE)
    mira.answer(spans[3], {"sw_skip": "distressing"})
    mira.answer(spans[4], {})
    draft = {
        "result": [
            {
                "id": "d",
                "from_name": "mention",
                "to_name": "sw_passage",
                "type": "choices",
                "value": {"choices": ["none"]},
            }
        ]
    }
    assert mira.http.post(f"/api/tasks/{mira.task[spans[5]]}/drafts", json={**draft, "lead_time": 1}).status_code == 201

    taken = pulled(coded, "pilot")
    assert (taken.answered, taken.skipped, taken.empty, taken.waiting, taken.refusals) == (3, 1, 1, 1, [])
    assert answers(coded, "pilot") == {
        **{(spans[0], name): code for name, code in FULL.items()},
        (spans[1], "mention"): "none",
        (spans[2], "mention"): "none",
    }
    assert states(coded)[spans[3]] == ("skipped", "distressing", "")
    assert states(coded)[spans[4]][0] == "empty" and spans[5] not in states(coded)
    frame = coded.annotations()
    row = frame[(frame["round"] == "pilot") & (frame["span"] == spans[0])].iloc[0]
    assert (row["coder"], row["arm"], row["seconds"], row["codebook_version"]) == (
        "mira",
        "blind",
        4.5,
        coded.codebook.version,
    )

    before = (answers(coded, "pilot"), states(coded))
    again = pulled(coded, "pilot")
    assert (again.new, again.changed, again.removed) == (0, 0, 0) and (answers(coded, "pilot"), states(coded)) == before

    mira.edit(
        first,
        [
            {
                "id": "x",
                "from_name": "mention",
                "to_name": "sw_passage",
                "type": "choices",
                "value": {"choices": ["none"]},
            }
        ],
    )
    mira.delete(third)
    edited = pulled(coded, "pilot")
    assert (edited.changed, edited.removed, edited.deleted) == (1, 4, 1)
    assert answers(coded, "pilot") == {(spans[0], "mention"): "none", (spans[1], "mention"): "none"}
    assert states(coded)[spans[2]][0] == "deleted"
    assert (pulled(coded, "pilot").removed, pulled(coded, "pilot").deleted) == (0, 1)


def test_pushing_twice_makes_no_second_task_and_a_lost_ledger_is_no_harm(coded: Study) -> None:
    rounds.draw(coded, "twice", ["mira"], spans=5)
    first = pushed(coded, "twice")
    assert (pushed(coded, "twice").new, pushed(coded, "twice").known) == (0, 5)
    with coded.store.writing() as connection:
        connection.execute(db.tasks.delete())
        connection.execute(db.projects.delete())
    again = pushed(coded, "twice")
    assert (again.project, again.new, again.known) == (first.project, 0, 5)
    with coded.store.reading() as connection:
        assert len(connection.execute(select(db.tasks.c.task)).scalars().all()) == 5


def test_a_push_that_died_is_completed_by_the_next(coded: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotate.queue.CHUNK", 3)
    monkeypatch.setattr("annotate.queue.chunks.__defaults__", (3,))
    rounds.draw(coded, "died", ["mira"], spans=8)
    real, calls = Studio.import_tasks, []

    def dying(self: Studio, project: int, tasks: list[dict[str, object]]) -> list[int]:
        calls.append(len(tasks))
        found = real(self, project, tasks)
        if len(calls) == 2:
            raise KeyboardInterrupt  # after the server took them, before we noted it
        return found

    monkeypatch.setattr(Studio, "import_tasks", dying)
    with pytest.raises(KeyboardInterrupt):
        pushed(coded, "died")
    done = pushed(coded, "died")
    assert (done.known, done.new) == (6, 2)
    with desk(coded, "mira") as place:
        assert all(len(ids) == 1 for ids in present(place.studio, done.project).values())


def test_a_blind_queue_holds_neither_a_suggestion_nor_the_other_coders_answers(
    label_studio: Path, study: Study
) -> None:
    from models.suggest import suggest

    suggest(study)
    if not (study.folder / "studio").exists():
        on_server(label_studio, study.folder).store.close()
    rounds.draw(study, "arms", ["mira", "jon"], spans=10, assisted=0.5)
    projects = {coder: pushed(study, "arms", coder).project for coder in ("mira", "jon")}
    assert projects["mira"] != projects["jon"]
    span = rounds.assignments(study, "arms", "mira")[0].span
    Person(study, "mira", projects["mira"]).answer(span, NONE)
    for coder, project in projects.items():
        arm = {one.span: one.arm for one in rounds.assignments(study, "arms", coder)}
        with desk(study, coder) as place:
            tasks = place.studio.export(project, [t["id"] for t in place.studio.tasks(project)])
        assert {t["data"]["sw_span"] for t in tasks} == set(arm)
        for task in tasks:
            assert bool(task["predictions"]) == (arm[task["data"]["sw_span"]] == "assisted")
            assert task["data"]["sw_place"] == "" and not {"outlet", "date"} & set(task["data"])
            if coder == "jon":
                assert task["annotations"] == []
    taken = pulled(study, "arms", "mira")
    frame = study.annotations()
    mine = frame[(frame["round"] == "arms") & (frame["span"] == span)].iloc[0]
    assert (
        taken.answered == 1 and mine["arm"] == {o.span: o.arm for o in rounds.assignments(study, "arms", "mira")}[span]
    )
    assert mine["pi"] == pytest.approx(10 / rounds.named(study, "arms").frame * 0.5)


def test_a_cap_sends_a_coder_no_more_than_a_days_work_in_the_coders_own_order(coded: Study) -> None:
    rounds.draw(coded, "capped", ["mira", "jon"], spans=6, design=Design(cap=2))
    queue = [one.span for one in rounds.assignments(coded, "capped", "mira")]
    first = pushed(coded, "capped")
    assert (first.new, first.held) == (2, 4) and (pushed(coded, "capped").new, pushed(coded, "capped").held) == (0, 4)
    mira = Person(coded, "mira", first.project)
    assert sorted(mira.task, key=mira.task.__getitem__) == queue[:2]
    mira.answer(queue[0], NONE)
    taken = pulled(coded, "capped")
    assert (taken.answered, taken.waiting, taken.refusals) == (1, 5, [])  # what is held back is not lost
    assert pushed(coded, "capped").new == 0  # one is open and one was answered today
    with coded.store.writing() as connection:
        connection.execute(update(db.outcomes).values(at="2024-03-01T09:00:00Z"))
    assert pushed(coded, "capped").new == 1
    with desk(coded, "mira") as place:
        found = list(examine(coded, rounds.named(coded, "capped"), "mira", place))
    assert [one.said for one in found if one.state == "wrong"] == []


def test_what_somebody_else_answers_in_a_coders_project_is_refused_and_listed(coded: Study) -> None:
    rounds.draw(coded, "foreign", ["mira", "jon"], spans=3)
    project = pushed(coded, "foreign").project
    spans = [one.span for one in rounds.assignments(coded, "foreign", "mira")]
    pushed(coded, "foreign", "jon")
    jon = Person(coded, "jon", project)  # Community lets every account open every project
    jon.answer(spans[0], NONE)
    taken = pulled(coded, "foreign")
    assert taken.answered == 0 and "another account" in taken.refusals[0].why and spans[0] in taken.refusals[0].where


def test_a_text_that_was_changed_on_the_server_is_refused_and_the_answer_pulled_before_is_kept(coded: Study) -> None:
    rounds.draw(coded, "changed", ["mira"], spans=2)
    project = pushed(coded, "changed").project
    spans = [one.span for one in rounds.assignments(coded, "changed")]
    mira = Person(coded, "mira", project)
    mira.answer(spans[0], NONE)
    assert pulled(coded, "changed").answered == 1
    data = mira.http.get(f"/api/tasks/{mira.task[spans[0]]}/").json()["data"]
    data["sw_html"] = data["sw_html"].replace("<mark>", "<mark>not ")
    assert mira.http.patch(f"/api/tasks/{mira.task[spans[0]]}/", json={"data": data}).status_code == 200
    taken = pulled(coded, "changed")
    assert [refusal.why for refusal in taken.refusals] == [
        "the text on the server is not the text that was sent; its answer was not taken"
    ]
    assert answers(coded, "changed") == {(spans[0], "mention"): "none"} and taken.deleted == 0


def test_a_task_that_is_gone_from_the_server_is_listed_and_its_answer_kept(coded: Study) -> None:
    rounds.draw(coded, "gone", ["mira"], spans=2)
    project = pushed(coded, "gone").project
    spans = [one.span for one in rounds.assignments(coded, "gone")]
    mira = Person(coded, "mira", project)
    mira.answer(spans[0], NONE)
    pulled(coded, "gone")
    assert mira.http.delete(f"/api/tasks/{mira.task[spans[0]]}/").status_code == 204
    taken = pulled(coded, "gone")
    assert [refusal.why for refusal in taken.refusals] == ["its task is not on the server"]
    assert answers(coded, "gone") == {(spans[0], "mention"): "none"}
    assert pushed(coded, "gone").new == 1


def test_a_personal_access_token_serves_as_well_and_a_wrong_token_is_said_plainly(coded: Study) -> None:
    server = server_of(coded)
    account = servers_of(coded).account(
        f"guest-{uuid.uuid4().hex[:6]}"
    )  # an account has one personal token and keeps it
    with Studio(server.url, server.token) as studio:
        studio.sign_up(account.email, account.password)
    personal = signed_in(server.url, account).post("/api/token/").json()["token"]
    with desk(coded, "mira"):  # mira gets her account
        pass
    settings = coded.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[studio.coders]\nmira = "mira@coders.local"\n')
    study = Study.open(coded.folder)
    rounds.draw(study, "personal", ["mira"], spans=2)
    for name, token in {"personal": personal, "legacy": server.token}.items():
        said = slantwise(
            "studio", "push", "personal", "--url", server.url, "--token", token, "--json", cwd=study.folder
        )
        assert said.returncode == 0, (name, said.stderr)
        assert token not in said.stdout + said.stderr
    wrong = slantwise("studio", "push", "personal", "--url", server.url, "--token", "a" * 40, cwd=study.folder)
    assert wrong.returncode == 2 and "refused the token" in wrong.stderr and "a" * 40 not in wrong.stderr


def test_the_file_of_tokens_is_the_users_alone_and_the_command_line_says_what_runs(coded: Study) -> None:
    file = servers_of(coded).file
    servers_of(coded).keep()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    found = json.loads(slantwise("studio", "status", "--json", cwd=coded.folder).stdout)
    assert found["servers"] == [{"coder": None, "url": server_of(coded).url, "running": True, "healthy": True}]
    started = process("studio", "start", "--coders", "mira,Jón Müller", "--json", cwd=coded.folder)
    assert started.returncode == 0, started.stderr
    accounts = json.loads(started.stdout)["accounts"]
    assert [a["email"] for a in accounts] == ["mira@coders.local", "j-n-m-ller@coders.local"]
    assert server_of(coded).token not in started.stdout + started.stderr


def test_without_a_server_the_commands_say_how_to_start_one(made_example: Path, tmp_path: Path) -> None:
    import shutil

    study = Study.open(shutil.copytree(made_example, tmp_path / "study"))
    rounds.draw(study, "pilot", ["mira"], spans=2)
    said = slantwise("studio", "push", "pilot", cwd=study.folder)
    assert said.returncode == 2 and "slantwise studio start" in said.stderr
    with pytest.raises(NoStudio, match="does not answer"), desk(study, "mira", "http://127.0.0.1:9", "x" * 40):
        pass


def test_doctor_finds_what_is_wrong_and_says_what_to_do(coded: Study) -> None:
    rounds.draw(coded, "sick", ["mira"], spans=4)
    project = pushed(coded, "sick").project
    spans = [one.span for one in rounds.assignments(coded, "sick")]
    well = json.loads(slantwise("studio", "doctor", "sick", "--json", cwd=coded.folder).stdout)
    assert well["wrong"] == 0 and any("each once" in one["said"] for one in well["findings"])
    assert any("can open this project" in one["said"] for one in well["findings"])

    mira = Person(coded, "mira", project)
    data = mira.http.get(f"/api/tasks/{mira.task[spans[0]]}/").json()["data"]
    with desk(coded, "mira") as place:
        place.studio.import_tasks(project, [{"data": data}, {"data": {**data, "sw_span": "none:of:ours"}}])
        place.studio.change_project(project, {"label_config": "<View><Text name='t' value='$sw_span'/></View>"})
    mira.http.delete(f"/api/tasks/{mira.task[spans[1]]}/")
    data["sw_html"] += "changed"
    mira.http.patch(f"/api/tasks/{mira.task[spans[0]]}/", json={"data": data})
    ill = slantwise("studio", "doctor", "sick", cwd=coded.folder)
    assert ill.returncode == 3
    for words in (
        "1 tasks are missing", "1 spans have two tasks", "1 tasks are none of this round's", "1 texts or offsets are not",
        "the screen is not the codebook's",
    ):  # fmt: skip
        assert words in ill.stdout, words
