"""The backend's port is open to every program on the machine: who has no secret costs it nothing."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from annotate.studio import ml_backend
from annotate.studio.ml_backend import HEADER, MAX_BODY, Backend
from corpus import Study

ROOT = Path(__file__).parents[2]
SECRET = "s3cret"


@contextmanager
def serving(study: Study) -> Iterator[Backend]:
    backend = Backend(study, SECRET, port=0, score=None)
    thread = threading.Thread(target=backend.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield backend
    finally:
        backend.shutdown()
        thread.join()
        backend.server_close()


def answer(backend: Backend, sent: bytes, *, slowly: bytes = b"", seconds: float = 10.0) -> bytes:
    """Send bytes, then others one by one; return what comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", backend.server_port), timeout=seconds) as caller:
        try:
            caller.sendall(sent)
            for number in slowly:
                time.sleep(0.1)
                caller.sendall(bytes([number]))
            parts = []
            while part := caller.recv(65_536):
                parts.append(part)
            return b"".join(parts)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def test_bodies_of_callers_without_the_secret_are_not_kept(example_study: Study, tmp_path: Path) -> None:
    """20 bodies of 33 MB at once, to a backend in a process of its own, whose memory is watched."""
    script = tmp_path / "serve.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from corpus import Study
        from annotate.studio.ml_backend import Backend
        backend = Backend(Study.open({str(example_study.folder)!r}), {SECRET!r}, port=0, score=None)
        print(backend.server_port, flush=True)
        backend.serve_forever()
        """)
    )

    def memory(pid: int, field: str) -> int:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024

    if not Path("/proc/self/status").exists():
        pytest.skip("the memory of a process is read from /proc, which only Linux has")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url, before = f"http://127.0.0.1:{int(process.stdout.readline())}", memory(process.pid, "VmRSS")
            said: list[Any] = []
            body = bytes(33 * 1024 * 1024)

            def ask() -> None:
                try:
                    said.append(httpx.post(f"{url}/predict", content=body, timeout=30).status_code)
                except httpx.HTTPError:  # hung up on, while it was still sending
                    said.append(None)

            threads = [threading.Thread(target=ask) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(said) == 20 and set(said) <= {401, None}
            assert memory(process.pid, "VmHWM") - before < 30 * 1024 * 1024
            right = httpx.post(f"{url}/predict", content=bytes(MAX_BODY + 1), headers={HEADER: SECRET}, timeout=30)
            assert right.status_code == 413
        finally:
            process.terminate()


def test_an_answer_without_the_secret_comes_before_the_body_is_sent(example_study: Study) -> None:
    with serving(example_study) as backend:
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n"
        assert b" 401 " in answer(backend, head + b"\r\n")
        assert b" 401 " in answer(backend, head + b"Expect: 100-continue\r\n\r\n")
        assert b" 411 " in answer(backend, f"POST /predict HTTP/1.1\r\n{HEADER}: {SECRET}\r\n\r\n".encode())


@pytest.mark.parametrize("part", ["line", "headers", "body"])
def test_slow_callers_are_dropped_and_do_not_hold_up_others(
    example_study: Study, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(ml_backend, "TIMEOUT", 1.0)
    head = f"POST /predict HTTP/1.1\r\n{HEADER}: {SECRET}\r\nContent-Length: 500\r\n"
    sent = {"line": "P", "headers": head, "body": head + "\r\n"}[part]
    with serving(example_study) as backend:
        began = time.monotonic()
        assert b" 200 " not in answer(backend, sent.encode(), slowly=b"X" * 200)
        assert time.monotonic() - began < 8
        assert httpx.get(f"{backend.url}/health").status_code == 200


def test_connections_have_a_limit_and_are_free_again(example_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ml_backend, "MAX_CONNECTIONS", 5)
    monkeypatch.setattr(ml_backend, "TIMEOUT", 1.0)
    with serving(example_study) as backend:
        held = [socket.create_connection(("127.0.0.1", backend.server_port)) for _ in range(5)]
        time.sleep(0.2)
        assert httpx.get(f"{backend.url}/health").status_code == 503
        time.sleep(1.5)
        assert httpx.get(f"{backend.url}/health").status_code == 200
        for connection in held:
            connection.close()


def test_headers_without_end_are_not_kept(example_study: Study) -> None:
    with serving(example_study) as backend:
        assert b" 200 " not in answer(backend, b"GET /health HTTP/1.1\r\nX: " + b"a" * 5_000_000)
        assert httpx.get(f"{backend.url}/health").status_code == 200


@pytest.mark.parametrize(
    "number", [1e400, -1, 1.5, 2**63, "9" * 5000, "²", "٣", True, None, [], {}, "", "-7", "1e3", float("nan")]
)
def test_odd_numbers_are_bad_requests_and_no_faults(example_study: Study, number: Any) -> None:
    import json

    with serving(example_study) as backend, httpx.Client(headers={HEADER: SECRET}) as http:
        bodies = {
            "/predict": {"tasks": [{"id": number, "project": 7, "data": {"sw_span": "x"}}]},
            "/webhook": {"action": "ANNOTATION_CREATED", "annotation": {"project": number, "task": 1}},
        }
        for path, body in bodies.items():
            assert http.post(f"{backend.url}{path}", content=json.dumps(body)).status_code == 400
        odd = http.post(f"{backend.url}/setup", content=json.dumps({"project": number})).status_code
        assert odd == 400 or (number in (1.5,) and odd == 403)  # 1.5 is project 1, as Label Studio writes it
        lengths = [answer(backend, f"POST /predict HTTP/1.1\r\n{HEADER}: {SECRET}\r\nContent-Length: {one}\r\n\r\n".encode())
                   for one in ("\u00b2", "+5", "9" * 5000, "-1")]  # fmt: skip
        assert all(b" 411 " in said or b" 413 " in said for said in lengths)
