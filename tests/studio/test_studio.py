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

from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.studio.accounts import local_servers, sign_in
from annotate.studio.client import Studio
from annotate.studio.doctor import examine
from annotate.studio.push import tasks_by_span
from corpus import Study
from corpus.annotation import Design
from corpus.errors import NoStudio
from corpus.study import database as db

NONE = {"mention": "none"}
FULL = {"mention": "change", "gainer": "side-a", "wording": "liberation", "attribution": "outlet"}


def answers(study: Study, name: str) -> dict[tuple[str, str], str]:
    frame = study.annotations()
    mine = frame[frame["round"] == name]
    return {(row.span, row.variable): row.code for row in mine.itertuples()}


def states(study: Study) -> dict[str, tuple[str, str, str]]:
    with study.store.reading() as connection:
        return {row.span: (row.state, row.reason, row.memo) for row in connection.execute(select(db.outcomes))}


def test_what_coders_answer_edit_skip_and_delete_comes_back(
    studio_study: Study,
) -> None:
    """Pulling twice changes nothing."""
    draw(studio_study, "pilot", ["mira"], spans=6)
    found = pushed(studio_study, "pilot")
    assert (found.new, found.known, found.doubles) == (6, 0, 0)
    spans = [one.span for one in rounds.assignments(studio_study, "pilot")]
    mira = Person(studio_study, "mira", found.project)
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

    taken = pulled(studio_study, "pilot")
    assert (taken.answered, taken.skipped, taken.empty, taken.waiting, taken.refusals) == (3, 1, 1, 1, [])
    assert answers(studio_study, "pilot") == {
        **{(spans[0], name): code for name, code in FULL.items()},
        (spans[1], "mention"): "none",
        (spans[2], "mention"): "none",
    }
    assert states(studio_study)[spans[3]] == ("skipped", "distressing", "")
    assert states(studio_study)[spans[4]][0] == "empty" and spans[5] not in states(studio_study)
    frame = studio_study.annotations()
    row = frame[(frame["round"] == "pilot") & (frame["span"] == spans[0])].iloc[0]
    assert (row["coder"], row["arm"], row["seconds"], row["codebook_version"]) == (
        "mira",
        "blind",
        4.5,
        studio_study.codebook.version,
    )

    before = (answers(studio_study, "pilot"), states(studio_study))
    again = pulled(studio_study, "pilot")
    assert (again.new, again.changed, again.removed) == (0, 0, 0) and (
        answers(studio_study, "pilot"),
        states(studio_study),
    ) == before

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
    edited = pulled(studio_study, "pilot")
    assert (edited.changed, edited.removed, edited.deleted) == (1, 4, 1)
    assert answers(studio_study, "pilot") == {(spans[0], "mention"): "none", (spans[1], "mention"): "none"}
    assert states(studio_study)[spans[2]][0] == "deleted"
    assert (pulled(studio_study, "pilot").removed, pulled(studio_study, "pilot").deleted) == (0, 1)


def test_pushing_twice_makes_no_second_task_and_a_lost_ledger_is_no_harm(studio_study: Study) -> None:
    draw(studio_study, "twice", ["mira"], spans=5)
    first = pushed(studio_study, "twice")
    assert (pushed(studio_study, "twice").new, pushed(studio_study, "twice").known) == (0, 5)
    with studio_study.store.writing() as connection:
        connection.execute(db.studio_tasks.delete())
        connection.execute(db.studio_projects.delete())
    again = pushed(studio_study, "twice")
    assert (again.project, again.new, again.known) == (first.project, 0, 5)
    with studio_study.store.reading() as connection:
        assert len(connection.execute(select(db.studio_tasks.c.task)).scalars().all()) == 5


