"""The backend that Label Studio calls during coding, for suggestions and to report new answers.

It uses the standard library's HTTP server: five small JSON responses on 127.0.0.1 need no framework.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select

from annotate.rounds import shown_suggestions
from annotate.tasks.task import make_prediction
from corpus.errors import SlantwiseError
from corpus.study import Study
from corpus.study import database as db

from .backend_connection import Use, password
from .pull import UnknownTask, task_assignments
from .push import record_shown_model

MAX_BODY = 8 * 1024 * 1024  # bytes of a body; a page of 100 tasks has about 100,000
MAX_HEADERS = 64 * 1024  # bytes of a request before its body
MAX_CONNECTIONS = 64  # at once; each coder has one or two
TIMEOUT = 15.0  # seconds for a whole request's headers, for its body, and for the answer to be read
HEADER = "X-Slantwise-Secret"

ScoreSpans = Callable[[Sequence[str]], object]  # scores these spans with the current model and stores the suggestions
FetchAnswer = Callable[[str, str, str], None]  # round, coder, span: fetches the answer
Say = Callable[[str], None]


class BadRequest(SlantwiseError):
    """A request that is not made as Label Studio makes them."""


def predict(
    study: Study, tasks: Sequence[Mapping[str, Any]], score: ScoreSpans | None, coder: str | None = None
) -> list[Any]:
    """Return a prediction for each task, or an empty list if its assignment is blind.

    Spans without a stored suggestion of the current model are scored first. The model shown is recorded in the store.
    Raises UnknownTask if a task does not belong to the study (or to the coder), BadRequest if it lacks a number.
    """
    try:
        places = [(_number(task["project"]), _number(task["id"])) for task in tasks]
        spans = [str(task["data"]["sw_span"]) for task in tasks]
    except (KeyError, TypeError):
        raise BadRequest("expected tasks with project, id and sw_span; nothing was sent") from None
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


def _number(value: object) -> int:
    """Return the number of a task or project. Raises BadRequest if a database cannot hold it."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("expected the number of a project or task; nothing was sent")
    return int(text)


class Backend(ThreadingHTTPServer):
    """The HTTP server; `fetch` is called in a separate thread, one answer after the other."""

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(
        self, study: Study, secret: str, *, port: int, score: ScoreSpans | None, fetch: FetchAnswer | None = None,
        say: Say = lambda line: None,
    ) -> None:  # fmt: skip
        self.study, self.secret, self.fetch, self.say = study, secret, fetch, say
        self.score = _one_at_a_time(score) if score else None
        self.answered: Queue[tuple[str, str, str] | None] = Queue()
        self._free = threading.Semaphore(MAX_CONNECTIONS)
        self._fetching = threading.Thread(target=self._fetch_answers, daemon=True)
        super().__init__(("127.0.0.1", port), _Handler)  # which closes the server where the port is in use
        self._fetching.start()

    @property
    def url(self) -> str:
        """The address for Label Studio."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in a thread; one too many is closed with a word."""
        if not self._free.acquire(blocking=False):
            with suppress(OSError):
                request.settimeout(1.0)
                request.sendall(b"HTTP/1.1 503 Too many connections\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return self.shutdown_request(request)
        return super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Handle a connection, and let the next one in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report nothing: callers may close a connection at any time."""

    def server_close(self) -> None:
        """Close the server after the last answers are fetched."""
        super().server_close()
        self.answered.put(None)
        if self._fetching.ident is not None:
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


class _TimedSocket(io.RawIOBase):
    """Reads from a connection until a time: slow callers are dropped, whether they send nothing or byte by byte."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.expect(MAX_HEADERS)

    def expect(self, size: int) -> None:
        """Allow another `size` bytes, and TIMEOUT seconds for them."""
        self.ends, self.left = time.monotonic() + TIMEOUT, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        seconds = self.ends - time.monotonic()
        if seconds <= 0 or self.left <= 0:
            raise TimeoutError
        self.connection.settimeout(seconds)
        count = self.connection.recv_into(buffer, min(len(buffer), self.left))
        self.left -= count
        return count


class _Handler(BaseHTTPRequestHandler):
    """Handles one request. Bodies are never logged: they contain texts, answers or (`/setup`) the owner's token."""

    server: Backend
    protocol_version = "HTTP/1.1"
    server_version = "slantwise"
    sys_version = ""
    disable_nagle_algorithm = True  # without it the answer's body waits 40 ms for the header's acknowledgement

    def setup(self) -> None:
        super().setup()
        self._socket = _TimedSocket(self.connection)
        self.rfile = io.BufferedReader(self._socket)

    def handle_one_request(self) -> None:
        self._socket.expect(MAX_HEADERS)
        super().handle_one_request()  # which closes the connection after a TimeoutError

    def handle_expect_100(self) -> bool:
        return True  # nobody is asked for a body before the secret is checked; who has it sends it all the same

    def do_GET(self) -> None:
        if self.path.rstrip("/") in ("", "/health"):
            return self._answer(200, {"status": "UP", "model_class": "slantwise"})
        return self._answer(404, {"error": "expected /health, /setup, /predict or /webhook"})

    def do_POST(self) -> None:
        started = time.perf_counter()
        verbs = {"/setup": self._setup, "/predict": self._predict, "/webhook": self._webhook}
        path = self.path.rstrip("/")
        has_read = False
        try:
            if path not in verbs:
                raise _Refused(404, "expected /health, /setup, /predict or /webhook")
            self._check("webhook" if path == "/webhook" else "predict")  # before anything more is read
            body = self._body()
            has_read = True
            status, answer = verbs[path](body)
        except _Refused as refused:
            status, answer = refused.status, {"error": refused.why}
            self.close_connection = self.close_connection or not has_read
        except TimeoutError:
            self.close_connection = True
            return
        except BadRequest as error:
            status, answer = 400, {"error": str(error)}
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
        query = select(p.project).where(p.project == _number(project))
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
            project, task = _number(answer["project"]), _number(answer["task"])
        except KeyError:
            raise BadRequest("expected an annotation with its project and task") from None
        (assignment,) = task_assignments(self.server.study, [(project, task)], self.coder)
        # fetched later in another thread: the coder is waiting for this response, and the body is not trusted
        self.server.answered.put((assignment.round, assignment.coder, assignment.span))
        return 202, {"taken": True}

    def _body(self) -> Mapping[str, Any]:
        length = self.headers.get("Content-Length", "")
        has_length = length.isascii() and length.isdigit()
        if not has_length or len(length) > 18 or int(length) > MAX_BODY:
            raise _Refused(413 if has_length else 411, f"expected a body of at most {MAX_BODY} bytes, and its length")
        self._socket.expect(int(length))
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
        self.connection.settimeout(TIMEOUT)
        self.send_response(status)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.close_connection:
            self._read_away()

    def _read_away(self) -> None:
        """Read a little of what is still being sent, and keep none of it: closing at once would lose the answer."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1.0)
            for _ in range(16):
                if not self.connection.recv(65_536):
                    break

    def log_message(self, *_: object) -> None:
        """Log nothing: the standard library would write to standard error."""


class _Refused(Exception):
    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why
