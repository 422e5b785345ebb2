"""Start, check and stop the study's own Label Studio, on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from annotate.rounds import rounds
from corpus.errors import NoStudio
from corpus.result import Result
from corpus.study import Study

from .accounts import alone_on_servers, local_servers, sign_in
from .server import Account, Server, is_healthy, is_running


@dataclass(frozen=True)
class ServerAddress:
    """A server with its address; `coder` is None where all coders share it."""

    coder: str | None
    url: str


@dataclass(frozen=True)
class ServerState(ServerAddress):
    """A server, whether its process is running and whether it answers."""

    running: bool
    healthy: bool


@dataclass(frozen=True)
class StartedStudio(Result):
    """The servers that run now, and how each coder signs in."""

    servers: tuple[ServerAddress, ...]
    accounts: tuple[Account, ...]
    rows = "accounts"


@dataclass(frozen=True)
class StoppedStudio(Result):
    """The servers that were running and are stopped now."""

    stopped: tuple[ServerAddress, ...]
    rows = "stopped"


@dataclass(frozen=True)
class StudioStatus(Result):
    """The servers of a study, and the coders who have an account."""

    servers: tuple[ServerState, ...]
    coders: tuple[str, ...]
    rows = "servers"


def start_studio(
    study: Study,
    coders: str | Iterable[str] | None = None,
    *,
    isolate: bool = False,
    port: int | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> StartedStudio:
    """Start Label Studio for a study, on this machine only, and make the coders' accounts (default: of all rounds).

    It runs the label-studio in SLANTWISE_LABEL_STUDIO, else the one on the PATH, else it installs one separately (1 GB,
    once). With `isolate` each coder gets a server of their own. `say` is called with messages while it starts, which
    takes a minute or two the first time. Raises NoStudio.
    """
    names = rounds.coder_names(coders) if coders else rounds.coders(study)
    if isolate and not names:
        raise NoStudio(
            "one server per coder needs their names: slantwise studio start --isolate --coders mira,jon, for example"
        )
    accounts: list[Account] = []
    with alone_on_servers(study):
        running = local_servers(study).start(names, port=port, isolate=isolate, say=say)
        for name in names:
            with sign_in(study, name) as place:
                assert place.account is not None
                accounts.append(place.account)
    return StartedStudio(tuple(ServerAddress(*_address(server)) for server in running), tuple(accounts))


def stop_studio(study: Study) -> StoppedStudio:
    """Stop the study's Label Studio; answers are kept."""
    return StoppedStudio(tuple(ServerAddress(*_address(server)) for server in local_servers(study).stop()))


def studio_status(study: Study) -> StudioStatus:
    """Return whether the study's Label Studio is running, and at which address."""
    servers = local_servers(study)
    states = (ServerState(*_address(server), is_running(server), is_healthy(server)) for server in servers.servers)
    return StudioStatus(tuple(states), tuple(sorted(servers.accounts)))


def _address(server: Server) -> tuple[str | None, str]:
    return server.coder or None, server.url
