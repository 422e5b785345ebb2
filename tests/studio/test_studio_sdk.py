"""What Label Studio's SDK leaves to its user: tokens, paths, redirects, and answers of something else than Label Studio."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from studios import server_of, signed_in

from annotate.studio.accounts import local_servers
from annotate.studio.client import Studio, open_studio
from corpus import Study
from corpus.errors import NoStudio

LEGACY = "0123456789abcdef0123456789abcdef01234567"


def personal_token(seconds: float) -> str:
    """Return a personal access token that expires in so many seconds."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"token_type": "refresh", "exp": int(time.time() + seconds)})
    words = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*words, "c2lnbmVk"])


def refused(url: str, why: str) -> None:
    """Assert that signing in at an address is refused with these words."""
    with pytest.raises(NoStudio, match=why), open_studio(url, LEGACY):
        pass


@contextmanager
def answering(*planned: tuple[int, str, dict[str, str]]) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """A server with planned answers, the last one for ever; yields its address and the requests as they come."""
    left, asked = list(planned), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            status, body, headers = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_personal_token_that_has_expired_is_named_before_anything_is_sent() -> None:
    with pytest.raises(NoStudio, match="refused the token; make a new one under Account & Settings"):
        Studio("http://127.0.0.1:9", personal_token(-60))


@pytest.mark.parametrize(
    "token", ["abc\u2026def", "abc def", "abc\n", ""], ids=["an ellipsis", "a blank", "a line end", "nothing"]
)
def test_a_token_that_cannot_be_one_is_said_before_anything_is_sent(token: str) -> None:
    with pytest.raises(NoStudio, match="is empty or has characters that no token has; copy it again"):
        Studio("http://127.0.0.1:9", token)


def test_a_personal_token_is_renewed_below_the_servers_path() -> None:
    """Without the slash at the end of the address the SDK would ask the host itself for it."""
    bearer = json.dumps({"access": personal_token(300)})
    with answering((200, bearer, {}), (200, '{"id": 7, "email": "mira@example.org"}', {})) as (url, asked):
        with Studio(f"{url}/labels", personal_token(600)) as studio:
            assert studio.whoami().id == 7
        assert [path for _, path, _ in asked] == ["/labels/api/token/refresh/", "/labels/api/current-user/whoami"]
        assert asked[1][2].startswith("Bearer ")


def test_a_bearer_that_is_refused_before_its_time_is_renewed_once(studio_study: Study) -> None:
    server, account = server_of(studio_study), local_servers(studio_study).account(f"guest-{uuid.uuid4().hex[:6]}")
    with Studio(server.url, server.token) as studio:
        studio.sign_up(account.email, account.password)
    personal = signed_in(server.url, account).post("/api/token/").json()["token"]
    with Studio(server.url, personal) as studio:
        assert studio.whoami().email == account.email
    bearer, refused = json.dumps({"access": personal_token(300)}), (401, '{"detail": "expired"}', {})
    with answering((200, bearer, {}), refused, (200, bearer, {}), refused) as (url, asked):
        with Studio(url, personal_token(600)) as studio, pytest.raises(NoStudio, match="refused the token"):
            studio.whoami()
        assert [path.split("/")[-1] or "refresh" for _, path, _ in asked] == ["refresh", "whoami"] * 2


def test_a_renewal_that_answers_no_json_is_repeated_as_a_busy_server_is() -> None:
    bearer = json.dumps({"access": personal_token(300)})
    html = (502, "<html>Bad gateway</html>", {"Retry-After": "0"})
    with answering(html, (200, bearer, {}), (200, '{"id": 7}', {})) as (url, asked):
        with Studio(url, personal_token(600)) as studio:
            assert studio.whoami().id == 7
        assert len(asked) == 3


def test_no_token_follows_a_redirect() -> None:
    with answering((200, '{"id": 7}', {})) as (elsewhere, asked_elsewhere):
        moved = (302, "", {"Location": f"{elsewhere}/api/current-user/whoami"})
        with answering(moved) as (url, asked):
            refused(url, "did not answer in JSON; expected the address of a Label Studio")
        assert len(asked) == 1 and asked_elsewhere == []


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "{}", "[]", "null", '{"id": "seven"}'])
def test_what_is_no_label_studio_is_called_so(body: str) -> None:
    with answering((200, body, {})) as (url, _):
        refused(url, "expected the address of a Label Studio")


def test_the_servers_reason_is_shown_without_its_ids() -> None:
    reason = {"id": "3cd92f87", "status_code": 403, "version": "1.23.2", "detail": "You may not.", "exc_info": None}
    with answering((403, json.dumps(reason), {})) as (url, _):
        refused(url, r"answered 403 when asked to name the account: You may not\.; expected")


@pytest.mark.parametrize("url", ["127.0.0.1:9", "http://[", "not a url", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none_is_said(url: str) -> None:
    refused(url, "is not an address; expected one such as http://localhost:8080")