def test_a_push_that_died_is_completed_by_the_next(studio_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotate.tasks.queue.TASKS_PER_REQUEST", 3)
    monkeypatch.setattr("annotate.tasks.queue.chunks.__defaults__", (3,))
    draw(studio_study, "died", ["mira"], spans=8)
    real, calls = Studio.import_tasks, []

    def dying(self: Studio, project: int, tasks: list[dict[str, object]]) -> list[int]:
        calls.append(len(tasks))
        found = real(self, project, tasks)
        if len(calls) == 2:
            raise KeyboardInterrupt  # after the server took them, before we noted it
        return found

    monkeypatch.setattr(Studio, "import_tasks", dying)
    with pytest.raises(KeyboardInterrupt):
        pushed(studio_study, "died")
    done = pushed(studio_study, "died")
    assert (done.known, done.new) == (6, 2)
    with sign_in(studio_study, "mira") as place:
        assert all(len(ids) == 1 for ids in tasks_by_span(place.studio, done.project).values())


def test_a_blind_queue_holds_neither_a_suggestion_nor_the_other_coders_answers(
    label_studio: Path, trained_study: Study
) -> None:
    from models.suggestions.suggest import suggest

    suggest(trained_study)
    on_server(label_studio, trained_study.folder).store.close()
    draw(trained_study, "arms", ["mira", "jon"], spans=10, design=Design(assisted=0.5))
    projects = {coder: pushed(trained_study, "arms", coder).project for coder in ("mira", "jon")}
    assert projects["mira"] != projects["jon"]
    span = rounds.assignments(trained_study, "arms", "mira")[0].span
    Person(trained_study, "mira", projects["mira"]).answer(span, NONE)
    for coder, project in projects.items():
        arm = {one.span: one.arm for one in rounds.assignments(trained_study, "arms", coder)}
        with sign_in(trained_study, coder) as place:
            tasks = place.studio.export(project, [t.id for t in place.studio.tasks(project)])
        assert {t["data"]["sw_span"] for t in tasks} == set(arm)
        for task in tasks:
            assert bool(task["predictions"]) == (arm[task["data"]["sw_span"]] == "assisted")
            assert task["data"]["sw_place"] == "" and not {"outlet", "date"} & set(task["data"])
            if coder == "jon":
                assert task["annotations"] == []
    taken = pulled(trained_study, "arms", "mira")
    frame = trained_study.annotations()
    mine = frame[(frame["round"] == "arms") & (frame["span"] == span)].iloc[0]
    assert (
        taken.answered == 1
        and mine["arm"] == {o.span: o.arm for o in rounds.assignments(trained_study, "arms", "mira")}[span]
    )
    assert mine["pi"] == pytest.approx(10 / rounds.get_round(trained_study, "arms").frame * 0.5)


def test_a_cap_sends_a_coder_no_more_than_a_days_work_in_the_coders_own_order(studio_study: Study) -> None:
    draw(studio_study, "capped", ["mira", "jon"], spans=6, design=Design(cap=2))
    queue = [one.span for one in rounds.assignments(studio_study, "capped", "mira")]
    first = pushed(studio_study, "capped")
    assert (first.new, first.held) == (2, 4) and (
        pushed(studio_study, "capped").new,
        pushed(studio_study, "capped").held,
    ) == (0, 4)
    mira = Person(studio_study, "mira", first.project)
    assert sorted(mira.task, key=mira.task.__getitem__) == queue[:2]
    mira.answer(queue[0], NONE)
    taken = pulled(studio_study, "capped")
    assert (taken.answered, taken.waiting, taken.refusals) == (1, 5, [])  # what is held back is not lost
    assert pushed(studio_study, "capped").new == 0  # one is open and one was answered today
    with studio_study.store.writing() as connection:
        connection.execute(update(db.outcomes).values(at="2024-03-01T09:00:00Z"))
    assert pushed(studio_study, "capped").new == 1
    with sign_in(studio_study, "mira") as place:
        found = list(examine(studio_study, rounds.get_round(studio_study, "capped"), "mira", place))
    assert [one.said for one in found if one.state == "wrong"] == []


def test_what_somebody_else_answers_in_a_coders_project_is_refused_and_listed(studio_study: Study) -> None:
    draw(studio_study, "foreign", ["mira", "jon"], spans=3)
    project = pushed(studio_study, "foreign").project
    spans = [one.span for one in rounds.assignments(studio_study, "foreign", "mira")]
    pushed(studio_study, "foreign", "jon")
    jon = Person(studio_study, "jon", project)  # Community lets every account open every project
    jon.answer(spans[0], NONE)
    taken = pulled(studio_study, "foreign")
    assert taken.answered == 0 and "another account" in taken.refusals[0].why and spans[0] in taken.refusals[0].where


def test_a_text_that_was_changed_on_the_server_is_refused(
    studio_study: Study,
) -> None:
    """The answer that was pulled before is kept."""
    draw(studio_study, "changed", ["mira"], spans=2)
    project = pushed(studio_study, "changed").project
    spans = [one.span for one in rounds.assignments(studio_study, "changed")]
    mira = Person(studio_study, "mira", project)
    mira.answer(spans[0], NONE)
    assert pulled(studio_study, "changed").answered == 1
    data = mira.http.get(f"/api/tasks/{mira.task[spans[0]]}/").json()["data"]
    data["sw_html"] = data["sw_html"].replace("<mark>", "<mark>not ")
    assert mira.http.patch(f"/api/tasks/{mira.task[spans[0]]}/", json={"data": data}).status_code == 200
    taken = pulled(studio_study, "changed")
    assert [refusal.why for refusal in taken.refusals] == [
        "the text on the server differs from the text that was sent; the answer was not imported"
    ]
    assert answers(studio_study, "changed") == {(spans[0], "mention"): "none"} and taken.deleted == 0


def test_a_task_that_is_gone_from_the_server_is_listed_and_its_answer_kept(studio_study: Study) -> None:
    draw(studio_study, "gone", ["mira"], spans=2)
    project = pushed(studio_study, "gone").project
    spans = [one.span for one in rounds.assignments(studio_study, "gone")]
    mira = Person(studio_study, "mira", project)
    mira.answer(spans[0], NONE)
    pulled(studio_study, "gone")
    assert mira.http.delete(f"/api/tasks/{mira.task[spans[0]]}/").status_code == 204
    taken = pulled(studio_study, "gone")
    assert [refusal.why for refusal in taken.refusals] == ["its task is not on the server"]
    assert answers(studio_study, "gone") == {(spans[0], "mention"): "none"}
    assert pushed(studio_study, "gone").new == 1


def test_a_personal_access_token_serves_as_well_and_a_wrong_token_is_said_plainly(studio_study: Study) -> None:
    server = server_of(studio_study)
    account = local_servers(studio_study).account(
        f"guest-{uuid.uuid4().hex[:6]}"
    )  # an account has one personal token and keeps it
    with Studio(server.url, server.token) as studio:
        studio.sign_up(account.email, account.password)
    personal = signed_in(server.url, account).post("/api/token/").json()["token"]
    with sign_in(studio_study, "mira"):  # mira gets her account
        pass
    settings = studio_study.folder / "study.toml"
    settings.write_text(settings.read_text() + '\n[studio.coders]\nmira = "mira@coders.local"\n')
    study = Study.open(studio_study.folder)
    draw(study, "personal", ["mira"], spans=2)
    for name, token in {"personal": personal, "legacy": server.token}.items():
        said = slantwise(
            "studio", "push", "personal", "--url", server.url, "--token", token, "--json", cwd=study.folder
        )
        assert said.returncode == 0, (name, said.stderr)
        assert token not in said.stdout + said.stderr
    wrong = slantwise("studio", "push", "personal", "--url", server.url, "--token", "a" * 40, cwd=study.folder)
    assert wrong.returncode == 2 and "refused the token" in wrong.stderr and "a" * 40 not in wrong.stderr


def test_the_file_of_tokens_is_the_users_alone_and_the_command_line_says_what_runs(studio_study: Study) -> None:
    file = local_servers(studio_study).file
    local_servers(studio_study).save()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    found = json.loads(slantwise("studio", "status", "--json", cwd=studio_study.folder).stdout)
    assert found["servers"] == [{"coder": None, "url": server_of(studio_study).url, "running": True, "healthy": True}]
    started = process("studio", "start", "--coders", "mira,Jón Müller", "--json", cwd=studio_study.folder)
    assert started.returncode == 0, started.stderr
    accounts = json.loads(started.stdout)["accounts"]
    assert [a["email"] for a in accounts] == ["mira@coders.local", "j-n-m-ller@coders.local"]
    assert server_of(studio_study).token not in started.stdout + started.stderr


def test_without_a_server_the_commands_say_how_to_start_one(example_study: Study) -> None:
    study = example_study
    draw(study, "pilot", ["mira"], spans=2)
    said = slantwise("studio", "push", "pilot", cwd=study.folder)
    assert said.returncode == 2 and "slantwise studio start" in said.stderr
    with pytest.raises(NoStudio, match="does not answer"), sign_in(study, "mira", "http://127.0.0.1:9", "x" * 40):
        pass


def test_doctor_finds_what_is_wrong_and_says_what_to_do(studio_study: Study) -> None:
    draw(studio_study, "sick", ["mira"], spans=4)
    project = pushed(studio_study, "sick").project
    spans = [one.span for one in rounds.assignments(studio_study, "sick")]
    well = json.loads(slantwise("studio", "doctor", "sick", "--json", cwd=studio_study.folder).stdout)
    assert well["wrong"] == 0 and any("each once" in one["said"] for one in well["findings"])
    assert any("can open this project" in one["said"] for one in well["findings"])

    mira = Person(studio_study, "mira", project)
    data = mira.http.get(f"/api/tasks/{mira.task[spans[0]]}/").json()["data"]
    with sign_in(studio_study, "mira") as place:
        place.studio.import_tasks(project, [{"data": data}, {"data": {**data, "sw_span": "none:of:ours"}}])
        place.studio.change_project(project, {"label_config": "<View><Text name='t' value='$sw_span'/></View>"})
    mira.http.delete(f"/api/tasks/{mira.task[spans[1]]}/")
    data["sw_html"] += "changed"
    mira.http.patch(f"/api/tasks/{mira.task[spans[0]]}/", json={"data": data})
    ill = slantwise("studio", "doctor", "sick", cwd=studio_study.folder)
    assert ill.returncode == 3
    for words in (
        "1 tasks are missing", "1 spans have two tasks", "1 tasks do not belong to this round", "1 texts or offsets differ",
        "the screen does not match the codebook",
    ):  # fmt: skip
        assert words in ill.stdout, words
