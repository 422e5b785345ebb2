"""Label Studio over HTTP: the only file that speaks to an annotation server.

It speaks HTTP itself and not through label_studio_sdk 2.1.2, which would lose or double what this tool must not: the
SDK repeats a POST after a 5xx, so that an import takes place twice; its pager takes a 404 for the end of the list; and
to import it takes more than a second. The requests below are few, and each says when it may be repeated.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import httpx

from corpus.errors import NoStudio, StudioRefused, StudioUnsure

TRIES = 5  # of a request that may be repeated; with the waits below, half a minute
PAGE_SIZE = 500  # tasks a page: 1,400 a second where only data is asked for
REFRESH = 240  # seconds; a bearer made from a personal access token lives five minutes
Connection = Literal["ml", "webhooks"]
BUSY = (429, 502, 503, 504)


class Studio:
    """A signed-in connection to one Label Studio; use it as a context or call `close`."""

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
        """Let go of the connection."""
        self._http.close()

    def version(self) -> str:
        """Return the server's version, such as 1.23.2."""
        return str(self.get("/api/version").get("release", "unknown"))

    def whoami(self) -> dict[str, Any]:
        """Return the account that the token belongs to: `id, email, …`. Raises NoStudio where it is refused."""
        found: dict[str, Any] = self.get("/api/current-user/whoami")
        return found

    def accounts(self) -> dict[str, int]:
        """Return every account's id by its email."""
        return {str(user["email"]).lower(): int(user["id"]) for user in self.get("/api/users/")}

    def projects(self) -> Iterator[dict[str, Any]]:
        """Return every project. Raises StudioRefused where the list comes incomplete."""
        page, seen, total = 1, 0, 1
        while seen < total:
            found = self.get("/api/projects/", {"page": page, "page_size": 100})
            page, seen, total = page + 1, seen + len(found["results"]), int(found["count"])
            if not found["results"] and seen < total:
                raise StudioRefused(f"{self.url} listed {seen} of {total} projects; run the command again")
            yield from found["results"]

    def project(self, project: int) -> dict[str, Any] | None:
        """Return a project, or None where there is none (any more)."""
        response = self._send_repeatable("GET", f"/api/projects/{project}/")
        return None if response.status_code == 404 else self._check_response(response)

    def make_project(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Make a project. Raises StudioUnsure where nobody knows whether it was made."""
        made: dict[str, Any] = self._post_once("/api/projects/", dict(settings))
        return made

    def change_project(self, project: int, settings: Mapping[str, Any]) -> None:
        """Change a project's settings; doing it twice changes nothing."""
        self._check_response(self._send_repeatable("PATCH", f"/api/projects/{project}/", json=dict(settings)))

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Import tasks in one request and return their ids. Raises StudioUnsure where nobody knows."""
        made = self._post_once(f"/api/projects/{project}/import", list(tasks), {"return_task_ids": "true"})
        if made.get("task_count") != len(tasks):
            raise StudioUnsure(f"{self.url} took {made.get('task_count')} of {len(tasks)} tasks")
        return list(made.get("task_ids", []))

    def tasks(self, project: int) -> Iterator[dict[str, Any]]:
        """Return `id, data` of every task of a project. Raises StudioRefused where the list comes incomplete."""
        page, seen, total = 1, 0, 1
        while seen < total:
            query = {"project": project, "page": page, "page_size": PAGE_SIZE, "include": "id,data"}
            found = self.get("/api/tasks/", query)
            page, seen, total = page + 1, seen + len(found["tasks"]), int(found["total"])
            if not found["tasks"] and seen < total:
                raise StudioRefused(f"{self.url} listed {seen} of {total} tasks; run the command again")
            yield from found["tasks"]

    def change_task(self, task: int, data: Mapping[str, Any]) -> None:
        """Change what a task shows; doing it twice changes nothing."""
        self._check_response(self._send_repeatable("PATCH", f"/api/tasks/{task}/", json={"data": dict(data)}))

    def suggestion_versions(self, project: int) -> dict[int, set[str]]:
        """Return by task, of those without an answer, the versions of the suggestions that lie on it."""
        columns = "id,predictions_model_versions,total_annotations,cancelled_annotations"
        query = {"project": project, "page_size": PAGE_SIZE, "include": columns, "fields": "all"}
        found: dict[int, set[str]] = {}
        page, seen, total = 1, 0, 1
        while seen < total:
            listed = self.get("/api/tasks/", {**query, "page": page})
            page, seen, total = page + 1, seen + len(listed["tasks"]), int(listed["total"])
            for task in listed["tasks"]:
                if not task["total_annotations"] and not task["cancelled_annotations"]:
                    found[int(task["id"])] = set(str(task["predictions_model_versions"] or "").split(",")) - {""}
            if not listed["tasks"] and seen < total:
                raise StudioRefused(f"{self.url} listed {seen} of {total} tasks; run the command again")
        return found

    def model_versions(self, project: int) -> set[str]:
        """Return the versions of a project's suggestions."""
        return set(self.get(f"/api/projects/{project}/model-versions/"))

    def import_suggestions(self, project: int, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Put suggestions, each with its `task`, on tasks. Raises StudioUnsure where nobody knows."""
        self._post_once(f"/api/projects/{project}/import/predictions", list(predictions))

    def drop_suggestions(self, project: int, version: str) -> None:
        """Remove a version's suggestions from a project; doing it twice changes nothing."""
        self._check_response(
            self._send_repeatable("DELETE", f"/api/projects/{project}/model-versions/", json={"model_version": version})
        )

    def connections(self, kind: Connection, project: int) -> list[dict[str, Any]]:
        """Return the backends (`ml`) or `webhooks` that a project calls."""
        return list(self.get(f"/api/{kind}/", {"project": project}))

    def connect(self, kind: Connection, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Have a project call a backend, whose `/health` and `/setup` it tries at once, or a webhook."""
        made: dict[str, Any] = self._post_once(f"/api/{kind}/", dict(settings))
        return made

    def disconnect(self, kind: Connection, id: int) -> None:
        """Have a project no longer call a backend or webhook."""
        path = f"/api/{kind}/{id}" if kind == "ml" else f"/api/{kind}/{id}/"  # the server's own two habits
        response = self._send_repeatable("DELETE", path)
        if response.status_code not in (204, 404):
            self._check_response(response)

    def export(self, project: int, tasks: Sequence[int]) -> list[dict[str, Any]]:
        """Return these tasks as raw JSON, which alone is lossless. Raises StudioRefused where one is missing."""
        query = {"exportType": "JSON", "download_all_tasks": "true", "ids[]": list(tasks)}
        found: list[dict[str, Any]] = self.get(f"/api/projects/{project}/export", query)
        if {one["id"] for one in found} != set(tasks):
            raise StudioRefused(f"{self.url} exported {len(found)} of {len(tasks)} tasks; run the command again")
        return found

    def sign_up(self, email: str, password: str) -> bool:
        """Make an account that can sign in; False where the email has one already.

        The server's own form is filled in, by its invitation link: an account made with POST /api/users has no
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
            raise StudioRefused(f"{self.url} made no account for {email}; make it in Label Studio, under Organization")
        return True

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Read something; repeated while the server is busy. Raises NoStudio, StudioRefused."""
        return self._check_response(self._send_repeatable("GET", path, params=dict(query or {})))

    def _send_repeatable(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send a request that may be repeated, until it is answered."""
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

    def _post_once(self, path: str, body: Any, query: Mapping[str, str] | None = None) -> Any:
        """Send a POST that must not take place twice; only what the server surely did not do is sent again."""
        for last in (False,) * (TRIES - 1) + (True,):
            try:
                response = self._send("POST", path, json=body, params=dict(query or {}))
            except httpx.ConnectError as error:  # it never arrived
                if last:
                    raise NoStudio(
                        f"{self.url} does not answer ({error}); is it running? slantwise studio status"
                    ) from None
                time.sleep(0.5)
                continue
            except httpx.TransportError as error:
                raise StudioUnsure(f"{self.url} broke off ({type(error).__name__}) before it answered") from None
            if response.status_code == 429 and not last:  # refused before anything was done
                self._wait(response)
                continue
            if response.status_code >= 500:
                raise StudioUnsure(f"{self.url} answered {response.status_code} and did not say what it had done")
            return self._check_response(response)
        raise AssertionError("unreachable")

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        response = self._http.request(method, path, headers=self._headers(), **request)
        if response.status_code == 401 and self._personal and self._bearer[0]:  # it expired on the way
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
            said = " ".join(response.text.split())[:300]
            raise StudioRefused(f"{self.url} answered {response.status_code} to {response.request.url.path}: {said}")
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError:
            raise StudioRefused(f"{self.url} answered no JSON; is that a Label Studio? expected its address") from None

    @staticmethod
    def _wait(response: httpx.Response) -> None:
        said = response.headers.get("Retry-After", "")
        time.sleep(min(float(said), 30.0) if said.isdigit() else 1.0)


@contextmanager
def open_studio(url: str, token: str) -> Iterator[Studio]:
    """Sign in to a server and check that it is a Label Studio that knows the token. Raises NoStudio."""
    with Studio(url, token) as studio:
        try:
            studio.whoami()
        except StudioRefused as error:
            raise NoStudio(f"{error}; expected the address of a Label Studio and a token of it") from None
        yield studio
