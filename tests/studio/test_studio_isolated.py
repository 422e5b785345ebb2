"""Servers apart: a coder's own server opens nothing to the other coder, and one that is killed in mid-push loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from studios import Person, pulled, pushed, signed_in

from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.studio.accounts import local_servers, sign_in
from annotate.studio.client import Studio
from annotate.studio.doctor import examine
from annotate.studio.push import tasks_by_span
from annotate.studio.server import EXECUTABLE, is_running
from corpus import Study
from corpus.errors import NoStudio, StudioUnsure


@pytest.fixture(scope="module")
def apart(label_studio: Path, example_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """A study of two coders, each with a server of their own (their first start takes one to two minutes)."""
    study = Study.open(shutil.copytree(example_folder, tmp_path_factory.mktemp("apart") / "study"))
    assert os.environ.get(EXECUTABLE) or shutil.which("label-studio")
    try:
        local_servers(study).start(["mira", "jon"], port=None, isolate=True, say=lambda message: None)
        yield study
    finally:
        local_servers(study).stop()
        study.store.close()


def test_the_other_coders_token_and_password_open_nothing(apart: Study) -> None:
    draw(apart, "apart", ["mira", "jon"], spans=3)
    projects = {coder: pushed(apart, "apart", coder).project for coder in ("mira", "jon")}
    span = rounds.assignments(apart, "apart", "mira")[0].span
    mira, jon = (Person(apart, coder, projects[coder]) for coder in ("mira", "jon"))
    answer = mira.answer(span, {"mention": "none"})
    assert mira.http.url != jon.http.url
    hers = jon.http.__class__(mira.http.url, jon.http.token)  # jon, with all that he has, on mira's server
    paths = (
        "/api/current-user/whoami", "/api/users/", "/api/projects/", f"/api/projects/{projects['mira']}/",
        f"/api/projects/{projects['mira']}/export?exportType=JSON", f"/api/projects/{projects['mira']}/next",
        f"/api/tasks/{mira.task[span]}/", f"/api/annotations/{answer}/", "/api/predictions/", "/api/webhooks/",
    )  # fmt: skip
    assert {hers.get(path).status_code for path in paths} == {401}
    assert {mira.http.get(path).status_code for path in paths} == {200}  # what there would be to see
    with pytest.raises(KeyError):  # the form gives no session, so no token
        signed_in(mira.http.url, local_servers(apart).account("jon"))
    with sign_in(apart, "mira") as place:
        assert not any(email.startswith("jon") for email in place.studio.accounts())
        said = [one.said for one in examine(apart, rounds.get_round(apart, "apart"), "mira", place)]
    assert "the coder has a server of their own, which no other coder can open" in said
    assert (pulled(apart, "apart", "mira").answered, pulled(apart, "apart", "jon").answered) == (1, 0)


def test_a_server_that_is_killed_in_mid_push_gets_the_rest_after_it_is_started_again(
    apart: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotate.tasks.queue.chunks.__defaults__", (10,))
    draw(apart, "killed", ["mira"], spans=40)
    server = local_servers(apart).server_of("mira")
    assert server is not None
    real, calls = Studio.import_tasks, []

    def dying(self: Studio, project: int, tasks: list[dict[str, Any]]) -> list[int]:
        calls.append(len(tasks))
        if len(calls) == 3:  # while the server works on it
            threading.Timer(0.02, os.killpg, (server.pid, signal.SIGKILL)).start()
        return real(self, project, tasks)

    with monkeypatch.context() as patched:
        patched.setattr(Studio, "import_tasks", dying)
        with pytest.raises((NoStudio, StudioUnsure), match=r"127\.0\.0\.1"):
            pushed(apart, "killed")
    assert len(calls) in (3, 4) and not is_running(server)
    local_servers(apart).start(["mira", "jon"], port=None, isolate=True, say=lambda message: None)
    done = pushed(apart, "killed")
    assert done.known >= 20 and done.known + done.new == 40
    with sign_in(apart, "mira") as place:
        assert sorted(len(ids) for ids in tasks_by_span(place.studio, done.project).values()) == [1] * 40
    assert pushed(apart, "killed").new == 0
