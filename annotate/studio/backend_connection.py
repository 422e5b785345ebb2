"""Connect: where the study's backend listens and with which secret, and which projects in Label Studio call it."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from annotate.rounds import shown_suggestions
from corpus.annotation import Round
from corpus.study import Study
from corpus.study import database as db

from .accounts import local_servers
from .client import Connection, Studio
from .ml_backend import authorization, password
from .server import write_private

FIRST_PORT = 9095  # 9090 is what Label Studio's own examples use
OWNER_TAG = "X-Slantwise"  # in a webhook's headers, and in a backend's description: this one is ours


def backend_secret(study: Study, port: int | None = None) -> str:
    """Return the backend's secret, made at first use; with a port, remember that it listens there."""
    file = local_servers(study).folder / "backend.json"
    known = _read_settings(study)
    kept = {"secret": known.get("secret") or secrets.token_urlsafe(32), "port": port or known.get("port")}
    if kept != known:
        write_private(file, json.dumps(kept))
    return str(kept["secret"])


def backend_port(study: Study) -> int:
    """Return the port on which the backend listened last."""
    return int(_read_settings(study).get("port") or FIRST_PORT)


def running_backend(study: Study) -> str | None:
    """Return the address of the study's backend where it answers."""
    if not _read_settings(study).get("port"):
        return None
    url = f"http://127.0.0.1:{backend_port(study)}"
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310 - http, our own address
            return url if json.load(answer).get("model_class") == "slantwise" else None
    except (urllib.error.URLError, OSError, ValueError):
        return None


def connect(study: Study, round: Round, coder: str, studio: Studio, url: str) -> None:
    """Have a coder's project call the backend: for suggestions where some are assisted, and when somebody has answered.

    Label Studio tries the backend at once. Raises StudioRefused where it cannot reach it.
    """
    disconnect(study, round, coder, studio)
    project, key = _project(study, round, coder), backend_secret(study)
    if project is None:
        return
    hook: dict[str, Any] = {  # first: with the backend Label Studio makes one of its own, for everything, where none is
        "project": project, "url": f"{url}/webhook", "send_payload": True, "send_for_all_actions": False,
        "actions": ["ANNOTATION_CREATED", "ANNOTATION_UPDATED"],
        "headers": {"Authorization": authorization(key, "webhook", coder), OWNER_TAG: "webhook"},
    }  # fmt: skip
    studio.connect("webhooks", hook)
    if round.assisted:
        version = shown_suggestions.model_version(study)
        backend = {
            "project": project, "url": url, "title": version, "description": OWNER_TAG, "auth_method": "BASIC_AUTH",
            "basic_auth_user": quote(coder, safe=""), "basic_auth_pass": password(key, "predict", coder),
        }  # fmt: skip
        studio.connect("ml", backend)
        studio.change_project(project, {"model_version": version})  # only where both agree is the backend asked


def disconnect(study: Study, round: Round, coder: str, studio: Studio) -> None:
    """Have a coder's project no longer call the backend; suggestions that came with the tasks show again."""
    project = _project(study, round, coder)
    if project is None:
        return
    kinds: tuple[Connection, Connection] = ("ml", "webhooks")
    for kind in kinds:
        for one in studio.connections(kind, project):
            if one.get("description") == OWNER_TAG or OWNER_TAG in (one.get("headers") or {}):
                studio.disconnect(kind, one["id"])
    if round.assisted and (version := shown_suggestions.model_version(study)) in studio.model_versions(project):
        studio.change_project(project, {"model_version": version})  # with its backend Label Studio forgets the version


def _project(study: Study, round: Round, coder: str) -> int | None:
    p = db.studio_projects.c
    with study.store.reading() as connection:
        return connection.execute(select(p.project).where(p.round == round.name, p.coder == coder)).scalar()


def _read_settings(study: Study) -> dict[str, Any]:
    file = local_servers(study).folder / "backend.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
