"""The HTTP client for Label Studio; no other file sends requests to an annotation server.

It does not use label_studio_sdk 2.1.2, which can lose or duplicate data: the SDK repeats a POST after a 5xx, so that
an import may happen twice, and its pager takes a 404 for the end of the list. It also takes more than a second to
load. The requests below are few, and each says when it may be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import httpx

from corpus.errors import NoStudio, StudioRefused, StudioUnsure

TRIES = 5  # attempts of a repeatable request; with the waits below, half a minute
PAGE_SIZE = 500  # tasks per page: 1,400 a second if only their data is requested
REFRESH = 240  # seconds; the bearer of a personal access token expires after five minutes
Connection = Literal["ml", "webhooks"]
BUSY = (429, 502, 503, 504)


class Studio:
    """A connection to one Label Studio with a token; use it as a context manager or call `close`."""

    def __init__(self, url: str, token: str, *, timeout: float = 120.0) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._personal = token.count(".") == 2  # a personal access token is a JWT, a legacy token 40 hexadecimal digits
        self._bearer = ("", 0.0)
        self._http = httpx.Client(base_url=self.url, timeout=httpx.Timeout(timeout, connect=10.0))

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def version(self) -> str:
        """Return the server's version, such as 1.23.2."""
        return str(self.get("/api/version").get("release", "unknown"))

    def whoami(self) -> dict[str, Any]:
        """Return the account that the token belongs to: `id, email, …`. Raises NoStudio if it is refused."""
        account: dict[str, Any] = self.get("/api/current-user/whoami")
        return account

    def accounts(self) -> dict[str, int]:
        """Return the ids of all accounts by e-mail address."""
        return {str(user["email"]).lower(): int(user["id"]) for user in self.get("/api/users/")}

    def projects(self) -> Iterator[dict[str, Any]]:
        """Return every project. Raises StudioRefused if the list is incomplete."""
        return self._pages("/api/projects/", {"page_size": 100}, "results", "count")

    def project(self, project: int) -> dict[str, Any] | None:
        """Return a project, or None if it does not exist (any more)."""
        response = self._send_repeatable("GET", f"/api/projects/{project}/")
        return None if response.status_code == 404 else self._check_response(response)

    def make_project(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Create a project. Raises StudioUnsure if it is unknown whether it was created."""
        return self._post_once("/api/projects/", dict(settings))

    def change_project(self, project: int, settings: Mapping[str, Any]) -> None:
        """Change a project's settings; a repetition changes nothing."""
        self._check_response(self._send_repeatable("PATCH", f"/api/projects/{project}/", json=dict(settings)))

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Import tasks in one request and return their ids. Raises StudioUnsure if the result is unknown."""
        answer = self._post_once(f"/api/projects/{project}/import", list(tasks), {"return_task_ids": "true"})
        if answer.get("task_count") != len(tasks):
            raise StudioUnsure(f"{self.url} imported {answer.get('task_count')} of {len(tasks)} tasks")
        return list(answer.get("task_ids", []))

    def tasks(self, project: int) -> Iterator[dict[str, Any]]:
        """Return `id, data` of every task of a project. Raises StudioRefused if the list is incomplete."""
        return self._pages("/api/tasks/", {"project": project, "page_size": PAGE_SIZE, "include": "id,data"})

    def change_task(self, task: int, data: Mapping[str, Any]) -> None:
        """Change a task's data; a repetition changes nothing."""
        self._check_response(self._send_repeatable("PATCH", f"/api/tasks/{task}/", json={"data": dict(data)}))

    def suggestion_versions(self, project: int) -> dict[int, set[str]]:
        """Return the versions of the suggestions of each task without an answer."""
        columns = "id,predictions_model_versions,total_annotations,cancelled_annotations"
        query = {"project": project, "page_size": PAGE_SIZE, "include": columns, "fields": "all"}
        return {
            int(task["id"]): set(str(task["predictions_model_versions"] or "").split(",")) - {""}
            for task in self._pages("/api/tasks/", query)
            if not task["total_annotations"] and not task["cancelled_annotations"]
        }

    def model_versions(self, project: int) -> set[str]:
        """Return the versions of a project's suggestions."""
        return set(self.get(f"/api/projects/{project}/model-versions/"))

    def import_suggestions(self, project: int, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Add suggestions, each with its `task`. Raises StudioUnsure if the result is unknown."""
        self._post_once(f"/api/projects/{project}/import/predictions", list(predictions))

    def drop_suggestions(self, project: int, version: str) -> None:
        """Remove a version's suggestions from a project; a repetition changes nothing."""
        self._check_response(
            self._send_repeatable("DELETE", f"/api/projects/{project}/model-versions/", json={"model_version": version})
        )

    def connections(self, kind: Connection, project: int) -> list[dict[str, Any]]:
        """Return a project's backends (`ml`) or `webhooks`."""
        return list(self.get(f"/api/{kind}/", {"project": project}))

    def connect(self, kind: Connection, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Connect a project with a backend, whose `/health` and `/setup` are called at once, or a webhook."""
        return self._post_once(f"/api/{kind}/", dict(settings))

    def disconnect(self, kind: Connection, id: int) -> None:
        """Disconnect a project from a backend or webhook."""
        path = f"/api/{kind}/{id}" if kind == "ml" else f"/api/{kind}/{id}/"  # only webhooks end in a slash
        response = self._send_repeatable("DELETE", path)
        if response.status_code not in (204, 404):
            self._check_response(response)

    def export(self, project: int, tasks: Sequence[int]) -> list[dict[str, Any]]:
        """Return these tasks as raw JSON, the only lossless format. Raises StudioRefused if one is missing."""
        query = {"exportType": "JSON", "download_all_tasks": "true", "ids[]": list(tasks)}
        exported: list[dict[str, Any]] = self.get(f"/api/projects/{project}/export", query)
        if {task["id"] for task in exported} != set(tasks):
            raise StudioRefused(f"{self.url} exported {len(exported)} of {len(tasks)} tasks; run the command again")
        return exported

    def sign_up(self, email: str, password: str) -> bool:
        """Create an account that can sign in; False if the e-mail address has one already.

        This submits the sign-up form of the invitation link, since accounts made with POST /api/users have no
        password (seen on 1.23.2).
        """
        if email.lower() in self.accounts():
            return False
        link = self.get("/api/invite")["invite_url"]
        with httpx.Client(base_url=self.url, timeout=30.0) as form:
            form.get(link)
            fields = {"email": email, "password": password, "allow_newsletters": "false"}
            fields["csrfmiddlewaretoken"] = form.cookies.get("csrftoken") or ""
            response = form.post(link, data=fields, headers={"Referer": self.url + link})
        if response.status_code != 302:
            raise StudioRefused(f"{self.url} made no account for {email}; create it in Label Studio under Organization")
        return True

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Send a GET request, repeated while the server is busy. Raises NoStudio, StudioRefused."""
        return self._check_response(self._send_repeatable("GET", path, params=dict(query or {})))

    def _pages(
        self, path: str, query: Mapping[str, Any], items: str = "tasks", total: str = "total"
    ) -> Iterator[dict[str, Any]]:
        """Return the items of all pages of a list. Raises StudioRefused if it is incomplete."""
        page, seen, expected = 1, 0, 1
        while seen < expected:
            listed = self.get(path, {**query, "page": page})
            page, seen, expected = page + 1, seen + len(listed[items]), int(listed[total])
            if not listed[items] and seen < expected:
                noun = path.strip("/").rpartition("/")[2]
                raise StudioRefused(f"{self.url} listed {seen} of {expected} {noun}; run the command again")
            yield from listed[items]

    def _send_repeatable(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request that may be repeated until it is answered."""
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                response = self._send(method, path, **request)
            except httpx.TransportError as error:
                if last:
                    raise NoStudio(
                        f"{self.url} does not answer ({type(error).__name__}); is it running? slantwise studio status"
                    ) from None
            else:
                if last or response.status_code not in BUSY:
                    return response
                self._wait(response)
                continue
            time.sleep(0.5)
        raise AssertionError("unreachable")

    def _post_once(self, path: str, body: Any, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Send a POST that must not be executed twice; it is repeated only if the server has surely not executed it."""
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                response = self._send("POST", path, json=body, params=dict(query or {}))
            except httpx.ConnectError as error:  # the request never arrived
                if last:
                    raise NoStudio(
                        f"{self.url} does not answer ({error}); is it running? slantwise studio status"
                    ) from None
                time.sleep(0.5)
                continue
            except httpx.TransportError as error:
                raise StudioUnsure(f"{self.url} disconnected ({type(error).__name__}) before it answered") from None
            if response.status_code == 429 and not last:  # refused before it was executed
                self._wait(response)
                continue
            if response.status_code >= 500:
                raise StudioUnsure(f"{self.url} answered {response.status_code} without saying what it had done")
            answer: dict[str, Any] = self._check_response(response)
            return answer
        raise AssertionError("unreachable")

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        response = self._http.request(method, path, headers=self._headers(), **request)
        if response.status_code == 401 and self._personal and self._bearer[0]:  # it has just expired
            self._bearer = ("", 0.0)
            response = self._http.request(method, path, headers=self._headers(), **request)
        return response

    def _headers(self) -> dict[str, str]:
        if not self._personal:
            return {"Authorization": f"Token {self._token}"}
        bearer, until = self._bearer
        if time.monotonic() >= until:
            response = self._http.post("/api/token/refresh/", json={"refresh": self._token})
            if response.status_code != 200:
                raise NoStudio(f"{self.url} refused the personal access token; make a new one under Account & Settings")
            bearer = response.json()["access"]
            self._bearer = (bearer, time.monotonic() + REFRESH)
        return {"Authorization": f"Bearer {bearer}"}

    def _check_response(self, response: httpx.Response) -> Any:
        if response.status_code == 401:
            raise NoStudio(f"{self.url} refused the token; copy it again from Account & Settings in Label Studio")
        if response.status_code >= 400:
            message = " ".join(response.text.split())[:300]
            raise StudioRefused(f"{self.url} answered {response.status_code} to {response.request.url.path}: {message}")
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError:
            raise StudioRefused(f"{self.url} did not answer in JSON; expected the address of a Label Studio") from None

    @staticmethod
    def _wait(response: httpx.Response) -> None:
        seconds = response.headers.get("Retry-After", "")
        time.sleep(min(float(seconds), 30.0) if seconds.isdigit() else 1.0)


@contextmanager
def open_studio(url: str, token: str) -> Iterator[Studio]:
    """Connect to a server and check that it is a Label Studio that accepts the token. Raises NoStudio."""
    with Studio(url, token) as studio:
        try:
            studio.whoami()
        except StudioRefused as error:
            raise NoStudio(f"{error}; expected the address of a Label Studio and one of its tokens") from None
        yield studio
