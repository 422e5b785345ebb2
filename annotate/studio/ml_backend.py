"""The backend that Label Studio calls during coding, for suggestions and to report new answers.

It uses the standard library's HTTP server: five small JSON responses on 127.0.0.1 need no framework.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, Literal
from urllib.parse import quote, unquote

from sqlalchemy import select

from annotate.rounds import shown_suggestions
from annotate.tasks.task import make_prediction
from corpus.annotation import Assignment
from corpus.errors import SlantwiseError
from corpus.study import Study
from corpus.study import database as db

from .push import record_shown_model

MAX_BODY = 32 * 1024 * 1024  # bytes of a body; a page of 100 tasks has about 100,000
TIMEOUT = 30.0  # seconds to wait for the body of a request
HEADER = "X-Slantwise-Secret"

ScoreSpans = Callable[[Sequence[str]], object]  # scores these spans with the current model and stores the suggestions
FetchAnswer = Callable[[str, str, str], None]  # round, coder, span: fetches the answer
Say = Callable[[str], None]
Use = Literal["predict", "webhook"]


class UnknownTask(SlantwiseError):
    """A request about a task that does not belong to the study."""


def password(secret: str, use: Use, coder: str) -> str:
    """Return the password of a coder's project; it is valid for this use and this coder's tasks only.

    Every account can read a webhook's headers (seen on 1.23.2), so the password in them must not give access to
    suggestions.
    """
    return hmac.new(secret.encode(), f"{use}\n{coder}".encode(), hashlib.sha256).hexdigest()


def authorization(secret: str, use: Use, coder: str) -> str:
    """Return the header `Authorization` of requests from a coder's project."""
    return "Basic " + base64.b64encode(f"{quote(coder, safe='')}:{password(secret, use, coder)}".encode()).decode()


def task_assignments(study: Study, places: Sequence[tuple[int, int]], coder: str | None = None) -> list[Assignment]:
    """Return the assignments of Label Studio tasks, each given as (project, task).

    Raises UnknownTask if one does not belong to the study, or to the coder.
    """
    a, t, p = db.assignments.c, db.studio_tasks.c, db.studio_projects.c
    query = (
        select(a.round, a.span, a.coder, a.arm, a.probability, p.project, t.task)
        .join(db.studio_tasks, (t.round == a.round) & (t.span == a.span) & (t.coder == a.coder))
        .join(db.studio_projects, (p.round == a.round) & (p.coder == a.coder))
        .where(t.task.in_({task for _, task in places}), p.project.in_({project for project, _ in places}))
    )
    if coder is not None:
        query = query.where(a.coder == coder)
    assignments: dict[tuple[int, int], list[Assignment]] = {}
    with study.store.reading() as connection:
        for *columns, project, task in connection.execute(query):
            assignments.setdefault((project, task), []).append(Assignment(*columns))
    for project, task in places:
        if len(assignments.get((project, task), [])) != 1:  # two: ids of separate servers, so the coder is needed
            raise UnknownTask(f"task {task} of project {project} is not one of this study; nothing was sent")
    return [assignments[place][0] for place in places]


def predict(
    study: Study, tasks: Sequence[Mapping[str, Any]], score: ScoreSpans | None, coder: str | None = None
) -> list[Any]:
    """Return a prediction for each task, or an empty list if its assignment is blind.

    Spans without a stored suggestion of the current model are scored first. The model shown is recorded in the store.
    Raises UnknownTask if a task does not belong to the study (or to the coder).
    """
    try:
        places = [(int(task["project"]), int(task["id"])) for task in tasks]
        spans = [str(task["data"]["sw_span"]) for task in tasks]
    except (KeyError, TypeError, ValueError):
        raise UnknownTask("expected tasks with project, id and sw_span; nothing was sent") from None
    assignments = task_assignments(study, places, coder)
    if changed := [id for (_, id), one, span in zip(places, assignments, spans, strict=True) if one.span != span]:
        raise UnknownTask(f"task {changed[0]} differs from the one that was sent to Label Studio; nothing was sent")
    assisted_spans = list(dict.fromkeys(one.span for one in assignments if one.arm == "assisted"))
    suggestions = shown_suggestions.suggestions(study, assisted_spans)
    if score is not None and (missing := [span for span in assisted_spans if span not in suggestions]):
        score(missing)
        suggestions |= shown_suggestions.suggestions(study, missing)
    suggested = {one for one in assignments if one.arm == "assisted" and one.span in suggestions}
    record_shown_model(study, suggested, shown_suggestions.model_version(study))
    return [make_prediction(study.codebook, suggestions[one.span]) if one in suggested else [] for one in assignments]


