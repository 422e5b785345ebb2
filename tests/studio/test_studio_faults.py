"""Whatever breaks between us and a real Label Studio, no task is doubled and no answer is lost."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from studios import Person, server_of, signed_in

from annotate.rounds import rounds
from annotate.rounds.draw import draw
from annotate.studio import push
from annotate.studio.accounts import CoderSession, local_servers, sign_in
from annotate.studio.client import Studio
from annotate.studio.pull import pull_from_coder
from annotate.studio.push import CoderProject, push_to_coder, tasks_by_span
from annotate.tasks.store_answers import ImportSummary
from corpus import Study
from corpus.errors import NoStudio, StudioRefused, StudioUnsure

Fault = Callable[["Handler", Callable[[], tuple[int, bytes]]], None]


class Proxy(ThreadingHTTPServer):
    """Hands requests on to a server; a fault that fits takes over, so many times as it is planned."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = port
        self.plan: list[tuple[str, str, Fault]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def forward() -> tuple[int, bytes]:
            behind = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.title() in ("Authorization", "Content-Type")}
            behind.request(self.command, self.path, body, headers)
            answer = behind.getresponse()
            found = (answer.status, answer.read())
            behind.close()
            return found

        for planned in self.server.plan:
            method, words, fault = planned
            if method == self.command and words in self.path:
                self.server.plan.remove(planned)
                return fault(self, forward)
        return self.answer(*forward())

    do_POST = do_PATCH = do_GET

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def says(status: int, *, after: bool = False, **headers: str) -> Fault:
    """Answer with a status of our own, before or after the server did what was asked."""

    def fault(handler: Handler, forward: Callable[[], tuple[int, bytes]]) -> None:
        if after:
            forward()
        handler.answer(status, b'{"detail": "injected"}', **headers)

    return fault


def drops(*, after: bool) -> Fault:
    """Break off without an answer, before or after the server did what was asked."""

    def fault(handler: Handler, forward: Callable[[], tuple[int, bytes]]) -> None:
        if after:
            forward()
        handler.close_connection = True

    return fault


