"""Read pages and documents that may take for ever in a process of their own, which ends when its time is up.

A library that is caught in one call can be stopped in no other way, and this one works from threads and in every
process that reads. The process is started for the first such page, and serves all that follow.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from corpus.errors import BadFile

SECONDS = 60.0  # of the processor for one page or document; the slowest of real ones take some seconds
_WALL_SECONDS = 600.0  # at most, on a machine that is busy with other things
_BYTES_A_SECOND = 500_000  # for which a long document may take longer
_MEMORY = 6 << 30  # bytes
_HEADER = struct.Struct(">II")  # the lengths of the request's JSON and of its data


_LARGE, _MOST_TAGS, _MOST_VALUES, _MOST_BRACKETS = 1_000_000, 10_000, 10_000, 5_000


class OutOfTime(BadFile):
    """A page or document that is not read in time."""


def may_be_slow(data: bytes) -> bool:
    """Return whether a page may take long: it is large, or has more tags, attributes or nested data than most.

    In the other process nothing is: its time is measured already.
    """
    if _other_process.is_this:
        return False
    tags, values, brackets = data.count(b"<"), data.count(b"="), data.count(b"[") + data.count(b"{")
    return len(data) > _LARGE or tags > _MOST_TAGS or values > _MOST_VALUES or brackets > _MOST_BRACKETS


def is_other_process() -> bool:
    """Return whether this is the process whose time is measured."""
    return _other_process.is_this


def in_time(function: str, data: bytes, arguments: Mapping[str, Any], *, size: int = 0) -> Any:
    """Call a function, named as `module:name`, with data and arguments in the other process; it returns plain JSON.

    `size` is that of what the function reads, if not of the data. Raises BadFile as the function does, and OutOfTime
    when its time is up.
    """
    return _other_process.call(function, data, arguments, SECONDS + max(size, len(data)) / _BYTES_A_SECOND)


class _OtherProcess:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self.is_this = False

    def call(self, function: str, data: bytes, arguments: Mapping[str, Any], seconds: float) -> Any:
        request = json.dumps({"function": function, "arguments": dict(arguments), "seconds": seconds}).encode()
        with self._lock:
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            answer = None
            try:
                process.stdin.write(_HEADER.pack(len(request), len(data)) + request)
                process.stdin.write(data)
                process.stdin.flush()
                answer = _read(process.stdout)
            except (BrokenPipeError, EOFError):
                pass
            finally:
                if answer is None:  # also after Ctrl+C: what comes later would be taken for the next answer
                    self._stop()
        if answer is None:
            raise OutOfTime(
                f"reading it takes more than {seconds:.0f} s, or more memory than there is; expected an article as "
                "sites and programs write them; save its text as a .txt file"
            )
        if "refused" in answer:
            raise BadFile(answer["refused"])
        return answer["result"]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid() or self._process.poll() is not None:
            self._stop()
            root = str(Path(__file__).parents[2])
            paths = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from corpus.readers.deadline import serve; serve()"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths}, start_new_session=True,  # Ctrl+C is for the other one
            )  # fmt: skip
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        process.wait()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._stop()


_other_process = _OtherProcess()
atexit.register(_other_process.close)


def _read(stream: Any) -> Any:
    size = struct.unpack(">I", _exactly(stream, 4))[0]
    return json.loads(_exactly(stream, size))


def _exactly(stream: Any, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return bytes(data)


def serve() -> None:
    """Serve calls from standard input until it ends. The system ends the process when the time of one is up."""
    import resource

    with suppress(ValueError, OSError):  # a page that unpacks to gigabytes takes no more memory than this
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    from corpus.readers import deadline

    deadline._other_process.is_this = True
    while header := source.read(_HEADER.size):
        lengths = _HEADER.unpack(header)
        request, data = json.loads(_exactly(source, lengths[0])), _exactly(source, lengths[1])
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])
        signal.setitimer(signal.ITIMER_REAL, _WALL_SECONDS)
        module, _, name = request["function"].partition(":")
        answer: dict[str, Any]
        try:
            answer = {"result": getattr(importlib.import_module(module), name)(data, **request["arguments"])}
        except BadFile as error:
            answer = {"refused": str(error)}
        except Exception as error:  # unpredictable input: any fault of a library is a refusal
            answer = {"refused": f"it cannot be read ({type(error).__name__}); save its text as a .txt file"}
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        content = json.dumps(answer).encode()
        target.write(struct.pack(">I", len(content)) + content)
        target.flush()
