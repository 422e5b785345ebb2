"""The command `studio serve`: a backend that gives Label Studio the model's suggestions while people code."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated

import typer

from annotate.cli.shared.open_study import StudyOption, open_study
from annotate.cli.shared.output import JsonOption, emit, say
from annotate.cli.shared.stopping import what_is_stored

if TYPE_CHECKING:
    from annotate.studio.ml_backend import ScoreSpans
    from corpus.annotation import Round
    from corpus.study import Study


UrlOption = Annotated[
    str | None, typer.Option(metavar="URL", help="Address of a Label Studio elsewhere (or SLANTWISE_STUDIO_URL).")
]
TokenOption = Annotated[
    str | None, typer.Option(metavar="TOKEN", help="Its access token (better in SLANTWISE_STUDIO_TOKEN).")
]


def serve(
    name: Annotated[str | None, typer.Argument(metavar="[ROUND]", help="The round (default: all).")] = None,
    port: Annotated[int | None, typer.Option(help="Port (default: the one used last, or 9095).")] = None,
    url: UrlOption = None,
    token: TokenOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve suggestions to Label Studio while people code, until Ctrl+C.

    Assisted spans get the current model's suggestions when they are opened, blind ones none; answers are fetched at
    once. The server accepts requests from this machine only, with a secret; rounds pushed meanwhile are included.
    """
    from annotate.rounds import rounds
    from annotate.studio import backend_connection
    from annotate.studio.accounts import sign_in
    from annotate.studio.ml_backend import Backend
    from annotate.studio.pull import pull_span
    from corpus.errors import NoStudio, SlantwiseError

    opened = open_study(study)
    queues = _queues(opened, name)
    score = _scorer(opened)

    drawn_round = cache(partial(rounds.get_round, opened))  # a round never changes, and its sampling frame may be long

    def take(round: str, coder: str, span: str) -> None:
        with sign_in(opened, coder, url, token) as place:
            pull_span(opened, drawn_round(round), coder, span, place.studio, place.accounts)

    number = backend_connection.backend_port(opened) if port is None else port
    if not 0 < number < 65536:
        raise NoStudio("this is not a port; expected a number from 1 to 65535", port=number)
    try:
        backend = Backend(
            opened, backend_connection.backend_secret(opened), port=number, score=score, fetch=take, say=say
        )
    except PermissionError:
        raise NoStudio("this port is the system's own; choose one from 1024 on, such as 9095", port=number) from None
    except OSError:
        raise NoStudio(
            f"port {number} is in use, perhaps by another `studio serve`; choose another: --port {number + 1}"
        ) from None
    backend_connection.backend_secret(opened, number)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    ended = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: ended.set())
    try:
        for drawn, coder in queues:
            with sign_in(opened, coder, url, token) as place:
                backend_connection.connect(opened, drawn, coder, place.studio, backend.url)
        connected = [{"round": drawn.name, "coder": coder} for drawn, coder in queues]
        if as_json:
            emit({"url": backend.url, "connected": connected})
        say(f"serving {len(connected)} projects at {backend.url}; stop with Ctrl+C (coding can continue without it)")
        while not ended.wait(1.0):  # a wait without a limit would block Ctrl+C
            pass
        say(f"stopped; {what_is_stored('studio serve')}")
    finally:
        for drawn, coder in _queues(opened, name):
            with suppress(SlantwiseError), sign_in(opened, coder, url, token) as place:
                backend_connection.disconnect(opened, drawn, coder, place.studio)
        backend.shutdown()
        backend.server_close()


def _queues(study: Study, name: str | None) -> list[tuple[Round, str]]:
    from annotate.rounds import rounds

    names = [name] if name else rounds.list_rounds(study).pushed
    return [(rounds.get_round(study, each), coder) for each in names for coder in rounds.coders(study, each)]


def _scorer(study: Study) -> ScoreSpans | None:
    from annotate.rounds.shown_suggestions import model_version
    from corpus.attribution.attribution import RULES

    if model_version(study) == RULES:
        say("there is no model yet, so assisted spans show the attribution by rule (to train one: slantwise train)")
        return None
    from models.suggestions.suggest import scorer

    return scorer(study)
