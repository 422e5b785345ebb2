"""Install, start, check and stop a local Label Studio."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.errors import NoStudio
from corpus.study.files import write_whole

VERSION = "1.23.2"  # the tested version; others may render the coders' screen differently
EXECUTABLE = "SLANTWISE_LABEL_STUDIO"
REPORT_EVERY = 25  # packages, of about 130 in total
FIRST_PORT = 8085  # 8080 is often taken
START_TIMEOUT = 600.0  # seconds; the first start migrates a database, which takes 60 to 100 s on two idle cores
ENVIRONMENT = {  # no data about coders or texts leaves the machine
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    # both are needed to call the study's backend on this machine
    "SSRF_PROTECTION_ENABLED": "false",
    "USE_DEFAULT_BANNED_SUBNETS": "false",
}
Say = Callable[[str], None]
_started: list[subprocess.Popen[bytes]] = []  # they outlive this process; the references avoid a ResourceWarning


@dataclass(frozen=True)
class Server:
    """A local Label Studio of this study; `coder` is empty if all coders share it."""

    coder: str
    port: int
    pid: int
    folder: str
    email: str
    password: str
    token: str

    @property
    def url(self) -> str:
        """The address for the browser."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        """The server's name in the store; unlike its port, it does not change."""
        return f"local:{self.coder}" if self.coder else "local"


@dataclass(frozen=True)
class Account:
    """A coder's login for a local Label Studio."""

    coder: str
    email: str
    password: str


def find_executable(say: Say) -> Path:
    """Return the program label-studio: as set in SLANTWISE_LABEL_STUDIO, on the PATH, or installed into the cache.

    Raises NoStudio.
    """
    if configured := os.environ.get(EXECUTABLE):
        if not os.access(configured, os.X_OK):
            raise NoStudio(f"{EXECUTABLE} is {configured}, which is not executable; expected the program label-studio")
        return Path(configured)
    if on_path := shutil.which("label-studio"):
        return Path(on_path)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slantwise"
    home = cache / f"label-studio-{VERSION}"
    program = home / "bin" / "label-studio"
    if not (home / ".complete").exists():
        say(f"installing Label Studio {VERSION} into a separate environment: about 1 GB, three minutes, once")
        _install(home, say)
    return program