class Backend(ThreadingHTTPServer):
    """The HTTP server; `fetch` is called in a separate thread, one answer after the other."""

    daemon_threads = True

    def __init__(
        self, study: Study, secret: str, *, port: int, score: ScoreSpans | None, fetch: FetchAnswer | None = None,
        say: Say = lambda line: None,
    ) -> None:  # fmt: skip
        self.study, self.secret, self.fetch, self.say = study, secret, fetch, say
        self.score = _one_at_a_time(score) if score else None
        self.answered: Queue[tuple[str, str, str] | None] = Queue()
        super().__init__(("127.0.0.1", port), _Handler)
        self._fetching = threading.Thread(target=self._fetch_answers, daemon=True)
        self._fetching.start()

    @property
    def url(self) -> str:
        """The address for Label Studio."""
        return f"http://127.0.0.1:{self.server_port}"

    def server_close(self) -> None:
        """Close the server after the last answers are fetched."""
        super().server_close()
        self.answered.put(None)
        self._fetching.join(timeout=TIMEOUT)

    def _fetch_answers(self) -> None:
        while (answer := self.answered.get()) is not None:
            try:
                if self.fetch is not None:
                    self.fetch(*answer)
                    self.say(f"fetched {' '.join(answer)}")
            except SlantwiseError as error:  # the next `pull` fetches it
                self.say(f"not fetched: {' '.join(answer)}: {error}")


def _one_at_a_time(score: ScoreSpans) -> ScoreSpans:
    lock = threading.Lock()

    def scored(spans: Sequence[str]) -> object:
        with lock:
            return score(spans)

    return scored


class _Handler(BaseHTTPRequestHandler):
    """Handles one request. Bodies are never logged: they contain texts, answers or (`/setup`) the owner's token."""

    server: Backend
    protocol_version = "HTTP/1.1"
    server_version = "slantwise"
    sys_version = ""
    timeout = TIMEOUT
    disable_nagle_algorithm = True  # without it the answer's body waits 40 ms for the header's acknowledgement

    def do_GET(self) -> None:
        if self.path.rstrip("/") in ("", "/health"):
            return self._answer(200, {"status": "UP", "model_class": "slantwise"})
        return self._answer(404, {"error": "expected /health, /setup, /predict or /webhook"})

    def do_POST(self) -> None:
        started = time.perf_counter()
        verbs = {"/setup": self._setup, "/predict": self._predict, "/webhook": self._webhook}
        path = self.path.rstrip("/")
        try:
            body = self._body()
            if path not in verbs:
                return self._answer(404, {"error": "expected /health, /setup, /predict or /webhook"})
            self._check("webhook" if path == "/webhook" else "predict")
            status, answer = verbs[path](body)
        except _Refused as refused:
            status, answer = refused.status, {"error": refused.why}
        except UnknownTask as error:
            status, answer = 403, {"error": str(error)}
        except SlantwiseError as error:
            status, answer = 503, {"error": str(error)}
        except Exception as error:  # a bug; its message could quote a body
            status, answer = 500, {"error": f"internal error of Slantwise ({type(error).__name__})"}
        self._answer(status, answer)
        n = len(answer.get("results", [])) if status == 200 else 0
        done = f"{1000 * (time.perf_counter() - started):.0f} ms"
        self.server.say(f"{path[:20]} {status}, {f'{n} tasks, ' if n else ''}{done}")

    def _setup(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        project = str(body.get("project", "")).partition(".")[0]
        p = db.studio_projects.c
        query = select(p.project).where(p.project == (int(project) if project.isdigit() else -1))
        if self.coder is not None:
            query = query.where(p.coder == self.coder)
        with self.server.study.store.reading() as connection:
            if connection.execute(query).first() is None:
                raise UnknownTask(f"project {project[:20] or '(none)'} does not belong to this study")
        return 200, {"model_version": shown_suggestions.model_version(self.server.study)}

    def _predict(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        tasks = body.get("tasks")
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            raise _Refused(400, 'expected {"tasks": [{"id", "project", "data"}, …]}')
        return 200, {"results": predict(self.server.study, tasks, self.server.score, self.coder)}

    def _webhook(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = body.get("annotation")
        if str(body.get("action")) not in ("ANNOTATION_CREATED", "ANNOTATION_UPDATED") or not isinstance(answer, dict):
            return 200, {"taken": False}
        try:
            project, task = int(answer["project"]), int(answer["task"])
        except (KeyError, TypeError, ValueError):
            raise _Refused(400, "expected an annotation with its project and task") from None
        (assignment,) = task_assignments(self.server.study, [(project, task)], self.coder)
        # fetched later in another thread: the coder is waiting for this response, and the body is not trusted
        self.server.answered.put((assignment.round, assignment.coder, assignment.span))
        return 202, {"taken": True}

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.close_connection = True
            raise _Refused(
                413 if length.isdigit() else 411, f"expected a body of at most {MAX_BODY} bytes, and its length"
            )
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
        except (ValueError, RecursionError):
            raise _Refused(400, "expected JSON") from None
        if not isinstance(body, dict):
            raise _Refused(400, "expected a JSON object")
        return body

    def _check(self, use: Use) -> None:
        """Check the caller: a coder's project with its password, or the study's owner with the secret itself."""
        self.coder: str | None = None
        if hmac.compare_digest(self.headers.get(HEADER, "").encode(), self.server.secret.encode()):
            return
        kind, _, encoded = self.headers.get("Authorization", "").partition(" ")
        try:
            name, _, password_given = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            name, password_given = "", ""
        coder = unquote(name)
        if kind != "Basic" or not hmac.compare_digest(
            password_given.encode(), password(self.server.secret, use, coder).encode()
        ):
            raise _Refused(401, "the secret is missing or wrong")
        self.coder = coder

    def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
        body = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing: the standard library would write to standard error."""


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why
