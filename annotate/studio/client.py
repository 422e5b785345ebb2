"""The calls of Label Studio's SDK that we use, each by whether it may be repeated; nothing else sends requests to it.

Except for the check whether a server of the study has started (`server.py`). Importing this file takes a second, as
long as the SDK does, so `accounts.sign_in` alone imports it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.projects.client_ext import ProjectExt
from label_studio_sdk.types import LseTask, MlBackend, Webhook, WhoAmIUser

from corpus.errors import NoStudio, StudioRefused, StudioUnsure

from .connection import Connection, Request

PAGE_SIZE = 500  # tasks per page: 1,400 a second if only their data is requested


class Studio(Connection):
    """The projects, tasks, accounts and suggestions of one Label Studio."""

    def version(self) -> str:
        """Return the server's version, such as 1.23.2."""
        return str(self.repeat("name its version", lambda sdk: sdk.versions.get().release))

    def whoami(self) -> WhoAmIUser:
        """Return the account to which the token belongs."""
        try:
            account: WhoAmIUser = self.repeat("name the account", lambda sdk: sdk.users.whoami())
        except TypeError:  # what the SDK makes of JSON of another shape
            raise StudioRefused(f"{self.url} did not name the account") from None
        if not isinstance(getattr(account, "id", None), int):
            raise StudioRefused(f"{self.url} did not name the account")
        return account

    def accounts(self) -> dict[str, int]:
        """Return the ids of all accounts by e-mail address."""
        users = self.repeat("list its accounts", lambda sdk: sdk.users.list())
        return {str(user.email).lower(): int(user.id or 0) for user in users}

    def projects(self) -> Iterator[Any]:
        """Yield the `id` and `description` of every project. Raises StudioRefused if the list is incomplete."""

        def ask(page: int, sdk: LabelStudio) -> tuple[list[Any], int]:
            listed = sdk.projects.list(page=page, page_size=100, include="id,description").response
            return listed.results, listed.count

        return self.pages("projects", ask)

    def project(self, project: int) -> ProjectExt | None:
        """Return a project, or None if it does not exist (any more)."""

        def ask(sdk: LabelStudio) -> ProjectExt | None:
            try:
                return sdk.projects.get(project)
            except ApiError as error:
                if error.status_code == 404:
                    return None
                raise

        return self.repeat("show a project", ask)

    def make_project(self, settings: Mapping[str, Any]) -> int:
        """Create a project and return its id. Raises StudioUnsure if it is unknown whether it was created."""
        return int(self.once("create a project", lambda sdk: sdk.projects.create(**settings)).id or 0)

    def change_project(self, project: int, settings: Mapping[str, Any]) -> None:
        """Change a project's settings; a repetition changes nothing."""
        self.repeat("change a project", lambda sdk: sdk.projects.update(project, **settings))

    def import_tasks(self, project: int, tasks: Sequence[Mapping[str, Any]]) -> list[int]:
        """Import tasks in one request and return their ids. Raises StudioUnsure if the result is unknown."""
        request: Any = list(tasks)
        answer: Any = self.once(
            "import tasks", lambda sdk: sdk.projects.import_tasks(project, request=request, return_task_ids=True)
        )
        if answer.task_count != len(tasks):
            raise StudioUnsure(f"{self.url} imported {answer.task_count} of {len(tasks)} tasks")
        return list(answer.task_ids or ())

    def tasks(self, project: int) -> Iterator[LseTask]:
        """Yield the `id` and `data` of every task of a project. Raises StudioRefused if the list is incomplete."""
        return self._list_tasks(project, "id,data", "task_only")

    def change_task(self, task: int, data: Mapping[str, Any]) -> None:
        """Change a task's data; a repetition changes nothing."""
        self.repeat("change a task", lambda sdk: sdk.tasks.update(str(task), data=dict(data)))

    def suggestion_versions(self, project: int) -> dict[int, set[str]]:
        """Return the versions of the suggestions of each task without an answer."""
        columns = "id,predictions_model_versions,total_annotations,cancelled_annotations"
        return {
            int(task.id or 0): set(str(task.predictions_model_versions or "").split(",")) - {""}
            for task in self._list_tasks(project, columns, "all")
            if not task.total_annotations and not task.cancelled_annotations
        }

    def model_versions(self, project: int) -> set[str]:
        """Return the versions of a project's suggestions."""
        return set(self._model_versions(project, "GET").json())

    def import_suggestions(self, project: int, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Add suggestions, each with its `task`. Raises StudioUnsure if the result is unknown."""
        request: Any = list(predictions)
        self.once("import suggestions", lambda sdk: sdk.projects.import_predictions(project, request=request))

    def drop_suggestions(self, project: int, version: str) -> None:
        """Remove a version's suggestions from a project; a repetition changes nothing."""
        self._model_versions(project, "DELETE", {"model_version": version})

    def backends(self, project: int) -> list[MlBackend]:
        """Return the backends to which a project is connected."""
        return self.repeat("list the backends", lambda sdk: sdk.ml.list(project=project))

    def add_backend(self, project: int, settings: Mapping[str, Any]) -> None:
        """Connect a project to a backend, whose `/health` and `/setup` are called at once."""
        self.once("connect a backend", lambda sdk: sdk.ml.create(project=project, **settings))

    def remove_backend(self, id: int) -> None:
        """Disconnect a project from a backend; a repetition changes nothing."""
        self.repeat("disconnect a backend", _unless_gone(lambda sdk: sdk.ml.delete(id)))

    def webhooks(self, project: int) -> list[Webhook]:
        """Return a project's webhooks."""
        return self.repeat("list the webhooks", lambda sdk: sdk.webhooks.list(project=str(project)))

    def add_webhook(self, project: int, settings: Mapping[str, Any]) -> None:
        """Add a webhook to a project."""
        self.once("add a webhook", lambda sdk: sdk.webhooks.create(project=project, **settings))

    def remove_webhook(self, id: int) -> None:
        """Remove a webhook; a repetition changes nothing."""
        self.repeat("remove a webhook", _unless_gone(lambda sdk: sdk.webhooks.delete(id)))

    def export(self, project: int, tasks: Sequence[int]) -> list[dict[str, Any]]:
        """Return these tasks as raw JSON, the only lossless format. Raises StudioRefused if one is missing."""

        def ask(sdk: LabelStudio) -> bytes:
            only = {"ids[]": list(tasks)}  # the server does not read the argument `ids`, and would return all tasks
            parts = sdk.projects.exports.download_sync(
                project, download_all_tasks=True, request_options={"additional_query_parameters": only}
            )
            return b"".join(parts)

        try:
            exported: list[dict[str, Any]] = json.loads(self.repeat("export tasks", ask))
        except ValueError:
            raise StudioRefused(f"{self.url} exported no JSON; run the command again") from None
        if {task["id"] for task in exported} != set(tasks):
            raise StudioRefused(f"{self.url} exported {len(exported)} of {len(tasks)} tasks; run the command again")
        return exported

    def sign_up(self, email: str, password: str) -> bool:
        """Create an account that can sign in; False if the e-mail address has one already.

        This submits the sign-up form of the invitation link, for which the SDK has no call, without the owner's token:
        accounts made with POST /api/users have no password (seen on 1.23.2).
        """
        if email.lower() in self.accounts():
            return False
        invite = self.repeat("invite an account", lambda sdk: sdk.organizations.invites.get_invite_link())
        link = str(invite.invite_url)
        try:
            with httpx.Client(base_url=self.url, timeout=30.0) as form:
                form.get(link)
                fields = {"email": email, "password": password, "allow_newsletters": "false"}
                fields["csrfmiddlewaretoken"] = form.cookies.get("csrftoken") or ""
                response = form.post(link, data=fields, headers={"Referer": self.url + link})
        except httpx.RequestError as error:
            raise self.no_answer(error) from None
        if response.status_code != 302:
            raise StudioRefused(f"{self.url} made no account for {email}; create it in Label Studio under Organization")
        return True

    def _list_tasks(self, project: int, columns: str, fields: str) -> Iterator[LseTask]:
        def ask(page: int, sdk: LabelStudio) -> tuple[list[Any], int]:
            listed = sdk.tasks.list(
                project=project, page=page, page_size=PAGE_SIZE, include=columns, fields=fields
            ).response
            return listed.tasks, listed.total

        return self.pages("tasks", ask)

    def _model_versions(self, project: int, method: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        """Send a request about the versions of a project's suggestions, for which the SDK has no call."""

        def ask(sdk: LabelStudio) -> httpx.Response:
            path = f"api/projects/{project}/model-versions/"
            response = sdk._client_wrapper.httpx_client.request(path, method=method, json=body)
            if response.status_code >= 300:
                raise ApiError(status_code=response.status_code, headers=dict(response.headers), body=response.text)
            return response

        return self.repeat("manage its suggestions", ask)


def _unless_gone(request: Request[object]) -> Request[None]:
    """Return a request that accepts a 404, as the repetition of a removal gets."""

    def ask(sdk: LabelStudio) -> None:
        try:
            request(sdk)
        except ApiError as error:
            if error.status_code != 404:
                raise

    return ask


@contextmanager
def open_studio(url: str, token: str) -> Iterator[Studio]:
    """Connect to a server and check that it is a Label Studio that accepts the token. Raises NoStudio."""
    with Studio(url, token) as studio:
        try:
            studio.whoami()
        except StudioRefused as error:
            raise NoStudio(f"{error}; expected the address of a Label Studio and one of its tokens") from None
        yield studio