def _install(home: Path, say: Callable[[str], None]) -> None:
    """Install Label Studio into a separate environment, reporting progress."""
    home.parent.mkdir(parents=True, exist_ok=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(home)], [*pip, f"label-studio=={VERSION}"]):
        last, packages = "no reason given", 0
        with subprocess.Popen(  # noqa: S603 - no shell, fixed arguments
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                last = line.strip() or last
                packages += line.startswith("Collecting ")
                if line.startswith("Collecting ") and packages % REPORT_EVERY == 0:
                    say(f"  {packages} packages so far")
                elif line.startswith("Installing collected packages"):
                    say(f"  all {packages} packages are downloaded; unpacking them takes another minute")
        if running.returncode:
            raise NoStudio(
                f"Label Studio could not be installed ({last[:200]}); install it yourself "
                f"(pip install label-studio=={VERSION}, in another environment) and set {EXECUTABLE}=…/label-studio"
            )
    (home / ".complete").touch()


class Servers:
    """The local servers and accounts of a study, stored in a file that only the user can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.file = self.folder / "servers.json"
        try:
            content = json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
            self.servers = [Server(**one) for one in content.get("servers", [])]
            self.accounts = {one["coder"]: Account(**one) for one in content.get("accounts", [])}
            if not all(type(one.pid) is int and one.port in range(1, 65536) for one in self.servers):
                raise ValueError
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise NoStudio(
                f"{self.file}, which has the addresses and passwords of the study's Label Studio, is damaged; take it "
                f"from a copy. Without one, fetched answers are in the study; move {self.folder} away to begin anew"
            ) from None

    def server_of(self, coder: str) -> Server | None:
        """Return the coder's own server, or the shared one."""
        return next((one for one in self.servers if one.coder in (coder, "")), None)

    def account(self, coder: str) -> Account:
        """Return a coder's account, with a new login if there is none yet."""
        if coder not in self.accounts:
            plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in coder.lower()).strip("-") or "coder"
            taken = {one.email for one in self.accounts.values()}
            email, n = f"{plain}@coders.local", 2
            while email in taken:
                email, n = f"{plain}-{n}@coders.local", n + 1
            self.accounts[coder] = Account(coder, email, secrets.token_urlsafe(9))
        return self.accounts[coder]

    def save(self) -> None:
        """Save servers and accounts."""
        content = {
            "servers": [asdict(one) for one in self.servers],
            "accounts": [asdict(one) for one in self.accounts.values()],
        }
        write_whole(self.file, json.dumps(content, indent=1), private=True)

    def start(self, coders: list[str], *, port: int | None, isolate: bool, say: Say) -> list[Server]:
        """Start the study's server, or one per coder, unless running, and wait until each is healthy."""
        wanted = coders if isolate else [""]
        if different := [server for server in self.servers if server.coder not in wanted and (isolate or server.coder)]:
            kind = "one server per coder" if different[0].coder else "one server for all coders"
            if isolate != bool(different[0].coder):
                raise NoStudio(f"this study has {kind}; start it like that, or move {self.folder} away to start again")
        program, launched = find_executable(say), []
        try:
            for coder in wanted:
                earlier = next((server for server in self.servers if server.coder == coder), None)
                if earlier and is_running(earlier):
                    continue
                server = self._launch(program, coder, earlier, port)
                launched.append(server)
                port = server.port + 1 if port else None
                self.servers = [one for one in self.servers if one.coder != coder] + [server]
                self.save()
            for server in self.servers:
                if server.coder in wanted:
                    _wait_until_healthy(server, say)
        except KeyboardInterrupt:
            _stop(launched)
            raise
        return [server for server in self.servers if server.coder in wanted]

    def _launch(self, program: Path, coder: str, earlier: Server | None, port: int | None) -> Server:
        known = earlier.port if earlier and _port_is_free(earlier.port) else None
        number = port if port is not None else known or self._port()
        if not 0 < number < 65536:
            raise NoStudio("this is not a port; expected a number from 1 to 65535", port=number)
        if not _port_is_free(number):
            raise NoStudio(f"it is taken by another program; choose another, such as {number + 1}", port=number)
        folder = Path(earlier.folder) if earlier else self.folder / f"data{len(self.servers) or ''}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        email = earlier.email if earlier else "admin@coders.local"
        password = earlier.password if earlier else secrets.token_urlsafe(12)
        token = earlier.token if earlier else secrets.token_hex(20)
        command = [
            str(program), "start", "--no-browser", "--data-dir", str(folder), "-p", str(number),
            "--internal-host", "127.0.0.1", "--username", email, "--enable-legacy-api-token",
        ]  # fmt: skip
        secret = {"LABEL_STUDIO_PASSWORD": password, "LABEL_STUDIO_USER_TOKEN": token}  # `ps` shows arguments to all
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - no shell; the program is the user's own
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **ENVIRONMENT, **secret}, cwd=folder,
            )  # fmt: skip
        _started.append(process)
        return Server(coder, number, process.pid, str(folder), email, password, token)

    def _port(self) -> int:
        taken = {one.port for one in self.servers}
        return next(n for n in range(FIRST_PORT, FIRST_PORT + 500) if n not in taken and _port_is_free(n))

    def stop(self) -> list[Server]:
        """Stop and return the running servers; answers stay in the study's folder."""
        return _stop(self.servers)


def _stop(servers: list[Server]) -> list[Server]:
    """Stop and return those of the servers that run."""
    running = [one for one in servers if is_running(one)]
    for server in running:
        os.killpg(server.pid, signal.SIGTERM)
    deadline = time.monotonic() + 15
    for server in running:
        while is_running(server) and time.monotonic() < deadline:
            time.sleep(0.1)
        if is_running(server):
            os.killpg(server.pid, signal.SIGKILL)
    return running


def is_running(server: Server) -> bool:
    """Return whether the server's process is running; another process that reuses its id does not count."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(server.pid, os.WNOHANG)  # if it is an ended child of ours, reap it
    command = ["ps", "-ww", "-o", "command=", "-p", str(server.pid)]
    return server.folder in subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603 - fixed arguments


def is_healthy(server: Server) -> bool:
    """Return whether the server answers."""
    try:
        with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:  # noqa: S310 - http, our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait_until_healthy(server: Server, say: Say) -> None:
    started, reported = time.monotonic(), False
    while not is_healthy(server):
        waited = time.monotonic() - started
        if not is_running(server) or waited > START_TIMEOUT:
            problem = (
                "ended before it was ready" if waited <= START_TIMEOUT else f"is not ready after {START_TIMEOUT:.0f} s"
            )
            raise NoStudio(f"Label Studio {problem}; for the reason see the end of {server.folder}/server.log")
        if waited > 15 and not reported:
            say("Label Studio is creating its database; the first start takes one to two minutes")
            reported = True
        time.sleep(0.5)


def _port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
