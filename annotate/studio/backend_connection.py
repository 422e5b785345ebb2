"""Connect the coders' projects in Label Studio with the study's backend, and store its port and secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from annotate.rounds import shown_suggestions
from corpus.annotation import Round
from corpus.study import Study
from corpus.study.files import write_whole

from .accounts import local_servers
from .push import project_id

if TYPE_CHECKING:
    from .client import Studio

FIRST_PORT = 9095  # 9090 is what Label Studio's own examples use
OWNER_TAG = "X-Slantwise"  # marks our own webhooks (in their headers) and backends (in their description)

Use = Literal["predict", "webhook"]


@dataclass(frozen=True)
class BackendSettings:
    """The secret and the port of a study's backend, None before its first use."""

    secret: str | None = None
    port: int | None = None


def password(secret: str, use: Use, coder: str) -> str:
    """Return the password of a coder's project; it is valid for this use and this coder's tasks only.

    Every account can read a webhook's headers (seen on 1.23.2), so the password in them must not give access to
    suggestions.
    """
    return hmac.new(secret.encode(), f"{use}\n{coder}".encode(), hashlib.sha256).hexdigest()


def authorization(secret: str, use: Use, coder: str) -> str:
    """Return the header `Authorization` of requests from a coder's project."""
    return "Basic " + base64.b64encode(f"{quote(coder, safe='')}:{password(secret, use, coder)}".encode()).decode()


def backend_secret(study: Study, port: int | None = None) -> str:
    """Return the backend's secret, created at first use; store the port if given."""
    stored = _read_settings(study)
    secret = stored.secret or secrets.token_urlsafe(32)
    settings = BackendSettings(secret, port or stored.port)
    if settings != stored:
        write_whole(_settings_file(study), json.dumps(asdict(settings)), private=True)
    return secret


def backend_port(study: Study) -> int:
    """Return the port that the backend used last."""
    return _read_settings(study).port or FIRST_PORT


def running_backend(study: Study) -> str | None:
    """Return the address of the study's backend if it answers, else None."""
    if not _read_settings(study).port:
        return None
    url = f"http://127.0.0.1:{backend_port(study)}"
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310 - http, our own address
            return url if json.load(answer).get("model_class") == "slantwise" else None
    except (urllib.error.URLError, OSError, ValueError):
        return None


def connect(study: Study, round: Round, coder: str, studio: Studio, url: str) -> None:
    """Connect a coder's project with the backend: a webhook for answers and, in assisted rounds, suggestions.

    Label Studio checks the backend at once. Raises StudioRefused if it cannot reach it.
    """
    disconnect(study, round, coder, studio)
    project, key = project_id(study, round.name, coder), backend_secret(study)
    if project is None:
        return
    # the webhook must come first: connecting a backend creates a webhook for all events if there is none
    webhook: dict[str, Any] = {
        "url": f"{url}/webhook", "send_payload": True, "send_for_all_actions": False,
        "actions": ["ANNOTATION_CREATED", "ANNOTATION_UPDATED"],
        "headers": {"Authorization": authorization(key, "webhook", coder), OWNER_TAG: "webhook"},
    }  # fmt: skip
    studio.add_webhook(project, webhook)
    if round.assisted:
        version = shown_suggestions.model_version(study)
        backend = {
            "url": url, "title": version, "description": OWNER_TAG, "auth_method": "BASIC_AUTH",
            "basic_auth_user": quote(coder, safe=""), "basic_auth_pass": password(key, "predict", coder),
        }  # fmt: skip
        studio.add_backend(project, backend)
        studio.change_project(project, {"model_version": version})  # the backend is asked only if both versions agree


def disconnect(study: Study, round: Round, coder: str, studio: Studio) -> None:
    """Disconnect a coder's project from the backend; suggestions sent with the tasks are shown again."""
    project = project_id(study, round.name, coder)
    if project is None:
        return
    for backend in studio.backends(project):
        if backend.description == OWNER_TAG:
            studio.remove_backend(int(backend.id or 0))
    for webhook in studio.webhooks(project):
        if OWNER_TAG in (webhook.headers or {}):
            studio.remove_webhook(int(webhook.id or 0))
    if round.assisted and (version := shown_suggestions.model_version(study)) in studio.model_versions(project):
        studio.change_project(project, {"model_version": version})  # Label Studio deletes it with the backend


def _settings_file(study: Study) -> Path:
    return local_servers(study).folder / "backend.json"


def _read_settings(study: Study) -> BackendSettings:
    try:
        stored = BackendSettings(**json.loads(_settings_file(study).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, RecursionError):  # none yet, or damaged
        return BackendSettings()
    secret = stored.secret if isinstance(stored.secret, str) and len(stored.secret) >= 32 else None
    return BackendSettings(secret, stored.port if stored.port in range(1, 65536) else None)
