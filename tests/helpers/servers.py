"""Servers on loopback that tests talk to: well-behaved ones, and ones that misbehave in a way of their own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LONGEST = 20.0  # seconds that a misbehaving answer may last: a test that fails must end


@dataclass
class Answer:
    """What a path answers; `body` may be a function that writes by itself."""

    body: bytes | str | Callable[[BaseHTTPRequestHandler], None] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validated: bool = False  # has an ETag and a Last-Modified, and answers 304 to who knows them


class Site:
    """One server: what its paths answer, and what it was asked."""

    def __init__(self) -> None:
        self.paths: dict[str, Answer | Callable[[BaseHTTPRequestHandler, int], Answer]] = {}
        self.asked: list[tuple[str, str]] = []  # (host, path)
        self.headers: list[Mapping[str, str]] = []
        self.times: dict[str, list[float]] = defaultdict(list)
        self.open: dict[str, int] = defaultdict(int)
        self.most_open: dict[str, int] = defaultdict(int)
        self.lock = threading.Lock()
        self.port = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def put(
        self,
        path: str,
        body: bytes | str | Callable[[BaseHTTPRequestHandler], None] = b"",
        status: int = 200,
        validated: bool = False,
        **headers: str,
    ) -> str:
        """Let a path answer; return its URL."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.paths[path] = Answer(body, status, names, validated)
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(asked == path for _, asked in self.asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    site: Site

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # who hangs up on an endless body is right


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        site, host = self.server.site, self.headers.get("Host", "").partition(":")[0]
        with site.lock:
            site.asked.append((host, self.path))
            site.headers.append(dict(self.headers))
            site.times[host].append(time.monotonic())
            site.open[host] += 1
            site.most_open[host] = max(site.most_open[host], site.open[host])
            number = site.count(self.path)
        try:
            found = site.paths.get(self.path, Answer(b"not here", 404))
            self._say(found(self, number) if callable(found) else found)
        finally:
            with site.lock:
                site.open[host] -= 1
            self.close_connection = True

    def _say(self, answer: Answer) -> None:
        tag, when = f'"{hash(answer.body) & 0xFFFF:x}"', "Sat, 03 May 2025 10:00:00 GMT"
        if answer.validated and (
            self.headers.get("If-None-Match") == tag and self.headers.get("If-Modified-Since") == when
        ):
            self.send_response(304)
            self.end_headers()
            return
        if callable(answer.body):
            answer.body(self)
            return
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response(answer.status)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **answer.headers}
        if answer.validated:
            headers |= {"ETag": tag, "Last-Modified": when}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """Run a site on a free port of 127.0.0.1."""
    site = Site()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site, site.port = site, server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def trickle(piece: bytes, pause: float, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"):
    """An answer that goes on and on: the same piece again and again."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        ends = time.monotonic() + LONGEST
        handler.wfile.write(head)
        while time.monotonic() < ends:
            handler.wfile.write(piece)
            handler.wfile.flush()
            if pause:
                time.sleep(pause)

    return write


def raw(answer: bytes):
    """An answer as it goes over the wire, right or wrong."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)

    return write
