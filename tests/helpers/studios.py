"""What tests with a real Label Studio share: one server a run, studies that use it, coders who answer through it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from annotate.rounds import rounds
from annotate.studio.accounts import local_servers, sign_in
from annotate.studio.pull import pull_from_coder
from annotate.studio.push import CoderProject, push_to_coder
from annotate.studio.server import Account, Server
from annotate.tasks.interface import PASSAGE
from annotate.tasks.store_answers import ImportSummary
from corpus import Study


def on_server(label_studio: Path, folder: Path) -> Study:
    """Open a study whose own server is the running one."""
    (folder / "studio").mkdir(exist_ok=True)
    shutil.copy(label_studio / "servers.json", folder / "studio" / "servers.json")
    return Study.open(folder)


def pushed(study: Study, name: str, coder: str = "mira") -> CoderProject:
    with sign_in(study, coder) as place:
        return push_to_coder(study, rounds.get_round(study, name), coder, place)


def pulled(study: Study, name: str, coder: str = "mira") -> ImportSummary:
    with sign_in(study, coder) as place:
        return pull_from_coder(study, rounds.get_round(study, name), coder, place)


def server_of(study: Study) -> Server:
    server = local_servers(study).server_of("mira")
    assert server is not None
    return server


class Caller:
    """The server's API with a person's own token; every request is a connection of its own, so that none is left open."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token

    def __getattr__(self, method: str) -> Any:
        def call(path: str, **more: Any) -> httpx.Response:
            return httpx.request(
                method, self.url + path, headers={"Authorization": f"Token {self.token}"}, timeout=60, **more
            )

        return call


def signed_in(url: str, account: Account) -> Caller:
    """Sign in through the server's form, as a person does; return the API with the coder's own token."""
    with httpx.Client(base_url=url, follow_redirects=False, timeout=60) as form:
        form.get("/user/login/")
        fields = {"email": account.email, "password": account.password}
        fields["csrfmiddlewaretoken"] = form.cookies["csrftoken"]
        form.post("/user/login/", data=fields, headers={"Referer": url + "/user/login/"})
        return Caller(url, form.get("/api/current-user/token").json()["token"])


class Person:
    """A coder who answers through the server's API as its screen does."""

    def __init__(self, study: Study, coder: str, project: int) -> None:
        with sign_in(study, coder) as place:
            assert place.account is not None
            self.http = signed_in(place.studio.url, place.account)
            self.task = {t.data["sw_span"]: t.id for t in place.studio.tasks(project)}

    def answer(self, span: str, codes: Mapping[str, str | list[str]], **more: Any) -> int:
        result = [
            {
                "id": f"{name}1", "from_name": name, "to_name": PASSAGE, "type": "choices",
                "value": {"choices": [code] if isinstance(code, str) else code},
            }
            for name, code in codes.items()
        ]  # fmt: skip
        return self.send(span, result, **more)

    def send(self, span: str, result: list[dict[str, Any]], **more: Any) -> int:
        body = {"result": result, "lead_time": 4.5, **more}
        made = self.http.post(f"/api/tasks/{self.task[span]}/annotations/", json=body)
        assert made.status_code == 201, made.text
        return int(made.json()["id"])

    def edit(self, annotation: int, result: list[dict[str, Any]]) -> None:
        assert self.http.patch(f"/api/annotations/{annotation}/", json={"result": result}).status_code == 200

    def delete(self, annotation: int) -> None:
        assert self.http.delete(f"/api/annotations/{annotation}/").status_code == 204