@pytest.fixture
def proxy(studio_study: Study) -> Iterator[Proxy]:
    server = Proxy(server_of(studio_study).port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def session(study: Study, studio: Studio) -> CoderSession:
    """Mira's session on the study's server, by another way."""
    with sign_in(study, "mira") as place:
        return CoderSession(studio, "local", place.accounts, None)


def through(study: Study, proxy: Proxy, name: str, token: str | None = None) -> CoderProject:
    with Studio(proxy.url, token or server_of(study).token, timeout=30) as studio:
        return push_to_coder(study, rounds.get_round(study, name), "mira", session(study, studio))


def pulled(study: Study, name: str, studio: Studio) -> ImportSummary:
    return pull_from_coder(study, rounds.get_round(study, name), "mira", session(study, studio))


def counts(study: Study, project: int) -> list[int]:
    with Studio(server_of(study).url, server_of(study).token) as studio:
        return sorted(len(ids) for ids in tasks_by_span(studio, project).values())


@pytest.mark.parametrize(
    "fault",
    [says(504, after=True), says(504), drops(after=True), drops(after=False), says(429, Retry_After="1")],
    ids=["504 after it took effect", "504 before", "dropped after", "dropped before", "429"],
)
def test_an_import_that_breaks_off_makes_no_double_and_loses_no_task(
    studio_study: Study, proxy: Proxy, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "SETTLE_SECONDS", 1.0)
    draw(studio_study, "broken", ["mira"], spans=7)
    proxy.plan = [("POST", "/import", fault)]
    done = through(studio_study, proxy, "broken")
    assert proxy.plan == [] and counts(studio_study, done.project) == [1] * 7
    assert through(studio_study, proxy, "broken").new == 0


def test_where_the_server_stays_unsure_the_message_says_so(
    studio_study: Study, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next push completes what is missing."""
    monkeypatch.setattr(push, "SETTLE_SECONDS", 1.0)
    draw(studio_study, "unsure", ["mira"], spans=3)
    proxy.plan = [("POST", "/import", says(504))] * 2
    with pytest.raises(StudioUnsure, match=r"answered 504 .* 3 tasks did not arrive; nothing is lost or duplicated"):
        through(studio_study, proxy, "unsure")
    done = through(studio_study, proxy, "unsure")
    assert (done.new, counts(studio_study, done.project)) == (3, [1, 1, 1])


def test_a_project_whose_making_broke_off_is_found_again(studio_study: Study, proxy: Proxy) -> None:
    draw(studio_study, "project", ["mira"], spans=2)
    proxy.plan = [("POST", "/api/projects/", says(502, after=True))]
    first = through(studio_study, proxy, "project")
    with Studio(server_of(studio_study).url, server_of(studio_study).token) as studio:
        mine = [p for p in studio.projects() if ":project:mira]" in p.description and p.id >= first.project]
    assert len(mine) == 1


def test_a_404_in_the_middle_of_paging_is_an_error_and_nothing_is_taken_or_sent(
    studio_study: Study, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotate.studio.client.PAGE_SIZE", 2)
    draw(studio_study, "paging", ["mira"], spans=6)
    done = through(studio_study, proxy, "paging")
    Person(studio_study, "mira", done.project).answer(
        rounds.assignments(studio_study, "paging")[0].span, {"mention": "none"}
    )
    for _ in range(2):
        proxy.plan = [("GET", "&page=2", says(404))]
        with Studio(proxy.url, server_of(studio_study).token) as studio, pytest.raises(StudioRefused, match="404"):
            pulled(studio_study, "paging", studio)
        assert (studio_study.annotations()["round"] == "paging").sum() == 0
    proxy.plan = [("GET", "&page=2", says(404))]
    with pytest.raises(StudioRefused, match="404"):
        through(studio_study, proxy, "paging")
    assert counts(studio_study, done.project) == [1] * 6
    with Studio(proxy.url, server_of(studio_study).token) as studio:
        assert pulled(studio_study, "paging", studio).new == 1


def test_a_token_that_expires_on_the_way_is_renewed_and_one_that_is_revoked_is_said(
    studio_study: Study, proxy: Proxy
) -> None:
    import uuid

    server, account = server_of(studio_study), local_servers(studio_study).account(f"guest-{uuid.uuid4().hex[:6]}")
    with Studio(server.url, server.token) as studio:
        studio.sign_up(account.email, account.password)
    personal = signed_in(server.url, account).post("/api/token/").json()["token"]
    draw(studio_study, "expiry", ["mira"], spans=3)
    proxy.plan = [("POST", "/import", says(401))]
    done = through(studio_study, proxy, "expiry", personal)
    assert (done.new, counts(studio_study, done.project)) == (3, [1, 1, 1])
    proxy.plan = [("GET", "/api/tasks/", says(401))]
    with pytest.raises(NoStudio, match="refused the token"):
        through(studio_study, proxy, "expiry")


def test_busy_reads_are_repeated_and_an_incomplete_export_is_an_error(studio_study: Study, proxy: Proxy) -> None:
    draw(studio_study, "busy", ["mira"], spans=3)
    done = through(studio_study, proxy, "busy")
    proxy.plan = [
        ("GET", "/api/tasks/", says(503)),
        ("GET", "/export", drops(after=False)),
        ("GET", "/export", says(429)),
    ]
    with Studio(proxy.url, server_of(studio_study).token) as studio:
        assert pulled(studio_study, "busy", studio).waiting == 3

    def short(handler: Handler, forward: Callable[[], tuple[int, bytes]]) -> None:
        status, body = forward()
        handler.answer(status, json.dumps(json.loads(body)[1:]).encode())

    proxy.plan = [("GET", "/export", short)]
    with (
        Studio(proxy.url, server_of(studio_study).token) as studio,
        pytest.raises(StudioRefused, match="exported 2 of 3"),
    ):
        pulled(studio_study, "busy", studio)
    assert done.new == 3
